"""What an ended attempt means: for the caps, for freezing, for its lead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from tests.rehearsal.world import callee, campaign, lead, zones

from baitie.app.calling.attempt_end import (
    AGENT_LOST,
    CALLEE_CALLED,
    LEAD_SKIPPED,
    SKIPPED_WAIT_S,
    STOPPED,
    close_attempt,
)
from baitie.app.calling.live_attempt import LiveAttempt
from baitie.app.gate.past_attempts import past_attempt
from baitie.domain.dialing.attempt import Attempt, EndAttempt
from baitie.domain.dialing.conclude import Conclusion
from baitie.domain.dialing.policy import DEFAULT_RETRIES, DialingPolicy
from baitie.domain.risk.facts import CallFacts, GateStage
from baitie.domain.risk.history import CalleeHistory, PastAttempt
from baitie.domain.risk.verdict import Decision, Verdict
from baitie.kernel.ids import AttemptId
from baitie.kernel.journal import JournalKind
from baitie.kernel.outcome import Evidence, Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import Purpose
from baitie.kernel.records import AttemptRecord, AttemptState, LeadState

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
SENT_AT = NOW - timedelta(seconds=40)
POLICY = DialingPolicy()
RULES = campaign().rules
PERSON, LEAD = callee(0), replace(lead(0), attempts=1, state=LeadState.IN_PROGRESS)


def live_attempt(invite_sent_at: datetime | None = SENT_AT, history: CalleeHistory | None = None) -> LiveAttempt:
    """An attempt that is about to end; without `invite_sent_at` it never left."""
    record = AttemptRecord(
        AttemptId("at_1"),
        LEAD.lead_id,
        LEAD.campaign_id,
        LEAD.callee_id,
        PhoneNumber("+8657188880000"),
        "main",
        AttemptState.INVITE_SENT,
        SENT_AT,
        invite_sent_at=invite_sent_at,
    )
    live = LiveAttempt(record, LEAD, PERSON, Attempt(POLICY), None)
    live.facts = CallFacts(
        callee_id=PERSON.callee_id,
        number_class=PERSON.number_class,
        region=PERSON.region,
        zones=zones(PERSON.zone_names),
        purpose=Purpose.CARE,
        civil_now=SENT_AT,
        history=history or CalleeHistory(),
        refusals=(),
        freezes=(),
        calls_in_flight=0,
        is_on_allow_list=None,
        campaign_windows=(),
        stage=GateStage.RING,
    )
    return live


class Expected(NamedTuple):
    """What an outcome means. `counted`: against attempts; `contact`, `short`: as such; `again`: the lead waits."""

    counted: bool
    contact: bool
    short: bool
    again: bool


TALKED_SHORT, TALKED_LONG = Evidence(ring_ms=3000, talk_ms=9_000), Evidence(ring_ms=3000, talk_ms=40_000)
RANG, SILENT = Evidence(ring_ms=20_000), Evidence()
TABLE = [
    (Outcome.ANSWERED, TALKED_SHORT, Expected(True, True, True, False)),
    (Outcome.ANSWERED, TALKED_LONG, Expected(True, True, False, False)),
    (Outcome.ABANDONED, TALKED_SHORT, Expected(True, True, True, False)),
    (Outcome.VOICEMAIL, TALKED_SHORT, Expected(True, True, False, True)),
    (Outcome.REJECTED, RANG, Expected(True, True, False, True)),
    (Outcome.NO_ANSWER, RANG, Expected(True, False, False, True)),
    (Outcome.BUSY, SILENT, Expected(True, False, False, True)),
    (Outcome.POWERED_OFF, SILENT, Expected(True, False, False, True)),
    (Outcome.UNREACHABLE, SILENT, Expected(True, False, False, True)),
    (Outcome.UNKNOWN, SILENT, Expected(True, True, False, False)),
    (Outcome.UNALLOCATED, SILENT, Expected(False, False, False, False)),
    (Outcome.SUSPENDED, SILENT, Expected(False, False, False, False)),
    (Outcome.FAILED, SILENT, Expected(False, False, False, True)),
    (Outcome.FAILED, RANG, Expected(True, False, False, True)),
    (Outcome.CANCELLED, RANG, Expected(True, False, False, False)),
]


def test_table_speaks_of_every_outcome() -> None:
    assert {outcome for outcome, _, _ in TABLE} == set(Outcome)


@pytest.mark.parametrize(("outcome", "evidence", "expected"), TABLE, ids=lambda value: str(value)[:40])
def test_outcome_counts_as_the_table_says(outcome: Outcome, evidence: Evidence, expected: Expected) -> None:
    end = EndAttempt(Conclusion(outcome, evidence, "cause"), invite_left=True)
    closing = close_attempt(live_attempt(), end, NOW, POLICY, RULES)
    (record,) = closing.batch.attempts
    assert (record.state, record.outcome, record.ended_at) == (AttemptState.ENDED, outcome, NOW)
    past = [history.attempts[-1] for _, history in closing.batch.histories]
    assert bool(past) == expected.counted
    for counted in past:
        flags = (counted.at, counted.is_contact, counted.is_rejected, counted.is_short)
        assert flags == (SENT_AT, expected.contact, outcome is Outcome.REJECTED, expected.short)
        assert counted.talk_s == (None if evidence.talk_ms is None else evidence.talk_ms / 1000)
    assert (closing.lead.state is LeadState.WAITING) == expected.again
    if expected.again:
        assert closing.lead.not_before == NOW + timedelta(seconds=DEFAULT_RETRIES[outcome].wait_s)
    kinds = [entry.kind for entry in closing.batch.journal]
    assert kinds.count(JournalKind.ATTEMPT_ENDED) == 1
    assert kinds.count(JournalKind.LEAD_CLOSED) == (not expected.again)


def test_failure_that_forbids_redialling_finishes_the_lead() -> None:
    end = EndAttempt(Conclusion(Outcome.NO_ANSWER, RANG, "cause", may_redial=False), invite_left=True)
    assert close_attempt(live_attempt(), end, NOW, POLICY, RULES).lead.state is LeadState.FINISHED


@pytest.mark.parametrize("cause", [STOPPED, CALLEE_CALLED, AGENT_LOST])
def test_ring_that_we_cut_off_is_tried_again_as_after_no_answer(cause: str) -> None:
    end = EndAttempt(Conclusion(Outcome.CANCELLED, RANG, cause), invite_left=True)
    lead = close_attempt(live_attempt(), end, NOW, POLICY, RULES).lead
    wait_s = DEFAULT_RETRIES[Outcome.NO_ANSWER].wait_s
    assert (lead.state, lead.not_before) == (LeadState.WAITING, NOW + timedelta(seconds=wait_s))


def test_lead_that_an_agent_skipped_waits_and_one_whose_agent_was_lost_does_not() -> None:
    live = live_attempt(invite_sent_at=None)
    skipped, lost = (
        close_attempt(
            live, EndAttempt(Conclusion(Outcome.CANCELLED, Evidence(), cause), False), NOW, POLICY, RULES
        ).lead
        for cause in (LEAD_SKIPPED, AGENT_LOST)
    )
    assert (skipped.state, skipped.not_before) == (LeadState.WAITING, NOW + timedelta(seconds=SKIPPED_WAIT_S))
    assert (lost.state, lost.not_before) == (LeadState.WAITING, None)


def test_lead_of_somebody_who_refused_is_finished_whatever_the_outcome() -> None:
    live = live_attempt()
    live.has_refused = True
    end = EndAttempt(Conclusion(Outcome.VOICEMAIL, TALKED_SHORT), invite_left=True)
    closing = close_attempt(live, end, NOW, POLICY, RULES)
    assert (closing.lead.state, closing.lead.reason) == (LeadState.FINISHED, "callee-refused")


def test_last_attempt_that_the_policy_allows_finishes_the_lead() -> None:
    live = live_attempt()
    live.lead = replace(LEAD, attempts=POLICY.attempts_max)
    end = EndAttempt(Conclusion(Outcome.NO_ANSWER, RANG), invite_left=True)
    assert close_attempt(live, end, NOW, POLICY, RULES).lead.state is LeadState.FINISHED


@pytest.mark.parametrize("cause", ["stopped", "carrier-lost", "store-unavailable"])
def test_attempt_stopped_before_its_invite_leaves_no_trace_and_the_lead_waits(cause: str) -> None:
    end = EndAttempt(Conclusion(Outcome.CANCELLED, Evidence(), cause), invite_left=False)
    closing = close_attempt(live_attempt(None), end, NOW, POLICY, RULES)
    assert not closing.batch.histories
    assert (closing.lead.state, closing.lead.not_before) == (LeadState.WAITING, None)


def test_card_that_was_not_delivered_finishes_the_lead_where_no_call_goes_without_it() -> None:
    end = EndAttempt(Conclusion(Outcome.CANCELLED, Evidence(), "card-refused"), invite_left=False)
    closing = close_attempt(live_attempt(None), end, NOW, POLICY, RULES)
    assert (closing.lead.state, closing.lead.reason) == (LeadState.FINISHED, "card-refused")


@pytest.mark.parametrize(
    ("decision", "until", "state"),
    [
        (Decision.DENY, None, LeadState.REFUSED),
        (Decision.DELAY, NOW + timedelta(hours=3), LeadState.WAITING),
        (Decision.DELAY, None, LeadState.WAITING),
    ],
)
def test_gate_that_forbade_the_ring_decides_the_lead(
    decision: Decision, until: datetime | None, state: LeadState
) -> None:
    live = live_attempt(None)
    live.forbidden = Verdict(decision, NOW, until, (), ())
    end = EndAttempt(Conclusion(Outcome.CANCELLED, Evidence(), "gate-no-consent"), invite_left=False)
    closing = close_attempt(live, end, NOW, POLICY, RULES)
    assert closing.lead.state is state
    if state is LeadState.WAITING:
        assert closing.lead.not_before is not None
        assert closing.lead.not_before == (until or closing.lead.not_before)
        assert closing.lead.not_before > NOW


def test_third_rejection_of_a_day_freezes_as_the_rules_say() -> None:
    rejections = CalleeHistory(tuple(PastAttempt(NOW - timedelta(hours=h), True, True, False) for h in (2, 1)))
    end = EndAttempt(Conclusion(Outcome.REJECTED, RANG), invite_left=True)
    closing = close_attempt(live_attempt(history=rejections), end, NOW, POLICY, RULES)
    (freeze,) = closing.batch.freezes
    assert freeze.callee_id == PERSON.callee_id
    assert freeze.frozen_until > NOW
    assert JournalKind.CALLEE_FROZEN in [entry.kind for entry in closing.batch.journal]


def test_attempt_without_an_invite_is_no_past_attempt() -> None:
    assert past_attempt(live_attempt(None).record, 15.0) is None
