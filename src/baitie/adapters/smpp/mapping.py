"""From the events of the SMPP machine to those of the port, by table."""

from dataclasses import dataclass
from typing import Final

from baitie.app.ports.messages import (
    MessageAccepted,
    MessageEvent,
    MessageFateUnknown,
    MessageReceipt,
    MessageRefused,
    ReceiptState,
)
from baitie.kernel.ids import CardId
from baitie.kernel.phone import PhoneNumber, PhoneNumberError
from baitie.wire.smpp.constants import TON_INTERNATIONAL, MessageState
from baitie.wire.smpp.events import ClientEffect, ReceiptArrived, SubmitAccepted, SubmitFateUnknown, SubmitRefused

_STATES: Final = {
    MessageState.DELIVERED: ReceiptState.DELIVERED,
    MessageState.EXPIRED: ReceiptState.EXPIRED,
    MessageState.DELETED: ReceiptState.UNDELIVERABLE,
    MessageState.UNDELIVERABLE: ReceiptState.UNDELIVERABLE,
    MessageState.UNKNOWN: ReceiptState.UNKNOWN,
    MessageState.REJECTED: ReceiptState.REJECTED,
}


@dataclass(frozen=True, slots=True)
class MobileNumbering:
    """How the centre writes numbers of handsets that are not marked international: China's by default."""

    country_code: str = "86"
    national_digits: int = 11

    def number_of(self, digits: str, ton: int) -> PhoneNumber | None:
        """The E.164 number that the centre means, or None where it is none."""
        bare = digits.removeprefix("+")
        is_whole = digits.startswith("+") or ton == TON_INTERNATIONAL
        if not digits.startswith("+") and bare.startswith("00"):  # as it is dialled from there
            bare, is_whole = bare.removeprefix("00"), True
        elif not is_whole and len(bare) == self.national_digits + 1 and bare.startswith("0"):
            bare = bare.removeprefix("0")
        if not is_whole and len(bare) == self.national_digits:
            bare = self.country_code + bare
        elif not is_whole and not bare.startswith(self.country_code):
            return None
        try:
            return PhoneNumber("+" + bare)
        except PhoneNumberError:
            return None


def message_event(effect: ClientEffect) -> MessageEvent | None:
    """The port's event for an event about a submitted message; None for all others."""
    match effect:
        case SubmitAccepted():
            return MessageAccepted(CardId(effect.key), effect.message_id)
        case SubmitRefused(key=key, failure=failure):
            return MessageRefused(CardId(key), failure.cause, failure.party, failure.may_resubmit)
        case SubmitFateUnknown():
            return MessageFateUnknown(CardId(effect.key), effect.cause)
        case ReceiptArrived(key=key, receipt=receipt):
            state = _STATES.get(receipt.state, ReceiptState.UNKNOWN)
            if state is ReceiptState.UNKNOWN and receipt.is_failure_code:
                state = ReceiptState.UNDELIVERABLE  # worth no waiting; should it be delivered after all, that is told
            return MessageReceipt(CardId(key), state, _error(receipt.stat, receipt.error, state))
        case _:
            return None


def _error(stat: str | None, error: str | None, state: ReceiptState) -> str | None:
    if state is ReceiptState.DELIVERED:
        return None
    return " ".join(part for part in (stat, error) if part) or None
