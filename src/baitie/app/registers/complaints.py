"""The single way in for complaints (投诉唯一入口): whoever enters one, this is what is kept of it."""

from datetime import datetime

from baitie.app.records.batch import Batch
from baitie.app.registers.suspensions import AFTER_COMPLAINT, suspend_number
from baitie.domain.complaints import Complaint
from baitie.domain.risk.history import Freeze
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue


def complaint_batch(complaint: Complaint, at: datetime, frozen_until: datetime, suspension_id: str) -> Batch:
    """The ticket, the freeze of whoever complained, and the suspension of the number that was presented.

    To be kept durably: it holds from that instant on, for every campaign.
    """
    callee_id, actor = complaint.callee_id, complaint.actor
    received: dict[str, JsonValue] = {
        "complaint": complaint.complaint_id,
        "source": complaint.source.value,
        "due_on": complaint.due_on.isoformat(),
        "due_rule": complaint.due_rule,
        "received_at": complaint.received_at.isoformat(),
        "presented": complaint.presented,
        "about": complaint.about,
        "actor": actor,
    }
    frozen: dict[str, JsonValue] = {"rule": AFTER_COMPLAINT, "until": frozen_until.isoformat(), "actor": actor}
    batch = Batch(
        journal=[
            JournalEntry(
                JournalKind.COMPLAINT_RECEIVED,
                at,
                complaint.campaign_id,
                attempt_id=complaint.attempt_id,
                callee_id=callee_id,
                facts=received,
            ),
            JournalEntry(JournalKind.CALLEE_FROZEN, at, callee_id=callee_id, facts=frozen),
        ],
        complaints=[complaint],
        freezes=[Freeze(callee_id, at, frozen_until, AFTER_COMPLAINT, AFTER_COMPLAINT, actor)],
    )
    suspend_number(batch, complaint, at, actor, suspension_id)
    return batch
