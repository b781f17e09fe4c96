"""Ids: time-ordered text, made from a civil time and a source of chance that are handed in."""

from collections.abc import Callable
from typing import NewType

CampaignId = NewType("CampaignId", str)
CalleeId = NewType("CalleeId", str)
LeadId = NewType("LeadId", str)
AttemptId = NewType("AttemptId", str)
CardId = NewType("CardId", str)
InboundId = NewType("InboundId", str)
AgentId = NewType("AgentId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32 in lower case: no i, l, o, u
_TIME_DIGITS = 9  # 45 bits of milliseconds: until the year 3084
_CHANCE_DIGITS = 12  # 60 bits: two ids of one millisecond collide with chance 1e-18


def time_ordered(prefix: str, unix_ms: int, random_bits: Callable[[int], int]) -> str:
    """An id such as `at_01hx...`: sorts by the time it was made; `random_bits(n)` gives n bits."""
    return f"{prefix}_{_digits(unix_ms, _TIME_DIGITS)}{_digits(random_bits(60), _CHANCE_DIGITS)}"


def _digits(value: int, count: int) -> str:
    out = [""] * count
    for place in range(count - 1, -1, -1):
        out[place] = _ALPHABET[value & 31]
        value >>= 5
    return "".join(out)
