"""Answers calls that come in: finds what they return, keeps that they came, then lets script or announcement speak."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from baitie.app.calling.persistence import BatchCommitter
from baitie.app.calling.timers import set_timer
from baitie.app.campaign.answering_plan import CALL_BACK_ANSWER, AnsweringPlan
from baitie.app.inbound import journal
from baitie.app.inbound.campaign_host import after_crash
from baitie.app.inbound.counts import InboundCounts
from baitie.app.inbound.finding import Found, find
from baitie.app.inbound.live import LiveInbound
from baitie.app.inbound.wishes import Wishes
from baitie.app.ports.arrivals import (
    AnsweringStore,
    ArrivalConfirmed,
    ArrivalEnded,
    ArrivalEvent,
    CallArrived,
    CallerHeard,
    CallerPressed,
    InboundGateway,
    LineKey,
)
from baitie.app.ports.clock import Clock, Rng
from baitie.app.records.batch import Batch
from baitie.domain.dialing.leases import LeaseBook, ResourceKey
from baitie.domain.inbound import call as machine
from baitie.domain.inbound.call import InboundCall, InboundOutcome
from baitie.domain.inbound.decision import Treatment, decide
from baitie.domain.inbound.record import InboundRecord
from baitie.domain.voicebot import dialogue as voicebot
from baitie.domain.voicebot.dialogue import Dialogue
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import CalleeId, InboundId, time_ordered
from baitie.kernel.outcome import EndedBy
from baitie.kernel.time import local

LINES: ResourceKey = ("inbound", "lines")
"""The lease of each call that is being answered: apart from the trunk's slots, so that a busy run answers too."""

BUSY_HERE, NOT_FOUND, UNAVAILABLE = 486, 404, 503
LINES_BUSY, DIALLER_STOPPING = "lines-busy", "dialler-stopping"
"""Why callers are turned away: as many calls as we take are in progress; or the dialler is about to end."""


class Host(Protocol):
    """Host (接听宿主): the run beside which calls are answered; it must not call somebody who is calling us."""

    def on_caller(self, record: InboundRecord) -> None:
        """This callee is on the line now."""
        ...

    def on_caller_gone(self, record: InboundRecord, *, is_served: bool) -> None:
        """Not any more. `is_served`: the script was heard to its end, or a question was answered."""
        ...

    def on_refused(self, callee_id: CalleeId) -> None:
        """This callee does not want to be called."""
        ...


@dataclass(slots=True)
class Answerer:
    """Answers (接听) calls that come in, as many at a time as there are leases."""

    plan: AnsweringPlan
    clock: Clock
    rng: Rng
    store: AnsweringStore
    committer: BatchCommitter
    gateway: InboundGateway
    leases: LeaseBook
    host: Host
    counts: InboundCounts = field(default_factory=InboundCounts)
    _wishes: Wishes = field(init=False)
    live: dict[LineKey, LiveInbound] = field(default_factory=dict)
    is_stopping: bool = False

    def __post_init__(self) -> None:
        self._wishes = Wishes(self.plan, self.clock, self.rng, self.store, self.committer)

    def start(self) -> None:
        """Close what a crash left open, and listen from now on. Raises `StoreError`."""
        now = self.clock.civil_now()
        left = [after_crash(record, now) for record in self.store.inbound_calls(open_only=True)]
        if left:
            self.committer.commit(Batch(journal=[journal.ended(record, now) for record in left], inbound=left))
        self.leases.declare(LINES, self.plan.policy.calls_in_flight_max)
        self.gateway.listen(self.on_event)

    def leave(self) -> None:
        """Answer nobody any more: the carrier hears that nobody is here."""
        self.gateway.listen(None)

    def stop(self, *, calls_too: bool) -> None:
        """Take no further calls; those that talk end by themselves, or at once."""
        self.is_stopping = True
        now = self.clock.now()
        for live in list(self.live.values()):
            self._apply(live, live.machine.stop(now, calls_too=calls_too))

    def on_event(self, event: ArrivalEvent) -> None:
        """Something happened to a call that came in."""
        if isinstance(event, CallArrived):
            self._on_arrived(event)
            return
        live = self.live.get(event.line)
        if live is None:
            return
        now = self.clock.now()
        match event:
            case ArrivalConfirmed():
                self._apply(live, live.machine.on_confirmed(now))
            case ArrivalEnded():
                if event.recording is not None:
                    live.record = replace(live.record, recording=event.recording.name)
                self._apply(live, live.machine.on_ended(event.ended_by, event.cause, now))
            case CallerPressed():
                if live.dialogue is not None and live.is_talking:
                    self._speak(live, live.dialogue.on_key(event.key, now))
            case CallerHeard():
                if live.dialogue is not None and live.is_talking:
                    self._speak(live, live.dialogue.on_play_finished(event.play_id, now))

    # A call comes in

    def _on_arrived(self, call: CallArrived) -> None:
        if call.line in self.live:
            return
        self.counts.arrived += 1
        if self.committer.failed is not None:
            self.gateway.refuse(call.line, UNAVAILABLE)
            return
        civil_now = self.clock.civil_now()
        try:
            found = find(self.store, self.plan, call, civil_now)
        except StoreError as error:
            self.committer.fail(error)
            self.gateway.refuse(call.line, UNAVAILABLE)
            return
        if not found.is_for_us:
            self.gateway.refuse(call.line, NOT_FOUND)
            return
        record = self._record(call, found)
        if self.is_stopping:
            self.counts.stopping += 1
            self._turn_away(call.line, record, UNAVAILABLE, InboundOutcome.FAILED, DIALLER_STOPPING)
            return
        taken = self.leases.try_take(record.inbound_id, (LINES,))
        if taken is not None:
            self.counts.busy += 1
            self._turn_away(call.line, record, BUSY_HERE, InboundOutcome.BUSY, LINES_BUSY)
            return
        self._begin(call.line, record, found)

    def _begin(self, line: LineKey, record: InboundRecord, found: Found) -> None:
        self.counts.in_progress += 1
        self.counts.treatments[record.treatment.value] += 1
        script = self.plan.script_for(record.treatment, record.campaign_id, knows_number=found.number is not None)
        call = InboundCall(self.plan.policy, self.clock.now())
        live = self.live[line] = LiveInbound(line, record, found.number, call, script)
        self.host.on_caller(record)
        self.committer.commit(
            Batch(journal=[journal.arrived(record)], inbound=[record]), on_committed=partial(self._on_kept, live)
        )
        self._set_timer(live)

    def _record(self, call: CallArrived, found: Found) -> InboundRecord:
        civil_now = self.clock.civil_now()
        reception = decide(found.facts, self.plan.policy, self.plan.served, local(civil_now, self.plan.zone))
        attempt = reception.attempt
        script = self.plan.script_for(reception.treatment, None if attempt is None else attempt.campaign_id)
        return InboundRecord(
            inbound_id=InboundId(time_ordered("in", int(civil_now.timestamp() * 1000), self.rng.getrandbits)),
            arrived_at=civil_now,
            caller=found.facts.kind,
            treatment=reception.treatment,
            reason=reception.reason,
            dialled_number=None if found.dialled is None else found.dialled.e164(),
            trunk=call.trunk,
            callee_id=found.callee_id,
            attempt_id=None if attempt is None else attempt.attempt_id,
            lead_id=None if attempt is None else attempt.lead_id,
            campaign_id=None if attempt is None else attempt.campaign_id,
            agent=None if attempt is None else attempt.agent,
            script_id=script.script_id,
            script_version=script.version,
        )

    def _turn_away(
        self, line: LineKey, record: InboundRecord, sip_status: int, outcome: InboundOutcome, cause: str
    ) -> None:
        """Refuse a call. Of who returns one of ours it is kept that they rang, and why nobody answered."""
        self.gateway.refuse(line, sip_status)
        if record.attempt_id is not None:
            ended = replace(record, ended_at=record.arrived_at, outcome=outcome, cause=cause, ended_by=EndedBy.US)
            entries = [journal.arrived(record), journal.ended(ended, record.arrived_at)]
            self.committer.commit(Batch(journal=entries, inbound=[ended]))

    def _on_kept(self, live: LiveInbound, is_kept: bool) -> None:
        self._apply(live, live.machine.on_kept(is_kept, self.clock.now()))

    # Effects

    def _apply(self, live: LiveInbound, effects: Sequence[machine.InboundEffect]) -> None:
        for effect in effects:
            match effect:
                case machine.RingCaller():
                    self.gateway.ring(live.line)
                case machine.AnswerCaller():
                    self.gateway.answer(live.line, self._recording(live.record))
                case machine.RefuseCaller():
                    self.gateway.refuse(live.line, effect.sip_status)
                case machine.HangUpCaller():
                    self.gateway.hang_up(live.line)
                case machine.SpeakToCaller():
                    self._begin_speaking(live)
                case machine.EndInbound():
                    self._close(live, effect)
        self._set_timer(live)

    def _begin_speaking(self, live: LiveInbound) -> None:
        now = self.clock.civil_now()
        self.counts.answered += 1
        live.record = replace(live.record, answered_at=now)
        self.committer.commit(Batch(journal=[journal.answered(live.record, now)], inbound=[live.record]))
        live.dialogue = Dialogue(live.script)
        self._speak(live, live.dialogue.start(self.clock.now()))

    def _speak(self, live: LiveInbound, effects: Sequence[voicebot.DialogueEffect]) -> None:
        for effect in effects:
            match effect:
                case voicebot.PlayPrompts():
                    self.gateway.play(live.line, effect.play_id, effect.prompts)
                case voicebot.StopPlaying():
                    self.gateway.stop_playing(live.line)
                case voicebot.CollectAnswer():
                    live.answers[effect.name] = effect.value
                    self.counts.answers[f"{effect.name}={effect.value}"] += 1
                    if effect.name == CALL_BACK_ANSWER and self._wishes.call_back(live):
                        self.counts.call_backs_requested += 1
                case voicebot.NoteRefusal():
                    self._refuse_calls(live)
                case voicebot.EndCall():
                    self._apply(live, live.machine.hang_up(self.clock.now()))
        self._set_timer(live)

    def _refuse_calls(self, live: LiveInbound) -> None:
        if live.has_refused:
            return
        live.has_refused = True
        callee_id = self._wishes.refuse(live)
        if callee_id is not None:
            self.counts.refusals += 1
            self.host.on_refused(callee_id)

    def _recording(self, record: InboundRecord) -> Path | None:
        folder = self.plan.recordings
        return (
            None if folder is None or record.treatment is not Treatment.SCRIPT else folder / f"{record.inbound_id}.wav"
        )

    # Its end

    def _close(self, live: LiveInbound, end: machine.EndInbound) -> None:
        now = self.clock.civil_now()
        self.counts.in_progress -= 1
        self.counts.outcomes[end.outcome.value] += 1
        record = live.record = replace(
            live.record,
            ended_at=now,
            outcome=end.outcome,
            cause=end.cause,
            ended_by=end.ended_by,
            talk_ms=end.talk_ms,
            answers=dict(live.answers),
        )
        # The lease comes back when the end is kept, whether that succeeds or not.
        self.committer.commit(
            Batch(journal=[journal.ended(record, now)], inbound=[record]), on_committed=partial(self._closed, live)
        )

    def _closed(self, live: LiveInbound, is_kept: bool) -> None:
        if self.live.pop(live.line, None) is None:
            return
        self.leases.give_back(live.record.inbound_id)
        is_through = live.dialogue is not None and (live.dialogue.is_over or bool(live.answers))
        is_served = is_through and live.record.treatment is Treatment.SCRIPT
        self.host.on_caller_gone(live.record, is_served=is_served)

    # Timers

    def _set_timer(self, live: LiveInbound) -> None:
        set_timer(self.clock, live, self._on_timer)

    def _on_timer(self, live: LiveInbound) -> None:
        live.timer = live.timer_at = None
        now = self.clock.now()
        if live.dialogue is not None and live.is_talking:
            self._speak(live, live.dialogue.on_deadline(now))
        self._apply(live, live.machine.on_deadline(now))
