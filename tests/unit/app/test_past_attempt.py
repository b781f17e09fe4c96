"""What the caps are told of an ended attempt."""

from datetime import UTC, datetime

from baitie.app.gate.past_attempts import past_attempt
from baitie.domain.risk.history import PastAttempt
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.outcome import Evidence, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import AttemptRecord, AttemptState

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)


def ended(outcome: Outcome, talk_ms: int | None) -> AttemptRecord:
    return AttemptRecord(
        attempt_id=AttemptId("at_1"),
        lead_id=LeadId("lead_1"),
        campaign_id=CampaignId("campaign"),
        callee_id=CalleeId("callee_1"),
        presented_number=PhoneNumber("+861088880000"),
        trunk="t",
        state=AttemptState.ENDED,
        planned_at=AT,
        invite_sent_at=AT,
        outcome=outcome,
        evidence=Evidence(talk_ms=talk_ms, ring_ms=1000),
    )


def test_a_talk_is_told_with_its_length_purpose_campaign_number_and_debt() -> None:
    past = past_attempt(ended(Outcome.ANSWERED, 12_500), 15, Purpose.COLLECTION, "loan-1")
    expected = PastAttempt(AT, True, False, True, 12.5, Purpose.COLLECTION, "campaign", "+861088880000", "loan-1")
    assert past == expected


def test_of_an_attempt_that_nobody_took_no_talk_is_told() -> None:
    past = past_attempt(ended(Outcome.NO_ANSWER, None), 15, Purpose.CARE)
    assert past == PastAttempt(AT, False, False, False, None, Purpose.CARE, "campaign", "+861088880000", None)
