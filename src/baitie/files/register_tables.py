"""Tables of registers: read by column, rejected rows written out again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from baitie.app.registers.registers import Registers
from baitie.domain.contacts.bounds import CELL_CHARS_MAX, FILE_BYTES_MAX
from baitie.domain.contacts.headings import is_number_heading
from baitie.domain.contacts.importing import clean_cells
from baitie.domain.contacts.table import Table, TableRow, read_table_untrusted
from baitie.files.bounded_files import read_within, write_private
from baitie.files.contact_files import CHINESE_REGIONS
from baitie.kernel.errors import InputError
from baitie.kernel.foreign_text import csv_text, spreadsheet_cell
from baitie.locale.catalogue import Catalogue, catalogue


class RegisterColumnError(InputError):
    """The file lacks a column that this register needs. Add it, with the name that the message gives as heading."""

    code = "desk-column-missing"


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """A row that was not taken (被拒的行): where, why, and its cells as they stood."""

    row: int
    column: str
    reason: str
    cells: tuple[str, ...]


@dataclass(slots=True)
class RegisterImport:
    """What became of a file (导入结果)."""

    header: tuple[str, ...]
    accepted: int = 0
    known: int = 0  # said the same as the register
    rejected: list[RejectedEntry] = field(default_factory=list)
    sheets_passed: tuple[str, ...] = ()  # hidden sheets of a workbook, before the one that was read
    sheet: str = ""
    rows_hidden: tuple[int, ...] = ()
    rows_above: tuple[int, ...] = ()


def read_register_table(registers: Registers, file: Path, is_heading: Callable[[str], bool] | None = None) -> Table:
    """The table of a register's file; see `read_table_untrusted`. Raises `ContactFileError`, OSError."""
    may_be_chinese = registers.policy.region in CHINESE_REGIONS
    return read_table_untrusted(
        read_within(file, FILE_BYTES_MAX), file.name, may_be_chinese=may_be_chinese, is_heading=is_heading
    )


def names_of(table: Table, needed: Sequence[str]) -> tuple[str, ...]:
    """The names of the columns, that of the number also by its usual headings. Raises `RegisterColumnError`."""
    names = [name.strip().lower() for name in table.header]
    if "number" not in names:
        place = next((place for place, name in enumerate(names) if is_number_heading(name)), None)
        if place is not None:
            names[place] = "number"
    for column in needed:
        if column not in names:
            raise RegisterColumnError(file=table.file_name, column=column)
    return tuple(names)


def cells_by_name(
    row: TableRow, names: Sequence[str], chars_max: int = CELL_CHARS_MAX
) -> dict[str, str] | RejectedEntry:
    """The cells of a row, blank where a short row ends before them; or why the row cannot be taken."""
    cells = clean_cells(row.cells, len(names), chars_max)
    if isinstance(cells, tuple):
        reason, place = cells
        return RejectedEntry(row.row, names[place] if place < len(names) else "", reason.value, row.cells)
    return dict(zip(names, map(_unguarded, cells), strict=True))


def _unguarded(cell: str) -> str:
    """A cell without the mark that keeps spreadsheets from reading a formula in our own exports."""
    return cell[1:] if cell[:1] == "'" and spreadsheet_cell(cell[1:]) == cell else cell


def write_rejected(result: RegisterImport, target: Path, texts: Catalogue) -> None:
    """The rejected rows with reason before their own cells; no file where there are none."""
    if not result.rejected:
        target.unlink(missing_ok=True)
        return
    of_numbers = catalogue("contacts", texts.lang)
    rows = [
        [str(bad.row), bad.column, reject_text(texts, of_numbers, bad.reason), *bad.cells] for bad in result.rejected
    ]
    headings = [texts.text(f"headings.{name}") for name in ("row", "column", "reason")]
    write_csv(target, [*headings, *result.header], rows)


def reject_text(texts: Catalogue, of_numbers: Catalogue, reason: str) -> str:
    """Why a row was not taken, in words: the registers' own reasons, and those of contact lists."""
    return texts.text_or(f"reject.{reason}", of_numbers.text_or(f"reject.{reason}.text", reason))


def write_csv(target: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write rows under a heading, so that spreadsheets read the characters aright; for the owner's eyes only."""
    write_private(target, csv_text([header, *rows]))


def shown_time(registers: Registers, at: datetime | None) -> str:
    """A time on the enterprise's clock; nothing for none."""
    return "" if at is None else at.astimezone(registers.policy.zone).isoformat(sep=" ")
