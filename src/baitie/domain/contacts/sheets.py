"""XLSX: the first visible sheet as rows of text."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time

import python_calamine

from baitie.domain.contacts.encodings import is_garbled
from baitie.domain.contacts.reasons import ContactFileError, FileFault
from baitie.domain.contacts.sheet_parts import SheetParts, look_through_untrusted

Rows = list[tuple[int, list[str]]]

_FLOAT_EXACT_MAX = 2**53
_SAMPLE_ROWS = 2_000
_MERGED_MAX = 1_000_000
"""Merged cells beyond so many rows stay blank: no list is made of them."""

ERROR_SHOWN = "#N/A"
"""What stands for every error of a formula; which one it was, the reader does not tell."""


@dataclass(slots=True)
class SheetReading:
    """Sheet reading (工作表解析): the rows, numbered as the spreadsheet shows them, and what it does not show."""

    rows: Rows = field(default_factory=list)
    sheet: str = ""
    sheets_passed: tuple[str, ...] = ()  # hidden ones that stand before it
    rows_hidden: tuple[int, ...] = ()  # by a filter or by hand, and read all the same


def xlsx_rows_untrusted(data: bytes, file_name: str) -> SheetReading:
    """The first visible sheet. Raises `ContactFileError`."""
    parts = _looked_through_untrusted(data, file_name)
    try:
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            sheet, passed = _first_visible(book, file_name)
            reading = _reading(book.get_sheet_by_name(sheet), sheet, parts) if sheet else SheetReading()
            reading.sheets_passed = passed
    except ContactFileError:
        raise
    except python_calamine.PasswordError as error:
        raise ContactFileError(FileFault.XLSX_PROTECTED, file_name) from error
    except Exception as error:
        raise ContactFileError(FileFault.XLSX_MALFORMED, file_name, found=str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # the reader's own way to fail, which is no `Exception`
            raise
        raise ContactFileError(FileFault.XLSX_MALFORMED, file_name) from error
    if is_garbled("\n".join("\n".join(cells) for _, cells in reading.rows[:_SAMPLE_ROWS])):
        raise ContactFileError(FileFault.TEXT_GARBLED, file_name)
    return reading


def _reading(read: python_calamine.CalamineSheet, sheet: str, parts: SheetParts) -> SheetReading:
    """The rows of a sheet that are not blank, as people see them: errors by a word, a merged cell in each row that
    it reaches down to."""
    reading = SheetReading([], sheet)
    errors, merged = parts.errors_in(sheet), _merged_down(read)
    columns_before = [""] * (read.start[1] if read.start else 0)
    for row, cells in enumerate(read.iter_rows(), start=1):
        texts = columns_before + [cell if type(cell) is str else _cell_text(cell) for cell in cells]
        for column in _columns_of(errors[row]) if row in errors else ():
            if column < len(texts) and not texts[column]:
                texts[column] = ERROR_SHOWN
        if any(map(str.strip, texts)):
            if row in merged and reading.rows and reading.rows[-1][0] == row - 1:
                for column in merged[row]:
                    if column < len(texts) and not texts[column]:
                        texts[column] = reading.rows[-1][1][column]
            reading.rows.append((row, texts))
    hidden = parts.rows_hidden_in(sheet)
    reading.rows_hidden = tuple([row for row, _ in reading.rows[1:] if row in hidden]) if hidden else ()
    return reading


def _columns_of(bits: int) -> Iterator[int]:
    while bits:
        yield (bits & -bits).bit_length() - 1
        bits &= bits - 1


def _merged_down(read: python_calamine.CalamineSheet) -> dict[int, list[int]]:
    """Row -> columns (from 0) whose cell is merged with that of the row above. Cells merged across stay one."""
    found: dict[int, list[int]] = {}
    left = _MERGED_MAX
    for (top, column), (bottom, last_column) in read.merged_cell_ranges or ():
        if column != last_column or bottom - top > left:
            continue
        left -= bottom - top
        for row in range(top + 2, bottom + 2):  # from 0, and without the first
            found.setdefault(row, []).append(column)
    return found


def _first_visible(book: python_calamine.CalamineWorkbook, file_name: str) -> tuple[str, tuple[str, ...]]:
    """The first sheet that people see, and those before it that they do not."""
    passed: list[str] = []
    for sheet in book.sheets_metadata:
        if sheet.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            continue
        if sheet.visible is python_calamine.SheetVisibleEnum.Visible:
            return sheet.name, tuple(passed)
        passed.append(sheet.name)
    if passed:
        raise ContactFileError(FileFault.SHEETS_HIDDEN, file_name, found="、".join(passed))
    return "", ()


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


def _looked_through_untrusted(data: bytes, file_name: str) -> SheetParts:
    """What stands in the parts; refused is what would fill the memory, before the reader lays anything out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return look_through_untrusted(archive, file_name, len(data))
    except ContactFileError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise ContactFileError(FileFault.XLSX_MALFORMED, file_name, found=str(error)) from error
