"""What callees write back: an opt-out is kept at once and stops what is on its way to them."""

from dataclasses import dataclass

from baitie.app.calling.attempt_driver import AttemptDriver
from baitie.app.calling.persistence import HeldRefusal
from baitie.app.ports.clock import Rng
from baitie.app.ports.messages import MessageReceived
from baitie.app.ports.run_store import RunStore
from baitie.app.records.batch import Batch
from baitie.app.registers.callees import find_or_create_callee
from baitie.app.registers.refusals import REFUSED, refusal_batch
from baitie.domain.consent.optout import OptOut, refusal_in
from baitie.domain.risk.history import RefusalChannel
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import CalleeId, CampaignId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue

CALLEE_ACTOR = "callee"
"""Who acted, where the callee did."""

_NO_CAMPAIGN = CampaignId("by-message")


@dataclass(slots=True)
class Replies:
    """Reads what callees write (上行短信). No text is kept: the journal has what it was read as."""

    driver: AttemptDriver
    store: RunStore
    rng: Rng
    received: int = 0

    def on_received(self, message: MessageReceived) -> None:
        """A callee wrote to us."""
        self.received += 1
        optout = refusal_in((message.text, *message.other_readings))
        try:
            callee_id = self._callee_id(message, may_add=optout is not None)
            if optout is not None and callee_id is not None:
                self._refuse(callee_id, optout)
                return
        except StoreError as error:
            self.driver.committer.fail(error)  # a refusal that cannot be kept: nothing is dialled any more
            if optout is not None:
                self._hold(message, optout)
                raise  # the message centre is told to bring it again
            return
        now = self.driver.clock.civil_now()
        facts: dict[str, JsonValue] = {"reads_as": "other" if optout is None else "optout"}
        entry = JournalEntry(JournalKind.MESSAGE_RECEIVED, now, callee_id=callee_id, facts=facts)
        self.driver.committer.commit(Batch(journal=[entry]))

    def _refuse(self, callee_id: CalleeId, optout: OptOut) -> None:
        now = self.driver.clock.civil_now()
        said: dict[str, JsonValue] = {"word": optout.word, "language": optout.language}
        received = JournalEntry(
            JournalKind.MESSAGE_RECEIVED, now, callee_id=callee_id, facts={"reads_as": "optout", **said}
        )
        batch = refusal_batch(callee_id, RefusalChannel.MESSAGE, CALLEE_ACTOR, now, evidence=said)
        batch.journal = [received, *batch.journal]
        self.driver.progress.note_refusal(callee_id, RefusalChannel.MESSAGE)
        self.driver.stop_callee(callee_id, REFUSED)
        # Durable before the message centre gets its acknowledgement, so that a crash cannot lose it.
        self.store.record_refusal_or_freeze(batch)

    def _hold(self, message: MessageReceived, optout: OptOut) -> None:
        """Stop what is on its way to this number, and hold what it said for as long as this process lives."""
        now, committer = self.driver.clock.civil_now(), self.driver.committer
        live = next((one for one in self.driver.live.values() if one.callee.number == message.sender), None)
        callee_id = None if live is None else live.callee.callee_id
        if callee_id is not None:
            self.driver.stop_callee(callee_id, REFUSED)
        said: dict[str, JsonValue] = {"word": optout.word, "language": optout.language}
        if all(one.number != message.sender for one in committer.held):  # the centre brings it again and again
            committer.held.append(
                HeldRefusal(message.sender, callee_id, RefusalChannel.MESSAGE, CALLEE_ACTOR, now, said)
            )

    def _callee_id(self, message: MessageReceived, *, may_add: bool) -> CalleeId | None:
        """Who wrote. A stranger who opts out is kept too: the number may be on a list that comes later."""
        if may_add:
            return find_or_create_callee(
                self.store, self.rng, message.sender, self.driver.clock.civil_now(), _NO_CAMPAIGN
            )
        return self.store.callee_ids([message.sender]).get(message.sender)
