"""Duties (义务) that rules lay down beside the call: how long to keep what, and by which day to answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from baitie.domain.risk.checks import Building, Check, RuleKind, Spoken
from baitie.domain.risk.facts import CallFacts, Moment
from baitie.domain.risk.table_reader import TableReader
from baitie.domain.risk.workdays import WORKING_DAYS_MAX, DueOn, OfficialCalendar
from baitie.kernel.undefined import Undefined

KEPT_YEARS_MAX = 50

_MONTHS = 12


class Kept(StrEnum):
    """What has to be kept (留存对象)."""

    RECORDING = "recording"
    CALL_RECORD = "call_record"
    CONSENT_EVIDENCE = "consent_evidence"


class KeptFrom(StrEnum):
    """The event from which the time of keeping runs (留存起点)."""

    CALL = "call"
    CONSENT_END = "consent_end"
    CONTRACT_END = "contract_end"
    LAST_ACTIVITY = "last_activity"


class ContractTerm(StrEnum):
    """Term of the contract that a call is about (合同期限), where keeping depends on it."""

    UP_TO_ONE_YEAR = "up_to_one_year"
    OVER_ONE_YEAR = "over_one_year"


class Answer(StrEnum):
    """What has to be done by a day (限期事项)."""

    COMPLAINT_FORWARD = "complaint_forward"
    COMPLAINT_ANSWER = "complaint_answer"
    COMPLAINT_REPORT = "complaint_report"
    REVOCATION = "revocation"


class DutyCheck:
    """Duty check (义务检查): a duty is nothing against a call; it is asked for apart, and the gate passes it by."""

    only_relaxes = True
    is_same_daily = False
    __slots__ = ()

    def holds(self, facts: CallFacts, moment: Moment) -> bool:
        return True

    def earliest(self, facts: CallFacts, moment: Moment) -> datetime | None:
        return None

    def spoken(self, facts: CallFacts, moment: Moment) -> Spoken:
        raise AssertionError("a duty says nothing of a call")


class RetentionDuty(DutyCheck):
    """Keep something for so long at least (最短留存): years, months and days after an event."""

    __slots__ = ("contract_term", "counted_from", "days", "kept", "months")

    def __init__(
        self, kept: Kept, counted_from: KeptFrom, months: int, days: int, contract_term: ContractTerm | None
    ) -> None:
        self.kept = kept
        self.counted_from = counted_from
        self.months = months
        self.days = days
        self.contract_term = contract_term

    def until(self, event_on: date) -> date:
        """The first day on which it need no longer be kept."""
        return _months_later(event_on, self.months) + timedelta(days=self.days)


class ResponseDuty(DutyCheck):
    """Do something within so many working days of the official calendar (处理时限). The first day does not count."""

    __slots__ = ("_calendar", "answer", "country", "working_days")

    def __init__(self, answer: Answer, working_days: int, country: str, calendar: OfficialCalendar | None) -> None:
        self.answer = answer
        self.working_days = working_days
        self.country = country
        self._calendar = calendar or OfficialCalendar(country, ())

    def due(self, received_on: date) -> DueOn:
        """The last day on which it is in time."""
        return self._calendar.after_working_days(received_on, self.working_days)


@dataclass(frozen=True, slots=True)
class Duty:
    """What the rules together demand (义务结论): the day, the rule that decides, and the milder ones it overrules.

    `assumed_years` as in `DueOn`.
    """

    on: date
    rule_id: str
    overruled: tuple[str, ...] = ()
    assumed_years: tuple[int, ...] = ()


def keep_until(
    duties: Iterable[tuple[str, RetentionDuty]],
    kept: Kept,
    event_on: Callable[[KeptFrom], date | None],
    contract_term: ContractTerm | None = None,
) -> Duty | Undefined:
    """Until when something must be kept: the longest duty wins; of an unknown contract term each is taken.

    `event_on` gives the day of an event; where a duty runs from one that has not happened yet, the end cannot be
    known, and the thing is kept.
    """
    known: list[tuple[date, str]] = []
    for rule_id, duty in duties:
        if duty.kept is not kept or (contract_term and duty.contract_term not in (None, contract_term)):
            continue
        begins = event_on(duty.counted_from)
        if begins is None:
            return Undefined(f"no-{duty.counted_from.value.replace('_', '-')}")
        known.append((duty.until(begins), rule_id))
    if not known:
        return Undefined("no-rule")
    known.sort(reverse=True)
    return Duty(known[0][0], known[0][1], tuple(rule_id for _, rule_id in known[1:]))


def answer_by(duties: Iterable[tuple[str, ResponseDuty]], answer: Answer, received_on: date) -> Duty | Undefined:
    """By which day something must be done: the shortest duty wins."""
    known = [(duty.due(received_on), rule_id) for rule_id, duty in duties if duty.answer is answer]
    if not known:
        return Undefined("no-rule")
    known.sort(key=lambda pair: (pair[0].on, pair[1]))
    due, rule_id = known[0]
    return Duty(due.on, rule_id, tuple(rule_id for _, rule_id in known[1:]), due.assumed_years)


def _months_later(day: date, months: int) -> date:
    """The same day of a later month; the first of the next month where that month is too short."""
    years, month = divmod(day.month - 1 + months, _MONTHS)
    for offset in range(4):
        try:
            found = date(day.year + years, month + 1, day.day - offset)
        except ValueError:
            continue
        return found if offset == 0 else found + timedelta(days=1)
    raise AssertionError("every month has 28 days")


def _retention_min(reader: TableReader, building: Building) -> Check:
    years = reader.count_or_none("years", 1, KEPT_YEARS_MAX) or 0
    months = reader.count_or_none("months", 1, 12 * KEPT_YEARS_MAX) or 0
    days = reader.count_or_none("days", 1, 366 * KEPT_YEARS_MAX) or 0
    if not years and not months and not days:
        raise reader.error("No time is given.", "days", "Write years, months or days.")
    return RetentionDuty(
        kept=reader.choice("of", Kept),
        counted_from=reader.choice("counted_from", KeptFrom),
        months=12 * years + months,
        days=days,
        contract_term=reader.choice_or_none("contract_term", ContractTerm),
    )


def _response_deadline(reader: TableReader, building: Building) -> Check:
    calendar = building.calendar_of(reader)
    country = calendar.country if calendar is not None else building.jurisdiction
    working_days = reader.count("working_days", 0, WORKING_DAYS_MAX)
    return ResponseDuty(reader.choice("of", Answer), working_days, country, calendar)


KINDS: Mapping[str, RuleKind] = {
    "retention_min": RuleKind(_retention_min, {}),
    "response_deadline": RuleKind(_response_deadline, {}),
}
