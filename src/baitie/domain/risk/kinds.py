"""Rule kinds: from the fields of a rule table to its compiled check."""

from collections.abc import Callable, Mapping
from datetime import date, time
from enum import StrEnum
from typing import Any

from baitie.domain.risk.calendar_checks import CampaignWindowCheck, CountCheck, ForbidWindowCheck
from baitie.domain.risk.checks import (
    AllowListCheck,
    Check,
    FreezeListCheck,
    InFlightCheck,
    NumberClassCheck,
    SuppressionCheck,
)
from baitie.domain.risk.freezing import FreezeAfterCheck
from baitie.domain.risk.history import HISTORY_EVENTS_MAX, HISTORY_KEPT_DAYS
from baitie.domain.risk.rulepack import (
    FailDirection,
    Force,
    Rule,
    TableReader,
    read_evidence,
    read_jurisdiction,
)
from baitie.domain.risk.verdict import RuleStatus
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.time import Window

CAP_DAYS_MAX = HISTORY_KEPT_DAYS - 1
"""A cap over more days than the history keeps would silently allow too much."""

CAP_COUNT_MAX = HISTORY_EVENTS_MAX - 1
FREEZE_DAYS_MAX = 3660
SHORT_CALL_MAX_S = 600
ASK_AGAIN_MAX_S = 3600


class Counted(StrEnum):
    """What a cap counts (计数对象)."""

    CONTACT = "contact"
    ATTEMPT = "attempt"


class Days(StrEnum):
    """How a cap counts days (计数周期)."""

    ROLLING = "rolling"
    CALENDAR = "calendar"


class Weekday(StrEnum):
    """Day of the week (星期), Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def _forbid_window(reader: TableReader, fail: FailDirection) -> Check:
    days = reader.words("weekdays", Weekday)
    numbers = None if days is None else frozenset(place for place, day in enumerate(Weekday) if day in days)
    window = Window(_wall(reader, "from"), _wall(reader, "until"))
    return ForbidWindowCheck(window, numbers, fail is FailDirection.CLOSED)


def _wall(reader: TableReader, field: str) -> time:
    value = reader.need(field, time)
    if value.microsecond:
        raise reader.error("Windows begin and end at whole seconds.", field, "Leave out the fraction.")
    return value


def _campaign_window(reader: TableReader, fail: FailDirection) -> Check:
    return CampaignWindowCheck(fail is FailDirection.CLOSED)


def _max_count(reader: TableReader, fail: FailDirection) -> Check:
    return CountCheck(
        contacts_only=reader.choice("of", Counted) is Counted.CONTACT,
        max_count=reader.count("max", 1, CAP_COUNT_MAX),
        days=reader.count("days", 1, CAP_DAYS_MAX),
        is_calendar=reader.choice("window", Days) is Days.CALENDAR,
    )


def _freeze_after(reader: TableReader, fail: FailDirection) -> Check:
    return FreezeAfterCheck(
        events=reader.count("events", 1, CAP_COUNT_MAX),
        freeze_days=reader.count("freeze_days", 1, FREEZE_DAYS_MAX),
        short_call_max_s=reader.count("short_call_max_s", 0, SHORT_CALL_MAX_S),
    )


def _number_class(reader: TableReader, fail: FailDirection) -> Check:
    refused = reader.words("refuse", NumberClass)
    if refused is None:
        raise reader.error("This field is missing.", "refuse", f"Name some of: {', '.join(NumberClass)}.")
    return NumberClassCheck(refused)


def _one_at_a_time(reader: TableReader, fail: FailDirection) -> Check:
    return InFlightCheck(reader.count("max", 1, 10), reader.count("ask_again_s", 1, ASK_AGAIN_MAX_S))


KINDS: Mapping[str, Callable[[TableReader, FailDirection], Check]] = {
    "forbid_window": _forbid_window,
    "campaign_window": _campaign_window,
    "max_count": _max_count,
    "freeze_after": _freeze_after,
    "freeze_list": lambda reader, fail: FreezeListCheck(),
    "suppression": lambda reader, fail: SuppressionCheck(),
    "number_class": _number_class,
    "one_at_a_time": _one_at_a_time,
    "allow_list": lambda reader, fail: AllowListCheck(),
}
"""Every rule kind by the word that stands in `kind`."""


def compile_rule(pack: str, table: Mapping[str, Any]) -> Rule:
    """One rule from its table. Raises `RulePackError`."""
    reader = TableReader(table, pack, str(table.get("id", "?")))
    rule_id = reader.text("id")
    kind = reader.text("kind")
    if kind not in KINDS:
        raise reader.error(f"{kind!r} is no rule kind.", "kind", f"Write one of: {', '.join(KINDS)}.")
    fail = reader.choice("fail_direction", FailDirection)
    status = reader.choice("status", RuleStatus)
    rule = Rule(
        rule_id=rule_id,
        pack=pack,
        kind=kind,
        jurisdiction=read_jurisdiction(reader),
        purposes=reader.words("purposes", Purpose) or frozenset(Purpose),
        effective_from=reader.optional("effective_from", date),
        effective_until=reader.optional("effective_until", date),
        force=reader.choice("force", Force),
        fail_direction=fail,
        status=status,
        source=reader.text("source"),
        evidence=read_evidence(reader, status),
        remedies=reader.texts("remedies"),
        cases=reader.tables("case"),
        check=KINDS[kind](reader, fail),
    )
    reader.done()
    if not rule.remedies:
        raise reader.error("The rule names no remedy.", "remedies", "Name at least one key of the message catalogues.")
    if not rule.cases:
        raise reader.error("The rule has no example.", "case", "Write at least one [[rule.case]].")
    if rule.effective_from and rule.effective_until and rule.effective_from >= rule.effective_until:
        raise reader.error("The rule ends before it begins.", "effective_until", "Write a later date.")
    return rule
