"""Cells of the registers as people read them: codes in words, times to the minute. Files and scripts keep the codes."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from baitie.app.registers.registers import Registers
    from baitie.locale.catalogue import Catalogue

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?([+-]\d\d:\d\d)")
_OF_SEVERAL = frozenset({"purposes", "channels"})


def worded(texts: "Catalogue", column: str, cell: str) -> str:
    """A cell in words. What is no code, such as somebody's name, stays as it is."""
    time = _TIME.fullmatch(cell)
    if time is not None:
        return f"{time[1]} {time[2]}{time[3]}"
    if column in _OF_SEVERAL:
        return texts.text("joined").join(texts.text_or(f"word.{column}.{code}", code) for code in cell.split(", "))
    return texts.text_or(f"word.{column}.{cell}", cell)


def clock(registers: "Registers", at: "datetime") -> str:
    """A time on the enterprise's clock, to the minute."""

    return at.astimezone(registers.policy.zone).isoformat(sep=" ", timespec="minutes")
