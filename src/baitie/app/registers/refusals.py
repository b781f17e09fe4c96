"""The single way in for refusals (退订唯一入口): whatever way a callee says no, this is what is kept of it."""

from dataclasses import dataclass
from datetime import datetime

from baitie.app.records.batch import Batch
from baitie.app.registers.book import RegisterBook
from baitie.domain.contacts import NumberReading
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue
from baitie.kernel.records import AttemptRecord

REFUSED = "callee-refused"
"""Why an attempt was stopped: its callee said no meanwhile."""


def refusal_batch(
    callee_id: CalleeId,
    channel: RefusalChannel,
    actor: str,
    at: datetime,
    *,
    evidence: dict[str, JsonValue] | None = None,
    attempt: AttemptRecord | None = None,
    reason: str = "",
) -> Batch:
    """The refusal with its journal entry, to be kept durably before anything else happens.

    It holds for every campaign from the instant it is kept: the gate reads it before each INVITE, and a run stops
    what is on its way to this callee within half a second. `evidence` holds codes and ids, never what was said;
    `attempt` is the call in which it was said; `reason` is what whoever enters it says of why, and names nobody.
    """
    said: dict[str, JsonValue] = {"channel": channel.value, "actor": actor, **({"reason": reason} if reason else {})}
    if attempt is None:
        entry = JournalEntry(JournalKind.CALLEE_REFUSED, at, callee_id=callee_id, facts=said)
    else:
        evidence = {"attempt_id": attempt.attempt_id, **(evidence or {})}
        entry = JournalEntry(
            JournalKind.CALLEE_REFUSED,
            at,
            attempt.campaign_id,
            attempt.lead_id,
            attempt.attempt_id,
            callee_id,
            said,
        )
    return Batch(journal=[entry], refusals=[Refusal(callee_id, at, channel, actor, evidence)])


@dataclass(frozen=True, slots=True)
class Refusals:
    """Refusals (退订登记)."""

    book: RegisterBook

    def enter(
        self, reading: NumberReading, channel: RefusalChannel = RefusalChannel.OPERATOR, reason: str = ""
    ) -> bool:
        """Keep a refusal; False where one stands already. `reason` is told to the journal and names nobody."""
        book = self.book
        callee_id = book.callee(reading)
        if book.store.standing(callee_id).refusals:
            return False
        book.keep(refusal_batch(callee_id, channel, book.actor, book.now, reason=reason))
        return True
