"""For any history: allowances break no rule, delays end as soon as they may, and nothing against a callee helps."""

import dataclasses
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.domain.risk.reference import shipped_allows, windows_and_caps_allow
from tests.unit.domain.risk.support import CALLEE, shipped

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt, Refusal, RefusalChannel
from baitie.domain.risk.rulebook import load_rulebook
from baitie.domain.risk.verdict import Decision, Verdict
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.time import Window

# Half-hour steps of daylight saving, quarter-hour offsets, clocks that change at midnight, both ends of the date line.
ZONES = [
    ZoneInfo(name)
    for name in (
        "Asia/Shanghai",
        "America/New_York",
        "Europe/London",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Africa/Cairo",
        "Asia/Beirut",
        "America/Havana",
        "America/Santiago",
        "Pacific/Chatham",
        "Pacific/Kiritimati",
        "Pacific/Honolulu",
    )
]
CHANGES = [
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York forward
    datetime(2026, 11, 1, 6, tzinfo=UTC),  # New York back
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe back
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),  # Lord Howe forward
    datetime(2026, 4, 23, 22, tzinfo=UTC),  # Cairo forward at midnight
    datetime(2026, 10, 29, 21, tzinfo=UTC),  # Cairo back at midnight
    datetime(2026, 3, 28, 22, tzinfo=UTC),  # Beirut forward at midnight
    datetime(2028, 2, 29, 4, tzinfo=UTC),  # a leap day
    datetime(2026, 12, 31, 16, tzinfo=UTC),  # new year in Shanghai
]
STEP = timedelta(minutes=15)
"""Windows, attempts and changes of offset all lie on multiples of it, so that a scan in these steps misses nothing."""

quarter_times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
nows = st.builds(lambda change, steps: change + steps * STEP, st.sampled_from(CHANGES), st.integers(-200, 200))
zone_sets = st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True).map(tuple)
windows = st.builds(Window, quarter_times, quarter_times)


@st.composite
def histories(draw: st.DrawFn, now: datetime) -> CalleeHistory:
    ages = draw(st.lists(st.integers(0, 96 * 31), max_size=12))
    flags = st.sampled_from([(False, False, False), (True, False, False), (True, True, False), (True, False, True)])
    return CalleeHistory(tuple(PastAttempt(now - age * STEP, *draw(flags)) for age in sorted(ages, reverse=True)))


def refusal(now: datetime) -> Refusal:
    return Refusal(CALLEE, now, RefusalChannel.MESSAGE, "somebody")


def freeze(now: datetime, steps: int) -> Freeze:
    return Freeze(CALLEE, now, now + steps * STEP, "by-hand", "hand", "somebody")


@st.composite
def call_facts(draw: st.DrawFn) -> CallFacts:
    now = draw(nows)
    rarely = st.integers(0, 9).map(lambda number: number == 0)
    return CallFacts(
        callee_id=CALLEE,
        number_class=draw(st.sampled_from(NumberClass)) if draw(rarely) else NumberClass.MOBILE,
        region=draw(st.sampled_from(["CN", "US", "GB", None])),
        zones=() if draw(rarely) else draw(zone_sets),
        purpose=draw(st.sampled_from(Purpose)),
        civil_now=now,
        history=draw(histories(now)),
        refusals=(refusal(now),) if draw(rarely) else (),
        freezes=tuple(freeze(now, steps) for steps in draw(st.lists(st.integers(-500, 500), max_size=2))),
        calls_in_flight=draw(st.integers(0, 2)) if draw(rarely) else 0,
        is_on_allow_list=draw(st.sampled_from([None, None, True, False])),
        campaign_windows=tuple(draw(st.lists(windows, max_size=2))),
    )


@settings(max_examples=250, deadline=None)
@given(call_facts())
def test_a_call_is_allowed_exactly_when_the_slow_reading_of_raw_facts_allows_it(facts: CallFacts) -> None:
    assert shipped().judge(facts).is_allowed == shipped_allows(facts, facts.civil_now)


@settings(max_examples=250, deadline=None)
@given(call_facts(), st.lists(st.floats(0, 1, exclude_max=True), max_size=10))
def test_a_delay_ends_when_the_call_becomes_allowed_and_not_before(facts: CallFacts, shares: list[float]) -> None:
    verdict = shipped().judge(facts)
    if verdict.decision is not Decision.DELAY:
        assert verdict.until is None
        return
    until = verdict.until
    assert until is not None
    assert until > facts.civil_now
    later = dataclasses.replace(facts, civil_now=until, calls_in_flight=0)
    assert shipped().judge(later).is_allowed
    second_before = until - timedelta(seconds=1)
    between = (facts.civil_now + share * (until - facts.civil_now) for share in shares)
    for at in (min(at, second_before) for at in [second_before, *between]):
        earlier = dataclasses.replace(facts, civil_now=at)
        # Calls in flight are taken to last until the time at which to ask again.
        assert at < facts.civil_now or facts.calls_in_flight or not shipped_allows(earlier, at)


@settings(max_examples=200, deadline=None)
@given(call_facts(), st.integers(1, 2000), st.booleans(), st.integers(0, 3))
def test_nothing_that_speaks_against_a_callee_ever_helps(
    facts: CallFacts, steps: int, contact: bool, what: int
) -> None:
    worse = [
        dataclasses.replace(facts, refusals=(*facts.refusals, refusal(facts.civil_now))),
        dataclasses.replace(facts, freezes=(*facts.freezes, freeze(facts.civil_now, steps))),
        dataclasses.replace(
            facts,
            history=CalleeHistory(
                (*facts.history.attempts, PastAttempt(facts.civil_now - steps * STEP, contact, contact, False))
            ),
        ),
        dataclasses.replace(facts, calls_in_flight=facts.calls_in_flight + 1),
    ][what]
    before, after = shipped().judge(facts), shipped().judge(worse)
    strictness = [Decision.ALLOW, Decision.DELAY, Decision.DENY]
    assert strictness.index(after.decision) >= strictness.index(before.decision)
    if before.until is not None and after.until is not None:
        assert after.until >= before.until


@settings(max_examples=100, deadline=None)
@given(call_facts())
def test_a_verdict_goes_through_the_journal_unchanged_and_is_repeated_from_its_facts(facts: CallFacts) -> None:
    verdict = shipped().judge(facts)
    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict
    assert shipped().judge(facts) == verdict
    full = shipped().explain(facts)
    assert (full.decision, full.until, full.passed) == (verdict.decision, verdict.until, verdict.passed)
    assert full.findings[: len(verdict.findings)] == verdict.findings


@st.composite
def rule_tables(draw: st.DrawFn) -> dict[str, Any]:
    table: dict[str, Any] = {
        "jurisdiction": "*",
        "force": "block",
        "fail_direction": "closed",
        "status": "house",
        "source": "a made-up rule",
        "evidence": {"how": "memory", "by": "nobody", "on": date(2026, 1, 1)},
        "remedies": ["wait"],
        "case": [{"name": "none"}],
    }
    if draw(st.booleans()):
        begins, ends = draw(st.tuples(quarter_times, quarter_times).filter(lambda pair: pair[0] != pair[1]))
        table |= {"kind": "forbid_window", "from": begins, "until": ends}
        if draw(st.booleans()):
            table["weekdays"] = draw(st.lists(st.sampled_from(["mon", "wed", "sat", "sun"]), min_size=1, unique=True))
    else:
        of, window = draw(st.sampled_from(["contact", "attempt"])), draw(st.sampled_from(["rolling", "calendar"]))
        table |= {"kind": "max_count", "of": of, "window": window}
        table |= {"max": draw(st.integers(1, 4)), "days": draw(st.integers(1, 4))}
    if draw(st.integers(0, 3)) == 0:
        table["effective_from"] = draw(st.sampled_from([change.date() for change in CHANGES]))
    if draw(st.integers(0, 3)) == 0:
        table["effective_until"] = table.get("effective_from", CHANGES[0].date()) + timedelta(days=2)
    return table


@settings(max_examples=200, deadline=None)
@given(st.lists(rule_tables(), min_size=1, max_size=4), nows, zone_sets, st.data())
def test_for_made_up_rules_the_end_of_a_delay_is_the_first_time_that_a_scan_finds(
    tables: list[dict[str, Any]], now: datetime, zones: tuple[ZoneInfo, ...], data: st.DataObject
) -> None:
    rules = [table | {"id": f"MADE-UP-{place}"} for place, table in enumerate(tables)]
    book = load_rulebook([{"pack": "made-up", "version": 1, "title": "made up", "rule": rules}])
    facts = CallFacts(CALLEE, NumberClass.MOBILE, "CN", zones, Purpose.CARE, now, history=data.draw(histories(now)))
    verdict = book.judge(facts)
    scan = (now + step * STEP for step in range(96 * 12))
    first = next((at for at in scan if windows_and_caps_allow(rules, facts, at)), None)
    if first is not None:
        assert verdict.callable_from(now) == first
    else:
        assert not verdict.is_allowed
        assert verdict.until is None or verdict.until >= now + 96 * 12 * STEP
