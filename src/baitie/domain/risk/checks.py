"""What a rule of each kind is: its question, how it is read from a table, and the reasons that it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.table_reader import TableReader
from baitie.domain.risk.workdays import OfficialCalendar
from baitie.kernel.journal import JsonValue

Spoken = tuple[str, dict[str, JsonValue]]
"""Reason code and the values that its text needs."""

ANYWHERE = "*"

FOREVER_YEAR = 9999
"""A freeze into this year is one without end; the year also has no place in zones east of Greenwich."""


class Check(Protocol):
    """One rule's question (规则检查), compiled from data. Pure: the same facts and moment, the same answer.

    `only_relaxes` says that once it holds, it holds at every later moment too, unless a fact changes;
    `is_same_daily` that what it says depends on nothing but what the wall clocks show, day by day the same.
    """

    only_relaxes: bool
    is_same_daily: bool

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        """Whether the rule has nothing against the call at this moment."""
        ...

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        """Where it does not hold: the next later time at which asking again may help, never too late; or never."""
        ...

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        """Reason and values, whether it holds or not."""
        ...


@runtime_checkable
class AsksAgain(Protocol):
    """A check whose delay may be no more than a time to ask again (复核): nobody can know when it will hold."""

    def asks_again(self, facts: CallFacts) -> bool:
        """Whether its delay of these facts is such a one."""
        ...


@dataclass(frozen=True, slots=True)
class Building:
    """What a kind may need beside its own fields (编译环境): the rule's fail direction, its country, the calendars."""

    is_closed: bool
    jurisdiction: str
    calendars: Mapping[str, OfficialCalendar]

    def calendar_of(self, reader: TableReader) -> OfficialCalendar | None:
        """The official calendar that the rule names in `calendar`, else that of its country."""
        country = reader.optional("calendar", str) or self.jurisdiction
        if country == ANYWHERE:
            raise reader.error("Working days differ by country.", "calendar", 'Write calendar = "CN" or another.')
        return self.calendars.get(country)


@dataclass(frozen=True, slots=True)
class RuleKind:
    """Rule kind (规则类型): from the fields of a rule table to its compiled check, and what a finding of it may say.

    `reasons` are the codes that it gives, each with the keys of the values that its text needs.
    """

    build: Callable[[TableReader, Building], Check]
    reasons: Mapping[str, frozenset[str]]


ZONE_UNKNOWN: Mapping[str, frozenset[str]] = {"zone-unknown": frozenset()}
"""The reason of every kind that asks for the callee's clock, where nobody knows it."""


class Days(StrEnum):
    """How a cap counts days (计数周期)."""

    ROLLING = "rolling"
    CALENDAR = "calendar"
