"""Messages that cannot be read as a whole: what can be made of them (RFC 3261 §18.3, §21.4.1, RFC 4475)."""

import re
from typing import Final

from baitie.wire.sip.message import MAX_HEADER_LINES, MAX_MESSAGE_BYTES, Request, header_key

MENDED_BYTES_MAX: Final = 8_192
"""No answer to a call is longer, and whoever floods us with longer ones gets no more of our time."""
_FOLD: Final = re.compile(r"\r\n[ \t]+")
_ANY_HEAD_END: Final = re.compile(rb"\r?\n\r?\n|\r\r")
_ANY_LINE_END: Final = re.compile(rb"\r?\n|\r")
_UNSAFE: Final = re.compile(r"[\x00\r\n]")
_METHOD: Final = re.compile(r"\s*([A-Za-z0-9\-.!%*_+`'~]{1,64})(?:\s|\Z)")
_REPEATED: Final = frozenset(("via", "from", "to", "call-id", "cseq", "content-length"))


def mended_answer_untrusted(data: bytes) -> bytes:
    """An answer whose lines end otherwise than with CR LF, or that has NULs, as it was meant; else empty. Raises
    nothing. A request so written is malformed, which its sender is told; of an answer nobody can be told."""
    if data.lstrip(b"\r\n")[:4].upper() != b"SIP/":
        return b""
    if len(data) > MENDED_BYTES_MAX:
        return b""
    head, *body = _ANY_HEAD_END.split(data.lstrip(b"\r\n"), 1)
    if not body or head.count(b"\n") + head.count(b"\r") > 2 * MAX_HEADER_LINES:
        return b""
    return _ANY_LINE_END.sub(b"\r\n", head.replace(b"\0", b"")) + b"\r\n\r\n" + body[0]


def salvaged_untrusted(data: bytes) -> tuple[Request, int] | None:
    """What of an unreadable request an answer repeats, and the status to answer with. Raises nothing.

    `None` where nothing may be answered: to responses, to ACK, and to what names no way back.
    """
    end = data.find(b"\r\n\r\n")
    head = data[: end if end >= 0 else MAX_MESSAGE_BYTES].lstrip(b"\r\n").decode("utf-8", "surrogateescape")
    start, *lines = _FOLD.sub(" ", head).split("\r\n")[: MAX_HEADER_LINES + 1]
    method = _METHOD.match(start)
    if method is None or method[1].upper() == "ACK" or start.lstrip()[:4].upper() == "SIP/":
        return None
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        key = header_key(name.strip())
        if colon and key in _REPEATED and not _UNSAFE.search(value):
            headers.setdefault(key, []).append(value.strip())
    if "via" not in headers:
        return None
    lengths = [text for text in headers.pop("content-length", []) if text.isascii() and text.isdigit()]
    too_large = any(len(text) > 9 or int(text) > MAX_MESSAGE_BYTES for text in lengths)
    return Request(method[1], "", "", "", headers, b""), 413 if too_large else 400
