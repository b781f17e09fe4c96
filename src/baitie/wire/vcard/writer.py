"""Writes one contact as vCard 4.0 (RFC 6350)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

LINE_OCTETS_MAX = 75
"""RFC 6350 §3.2: longer lines are folded."""


@dataclass(frozen=True, slots=True)
class ContactCard:
    """Contact (联系人名片) of an organisation: who called, and where one can look up whether it still holds."""

    name: str
    uid: str  # a URI, the same for every card of the same number: saving twice makes one contact
    number: str  # E.164
    address: str  # https: the page of the card
    note: str
    language: str  # BCP 47
    revised_at: datetime  # aware
    logo: str | None = None  # https


def write_vcard(card: ContactCard) -> bytes:
    """The file: UTF-8, lines end in CRLF, at most 75 octets each (RFC 6350 §3.1, §3.2)."""
    return b"".join(_folded(line) for line in _lines(card))


def _lines(card: ContactCard) -> Iterator[str]:
    yield "BEGIN:VCARD"
    yield "VERSION:4.0"
    yield "KIND:org"
    yield f"UID:{_uri(card.uid)}"
    yield f"FN;LANGUAGE={card.language}:{_text(card.name)}"
    yield f"ORG:{_text(card.name)}"
    yield f'TEL;VALUE=uri;TYPE="work,voice":tel:{_uri(card.number)}'
    yield f"URL:{_uri(card.address)}"
    if card.logo is not None:
        yield f"LOGO:{_uri(card.logo)}"
    yield f"NOTE;LANGUAGE={card.language}:{_text(card.note)}"
    yield f"REV:{card.revised_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield "END:VCARD"


def _text(value: str) -> str:
    """A text value (RFC 6350 §3.4): backslash, comma, semicolon and line ends escaped, other controls dropped."""
    escaped = value.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
    escaped = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(char for char in escaped if char >= " " and char != "\x7f")


def _uri(value: str) -> str:
    """A URI in a value: no white space or control can stand in it."""
    return "".join(char for char in value if char > " " and char != "\x7f")


def _folded(line: str) -> bytes:
    """The line in pieces of 75 octets, each continued after CRLF and a space; no character is divided."""
    pieces: list[bytes] = []
    piece = b""
    for char in line:
        octets = char.encode()
        room = LINE_OCTETS_MAX - (1 if pieces else 0)
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece = b""
        piece += octets
    pieces.append(piece)
    return b"\r\n ".join(pieces) + b"\r\n"
