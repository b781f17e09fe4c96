"""JSON as it is signed, base64url without padding, and both back from untrusted bytes with bounds (RFC 8225 §9)."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from baitie.kernel.journal import JsonValue
from baitie.wire.passport.errors import PassportError

JSON_OCTETS_MAX = 16_384
"""Of one header or claims object: a name, a reason, a jCard with a dozen pictures and their digests fit many times."""

JSON_DEPTH_MAX = 12
"""A jCard inside `rcd` inside the claims needs 6."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")


def signed_json(value: JsonValue) -> bytes:
    """JSON with sorted keys and no white space, in UTF-8 (RFC 8225 §9): what is signed and what digests are over."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def to_base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url_untrusted(text: str) -> bytes:
    """The octets of one base64url text without padding. Raises only `PassportError`."""
    if not _BASE64URL.match(text) or len(text) % 4 == 1:
        raise PassportError("A part of the token is not base64url.")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise PassportError("A part of the token is not base64url.") from error
    if to_base64url(data) != text:  # another text with the same octets would carry the same signature
        raise PassportError("A part of the token is not written in the one way that base64url has.")
    return data


def read_json_untrusted(data: bytes, octets_max: int = JSON_OCTETS_MAX) -> JsonValue:
    """One JSON value. Doubled keys, numbers without end and deep nesting are refused. Raises only `PassportError`."""
    if len(data) > octets_max:
        raise PassportError("A JSON text is too long.", octets=len(data), octets_max=octets_max)
    try:
        value: JsonValue = json.loads(data.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_refuse)
        signed_json(value)  # lone surrogates can be written in JSON and not in UTF-8
    except (ValueError, RecursionError) as error:
        raise PassportError("A JSON text cannot be read.") from error
    if _is_deeper_than(value, JSON_DEPTH_MAX):
        raise PassportError("A JSON text is nested too deeply.", depth_max=JSON_DEPTH_MAX)
    return value


def read_object_untrusted(data: bytes, octets_max: int = JSON_OCTETS_MAX) -> dict[str, JsonValue]:
    """One JSON object. Raises only `PassportError`."""
    value = read_json_untrusted(data, octets_max)
    if not isinstance(value, dict):
        raise PassportError("A JSON object is expected.")
    return value


def text_claim(body: Mapping[str, JsonValue], key: str, length_max: int) -> str | None:
    """A text of bounded length without control characters; None where there is none. Raises `PassportError`."""
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > length_max or any(ord(mark) < 32 for mark in value):
        raise PassportError("A text in the token cannot stand there.", claim=key)
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _is_deeper_than(value: JsonValue, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    within = value.values() if isinstance(value, dict) else value
    return depth == 0 or any(_is_deeper_than(part, depth - 1) for part in within)
