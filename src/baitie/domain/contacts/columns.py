"""Which column of a contact file means what: by the campaign's mapping, else by the names that are usual."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from baitie.domain.contacts.headings import USUAL_NAMES, place_of, plain_heading
from baitie.domain.contacts.reasons import ContactFileError, FileFault
from baitie.domain.contacts.table import Table

PLACES = ("zone", "state", "postal_code")
"""Fields that say where a person is. Their columns are slots as well, as every column is that nobody mapped."""


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
    return place_of(name, table.header)


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
