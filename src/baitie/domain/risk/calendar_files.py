"""Official calendars as data: one file a year, read wholly or not at all."""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta

from baitie.domain.risk.rulepack import read_evidence
from baitie.domain.risk.table_reader import RulePackError, TableReader
from baitie.domain.risk.verdict import RuleStatus
from baitie.domain.risk.workdays import CalendarYear

CALENDAR_CHARS_MAX = 100_000
YEAR_LEAST, YEAR_MOST = 2000, 2100
_SATURDAY = 5
_HOLIDAY_DAYS_MAX = 31


def parse_calendar_untrusted(name: str, text: str) -> CalendarYear:
    """One year of an official calendar from its TOML text. Raises `RulePackError` with the place of the mistake."""
    if len(text) > CALENDAR_CHARS_MAX:
        raise RulePackError(f"The calendar is longer than {CALENDAR_CHARS_MAX} characters. Is it one?", pack=name)
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise RulePackError(f"This is not TOML: {error}. Mend that place.", pack=name) from error
    reader = TableReader(table, name, "")
    country, year = reader.text("country"), reader.count("year", YEAR_LEAST, YEAR_MOST)
    title, source = reader.text("title"), reader.text("source")
    status = reader.choice("status", RuleStatus)
    evidence = read_evidence(reader, status)
    workdays = frozenset(_dates(reader, year))
    holidays = frozenset(day for row in reader.tables("holiday") for day in _days_off(TableReader(row, name, ""), year))
    reader.done()
    for day in sorted(workdays & holidays):
        raise reader.error(f"{day} is both worked and off.", "workdays", "Strike one of them.")
    return CalendarYear(country, year, holidays, workdays, title, status, source, evidence)


def _dates(reader: TableReader, year: int) -> Iterator[date]:
    for day in reader.need("workdays", list):
        if type(day) is not date or day.year != year or day.weekday() < _SATURDAY:
            raise reader.error(f"{day} is no weekend day of {year}.", "workdays", "Write Saturdays and Sundays.")
        yield day


def _days_off(reader: TableReader, year: int) -> Iterator[date]:
    reader.text("name")
    begins, ends = reader.need("from", date), reader.need("until", date)
    reader.done()
    if begins.year != year or not 1 <= (ends - begins).days <= _HOLIDAY_DAYS_MAX:
        raise reader.error(f"{begins} to {ends} is no holiday of {year}.", "from", "`until` is the first day after it.")
    for place in range((ends - begins).days):
        day = begins + timedelta(days=place)
        if day.year == year:
            yield day
