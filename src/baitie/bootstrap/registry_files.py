"""Registries of refused calls: from a file or an address into the store, and what they say of a number."""

import codecs
import csv
import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple, Protocol

from baitie.adapters.registry_feed import https_pieces
from baitie.app.records import Batch
from baitie.bootstrap.desks import Desk
from baitie.bootstrap.settings import RegistrySettings
from baitie.domain.contacts import RejectReason, read_numbers
from baitie.domain.contacts.headings import is_number_heading
from baitie.domain.contacts.numbers import NumberReading
from baitie.domain.contacts.spellings import WHOLE_NUMBER_DIGITS_MIN
from baitie.domain.registries import (
    DoNotCallRegistry,
    NumberLines,
    RegistryFileError,
    RegistryFileFault,
    number_digits_untrusted,
)
from baitie.domain.registries.registry import is_registry_name
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalKind, JsonValue
from baitie.kernel.purpose import NumberClass

PIECE_BYTES = 1 << 20
REJECTED_SHARE_MAX = 0.5
"""A file more than half of whose lines are no numbers is not the registry that somebody meant."""

LEFT_OUT_NAMED_MAX = 10_000
"""So many lines that were no number are remembered by place and reason; all of them are counted."""

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


class RegistryNameError(InputError):
    """This is no name of a registry. Write it as rules do, in small letters, figures and hyphens: us-national-dnc."""

    code = "registry-name"


class RegistryUnknownError(InputError):
    """There is no copy of such a registry. `baitie registry list` shows those that there are."""

    code = "registry-unknown"


class RegistryFeed(Protocol):
    """Where a registry comes from (名录来源): its bytes piece by piece, from a file, an API or whatever delivers it."""

    def pieces(self) -> Generator[bytes, None, None]: ...


@dataclass(frozen=True, slots=True)
class FileFeed:
    """A registry's file (名录文件)."""

    path: Path

    def pieces(self) -> Generator[bytes, None, None]:
        """The file, a megabyte at a time."""
        with self.path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece


@dataclass(frozen=True, slots=True)
class AddressFeed:
    """A registry behind an https address (名录接口) that hands out the list as text."""

    address: str
    settings: RegistrySettings

    def pieces(self) -> Generator[bytes, None, None]:
        """The answer's body. Raises `RegistryFeedError`, `RegistryAddressError`."""
        allows_private = self.settings.allows_private_addresses
        return https_pieces(self.address, proxy=self.settings.proxy, allows_private_addresses=allows_private)


class LeftOut(NamedTuple):
    """A line of a registry's file from which no number, or not every number, was taken (未收录的行)."""

    line: int  # from 1
    reason: RejectReason


@dataclass(slots=True)
class RegistryReading:
    """Registry reading (名录解析): what became of the lines so far."""

    lines: int = 0
    has_begun: bool = False  # whether a line with a number was seen; above it there may be titles
    columns: tuple[int, ...] | None = None  # where a heading says that numbers stand; without one, in any
    left_out: list[LeftOut] = field(default_factory=list)  # the first of them; a heading is none
    left_out_count: int = 0

    def leave_out(self, reason: RejectReason) -> None:
        """Note the present line."""
        self.left_out_count += 1
        if len(self.left_out) < LEFT_OUT_NAMED_MAX:
            self.left_out.append(LeftOut(self.lines, reason))


def import_registry(
    desk: Desk, name: str, feed: RegistryFeed, source: str, as_of: date, region: str | None = None
) -> tuple[DoNotCallRegistry, RegistryReading]:
    """Take over a copy in place of the one before, and say which lines it lacks.

    Raises `RegistryFileError`, `RegistryNameError`, `StoreError`.
    """
    if not is_registry_name(name):
        raise RegistryNameError(name=name)
    country = region or desk.settings.enterprise.default_region
    reading = RegistryReading()
    with closing(feed.pieces()) as pieces:
        copy = desk.store.import_registry(
            name,
            _checked(numbers_of(pieces, country, reading)),
            as_of=as_of,
            at=desk.now,
            actor=desk.actor,
            source=source,
        )
    said: dict[str, JsonValue] = {
        "registry": name,
        "as_of": as_of.isoformat(),
        "numbers": copy.numbers,
        "rejected": copy.rejected,
        "source": source,
    }
    desk.keep(Batch(journal=[desk.entry(JournalKind.REGISTRY_IMPORTED, None, said)]))
    return copy, reading


def drop_registry(desk: Desk, name: str, reason: str) -> None:
    """Ask a registry no more. Raises `RegistryUnknownError`."""
    if not desk.store.drop_registry(name):
        raise RegistryUnknownError(name=name)
    desk.keep(Batch(journal=[desk.entry(JournalKind.REGISTRY_DROPPED, None, {"registry": name, "reason": reason})]))


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


def _checked(numbers: Iterable[str | None]) -> Iterator[str | None]:
    """The same, until it shows that this is no list of numbers."""
    taken = rejected = 0
    for number in numbers:
        if number is None:
            rejected += 1
        else:
            taken += 1
        yield number
    if not taken:
        raise RegistryFileError(RegistryFileFault.NO_NUMBERS, rejected=rejected)
    if rejected > REJECTED_SHARE_MAX * (taken + rejected):
        raise RegistryFileError(RegistryFileFault.TOO_MANY_REJECTED, taken=taken, rejected=rejected)
