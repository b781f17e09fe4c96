"""The carrier's switchboard: hands each INVITE to a handset, and each message to the population."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Protocol

from baitie.app.ports.clock import Clock
from baitie.kernel.time import Instant
from baitie.rehearsal.loopback.caller import Caller
from baitie.rehearsal.loopback.caller import CallerExchange as Dialler
from baitie.rehearsal.loopback.handset import Handset, HandsetExchange, Media
from baitie.rehearsal.people import MessageFate, opt_out_reply
from baitie.rehearsal.population import Population
from baitie.wire.sip.effects import CallEnded, CallFailed, CallKey, CallOffered, Event, Flow
from baitie.wire.smpp.centre import MessageDone, MessageShown
from baitie.wire.smpp.constants import MessageState, Status
from baitie.wire.smpp.rulings import Accept, Refuse, Ruling, Submission

ATTEMPT_HEADER = "x-baitie-attempt"
CENTRE_ACCOUNT = ("baitie", "loopback")
"""System id and password of the loopback message centre; it listens on this machine only."""

Note = Callable[[dict[str, object]], None]
"""Where the carrier's own log goes: what it saw, independent of what the dialler believes."""


class Missed(NamedTuple):
    """What a handset shows of a call (未接来电), and where the enterprise is."""

    number: str
    shown: str
    enterprise: Flow


class SipSide(HandsetExchange, Dialler, Protocol):
    """SIP side (运营商信令侧): the carrier's user agent."""


@dataclass(slots=True)
class LoopbackCarrier:
    """Loopback carrier (模拟线路): a user agent server and a message policy over one population."""

    population: Population
    clock: Clock
    media: Media
    address: str
    hour_of_week: Callable[[str], int]
    note: Note
    write: Callable[[str, str, str], object] = field(default=lambda source, destination, text: None)
    """Lets a handset write: from whom, to whom, what."""
    exchange: SipSide = field(init=False)
    callers_in_flight_max: int = 100
    _missed: dict[CallKey, Missed] = field(default_factory=dict)
    _callers: dict[CallKey, Caller] = field(default_factory=dict)
    silence_borne_s: Callable[[str], float] | None = None  # by attempt: how long callees bear silence; None: for ever
    _handsets: dict[CallKey, Handset] = field(default_factory=dict)
    _by_attempt: dict[str, Handset] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def on_sip(self, event: Event) -> None:
        """Something happened at the SIP side."""
        caller = self._callers.get(getattr(event, "call", CallKey("")))
        if caller is not None:
            caller.on_sip(event)
            if caller.is_over:
                self._callers.pop(caller.call or CallKey(""), None)
        elif isinstance(event, CallOffered):
            self._offer(event)
        elif isinstance(event, CallEnded | CallFailed):
            handset = self._handsets.pop(event.call, None)
            if handset is not None:
                handset.note("over")
                handset.over()
                self._by_attempt.pop(handset.attempt, None)
                self._ring_back(handset, self._missed.pop(event.call))

    def handset_of(self, attempt: str) -> Handset | None:
        """The handset at which this attempt rings or is talked to; None where the call is over."""
        return self._by_attempt.get(attempt)

    def rule(self, submission: Submission, now: Instant) -> Ruling:
        """What becomes of one message: the policy of the message centre."""
        number = _e164(submission.destination)
        plan = self.population.on_message(number)
        self.note({"kind": "message", "to": number, "fate": plan.fate.value, "flash": submission.is_flash})
        if plan.opt_out_after_s is not None:
            seen_after_s = plan.latency_s + plan.receipt_after_s
            reply_at = Instant(now + seen_after_s + plan.opt_out_after_s)
            self.clock.call_at(reply_at, partial(self._reply, number, submission.source))
        match plan.fate:
            case MessageFate.REFUSED:
                return Refuse(Status.ESME_RSUBMITFAIL, plan.latency_s)
            case MessageFate.THROTTLED:
                return Refuse(Status.ESME_RTHROTTLED, plan.latency_s)
            case MessageFate.UNDELIVERED:
                return Accept(plan.receipt_after_s, MessageState.UNDELIVERABLE, 0.0, 1, plan.latency_s, "001")
            case MessageFate.NO_RECEIPT:
                state = MessageState.DELIVERED if plan.arrives else MessageState.UNDELIVERABLE
                return Accept(plan.receipt_after_s, state, 0.0, 0, plan.latency_s)
            case MessageFate.DELIVERED:
                receipts = 2 if plan.is_doubled else 1
                return Accept(plan.receipt_after_s, MessageState.DELIVERED, 0.0, receipts, plan.latency_s)

    def on_message_fate(self, fate: MessageShown | MessageDone) -> None:
        """A message came to its end at the handset."""
        if isinstance(fate, MessageShown):
            number = _e164(fate.submission.destination)
            self.note({"kind": "shown", "to": number})
            self.population.show_card(number, self.clock.now())

    def _reply(self, number: str, to: str) -> None:
        text = opt_out_reply(number)
        self.note({"kind": "reply", "from": number, "text": text})
        self.write(number.removeprefix("+"), to, text)

    def _offer(self, event: CallOffered) -> None:
        number = _number_of(event.request_uri)
        attempt = event.request.first(ATTEMPT_HEADER)
        about = {"to": number, "attempt": attempt}
        presented = _number_of(event.from_uri)
        plan = self.population.on_call(number, self.hour_of_week(number), self.clock.now(), presented)
        stated = {name: said for name in ("identity", "call-info") if (said := event.request.first(name))}
        self.note({"kind": "invite", "plan": plan.reaction.value, **about, **stated})
        handset = Handset(
            call=event.call,
            plan=plan,
            offer=event.sdp,
            clock=self.clock,
            exchange=self.exchange,
            media=self.media,
            address=self.address,
            spawn=self._spawn,
            note=partial(self._note_call, about),
            attempt=attempt,
            silence_borne_s=None if self.silence_borne_s is None else self.silence_borne_s(attempt),
        )
        self._handsets[event.call] = self._by_attempt[attempt] = handset
        self._missed[event.call] = Missed(number, presented, event.flow)
        handset.begin()

    def _ring_back(self, handset: Handset, missed: Missed) -> None:
        """Somebody who missed a call may ring the number that was shown."""
        plan = self.population.on_call_over(missed.number, handset.plan, handset.attempt)
        if plan is None or len(self._callers) >= self.callers_in_flight_max:
            return
        about = {"from": missed.number, "to": missed.shown}
        caller = Caller(
            number=missed.number,
            dialled=missed.shown,
            enterprise=missed.enterprise,
            plan=plan,
            clock=self.clock,
            exchange=self.exchange,
            media=self.media,
            address=self.address,
            spawn=self._spawn,
            note=partial(self._note_call, about),
            on_dialled=lambda call: self._callers.__setitem__(call, caller),
        )
        caller.begin()

    def _note_call(self, about: Mapping[str, str], kind: str) -> None:
        self.note({"kind": kind, **about})

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _number_of(uri: str) -> str:
    return _e164(uri.partition(":")[2].partition("@")[0].partition(";")[0])


def _e164(digits: str) -> str:
    return digits if digits.startswith("+") else f"+{digits}"
