"""What the parts of an XLSX hold, looked through as octets before anything is built from them."""

import html
import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from baitie.domain.contacts.bounds import (
    COLUMNS_MAX,
    ROWS_MAX,
    SHARED_TEXT_BYTES_MAX,
    SHEET_CELLS_MAX,
    TEXT_BYTES_MAX,
    UNPACKED_BYTES_MAX,
    UNPACKED_FREE_BYTES,
    UNPACKED_SHARE_MAX,
)
from baitie.domain.contacts.reasons import ContactFileError, FileFault

_BLOCK_OCTETS = 1024 * 1024
_OVERLAP_OCTETS = 512
"""Longer than a cell's or a row's opening tag with its attributes, so that none is missed between two blocks."""

_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,20})([0-9]{1,30})["']""")
_HIDDEN_ROW = re.compile(rb"""<(?:\w+:)?row\b([^>]{0,400}?)\bhidden\s*=\s*["'](?:1|true)["']([^>]{0,400})>""")
_ROW_NUMBER = re.compile(rb"""\br\s*=\s*["']([0-9]{1,9})["']""")
_CELL = re.compile(rb"<c[\s/>]")
_CELL_PREFIXED = re.compile(rb"<\w+:c[\s/>]")
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\b([^<>]{0,400}?\st\s*=\s*["']e["'][^<>]{0,400})>""")
_TEXT_BEGINS = re.compile(rb"<(?:\w+:)?si[\s/>]")
_TEXT_USED = re.compile(rb"""\bt\s*=\s*["']s["'][^>]*>\s*<(?:\w+:)?v[^>]*>\s*([0-9]{1,10})\s*<""")
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_INDEX_BYTES_MAX = 4 * 1024 * 1024


@dataclass(slots=True)
class _Part:
    """What one part holds, as far as its octets tell."""

    row_last: int = 1
    column_last: int = 1
    texts: list[int] = field(default_factory=list)  # octets from the beginning of each shared text to that of the next
    uses: int = 0  # cells that refer to a shared text
    cells: int = 0
    hidden: set[int] = field(default_factory=set)  # rows
    errors: dict[int, int] = field(default_factory=dict)  # row -> its cells with an error, a bit for each column


@dataclass(slots=True)
class SheetParts:
    """Sheet parts (工作簿部件): rows that are hidden, and cells with errors, by the name of the sheet."""

    hidden: Mapping[str, frozenset[int]]
    errors: Mapping[str, Mapping[int, int]]

    def rows_hidden_in(self, sheet: str) -> frozenset[int]:
        """Numbers of the rows that a filter or a hand has hidden."""
        return self.hidden.get(sheet, frozenset())

    def errors_in(self, sheet: str) -> Mapping[int, int]:
        """Numbers of the rows with errors such as `#N/A`; bit n of the value stands for the nth column, from 0."""
        return self.errors.get(sheet, {})


def look_through_untrusted(archive: zipfile.ZipFile, file_name: str, packed: int) -> SheetParts:
    """Look through every part: any of them may turn out to be the sheet, and any the texts.

    `packed` is the size of the file in octets.
    Refused is what would fill the memory: the reader spans a grid from the first cell to the last, however few between,
    and gives each cell its own copy of a shared text. Raises `ContactFileError`.
    """
    infos = archive.infolist()
    octets = sum(part.file_size for part in infos)
    octets_max = min(UNPACKED_BYTES_MAX, max(UNPACKED_FREE_BYTES, UNPACKED_SHARE_MAX * packed))
    if octets > octets_max:
        raise ContactFileError(FileFault.TOO_LARGE, file_name, octets=octets, octets_max=octets_max)
    parts = {info.filename: _part_untrusted(archive, info, file_name) for info in infos}
    _check_shared_texts(archive, parts, file_name)
    by_sheet = _parts_of_sheets(archive, parts)
    found = {name: parts[part] for name, part in by_sheet.items() if part in parts}
    return SheetParts(
        {name: frozenset(part.hidden) for name, part in found.items()},
        {name: part.errors for name, part in found.items()},
    )


def _part_untrusted(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file_name: str) -> _Part:
    part = _Part()
    octets = 0
    is_xml = False
    begun_at: int | None = None
    tail = b""
    with archive.open(info) as stream:
        while block := stream.read(_BLOCK_OCTETS):
            if not octets:
                if block.startswith(_UTF16_MARKS):
                    raise ContactFileError(FileFault.XLSX_MALFORMED, file_name, found="UTF-16")
                is_xml = block.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"<", b"")  # pictures are not
            at = octets - len(tail)
            octets += len(block)
            if octets > UNPACKED_BYTES_MAX:
                raise ContactFileError(FileFault.TOO_LARGE, file_name, octets_max=UNPACKED_BYTES_MAX)
            if is_xml:
                _check_runs(block, file_name)
            joined = tail + block
            _note_references(part, joined)
            if b"hidden" in joined:
                _note_hidden(part, joined)
            if b'"e"' in joined or b"'e'" in joined:
                _note_errors(part, joined)
            part.cells += _cells(joined) - _cells(tail)
            if part.cells > SHEET_CELLS_MAX:  # cells need not say where they stand
                raise ContactFileError(FileFault.TOO_LARGE, file_name, cells=part.cells, cells_max=SHEET_CELLS_MAX)
            if b"si" in joined:
                begun_at = _note_texts(part, joined, at, begun_at)
            part.uses += _uses(joined, len(tail))
            tail = joined[-_OVERLAP_OCTETS:]
    if begun_at is not None:
        part.texts.append(octets - begun_at)
    _check_grid(part, file_name)
    return part


def _check_runs(block: bytes, file_name: str) -> None:
    """Refuse a text that fills a whole window: none that a spreadsheet makes is so long."""
    for at in range(0, len(block) - TEXT_BYTES_MAX + 1, TEXT_BYTES_MAX):
        if block.find(b"<", at, at + TEXT_BYTES_MAX) < 0:
            raise ContactFileError(FileFault.TOO_LARGE, file_name, octets_max=TEXT_BYTES_MAX)


def _note_references(part: _Part, octets: bytes) -> None:
    found = _REFERENCE.findall(octets)
    if found:
        part.row_last = max(part.row_last, max(map(int, [digits for _, digits in found])))
        part.column_last = max(part.column_last, max(_column(letters) for letters in {letters for letters, _ in found}))


def _note_hidden(part: _Part, octets: bytes) -> None:
    for before, behind in _HIDDEN_ROW.findall(octets):
        number = _ROW_NUMBER.search(before) or _ROW_NUMBER.search(behind)
        if number is not None:
            part.hidden.add(int(number[1]))


def _note_errors(part: _Part, octets: bytes) -> None:
    for attributes in _ERROR_CELL.findall(octets):
        place = _REFERENCE.search(attributes)
        if place is not None and 0 < (column := _column(place[1])) <= COLUMNS_MAX:
            row = int(place[2])
            part.errors[row] = part.errors.get(row, 0) | 1 << (column - 1)


def _cells(octets: bytes) -> int:
    """How many cells begin; names with a prefix are looked for only where one may be, for they cost as much again."""
    plain = len(_CELL.findall(octets))
    return plain + len(_CELL_PREFIXED.findall(octets)) if b":c" in octets else plain


def _uses(joined: bytes, seen: int) -> int:
    """How often `"s"` ends beyond what was seen: as the type of a cell it means a shared text."""
    fresh = joined[max(seen - 2, 0) :]
    return fresh.count(b'"s"') + fresh.count(b"'s'")


def _note_texts(part: _Part, octets: bytes, at: int, begun_at: int | None) -> int | None:
    for found in _TEXT_BEGINS.finditer(octets):
        place = at + found.start()
        if begun_at is not None and place <= begun_at:
            continue
        if begun_at is not None:
            part.texts.append(place - begun_at)
        begun_at = place
    return begun_at


def _check_grid(part: _Part, file_name: str) -> None:
    row_last, column_last = part.row_last, part.column_last
    if row_last > ROWS_MAX + 1:
        raise ContactFileError(FileFault.TOO_MANY_ROWS, file_name, rows=row_last, rows_max=ROWS_MAX)
    if column_last > COLUMNS_MAX:
        raise ContactFileError(FileFault.TOO_MANY_COLUMNS, file_name, columns=column_last, columns_max=COLUMNS_MAX)
    if row_last * column_last > SHEET_CELLS_MAX:
        raise ContactFileError(FileFault.TOO_LARGE, file_name, cells=row_last * column_last, cells_max=SHEET_CELLS_MAX)


def _check_shared_texts(archive: zipfile.ZipFile, parts: Mapping[str, _Part], file_name: str) -> None:
    """Refuse texts that come to too much when each cell has its own; first by the longest, then, where that is in
    doubt, by the texts that are used."""
    texts = max((part.texts for part in parts.values()), key=len, default=[])
    longest = max((max(part.texts, default=0) for part in parts.values()), default=0)
    for name, part in parts.items():
        if part.uses * longest <= SHARED_TEXT_BYTES_MAX:
            continue
        octets = _used_octets(archive, name, part, texts, longest)
        if octets > SHARED_TEXT_BYTES_MAX:
            raise ContactFileError(FileFault.TOO_LARGE, file_name, octets=octets, octets_max=SHARED_TEXT_BYTES_MAX)


def _used_octets(archive: zipfile.ZipFile, name: str, part: _Part, texts: list[int], longest: int) -> int:
    octets = uses = 0
    tail = b""
    with archive.open(name) as stream:
        while (block := stream.read(_BLOCK_OCTETS)) and octets <= SHARED_TEXT_BYTES_MAX:
            joined = tail + block
            last = 0
            for used in _TEXT_USED.finditer(joined):
                place = int(used[1])
                octets += texts[place] if place < len(texts) else longest
                uses += 1
                last = used.end()
            tail = joined[max(last, len(joined) - _OVERLAP_OCTETS) :]
    return octets + max(0, part.uses - uses) * longest  # what is written in another way counts in full


def _parts_of_sheets(archive: zipfile.ZipFile, parts: Mapping[str, _Part]) -> dict[str, str]:
    """Sheet by name -> its part. What cannot be read here names no rows as hidden, and the reader says the rest."""
    if _BOOK not in parts or _RELATIONS not in parts:
        return {}
    targets = {
        one.get("Id", ""): posixpath.normpath(posixpath.join("/xl", one.get("Target", ""))).lstrip("/")
        for one in map(_attributes, _RELATION.findall(_index(archive, _RELATIONS)))
    }
    found = {}
    for sheet in map(_attributes, _SHEET.findall(_index(archive, _BOOK))):
        relation = next((value for key, value in sheet.items() if key.endswith(":id")), "")
        found[sheet.get("name", "")] = targets.get(relation, "")
    return found


def _index(archive: zipfile.ZipFile, name: str) -> str:
    with archive.open(name) as stream:
        return stream.read(_INDEX_BYTES_MAX).decode("utf-8", "replace")


def _attributes(tag: str) -> dict[str, str]:
    return {key: html.unescape(double or single) for key, double, single in _ATTRIBUTE.findall(tag)}


def _column(letters: bytes) -> int:
    """The number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
