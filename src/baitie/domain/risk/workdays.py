"""Official calendars: which days a country works, moved working days included, and working-day arithmetic."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from baitie.domain.risk.verdict import RuleEvidence, RuleStatus
from baitie.kernel.journal import JsonValue

_SATURDAY = 5
_DAY = timedelta(days=1)
WORKING_DAYS_MAX = 400
"""No deadline of law is longer; it bounds the search."""


class DayKind(StrEnum):
    """Kind of day by the official calendar (日别)."""

    WORKDAY = "workday"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One year of an official calendar (年度放假安排): the days off, and the weekend days that are worked instead."""

    country: str
    year: int
    holidays: frozenset[date]
    workdays: frozenset[date]
    title: str
    status: RuleStatus
    source: str
    evidence: RuleEvidence


@dataclass(frozen=True, slots=True)
class DueOn:
    """A day some working days later (到期日). `assumed_years` had no official calendar: there Monday to Friday work."""

    on: date
    assumed_years: tuple[int, ...] = ()


class OfficialCalendar:
    """Official calendar (官方日历) of one country, over the years that are known."""

    __slots__ = ("_years", "country")

    def __init__(self, country: str, years: Iterable[CalendarYear]) -> None:
        self.country = country
        self._years: Mapping[int, CalendarYear] = {year.year: year for year in years}

    @property
    def years(self) -> tuple[int, ...]:
        """The years that are known."""
        return tuple(sorted(self._years))

    def to_json(self) -> list[JsonValue]:
        """As plain JSON: its country and, for each year, the days off and the days worked instead."""
        body: list[JsonValue] = [self.country]
        for year in map(self._years.__getitem__, self.years):
            body.append([*sorted(map(str, year.holidays)), "", *sorted(map(str, year.workdays))])
        return body

    def is_workday(self, day: date) -> bool | None:
        """Whether people work on this day; `None` where the year is not known."""
        year = self._years.get(day.year)
        if year is None:
            return None
        return day in year.workdays or (day.weekday() < _SATURDAY and day not in year.holidays)

    def after_working_days(self, day: date, count: int) -> DueOn:
        """The `count`-th working day after `day`, which itself does not count. `count` is 0 to `WORKING_DAYS_MAX`."""
        if not 0 <= count <= WORKING_DAYS_MAX:
            raise ValueError(f"{count} working days are out of bounds")
        assumed: list[int] = []
        while count:
            day += _DAY
            is_workday = self.is_workday(day)
            if is_workday is None:
                if day.year not in assumed:
                    assumed.append(day.year)
                is_workday = day.weekday() < _SATURDAY
            count -= is_workday
        return DueOn(day, tuple(assumed))

    def working_days_between(self, day: date, until: date) -> int:
        """How many working days lie after `day` and not after `until`; years without a calendar as in `DueOn`."""
        count = 0
        while day < until:
            day += _DAY
            is_workday = self.is_workday(day)
            count += day.weekday() < _SATURDAY if is_workday is None else is_workday
        return count


def calendars_of(years: Sequence[CalendarYear]) -> dict[str, OfficialCalendar]:
    """The calendar of each country that some year is known of."""
    countries = sorted({year.country for year in years})
    return {country: OfficialCalendar(country, [y for y in years if y.country == country]) for country in countries}
