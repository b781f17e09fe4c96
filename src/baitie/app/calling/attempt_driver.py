"""Drives attempts: feeds events to their machines and carries the effects out, keeping before acting."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from baitie.app.calling.attempt_end import attempt_entry, close_attempt
from baitie.app.calling.card_submission import card_id_of, outcome_rows, prepare_card, submitted_facts, to_keep
from baitie.app.calling.live_attempt import HandedIn, LiveAttempt
from baitie.app.calling.persistence import BatchCommitter, HeldRefusal
from baitie.app.calling.progress import Progress
from baitie.app.calling.run_ground import CarrierKind
from baitie.app.calling.timers import set_timer
from baitie.app.campaign.campaign import Campaign
from baitie.app.gate.gate import Gate, on_record
from baitie.app.ports.calls import CallGateway, PlaceCall
from baitie.app.ports.clock import Clock
from baitie.app.ports.messages import MessageGateway, OutgoingMessage
from baitie.app.ports.signing import CardSigning
from baitie.app.records.batch import Batch
from baitie.app.records.page_cards import PageCard
from baitie.app.registers.refusals import REFUSED, refusal_batch
from baitie.domain.dialing import attempt as dialing
from baitie.domain.dialing.attempt import CardOutcome
from baitie.domain.risk.facts import GateStage
from baitie.domain.risk.history import RefusalChannel
from baitie.domain.voicebot import dialogue as voicebot
from baitie.domain.voicebot.dialogue import Dialogue
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.ids import AgentId, AttemptId, CalleeId
from baitie.kernel.journal import JournalKind, JsonValue
from baitie.kernel.records import AttemptState, LeadRecord

BOT_ACTOR = "bot"


@dataclass(slots=True)
class AttemptDriver:
    """Attempt driver (呼叫驱动) of one campaign. `on_closed(live, lead)` is called when all of an attempt is kept."""

    campaign: Campaign
    clock: Clock
    committer: BatchCommitter
    gate: Gate
    calls: CallGateway
    messages: MessageGateway
    progress: Progress
    on_closed: Callable[[LiveAttempt, LeadRecord], None]
    on_permit_requested: Callable[[], None]
    signing: CardSigning | None = None  # None: cards and calls go without proof
    carrier: CarrierKind = CarrierKind.REHEARSAL
    live: dict[AttemptId, LiveAttempt] = field(default_factory=dict)
    permits_wanted: deque[LiveAttempt] = field(default_factory=deque)

    def hold(self, live: LiveAttempt) -> None:
        """Take up a planned attempt that holds its leases; it waits for `begin`."""
        self.live[live.record.attempt_id] = live

    def begin(self, live: LiveAttempt) -> None:
        """Start a planned attempt that holds its leases."""
        self.hold(live)
        self.apply(live, live.machine.start(live.card is not None, self.clock.now()))

    def wants_permit(self) -> bool:
        """Whether an attempt waits for the trunk; those that ended meanwhile are forgotten."""
        while self.permits_wanted and self.permits_wanted[0].machine.phase is not dialing.Phase.CLEARED:
            self.permits_wanted.popleft()
        return bool(self.permits_wanted)

    def grant_permit(self) -> None:
        """The trunk may carry one more attempt: the one that has waited longest goes."""
        live = self.permits_wanted.popleft()
        self.apply(live, live.machine.on_permit(self.clock.now()))

    def stop_all(self, cause: str, *, calls_too: bool) -> None:
        """Stop what has not rung yet, and with `calls_too` everything."""
        for live in list(self.live.values()):
            self.apply(live, live.machine.stop(cause, self.clock.now(), calls_too=calls_too))

    def stop_callee(self, callee_id: CalleeId, cause: str) -> None:
        """Stop what is on its way to this callee, ringing included. Who talks already is not cut off."""
        for live in list(self.live.values()):
            if live.callee.callee_id == callee_id and live.machine.phase is not dialing.Phase.TALKING:
                self.progress.stopped_for_callee += 1
                self.apply(live, live.machine.stop(cause, self.clock.now(), calls_too=True))

    def stop_one(self, live: LiveAttempt, cause: str) -> None:
        """Stop this attempt, ringing included."""
        self.apply(live, live.machine.stop(cause, self.clock.now(), calls_too=True))

    def hang_up(self, live: LiveAttempt) -> None:
        """End this call, where it still lasts."""
        self.apply(live, live.machine.hang_up(self.clock.now()))

    # Effects of the attempt machine

    def apply(self, live: LiveAttempt, effects: Sequence[dialing.AttemptEffect]) -> None:
        """Carry out effects in their order, then set the timer anew."""
        for effect in effects:
            self._apply_one(live, effect)
        self.show(live)
        self._set_timer(live)

    def _apply_one(self, live: LiveAttempt, effect: dialing.AttemptEffect) -> None:
        attempt_id = live.record.attempt_id
        match effect:
            case dialing.KeepCard():
                self._keep_card(live)
            case dialing.SubmitCard():
                self._submit_card(live)
            case dialing.AwaitPermit():
                self.permits_wanted.append(live)
                self.on_permit_requested()
            case dialing.KeepInvite():
                self._keep_invite(live)
            case dialing.AskGate():
                self._ask_gate(live)
            case dialing.PlaceCallNow():
                self._place(live)
            case dialing.CancelCall():
                self.calls.cancel(attempt_id)
            case dialing.HangUpCall():
                self.calls.hang_up(attempt_id)
            case dialing.StartDialogue():
                self._start_dialogue(live)
            case dialing.EndAttempt():
                self._close(live, effect)

    def _keep_card(self, live: LiveAttempt) -> None:
        assert live.card is not None
        now = self.clock.civil_now()
        route = live.routes[live.machine.channel]
        sent = prepare_card(live, route, now, self.signing)
        live.cards[sent.card_id] = HandedIn(live.machine.channel, sent)
        live.record = fast_replace(
            live.record,
            state=AttemptState.CARD_SUBMITTED,
            card_submitted_at=now,
            card_text_hash=live.card.text_hash,
            card_channel=route.name,
        )
        entry = attempt_entry(live.record, JournalKind.CARD_SUBMITTED, now, submitted_facts(live.card, sent))
        page_cards: list[PageCard] = []
        plan, code = self.campaign.card, live.page_code
        if plan is not None and code is not None and live.machine.channel == 0:
            until = now + timedelta(days=plan.code_valid_days)
            page_cards.append(PageCard(code, live.record.attempt_id, live.callee.callee_id, now, until))
        batch = Batch(
            attempts=[live.record],
            journal=[entry],
            cards_sent=[(live.callee.callee_id, now)],
            card_submissions=to_keep(sent),
            page_cards=page_cards,
        )
        self._keep_then_go_on(live, batch)

    def _submit_card(self, live: LiveAttempt) -> None:
        plan, card = self.campaign.card, live.card
        assert plan is not None
        assert card is not None
        self.progress.cards_submitted += 1
        route = live.routes[live.machine.channel]
        card_id = card_id_of(live.record.attempt_id, live.machine.channel)
        live.cards[card_id] = fast_replace(live.cards[card_id], submitted_at=self.clock.now())
        message = OutgoingMessage(
            card_id=card_id,
            to=live.callee.number,
            sender=route.sender,
            text=card.text,
            is_flash=route.is_flash,
            validity_s=plan.validity_s,
            vendor=route.vendor,
        )
        self.messages.submit(message)

    def _keep_invite(self, live: LiveAttempt) -> None:
        now = self.clock.civil_now()
        live.lead = fast_replace(live.lead, attempts=live.lead.attempts + 1)
        live.record = fast_replace(
            live.record, state=AttemptState.INVITE_SENT, invite_sent_at=now, card_outcome=live.machine.card.value
        )
        facts: dict[str, JsonValue] = {
            "card": live.machine.card.value,
            "trunk": live.record.trunk,
            "presented_number": live.record.presented_number.e164(),  # the enterprise's own: nobody's personal data
            "carrier": self.carrier.value,
        }
        entry = attempt_entry(live.record, JournalKind.INVITE_SENT, now, facts)
        self._keep_then_go_on(live, Batch(attempts=[live.record], leads=[live.lead], journal=[entry]))

    def _ask_gate(self, live: LiveAttempt) -> None:
        facts = live.facts = self.gate.facts(
            live.callee,
            GateStage.RING,
            own_calls=1,
            presented=live.record.presented_number.e164(),
            lead=live.lead,
        )
        verdict = self.campaign.rules.judge(facts)
        if not verdict.is_allowed:
            live.forbidden = verdict
        # Kept here and not with the outcome: a crash during the call must not take the proof that it was allowed.
        kind = JournalKind.RING_ALLOWED if verdict.is_allowed else JournalKind.RING_FORBIDDEN
        entry = attempt_entry(live.record, kind, self.clock.civil_now(), on_record(verdict, facts))
        self.committer.commit(Batch(journal=[entry]))
        self.apply(live, live.machine.on_gate(verdict.is_allowed, verdict.reason, self.clock.now()))

    def _place(self, live: LiveAttempt) -> None:
        self.progress.attempts += 1
        record, recordings = live.record, self.campaign.recordings
        order = PlaceCall(
            attempt_id=record.attempt_id,
            to=live.callee.number,
            presented_number=record.presented_number,
            display_name=self.campaign.enterprise,
            trunk=record.trunk,
            ring_timeout_s=self.campaign.policy.ring_timeout_s,
            call_max_s=self.campaign.policy.call_max_s,
            recording=None if recordings is None else recordings / f"{record.attempt_id}.wav",
            headers=self._rich_headers(live),
        )
        self.calls.place(order)

    def _rich_headers(self, live: LiveAttempt) -> tuple[tuple[str, str], ...]:
        plan, signing = self.campaign.rich_call, self.signing
        if plan is None or signing is None:
            return ()
        return plan.headers(signing, live.record.presented_number, live.callee.number, self.clock.civil_now())

    def _start_dialogue(self, live: LiveAttempt) -> None:
        now = self.clock.civil_now()
        live.record = fast_replace(live.record, state=AttemptState.ANSWERED, answered_at=now)
        entry = attempt_entry(live.record, JournalKind.CALL_ANSWERED, now, {})
        self.committer.commit(Batch(attempts=[live.record], journal=[entry]))
        if live.answers_to is not None:
            live.answers_to.on_answered(live)
        else:
            self.let_bot_speak(live)

    def let_bot_speak(self, live: LiveAttempt, *, announcement: bool = False) -> None:
        """The bot speaks, in the same instant: the script, or with `announcement` what is said where no agent came."""
        if live.machine.phase is not dialing.Phase.TALKING:
            return
        plan = self.campaign.agents if announcement else None
        live.dialogue = Dialogue((plan and plan.announcement) or self.campaign.script)
        self.apply_dialogue(live, live.dialogue.start(self.clock.now()))

    def _close(self, live: LiveAttempt, end: dialing.EndAttempt) -> None:
        if live.timer is not None:
            live.timer.cancel()
        if not end.invite_left and live.record.invite_sent_at is not None:
            # Its intention was kept, and then the gate or a stop came between: nothing has rung, nothing counts.
            live.lead = fast_replace(live.lead, attempts=live.lead.attempts - 1)
            live.record = fast_replace(live.record, invite_sent_at=None)
        closing = close_attempt(live, end, self.clock.civil_now(), self.campaign.policy, self.campaign.rules)
        live.reached_network = end.conclusion.outcome.traits.is_final_of_carrier
        if end.invite_left:
            self.progress.outcomes[end.conclusion.outcome.value] += 1
        if live.answers_to is not None:
            live.answers_to.on_ended(live, end.conclusion.outcome)
        # The leases come back when the outcome is kept, so that the next verdict about this person sees it.
        self.committer.commit(closing.batch, on_committed=partial(self._closed, live, closing.lead))

    def _closed(self, live: LiveAttempt, lead: LeadRecord, is_kept: bool) -> None:
        self.live.pop(live.record.attempt_id, None)
        self.on_closed(live, lead)

    def _keep_then_go_on(self, live: LiveAttempt, batch: Batch) -> None:
        self.committer.commit(batch, on_committed=partial(self._kept, live))

    def _kept(self, live: LiveAttempt, is_kept: bool) -> None:
        now = self.clock.now()
        if is_kept:
            self.apply(live, live.machine.on_kept(now))
        else:
            self.apply(live, live.machine.stop("store-unavailable", now, calls_too=False))

    # Effects of the dialogue machine

    def apply_dialogue(self, live: LiveAttempt, effects: Sequence[voicebot.DialogueEffect]) -> None:
        """Carry out what the bot wants."""
        attempt_id = live.record.attempt_id
        for effect in effects:
            match effect:
                case voicebot.PlayPrompts():
                    self.calls.play(attempt_id, effect.play_id, effect.prompts)
                case voicebot.StopPlaying():
                    self.calls.stop_playing(attempt_id)
                case voicebot.CollectAnswer():
                    self._collect(live, effect.name, effect.value)
                case voicebot.NoteRefusal():
                    self._refuse(live, RefusalChannel.KEYPAD)
                case voicebot.EndCall():
                    self.apply(live, live.machine.hang_up(self.clock.now()))
        self._set_timer(live)

    def _collect(self, live: LiveAttempt, name: str, value: str) -> None:
        live.answers[name] = value
        self.progress.answers[f"{name}={value}"] += 1
        entry = attempt_entry(live.record, JournalKind.ANSWER_COLLECTED, self.clock.civil_now(), {"answer": name})
        self.committer.commit(Batch(journal=[entry]))

    def note_refusal_to_agent(self, live: LiveAttempt, agent_id: AgentId) -> None:
        """The callee said to an agent: do not call me again."""
        self._refuse(live, RefusalChannel.AGENT, agent_id)

    def note_refusal_unheard(self, live: LiveAttempt) -> None:
        """The callee pressed "do not call me again" in a call of whose answer nothing was heard: the refusal holds."""
        self._refuse(live, RefusalChannel.KEYPAD)
        self.stop_one(live, REFUSED)

    def _refuse(self, live: LiveAttempt, channel: RefusalChannel, actor: str = BOT_ACTOR) -> None:
        if live.has_refused:
            return
        live.has_refused = True
        now, callee_id = self.clock.civil_now(), live.callee.callee_id
        self.progress.note_refusal(callee_id, channel)
        held = HeldRefusal(live.callee.number, callee_id, channel, actor, now, {"attempt_id": live.record.attempt_id})
        self.committer.keep_refusal(refusal_batch(callee_id, channel, actor, now, attempt=live.record), held)

    # Timers and what the screen shows

    def _set_timer(self, live: LiveAttempt) -> None:
        set_timer(self.clock, live, self._on_timer)

    def _on_timer(self, live: LiveAttempt) -> None:
        live.timer = live.timer_at = None
        now = self.clock.now()
        if live.dialogue is not None and live.machine.phase is dialing.Phase.TALKING:
            self.apply_dialogue(live, live.dialogue.on_deadline(now))
        was_waiting, place = live.machine.phase is dialing.Phase.CARD_WAITING, live.machine.channel
        effects = live.machine.on_deadline(now)
        if was_waiting and effects:
            waited_s = self.campaign.policy.receipt_wait_s
            facts: dict[str, JsonValue] = {"waited_s": waited_s, "channel": live.record.card_channel}
            entry = attempt_entry(live.record, JournalKind.CARD_LATE, self.clock.civil_now(), facts)
            self.committer.commit(Batch(journal=[entry], card_submissions=outcome_rows(live, place, CardOutcome.LATE)))
        self.apply(live, effects)

    def show(self, live: LiveAttempt) -> None:
        """Count the attempt where it now stands."""
        shown = _SHOWN_AS.get(live.machine.phase, "")
        if shown == live.shown_as:
            return
        for name, step in ((live.shown_as, -1), (shown, 1)):
            if name:
                setattr(self.progress, name, getattr(self.progress, name) + step)
        live.shown_as = shown


_SHOWN_AS = {
    dialing.Phase.CARD_KEEPING: "awaiting_card",
    dialing.Phase.CARD_WAITING: "awaiting_card",
    dialing.Phase.CARD_READING: "awaiting_card",
    dialing.Phase.PLACING: "ringing",
    dialing.Phase.RINGING: "ringing",
    dialing.Phase.CANCELLING: "ringing",
    dialing.Phase.TALKING: "talking",
    dialing.Phase.HANGING_UP: "talking",
}
