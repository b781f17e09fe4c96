"""Values of SIP headers: addresses with tags, Via, CSeq, lists, parameters (RFC 3261 §20, §25)."""

import re
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, NamedTuple

from baitie.wire.sip.errors import SipArgumentError, SipParseError
from baitie.wire.sip.message import Message

_NAME_ADDR: Final = re.compile(r'(?:"((?:[^"\\]|\\.)*)"\s*|([^"<]*))<([^<>]*)>(.*)\Z', re.DOTALL)
_PARAM: Final = re.compile(r';\s*([^\s;=,"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?\s*')
_VIA: Final = re.compile(
    r"SIP\s*/\s*\d+\.\d+\s*/\s*([A-Za-z0-9\-]+)\s+(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+)(?:\s*:\s*(\d{1,5}))?\s*(;.*)?\Z",
    re.IGNORECASE,
)
_PIECE: Final = re.compile(r'(?:[^",<]|"(?:[^"\\]|\\(?:.|\Z))*(?:"|\Z)|<[^>]*(?:>|\Z))+')
_BETWEEN_SEMICOLONS: Final = re.compile(r'(?:[^";]|"(?:[^"\\]|\\(?:.|\Z))*(?:"|\Z))+', re.DOTALL)
_LINE_SAFE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*\Z")
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9\-]+\Z")

REASON_LINES_MAX: Final = 8
REASON_CHARS_MAX: Final = 1000
"""What is kept of the Reason headers of one message."""
TAG_LINES_KEPT_MAX: Final = 256
TAGS_KEPT_LENGTH_MAX: Final = 200
"""Lines of option tags whose elements are remembered, and how long such a line may be."""


# These patterns are read over whatever a stranger sends: no two repetitions that can match the same text stand side by
# side, and what opens without closing runs to the end, so that each reads its text in linear time.


class Address(NamedTuple):
    """Name and address of a From, To, Contact, Route (名址): display name, URI text, parameters behind it."""

    display: str
    uri: str
    params: dict[str, str]


class Via(NamedTuple):
    """Via: where the answer goes back. `port` is 0 when none is written; parameter names are lower case."""

    transport: str
    host: str
    port: int
    params: dict[str, str]


class CSeq(NamedTuple):
    """Sequence number and method of a request."""

    number: int
    method: str


def parse_params(text: str) -> dict[str, str]:
    """Parameters `;a=b;c="d"` by lower-case name; quotes are taken off. The first of equal names counts."""
    params: dict[str, str] = {}
    position = 0
    text = text.strip()
    while position < len(text):
        match = _PARAM.match(text, position)
        if not match:
            raise SipParseError("A parameter cannot be read.")
        value = match[2] or ""
        if value[:1] == '"':
            value = unquoted(value)
        params.setdefault(match[1].lower(), value)
        position = match.end()
    return params


def unquoted(text: str) -> str:
    """The content of a quoted string."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def lenient_params(text: str) -> dict[str, str]:
    """Parameters `;a=b;c="d"` as far as they can be read; the first of equal names counts."""
    params: dict[str, str] = {}
    for piece in _BETWEEN_SEMICOLONS.findall(text):
        name, _, value = piece.partition("=")
        value = value.strip()
        if value[:1] == '"':
            value = unquoted(value) if len(value) > 1 and value[-1] == '"' else value[1:]
        if name.strip():
            params.setdefault(name.strip().lower(), value)
    return params


def split_list(value: str) -> list[str]:
    """The elements of a comma-separated value; commas in quotes and angle brackets do not split."""
    if "," not in value:
        return [value]
    return [piece.strip() for piece in _PIECE.findall(value) if piece.strip()]


def parse_address_untrusted(value: str) -> Address:
    """`"Name" <uri>;param` or `uri;param`. Raises only `SipParseError`."""
    if "<" in value:
        match = _NAME_ADDR.match(value.strip())
        if not match:
            raise SipParseError("An address cannot be read.")
        display = re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else (match[2] or "").strip()
        return Address(display, match[3].strip(), parse_params(match[4]))
    uri, semicolon, rest = value.strip().partition(";")
    uri = uri.rstrip()
    if not uri or '"' in uri or " " in uri:
        raise SipParseError("An address cannot be read.")
    return Address("", uri, parse_params(semicolon + rest))


def tag_of(value: str) -> str:
    """The tag of a From or To value, empty when there is none. Raises only `SipParseError`."""
    if '"' not in value:
        at = value.find(";tag=", value.rfind(">") + 1)
        if at >= 0:
            tag = value[at + 5 :]
            end = tag.find(";")
            return (tag if end < 0 else tag[:end]).strip()
    return parse_address_untrusted(value).params.get("tag", "")


def branch_of(via: str) -> str:
    """The branch of the first Via in a Via line, empty when there is none."""
    at = via.find(";branch=")
    if at < 0 or "," in via or '"' in via:
        return parse_via_untrusted(first_of(via)).params.get("branch", "")
    branch = via[at + 8 :]
    end = branch.find(";")
    return (branch if end < 0 else branch[:end]).strip()


def first_of(value: str) -> str:
    """The first element of a comma-separated value."""
    if "," not in value:
        return value
    return next(iter(split_list(value)), "")


def parse_via_untrusted(value: str) -> Via:
    """One Via element. Raises only `SipParseError`."""
    match = _VIA.match(value.strip())
    if not match:
        raise SipParseError("A Via cannot be read.")
    port = int(match[3] or 0)
    if port > 65_535:
        raise SipParseError("The port of a Via is above 65535.")
    return Via(match[1].upper(), match[2], port, parse_params(match[4] or ""))


def via_untrusted(value: str) -> Via:
    """One Via element as far as it can be read: enough to answer by. Raises `SipParseError` when it names no host."""
    try:
        return parse_via_untrusted(value)
    except SipParseError:
        sent_by, _, params = value.partition(";")
        return parse_via_untrusted(sent_by)._replace(params=lenient_params(params))


def with_via_param(via: str, name: str, value: str) -> str:
    """The Via element with this parameter filled in where it stands, or added at its end; the rest stays as it is."""
    position = via.find(";")
    while 0 <= position < len(via):
        match = _PARAM.match(via, position)
        if not match:
            break
        if match[1].lower() == name:
            return f"{via[: match.end(1)]}={value}{via[max(match.end(1), match.end(2)) :]}"
        position = match.end()
    return f"{via};{name}={value}"


def is_same_host(one: str, other: str) -> bool:
    """Whether two hosts are the same IP address, however written; names are never an address."""
    if one == other:
        return True
    try:
        return ip_address(one.strip("[]")) == ip_address(other.strip("[]"))
    except ValueError:
        return False


def parse_cseq_untrusted(value: str) -> CSeq:
    """`314159 INVITE`. Raises only `SipParseError`."""
    parts = value.split()
    if len(parts) != 2 or not (parts[0].isascii() and parts[0].isdigit() and len(parts[0]) <= 10):
        raise SipParseError("CSeq cannot be read.")
    number = int(parts[0])
    if number >= 1 << 31:
        raise SipParseError("CSeq is 2^31 or more.")
    return CSeq(number, parts[1])


def parse_seconds_untrusted(value: str) -> int:
    """A whole number of seconds in front of parameters or a comment. Raises only `SipParseError`."""
    match = re.match(r"\s*(\d{1,10})\s*(?:[;(].*)?\Z", value, re.DOTALL | re.ASCII)
    if not match:
        raise SipParseError("A number of seconds cannot be read.")
    return int(match[1])


def option_tags(lines: list[str]) -> frozenset[str]:
    """The lower-case elements of Supported, Require, Allow and the like."""
    if len(lines) == 1 and len(lines[0]) <= TAGS_KEPT_LENGTH_MAX:
        return _tags_of(lines[0])
    return frozenset(tag.strip().lower() for line in lines for tag in line.split(",") if tag.strip())


@lru_cache(TAG_LINES_KEPT_MAX)
def _tags_of(line: str) -> frozenset[str]:
    """Those of one line: a peer writes the same one into each of its messages."""
    return frozenset(tag.strip().lower() for tag in line.split(",") if tag.strip())


def checked_headers(headers: tuple[tuple[str, str], ...]) -> str:
    """Header lines for a request, from names and values of our own. Raises `SipArgumentError`."""
    out = ""
    for name, value in headers:
        if not _HEADER_NAME.match(name):
            raise SipArgumentError(header=name[:40])
        out += f"{name}: {checked_text(value, name)}\r\n"
    return out


def checked_text(text: str, what: str) -> str:
    """The text itself, if it holds no line break or other control character. Raises `SipArgumentError`."""
    if not _LINE_SAFE.match(text):
        raise SipArgumentError(header=what)
    return text


def reason_of(message: Message) -> str | None:
    """All Reason headers of a message as one list, as RFC 3261 §7.3.1 allows; `None` without any."""
    lines = message.every("reason")[:REASON_LINES_MAX]
    return presentable(", ".join(lines))[:REASON_CHARS_MAX] if lines else None


def presentable(text: str) -> str:
    """Text from the wire for people and stores: lone surrogates become replacement characters."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
