"""Session descriptions (RFC 4566): what the peer says about its media, read for what is used of it.

What cannot be read counts as absent: somebody has picked up the telephone, and a flaw in a line that nobody needs must
not hang up on them. A description is refused only where no audio could follow from it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from baitie.kernel.errors import WireError

BODY_BYTES_MAX = 16_384
LINES_MAX = 400
MEDIA_MAX = 8
FORMATS_MAX = 64

_LINE = re.compile(r"\s*([a-z])[ \t]*=(.*)")
_ADDRESS = re.compile(r"[0-9A-Za-z.:%_-]{1,255}")  # an IP address or a domain name
_FORMAT = re.compile(r"[!#-~]{1,64}")
_RTPMAP = re.compile(r"(\d{1,3})\s+([!#-.0-~]{1,64})(?:\s*/\s*(\d{1,7}))?")
_CLOCK_KNOWN = {"PCMA": 8000, "PCMU": 8000, "TELEPHONE-EVENT": 8000}  # where a peer leaves the clock rate out

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


_DIRECTIONS = {each.value: each for each in Direction}


def direction_of(may_send: bool, may_receive: bool) -> Direction:
    """The direction with these two flows."""
    if may_send:
        return Direction.SENDRECV if may_receive else Direction.SENDONLY
    return Direction.RECVONLY if may_receive else Direction.INACTIVE


@dataclass(frozen=True, slots=True)
class MediaDescription:
    """One `m=` section. `port` 0 means refused. `lines` holds all its lines, the `m=` line first.

    A section whose `m=` line cannot be read has no `kind` and port 0.
    """

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
    """Session description (会话描述). `connection` is the session-level address, `lines` the session-level lines.

    `session_id` and `version` are text: nothing is decided by them, and they may have any number of digits.
    """

    session_id: str
    version: str
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
    """Read a body of type application/sdp. Raises SdpError only: another version, beyond the bounds, no way to audio.

    Line ends may be CRLF, LF or CR. Unknown lines and attributes are kept and otherwise passed over.
    """
    lines = _lines(data)
    if lines[0][0] == "v" and lines[0][1].strip() != "0":
        raise SdpError("The session description is of another version than 0.")
    starts = [index for index, (kind, _) in enumerate(lines) if kind == "m"]
    if len(starts) > MEDIA_MAX:
        raise SdpError("The session description has too many media sections.", media_max=MEDIA_MAX)
    head = lines[: starts[0]] if starts else lines
    session_id, version = _origin(head)
    connection = _connection(head)
    direction = _direction(head) or Direction.SENDRECV
    bounds = [*starts, len(lines)]
    media = tuple(_media(lines[start:end], connection, direction) for start, end in pairwise(bounds))
    if media and not any(section.kind for section in media):
        raise SdpError("No m= line is of the form kind port protocol formats.")
    if any(section.port for section in media) and not any(section.connection for section in media):
        raise SdpError("Neither a media section nor the session has a c= line with a usable address.")
    return SessionDescription(session_id, version, connection, media, head)


def _lines(data: bytes) -> tuple[Line, ...]:
    if len(data) > BODY_BYTES_MAX:
        raise SdpError("The session description is too long.", bytes=len(data), bytes_max=BODY_BYTES_MAX)
    text = data.decode("latin-1")  # any byte survives the way back; what we interpret is ASCII
    rows = text.replace("\r\n", "\n").replace("\r", "\n").split("\n", LINES_MAX + 1)
    if len(rows) > LINES_MAX:
        raise SdpError("The session description has too many lines.", lines_max=LINES_MAX)
    lines: list[Line] = []
    for row in rows:
        if row[1:2] == "=" and "a" <= row[0] <= "z":
            lines.append((row[0], row[2:]))
        elif match := _LINE.fullmatch(row):
            lines.append((match[1], match[2]))
    if not lines:
        raise SdpError("The session description has no line of the form letter=value.")
    return tuple(lines)


def _origin(head: tuple[Line, ...]) -> tuple[str, str]:
    """Session id and version of the o= line: counted from its end, for user names have blanks in them at times."""
    for kind, value in head:
        if kind == "o":
            fields = value.split()
            return (fields[-5], fields[-4]) if len(fields) >= 5 else ("", "")
    return "", ""


def _connection(lines: tuple[Line, ...]) -> str | None:
    """The address of the first c= line that has one: an IP address or a name (RFC 4566 §5.7)."""
    for kind, value in lines:
        if kind == "c":
            fields = value.split()
            if len(fields) >= 3 and fields[0].upper() == "IN" and fields[1].upper() in ("IP4", "IP6"):
                address = fields[2].split("/")[0]  # multicast may add a time to live
                if _ADDRESS.fullmatch(address):
                    return address
    return None


def _media(lines: tuple[Line, ...], connection: str | None, direction: Direction) -> MediaDescription:
    fields = lines[0][1].split()
    port = _integer(fields[1].split("/")[0], 65535) if len(fields) >= 4 else None
    formats = tuple(entry for entry in fields[3 : 3 + FORMATS_MAX] if _FORMAT.fullmatch(entry))
    is_readable = port is not None and bool(formats)
    named, rtpmap = _attributes(lines)
    return MediaDescription(
        kind=fields[0].lower() if is_readable else "",
        port=port or 0 if is_readable else 0,
        protocol=fields[2].upper() if is_readable else "",
        formats=formats,
        connection=_connection(lines) or connection,
        rtpmap=rtpmap,
        ptime_ms=_integer(named.get("ptime", "").split(".")[0], 10_000) or None,
        direction=_direction(lines) or direction,
        rtcp_port=_integer(named.get("rtcp", "").split(" ")[0], 65535) or None,
        lines=lines,
    )


def _direction(lines: tuple[Line, ...]) -> Direction | None:
    for kind, value in lines:
        if kind == "a" and ":" not in value and (found := _DIRECTIONS.get(value.strip().lower())) is not None:
            return found
    return None


def _attributes(lines: tuple[Line, ...]) -> tuple[dict[str, str], dict[int, tuple[str, int]]]:
    """The first value of each attribute that has one, and what is said of payload types."""
    named: dict[str, str] = {}
    rtpmap: dict[int, tuple[str, int]] = {}
    for kind, value in lines:
        if kind != "a":
            continue
        name, colon, said = value.partition(":")
        if not colon:
            continue
        name = name.strip().lower()
        if name != "rtpmap":
            named.setdefault(name, said.strip())
            continue
        match = _RTPMAP.match(said.strip())
        if match is not None and int(match[1]) <= 127:
            encoding = match[2].upper()
            clock = int(match[3]) if match[3] else _CLOCK_KNOWN.get(encoding)
            if clock:
                rtpmap.setdefault(int(match[1]), (encoding, clock))
    return named, rtpmap


def _integer(text: str, largest: int) -> int | None:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 20) or int(text) > largest:
        return None
    return int(text)
