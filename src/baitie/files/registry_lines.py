"""Registries of refused calls: from a file or an address into the store, and what they say of a number."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence

from baitie.app.registers.registries import RegistryReading
from baitie.domain.contacts import RejectReason, read_numbers
from baitie.domain.contacts.headings import is_number_heading
from baitie.domain.contacts.numbers import NumberReading
from baitie.domain.contacts.spellings import WHOLE_NUMBER_DIGITS_MIN
from baitie.domain.registries import NumberLines, RegistryFileError, RegistryFileFault, number_digits_untrusted
from baitie.kernel.purpose import NumberClass

_FAST = re.compile(rb"\+(?:861[3-9]\d{9}|1[2-9]\d{9})\s*")
_NO_NUMBER_BEHIND = rb"(?:[,;\t](?!.*(?:\d{7}|\d{3}[ )-]+\d{3,4}[ -]\d{4})).*)?"
_FAST_COUNTRIES = {
    "CN": ("+86", re.compile(rb'\s*"?(?:86)?(1[3-9]\d{9})"?\s*' + _NO_NUMBER_BEHIND)),
    "US": ("+1", re.compile(rb'\s*"?1?([2-9]\d\d)"?[,;\t]?"?(\d{7})"?\s*' + _NO_NUMBER_BEHIND)),
}
"""Whole registries of these countries are of one plain form, which needs no look into the numbering plans."""

_OF_PERSONS = (NumberClass.MOBILE, NumberClass.FIXED)
"""What is taken from a column that no heading calls one of numbers."""

_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_AREA_HEADINGS = ("area", "area code", "areacode", "area_code", "npa", "区号")
_CELLS = re.compile(r"[,;\t|]")
_COMMENT = re.compile(rb"\s*(?:#|//|--)(?!.*\d{5})")
"""A line that a person wrote for others; with so many digits it may be a number that somebody put a sign before."""

_RANGE_HEADINGS = (
    re.compile(r"起始|开始|起號|起号|首号|\b(?:start|begin|first|from)\b"),
    re.compile(r"终止|結束|结束|截止号|止号|末号|\b(?:end|last|to)\b"),
)
_DATE = re.compile(r"\d{4}([-./])\d{1,2}\1\d{1,2}|\d{4}年")
_RISING_TAIL = re.compile(r"(\d[\d\s]*?)\s*-\s*(\d{2,4})\s*")


def numbers_of(pieces: Iterable[bytes], country: str, reading: RegistryReading) -> Iterator[str | None]:
    """E.164 of each number on the lines that are not blank; None for a line that holds none, such as a heading.

    Lines in the plain form of great registries take the short way; whatever else a line is, the reader of contact
    lists says which numbers it holds.
    """
    fast = _FAST_COUNTRIES.get(country)
    for line in NumberLines().lines(_as_utf8(pieces)):
        reading.lines += 1
        is_first = reading.columns in (None, (0,))
        if is_first and _FAST.fullmatch(line):
            yield line.strip().decode("ascii")
        elif is_first and fast is not None and (plain := fast[1].fullmatch(line)):
            yield fast[0] + b"".join(group for group in plain.groups() if group).decode("ascii")
        elif line.strip(b"\xef\xbb\xbf \t\r,;|") and not _COMMENT.match(line):
            yield from _numbers_of_line(line, country, reading)


def _numbers_of_line(line: bytes, country: str, reading: RegistryReading) -> Iterator[str | None]:
    cells = _cells_of(_text_of(line))
    if _is_heading(cells, reading):
        _refuse_ranges(cells)
        is_divided = any(cell.strip().lower() in _AREA_HEADINGS for cell in cells)
        places = tuple(place for place, cell in enumerate(cells) if is_number_heading(cell))
        reading.columns = None if is_divided or not places else places
        yield None
        return
    reading.has_begun = reading.has_begun or any(_is_numeric(cell) for cell in cells)
    found = _of_columns(cells, country, reading)
    if len(cells) > 1 and not found[0] and (joined := number_digits_untrusted(line)) is not None:
        has_country, digits = joined  # two columns of area code and number are one number
        whole = read_numbers(("+" if has_country else "") + digits, country)
        found = (
            (found[0], whole) if isinstance(whole, RejectReason) else ([one.number.e164() for one in whole[0]], None)
        )
    numbers, reason = found
    if reason is not None:
        reading.leave_out(reason)
    if not numbers:
        yield None
    yield from numbers


def _is_heading(cells: Sequence[str], reading: RegistryReading) -> bool:
    """Whether a line names the columns: the first one, or below titles one that names a column of numbers."""
    if reading.has_begun or any(_is_numeric(cell) for cell in cells):
        return False
    return (reading.lines == 1 and not any(char.isdigit() for char in "".join(cells))) or (
        reading.columns is None and any(map(is_number_heading, cells))
    )


def _is_numeric(cell: str) -> bool:
    return sum(char.isdigit() for char in cell) >= WHOLE_NUMBER_DIGITS_MIN and not _DATE.search(cell)


def _refuse_ranges(cells: Sequence[str]) -> None:
    """Refuse a list of the first and the last number of blocks: those between would be called."""
    if all(any(pattern.search(cell.lower()) for cell in cells) for pattern in _RANGE_HEADINGS):
        raise RegistryFileError(RegistryFileFault.RANGES, found=", ".join(cells))


def _may_be_range(written: str, reading: NumberReading) -> bool:
    """Whether what reads as an extension of a mobile number may be the end of a range: `13800138000-8009`."""
    tail = _RISING_TAIL.fullmatch(written)
    return (
        tail is not None
        and reading.number_class is NumberClass.MOBILE
        and tail[2] > tail[1].replace(" ", "")[-len(tail[2]) :]
    )


def _of_columns(cells: list[str], country: str, reading: RegistryReading) -> tuple[list[str], RejectReason | None]:
    """The numbers in the columns of numbers, or in any; and why something that looks like one was left out."""
    wanted = range(len(cells)) if reading.columns is None else reading.columns
    numbers: list[str] = []
    reason: RejectReason | None = None
    for place in wanted:
        found = read_numbers(cells[place] if place < len(cells) else "", country)
        if isinstance(found, RejectReason):
            is_blank = found is RejectReason.NUMBER_MISSING
            reason = reason or (None if is_blank or (numbers and reading.columns is None) else found)
            continue
        readings, left_out = found
        if _may_be_range(cells[place], readings[0]):
            reason = reason or RejectReason.NUMBER_RANGE
        if place == 0 or reading.columns is not None:
            numbers += [one.number.e164() for one in readings]
            reason = RejectReason.SEVERAL_NUMBERS if left_out else reason
        elif persons := [one.number.e164() for one in readings if one.number_class in _OF_PERSONS]:
            numbers += persons
            reason = RejectReason.SEVERAL_NUMBERS if left_out else None
    if not numbers and reason is None:
        reason = RejectReason.NUMBER_MISSING
    return list(dict.fromkeys(numbers)), reason


def _cells_of(text: str) -> list[str]:
    """The columns of a line; a cell in quotes may hold the signs that divide columns."""
    text = text.strip()
    if '"' not in text:
        return _CELLS.split(text)
    divider = max(",;\t", key=text.count)
    return next(csv.reader([text], delimiter=divider), [""]) or [""]


def _text_of(line: bytes) -> str:
    """The line as text. Digits and signs are the same octets in every encoding that such files come in."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")


def _as_utf8(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces in UTF-8 where a mark at their beginning says that they are UTF-16."""
    decoder: codecs.IncrementalDecoder | None = None
    for place, piece in enumerate(pieces):
        if place == 0 and piece[:2] in _UTF16:
            decoder = codecs.getincrementaldecoder(_UTF16[piece[:2]])("replace")
            piece = piece[2:]
        yield piece if decoder is None else decoder.decode(piece).encode()
