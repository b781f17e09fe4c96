"""Canonical JSON (规范 JSON): sorted keys, no white space, characters as they are. Equal values give equal text."""

from collections.abc import Callable
from json import JSONEncoder, encoder
from typing import Any

__all__ = ["to_json"]

_plain = JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _made_once() -> Callable[[Any], str]:
    """`JSONEncoder.encode` makes a new encoder in C at each call, which takes longer than to write a short value."""
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:  # an interpreter that has it in Python only
        return _plain.encode
    # Without a look-out for circles, which end in a RecursionError.
    pieces_of = make(
        None, _plain.default, encoder.encode_basestring, None, _plain.key_separator, _plain.item_separator,
        _plain.sort_keys, _plain.skipkeys, _plain.allow_nan,
    )  # fmt: skip

    def written(value: Any) -> str:
        return "".join(pieces_of(value, 0))

    return written


to_json = _made_once()
"""The text of a value. Raises TypeError and RecursionError for what is not JSON."""
