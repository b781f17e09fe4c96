"""XLSX: the first visible sheet as rows of text."""

import io
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, time

import python_calamine

from baitie.domain.contacts.reasons import ContactFileError, FileFault
from baitie.domain.contacts.sheet_parts import SheetParts, look_through_untrusted

Rows = list[tuple[int, list[str]]]

_FLOAT_EXACT_MAX = 2**53


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
            grid = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) if sheet else []
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
    reading = SheetReading([], sheet, passed)
    hidden = parts.rows_hidden_in(sheet)
    for row, cells in enumerate(grid, start=1):
        texts = [cell if type(cell) is str else _cell_text(cell) for cell in cells]
        if any(text.strip() for text in texts):
            reading.rows.append((row, texts))
    reading.rows_hidden = tuple([row for row, _ in reading.rows[1:] if row in hidden]) if hidden else ()
    return reading


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
            return look_through_untrusted(archive, file_name)
    except ContactFileError:
        raise
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise ContactFileError(FileFault.XLSX_MALFORMED, file_name, found=str(error)) from error
