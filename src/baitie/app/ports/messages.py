"""Messages: what goes out, what becomes of it, and the gateway between them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from baitie.kernel.errors import Party
from baitie.kernel.ids import CardId
from baitie.kernel.phone import PhoneNumber

# --- messages ---


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """Message to one callee (短信): a name card as flash (class 0) or plain text. Must fit one segment."""

    card_id: CardId
    to: PhoneNumber
    sender: str
    text: str
    is_flash: bool
    validity_s: float  # the network drops it after that, so that a late card does not arrive after the call
    vendor: str | None = None  # over whose HTTP interface; None: the message centre


class ReceiptState(StrEnum):
    """State that a delivery receipt states (回执状态). All are final but UNKNOWN: the centre has no word yet."""

    DELIVERED = "delivered"
    EXPIRED = "expired"
    UNDELIVERABLE = "undeliverable"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MessageAccepted:
    """Message accepted (短信受理): the message centre took it under `message_id`."""

    card_id: CardId
    message_id: str


@dataclass(frozen=True, slots=True)
class MessageRefused:
    """Message refused (短信被拒): it did not leave, or the centre refused it. Final unless submitted again."""

    card_id: CardId
    cause: str  # kebab-case
    party: Party
    may_resubmit: bool


@dataclass(frozen=True, slots=True)
class MessageFateUnknown:
    """Fate unknown (短信去向不明): it left, and no answer came; it may or may not be delivered. Never resent."""

    card_id: CardId
    cause: str


@dataclass(frozen=True, slots=True)
class MessageReceipt:
    """Message receipt (短信回执). Doubled ones are reported once; after UNKNOWN a definite one may follow."""

    card_id: CardId
    state: ReceiptState
    network_error: str | None = None


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A callee wrote to us (上行短信). `other_readings`: what else it may say, where its coding is not certain.

    A listener that raises `StoreError` has not kept it: it must come again.
    """

    sender: PhoneNumber
    text: str
    other_readings: tuple[str, ...] = field(default=(), repr=False, compare=False)


MessageEvent: TypeAlias = MessageAccepted | MessageRefused | MessageFateUnknown | MessageReceipt | MessageReceived


class MessageGateway(Protocol):
    """Submits messages (短信网关). Every submit ends in exactly one of accepted, refused, fate unknown."""

    def listen(self, on_event: Callable[[MessageEvent], None]) -> None: ...
    async def start(self) -> None: ...
    async def close(self) -> None: ...
    def submit(self, message: OutgoingMessage) -> None: ...
