"""XLSX: the first sheet as rows of text."""

import io
import re
import zipfile
import zlib
from datetime import date, datetime, time

import python_calamine

from baitie.domain.contacts.bounds import COLUMNS_MAX, ROWS_MAX, SHEET_CELLS_MAX, UNPACKED_BYTES_MAX
from baitie.domain.contacts.reasons import ContactFileError, FileFault

Rows = list[tuple[int, list[str]]]

_BLOCK_OCTETS = 1024 * 1024
_OVERLAP_OCTETS = 64  # longer than any cell reference, so that none is missed between two blocks
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,20})([0-9]{1,30})["']""")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")
_FLOAT_EXACT_MAX = 2**53


def xlsx_rows_untrusted(data: bytes, file_name: str) -> Rows:
    """Rows of the first sheet, numbered as the spreadsheet shows them. Raises `ContactFileError`."""
    _check_size_untrusted(data, file_name)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            grid = book.get_sheet_by_index(0).to_python(skip_empty_area=False) if book.sheet_names else []
    except python_calamine.PasswordError as error:
        raise ContactFileError(FileFault.XLSX_PROTECTED, file_name) from error
    except Exception as error:
        raise ContactFileError(FileFault.XLSX_MALFORMED, file_name, found=str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the reader's own way to fail, which is no `Exception`
            raise
        raise ContactFileError(FileFault.XLSX_MALFORMED, file_name) from error
    rows: Rows = []
    for row, cells in enumerate(grid, start=1):
        texts = [cell if type(cell) is str else _cell_text(cell) for cell in cells]
        if any(text.strip() for text in texts):
            rows.append((row, texts))
    return rows


def _cell_text(cell: object) -> str:
    """A cell as people see it; whole numbers without the fraction that spreadsheets keep for all numbers."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        is_whole = abs(cell) <= _FLOAT_EXACT_MAX and cell == int(cell)
        return str(int(cell)) if is_whole else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds" if cell.second else "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat(timespec="seconds" if cell.second else "minutes")
    return str(cell)


def _check_size_untrusted(data: bytes, file_name: str) -> None:
    """Refuse what would fill the memory: the reader spans a grid from the first cell to the last, however few between.

    Every part is looked through for the largest cell reference first: any of them may turn out to be the sheet.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            octets = sum(part.file_size for part in parts)
            if octets > UNPACKED_BYTES_MAX:
                raise ContactFileError(FileFault.TOO_LARGE, file_name, octets=octets, octets_max=UNPACKED_BYTES_MAX)
            for part in parts:
                _check_part_untrusted(archive, part, file_name)
    except ContactFileError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise ContactFileError(FileFault.XLSX_MALFORMED, file_name, found=str(error)) from error


def _check_part_untrusted(archive: zipfile.ZipFile, part: zipfile.ZipInfo, file_name: str) -> None:
    row_last = column_last = 1
    octets = 0
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(_BLOCK_OCTETS):
            if not octets and block.startswith(_UTF16_MARKS):
                raise ContactFileError(FileFault.XLSX_MALFORMED, file_name, found="UTF-16")
            octets += len(block)
            if octets > UNPACKED_BYTES_MAX:
                raise ContactFileError(FileFault.TOO_LARGE, file_name, octets_max=UNPACKED_BYTES_MAX)
            found = _REFERENCE.findall(tail + block)
            if found:
                row_last = max(row_last, max(int(digits) for _, digits in found))
                column_last = max(column_last, max(_column(letters) for letters in {letters for letters, _ in found}))
            tail = block[-_OVERLAP_OCTETS:]
    if row_last > ROWS_MAX + 1:
        raise ContactFileError(FileFault.TOO_MANY_ROWS, file_name, rows=row_last, rows_max=ROWS_MAX)
    if column_last > COLUMNS_MAX:
        raise ContactFileError(FileFault.TOO_MANY_COLUMNS, file_name, columns=column_last, columns_max=COLUMNS_MAX)
    if row_last * column_last > SHEET_CELLS_MAX:
        raise ContactFileError(FileFault.TOO_LARGE, file_name, cells=row_last * column_last, cells_max=SHEET_CELLS_MAX)


def _column(letters: bytes) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
