"""What an ended attempt counts as: an attempt, a contact, a rejection, a short call."""

from baitie.domain.risk.history import PastAttempt
from baitie.kernel.outcome import EndedBy, Outcome
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import AttemptRecord

_CONTACTS = frozenset({Outcome.ANSWERED, Outcome.REJECTED, Outcome.VOICEMAIL, Outcome.ABANDONED, Outcome.UNKNOWN})
"""Outcomes in which the callee was, or may have been, disturbed. A mailbox counts: timing alone may be wrong."""

_BY_A_PERSON = frozenset({Outcome.ANSWERED, Outcome.ABANDONED})
"""Only a person can cut a call short; a mailbox ends when we have said what we had to say."""

_NEVER_RANG = frozenset({Outcome.FAILED, Outcome.UNALLOCATED, Outcome.SUSPENDED})


def past_attempt(
    record: AttemptRecord, short_call_max_s: float, purpose: Purpose | None = None, debt_key: str | None = None
) -> PastAttempt | None:
    """The attempt as the caps see it; None where it cannot have rung."""
    outcome, evidence = record.outcome, record.evidence
    if record.invite_sent_at is None or (outcome in _NEVER_RANG and evidence.ring_ms is None):
        return None
    talk_ms = evidence.talk_ms
    return PastAttempt(
        at=record.invite_sent_at,
        is_contact=outcome in _CONTACTS,
        is_rejected=outcome is Outcome.REJECTED,
        is_short=outcome in _BY_A_PERSON and talk_ms is not None and talk_ms <= short_call_max_s * 1000,
        talk_s=None if talk_ms is None else talk_ms / 1000,
        purpose=purpose,
        campaign_id=record.campaign_id,
        presented=record.presented_number.e164(),
        debt_key=debt_key,
        hung_up=True if outcome in _BY_A_PERSON and evidence.ended_by is EndedBy.CALLEE else None,
    )
