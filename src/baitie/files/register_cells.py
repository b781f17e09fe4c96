"""Cells of registers' files: words and times as people write them."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from baitie.app.registers.registers import Registers
from baitie.domain.risk.checks import FOREVER_YEAR

_Word = TypeVar("_Word", bound=StrEnum)


class CellError(Exception):
    """A cell that cannot be read."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column)
        self.column, self.reason = column, reason


def word_of(cells: Mapping[str, str], column: str, kind: type[_Word]) -> _Word:
    """The word of a cell. Raises `CellError`."""
    try:
        return kind(cells.get(column, "").lower())
    except ValueError as error:
        raise CellError(column, "word-unknown") from error


_YEAR_LEAST = 1900
_FOREVER = datetime(FOREVER_YEAR, 1, 1, tzinfo=UTC)
"""What ends in the last year of the calendar has no end; later in that year some zones have no date for it."""

_CIVIL_TIME = re.compile(
    r"(\d{4})(?:/|\.|年)(\d{1,2})(?:/|\.|月)(\d{1,2})日?(?:[T\s]+(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2}))?[分秒]?)?"
)


def _iso(written: str) -> str:
    """A date as spreadsheets of the country write it, such as `2027/1/2 9:30` or `2027年1月2日`, as ISO 8601 has it."""
    found = _CIVIL_TIME.fullmatch(unicodedata.normalize("NFKC", written).strip())
    if found is None:
        return written
    year, *parts = (part or "0" for part in found.groups())
    month, day, hour, minute, second = (part.zfill(2) for part in parts)
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}"


def time_of(registers: Registers, cells: Mapping[str, str], column: str) -> datetime | None:
    """The time of a cell, on the enterprise's clock where it names none; None where it is blank. Raises `CellError`."""
    written = cells.get(column, "")
    if not written:
        return None
    try:
        at = datetime.fromisoformat(_iso(written))
    except ValueError as error:
        raise CellError(column, "time-unreadable") from error
    at = at if at.tzinfo is not None else at.replace(tzinfo=registers.policy.zone)
    if at.year < _YEAR_LEAST:
        raise CellError(column, "time-unreadable")
    return at if at.year < FOREVER_YEAR else _FOREVER


_NOT_YET = ("", "0", "-", "--", "/", "no", "n", "false", "none", "null", "n/a", "否", "无", "未", "未撤回")
_FOR_GOOD = ("永久", "永远", "长期", "无限期", "forever", "permanent", "never", "indefinite", "indefinitely")


def has_happened(cells: Mapping[str, str], column: str) -> bool:
    """Whether a cell for a time says that something happened, in whatever words: `2026-03-01`, `已撤回`, `yes`."""
    return cells.get(column, "").strip().lower() not in _NOT_YET


def is_for_good(cells: Mapping[str, str], column: str) -> bool:
    """Whether a cell for an end says that there is none."""
    return cells.get(column, "").strip().lower() in _FOR_GOOD
