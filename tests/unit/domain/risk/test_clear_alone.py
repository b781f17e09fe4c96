"""When a rule that objects would alone allow the call: asked of rules that say little about it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from tests.unit.domain.risk.support import facts

from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.search import _TICK, Moments, clear_alone

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


@dataclass
class Asked:
    """A check that allows from a time on, and says of it no more than `names`: a later time, the same, or nothing."""

    allows_from: datetime
    names: datetime | None
    only_relaxes: bool = True
    is_same_daily: bool = False

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        return moment.at >= self.allows_from

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return self.names


def rule(check: Asked, until: date | None = None) -> Any:
    return SimpleNamespace(check=check, effective_from=None, effective_until=until)


def alone(check: Asked, until: date | None = None) -> datetime | None:
    now = Moment(TEN, (SHANGHAI,))
    return clear_alone(rule(check, until), facts(TEN), now, Moments(now))


def test_a_rule_that_names_no_time_never_allows() -> None:
    assert alone(Asked(TEN + timedelta(hours=1), None)) is None


def test_the_time_that_a_rule_names_is_the_answer_where_it_allows_then() -> None:
    assert alone(Asked(TEN + timedelta(hours=1), TEN + timedelta(hours=1))) == TEN + timedelta(hours=1)


def test_a_rule_that_names_this_very_moment_is_asked_again_a_moment_later() -> None:
    assert alone(Asked(TEN + _TICK, TEN)) == TEN + _TICK


def test_a_rule_that_names_a_moment_that_is_past_is_asked_again_a_moment_later() -> None:
    assert alone(Asked(TEN + _TICK, TEN - timedelta(hours=1))) == TEN + _TICK


def test_a_rule_that_goes_out_of_force_allows_from_then_whatever_its_check_says() -> None:
    ends = datetime(2026, 3, 4, 0, 0, tzinfo=SHANGHAI)
    assert alone(Asked(TEN + timedelta(days=400), None), until=ends.date()) == ends.astimezone(UTC)


def test_a_rule_in_force_for_ever_that_objects_at_the_time_it_names_is_searched_on() -> None:
    never = Asked(TEN + timedelta(days=400), TEN + timedelta(minutes=1))
    assert alone(never) is None
