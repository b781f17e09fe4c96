"""The one way in which signed statements become bytes, and the checks of the fields that they are read from."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

HASH_DIGITS = 64
KEY_DIGITS = 64
KEY_ID_DIGITS = 16
SIGNATURE_DIGITS = 128
TEXT_LENGTH_MAX = 200
SEQ_MAX = 2**53
"""Beyond that, other JSON readers lose digits (RFC 8259 §6)."""


def canonical_json(body: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys and no white space, in UTF-8, as the journal has it."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def text_in(body: Mapping[str, Any], name: str) -> str:
    """A text field of bounded length. Raises ValueError."""
    value = body.get(name)
    if not isinstance(value, str) or len(value) > TEXT_LENGTH_MAX:
        raise ValueError(name)
    return value


def digits_in(body: Mapping[str, Any], name: str, count: int) -> str:
    """A field of so many hexadecimal digits in lower case. Raises ValueError."""
    value = body.get(name)
    if not isinstance(value, str) or len(value) != count or not set(value) <= set("0123456789abcdef"):
        raise ValueError(name)
    return value


def count_in(body: Mapping[str, Any], name: str) -> int:
    """A whole number from 0. Raises ValueError."""
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= SEQ_MAX:
        raise ValueError(name)
    return value


def time_in(body: Mapping[str, Any], name: str) -> datetime:
    """An aware ISO time that is written as it would be written again. Raises ValueError."""
    text = text_in(body, name)
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or found.isoformat() != text:
        raise ValueError(name)
    return found


def date_in(body: Mapping[str, Any], name: str) -> date:
    """An ISO date. Raises ValueError."""
    text = text_in(body, name)
    found = date.fromisoformat(text)
    if found.isoformat() != text:
        raise ValueError(name)
    return found
