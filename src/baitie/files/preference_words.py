"""Preferences of callees as words: from options and cells, and back."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import time

from baitie.app.registers.registers import Registers
from baitie.domain.consent.register import Preference, ReachChannel
from baitie.kernel.ids import CalleeId
from baitie.kernel.purpose import Purpose
from baitie.kernel.time import Window

_WINDOW = re.compile(r"(\d{1,2})(?::(\d\d)|[点點时時])\s*[-~–—至到]\s*(\d{1,2})(?::(\d\d)|[点點时時])")
_WORDS = re.compile(r"[,;、，；]")
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
        hours.append(Window(time(opens_at, opens_minute), time(closes_at, closes_minute)))
    return Preference(
        CalleeId(""),
        registers.now,
        registers.actor,
        tuple(hours),
        frozenset(map(Purpose, purposes)) or None,
        frozenset(map(ReachChannel, channels)) or None,
        language,
    )


def preference_of_cells(registers: Registers, cells: Mapping[str, str]) -> Preference:
    """The preference of a row, several words of a cell apart by commas. Raises `ValueError`."""

    def words(name: str) -> list[str]:
        return [word.strip() for word in _WORDS.split(cells.get(name, "")) if word.strip()]

    return read_preference(
        registers, words("windows"), words("purposes"), words("channels"), cells.get("language") or None
    )


def cells_of(preference: Preference) -> dict[str, str]:
    """The inverse of `preference_of_cells`."""
    return {
        "windows": ", ".join(f"{w.opens_from:%H:%M}-{w.closes_until:%H:%M}" for w in preference.windows),
        "purposes": ", ".join(sorted(preference.purposes or ())),
        "channels": ", ".join(sorted(preference.channels or ())),
        "language": preference.language or "",
    }
