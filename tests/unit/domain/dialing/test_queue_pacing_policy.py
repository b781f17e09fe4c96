"""Who is next, how fast, and when again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.domain.dialing.pacing import AttemptPacer
from baitie.domain.dialing.policy import DEFAULT_RETRIES, DialingPolicy
from baitie.domain.dialing.queue import LeadQueue
from baitie.kernel.ids import CalleeId, CampaignId, LeadId
from baitie.kernel.outcome import Outcome
from baitie.kernel.records import LeadRecord
from baitie.kernel.time import Instant

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def lead(number: int, priority: int = 0, wait_s: float | None = None, attempts: int = 1) -> LeadRecord:
    return LeadRecord(
        LeadId(f"ld_{number}"),
        CampaignId("c"),
        CalleeId(f"ce_{number}"),
        number,
        "",
        {},
        "test",
        "contract",
        priority=priority,
        not_before=None if wait_s is None else NOON + timedelta(seconds=wait_s),
        attempts=attempts,
    )


@given(st.lists(st.tuples(st.integers(-3, 3), st.one_of(st.none(), st.integers(0, 100)))))
def test_every_lead_comes_out_once_not_before_its_time_and_by_priority(rows: list[tuple[int, int | None]]) -> None:
    queue = LeadQueue()
    for number, (priority, wait_s) in enumerate(rows):
        queue.add(lead(number, priority, wait_s), NOON)
    taken: list[LeadRecord] = []
    now = NOON
    while len(queue):
        found = queue.take(now)
        if found is None:
            due = queue.next_at()
            assert due is not None
            assert due > now
            now = due
            continue
        assert found.not_before is None or found.not_before <= now
        taken.append(found)
    assert sorted(found.row for found in taken) == list(range(len(rows)))
    at_once = [found for found in taken if found.not_before is None or found.not_before <= NOON]
    assert [found.priority for found in at_once] == sorted((f.priority for f in at_once), reverse=True)


def test_leads_of_one_priority_go_in_the_order_in_which_they_came() -> None:
    queue = LeadQueue()
    for number in range(5):
        queue.add(lead(number), NOON)
    assert [found.row for _ in range(5) if (found := queue.take(NOON))] == [0, 1, 2, 3, 4]


@given(rate=st.floats(0.5, 500), calls=st.lists(st.floats(0, 0.2), max_size=200))
def test_no_second_sees_more_than_the_agreed_attempts_and_the_burst(rate: float, calls: list[float]) -> None:
    pacer, now, granted = AttemptPacer(rate), 0.0, []
    for gap in calls:
        now += gap
        while pacer.try_take(Instant(now)):
            granted.append(now)
            assert len(granted) < 10_000
    for begin in granted:
        in_second = sum(begin <= at < begin + 1 for at in granted)
        assert in_second <= rate * 1.1 + 2


def test_refused_permit_says_from_when_it_is_granted() -> None:
    pacer = AttemptPacer(2.0)
    assert pacer.try_take(Instant(0.0))
    assert not pacer.try_take(Instant(0.1))
    assert pacer.try_take(pacer.free_at())


@pytest.mark.parametrize("outcome", list(Outcome))
def test_lead_is_tried_again_only_after_the_outcomes_that_have_a_rule(outcome: Outcome) -> None:
    retry_at = DialingPolicy().retry_at(lead(1), outcome, NOON)
    rule = DEFAULT_RETRIES.get(outcome)
    assert retry_at == (None if rule is None else NOON + timedelta(seconds=rule.wait_s))


def test_attempts_of_the_rule_and_of_the_campaign_both_bound_the_retries() -> None:
    assert DialingPolicy(attempts_max=2).retry_at(lead(1, attempts=2), Outcome.NO_ANSWER, NOON) is None
    assert DialingPolicy(attempts_max=9).retry_at(lead(1, attempts=3), Outcome.NO_ANSWER, NOON) is None
