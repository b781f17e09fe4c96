"""Official calendars: moved working days, deadlines over them, and files that are read wholly or not at all."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz
from tests.unit.domain.risk.support import calendars, pack_text

from baitie.domain.risk.calendar_files import CALENDAR_CHARS_MAX, parse_calendar_untrusted
from baitie.domain.risk.rulepack import RulePackError
from baitie.domain.risk.workdays import DueOn, OfficialCalendar
from baitie.rules import CALENDARS

CHINA = calendars()["CN"]
CHINA_MOVED = {date(2026, *day) for day in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]}
DAYS = st.dates(date(2025, 12, 1), date(2027, 2, 1))


def plain_calendar(**changes: str) -> str:
    fields = {
        "country": '"CN"',
        "year": "2026",
        "title": '"t"',
        "status": '"law"',
        "source": '"s"',
        "evidence": '{ how = "read", by = "us", on = 2026-01-01 }',
        "workdays": "[2026-01-04]",
        "holiday": '[{ name = "n", from = 2026-01-01, until = 2026-01-04 }]',
    } | changes
    return "".join(f"{key} = {value}\n" for key, value in fields.items() if value)


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival
        (date(2026, 2, 16), False),  # a Monday of the festival
        (date(2026, 2, 24), True),
        (date(2026, 9, 20), True),  # a Sunday worked for National Day
        (date(2026, 9, 19), False),
        (date(2026, 10, 10), True),
        (date(2027, 1, 4), None),
    ],
)
def test_working_days_of_china_are_those_of_the_notice(day: date, is_worked: bool | None) -> None:
    assert CHINA.is_workday(day) is is_worked


def test_the_year_of_china_has_just_the_days_off_of_the_notice() -> None:
    spans = [(1, 1, 3), (2, 15, 9), (4, 4, 3), (5, 1, 5), (6, 19, 3), (9, 25, 3), (10, 1, 7)]
    named = {date(2026, month, first) + timedelta(days=n) for month, first, length in spans for n in range(length)}
    days = [date(2026, 1, 1) + timedelta(days=place) for place in range(365)]
    weekends = {day for day in days if day.weekday() >= 5}
    assert {day for day in days if not CHINA.is_workday(day)} == named | weekends - CHINA_MOVED


def test_a_deadline_says_which_years_it_had_to_assume() -> None:
    assert CHINA.after_working_days(date(2026, 12, 30), 1) == DueOn(date(2026, 12, 31))
    assert CHINA.after_working_days(date(2026, 12, 30), 2) == DueOn(date(2027, 1, 1), (2027,))


def test_no_working_day_later_is_the_day_itself_even_on_a_holiday() -> None:
    assert CHINA.after_working_days(date(2026, 10, 1), 0) == DueOn(date(2026, 10, 1))


@given(DAYS, st.integers(0, 60))
def test_as_many_working_days_lie_before_a_deadline_as_it_counts(day: date, count: int) -> None:
    due = CHINA.after_working_days(day, count).on
    assert CHINA.working_days_between(day, due) == count
    assert count == 0 or CHINA.working_days_between(day, due - timedelta(days=1)) == count - 1


@given(DAYS, st.integers(0, 60))
def test_a_deadline_never_moves_back_when_it_is_counted_from_a_later_day(day: date, count: int) -> None:
    later = day + timedelta(days=1)
    assert CHINA.after_working_days(later, count).on >= CHINA.after_working_days(day, count).on


def test_without_any_calendar_monday_to_friday_work() -> None:
    assert OfficialCalendar("XX", ()).after_working_days(date(2026, 2, 13), 2) == DueOn(date(2026, 2, 17), (2026,))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"year": "1999"}, "out of bounds"),
        ({"workdays": "[2026-01-05]"}, "no weekend day"),
        ({"workdays": "[2025-01-04]"}, "no weekend day"),
        ({"workdays": "[2026-01-03]"}, "both worked and off"),
        ({"holiday": '[{ name = "n", from = 2026-01-04, until = 2026-01-04 }]'}, "no holiday"),
        ({"holiday": '[{ name = "n", from = 2026-01-01, until = 2026-01-02, moved = 1 }]'}, "no rule of this kind"),
        ({"evidence": '{ how = "memory", by = "us", on = 2026-01-01 }'}, "from memory"),
        ({"source": ""}, "missing"),
    ],
)
def test_a_mistake_in_a_calendar_is_named(changes: dict[str, str], word: str) -> None:
    parse_calendar_untrusted("plain", plain_calendar())
    with pytest.raises(RulePackError, match=word.replace("no rule", "[Nn]o rule")):
        parse_calendar_untrusted("wrong", plain_calendar(**changes))


def test_a_calendar_has_a_bound() -> None:
    with pytest.raises(RulePackError, match="longer"):
        parse_calendar_untrusted("long", "#" * (CALENDAR_CHARS_MAX + 1))


def test_damaged_calendars_raise_nothing_but_their_own_error() -> None:
    def read(data: bytes) -> object:
        return parse_calendar_untrusted("fuzzed", data.decode("utf-8", "replace"))

    fuzz(read, RulePackError, [pack_text(f"calendars/{name}").encode() for name in CALENDARS])
