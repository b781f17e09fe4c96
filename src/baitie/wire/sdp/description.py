"""Session descriptions (RFC 4566): what the peer says about its media, read with care."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from baitie.kernel.errors import WireError

BODY_BYTES_MAX = 16_384
LINES_MAX = 400
MEDIA_MAX = 8
FORMATS_MAX = 64

_ADDRESS = re.compile(r"[0-9A-Za-z.:%_-]{1,255}")  # an IP address or a domain name
_FORMAT = re.compile(r"[!#-~]{1,64}")

Line: TypeAlias = tuple[str, str]


class SdpError(WireError):
    """The session description does not follow RFC 4566. The call cannot have media: refuse it with 488 or end it."""

    code = "sdp-malformed"


class Direction(StrEnum):
    """Which way audio flows (媒体方向), as the side that says it sees it. A call is held by taking a way out."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def may_send(self) -> bool:
        """Whether the speaker of this direction sends."""
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def may_receive(self) -> bool:
        """Whether the speaker of this direction receives."""
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    def seen_from_peer(self) -> "Direction":
        """The same flows as the other side sees them."""
        return direction_of(self.may_receive, self.may_send)


_DIRECTIONS = {each.value: each for each in Direction}


def direction_of(may_send: bool, may_receive: bool) -> Direction:
    """The direction with these two flows."""
    if may_send:
        return Direction.SENDRECV if may_receive else Direction.SENDONLY
    return Direction.RECVONLY if may_receive else Direction.INACTIVE


@dataclass(frozen=True, slots=True)
class MediaDescription:
    """One `m=` section. `port` 0 means refused. `lines` holds all its lines, the `m=` line first."""

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    connection: str | None
    rtpmap: dict[int, tuple[str, int]]  # payload type -> (encoding name in upper case, clock rate)
    ptime_ms: int | None
    direction: Direction
    rtcp_port: int | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """Session description (会话描述). `connection` is the session-level address, `lines` the session-level lines."""

    session_id: int
    version: int
    connection: str | None
    media: tuple[MediaDescription, ...]
    lines: tuple[Line, ...]


def serialise(description: SessionDescription) -> bytes:
    """The description as bytes: what was parsed, with CRLF line ends."""
    lines = [*description.lines]
    for media in description.media:
        lines += media.lines
    return "".join(f"{kind}={value}\r\n" for kind, value in lines).encode("latin-1")


def parse_sdp_untrusted(data: bytes) -> SessionDescription:
    """Read a body of type application/sdp. Raises SdpError only.

    Line ends may be CRLF or LF. Unknown lines and attributes are kept and otherwise passed over.
    """
    lines = _lines(data)
    if lines[0] != ("v", "0"):
        raise SdpError("The session description does not begin with v=0.")
    starts = [index for index, (kind, _) in enumerate(lines) if kind == "m"]
    if len(starts) > MEDIA_MAX:
        raise SdpError("The session description has too many media sections.", media_max=MEDIA_MAX)
    head = lines[: starts[0]] if starts else lines
    session_id, version = _origin(head)
    connection = _connection(head)
    direction = _direction(head) or Direction.SENDRECV
    bounds = [*starts, len(lines)]
    media = tuple(_media(lines[start:end], connection, direction) for start, end in pairwise(bounds))
    return SessionDescription(session_id, version, connection, media, head)


def _lines(data: bytes) -> tuple[Line, ...]:
    if len(data) > BODY_BYTES_MAX:
        raise SdpError("The session description is too long.", bytes=len(data), bytes_max=BODY_BYTES_MAX)
    text = data.decode("latin-1")  # any byte survives the way back; what we interpret is ASCII
    rows = text.split("\n", LINES_MAX + 1)
    if len(rows) > LINES_MAX:
        raise SdpError("The session description has too many lines.", lines_max=LINES_MAX)
    lines: list[Line] = []
    for row in rows:
        row = row.removesuffix("\r")
        if not row:
            continue  # an empty line at the end is common and harmless
        if len(row) < 2 or row[1] != "=" or not ("a" <= row[0] <= "z") or "\0" in row or "\r" in row:
            raise SdpError("A line of the session description is not of the form letter=value.", line=len(lines) + 1)
        lines.append((row[0], row[2:]))
    if not lines:
        raise SdpError("The session description is empty.")
    return tuple(lines)


def _origin(head: tuple[Line, ...]) -> tuple[int, int]:
    fields = _value(head, "o").split(" ")
    if len(fields) != 6:
        raise SdpError("The o= line does not have six fields.")
    return _integer(fields[1], 2**64 - 1), _integer(fields[2], 2**64 - 1)


def _value(lines: tuple[Line, ...], kind: str) -> str:
    for name, value in lines:
        if name == kind:
            return value
    raise SdpError("A required line of the session description is missing.", line=f"{kind}=")


def _connection(lines: tuple[Line, ...]) -> str | None:
    for kind, value in lines:
        if kind == "c":
            fields = value.split()
            if len(fields) != 3 or fields[0] != "IN" or fields[1] not in ("IP4", "IP6"):
                raise SdpError("The c= line is not of the form IN IP4 address or IN IP6 address.")
            address = fields[2].split("/")[0]  # multicast may add a time to live
            if not _ADDRESS.fullmatch(address):
                raise SdpError("The c= line has no usable address.")
            return address
    return None


def _media(lines: tuple[Line, ...], connection: str | None, direction: Direction) -> MediaDescription:
    fields = lines[0][1].split()
    if not 4 <= len(fields) <= 3 + FORMATS_MAX or not all(_FORMAT.fullmatch(entry) for entry in fields):
        raise SdpError("An m= line is not of the form kind port protocol formats.")
    port = _integer(fields[1].split("/")[0], 65535)
    section_connection = _connection(lines) or connection
    if port and section_connection is None:
        raise SdpError("A media section has no c= line, and neither has the session.")
    ptime = _attribute(lines, "ptime", lambda value: _integer(value.split(".")[0].strip(), 10_000))
    rtcp = _attribute(lines, "rtcp", lambda value: _integer(value.split(" ")[0], 65535))
    return MediaDescription(
        kind=fields[0].lower(),
        port=port,
        protocol=fields[2].upper(),
        formats=tuple(fields[3:]),
        connection=section_connection,
        rtpmap=_rtpmap(lines),
        ptime_ms=ptime or None,
        direction=_direction(lines) or direction,
        rtcp_port=rtcp or None,
        lines=lines,
    )


def _direction(lines: tuple[Line, ...]) -> Direction | None:
    for kind, value in lines:
        if kind == "a" and (found := _DIRECTIONS.get(value.strip())) is not None:
            return found
    return None


def _attribute(lines: tuple[Line, ...], name: str, read: Callable[[str], int]) -> int | None:
    for kind, value in lines:
        if kind == "a" and value.startswith(name + ":"):
            return read(value[len(name) + 1 :].strip())
    return None


def _rtpmap(lines: tuple[Line, ...]) -> dict[int, tuple[str, int]]:
    found: dict[int, tuple[str, int]] = {}
    for kind, value in lines:
        if kind == "a" and value.startswith("rtpmap:"):
            payload_type, _, encoding = value[7:].strip().partition(" ")
            name, _, clock = encoding.strip().partition("/")
            found[_integer(payload_type, 127)] = (name.upper(), _integer(clock.split("/")[0], 1_000_000))
    return found


def _integer(text: str, largest: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20) or int(text) > largest:
        raise SdpError("A number in the session description is missing or out of range.", largest=largest)
    return int(text)
