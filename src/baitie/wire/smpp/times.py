"""Validity periods and times of SMPP: `YYMMDDhhmmsstnnp` (SMPP v3.4 §7.1.1)."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from baitie.wire.smpp.pdu import SmppError

VALIDITY_MAX_S: Final = 31 * 86_400 - 1  # what the day, hour, minute and second digits hold without months


def relative_time(validity_s: float) -> str:
    """A length from the moment of submission, in whole seconds rounded up; at least 1 s, at most 31 days."""
    seconds = min(max(math.ceil(validity_s), 1), VALIDITY_MAX_S)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"0000{day:02}{hour:02}{minute:02}{second:02}000R"


def absolute_time(at: datetime) -> str:
    """The aware instant `at` in its own zone, to the tenth of a second; offsets count in quarters of an hour."""
    offset = at.utcoffset()
    assert offset is not None, "an absolute SMPP time needs an aware datetime"
    quarters = round(offset.total_seconds() / 900)
    return f"{at:%y%m%d%H%M%S}{at.microsecond // 100_000}{abs(quarters):02}{'-' if quarters < 0 else '+'}"


def parse_time_untrusted(text: str, reference: datetime) -> datetime | None:
    """The instant that a validity period names; relative ones count from `reference`; empty gives None.

    Months and years of a relative time count as 30 and 365 days. Raises `SmppError`.
    """
    if not text:
        return None
    digits, mark = text[:15], text[15:]
    if len(text) != 16 or not (digits.isascii() and digits.isdigit()) or mark not in ("R", "+", "-"):
        raise SmppError(field="time")
    year, month, day, hour, minute, second = (int(digits[place : place + 2]) for place in range(0, 12, 2))
    try:
        if mark == "R":
            days = year * 365 + month * 30 + day
            return reference + timedelta(days=days, hours=hour, minutes=minute, seconds=second)
        offset = timedelta(minutes=15 * int(digits[13:15])) * (-1 if mark == "-" else 1)
        zone = timezone(offset) if offset else UTC
        tenth = int(digits[12])
        return datetime(2000 + year, month, day, hour, minute, second, tenth * 100_000, tzinfo=zone)
    except (ValueError, OverflowError) as error:
        raise SmppError(field="time") from error
