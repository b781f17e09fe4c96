"""What callers hear, by who they are, what they were called for, and when they call."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.inbound.decision import AnsweringPolicy, CallerFacts, CallerKind, RecentAttempt, Treatment, decide
from baitie.kernel.ids import AttemptId, CampaignId, LeadId
from baitie.kernel.time import Window

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
CARE, SURVEY = CampaignId("care"), CampaignId("survey")
OFFICE = AnsweringPolicy(windows=(Window(time(9), time(18)),))


def attempt(days_ago: float, campaign_id: CampaignId = CARE, number: int = 0) -> RecentAttempt:
    at = NOW - timedelta(days=days_ago)
    return RecentAttempt(AttemptId(f"at_{number}"), LeadId(f"ld_{number}"), campaign_id, at)


def callee(*attempts: RecentAttempt, has_refused: bool = False, is_frozen: bool = False) -> CallerFacts:
    return CallerFacts(CallerKind.CALLEE, attempts, has_refused, is_frozen)


@pytest.mark.parametrize(
    ("caller", "at", "treatment", "reason"),
    [
        (callee(attempt(0.1)), NOW, Treatment.SCRIPT, "call-returned"),
        (callee(attempt(0.1, SURVEY)), NOW, Treatment.CALLED_BY, "campaign-not-served"),
        (callee(attempt(31)), NOW, Treatment.GREETING, "nobody-called"),
        (callee(), NOW, Treatment.GREETING, "nobody-called"),
        (CallerFacts(CallerKind.STRANGER), NOW, Treatment.GREETING, "nobody-called"),
        (CallerFacts(CallerKind.WITHHELD), NOW, Treatment.GREETING, "number-withheld"),
        (callee(attempt(0.1)), NOW.replace(hour=18), Treatment.CLOSED, "outside-hours"),
        (callee(attempt(0.1)), NOW.replace(hour=17, minute=59), Treatment.SCRIPT, "call-returned"),
        (callee(attempt(0.1), has_refused=True), NOW, Treatment.OPTED_OUT, "callee-refused"),
        (callee(attempt(0.1), has_refused=True), NOW.replace(hour=23), Treatment.OPTED_OUT, "callee-refused"),
        (callee(attempt(0.1), is_frozen=True), NOW, Treatment.CALLED_BY, "callee-frozen"),
    ],
)  # fmt: skip
def test_each_caller_hears_what_fits(caller: CallerFacts, at: datetime, treatment: Treatment, reason: str) -> None:
    found = decide(caller, OFFICE, frozenset({CARE}), at)
    assert (found.treatment, found.reason) == (treatment, reason)


def test_newest_attempt_is_the_one_that_is_returned_in_whatever_order_they_come() -> None:
    old, new = attempt(3, SURVEY, 1), attempt(1, CARE, 2)
    for given_attempts in ((old, new), (new, old)):
        assert decide(callee(*given_attempts), OFFICE, frozenset({CARE}), NOW).attempt == new


def test_agent_who_called_is_named() -> None:
    by_human = RecentAttempt(AttemptId("at_1"), LeadId("ld_1"), CARE, NOW, agent="agent-7")
    found = decide(callee(by_human), OFFICE, frozenset({CARE}), NOW)
    assert found.attempt is not None
    assert found.attempt.agent == "agent-7"


ATTEMPTS = st.lists(
    st.builds(attempt, st.floats(0, 60), st.sampled_from([CARE, SURVEY]), st.integers(0, 9)), max_size=6
)


@given(ATTEMPTS, st.booleans(), st.booleans(), st.integers(0, 23), st.sampled_from(CallerKind))
def test_nobody_is_asked_anything_against_a_refusal_a_freeze_or_without_a_recent_attempt(
    attempts: list[RecentAttempt], has_refused: bool, is_frozen: bool, hour: int, kind: CallerKind
) -> None:
    caller = CallerFacts(kind, attempts if kind is CallerKind.CALLEE else (), has_refused, is_frozen)
    now = NOW.replace(hour=hour)
    found = decide(caller, OFFICE, frozenset({CARE}), now)
    if found.treatment is Treatment.SCRIPT:
        assert not has_refused
        assert not is_frozen
        assert kind is CallerKind.CALLEE
        assert found.attempt in attempts
        assert found.attempt is not None
        assert now - found.attempt.at <= timedelta(days=30)
        assert 9 <= hour < 18
    if found.attempt is not None:
        recent = [a.at for a in attempts if now - a.at <= timedelta(days=OFFICE.looks_back_days)]
        assert found.attempt.at == max(recent)
