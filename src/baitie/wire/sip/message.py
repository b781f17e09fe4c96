"""SIP messages: from untrusted bytes to start line, headers and body, and exactly back (RFC 3261 §7)."""

import re
from typing import Final

from baitie.wire.sip.errors import SipParseError

MAX_MESSAGE_BYTES: Final = 65_535
"""The largest message taken: what one UDP datagram can hold."""
MAX_HEADER_LINES: Final = 200
"""More header lines than this are an attack, not a call: 70 Via hops and all known headers fit."""

_COMPACT: Final = {
    "i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length", "c": "content-type",
    "f": "from", "s": "subject", "k": "supported", "t": "to", "v": "via", "x": "session-expires",
    "o": "event", "r": "refer-to", "b": "referred-by", "u": "allow-events", "a": "accept-contact",
    "j": "reject-contact", "d": "request-disposition", "y": "identity",
}  # fmt: skip
_KNOWN: Final = (
    "Via", "From", "To", "Call-ID", "CSeq", "Contact", "Max-Forwards", "Content-Type", "Content-Length", "Record-Route",
    "Route", "Allow", "Supported", "Require", "Server", "User-Agent", "WWW-Authenticate", "Proxy-Authenticate",
    "Authorization", "Proxy-Authorization", "Expires", "Min-Expires", "Session-Expires", "Min-SE", "RSeq", "RAck",
    "Reason", "Retry-After", "Date", "Accept", "Unsupported", "Warning", "P-Asserted-Identity", "Timestamp",
)  # fmt: skip
_KEYS: Final = {
    **{name: name.lower() for name in _KNOWN},
    **{name.lower(): name.lower() for name in _KNOWN},
    **_COMPACT,
    **{short.upper(): long for short, long in _COMPACT.items()},
}
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+\Z")
_SINGLE: Final = ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type")
_DECISIVE: Final = {"from", "to", "call-id", "cseq", "content-type"}


class Message:
    """What requests and responses share. Header names are lower case and never compact; values are stripped text.

    Bytes that are not UTF-8 stand as lone surrogates in the text, so that `to_bytes` gives back what came.
    """

    __slots__ = ("body", "head", "headers")

    def __init__(self, head: str, headers: dict[str, list[str]], body: bytes) -> None:
        self.head = head
        self.headers = headers
        self.body = body

    def first(self, name: str) -> str:
        """The first value of the header, or the empty text."""
        values = self.headers.get(name)
        return values[0] if values else ""

    def every(self, name: str) -> list[str]:
        """Every line of this header, as written; lists within a line are not split."""
        return self.headers.get(name, [])

    def to_bytes(self) -> bytes:
        """The message as bytes, exactly as it was read (without what lay behind Content-Length)."""
        return self.head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + self.body


class Request(Message):
    """SIP request (请求): method, request URI and version as they stand in the start line."""

    __slots__ = ("method", "uri", "version")

    def __init__(
        self, method: str, uri: str, version: str, head: str, headers: dict[str, list[str]], body: bytes
    ) -> None:
        self.method = method
        self.uri = uri
        self.version = version
        super().__init__(head, headers, body)

    def __repr__(self) -> str:
        return f"Request({self.method}, {len(self.headers)} headers, {len(self.body)} bytes)"


class Response(Message):
    """SIP response (响应): status 100 to 699 and reason phrase.

    `is_contradictory`: it says two things of whose it is or of what its body is. Its status holds; it makes no call.
    """

    __slots__ = ("is_contradictory", "reason", "status")

    def __init__(
        self,
        status: int,
        reason: str,
        head: str,
        headers: dict[str, list[str]],
        body: bytes,
        is_contradictory: bool = False,
    ) -> None:
        self.status = status
        self.reason = reason
        self.is_contradictory = is_contradictory
        super().__init__(head, headers, body)

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.headers)} headers, {len(self.body)} bytes)"


def parse_message_untrusted(data: bytes) -> Request | Response:
    """One whole message, as a datagram or a stream framer holds it. Raises only `SipParseError`."""
    if len(data) > MAX_MESSAGE_BYTES:
        raise SipParseError("The message is larger than a datagram can be.", length_bytes=len(data))
    if data[:1] in (b"\r", b"\n"):
        data = data.lstrip(b"\r\n")
    end = data.find(b"\r\n\r\n")
    if end < 0:
        raise SipParseError("The header block has no end.")
    head = data[:end].decode("utf-8", "surrogateescape")
    lines = head.split("\r\n")
    breaks = len(lines) - 1
    if head.count("\n") != breaks or head.count("\r") != breaks or head.count("\0") != head.count("\\\0"):
        raise SipParseError("A line break, or a NUL that is not quoted, stands inside a line.")
    if breaks > MAX_HEADER_LINES:
        raise SipParseError("There are too many header lines.", lines=breaks)
    if "\r\n " in head or "\r\n\t" in head:
        lines = re.sub(r"\r\n[ \t]+", " ", head).split("\r\n")
    is_answer = lines[0][:4].upper() == "SIP/"
    headers, doubled = _headers(lines, is_answer)
    start = lines[0]
    if is_answer:
        body = _body_of_answer(headers, data[end + 4 :], "content-length" in doubled)
        return _response(start, head, headers, body, bool(_DECISIVE & doubled))
    if doubled:
        raise SipParseError("A header that may stand once stands twice.", header=min(doubled))
    return _request(start, head, headers, _body(headers, data[end + 4 :]))


def _headers(lines: list[str], is_answer: bool) -> tuple[dict[str, list[str]], set[str]]:
    """The headers, and which of those that may stand once say two things.

    A line that is no header makes a request malformed, which its sender is told. Of an answer it is passed over:
    nobody can be told, and a call that was answered would ring on.
    """
    headers: dict[str, list[str]] = {}
    doubled: set[str] = set()
    keys = _KEYS
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        key = keys.get(name)
        if key is None or not colon:
            if is_answer and not (colon and _TOKEN.match(name.rstrip(" \t"))):
                continue
            key = _key(name)
        if not colon:
            raise SipParseError("A header line has no colon.")
        if key in headers:
            headers[key].append(value.strip())
        else:
            headers[key] = [value.strip()]
    for name in _SINGLE:
        if name in headers and len(headers[name]) > 1:
            if len(set(headers[name])) > 1:  # saying the same twice leaves nothing in doubt
                doubled.add(name)
            del headers[name][1:]
    return headers, doubled


def _key(name: str) -> str:
    name = name.rstrip(" \t")
    if not _TOKEN.match(name):
        raise SipParseError("A header name is not a token.")
    name = name.lower()
    return _COMPACT.get(name, name)


def header_key(name: str) -> str:
    """The lower-case long name of a header, of whatever text: for messages that cannot be read otherwise."""
    name = name.lower()
    return _COMPACT.get(name, name)


def _body(headers: dict[str, list[str]], rest: bytes) -> bytes:
    if "content-length" not in headers:
        return rest
    length_bytes = content_length(headers["content-length"][0])
    if length_bytes > len(rest):
        raise SipParseError("The body is shorter than Content-Length says.")
    return rest[:length_bytes]


def _body_of_answer(headers: dict[str, list[str]], rest: bytes, is_in_doubt: bool) -> bytes:
    """As of a request, but where no length can be read it is the rest of the datagram, as without Content-Length."""
    try:
        length_bytes = content_length(headers["content-length"][0]) if "content-length" in headers else None
    except SipParseError:
        length_bytes = None
    if length_bytes is None or is_in_doubt:
        return rest
    if length_bytes > len(rest):  # cut off on the way: "MUST be discarded" (RFC 3261 §18.3)
        raise SipParseError("The body is shorter than Content-Length says.")
    return rest[:length_bytes]


def content_length(text: str) -> int:
    """Content-Length in bytes. Raises `SipParseError` for anything but a small whole number."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise SipParseError("Content-Length is not a number.")
    return int(text)


def _response(start: str, head: str, headers: dict[str, list[str]], body: bytes, is_contradictory: bool) -> Response:
    version, _, rest = start.partition(" ")
    digits, _, reason = rest.lstrip(" ").partition(" ")
    if version.upper() != "SIP/2.0" or not (len(digits) == 3 and digits.isascii() and digits.isdigit()):
        raise SipParseError("The status line is not SIP/2.0 and three digits.")
    status = int(digits)
    if not 100 <= status <= 699:
        raise SipParseError("The status lies outside 100 to 699.", status=status)
    return Response(status, reason, head, headers, body, is_contradictory)


def _request(start: str, head: str, headers: dict[str, list[str]], body: bytes) -> Request:
    parts = start.split(" ")
    if len(parts) != 3:
        raise SipParseError("The request line is not method, URI and version.")
    method, uri, version = parts
    if not uri or not _TOKEN.match(method) or version[:4].upper() != "SIP/":
        raise SipParseError("The request line is not method, URI and version.")
    return Request(method, uri, version.upper(), head, headers, body)
