"""Tables from the bytes of contact files: what kind of file it is, and the shape that all kinds are brought into."""

from collections.abc import Sequence
from typing import NamedTuple

from baitie.domain.contacts import sheets, texts
from baitie.domain.contacts.bounds import COLUMNS_MAX, FILE_BYTES_MAX, ROWS_MAX
from baitie.domain.contacts.reasons import ContactFileError, FileFault

_ZIP_MAGIC = b"PK\x03\x04"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"  # XLS before 2007, and XLSX under a password
_JSON_STARTS = (b"[", b"{")
_SNIFFED_OCTETS = 64


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


def read_table_untrusted(
    data: bytes, file_name: str, encoding: str | None = None, *, may_be_chinese: bool = True
) -> Table:
    """The table in `data`: CSV, XLSX or JSON by its content. `file_name` serves messages only.

    CSV may be UTF-8, UTF-8 or UTF-16 with a byte order mark, or, with `may_be_chinese`, GB18030 where it reads as
    Chinese; or what `encoding` says. It is divided by comma, semicolon or tab. JSON may be an array of objects, or an
    object a line. Of XLSX the first visible sheet is read. Raises `ContactFileError`.
    """
    if len(data) > FILE_BYTES_MAX:
        raise ContactFileError(FileFault.TOO_LARGE, file_name, octets=len(data), octets_max=FILE_BYTES_MAX)
    start = data[:_SNIFFED_OCTETS].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise ContactFileError(FileFault.EMPTY, file_name)
    if start.startswith(_OLE_MAGIC):
        raise ContactFileError(FileFault.FORMAT_UNSUPPORTED, file_name)
    if start.startswith(_ZIP_MAGIC):
        reading = sheets.xlsx_rows_untrusted(data, file_name)
        table = _table(reading.rows, file_name)
        return table._replace(sheet=reading.sheet, sheets_passed=reading.sheets_passed, rows_hidden=reading.rows_hidden)
    if start.startswith(_JSON_STARTS):
        return _table(texts.json_rows_untrusted(data, file_name, encoding, may_be_chinese), file_name)
    return _table(texts.csv_rows_untrusted(data, file_name, encoding, may_be_chinese), file_name)


def _table(rows: Sequence[tuple[int, Sequence[str]]], file_name: str) -> Table:
    if not rows:
        raise ContactFileError(FileFault.EMPTY, file_name)
    header_row, first = rows[0]
    header = tuple(_trimmed([name.strip() for name in first]))
    if len(header) > COLUMNS_MAX:
        raise ContactFileError(
            FileFault.TOO_MANY_COLUMNS, file_name, row=header_row, columns=len(header), columns_max=COLUMNS_MAX
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
        TableRow(row, tuple(cells) if len(cells) <= width else tuple(_trimmed(list(cells), width)))
        for row, cells in rows[1:]
    )
    return Table(file_name, header_row, header, body)


def _trimmed(cells: list[str], keep: int = 0) -> list[str]:
    """Without the empty cells at the end, beyond the first `keep`."""
    while len(cells) > keep and not cells[-1].strip():
        cells.pop()
    return cells
