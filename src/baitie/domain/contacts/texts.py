"""CSV and JSON: from bytes to rows of text."""

import csv
import io
import json
import re
from typing import Any

from baitie.domain.contacts.bounds import COLUMNS_MAX, ROWS_MAX, SHEET_CELLS_MAX
from baitie.domain.contacts.encodings import decoded, is_garbled
from baitie.domain.contacts.reasons import ContactFileError, FileFault

Rows = list[tuple[int, list[str]]]

_DELIMITERS = (",", ";", "\t", "|")
_HALF = re.compile("[\ud800-\udfff]")
_HALF_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")
"""The only way in which half a character gets into JSON: no encoding that is read gives one."""

_JSON_NUMBER_CHARS_MAX = 64


def csv_rows_untrusted(data: bytes, file_name: str, encoding: str | None = None, may_be_chinese: bool = True) -> Rows:
    """Rows of a CSV (RFC 4180), numbered as records. Raises `ContactFileError`."""
    text = _decode_untrusted(data, file_name, encoding, may_be_chinese)
    delimiter, text, row_offset = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: Rows = []
    row, cells_left = row_offset, SHEET_CELLS_MAX
    try:
        for cells in reader:
            row += 1
            cells_left -= len(cells)
            if cells_left < 0:
                raise ContactFileError(FileFault.TOO_LARGE, file_name, row=row, cells_max=SHEET_CELLS_MAX)
            if any(map(str.strip, cells)):
                rows.append((row, cells))
                if len(rows) > ROWS_MAX + 1:
                    raise ContactFileError(FileFault.TOO_MANY_ROWS, file_name, row=row, rows_max=ROWS_MAX)
    except csv.Error as error:
        raise ContactFileError(FileFault.CSV_MALFORMED, file_name, row=row + 1, found=str(error)) from error
    return rows


def json_rows_untrusted(data: bytes, file_name: str, encoding: str | None = None, may_be_chinese: bool = True) -> Rows:
    """Rows of a JSON array of objects or of one object a line; row 0 is the heading. Raises `ContactFileError`."""
    text = _decode_untrusted(data, file_name, encoding, may_be_chinese)
    _check_counts(text, file_name)
    if text.lstrip().startswith("["):
        found = _json_value(text, file_name, 1)
        if not isinstance(found, list):
            raise ContactFileError(FileFault.JSON_NOT_OBJECTS, file_name)
        objects = list(enumerate(found, start=1))
    else:
        lines = io.StringIO(text, newline=None)
        objects = [
            (row, _json_value(line.strip(), file_name, row)) for row, line in enumerate(lines, start=1) if line.strip()
        ]
    if len(objects) > ROWS_MAX:
        raise ContactFileError(FileFault.TOO_MANY_ROWS, file_name, rows=len(objects), rows_max=ROWS_MAX)
    return _rows_of_objects(objects, file_name)


def _check_counts(text: str, file_name: str) -> None:
    """Refuse what would be built up in memory only to be refused then. Signs inside texts count as well."""
    if text.count("{") > 2 * ROWS_MAX:
        raise ContactFileError(FileFault.TOO_MANY_ROWS, file_name, rows_max=ROWS_MAX)
    if text.count(",") + text.count("[") > SHEET_CELLS_MAX:
        raise ContactFileError(FileFault.TOO_LARGE, file_name, cells_max=SHEET_CELLS_MAX)


def _rows_of_objects(objects: list[tuple[int, Any]], file_name: str) -> Rows:
    columns: dict[str, int] = {}
    names: list[str] = []
    for row, value in objects:
        if not isinstance(value, dict):
            raise ContactFileError(FileFault.JSON_NOT_OBJECTS, file_name, row=row)
        if (own := list(value)) == names:
            continue
        names = own
        for name in names:
            columns.setdefault(name.strip(), len(columns))
        if len(columns) > COLUMNS_MAX:
            raise ContactFileError(FileFault.TOO_MANY_COLUMNS, file_name, row=row, columns_max=COLUMNS_MAX)
    if not columns:
        return []
    if len(objects) * len(columns) > SHEET_CELLS_MAX:
        laid_out = len(objects) * len(columns)
        raise ContactFileError(FileFault.TOO_LARGE, file_name, cells=laid_out, cells_max=SHEET_CELLS_MAX)
    rows: Rows = [(0, list(columns))]
    names, places = [], []  # most objects have the fields of the one before: where they belong is looked up once
    in_order = list(range(len(columns)))
    for row, value in objects:
        if (own := list(value)) != names:
            names, places = own, [columns[name.strip()] for name in own]
            if len(set(places)) < len(places):
                raise ContactFileError(FileFault.COLUMN_DOUBLED, file_name, row=row, field=", ".join(value))
        cells = [cell if type(cell) is str else _json_cell(cell, file_name, row, name) for name, cell in value.items()]
        if places != in_order:
            cells = _laid_out(cells, places, len(columns))
        if any(map(str.strip, cells)):
            rows.append((row, cells))
    return rows


def _laid_out(cells: list[str], places: list[int], width: int) -> list[str]:
    laid = [""] * width
    for place, cell in zip(places, cells, strict=True):
        laid[place] = cell
    return laid


def _json_cell(cell: Any, file_name: str, row: int, name: str) -> str:
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    raise ContactFileError(FileFault.JSON_NESTED, file_name, row=row, field=name)


def _json_value(text: str, file_name: str, row: int) -> Any:
    """Numbers stay the text that they are written as: a telephone number is no quantity."""
    try:
        return json.loads(
            text,
            parse_int=_number_text,
            parse_float=_number_text,
            parse_constant=_number_text,
            object_pairs_hook=_whole_fields if _HALF_ESCAPED.search(text) else _fields,
        )
    except _DoubledError as error:
        raise ContactFileError(FileFault.COLUMN_DOUBLED, file_name, row=row, field=error.field) from error
    except (ValueError, RecursionError) as error:
        at_row = row + getattr(error, "lineno", 1) - 1
        raise ContactFileError(FileFault.JSON_MALFORMED, file_name, row=at_row, found=str(error)) from error


class _DoubledError(Exception):
    """An object has a field twice: which of the two is meant nobody knows."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _DoubledError(next(name for name in found if names.count(name) > 1))
    return found


def _whole_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return _fields([(_whole(name), _whole(value) if isinstance(value, str) else value) for name, value in pairs])


def _whole(text: str) -> str:
    """A text with the mark for what was lost in place of halves of characters, which no file can hold."""
    return _HALF.sub("\ufffd", text)


def _number_text(written: str) -> str:
    return written[:_JSON_NUMBER_CHARS_MAX]


def _decode_untrusted(data: bytes, file_name: str, encoding: str | None, may_be_chinese: bool) -> str:
    found = decoded(data, encoding, may_be_chinese=may_be_chinese)
    if isinstance(found, int):
        raise ContactFileError(FileFault.ENCODING_UNKNOWN, file_name, row=data.count(b"\n", 0, found) + 1)
    text = found[0].lstrip("\ufeff").rstrip("\x1a")  # a mark written twice; the end of file of DOS
    if is_garbled(text):
        raise ContactFileError(FileFault.TEXT_GARBLED, file_name)
    if "\x00" in text:
        raise ContactFileError(FileFault.NOT_TEXT, file_name, row=text.count("\n", 0, text.index("\x00")) + 1)
    return text


def _delimiter(text: str) -> tuple[str, str, int]:
    """The delimiter, the text that it divides, and how many rows were taken off its front.

    Spreadsheets may write a first line `sep=;`; otherwise the one that divides the heading into most cells.
    """
    first, _, rest = text.partition("\n")
    first = first.rstrip("\r")
    if first.lower().startswith("sep=") and first[4:] in _DELIMITERS:
        return first[4:], rest, 1
    heading = next((line for line in io.StringIO(text, newline=None) if line.strip(" ,;|\t\r\n")), "")
    outside = "".join(heading.split('"')[::2])
    return max(_DELIMITERS, key=outside.count), text, 0
