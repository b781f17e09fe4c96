"""One connection as the message centre sees it: who is bound, and which deliver_sm wait for an answer."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace

from baitie.wire.smpp.codec import PduStream, encode_pdu
from baitie.wire.smpp.constants import SEQUENCE_MAX, Command
from baitie.wire.smpp.pdu import Bind, ShortMessage


@dataclass(slots=True)
class Peer:
    """Bound client of the centre; `bind` is None until the bind was accepted."""

    connection: int
    deliver_window_max: int
    heard_at: float
    bind: Bind | None = None
    stream: PduStream = field(default_factory=PduStream)
    outstanding: OrderedDict[int, ShortMessage] = field(default_factory=OrderedDict)
    sequence: int = 0

    @property
    def may_submit(self) -> bool:
        """Bound as transmitter or transceiver."""
        return self.bind is not None and self.bind.command != Command.BIND_RECEIVER

    @property
    def may_receive(self) -> bool:
        """Bound as receiver or transceiver."""
        return self.bind is not None and self.bind.command != Command.BIND_TRANSMITTER

    @property
    def has_room(self) -> bool:
        """Whether another deliver_sm may be sent before an answer."""
        return len(self.outstanding) < self.deliver_window_max

    def deliver(self, pdu: ShortMessage) -> bytes:
        """The deliver_sm to write."""
        self.sequence = self.sequence % SEQUENCE_MAX + 1
        numbered = replace(pdu, sequence=self.sequence)
        self.outstanding[self.sequence] = numbered
        return encode_pdu(numbered)
