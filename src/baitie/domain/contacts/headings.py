"""Usual names of the columns of contact files and registers, and how a heading is compared with them."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "number": (
        *(
            "手机号",
            "手机号码",
            "手机",
            "电话号码",
            "电话",
            "联系电话",
            "联系方式",
            "号码",
            "被叫号码",
            "被叫",
            "联系手机",
        ),
        *("收货人手机", "收货人电话", "收件人手机", "收件人电话", "买家手机", "客户手机", "客户电话", "患者电话"),
        *(
            "移动电话",
            "手機",
            "手機號碼",
            "電話",
            "電話號碼",
            "行動電話",
            "聯絡電話",
            "聯繫電話",
            "號碼",
            "手机电话",
            "电话手机",
            "联系号码",
            "电话号",
        ),
        *(
            "mobile",
            "mobilenumber",
            "mobilephone",
            "mobileno",
            "cellphone",
            "cellphonenumber",
            "cell",
            "phonenumber",
            "phone",
            "phoneno",
        ),
        *(
            "msisdn",
            "contactnumber",
            "contactno",
            "contactphone",
            "telephonenumber",
            "telephone",
            "tel",
            "telno",
            "number",
            "callee",
        ),
    ),
    "name": (
        *("姓名", "名字", "客户姓名", "客户名称", "联系人", "称呼", "收件人", "收货人"),
        *("name", "fullname", "contactname", "contact", "recipient"),
    ),
    "source": ("号码来源", "来源", "数据来源", "source", "numbersource"),
    "legal_basis": ("合法性基础", "处理依据", "法律依据", "授权依据", "legalbasis", "basis"),
    "segment": ("分群", "人群", "客群", "客户分群", "segment", "group"),
    "priority": ("优先级", "priority"),
    "zone": ("时区", "timezone", "tz", "zone"),
    "state": ("州", "省州", "state", "province", "stateprovince", "region"),
    "postal_code": ("邮编", "邮政编码", "postalcode", "zip", "zipcode", "postcode"),
}
"""Field -> usual names, the surest first, as `plain_heading` writes them. The first in a file wins."""

PERSONS = (
    *(
        "客户",
        "顾客",
        "用户",
        "会员",
        "患者",
        "病人",
        "家长",
        "学生",
        "学员",
        "业主",
        "住户",
        "居民",
        "车主",
        "买家",
        "买方",
        "客人",
        "投保人",
        "参保人",
    ),
    *(
        "收货人",
        "收件人",
        "收货",
        "联系人",
        "本人",
        "预留",
        "绑定",
        "注册",
        "常用",
        "登记",
        "主要",
        "被叫",
        "報名",
        "报名人",
        "预约人",
        "客戶",
        "會員",
        "用戶",
    ),
    *("customer", "user", "client", "patient", "member", "callee", "contact", "primary"),
)
"""Words for the person who is called, in front of a usual name: `患者姓名`, `会员手机号`. Whoever is somebody else
(紧急联系人, 介绍人, 客服) is not among them."""

_BRACKETED = re.compile(r"[(\[【][^)\]】]*[)\]】]")
_JOINERS = re.compile(r"[\s_\-*:./#'\"`\ufeff\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")
_PERSON = re.compile("|".join(sorted(PERSONS, key=len, reverse=True)))
_FIRST = re.compile(r"(?:1|一)$")
_COUNTED = re.compile(r"(?:\d{1,2}|[一二三四五])$")


def plain_heading(heading: str) -> str:
    """A heading without case, width, joiners, invisible marks and remarks in brackets: of `手机号（必填）` `手机号`."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return _JOINERS.sub("", _BRACKETED.sub("", text))


def place_of(field: str, header: Sequence[str]) -> int | None:
    """Where the column of a field stands by its usual name; else by one with a person in front or a 1 behind."""
    plain = [plain_heading(heading) for heading in header]
    shorter = [_FIRST.sub("", name) for name in plain]
    for names in (plain, shorter, [_PERSON.sub("", name, count=1) for name in shorter]):
        for usual in USUAL_NAMES[field]:
            if usual in names:
                return names.index(usual)
    return None


def heading_test(number_column: str | None) -> Callable[[str], bool]:
    """How the heading of a file is known: by the column of numbers that its campaign names, else by a usual name."""
    if number_column is None:
        return is_number_heading
    wanted = plain_heading(number_column)
    return lambda heading: plain_heading(heading) == wanted


def is_number_heading(heading: str) -> bool:
    """Whether a column with this heading is usually one of numbers, the first or a further one of a row."""
    plain = _COUNTED.sub("", plain_heading(heading))
    usual = USUAL_NAMES["number"]
    return plain in usual or _PERSON.sub("", plain, count=1) in usual
