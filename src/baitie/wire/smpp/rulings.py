"""What a message centre may do with a message: the values that a policy returns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from baitie.kernel.time import Instant
from baitie.wire.smpp.constants import MessageState, Status


@dataclass(frozen=True, slots=True)
class Submission:
    """A message that the centre was asked to carry. Addresses are digits as they came; no `validity_s` is for ever."""

    message_id: str
    system_id: str
    source: str
    destination: str = field(repr=False)
    text: str = field(repr=False)
    data_coding: int
    is_flash: bool
    wants_receipt: bool
    validity_s: float | None


@dataclass(frozen=True, slots=True)
class Accept:
    """Take the message; the answer leaves after `answer_after_s`.

    It reaches its final `state` after `done_after_s` (shown on the handset if DELIVERED), or expires before,
    if its validity ends earlier. The receipt follows `receipt_lag_s` later, `receipts` times (0: never).
    """

    done_after_s: float = 0.0
    state: MessageState = MessageState.DELIVERED
    receipt_lag_s: float = 0.0
    receipts: int = 1
    answer_after_s: float = 0.0
    error: str = "000"


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with this command_status, such as 0x58 (throttled)."""

    command_status: int = Status.ESME_RTHROTTLED
    answer_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Ignore:
    """Lose the message: no answer ever comes."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Break the connection in place of an answer."""


Ruling: TypeAlias = Accept | Refuse | Ignore | Drop
SubmitPolicy: TypeAlias = Callable[[Submission, Instant], Ruling]


def accept_all(submission: Submission, now: Instant) -> Ruling:
    """The kindest policy: everything is delivered at once."""
    return Accept()
