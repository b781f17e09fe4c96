"""Bodies of SIP messages: what each part of one is (RFC 3261 §7.4, RFC 2046 §5.1, RFC 5621).

A body is what its Content-Type says. Gateways to telephone networks put the session description beside others, such
as ISUP, into one multipart body, in any order and nested (RFC 3204, RFC 3372).
"""

import binascii
import re
from itertools import pairwise
from typing import Final, NamedTuple

from baitie.wire.sip.message import Message

SDP_KIND: Final = "application/sdp"
SDP_KINDS: Final = frozenset({SDP_KIND})
PARTS_MAX: Final = 32
NESTED_MAX: Final = 4
"""Parts of one body, and multiparts within one another, that are looked at: ISUP and SDP are two in one."""

_BOUNDARY: Final = re.compile(r';\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_HANDLING: Final = re.compile(r';\s*handling\s*=\s*"?([A-Za-z]+)', re.IGNORECASE)
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_NOT_ENCODED: Final = frozenset({"", "identity", "7bit", "8bit", "binary"})
_SESSION: Final = frozenset({"", "session"})


class Part(NamedTuple):
    """Part of a body (消息体部分): type and disposition in lower case, `handling` as written, `content` decoded.

    `content` is `None` where the encoding is not known, or the multipart cannot be read.
    """

    kind: str
    disposition: str
    handling: str
    content: bytes | None


def parts_untrusted(message: Message, kinds: frozenset[str]) -> list[Part]:
    """The parts that are no multipart themselves, in their order. Raises nothing.

    Of a multipart/alternative the last alternative that holds one of `kinds` counts (RFC 2046 §5.1.4).
    """
    if not message.body:
        return []
    headers = {name: message.first(name) for name in ("content-type", "content-disposition", "content-encoding")}
    return _parts(headers, message.body, kinds, 0)[:PARTS_MAX]


def sdp_untrusted(message: Message) -> bytes:
    """The session description that the message carries, or nothing. Raises nothing.

    A body without a Content-Type is one if it begins as one: the header is due (RFC 3261 §20.15), but an answered call
    is not to be thrown away for it.
    """
    body, kind = message.body, message.first("content-type")
    if not body:
        return b""
    if kind == SDP_KIND and "content-disposition" not in message.headers and "content-encoding" not in message.headers:
        return body
    if not kind:
        return body if body.lstrip()[:2] == b"v=" else b""
    for part in parts_untrusted(message, SDP_KINDS):
        if part.kind == SDP_KIND and part.disposition in _SESSION and part.content:
            return part.content
    return b""


def refusal_untrusted(message: Message, kinds: frozenset[str]) -> int:
    """The status with which a request is refused for its body, 0 where it is not (RFC 3261 §8.2.3). Raises nothing.

    415 for a type or encoding that we must understand and do not, 400 for a multipart that cannot be taken apart. Of
    the parts of a multipart only those that say `handling=required` must be understood: the call is in the others.
    """
    if not message.body:
        return 0
    kind = message.first("content-type")
    if not kind:
        return 0 if sdp_untrusted(message) else 415
    if kind in kinds and "content-encoding" not in message.headers:
        return 0
    parts = parts_untrusted(message, kinds)
    if message.first("content-encoding").strip().lower() not in _NOT_ENCODED:
        return 415
    is_multipart = _kind_of(kind).startswith("multipart/")
    for part in parts:
        is_needed = part.handling == "required" or not (is_multipart or part.handling == "optional")
        if is_needed and (part.kind not in kinds or part.content is None):
            return 415
    if is_multipart and (not parts or all(part.kind.startswith("multipart/") for part in parts)):
        return 400
    return 0


def _parts(headers: dict[str, str], content: bytes, kinds: frozenset[str], depth: int) -> list[Part]:
    written = headers.get("content-type", "text/plain")
    kind = _kind_of(written)
    said = headers.get("content-disposition", "")
    handling = _HANDLING.search(said)
    decoded = _decoded(headers, content)
    part = Part(kind, said.partition(";")[0].strip().lower(), handling[1].lower() if handling else "", decoded)
    if not kind.startswith("multipart/") or decoded is None:
        return [part]
    boundary = _BOUNDARY.search(written)
    pieces = _pieces(decoded, boundary[1] or boundary[2]) if boundary and depth < NESTED_MAX else []
    if not pieces:
        return [part._replace(content=None)]
    each = [_parts(*_headers_and_content(piece), kinds, depth + 1) for piece in pieces]
    if kind == "multipart/alternative":
        understood = [parts for parts in each if any(found.kind in kinds for found in parts)]
        return understood[-1] if understood else each[-1]
    return [found for parts in each for found in parts]


def _kind_of(content_type: str) -> str:
    """Type and subtype, without parameters and the blanks that may stand around the slash."""
    return "".join(content_type.partition(";")[0].split()).lower()


def _pieces(content: bytes, boundary: str) -> list[bytes]:
    """What stands between the delimiter lines; a missing last delimiter is forgiven."""
    delimiter = re.escape(boundary.encode("utf-8", "surrogateescape"))
    marks = re.finditer(rb"(?:\A|\r?\n)--" + delimiter + rb"(--)?[ \t]*(?:\r?\n|\Z)", content)
    bounds: list[tuple[int, int]] = []
    for mark in marks:
        bounds.append(mark.span())
        if mark[1] or len(bounds) > PARTS_MAX:
            break
    else:
        bounds.append((len(content), len(content)))
    return [content[before[1] : after[0]] for before, after in pairwise(bounds)]


def _headers_and_content(piece: bytes) -> tuple[dict[str, str], bytes]:
    if piece[:1] in (b"\r", b"\n"):  # no header at all
        return {}, piece.removeprefix(b"\r").removeprefix(b"\n")
    end = _HEAD_END.search(piece)
    if end is None:
        return {}, b""
    headers: dict[str, str] = {}
    head = re.sub(r"\r?\n[ \t]+", " ", piece[: end.start()].decode("utf-8", "surrogateescape"))
    for line in head.split("\n"):
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers.setdefault({"c": "content-type", "e": "content-encoding"}.get(name, name), value.strip())
    return headers, piece[end.end() :]


def _decoded(headers: dict[str, str], content: bytes) -> bytes | None:
    """The content without its transfer encoding: SIP needs none, and some stacks come from mail."""
    if headers.get("content-encoding", "").strip().lower() not in _NOT_ENCODED:
        return None
    encoding = headers.get("content-transfer-encoding", "").strip().lower()
    try:
        if encoding == "base64":
            return binascii.a2b_base64(content)
        if encoding == "quoted-printable":
            return binascii.a2b_qp(content)
    except ValueError:
        return None
    return content if encoding in _NOT_ENCODED else None
