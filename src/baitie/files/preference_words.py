"""Preferences of callees as words: from options and cells, and back."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import time
from enum import StrEnum
from typing import TypeVar

from baitie.app.registers.registers import Registers
from baitie.domain.consent.register import Preference, ReachChannel
from baitie.files.register_cells import CellError
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import Purpose
from baitie.kernel.time import Window

_WINDOW = re.compile(r"(\d{1,2})(?::(\d\d)|[点點时時])\s*[-~–—至到]\s*(\d{1,2})(?::(\d\d)|[点點时時])")
_WORDS = re.compile(r"[,;、，；]")
_Word = TypeVar("_Word", bound=StrEnum)

NONE = "none"
"""Stands for no purpose or no channel at all, which is not the same as nothing being said of them."""

_NONE = (NONE, "无", "都不")
WISHES = ("windows", "purposes", "channels", "language")
"""The columns of a preference; one of them at least must be in its file."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")  # BCP 47: a language, perhaps with a region or script


def read_preference(
    registers: Registers, windows: Iterable[str], purposes: Iterable[str], channels: Iterable[str], language: str | None
) -> Preference:
    """A preference of these words, of nobody yet. Raises `ValueError` for words that mean nothing."""
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise ValueError("language")
    hours = []
    for text in windows:
        found = _WINDOW.fullmatch(unicodedata.normalize("NFKC", text).strip())
        if found is None:
            raise ValueError("window")
        opens_at, opens_minute, closes_at, closes_minute = (int(part or 0) for part in found.groups())
        if (closes_at, closes_minute) == (24, 0):
            closes_at = 0
        hours.append(Window(time(opens_at, opens_minute), time(closes_at, closes_minute)))
    return Preference(
        CalleeId(""),
        registers.now,
        registers.actor,
        tuple(hours),
        _among(Purpose, purposes),
        _among(ReachChannel, channels),
        language,
    )


def _among(kind: type[_Word], words: Iterable[str]) -> frozenset[_Word] | None:
    """The named words; None where none is named, for then nothing was wished. Raises `ValueError`."""
    named = list(words)
    if not named:
        return None
    return frozenset() if all(word in _NONE for word in named) else frozenset(map(kind, named))


def preference_of_cells(registers: Registers, cells: Mapping[str, str]) -> Preference:
    """The preference of a row, several words of a cell apart by commas. Raises `CellError`, which names the column."""

    def words(name: str) -> list[str]:
        return [word.strip() for word in _WORDS.split(cells.get(name, "")) if word.strip()]

    said = {"windows": words("windows"), "purposes": words("purposes"), "channels": words("channels")}
    language = cells.get("language") or None
    try:
        return read_preference(registers, **said, language=language)
    except ValueError:
        for column in WISHES:
            try:
                read_preference(
                    registers,
                    **{name: found if name == column else [] for name, found in said.items()},
                    language=language if column == "language" else None,
                )
            except ValueError as error:
                raise CellError(column, "word-unknown") from error
        raise


def cells_of(preference: Preference) -> dict[str, str]:
    """The inverse of `preference_of_cells`."""
    return {
        "windows": ", ".join(f"{w.opens_from:%H:%M}-{w.closes_until:%H:%M}" for w in preference.windows),
        "purposes": _shown(preference.purposes),
        "channels": _shown(preference.channels),
        "language": preference.language or "",
    }


def _shown(words: frozenset[_Word] | None) -> str:
    return "" if words is None else ", ".join(sorted(words)) or NONE
