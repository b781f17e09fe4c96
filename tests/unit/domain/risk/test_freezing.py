"""Rejected and short calls of one day freeze the callee at the third."""

from datetime import UTC, datetime, timedelta

from tests.unit.domain.risk.support import CALLEE, NEW_YORK, SHANGHAI, facts, pack_tables, shipped

from baitie.domain.risk.history import CalleeHistory, Freeze, PastAttempt
from baitie.domain.risk.rulebook import load_rulebook
from baitie.domain.risk.verdict import Decision

(OF_A_DAY,) = [rule for pack in pack_tables() for rule in pack["rule"] if rule["id"] == "ADVICE-FREEZE"]
DAY = load_rulebook([{"pack": "house", "version": 1, "title": "house", "rule": [OF_A_DAY]}])
NOON = datetime(2026, 3, 2, 12, tzinfo=SHANGHAI).astimezone(UTC)


def rejected(at: datetime) -> PastAttempt:
    return PastAttempt(at, is_contact=True, is_rejected=True, is_short=False)


def short(at: datetime) -> PastAttempt:
    return PastAttempt(at, is_contact=True, is_rejected=False, is_short=True)


def frozen(*attempts: PastAttempt, **changes: object) -> Freeze | None:
    now = max(attempt.at for attempt in attempts) + timedelta(minutes=1)
    return DAY.freezes_after(facts(now, history=CalleeHistory(attempts), **changes))


def test_the_shipped_maximum_of_a_short_call_is_fifteen_seconds() -> None:
    assert shipped().short_call_max_s == 15


def test_the_third_event_freezes_and_the_freeze_then_delays_every_call() -> None:
    attempts = [rejected(NOON), short(NOON + timedelta(hours=1)), rejected(NOON + timedelta(hours=2))]
    assert frozen(*attempts[:2]) is None
    freeze = frozen(*attempts)
    assert freeze is not None
    assert freeze.callee_id == CALLEE
    assert (freeze.reason, freeze.rule_id, freeze.actor) == ("rejected-and-short", "ADVICE-FREEZE", "gate")
    assert freeze.frozen_until == freeze.at + timedelta(days=7)
    day_later = facts(NOON + timedelta(days=1), freezes=(freeze,))
    assert shipped().judge(day_later).decision is Decision.DELAY


def test_an_attempt_that_is_no_such_event_does_not_freeze_again_after_the_freeze_was_lifted() -> None:
    events = [rejected(NOON + timedelta(minutes=minute)) for minute in range(3)]
    quiet = PastAttempt(NOON + timedelta(hours=1), False, False, False)
    assert frozen(*events) is not None
    assert frozen(*events, quiet) is None


def test_events_of_two_local_days_do_not_add_up() -> None:
    evening = datetime(2026, 3, 2, 23, 58, tzinfo=SHANGHAI).astimezone(UTC)
    events = [rejected(evening), rejected(evening + timedelta(minutes=1)), rejected(evening + timedelta(minutes=2))]
    assert frozen(*events) is None
    # In New York these three lie in the morning of one day.
    assert frozen(*events, zones=(NEW_YORK,)) is not None
    assert frozen(*events, zones=(SHANGHAI, NEW_YORK)) is not None
    assert frozen(*events, zones=()) is not None


def test_an_event_on_the_stroke_of_midnight_belongs_to_the_day_that_begins() -> None:
    midnight = datetime(2026, 3, 2, tzinfo=SHANGHAI).astimezone(UTC)
    assert frozen(*(rejected(midnight + timedelta(hours=hour)) for hour in range(3))) is not None


def test_a_freeze_that_lasts_longer_already_is_not_written_again() -> None:
    events = [rejected(NOON + timedelta(minutes=minute)) for minute in range(3)]
    longer = Freeze(CALLEE, NOON, NOON + timedelta(days=30), "by-hand", "hand", "somebody")
    assert frozen(*events, freezes=(longer,)) is None


def test_a_freeze_without_end_is_a_denial() -> None:
    forever = Freeze(CALLEE, NOON, datetime.max.replace(tzinfo=UTC), "by-hand", "hand", "somebody")
    verdict = shipped().judge(facts(NOON, freezes=(forever,)))
    assert (verdict.decision, verdict.until, verdict.reason) == (Decision.DENY, None, "callee-frozen")
