"""The import itself: each row of a table becomes a contact, a part of an earlier contact, or a rejected row."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field

import phonenumbers

from baitie.domain.contacts.bounds import CELL_CHARS_MAX
from baitie.domain.contacts.columns import ColumnMapping, Columns, find_columns
from baitie.domain.contacts.forbidding import (
    SaidColumns,
    flag_forbids,
    hours_wished,
    is_number_alone,
    note_forbids,
    outcome_forbids,
    permit_forbids,
    remark_forbids,
    said_columns,
)
from baitie.domain.contacts.numbers import NumberReading, is_zone_of_numbers, read_number, read_numbers
from baitie.domain.contacts.places import joined, zones_of_postal_code, zones_of_state, zones_of_zone
from baitie.domain.contacts.reasons import ContactFileError, FileFault, RejectReason
from baitie.domain.contacts.table import Table, TableRow
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass

PRIORITY_MAX = 1000
_WHOLE = re.compile(r"([+-]?\d{1,9})(?:\.0+)?")
"""A whole number, also as programs write it whose columns have blanks: `5.0`."""

_MAY_BE_EXTENSION = re.compile(r"\d{3,}")
"""What is left of a cell and may be the way on to the person: then the number alone reaches somebody else."""

_ERRORS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)
"""What spreadsheets show where a formula failed."""

_REPLACED, _REPLACED_TWICE = "\ufffd", "锟斤拷"
"""What programs put where they could not read a character; and the same once more read wrongly."""

_LOST = re.compile(r"\s*[?\uff1f][?\uff1f\s]+")
"""A name of question marks: a spreadsheet saved it in an encoding that lacks its characters."""

_NOBODYS = (NumberClass.EMERGENCY, NumberClass.SHORT, NumberClass.PREMIUM)


@dataclass(frozen=True, slots=True)
class Contact:
    """Contact (联系人): a person in the enterprise's list. Not a permission to call."""

    row: int
    number: PhoneNumber
    number_class: NumberClass
    region: str | None  # ISO 3166-1 alpha-2
    zone_names: tuple[str, ...]  # IANA names; empty where neither number nor list tells
    name: str = dataclass_field(repr=False)  # personal data
    slots: Mapping[str, str] = dataclass_field(repr=False)  # personal data
    source: str
    legal_basis: str
    segment: str = ""
    priority: int = 0
    is_placed: bool = False  # whether the list itself says where the person is
    also_in_cell: tuple[str, ...] = ()  # masked: what else stood in the number's cell, and is not called
    hours_wish: str = dataclass_field(default="", repr=False)  # what the list says of the hours of calls; not kept to


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """Rejected row (无效行): where and why. `value` is masked; `cells` are the operator's own, whole."""

    row: int
    field: str  # the column as the file names it
    reason: RejectReason
    value: str
    cells: tuple[str, ...] = dataclass_field(repr=False)  # personal data


@dataclass(frozen=True, slots=True)
class MergedRow:
    """Merged row (去重行): it has the number of the earlier `into_row`, which won.

    `filled` names what the earlier row lacked and took from this one; `kept` what differs and stayed as it was.
    """

    row: int
    into_row: int
    number: PhoneNumber
    filled: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Import result (导入结果): every row of the table stands in exactly one of the three.

    Of accepted rows, those with `also_in_cell` had several numbers, or a number and something like one.
    """

    accepted: tuple[Contact, ...]
    rejected: tuple[RejectedRow, ...]
    merged: tuple[MergedRow, ...]


@dataclass(frozen=True, slots=True)
class _Fault:
    reason: RejectReason
    place: int
    numbers: tuple[PhoneNumber, ...] = ()  # that are not to be called, whatever other rows say


@dataclass(frozen=True, slots=True)
class _Reader:
    """What one import goes by."""

    columns: Columns
    default_region: str
    source: str
    legal_basis: str
    is_zone: Callable[[str], bool]
    said: SaidColumns
    has_said: bool  # whether there are such columns at all: most lists have none
    needed: frozenset[int]  # columns whose errors reject a row; in others they count as blank


def import_contacts(
    table: Table,
    mapping: ColumnMapping,
    default_region: str,
    source: str,
    legal_basis: str,
    is_zone: Callable[[str], bool] = is_zone_of_numbers,
) -> ImportResult:
    """Contacts of a table. `source` and `legal_basis` hold where a row does not state its own.

    `is_zone` knows IANA names of zones.

    `default_region` (ISO 3166-1 alpha-2) is that of numbers without a country code. Of rows with the same number
    the first wins; what it lacks is taken from the later ones.
    Raises `ContactFileError` where a column or the region is unknown; a bad row is a value.
    """
    if default_region not in phonenumbers.SUPPORTED_REGIONS:
        raise ContactFileError(FileFault.REGION_UNKNOWN, table.file_name, field="default_region", found=default_region)
    said = said_columns(table.header)
    columns = find_columns(table, mapping)
    needed = _needed(columns, said, are_slots_mapped=mapping.slots is not None)
    reader = _Reader(columns, default_region, source.strip(), legal_basis.strip(), is_zone, said, any(said), needed)
    rejected: list[RejectedRow] = []
    merged: list[MergedRow] = []
    by_number: dict[PhoneNumber, Contact] = {}
    forbidden: set[PhoneNumber] = set()
    for table_row in table.rows:
        found = _contact(table_row, len(table.header), reader)
        if isinstance(found, _Fault):
            rejected.append(_rejected(table, table_row, found))
            forbidden.update(found.numbers)
            continue
        first = by_number.setdefault(found.number, found)
        if first is not found:
            by_number[found.number], row = _merge(first, found)
            merged.append(row)
    if forbidden:
        closed = {one.row for one in by_number.values() if one.number in forbidden}
        closed |= {one.row for one in merged if one.number in forbidden}
        fault = _Fault(RejectReason.CALL_FORBIDDEN, reader.columns.number)
        rejected.extend(_rejected(table, row, fault) for row in table.rows if row.row in closed)
        rejected.sort(key=lambda bad: bad.row)
        merged = [one for one in merged if one.number not in forbidden]
        for number in forbidden:
            by_number.pop(number, None)
    return ImportResult(tuple(by_number.values()), tuple(rejected), tuple(merged))


def _contact(table_row: TableRow, width: int, reader: _Reader) -> Contact | _Fault:
    row, cells = table_row
    columns = reader.columns
    cleaned = clean_cells(cells, width)
    if isinstance(cleaned, tuple):
        return _Fault(*cleaned)
    if (damaged := _damaged_place(cleaned, reader)) is not None:
        return damaged
    written = cells[columns.number] if columns.number < len(cells) else ""
    is_silent = not reader.has_said and is_number_alone(written)
    if not is_silent and (forbidding := _forbidding_place(written, cleaned, reader)) is not None:
        noted = read_numbers(written, reader.default_region)
        numbers = () if isinstance(noted, RejectReason) else tuple(one.number for one in noted[0])
        return _Fault(RejectReason.CALL_FORBIDDEN, forbidding, numbers)
    reading = read_number(written, reader.default_region)
    also: tuple[str, ...] = ()
    if reading is RejectReason.SEVERAL_NUMBERS:
        reading, also = _first_usable(written, reader.default_region)
    if isinstance(reading, RejectReason):
        return _Fault(reading, columns.number)
    if reading.extension:
        return _Fault(RejectReason.EXTENSION_NOT_DIALLED, columns.number)
    for _, place in columns.required:
        if not cleaned[place]:
            return _Fault(RejectReason.VALUE_MISSING, place)
    found = _assemble(row, reading, cleaned, reader)
    wish = "" if is_silent else hours_wished(written, cleaned, reader.said)
    if (also or wish) and isinstance(found, Contact):
        return replace(found, also_in_cell=also, hours_wish=wish)
    return found


def _needed(columns: Columns, said: SaidColumns, *, are_slots_mapped: bool) -> frozenset[int]:
    """The columns that an error may not stand in: those that are used for sure. Others may be anybody's look-ups."""
    fields = (columns.number, columns.name, columns.source, columns.legal_basis, columns.segment, columns.priority)
    slots = columns.slots if are_slots_mapped else ()
    found = {place for _, place in (*columns.required, *slots)} | {place for place in fields if place is not None}
    return frozenset(found | {*said.flags, *said.permits})


def _damaged_place(cells: list[str], reader: _Reader) -> _Fault | None:
    """Where a row holds an error of a formula, or a name of which nothing is left. Errors elsewhere become blank."""
    if "#" in "".join(cells):
        for place, cell in enumerate(cells):
            if cell[:1] == "#" and (cell.upper() in _ERRORS or cell.strip("#") == ""):
                if place in reader.needed:
                    return _Fault(RejectReason.ERROR_VALUE, place)
                cells[place] = ""
    name = reader.columns.name
    if name is not None and cells[name][:1] in ("?", "\uff1f") and _LOST.fullmatch(cells[name]):
        return _Fault(RejectReason.TEXT_DAMAGED, name)
    return None


def _forbidding_place(written: str, cells: Sequence[str], reader: _Reader) -> int | None:
    """The column in which the list itself says that this person is not to be called."""
    if note_forbids(written):
        return reader.columns.number
    for place in reader.said.flags:
        if flag_forbids(cells[place]):
            return place
    for place in reader.said.permits:
        if permit_forbids(cells[place]):
            return place
    for place in reader.said.remarks:
        if remark_forbids(cells[place]):
            return place
    for place in reader.said.outcomes:
        if outcome_forbids(cells[place]):
            return place
    return None


def _first_usable(written: str, default_region: str) -> tuple[NumberReading | RejectReason, tuple[str, ...]]:
    """Of several numbers in a cell the first that reaches a person directly, and what else stands there."""
    found = read_numbers(written, default_region)
    if isinstance(found, RejectReason):
        return found, ()
    readings, left_out = found
    if any(_MAY_BE_EXTENSION.search(part) for part in left_out):
        return RejectReason.SEVERAL_NUMBERS, ()
    usable = [one for one in readings if one.number_class not in _NOBODYS and not one.extension]
    if not usable:
        return RejectReason.SEVERAL_NUMBERS, ()
    others = [one.number.masked() for one in readings if one is not usable[0]]
    return usable[0], (*others, *(["…"] if left_out else []))


def _assemble(row: int, reading: NumberReading, cells: Sequence[str], reader: _Reader) -> Contact | _Fault:
    columns = reader.columns
    own_source = _at(cells, columns.source) or reader.source
    if not own_source:
        return _Fault(RejectReason.SOURCE_MISSING, _place(columns.source, columns))
    own_basis = _at(cells, columns.legal_basis) or reader.legal_basis
    if not own_basis:
        return _Fault(RejectReason.LEGAL_BASIS_MISSING, _place(columns.legal_basis, columns))
    priority = _priority(_at(cells, columns.priority))
    if priority is None:
        return _Fault(RejectReason.PRIORITY_INVALID, _place(columns.priority, columns))
    zone_names = _zone_names(reading, cells, reader) if columns.places else reading.zone_names
    if isinstance(zone_names, _Fault):
        return zone_names
    return Contact(
        row,
        reading.number,
        reading.number_class,
        reading.region,
        zone_names,
        _at(cells, columns.name),
        {slot: cells[place] for slot, place in columns.slots},
        own_source,
        own_basis,
        _at(cells, columns.segment),
        priority,
        zone_names is not reading.zone_names,
    )


def _zone_names(reading: NumberReading, cells: Sequence[str], reader: _Reader) -> tuple[str, ...] | _Fault:
    """The zones of a number with what the row says of the place; see `places.joined`.

    A column that was found by its usual name may mean something else: only what can be read in it counts.
    """
    zone_names = reading.zone_names
    is_north_american = reading.number.e164().startswith("+1")
    for name, place, is_mapped in reader.columns.places:
        text = cells[place]
        if not text or (name != "zone" and not is_north_american):
            continue
        if name == "zone":
            said = zones_of_zone(text, reader.is_zone, is_north_american=is_north_american)
        else:
            said = zones_of_state(text) if name == "state" else zones_of_postal_code(text)
        if not said and is_mapped:
            return _Fault(RejectReason.PLACE_UNKNOWN, place)
        if said:
            zone_names = joined(zone_names, said)
    return zone_names


def clean_cells(
    cells: Sequence[str], width: int, chars_max: int = CELL_CHARS_MAX
) -> list[str] | tuple[RejectReason, int]:
    """Cells on one line and without space around them, as many as the heading has; or what is wrong, and where."""
    if len(cells) > width:
        return RejectReason.TOO_MANY_CELLS, width
    whole = "".join(cells)  # looked at once: most rows have nothing in any cell that a closer look would find
    is_plain = len(whole) <= chars_max and whole.isprintable()
    if is_plain and (whole.isascii() or (_REPLACED not in whole and _REPLACED_TWICE not in whole)):
        cleaned = list(map(str.strip, cells))
    else:
        found = _closely_cleaned(cells, chars_max)
        if isinstance(found, tuple):
            return found
        cleaned = found
    if len(cleaned) < width:
        cleaned.extend([""] * (width - len(cleaned)))
    return cleaned


def _closely_cleaned(cells: Sequence[str], chars_max: int) -> list[str] | tuple[RejectReason, int]:
    cleaned: list[str] = []
    for place, cell in enumerate(cells):
        if len(cell) > chars_max:
            return RejectReason.CELL_TOO_LONG, place
        if not cell.isascii() and (_REPLACED in cell or _REPLACED_TWICE in cell):
            return RejectReason.TEXT_DAMAGED, place
        if not cell.isprintable():
            cell = " ".join(cell.split())
            if any(char < " " or "\x7f" <= char <= "\x9f" for char in cell):
                return RejectReason.CONTROL_CHARACTER, place
        cleaned.append(cell.strip())
    return cleaned


def _at(cells: Sequence[str], place: int | None) -> str:
    return "" if place is None else cells[place]


def _place(place: int | None, columns: Columns) -> int:
    return columns.number if place is None else place


def _priority(text: str) -> int | None:
    if not text:
        return 0
    if (found := _WHOLE.fullmatch(text)) is None:
        return None
    number = int(found[1])
    return number if abs(number) <= PRIORITY_MAX else None


def _merge(first: Contact, later: Contact) -> tuple[Contact, MergedRow]:
    filled: list[str] = []
    kept: list[str] = []
    slots = dict(first.slots)
    for slot, value in later.slots.items():
        _note(slot, first.slots[slot], value, filled, kept)
        slots[slot] = first.slots[slot] or value
    for name in ("name", "segment", "source", "legal_basis"):
        _note(name, getattr(first, name), getattr(later, name), filled, kept)
    merged = replace(
        first,
        slots=slots,
        name=first.name or later.name,
        segment=first.segment or later.segment,
        priority=max(first.priority, later.priority),
        zone_names=tuple(dict.fromkeys((*first.zone_names, *later.zone_names))),
        is_placed=first.is_placed or later.is_placed,
        hours_wish=first.hours_wish or later.hours_wish,
    )
    return merged, MergedRow(later.row, first.row, first.number, tuple(filled), tuple(kept))


def _note(name: str, first: str, later: str, filled: list[str], kept: list[str]) -> None:
    if not later or first == later:
        return
    (kept if first else filled).append(name)


def _rejected(table: Table, table_row: TableRow, fault: _Fault) -> RejectedRow:
    value = table_row.cells[fault.place] if fault.place < len(table_row.cells) else ""
    heading = table.header[fault.place] if fault.place < len(table.header) else ""
    return RejectedRow(table_row.row, heading or f"#{fault.place + 1}", fault.reason, masked(value), table_row.cells)


_MASKED_CHARS_MAX = 24
_SHOWN_ENDS = ((11, 3, 4), (6, 2, 2))
"""Least length, and how many characters are then shown in front and behind; shorter values are hidden whole."""


def masked(value: str) -> str:
    """A value with its middle hidden, as telephone numbers are: enough to find it again, not enough to know it."""
    text = value.strip()[:_MASKED_CHARS_MAX]
    for least, front, back in _SHOWN_ENDS:
        if len(text) >= least:
            return f"{text[:front]}{'*' * (len(text) - front - back)}{text[-back:]}"
    return "*" * len(text)
