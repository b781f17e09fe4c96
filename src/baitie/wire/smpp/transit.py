"""Messages that a centre has taken: when each is done, in which state, and the receipt for it."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from baitie.kernel.time import Instant
from baitie.wire.smpp.constants import ESM_CLASS_RECEIPT, Command, MessageState
from baitie.wire.smpp.pdu import Address, ShortMessage
from baitie.wire.smpp.receipt import receipt_text, receipt_tlvs
from baitie.wire.smpp.rulings import Accept, Submission


@dataclass(slots=True)
class Carried:
    """A message on its way (在途短信): the ruling on it, and where it stands."""

    submission: Submission
    source: Address
    destination: Address
    ruling: Accept
    submitted_at: datetime
    state: MessageState = MessageState.ENROUTE

    def done(self) -> tuple[float, MessageState]:
        """Seconds from its submission until it is done, and the state then: EXPIRED if its validity ends before."""
        done_after_s = self.ruling.answer_after_s + self.ruling.done_after_s
        validity_s = self.submission.validity_s
        if validity_s is not None and validity_s < done_after_s:
            return max(validity_s, 0.0), MessageState.EXPIRED
        return done_after_s, self.ruling.state


class Transit:
    """The newest `remembered_max` messages that the centre took, by id."""

    def __init__(
        self,
        civil_at: Callable[[Instant], datetime],
        remembered_max: int,
        receipts_have_tlvs: bool,
        text_id_is_decimal: bool,
    ) -> None:
        self._civil_at = civil_at
        self._remembered_max = remembered_max
        self._receipts_have_tlvs = receipts_have_tlvs
        self._text_id_is_decimal = text_id_is_decimal
        self._carried: OrderedDict[str, Carried] = OrderedDict()

    def take(
        self, submission: Submission, source: Address, destination: Address, ruling: Accept, now: Instant
    ) -> Carried:
        """Remember a message that was accepted."""
        carried = Carried(submission, source, destination, ruling, self._civil_at(now))
        self._carried[submission.message_id] = carried
        if len(self._carried) > self._remembered_max:
            self._carried.popitem(last=False)
        return carried

    def state_of(self, message_id: str) -> MessageState | None:
        """Where a message stands; None where it is not remembered."""
        carried = self._carried.get(message_id)
        return None if carried is None else carried.state

    def cancel(self, message_id: str) -> bool:
        """Stop a message that is still on its way; False where it is not."""
        if self.state_of(message_id) is not MessageState.ENROUTE:
            return False
        self._carried[message_id].state = MessageState.DELETED
        return True

    def receipt(self, carried: Carried, now: Instant) -> ShortMessage:
        """The receipt of a message that is done; its sequence number is given when it is delivered."""
        message_id = carried.submission.message_id
        text_id = str(int(message_id, 16)) if self._text_id_is_decimal else message_id
        text = receipt_text(text_id, carried.state, carried.submitted_at, self._civil_at(now), carried.ruling.error)
        return ShortMessage(
            command=Command.DELIVER_SM,
            sequence=0,
            source=carried.destination,
            destination=carried.source,
            short_message=text,
            esm_class=ESM_CLASS_RECEIPT,
            tlvs=receipt_tlvs(message_id, carried.state) if self._receipts_have_tlvs else (),
        )
