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

_CALLS = r"(?:来电|致电|电话|联系(?![人方])|联络(?!人)|营销|推销|推广|回访|外呼|呼叫|拨打?|打扰|接听|访问|通话|任何|打)"
_AGAINST = re.compile(
    r"勿[打扰拨呼]|请勿|免打?扰|禁[呼打拨]|黑名单|退订|谢绝|拒[接访]"
    rf"|禁止{_CALLS}|不(?:要|可以?|再|能|许|允许|接受|同意|愿意?)再?{_CALLS}"
    rf"|拒绝(?:{_CALLS}|$|标[记识志]|状态|名单|时间|日期|原因|客户|用户|与否)"
    r"|donot(?:call|contact|phone|ring|disturb)|dontcall|(?:^|is|has|on)(?:dnc|dnd)(?:$|flag|status|list|date|yn|reason)"
    r"|opt(?:ed)?out|unsubscri|bl[ao]cklist|suppress(?:ed|ion)|(?:^|is)blocked|nocalls?(?:$|flag|list)"
)
"""Headings, plain, of columns that say yes or no to not being called; a date or a reason in one says yes as well."""

_FOR = re.compile(
    rf"(?:可否|能否|可以?|允许|同意|接受|愿意?|许可|授权|方便).{{0,4}}{_CALLS}|(?:来电|电话|联系|营销|回访|外呼|推广)(?:许可|同意|授权|意愿)"
    r"|^optin|optedin|(?:call|contact|phone|marketing)permission|permissionto(?:call|contact|phone)"
    r"|^(?:may|can)(?:we|i)?(?:call|contact|phone)|callable|contactable|consentto(?:call|contact|phone|marketing)"
    r"|(?:^|marketing|call|phone|contact|voice)consent(?:$|given|status|flag|yn)|^(?:is)?allow(?:s|ed)?(?:to)?(?:call|contact|phone)"
)
"""Headings of columns that say yes or no to being called: there a no refuses."""

_REMARK = re.compile(
    r"备注|備註|附注|批注|备忘|反馈|意向|意愿|意见|要求$|注意事项|标签|状态"
    r"|(?:跟进|回访|沟通|联系|联络|通话|拨打|外呼|呼叫|来电|电话|服务|回复)(?:记录|结果|情况|内容|小结|结论)"
    r"|remark|notes?$|comment|memo|status|tags?$|labels?$|disposition|outcome|feedback|(?:call|contact)(?:result|log|history)"
    r"|instructions?$|preferences?$"
)
_OUTCOME = re.compile(r"结果|状态|情况|结论|status|result|outcome|disposition|history|log$")
_HOURS = re.compile(r"时间|时段|time|hours")
_OF_GOODS = re.compile(r"商品|产品|货品|规格|套餐|sku|product|goods|item")
_OTHER_WAYS = re.compile(r"邮件|邮箱|短信|微信|彩信|e?mail|sms|text|wechat|whatsapp|newsletter|push")
_BY_VOICE = re.compile(r"电话|来电|语音|call|phone|voice")
_COUNTS = re.compile(r"次数|数量|天数|率$|count|rate$|times$")

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
        *("na", "n.a.", "no.", "false.", "空", "(空)", "—", "–", "正常", "0次"),
    )
)
_NOT_SO = re.compile(
    r"未(?:退订|拒绝|拒接|加入|列入|设置|禁呼|屏蔽|拉黑|标记|申请|登记).{0,4}|不(?:在|是|属于)(?:此|本|该)?(?:黑?名单|列表)?[内中里上]?"
    r"|可(?:以|打|拨打|致电|联系|呼叫|外呼)?"
    r"|(?:not|never) (?:opted out|listed|on (?:the )?list|blocked|unsubscribed|suppressed|registered|set|applicable)"
)
_NO_AND_MORE = re.compile(r"否\W.*|no\W+.*")
"""What says no in a column against calls with some words more."""

_DENIES = re.compile(
    r"0|0\.0|n|no|false|f|x|×|✗|✘|✕|非|不|denied|refused|revoked|withdrawn|declined"
    r"|not (?:given|granted|allowed|permitted)\b.*|no\W.*|否.*|[拒勿禁].*|未(?:同意|授权|允许|许可|接受|获).*"
    r"|不(?![详清确明知限一定含需]).+"
)
"""What refuses in a column for calls; blank or unknown does not."""

_ASKED = re.compile(
    r"[勿别][再]?(?:打电话|打|扰|拨|致电|来电|联系)|请勿(?:拨打|致电|联系|打扰)|不要(?:再)?(?:给.{0,4})?(?:打|拨|来电|致电|联系)|不要電話"
    r"|拒绝(?:来电|接听|回访|推销|营销|电话|任何)|拒接|拒訪|拒访|谢绝(?:来电|电话|推销)|不(?:接受|同意|愿|希望)(?:再)?(?:来电|电话|回访|营销|推销|被打扰|联系)"
    r"|不要(?:在)?任何[时時].{0,3}[打拨撥联聯致来來]|禁(?:止)?(?:呼叫|呼|拨打|拨)|黑名单|免打扰|已退订|[勿別][再]?(?:打|擾|撥|來電|致電|聯絡)|不要(?:再)?(?:來電|致電|聯絡)|拒絕(?:來電|推銷)|黑名單|免打擾|謝絕"
    r"|\bdo\s?n[o']?t\s+(?:call|contact|phone|ring|disturb)|\bdo\s+not\s+(?:call|contact|phone|ring|disturb)"
    r"|\bno\s+(?:more\s+)?calls?\b|\bdn[cd]\b|\bstop\s+calling|\bopt(?:ed)?[\s-]?out\b|\bblack\s?list(?:ed)?\b|\bnever\s+call"
)
_NOT_THEIRS = re.compile(
    r"空号|停机|销号|已注销|已换号|已过户|错号|号码错误|打错|非本人|不是本人|已故|去世|空號|停機|錯號"
    r"|\bwrong\s+(?:number|person)|\bdisconnected\b|\bnot\s+in\s+service\b|\bdeceased\b"
)
_REJECTED = re.compile(r"拒接(?!来电|电话|任何|所有|一切)")
_STRANGERS = re.compile(
    r"空号|错号|号码(?:是)?错误?的?$|号码错误|打错(?:了|电话)|已换号|已过户|(?:机主|号主|本人|客户|用户|患者)?(?:已故|已经?去世|已过世|已身故)"
    r"|\bwrong\s+(?:number|person)|\bdeceased\b"
)
"""In a remark beside the number: it is not this person's, or nobody's any more."""

_COUNTED = re.compile(r"\d{1,2}$")
_HEADING_CHARS_MAX = 60
"""Longer headings are sentences."""

_NUMBER_SIGNS = " 0123456789+-()."


class SaidColumns(NamedTuple):
    """Columns (说明列) by their place in which a list says whether, or when, somebody may be called."""

    flags: tuple[int, ...]  # yes or no to not being called
    remarks: tuple[int, ...]
    hours: tuple[int, ...]
    permits: tuple[int, ...] = ()  # yes or no to being called
    outcomes: tuple[int, ...] = ()  # remarks on an earlier call, where 拒接 says how it ended


def said_columns(header: Sequence[str]) -> SaidColumns:
    """The columns of a heading in which something is said of calling."""
    found: dict[str, list[int]] = {kind: [] for kind in SaidColumns._fields}
    for place, heading in enumerate(header):
        if kind := _kind_of(plain_heading(heading)):
            found[kind].append(place)
    return SaidColumns(**{kind: tuple(places) for kind, places in found.items()})


def _kind_of(plain: str) -> str:
    """Which kind of these columns has this heading; blank for none. Other ways to reach somebody are no calls."""
    for kind, names in (("hours", HOURS), ("flags", FLAGS), ("remarks", REMARKS)):
        if plain in names:
            return kind
    if len(plain) > _HEADING_CHARS_MAX or (_OTHER_WAYS.search(plain) and not _BY_VOICE.search(plain)):
        return ""
    if not _COUNTS.search(plain):
        if _AGAINST.search(plain):
            return "flags"
        if _FOR.search(plain):
            return "hours" if _HOURS.search(plain) else "permits"
    if _OF_GOODS.search(plain) or not _REMARK.search(_COUNTED.sub("", plain)):
        return ""
    return "outcomes" if _OUTCOME.search(plain) else "remarks"


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
    """Whether a remark says that the person does not want to be called, has died, or never had this number.

    Some hours of the day are no refusal.
    """
    if not written:
        return False
    text = _plain(written)
    return _asks(text) or _STRANGERS.search(text) is not None


def outcome_forbids(written: str) -> bool:
    """Whether a remark on an earlier call says so. 拒接 alone is how that call ended, and no refusal of others."""
    return remark_forbids(_REJECTED.sub("", written))


def flag_forbids(written: str) -> bool:
    """Whether a column such as `Do Not Call` says yes; what is neither a plain no nor hours counts as yes."""
    text = _plain(written).strip()
    if text in _NO or _NOT_SO.fullmatch(text) or is_time_only(text):
        return False
    return _NO_AND_MORE.fullmatch(text) is None or _asks(text)


def permit_forbids(written: str) -> bool:
    """Whether a column such as `Call Permission` says no."""
    text = _plain(written).strip()
    return bool(text) and (_DENIES.fullmatch(text) is not None or _asks(text))


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
    for place in (*columns.remarks, *columns.outcomes):
        text = cells[place]
        if text and may_name_hours(text) and (wish := wish_in(_plain(text))):
            return wish
    return ""


def _asks(plain: str) -> bool:
    return _ASKED.search(plain) is not None and _ASKED.search(without_wishes(plain)) is not None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
