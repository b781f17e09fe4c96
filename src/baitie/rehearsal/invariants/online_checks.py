"""The continuous part of the invariants: sees what really happens in the simulated world, and judges it at once."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from baitie.app.ports.calls import (
    CallAnswered,
    CallEnded,
    CallEvent,
    CallFailed,
    CallRinging,
    KeyPressed,
    PlaceCall,
    PlayFinished,
)
from baitie.app.ports.messages import (
    MessageAccepted,
    MessageEvent,
    MessageFateUnknown,
    MessageReceipt,
    MessageReceived,
    MessageRefused,
    OutgoingMessage,
    ReceiptState,
)
from baitie.kernel.ids import AttemptId, CardId
from baitie.kernel.outcome import Outcome
from baitie.rehearsal.invariants.limits import Invariant, Promise, Violation
from baitie.rehearsal.rehearse import Stage
from baitie.rehearsal.scenario import Scenario

VIOLATIONS_MAX = 50
"""A day that is broken in more ways than these is broken enough."""

ATTEMPTS = "at_"
"""So begin the ids of those who hold leases for calls that we place."""

ROUNDING_S = 0.001
"""Instants are floats."""

CALL_EVENTS = CallRinging | CallAnswered | CallFailed | CallEnded | KeyPressed | PlayFinished


@dataclass(slots=True)
class _Call:
    number: str
    is_answered: bool = False
    has_rung: bool = False


@dataclass(slots=True)
class Invariants:
    """Invariants (不变量守望) of one rehearsed day, over every life of the dialler. Fulfils `Watch`."""

    scenario: Scenario
    promise: Promise = field(default_factory=Promise)
    violations: list[Violation] = field(default_factory=list)
    placed_once: set[AttemptId] = field(default_factory=set)
    refused_at_s: dict[str, float] = field(default_factory=dict)
    complained: set[str] = field(default_factory=set)  # numbers of people, and presented numbers complained of
    has_store_failed: Callable[[], bool] = field(default=lambda: False)
    _stage: Stage | None = None
    _calls: dict[AttemptId, _Call] = field(default_factory=dict)
    _numbers: dict[AttemptId, str] = field(default_factory=dict)
    _rang: Counter[tuple[str, date]] = field(default_factory=Counter)
    _contacts: Counter[str] = field(default_factory=Counter)
    _unknown: set[str] = field(default_factory=set)  # numbers in a call when the dialler died
    _replies: list[tuple[float, MessageReceived]] = field(default_factory=list)
    _sent_to: dict[CardId, str] = field(default_factory=dict)
    _leaked: set[str] = field(default_factory=set)
    _awaited: dict[str, float] = field(default_factory=dict)  # since when the fate of a number's last card is open
    _receipted: dict[str, float] = field(default_factory=dict)  # when a number's card was shown, in time
    _zone_names: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._zone_names = {callee.number.e164(): callee.zone_names for callee in self.scenario.callees}

    # --- lives of the dialler ---

    def begin(self, stage: Stage) -> None:
        """A life begins."""
        self._stage = stage

    def crashed(self) -> None:
        """The dialler dies in this instant: what it heard in this very instant may not have been kept."""
        self._judge_leases()
        self._unknown |= {call.number for call in self._calls.values()}
        self._forget_unkept()
        self._calls.clear()
        self._awaited.clear()
        self._receipted.clear()

    def take_unkept(self) -> list[MessageReceived]:
        """Replies that no life has kept: the message centre hands them over again."""
        unkept = [message for _, message in self._replies]
        self._replies.clear()
        return unkept

    def _forget_unkept(self) -> None:
        now = self._now()
        kept_before = {number for number, at_s in self.refused_at_s.items() if at_s < now}
        self._replies = [pair for pair in self._replies if pair[1].sender.e164() not in kept_before]
        self.refused_at_s = {number: at_s for number, at_s in self.refused_at_s.items() if number in kept_before}

    # --- the world ---

    def placed(self, order: PlaceCall) -> None:
        """An INVITE leaves."""
        number, here = order.to.e164(), order.to.masked()
        if order.attempt_id in self.placed_once:
            self.broken(Invariant.TWICE, f"{order.attempt_id} was placed twice")
        if number in self._unknown:
            self.broken(Invariant.TWICE, f"{here} was called again after a call of unknown fate")
        if number in self.refused_at_s:
            self.broken(Invariant.REFUSED, f"{here} was called after a refusal")
        if number in self.complained:
            self.broken(Invariant.COMPLAINED, f"{here} was called after a complaint")
        if order.presented_number.e164() in self.complained:
            self.broken(Invariant.COMPLAINED, f"{order.attempt_id} shows a number that was complained of")
        if any(call.number == number for call in self._calls.values()):
            self.broken(Invariant.AT_ONCE, f"{here} was called while another call was under way")
        for local in self._local_times(number):
            if not self.promise.hours_from <= local.time() < self.promise.hours_until:
                self.broken(Invariant.HOURS, f"{here} was called at {local:%H:%M:%S}")
        self._judge_card(number, here)
        self._judge_leases()
        self.placed_once.add(order.attempt_id)
        self._calls[order.attempt_id] = _Call(number)

    def submitted(self, message: OutgoingMessage) -> None:
        """A card is handed to the message centre."""
        number = message.to.e164()
        self._sent_to[message.card_id] = number
        self._awaited[number] = self._now()
        self._receipted.pop(number, None)

    def happened(self, event: CallEvent) -> None:
        """What the callee's side does."""
        call = self._calls.get(event.attempt_id)
        if call is None:
            return
        if isinstance(event, CallRinging):
            if call.has_rung:  # a carrier may say so more than once
                return
            call.has_rung = True
            day = self._local_times(call.number)[0].date()
            self._rang[call.number, day] += 1
            if self._rang[call.number, day] > self.promise.attempts_max_per_day:
                self.broken(Invariant.CAPS, f"{event.attempt_id} rings somebody for the third time in a day")
        elif isinstance(event, CallAnswered):
            call.is_answered = True
            self._note_contact(event.attempt_id, call.number)
        elif isinstance(event, CallFailed):
            if event.failure.outcome is Outcome.REJECTED:
                self._note_contact(event.attempt_id, call.number)
            del self._calls[event.attempt_id]
        elif isinstance(event, CallEnded):
            del self._calls[event.attempt_id]

    def cut_off(self, attempt_id: AttemptId) -> None:
        """The carrier lost this call: it is over at the callee's."""
        self._calls.pop(attempt_id, None)

    def told(self, event: CallEvent | MessageEvent) -> None:
        """This reached the dialler: from here on it knows of a refusal."""
        if isinstance(event, MessageReceived):
            if not self.has_store_failed():
                self.refused_at_s.setdefault(event.sender.e164(), self._now())
            self._replies.append((self._now(), event))
        elif not isinstance(event, CALL_EVENTS | MessageAccepted):
            self._note_fate(event)
        elif isinstance(event, KeyPressed) and event.key == self.scenario.campaign.script.refuse_key:
            call = self._calls.get(event.attempt_id)
            if call is not None and call.is_answered and not self.has_store_failed():
                self.refused_at_s.setdefault(call.number, self._now())

    def complaint_entered(self, number: str, presented: str) -> None:
        """A complaint stands in the register: whoever complained is frozen, and the number is suspended."""
        self.complained |= {number, presented}

    def broken(self, invariant: Invariant, detail: str) -> None:
        """Note a violation."""
        if len(self.violations) < VIOLATIONS_MAX:
            self.violations.append(Violation(invariant, self._now(), detail))

    # --- helpers ---

    def _note_fate(self, event: MessageRefused | MessageFateUnknown | MessageReceipt) -> None:
        """What became of a card is known; a receipt UNKNOWN does not say it."""
        if isinstance(event, MessageReceipt) and event.state is ReceiptState.UNKNOWN:
            return
        number = self._sent_to.get(event.card_id, "")
        submitted_at = self._awaited.pop(number, None)
        if submitted_at is None or not (isinstance(event, MessageReceipt) and event.state is ReceiptState.DELIVERED):
            return
        if self._now() - submitted_at < self.scenario.campaign.policy.receipt_wait_s - ROUNDING_S:
            self._receipted[number] = self._now()

    def _judge_card(self, number: str, here: str) -> None:
        """A ring may come once the fate of the last card is known, or when the campaign's wait is over; and where the
        receipt came in time, not before somebody had the campaign's time to read."""
        now, policy = self._now(), self.scenario.campaign.policy
        submitted_at, receipted_at = self._awaited.pop(number, None), self._receipted.pop(number, None)
        if submitted_at is not None and now - submitted_at < policy.receipt_wait_s - ROUNDING_S:
            self.broken(Invariant.CARD, f"{here} was called {now - submitted_at:.2f} s after the card")
        if receipted_at is not None and now - receipted_at < policy.ring_after_receipt_s - ROUNDING_S:
            self.broken(Invariant.CARD, f"{here} was called {now - receipted_at:.2f} s after the receipt")

    def _judge_leases(self) -> None:
        """Whatever is over has given its leases back in the same instant."""
        assert self._stage is not None
        run = self._stage.run
        holders = {holder for holder in run.leases.holders() if holder.startswith(ATTEMPTS)} - run.live_attempts()
        for holder in sorted(holders - self._leaked):
            self._leaked.add(holder)
            self.broken(Invariant.LEASES, f"{holder} is over and holds leases")

    def _note_contact(self, attempt_id: AttemptId, number: str) -> None:
        self._contacts[number] += 1
        if self._contacts[number] > self.promise.contacts_max_per_30_days:
            self.broken(Invariant.CAPS, f"{attempt_id} reaches somebody for the fourth time")

    def _now(self) -> float:
        return 0.0 if self._stage is None else self._stage.clock.now()

    def _local_times(self, number: str) -> list[datetime]:
        """What the callee's wall clocks show, going by the clock that the dialler has."""
        assert self._stage is not None
        civil_now = self._stage.run.ports.clock.civil_now()
        zones = self.scenario.zones(self._zone_names.get(number, ()))
        return [civil_now.astimezone(zone) for zone in zones] or [civil_now]
