"""Gateways with faults between the simulated world and the dialler. A watch is told what the world really did."""

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from baitie.app.ports.calls import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallFailed,
    CallGateway,
    CallRinging,
    KeyPressed,
    PlaceCall,
)
from baitie.app.ports.clock import Clock
from baitie.app.ports.messages import (
    MessageAccepted,
    MessageEvent,
    MessageGateway,
    MessageReceipt,
    MessageReceived,
    MessageRefused,
    OutgoingMessage,
)
from baitie.kernel.errors import Party, StoreError
from baitie.kernel.ids import AttemptId
from baitie.kernel.outcome import CallFailure, Outcome
from baitie.kernel.time import Instant
from baitie.rehearsal.faults.plan import EventClass, FaultPlan, Mishap, Outage

_CLASSES: dict[type, EventClass] = {
    CallRinging: EventClass.RINGING,
    CallAnswered: EventClass.ANSWERED,
    CallFailed: EventClass.FAILED,
    CallEnded: EventClass.ENDED,
    KeyPressed: EventClass.KEY,
    MessageAccepted: EventClass.SUBMIT_ANSWER,
    MessageReceipt: EventClass.RECEIPT,
    MessageReceived: EventClass.REPLY,
}
_NO_CARRIER = CallFailure("no-route", Party.CARRIER, True, Outcome.FAILED, 503)
REFUSED_AFTER_S = 0.01


class Watch(Protocol):
    """Sees what really happens in the simulated world (见证者), whatever the dialler is told of it."""

    def placed(self, order: PlaceCall) -> None: ...
    def submitted(self, message: OutgoingMessage) -> None: ...
    def happened(self, event: CallEvent) -> None: ...
    def cut_off(self, attempt_id: AttemptId) -> None:
        """The carrier lost this call: the world ends it, and nobody tells the dialler."""
        ...

    def told(self, event: CallEvent | MessageEvent) -> None:
        """This reached the dialler."""
        ...


@dataclass(slots=True)
class Mishaps:
    """What befalls events of each class (事件遭遇), by chance of its own."""

    plan: FaultPlan
    clock: Clock
    rng: random.Random
    seen: Counter[str] = field(default_factory=Counter)  # how often each kind struck

    def pass_on(self, event: CallEvent | MessageEvent, deliver: Callable[[], None]) -> None:
        """Deliver it once, twice, later or never."""
        of_class = _CLASSES.get(type(event))
        for planned in self.plan.mishaps:
            if planned.event is of_class and self.rng.random() < planned.share:
                self.seen[planned.mishap.value] += 1
                if planned.mishap is Mishap.LOSE:
                    return
                if planned.mishap is Mishap.DELAY:
                    self.clock.call_at(Instant(self.clock.now() + self.rng.uniform(*planned.for_s)), deliver)
                    return
                deliver()
        deliver()


@dataclass(slots=True)
class FaultyCalls:
    """Call gateway (带故障的呼叫网关) whose carrier may be down, and whose events may go astray."""

    inner: CallGateway
    mishaps: Mishaps
    is_down: Callable[[Outage], bool]
    watch: Watch
    _listener: Callable[[CallEvent], None] = field(default=lambda event: None)
    _cut_off: set[AttemptId] = field(default_factory=set)

    def listen(self, on_event: Callable[[CallEvent], None]) -> None:
        self._listener = on_event
        self.inner.listen(self._happened)

    async def start(self) -> None:
        await self.inner.start()

    async def close(self) -> None:
        await self.inner.close()

    def place(self, order: PlaceCall) -> None:
        if self.is_down(Outage.CARRIER_DOWN):
            clock = self.mishaps.clock
            failed = CallFailed(order.attempt_id, _NO_CARRIER)
            clock.call_at(Instant(clock.now() + REFUSED_AFTER_S), partial(self._deliver, failed))
            return
        self.watch.placed(order)
        self.inner.place(order)

    def cancel(self, attempt_id: AttemptId) -> None:
        if attempt_id not in self._cut_off:
            self.inner.cancel(attempt_id)

    def hang_up(self, attempt_id: AttemptId) -> None:
        if attempt_id not in self._cut_off:
            self.inner.hang_up(attempt_id)

    def play(self, attempt_id: AttemptId, play_id: int, prompts: Sequence[str]) -> None:
        if attempt_id not in self._cut_off:
            self.inner.play(attempt_id, play_id, prompts)

    def stop_playing(self, attempt_id: AttemptId) -> None:
        if attempt_id not in self._cut_off:
            self.inner.stop_playing(attempt_id)

    def _happened(self, event: CallEvent) -> None:
        if event.attempt_id in self._cut_off:
            return
        if self.is_down(Outage.CARRIER_DOWN):
            self._cut_off.add(event.attempt_id)
            self.watch.cut_off(event.attempt_id)
            return
        self.watch.happened(event)
        self.mishaps.pass_on(event, partial(self._deliver, event))

    def _deliver(self, event: CallEvent) -> None:
        self.watch.told(event)
        self._listener(event)


@dataclass(slots=True)
class FaultyMessages:
    """Message gateway (带故障的短信网关) whose centre may be down, and whose events may go astray."""

    inner: MessageGateway
    mishaps: Mishaps
    back_at: Callable[[Outage], Instant | None]
    watch: Watch
    unkept: list[MessageReceived] = field(default_factory=list)  # that the centre hands over again
    _listener: Callable[[MessageEvent], None] = field(default=lambda event: None)

    def listen(self, on_event: Callable[[MessageEvent], None]) -> None:
        self._listener = on_event
        self.inner.listen(self._happened)

    async def start(self) -> None:
        await self.inner.start()
        clock = self.mishaps.clock
        for message in self.unkept:
            clock.call_at(clock.now(), partial(self._deliver, message))

    async def close(self) -> None:
        await self.inner.close()

    def submit(self, message: OutgoingMessage) -> None:
        self.watch.submitted(message)
        if self.back_at(Outage.CENTRE_DOWN) is None:
            self.inner.submit(message)
            return
        clock = self.mishaps.clock
        refused = MessageRefused(message.card_id, "link-down", Party.CARRIER, may_resubmit=True)
        clock.call_at(Instant(clock.now() + REFUSED_AFTER_S), partial(self._deliver, refused))

    def _happened(self, event: MessageEvent) -> None:
        back_at = self.back_at(Outage.CENTRE_DOWN)
        if back_at is not None:
            self.mishaps.clock.call_at(back_at, partial(self._happened, event))
            return
        self.mishaps.pass_on(event, partial(self._deliver, event))

    def _deliver(self, event: MessageEvent) -> None:
        self.watch.told(event)
        with contextlib.suppress(StoreError):  # it was not kept: the next life gets it again
            self._listener(event)
