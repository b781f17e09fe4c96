"""Windows, days and caps at the edges of clocks and calendars."""

import dataclasses
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.unit.domain.risk.support import NEW_YORK, SHANGHAI, facts, shipped
from tests.unit.domain.risk.test_rulepack import CAP, pack

from baitie.domain.risk.civil import day_start, next_boundary, offset_change
from baitie.domain.risk.history import CalleeHistory, PastAttempt
from baitie.domain.risk.rulebook import NO_TIME_RULE_ID, RuleBook, load_rulebook
from baitie.domain.risk.verdict import Decision, Says
from baitie.kernel.purpose import Purpose
from baitie.kernel.time import Window

LONDON = ZoneInfo("Europe/London")
CAIRO = ZoneInfo("Africa/Cairo")
HONOLULU = ZoneInfo("Pacific/Honolulu")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")

COMMON = {key: CAP[key] for key in ("jurisdiction", "force", "fail_direction", "status", "source", "evidence")}


def rule(**fields: Any) -> dict[str, Any]:
    return COMMON | {"id": "HOUSE", "remedies": ["wait"], "case": [{"name": "none"}]} | fields


def book(**fields: Any) -> RuleBook:
    return load_rulebook([pack(rule(**fields))])


def forbid(begins: time, ends: time, **fields: Any) -> RuleBook:
    return book(kind="forbid_window", **{"from": begins, "until": ends}, **fields)


def at(zone: ZoneInfo, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def judged(rules: RuleBook, now: datetime, zone: ZoneInfo, **changes: Any) -> tuple[Decision, datetime | None]:
    verdict = rules.judge(facts(now, zones=(zone,), **changes))
    return verdict.decision, verdict.until


@pytest.mark.parametrize(
    ("zone", "now", "until"),
    [
        (SHANGHAI, "2026-03-02T07:59:59", "2026-03-02T08:00:00"),
        (SHANGHAI, "2026-03-02T08:00:00", None),
        (SHANGHAI, "2026-03-02T20:59:59.999999", None),
        (SHANGHAI, "2026-03-02T21:00:00", "2026-03-03T08:00:00"),
        (SHANGHAI, "2026-12-31T23:59:59", "2027-01-01T08:00:00"),
        (SHANGHAI, "2027-01-01T00:00:00", "2027-01-01T08:00:00"),
        (SHANGHAI, "2028-02-28T23:59:59", "2028-02-29T08:00:00"),
        (SHANGHAI, "2028-02-29T23:59:59", "2028-03-01T08:00:00"),
        (SHANGHAI, "2027-02-28T23:59:59", "2027-03-01T08:00:00"),
        (NEW_YORK, "2026-03-07T23:59:59", "2026-03-08T08:00:00"),
        (NEW_YORK, "2026-03-08T01:59:59", "2026-03-08T08:00:00"),
        (NEW_YORK, "2026-03-08T03:00:00", "2026-03-08T08:00:00"),
        (NEW_YORK, "2026-10-31T23:59:59", "2026-11-01T08:00:00"),
        (LONDON, "2026-03-28T22:00:00", "2026-03-29T08:00:00"),
        (LORD_HOWE, "2026-10-03T23:00:00", "2026-10-04T08:00:00"),
    ],
)
def test_quiet_hours_go_by_the_callees_wall_clock(zone: ZoneInfo, now: str, until: str | None) -> None:
    decision, found = judged(shipped(), at(zone, now), zone, region="GB")
    assert decision is (Decision.DELAY if until else Decision.ALLOW)
    assert found == (at(zone, until) if until else None)


def test_the_night_is_an_hour_shorter_in_spring_and_longer_in_autumn() -> None:
    lengths = []
    for evening in ("2026-03-07T21:00:00", "2026-06-06T21:00:00", "2026-10-31T21:00:00"):
        now = at(NEW_YORK, evening).astimezone(UTC)
        _, until = judged(shipped(), now, NEW_YORK, region="US")
        assert until is not None
        lengths.append(until - now)
    assert lengths == [timedelta(hours=10), timedelta(hours=11), timedelta(hours=12)]


def test_a_window_that_ends_within_the_skipped_hour_ends_when_the_clocks_jump() -> None:
    rules = forbid(time(1), time(2, 30))
    jump = datetime(2026, 3, 8, 7, tzinfo=UTC)  # 02:00 becomes 03:00
    assert judged(rules, at(NEW_YORK, "2026-03-08T01:30:00"), NEW_YORK) == (Decision.DELAY, jump)


def test_a_window_that_begins_in_the_repeated_hour_pauses_when_the_clocks_go_back() -> None:
    rules = forbid(time(1, 30), time(5))
    back = datetime(2026, 11, 1, 6, tzinfo=UTC)  # 02:00 becomes 01:00
    assert judged(rules, at(NEW_YORK, "2026-11-01T01:45:00"), NEW_YORK) == (Decision.DELAY, back)
    again = at(NEW_YORK, "2026-11-01T01:30:00", fold=1)
    assert judged(rules, again, NEW_YORK) == (Decision.DELAY, at(NEW_YORK, "2026-11-01T05:00:00"))


def test_a_window_that_ends_in_the_repeated_hour_ends_twice() -> None:
    rules = forbid(time(0), time(1, 30))
    first, second = (at(NEW_YORK, "2026-11-01T01:10:00", fold=fold) for fold in (0, 1))
    ends = [at(NEW_YORK, "2026-11-01T01:30:00", fold=fold).astimezone(UTC) for fold in (0, 1)]
    assert judged(rules, first, NEW_YORK) == (Decision.DELAY, ends[0])
    assert judged(rules, second, NEW_YORK) == (Decision.DELAY, ends[1])


def test_a_weekday_is_the_one_that_the_callees_calendar_shows() -> None:
    sundays = forbid(time(0), time(0), weekdays=["sun"])
    assert judged(sundays, at(SHANGHAI, "2026-03-07T23:59:59"), SHANGHAI) == (Decision.ALLOW, None)
    monday = at(SHANGHAI, "2026-03-09T00:00:00")
    assert judged(sundays, at(SHANGHAI, "2026-03-08T00:00:00"), SHANGHAI) == (Decision.DELAY, monday)
    # Sunday in Shanghai is still Saturday in New York.
    assert judged(sundays, at(SHANGHAI, "2026-03-08T10:00:00"), NEW_YORK) == (Decision.ALLOW, None)


def test_every_possible_zone_must_allow() -> None:
    now = at(NEW_YORK, "2026-01-12T09:00:00")
    verdict = shipped().judge(facts(now, zones=(NEW_YORK, HONOLULU), region="US"))
    assert verdict.until == at(HONOLULU, "2026-01-12T08:00:00")


def test_a_day_of_attempts_ends_at_the_callees_midnight() -> None:
    attempts = CalleeHistory(
        tuple(PastAttempt(at(SHANGHAI, when), False, False, False) for when in ("2026-03-02T10:00", "2026-03-02T11:00"))
    )
    rules = book(kind="max_count", of="attempt", max=2, window="calendar", days=1)
    midnight = at(SHANGHAI, "2026-03-03T00:00:00")
    late = at(SHANGHAI, "2026-03-02T23:59:59")
    assert judged(rules, late, SHANGHAI, history=attempts) == (Decision.DELAY, midnight)
    assert judged(rules, midnight, SHANGHAI, history=attempts) == (Decision.ALLOW, None)


def test_without_a_zone_a_day_is_the_longest_that_a_day_can_be() -> None:
    when = datetime(2026, 3, 2, 10, tzinfo=UTC)
    history = CalleeHistory((PastAttempt(when, False, False, False),))
    rules = book(kind="max_count", of="attempt", max=1, window="calendar", days=1)
    verdict = rules.judge(facts(when + timedelta(hours=1), zones=(), history=history))
    assert verdict.until == when + timedelta(hours=25)


def test_where_the_zone_is_unknown_a_rule_fails_in_the_direction_that_it_states() -> None:
    noon = datetime(2026, 3, 2, 4, tzinfo=UTC)
    closed = forbid(time(21), time(8)).judge(facts(noon, zones=()))
    assert (closed.decision, closed.until, closed.reason) == (Decision.DENY, None, "zone-unknown")
    assert forbid(time(21), time(8), fail_direction="open").judge(facts(noon, zones=())).is_allowed


def test_where_the_region_is_unknown_the_rules_of_every_country_apply() -> None:
    night = at(SHANGHAI, "2026-03-02T23:00:00")
    known = shipped().judge(facts(night, region="GB"))
    unknown = shipped().judge(facts(night, region=None, purpose=Purpose.ACQUISITION))
    assert [finding.rule_id for finding in known.findings] == ["ADVICE-QUIET-HOURS"]
    assert {"CN-CARRIER-HOURS", "US-TCPA-HOURS"} <= {finding.rule_id for finding in unknown.findings}


def test_windows_that_never_meet_are_a_denial_that_says_so() -> None:
    night_only = facts(at(SHANGHAI, "2026-03-02T12:00:00"), campaign_windows=(Window(time(22), time(23)),))
    verdict = shipped().judge(night_only)
    assert (verdict.decision, verdict.until) == (Decision.DENY, None)
    assert (verdict.findings[0].rule_id, verdict.reason) == (NO_TIME_RULE_ID, "no-callable-time")
    assert verdict.callable_from(night_only.civil_now) is None


def test_an_advice_speaks_and_decides_nothing() -> None:
    night = at(SHANGHAI, "2026-03-02T23:00:00")
    verdict = forbid(time(21), time(8), force="advise").judge(facts(night))
    assert verdict.is_allowed
    assert [finding.says for finding in verdict.findings] == [Says.ADVISE]
    assert verdict.deciding is None
    assert verdict.callable_from(night) == night


def test_a_rule_holds_from_its_first_day_until_its_last_on_the_callees_calendar() -> None:
    rules = forbid(time(0), time(0), effective_from=date(2026, 3, 2), effective_until=date(2026, 3, 4))
    last = at(SHANGHAI, "2026-03-04T00:00:00")
    assert judged(rules, at(SHANGHAI, "2026-03-01T23:59:59"), SHANGHAI) == (Decision.ALLOW, None)
    assert judged(rules, at(SHANGHAI, "2026-03-02T00:00:00"), SHANGHAI) == (Decision.DELAY, last)
    assert judged(rules, last, SHANGHAI) == (Decision.ALLOW, None)


def test_a_delay_that_would_end_when_another_rule_begins_to_hold_ends_later() -> None:
    first = rule(id="A", kind="forbid_window", **{"from": time(21), "until": time(8)})
    second = rule(id="B", kind="forbid_window", effective_from=date(2026, 3, 3), **{"from": time(7), "until": time(9)})
    rules = load_rulebook([pack(first, second)])
    verdict = rules.judge(facts(at(SHANGHAI, "2026-03-02T22:00:00")))
    assert [finding.rule_id for finding in verdict.findings] == ["A"]
    assert verdict.until == at(SHANGHAI, "2026-03-03T09:00:00")


def test_a_naive_time_is_a_mistake_of_the_program() -> None:
    aware = facts(datetime(2026, 3, 2, tzinfo=UTC))
    with pytest.raises(ValueError, match="aware"):
        shipped().judge(dataclasses.replace(aware, civil_now=aware.civil_now.replace(tzinfo=None)))


def test_a_day_begins_where_the_clocks_skip_midnight() -> None:
    assert day_start(date(2026, 4, 24), CAIRO) == datetime(2026, 4, 23, 22, tzinfo=UTC)  # shows 01:00
    assert day_start(date(2026, 4, 23), CAIRO) == datetime(2026, 4, 22, 22, tzinfo=UTC)


def test_a_change_of_offset_is_found_to_the_second() -> None:
    change = datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert offset_change(change - timedelta(hours=5, microseconds=1), change + timedelta(hours=2), NEW_YORK) == change
    assert offset_change(change, change + timedelta(days=1), NEW_YORK) is None
    before = change - timedelta(seconds=1)
    assert next_boundary(before, before.astimezone(NEW_YORK), (time(8),)) == change


def test_a_day_begins_where_the_clocks_skip_from_before_midnight_to_after_it() -> None:
    toronto = ZoneInfo("America/Toronto")  # 23:30 on 30 March 1919 became 00:30 on the 31st
    assert day_start(date(1919, 3, 31), toronto) == datetime(1919, 3, 31, 4, 30, tzinfo=UTC)


def test_an_attempt_on_the_stroke_of_midnight_belongs_to_the_day_that_begins() -> None:
    midnight = at(SHANGHAI, "2026-03-02T00:00:00")
    history = CalleeHistory((PastAttempt(midnight, False, False, False),))
    rules = book(kind="max_count", of="attempt", max=1, window="calendar", days=1)
    assert judged(rules, at(SHANGHAI, "2026-03-02T23:59:59"), SHANGHAI, history=history)[0] is Decision.DELAY


def test_a_night_ends_early_where_its_rule_goes_out_of_force() -> None:
    rules = forbid(time(21), time(8), effective_until=date(2026, 3, 3))
    late = at(SHANGHAI, "2026-03-02T22:00:00")
    assert judged(rules, late, SHANGHAI) == (Decision.DELAY, at(SHANGHAI, "2026-03-03T00:00:00"))


def test_a_rule_goes_out_of_force_when_it_has_in_the_last_of_the_possible_zones() -> None:
    rules = forbid(time(21), time(8), effective_until=date(2026, 3, 3))
    verdict = rules.judge(facts(at(NEW_YORK, "2026-03-02T22:00:00"), zones=(SHANGHAI, NEW_YORK)))
    assert verdict.until == at(NEW_YORK, "2026-03-03T00:00:00")


def test_an_advice_does_not_lengthen_a_delay() -> None:
    night = rule(id="A", kind="forbid_window", **{"from": time(21), "until": time(8)})
    morning = rule(id="B", kind="forbid_window", **{"from": time(7), "until": time(9)}) | {"force": "advise"}
    verdict = load_rulebook([pack(night, morning)]).judge(facts(at(SHANGHAI, "2026-03-02T22:00:00")))
    assert verdict.until == at(SHANGHAI, "2026-03-03T08:00:00")
