"""Tables from the bytes of contact files: what kind of file it is, and the shape that all kinds are brought into."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from baitie.domain.contacts import sheets, texts
from baitie.domain.contacts.bounds import COLUMNS_MAX, FILE_BYTES_MAX, ROWS_MAX
from baitie.domain.contacts.reasons import ContactFileError, FileFault

_ZIP_MAGIC = b"PK\x03\x04"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"  # XLS before 2007, and XLSX under a password
_JSON_STARTS = (b"[", b"{")
_FOREIGN_STARTS = (
    b"<",
    b"%PDF",
    b"{\\rtf",
    b"\x1f\x8b",
    b"SQLite format",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x89PNG",
    b"\xff\xd8\xff",
)
"""Web pages and XML saved under the name of a sheet, as many systems export them; documents, archives, pictures."""

_SNIFFED_OCTETS = 64
_HEADING_CHARS_MAX = 32_767  # as in a cell of a spreadsheet
_HEADING_SHOWN_CHARS = 40
_ROWS_ABOVE_MAX = 10
"""So far down a heading may stand below titles."""

_NUMBER_CELL = re.compile(r"\+?[\d\s().\-]*(?:\d[\s().\-]*){7,}")
_DATE = re.compile(r"\s*\d{4}([-./])\d{1,2}\1\d{1,2}\b")


class TableRow(NamedTuple):
    """Row (行) of a contact file: its number as a spreadsheet shows it, the heading being row 1, and its cells.

    In JSON the number is that of the line (one object a line) or of the object in its array, from 1.
    """

    row: int
    cells: tuple[str, ...]


class Table(NamedTuple):
    """Table (表格) of a contact file. Blank rows are left out; cells are as they stand in the file."""

    file_name: str
    header_row: int
    header: tuple[str, ...]
    rows: tuple[TableRow, ...]
    sheet: str = ""  # of XLSX: which was read
    sheets_passed: tuple[str, ...] = ()  # hidden sheets before it
    rows_hidden: tuple[int, ...] = ()  # rows that the spreadsheet hides, and that are among `rows` all the same
    rows_above: tuple[int, ...] = ()  # titles and other lines above the heading


def read_table_untrusted(
    data: bytes,
    file_name: str,
    encoding: str | None = None,
    *,
    may_be_chinese: bool = True,
    is_heading: Callable[[str], bool] | None = None,
) -> Table:
    """The table in `data`: CSV, XLSX or JSON by its content. `file_name` serves messages only.

    CSV may be UTF-8, UTF-8 or UTF-16 with a byte order mark, or, with `may_be_chinese`, GB18030 where it reads as
    Chinese; or what `encoding` says. It is divided by comma, semicolon, tab or bar. JSON may be an array of objects,
    or an object a line. Of XLSX the first visible sheet is read. The heading is the first row that is not blank; where
    none of its cells is what `is_heading` looks for, it may stand a few rows lower, below titles.
    Raises `ContactFileError`.
    """
    if len(data) > FILE_BYTES_MAX:
        raise ContactFileError(FileFault.TOO_LARGE, file_name, octets=len(data), octets_max=FILE_BYTES_MAX)
    start = data[:_SNIFFED_OCTETS].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise ContactFileError(FileFault.EMPTY, file_name)
    if start.startswith((_OLE_MAGIC, *_FOREIGN_STARTS)):
        raise ContactFileError(FileFault.FORMAT_UNSUPPORTED, file_name)
    if start.startswith(_ZIP_MAGIC):
        reading = sheets.xlsx_rows_untrusted(data, file_name)
        table = _table(reading.rows, file_name, is_heading)
        return table._replace(sheet=reading.sheet, sheets_passed=reading.sheets_passed, rows_hidden=reading.rows_hidden)
    if start.startswith(_JSON_STARTS):
        return _table(texts.json_rows_untrusted(data, file_name, encoding, may_be_chinese), file_name)
    return _table(texts.csv_rows_untrusted(data, file_name, encoding, may_be_chinese), file_name, is_heading)


def _table(
    rows: Sequence[tuple[int, Sequence[str]]], file_name: str, is_heading: Callable[[str], bool] | None = None
) -> Table:
    if not rows:
        raise ContactFileError(FileFault.EMPTY, file_name)
    place = 0 if is_heading is None else _place_of_heading(rows[:_ROWS_ABOVE_MAX], is_heading)
    above, rows = tuple(row for row, _ in rows[:place]), rows[place:]
    header_row, first = rows[0]
    header = tuple(_trimmed([_visible(name).strip() for name in first]))
    if len(header) > COLUMNS_MAX:
        raise ContactFileError(
            FileFault.TOO_MANY_COLUMNS, file_name, row=header_row, columns=len(header), columns_max=COLUMNS_MAX
        )
    if (long := next((name for name in header if len(name) > _HEADING_CHARS_MAX), None)) is not None:
        field = long[:_HEADING_SHOWN_CHARS]
        raise ContactFileError(
            FileFault.TOO_LARGE, file_name, row=header_row, field=field, chars_max=_HEADING_CHARS_MAX
        )
    if len(rows) == 1:
        raise ContactFileError(FileFault.NO_ROWS, file_name, row=header_row)
    if len(rows) - 1 > ROWS_MAX:
        raise ContactFileError(FileFault.TOO_MANY_ROWS, file_name, rows=len(rows) - 1, rows_max=ROWS_MAX)
    seen: set[str] = set()
    for name in header:
        if name and name in seen:
            raise ContactFileError(FileFault.COLUMN_DOUBLED, file_name, row=header_row, field=name)
        seen.add(name)
    width = len(header)
    body = tuple(
        [
            TableRow(row, tuple(cells) if len(cells) <= width else tuple(_trimmed(list(cells), width)))
            for row, cells in rows[1:]
        ]
    )
    return Table(file_name, header_row, header, body, rows_above=above)


def _place_of_heading(rows: Sequence[tuple[int, Sequence[str]]], is_heading: Callable[[str], bool]) -> int:
    """Where the heading stands. A row with a number belongs to the list: nothing below it is taken for a heading."""
    for place, (_, cells) in enumerate(rows):
        if any(_NUMBER_CELL.fullmatch(cell) and not _DATE.match(cell) for cell in cells):
            return 0
        columns = [column for column, cell in enumerate(cells) if is_heading(cell)]
        if columns:
            while place + 1 < len(rows) and _repeats(rows[place + 1][1], cells, columns):
                place += 1
            return place
    return 0


def _repeats(below: Sequence[str], cells: Sequence[str], columns: Sequence[int]) -> bool:
    """Whether a heading of two rows goes on: merged cells reach down into the second, which divides the others."""
    is_same = all(column < len(below) and below[column] == cells[column] for column in columns)
    return is_same and list(below) != list(cells)


def _visible(heading: str) -> str:
    """A heading without the marks that nobody sees, such as a byte order mark that was written twice."""
    return heading if heading.isascii() else "".join(char for char in heading if unicodedata.category(char) != "Cf")


def _trimmed(cells: list[str], keep: int = 0) -> list[str]:
    """Without the empty cells at the end, beyond the first `keep`."""
    while len(cells) > keep and not cells[-1].strip():
        cells.pop()
    return cells
