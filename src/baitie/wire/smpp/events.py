"""What the client machine returns: orders for the transport, and events for whoever submitted."""

from dataclasses import dataclass, field
from typing import TypeAlias

from baitie.wire.smpp.failure import SubmitFailure
from baitie.wire.smpp.receipt import Receipt


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """Open a connection to the centre; report `connected` or `disconnected`."""


@dataclass(frozen=True, slots=True)
class SendBytes:
    """Write these bytes, in order."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CloseConnection:
    """Close the connection after what was written."""

    cause: str


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The centre accepted our bind."""

    system_id: str


@dataclass(frozen=True, slots=True)
class LinkDown:
    """There is no bound connection any more, or an attempt at one failed; `failure` when the bind was refused."""

    cause: str
    failure: SubmitFailure | None = None


@dataclass(frozen=True, slots=True)
class SubmitAccepted:
    """The centre took the message."""

    key: str
    message_id: str


@dataclass(frozen=True, slots=True)
class SubmitRefused:
    """The message did not leave, or the centre refused it."""

    key: str
    failure: SubmitFailure


@dataclass(frozen=True, slots=True)
class SubmitFateUnknown:
    """The submit_sm left and no answer can come any more: it may or may not be delivered; it is never sent again."""

    key: str
    cause: str


@dataclass(frozen=True, slots=True)
class ReceiptArrived:
    """A receipt of a message that we remember. Doubled receipts come once; after UNKNOWN a definite one may follow."""

    key: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class ReceiptUnmatched:
    """A receipt that belongs to no message of this process, for instance from before a restart; without any id it could
    not be read."""

    receipt: Receipt


@dataclass(frozen=True, slots=True)
class MessageArrived:
    """A message from a handset (上行短信). Call `acknowledge(ticket)` when it is safe with us; not before.

    `text` is the likeliest reading, `other_readings` are all else that the octets may be: a refusal in any of them
    counts. Of a long message each part comes by itself, with what is known of its neighbours.
    """

    ticket: int
    sender: str = field(repr=False)
    sender_ton: int
    destination: str
    text: str = field(repr=False)
    data_coding: int
    octets: bytes = field(repr=False)
    other_readings: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class MessageUnreadable:
    """A message came of which nothing could be read, not even a text; the centre was asked to bring it again later."""

    sequence: int


ClientEvent: TypeAlias = (
    LinkUp
    | LinkDown
    | SubmitAccepted
    | SubmitRefused
    | SubmitFateUnknown
    | ReceiptArrived
    | ReceiptUnmatched
    | MessageArrived
    | MessageUnreadable
)
ClientEffect: TypeAlias = OpenConnection | SendBytes | CloseConnection | ClientEvent
