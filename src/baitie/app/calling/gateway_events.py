"""Takes what gateways report and hands it to the attempt it belongs to; what belongs to nobody is counted."""

from collections.abc import Sequence
from dataclasses import dataclass

from baitie.app.calling.attempt_driver import AttemptDriver
from baitie.app.calling.attempt_end import attempt_entry
from baitie.app.calling.card_submission import attempt_of_card, outcome_rows
from baitie.app.calling.live_attempt import LiveAttempt
from baitie.app.calling.replies import Replies
from baitie.app.ports.calls import CallAnswered, CallEnded, CallEvent, CallFailed, CallRinging, KeyPressed, PlayFinished
from baitie.app.ports.messages import (
    MessageAccepted,
    MessageEvent,
    MessageFateUnknown,
    MessageReceipt,
    MessageReceived,
    MessageRefused,
    ReceiptState,
)
from baitie.app.records.batch import Batch
from baitie.app.records.sent_card import SentCard
from baitie.domain.dialing.attempt import CardOutcome, Phase
from baitie.kernel.fast_replace import fast_replace
from baitie.kernel.ids import CardId
from baitie.kernel.journal import JournalKind, JsonValue


@dataclass(slots=True)
class GatewayEvents:
    """Gateway events (网关事件处理): the listeners of both gateways."""

    driver: AttemptDriver
    replies: Replies

    def on_call(self, event: CallEvent) -> None:
        """Something happened to a call."""
        live = self.driver.live.get(event.attempt_id)
        if live is None:  # a late receipt, a late ending
            return
        now = self.driver.clock.now()
        machine = live.machine
        match event:
            case CallRinging():
                self._note_ringing(live)
                self.driver.apply(live, machine.on_ringing(event.early_media, now))
            case CallAnswered():
                self.driver.apply(live, machine.on_answered(now, hears_keys=event.hears_keys))
            case CallFailed():
                self.driver.apply(live, machine.on_failed(event.failure, now))
            case CallEnded():
                self._on_ended(live, event)
            case KeyPressed():
                if machine.phase is not Phase.TALKING:
                    if event.key == self.driver.campaign.script.refuse_key:
                        self.driver.note_refusal_unheard(live)
                elif live.dialogue is not None:  # to an agent a key says nothing: nobody offered it
                    self.driver.apply_dialogue(live, live.dialogue.on_key(event.key, now))
            case PlayFinished():
                if live.dialogue is not None and machine.phase is Phase.TALKING:
                    self.driver.apply_dialogue(live, live.dialogue.on_play_finished(event.play_id, now))

    def on_message(self, event: MessageEvent) -> None:
        """Something happened to a card, or a callee wrote."""
        if isinstance(event, MessageReceived):
            self.replies.on_received(event)
            return
        live = self.driver.live.get(attempt_of_card(event.card_id))
        if live is None:  # a late receipt, a late ending
            return
        match event:
            case MessageAccepted():
                self._note_card(live, event.card_id, JournalKind.CARD_ACCEPTED, {"message_id": event.message_id})
            case MessageRefused():
                facts: dict[str, JsonValue] = {"cause": event.cause, "party": event.party.value}
                self._settle(live, event.card_id, CardOutcome.REFUSED, JournalKind.CARD_REFUSED, facts)
            case MessageFateUnknown():
                cause: dict[str, JsonValue] = {"cause": event.cause}
                self._settle(live, event.card_id, CardOutcome.UNKNOWN, JournalKind.CARD_UNDELIVERED, cause)
            case MessageReceipt():
                self._on_receipt(live, event)

    def _on_receipt(self, live: LiveAttempt, event: MessageReceipt) -> None:
        if event.state is not ReceiptState.DELIVERED:
            facts: dict[str, JsonValue] = {"state": event.state.value, "network_error": event.network_error}
            if event.state is ReceiptState.UNKNOWN:
                # The centre has no word yet, which ends nothing: the ring waits on for a definite one.
                self._note_card(live, event.card_id, JournalKind.CARD_UNDELIVERED, facts)
                return
            self._settle(live, event.card_id, CardOutcome.UNDELIVERED, JournalKind.CARD_UNDELIVERED, facts)
            return
        handed = live.cards.get(event.card_id)
        submitted_at = None if handed is None else handed.submitted_at
        now = self.driver.clock.now()
        receipt_ms = None if submitted_at is None else round((now - submitted_at) * 1000)
        if (
            handed is not None and live.record.card_delivered_at is None
        ):  # what comes over a second channel adds nothing
            live.record = fast_replace(
                live.record,
                card_delivered_at=self.driver.clock.civil_now(),
                card_receipt_ms=receipt_ms,
                card_channel=handed.sent.channel,
            )
            self.driver.progress.cards_delivered += 1
        delivered: dict[str, JsonValue] = {"receipt_ms": receipt_ms}
        self._settle(live, event.card_id, CardOutcome.DELIVERED, JournalKind.CARD_DELIVERED, delivered, receipt_ms)

    def _settle(
        self,
        live: LiveAttempt,
        card_id: CardId,
        outcome: CardOutcome,
        kind: JournalKind,
        facts: dict[str, JsonValue],
        receipt_ms: int | None = None,
    ) -> None:
        handed = live.cards.get(card_id)
        place = None if handed is None else handed.place
        kept = [] if place is None else outcome_rows(live, place, outcome, receipt_ms)
        self._note_card(live, card_id, kind, facts, kept)
        self.driver.apply(live, live.machine.on_card(outcome, self.driver.clock.now(), place))

    def _note_card(
        self,
        live: LiveAttempt,
        card_id: CardId,
        kind: JournalKind,
        facts: dict[str, JsonValue],
        kept: Sequence[SentCard] = (),
    ) -> None:
        handed = live.cards.get(card_id)
        if handed is not None:
            facts = {**facts, "channel": handed.sent.channel}
        entry = attempt_entry(live.record, kind, self.driver.clock.civil_now(), facts)
        self.driver.committer.commit(Batch(journal=[entry], card_submissions=[*kept]))

    def _note_ringing(self, live: LiveAttempt) -> None:
        if live.machine.phase is not Phase.PLACING:
            return
        now, receipt_at = self.driver.clock.now(), live.machine.receipt_at
        lead_ms = None if receipt_at is None else round((now - receipt_at) * 1000)
        if lead_ms is not None:
            self.driver.progress.cards_before_ring += 1
        rang_at = self.driver.clock.civil_now()
        live.record = fast_replace(live.record, rang_at=rang_at, card_lead_ms=lead_ms)
        entry = attempt_entry(live.record, JournalKind.CALL_RANG, rang_at, {"card_lead_ms": lead_ms})
        self.driver.committer.commit(Batch(journal=[entry]))

    def _on_ended(self, live: LiveAttempt, event: CallEnded) -> None:
        if event.recording is not None:
            live.record = fast_replace(live.record, recording=event.recording.name)
        keys = live.dialogue.keys_pressed if live.dialogue is not None else 0
        effects = live.machine.on_ended(
            event.ended_by, keys, self.driver.clock.now(), event.reason_header, event.release_cause
        )
        self.driver.apply(live, effects)
