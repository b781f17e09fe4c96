"""Numbers that complaints put out of use, and putting them into use again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from baitie.app.records.batch import Batch
from baitie.app.records.callers import CallerFound
from baitie.domain.complaints import Complaint, NumberSuspension, SuspensionObjection, objection_to_resuming
from baitie.kernel.ids import AttemptId
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue

AFTER_COMPLAINT = "complaint"


class FindsAttempts(Protocol):
    """The part of a store that finds an attempt (呼叫查找)."""

    def caller_of(self, attempt_id: AttemptId) -> CallerFound | None: ...


class KeepsSuspensions(Protocol):
    """The part of a store that keeps suspensions and complaints (停用登记)."""

    def suspensions(self) -> Sequence[NumberSuspension]: ...
    def complaints(self) -> Sequence[Complaint]: ...


def complained_of(
    store: FindsAttempts, attempt_id: str | None, campaign_id: str | None, presented: str | None
) -> tuple[str | None, str | None]:
    """Campaign and presented number of a complaint, from the attempt it names where it does not name them itself."""
    if attempt_id is None or (campaign_id is not None and presented is not None):
        return campaign_id, presented
    found = store.caller_of(AttemptId(attempt_id))
    if found is None:
        return campaign_id, presented
    attempt = found.attempt
    return campaign_id or attempt.campaign_id, presented or attempt.presented_number.e164()


def suspend_number(batch: Batch, complaint: Complaint, at: datetime, actor: str, suspension_id: str) -> None:
    """Put the number that was complained of out of use, in the batch of the complaint; none where none is known."""
    if complaint.presented is None:
        return
    suspension = NumberSuspension(
        suspension_id, complaint.presented, at, AFTER_COMPLAINT, actor, complaint.complaint_id
    )
    said: dict[str, JsonValue] = {
        "number": complaint.presented,
        "reason": AFTER_COMPLAINT,
        "complaint": complaint.complaint_id,
        "actor": actor,
    }
    entry = JournalEntry(
        JournalKind.NUMBER_SUSPENDED, at, complaint.campaign_id, callee_id=complaint.callee_id, facts=said
    )
    batch.suspensions = [*batch.suspensions, suspension]
    batch.journal = [*batch.journal, entry]


def resumed_batch(
    store: KeepsSuspensions,
    number: str,
    actor: str,
    reason: str,
    lifters: Sequence[str],
    at: datetime,
    *,
    of_reason: str = AFTER_COMPLAINT,
) -> Batch | SuspensionObjection:
    """What ends the suspensions of a number for one reason, or why they stay. It counts from the next attempt."""
    active = (one for one in store.suspensions() if one.number == number and one.is_active)
    mine = [one for one in active if one.reason == of_reason]
    of_number = [one for one in store.complaints() if one.presented == number and one.closed_at is None]
    still_open = len(of_number) if of_reason == AFTER_COMPLAINT else 0
    objection = objection_to_resuming(mine, actor, reason, lifters, still_open)
    if objection is not None:
        return objection
    said: dict[str, JsonValue] = {"number": number, "ends": of_reason, "reason": reason, "actor": actor}
    return Batch(
        suspensions=[one.lifted(at, actor, reason) for one in mine],
        journal=[JournalEntry(JournalKind.NUMBER_RESUMED, at, facts=said)],
    )
