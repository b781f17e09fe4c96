"""The number of an attempt: no limit is passed, nothing out of use is shown, and the choice is always the same."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from baitie.domain.numberpool import (
    SCORED_DAYS,
    NumberBar,
    NumberCandidate,
    NumberTerms,
    NumberUse,
    bars,
    choose,
    free_at,
    score,
)

TEN = datetime(2026, 3, 2, 2, tzinfo=UTC)
DAY = TEN.date()
LIMITS = st.one_of(st.none(), st.integers(1, 4))
TERMS = st.builds(
    NumberTerms, LIMITS, LIMITS, LIMITS, st.sampled_from([60.0, 3600.0]), st.sampled_from([None, "CN", "HK"])
)
CANDIDATES = st.lists(
    st.builds(
        NumberCandidate,
        st.integers(10, 99).map(lambda n: f"+86215000{n:04}"),
        TERMS,
        calls_free=st.integers(0, 2),
        is_filed=st.booleans(),
        is_suspended=st.booleans(),
        is_flagged=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda candidate: candidate.number,
)
STEPS = st.lists(st.tuples(st.sampled_from(["begin", "place", "give-up"]), st.integers(0, 4000)), max_size=60)


def next_day_at(at: datetime) -> datetime:
    return datetime.combine(at.date() + timedelta(days=1), datetime.min.time(), UTC)


@settings(max_examples=200, deadline=None)
@given(CANDIDATES, STEPS, st.sampled_from([None, "CN"]))
def test_no_number_ever_passes_a_limit_and_none_out_of_use_is_shown(
    pool: list[NumberCandidate], steps: list[tuple[str, int]], region: str | None
) -> None:
    now, held = TEN, list[str]()
    placed: dict[str, list[datetime]] = {candidate.number: [] for candidate in pool}
    standing = {candidate.number: candidate for candidate in pool}
    for what, later_s in steps:
        now += timedelta(seconds=later_s)
        if what == "begin":
            shown = choose(standing.values(), region, now, now.date())
            if shown is None:
                continue
            one = standing[shown]
            assert one.is_filed
            assert not one.is_suspended
            assert not one.is_flagged
            assert one.calls_free > 0
            standing[shown] = replace(one, use=one.use.begun(), calls_free=one.calls_free - 1)
            held.append(shown)
        elif held:
            shown = held.pop(0)
            one = standing[shown]
            use = one.use.over()
            if what == "place":
                use = use.counted(now, now.date(), False, one.terms.rest_s)
                placed[shown].append(now)
            standing[shown] = replace(one, use=use, calls_free=one.calls_free + 1)
    for number, times in placed.items():
        check_limits(standing[number].terms, times)


def check_limits(terms: NumberTerms, times: list[datetime]) -> None:
    by_day = {at.date(): sum(other.date() == at.date() for other in times) for at in times}
    for day, count in by_day.items():
        if terms.attempts_max_per_day is not None:
            assert count <= terms.attempts_max_per_day
        if terms.warm_up_attempts_per_day is not None:
            assert count <= terms.warm_up_attempts_per_day * ((day - times[0].date()).days + 1)
    if terms.rest_after_attempts is not None:
        row, last = 0, None
        for at in times:
            row = row + 1 if last is not None and (at - last).total_seconds() < terms.rest_s else 1
            assert row <= terms.rest_after_attempts
            last = at


@given(CANDIDATES, st.sampled_from([None, "CN", "HK"]), st.randoms(use_true_random=False))
def test_the_choice_does_not_depend_on_the_order_in_which_numbers_are_named(
    pool: list[NumberCandidate], region: str | None, chance: random.Random
) -> None:
    mixed = list(pool)
    chance.shuffle(mixed)
    assert choose(pool, region, TEN, DAY) == choose(mixed, region, TEN, DAY)


@given(CANDIDATES, st.lists(st.integers(0, 5000), max_size=6))
def test_a_number_is_free_at_the_time_that_is_foretold_and_not_before(
    pool: list[NumberCandidate], gaps_s: list[int]
) -> None:
    now, standing = TEN, pool
    for gap_s in gaps_s:
        now += timedelta(seconds=gap_s)
        standing = [
            replace(one, use=one.use.counted(now, now.date(), True, one.terms.rest_s))
            if not bars(one, now, now.date())
            else one
            for one in standing
        ]
    at = free_at(standing, now, now.date(), next_day_at(now))
    if at is None:
        return
    assert at > now
    assert choose(standing, None, now, now.date()) is None
    assert choose(standing, None, at - timedelta(microseconds=1), (at - timedelta(microseconds=1)).date()) is None
    assert choose(standing, None, at, at.date()) is not None or any(
        NumberBar.WARM_UP in bars(one, at, at.date()) or NumberBar.RESTING in bars(one, at, at.date())
        for one in standing
    )


def candidate(number: str, attempts: int = 0, answered: int = 0, **changes: object) -> NumberCandidate:
    use = NumberUse()
    for place in range(attempts):
        use = use.counted(TEN, DAY, place < answered, 60.0)
    return replace(NumberCandidate(number, use=use), **changes)  # type: ignore[arg-type]


def test_the_callees_region_comes_first_then_the_least_used_then_the_better_score() -> None:
    at_home = candidate("+85211110000", 9, terms=NumberTerms(region="HK"))
    fresh = candidate("+862150000001")
    assert choose([fresh, at_home], "HK", TEN, DAY) == at_home.number
    assert choose([fresh, at_home], "CN", TEN, DAY) == fresh.number
    poor, good = candidate("+862150000002", 5, 0), candidate("+862150000003", 5, 4)
    assert choose([poor, good], None, TEN, DAY) == good.number
    complained = replace(good, use=replace(good.use, complaints=1))
    assert choose([poor, complained], None, TEN, DAY) == poor.number


def test_a_new_number_carries_more_each_day_until_its_own_daily_limit() -> None:
    terms = NumberTerms(attempts_max_per_day=100, warm_up_attempts_per_day=30)
    first = date(2026, 3, 2)
    assert [terms.warm_up_max(first, first + timedelta(days=d)) for d in range(4)] == [30, 60, 90, 120]
    assert terms.warm_up_max(None, first) == 30


def test_a_complaint_costs_more_than_the_answers_that_a_number_gains_by_it_and_old_days_leave_the_score() -> None:
    use = candidate("+862150000001", 50, 25).use
    assert score(replace(use, complaints=1), DAY) < score(use, DAY)
    assert score(NumberUse(), DAY) == score(use, DAY + timedelta(days=SCORED_DAYS)) == 0.3


def test_others_keep_their_limits_when_a_number_is_out_of_use_after_a_complaint() -> None:
    terms = NumberTerms(attempts_max_per_day=2)
    out = candidate("+862150000001", is_suspended=True, terms=terms)
    full = candidate("+862150000002", 2, terms=terms)
    assert choose([out, full], None, TEN, DAY) is None
    assert bars(full, TEN, DAY) == {NumberBar.DAY_LIMIT}
