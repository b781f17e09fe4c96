"""A message gateway without a network: the population says what each message meets."""

import contextlib
from collections.abc import Callable, MutableSequence
from dataclasses import dataclass, field
from functools import partial

from baitie.app.ports.clock import Clock
from baitie.app.ports.messages import (
    MessageAccepted,
    MessageEvent,
    MessageReceipt,
    MessageReceived,
    MessageRefused,
    OutgoingMessage,
    ReceiptState,
)
from baitie.kernel.errors import Party, StoreError
from baitie.kernel.time import Instant
from baitie.rehearsal.people import MessageFate, opt_out_reply
from baitie.rehearsal.population import Population


@dataclass(slots=True)
class SimulatedMessages:
    """Message gateway (模拟短信) over people. A throttled message is taken on a second try, half a second later."""

    clock: Clock
    population: Population
    submitted: MutableSequence[OutgoingMessage] = field(default_factory=list)  # as many as it takes up
    _listener: Callable[[MessageEvent], None] = field(default=lambda event: None)
    _count: int = 0

    def listen(self, on_event: Callable[[MessageEvent], None]) -> None:
        self._listener = on_event

    async def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """Nothing to close."""

    def submit(self, message: OutgoingMessage) -> None:
        self.submitted.append(message)
        self._count += 1
        plan = self.population.on_message(message.to.e164())
        answer_s = plan.latency_s + (0.5 if plan.fate is MessageFate.THROTTLED else 0.0)
        if plan.fate is MessageFate.REFUSED:
            refused = MessageRefused(message.card_id, "centre-refused", Party.CARRIER, may_resubmit=False)
            self._later(answer_s, refused)
            return
        self._later(answer_s, MessageAccepted(message.card_id, str(self._count)))
        receipt_s = answer_s + plan.receipt_after_s
        if plan.arrives or plan.fate is MessageFate.THROTTLED:
            shown_at = Instant(self.clock.now() + receipt_s)
            self.clock.call_at(shown_at, partial(self.population.show_card, message.to.e164(), shown_at))
        if plan.opt_out_after_s is not None:
            self._later(receipt_s + plan.opt_out_after_s, MessageReceived(message.to, opt_out_reply(message.to.e164())))
        if plan.fate is MessageFate.UNDELIVERED:
            self._later(receipt_s, MessageReceipt(message.card_id, ReceiptState.UNDELIVERABLE, "absent"))
        elif plan.fate is not MessageFate.NO_RECEIPT:
            self._later(receipt_s, MessageReceipt(message.card_id, ReceiptState.DELIVERED))

    def _later(self, after_s: float, event: MessageEvent) -> None:
        self.clock.call_at(Instant(self.clock.now() + after_s), partial(self._report, event))

    def _report(self, event: MessageEvent) -> None:
        with contextlib.suppress(StoreError):  # it was not kept: who handed it over would bring it again
            self._listener(event)
