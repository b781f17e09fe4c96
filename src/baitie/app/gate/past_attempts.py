"""What an ended attempt counts as: an attempt, a contact, a rejection, a short call."""

from baitie.domain.risk.history import PastAttempt
from baitie.kernel.outcome import EndedBy
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import AttemptRecord


def past_attempt(
    record: AttemptRecord, short_call_max_s: float, purpose: Purpose | None = None, debt_key: str | None = None
) -> PastAttempt | None:
    """The attempt as the caps see it; None where it cannot have rung."""
    outcome, evidence = record.outcome, record.evidence
    if record.invite_sent_at is None:
        return None
    traits = None if outcome is None else outcome.traits  # of one under way nothing more is known than that it began
    if traits is not None and not traits.may_ring_unseen and evidence.ring_ms is None:
        return None
    talk_ms = evidence.talk_ms
    # Only a person can cut a call short; a mailbox ends when we have said what we had to say.
    is_by_person = traits is not None and traits.is_by_person
    return PastAttempt(
        at=record.invite_sent_at,
        is_contact=traits is not None and traits.is_contact,
        is_rejected=traits is not None and traits.is_rejected,
        is_short=is_by_person and talk_ms is not None and talk_ms <= short_call_max_s * 1000,
        talk_s=None if talk_ms is None else talk_ms / 1000,
        purpose=purpose,
        campaign_id=record.campaign_id,
        presented=record.presented_number.e164(),
        debt_key=debt_key,
        hung_up=True if is_by_person and evidence.ended_by is EndedBy.CALLEE else None,
    )
