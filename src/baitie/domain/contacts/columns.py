"""Which column of a contact file means what: by the campaign's mapping, else by the names that are usual."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from baitie.domain.contacts.reasons import ContactFileError, FileFault
from baitie.domain.contacts.table import Table

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
        *("phonenumber", "phone", "mobile", "mobilenumber", "mobilephone", "cellphone", "cell", "msisdn"),
        *("telephone", "tel", "number", "callee"),
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

PLACES = ("zone", "state", "postal_code")
"""Fields that say where a person is. Their columns are slots as well, as every column is that nobody mapped."""

_BRACKETED = re.compile(r"[(\[【][^)\]】]*[)\]】]")
_JOINERS = re.compile(r"[\s_\-*:.]+")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Column mapping (列映射) of a campaign: names of columns as they stand in the file.

    What is `None` is found by its usual name. `slots` maps names of slots to columns; without it every column
    that means nothing else is a slot under its own name. A row where a slot in `required` is blank is rejected.
    """

    number: str | None = None
    name: str | None = None
    source: str | None = None
    legal_basis: str | None = None
    segment: str | None = None
    priority: str | None = None
    zone: str | None = None
    state: str | None = None
    postal_code: str | None = None
    slots: Mapping[str, str] | None = None
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns (列) of one table by their place, from 0; `None` where there is none."""

    number: int
    name: int | None
    source: int | None
    legal_basis: int | None
    segment: int | None
    priority: int | None
    slots: tuple[tuple[str, int], ...]
    required: tuple[tuple[str, int], ...] = field(default=())
    places: tuple[tuple[str, int, bool], ...] = field(default=())  # field, column, and whether the campaign mapped it


def find_columns(table: Table, mapping: ColumnMapping) -> Columns:
    """Where in `table` everything stands. Raises `ContactFileError` for a column that is named and not there."""
    places: dict[str, int | None] = {}
    for name in USUAL_NAMES:
        mapped: str | None = getattr(mapping, name)
        places[name] = _usual(table, name) if mapped is None else _named(table, mapped)
    number = places["number"]
    if number is None:
        raise ContactFileError(
            FileFault.NUMBER_COLUMN_MISSING, table.file_name, row=table.header_row, found=_shown(table)
        )
    slots = _slots(table, mapping, {place for n, place in places.items() if place is not None and n not in PLACES})
    by_slot = {**{name: place for name, place in places.items() if place is not None}, **dict(slots)}
    for name in mapping.required:
        if name not in by_slot:
            raise _unknown(table, name)
    required = tuple((name, by_slot[name]) for name in mapping.required)
    return Columns(
        number,
        places["name"],
        places["source"],
        places["legal_basis"],
        places["segment"],
        places["priority"],
        slots,
        required,
        tuple(
            (name, place, getattr(mapping, name) is not None) for name in PLACES if (place := places[name]) is not None
        ),
    )


def _slots(table: Table, mapping: ColumnMapping, taken: set[int]) -> tuple[tuple[str, int], ...]:
    if mapping.slots is not None:
        return tuple((slot, _named(table, column)) for slot, column in mapping.slots.items())
    return tuple((name, place) for place, name in enumerate(table.header) if name and place not in taken)


def _usual(table: Table, name: str) -> int | None:
    plain = [plain_heading(heading) for heading in table.header]
    return next((plain.index(usual) for usual in USUAL_NAMES[name] if usual in plain), None)


def is_number_heading(heading: str) -> bool:
    """Whether a column with this heading is usually that of the number."""
    return plain_heading(heading) in USUAL_NAMES["number"]


def _named(table: Table, column: str) -> int:
    wanted = column.strip()
    if wanted in table.header:
        return table.header.index(wanted)
    plain = [plain_heading(heading) for heading in table.header]
    if plain.count(plain_heading(wanted)) == 1:
        return plain.index(plain_heading(wanted))
    raise _unknown(table, column)


def _unknown(table: Table, column: str) -> ContactFileError:
    return ContactFileError(
        FileFault.COLUMN_UNKNOWN, table.file_name, row=table.header_row, field=column, found=_shown(table)
    )


def _shown(table: Table) -> str:
    return "、".join(name for name in table.header if name)


def plain_heading(heading: str) -> str:
    """A heading without case, width, spaces, joiners and remarks in brackets: `手机号（必填）` is `手机号`."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return _JOINERS.sub("", _BRACKETED.sub("", text))
