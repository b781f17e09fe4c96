"""What a list itself says against calling somebody: a note beside the number, a remark, a column for it."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from baitie.domain.contacts.headings import plain_heading
from baitie.domain.contacts.hour_wishes import is_time_only, may_name_hours, wish_in, without_wishes

FLAGS = (
    *(
        "勿打",
        "请勿来电",
        "勿扰",
        "免打扰",
        "免打扰名单",
        "拒绝来电",
        "拒接",
        "拒访",
        "拒绝营销",
        "禁呼",
        "禁止呼叫",
        "禁止拨打",
        "黑名单",
    ),
    *("是否拒绝来电", "是否禁呼", "是否黑名单", "是否免打扰", "是否勿扰", "请勿打扰", "不接受来电", "退订", "是否退订"),
    *("donotcall", "donotcontact", "donotphone", "dnc", "dnd", "optout", "optedout", "unsubscribed", "blacklist"),
    *("phoneoptout", "calloptout", "donotallowphonecalls", "nocalls", "blocked", "suppressed"),
)
"""Headings of columns that say yes or no to it, as `plain_heading` writes them."""

REMARKS = (
    *("备注", "客户备注", "说明", "跟进记录", "跟进备注", "标签", "客户标签", "状态", "客户状态", "号码状态"),
    *("備註", "remark", "remarks", "note", "notes", "comment", "comments", "status", "tag", "tags", "label"),
)
"""Headings of columns in which somebody may have written it."""

HOURS = (
    *(
        "勿扰时段",
        "勿扰时间",
        "免打扰时段",
        "免打扰时间",
        "方便时间",
        "方便时段",
        "方便接听时间",
        "方便接听时段",
        "接听时间",
        "可联系时间",
        "联系时间",
        "联系时段",
    ),
    *(
        "希望联系时间",
        "最佳联系时间",
        "besttimetocall",
        "preferredtime",
        "preferredcalltime",
        "callhours",
        "callingtime",
        "quiethours",
    ),
)
"""Headings of columns in which whatever stands is a wish about hours."""

_NO = frozenset(
    (
        "",
        "0",
        "0.0",
        "n",
        "no",
        "false",
        "f",
        "否",
        "无",
        "非",
        "没有",
        "未",
        "不是",
        "-",
        "--",
        "/",
        "none",
        "null",
        "nan",
        "n/a",
    )
)
_ASKED = re.compile(
    r"[勿别][再]?(?:打电话|打|扰|拨|致电|来电|联系)|请勿(?:拨打|致电|联系|打扰)|不要(?:再)?(?:给.{0,4})?(?:打|拨|来电|致电|联系)|不要電話"
    r"|拒绝(?:来电|接听|回访|推销|营销|电话|任何)|拒接|拒訪|拒访|谢绝(?:来电|电话|推销)|不(?:接受|同意|愿|希望)(?:再)?(?:来电|电话|回访|营销|推销|被打扰|联系)"
    r"|不要(?:在)?任何[时時].{0,3}[打拨撥联聯致来來]|禁(?:止)?(?:呼叫|呼|拨打|拨)|黑名单|免打扰|已退订|[勿別][再]?(?:打|擾|撥|來電|致電|聯絡)|不要(?:再)?(?:來電|致電|聯絡)|拒絕(?:來電|推銷)|黑名單|免打擾|謝絕"
    r"|\bdo\s?n[o']?t\s+(?:call|contact|phone|ring|disturb)|\bdo\s+not\s+(?:call|contact|phone|ring|disturb)"
    r"|\bno\s+(?:more\s+)?calls?\b|\bdnc\b|\bstop\s+calling|\bopt(?:ed)?[\s-]?out\b|\bblack\s?list(?:ed)?\b|\bnever\s+call"
)
_NOT_THEIRS = re.compile(
    r"空号|停机|销号|已注销|已换号|已过户|错号|号码错误|打错|非本人|不是本人|已故|去世|空號|停機|錯號"
    r"|\bwrong\s+(?:number|person)|\bdisconnected\b|\bnot\s+in\s+service\b|\bdeceased\b"
)
_NUMBER_SIGNS = " 0123456789+-()."


class SaidColumns(NamedTuple):
    """Columns (说明列) by their place in which a list says whether, or when, somebody may be called."""

    flags: tuple[int, ...]  # yes or no
    remarks: tuple[int, ...]
    hours: tuple[int, ...]


def said_columns(header: Sequence[str]) -> SaidColumns:
    """The columns of a heading in which something is said of calling."""
    plain = [plain_heading(name) for name in header]
    return SaidColumns(
        *(tuple(place for place, name in enumerate(plain) if name in names) for names in (FLAGS, REMARKS, HOURS))
    )


def is_number_alone(written: str) -> bool:
    """Whether a cell holds the signs of numbers and nothing else, so that no note can stand in it."""
    return not written.strip(_NUMBER_SIGNS)


def note_forbids(written: str) -> bool:
    """Whether the note beside a number says not to call it, or that it is no longer this person's."""
    if is_number_alone(written):
        return False
    text = _plain(written)
    return _asks(text) or _NOT_THEIRS.search(text) is not None


def remark_forbids(written: str) -> bool:
    """Whether a remark says that the person does not want to be called. Some hours of the day are no refusal."""
    return bool(written) and _asks(_plain(written))


def flag_forbids(written: str) -> bool:
    """Whether a column such as `Do Not Call` says yes; what is neither a plain no nor hours counts as yes."""
    text = _plain(written).strip()
    return text not in _NO and not is_time_only(text)


def hours_wished(written: str, cells: Sequence[str], columns: SaidColumns) -> str:
    """What a row wishes about the hours of calls, in its own words; blank where it wishes nothing."""
    for place in columns.hours:
        if _plain(cells[place]).strip() not in _NO:
            return cells[place]
    for place in columns.flags:
        if is_time_only(_plain(cells[place])):
            return cells[place]
    if not is_number_alone(written) and may_name_hours(written) and (wish := wish_in(_plain(written))):
        return wish
    for place in columns.remarks:
        text = cells[place]
        if text and may_name_hours(text) and (wish := wish_in(_plain(text))):
            return wish
    return ""


def _asks(plain: str) -> bool:
    return _ASKED.search(plain) is not None and _ASKED.search(without_wishes(plain)) is not None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
