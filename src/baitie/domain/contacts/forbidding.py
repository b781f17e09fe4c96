"""What a list itself says against calling somebody: a note beside the number, a remark, a column for it."""

import re
import unicodedata
from collections.abc import Sequence

from baitie.domain.contacts.columns import plain_heading

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
    r"|禁(?:止)?(?:呼叫|呼|拨打|拨)|黑名单|免打扰|已退订|[勿別][再]?(?:打|擾|撥|來電|致電|聯絡)|不要(?:再)?(?:來電|致電|聯絡)|拒絕(?:來電|推銷)|黑名單|免打擾|謝絕"
    r"|\bdo\s?n[o']?t\s+(?:call|contact|phone|ring|disturb)|\bdo\s+not\s+(?:call|contact|phone|ring|disturb)"
    r"|\bno\s+(?:more\s+)?calls?\b|\bdnc\b|\bstop\s+calling|\bopt(?:ed)?[\s-]?out\b|\bblack\s?list(?:ed)?\b|\bnever\s+call"
)
_NOT_THEIRS = re.compile(
    r"空号|停机|销号|已注销|已换号|已过户|错号|号码错误|打错|非本人|不是本人|已故|去世|空號|停機|錯號"
    r"|\bwrong\s+(?:number|person)|\bdisconnected\b|\bnot\s+in\s+service\b|\bdeceased\b"
)
_NUMBER_SIGNS = " 0123456789+-()."


def flags_and_remarks(header: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The places of the columns that say yes or no to being called, and of those with remarks."""
    plain = [plain_heading(name) for name in header]
    flags = tuple(place for place, name in enumerate(plain) if name in FLAGS)
    return flags, tuple(place for place, name in enumerate(plain) if name in REMARKS)


def note_forbids(written: str) -> bool:
    """Whether the note beside a number says not to call it, or that it is no longer this person's."""
    if not written.strip(_NUMBER_SIGNS):
        return False
    text = _plain(written)
    return _ASKED.search(text) is not None or _NOT_THEIRS.search(text) is not None


def remark_forbids(written: str) -> bool:
    """Whether a remark says that the person does not want to be called."""
    return bool(written) and _ASKED.search(_plain(written)) is not None


def flag_forbids(written: str) -> bool:
    """Whether a column such as `Do Not Call` says yes; what is no plain no counts as yes."""
    return _plain(written).strip() not in _NO


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
