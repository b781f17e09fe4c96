"""The carrier's switchboard: hands each INVITE to a handset, and each message to the population."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from baitie.app.ports import Clock
from baitie.kernel.time import Instant
from baitie.rehearsal.loopback.handset import Exchange, Handset, Media
from baitie.rehearsal.people import MessageFate, opt_out_reply
from baitie.rehearsal.population import Population
from baitie.wire.sip.effects import CallEnded, CallFailed, CallKey, CallOffered, Event
from baitie.wire.smpp.centre import MessageDone, MessageShown
from baitie.wire.smpp.constants import MessageState, Status
from baitie.wire.smpp.rulings import Accept, Refuse, Ruling, Submission

ATTEMPT_HEADER = "x-baitie-attempt"
CENTRE_ACCOUNT = ("baitie", "loopback")
"""System id and password of the loopback message centre; it listens on this machine only."""

Note = Callable[[dict[str, object]], None]
"""Where the carrier's own log goes: what it saw, independent of what the dialler believes."""


@dataclass(slots=True)
class LoopbackCarrier:
    """Loopback carrier (回环运营商): a user agent server and a message policy over one population."""

    population: Population
    clock: Clock
    media: Media
    address: str
    hour_of: Callable[[str], int]
    note: Note
    write: Callable[[str, str, str], object] = field(default=lambda source, destination, text: None)
    """Lets a handset write: from whom, to whom, what."""
    exchange: Exchange = field(init=False)
    _handsets: dict[CallKey, Handset] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def on_sip(self, event: Event) -> None:
        """Something happened at the SIP side."""
        if isinstance(event, CallOffered):
            self._offer(event)
        elif isinstance(event, CallEnded | CallFailed):
            handset = self._handsets.pop(event.call, None)
            if handset is not None:
                handset.note("over")
                handset.over()

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
        about = {"to": number, "attempt": event.request.first(ATTEMPT_HEADER)}
        plan = self.population.on_call(number, self.hour_of(number), self.clock.now())
        self.note({"kind": "invite", "plan": plan.reaction.value, **about})
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
        )
        self._handsets[event.call] = handset
        handset.begin()

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
