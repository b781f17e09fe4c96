"""A freeze, refusal, complaint or attempt never makes a verdict milder, not even where hours hardly ever meet."""

import dataclasses
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.unit.domain.risk.support import CALLEE, NEW_YORK, SHANGHAI, calendars, facts, pack_tables, shipped
from tests.unit.domain.risk.test_gate_properties import CHANGES, ZONES, complaint, freeze, quarter_times, refusal
from tests.unit.domain.risk.test_gate_times import pack, rule

from baitie.domain.risk.facts import CallFacts
from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt
from baitie.domain.risk.rulebook import load_rulebook
from baitie.domain.risk.standing import PreferenceFact
from baitie.domain.risk.verdict import Decision, Says
from baitie.kernel.time import Window

STRICTNESS = [Decision.ALLOW, Decision.DELAY, Decision.DENY]
ONLY_IN_WINTER = Window(time(9), time(20, 30))
"""Shanghai and New York share such hours from November to March only, from 09:00 to 09:30 in Shanghai."""

JUNE = datetime(2026, 6, 15, 12, tzinfo=SHANGHAI)


def long_freeze(now: datetime, days: int) -> Freeze:
    return Freeze(CALLEE, now, now + timedelta(days=days), "by-hand", "hand", "somebody")


def all_worse(plain: CallFacts, days: int) -> list[CallFacts]:
    """The same call with one thing more that speaks against it."""
    now = plain.civil_now
    attempt = PastAttempt(now - timedelta(hours=days), True, True, False)
    return [
        dataclasses.replace(plain, refusals=(refusal(now),)),
        dataclasses.replace(plain, freezes=(*plain.freezes, long_freeze(now, days))),
        dataclasses.replace(plain, freezes=(*plain.freezes, freeze(now, days))),
        dataclasses.replace(plain, complaints=(*plain.complaints, complaint(now, days))),
        dataclasses.replace(plain, calls_in_flight=1),
        dataclasses.replace(plain, history=CalleeHistory((attempt, *plain.history.attempts))),
    ]


def test_hours_that_meet_only_in_winter_are_a_delay_until_the_clocks_go_back() -> None:
    verdict = shipped().judge(facts(JUNE, zones=(SHANGHAI, NEW_YORK), campaign_windows=(ONLY_IN_WINTER,)))
    assert verdict.decision is Decision.DELAY
    assert verdict.until == datetime(2026, 11, 2, 9, tzinfo=SHANGHAI)


def test_hours_that_never_meet_stay_a_denial_when_a_freeze_lets_the_search_begin_later() -> None:
    never = facts(JUNE, campaign_windows=(Window(time(22), time(23)),))
    for days in (1, 70, 400, 3000):
        frozen = dataclasses.replace(never, freezes=(long_freeze(JUNE, days),))
        assert shipped().judge(frozen).decision is Decision.DENY


def test_a_search_that_ends_without_a_time_says_so_and_until_when_it_looked() -> None:
    closing = rule(id="A", kind="forbid_window", effective_from=date(2027, 1, 1), **{"from": time(0), "until": time(0)})
    frozen = facts(JUNE, freezes=(long_freeze(JUNE, 300),))
    verdict = load_rulebook([*pack_tables(), pack(closing)], calendars()).judge(frozen)
    assert (verdict.decision, verdict.reason, verdict.findings[0].says) == (
        Decision.DELAY,
        "no-callable-time",
        Says.DELAY,
    )
    assert verdict.until is not None
    assert verdict.until >= JUNE + timedelta(days=300 + 366)


narrow = st.builds(
    lambda begins, quarters: Window(begins, (datetime.combine(JUNE, begins) + timedelta(minutes=15 * quarters)).time()),
    quarter_times,
    st.integers(1, 40),
)


@settings(max_examples=150, deadline=None)
@given(
    now=st.builds(
        lambda change, hours: change + timedelta(hours=hours), st.sampled_from(CHANGES), st.integers(-60, 60)
    ),
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True).map(tuple),
    windows=st.lists(narrow, min_size=1, max_size=2).map(tuple),
    wished=st.one_of(st.none(), narrow),
    days=st.integers(1, 800),
    is_frozen=st.booleans(),
)
@example(JUNE, (SHANGHAI, NEW_YORK), (Window(time(9), time(20, 30)),), None, 141, False)
@example(JUNE, (SHANGHAI,), (Window(time(22), time(23)),), None, 400, True)
def test_however_seldom_the_hours_meet_nothing_against_a_callee_makes_the_verdict_milder(
    now: datetime,
    zones: tuple[ZoneInfo, ...],
    windows: tuple[Window, ...],
    wished: Window | None,
    days: int,
    is_frozen: bool,
) -> None:
    plain = facts(
        now,
        zones=zones,
        campaign_windows=windows,
        preference=None if wished is None else PreferenceFact((wished,)),
        freezes=(long_freeze(now, 5),) if is_frozen else (),
    )
    before = shipped().judge(plain)
    for worse in all_worse(plain, days):
        after = shipped().judge(worse)
        assert STRICTNESS.index(after.decision) >= STRICTNESS.index(before.decision)
        assert before.until is None or after.until is None or after.until >= before.until
