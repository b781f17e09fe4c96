"""The language of fault plans: what goes wrong on a rehearsed day, when or how often, and for how long."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from baitie.kernel.errors import InputError
from baitie.rehearsal.profile_fields import ProfileError, build_over
from baitie.rehearsal.wire.impairments import QUIET_WAY, Impairments

_Planned = TypeVar("_Planned")

FAULTS_MAX = 100
"""More tables than that in one plan is a data error."""


class FaultPlanError(InputError):
    """A fault plan cannot be used as it is. Mend the table and field that are named."""

    code = "fault-plan-invalid"


class Outage(StrEnum):
    """Something that stops at an instant (停摆), and is back later."""

    KILL = "kill"  # the dialler's process, as kill -9
    CARRIER_DOWN = "carrier_down"  # no call can be placed, what happens to calls is never heard
    CENTRE_DOWN = "centre_down"  # messages are refused, receipts and replies come when it is back
    STORE_DOWN = "store_down"  # nothing can be kept: a full disk, a database server that is gone
    CLOCK_JUMP = "clock_jump"  # the wall clock is moved by `by_s`, and stays so
    AGENT_VANISHES = "agent_vanishes"  # an agent's desktop is gone without a word


class Mishap(StrEnum):
    """What befalls single events (事件差错) on their way to the dialler."""

    LOSE = "lose"
    DOUBLE = "double"
    DELAY = "delay"


class EventClass(StrEnum):
    """Class of events (事件类别) that a mishap befalls."""

    SUBMIT_ANSWER = "submit_answer"
    RECEIPT = "receipt"
    REPLY = "reply"
    RINGING = "ringing"
    ANSWERED = "answered"
    FAILED = "failed"
    ENDED = "ended"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class PlannedOutage:
    """Planned outage (计划停摆): `per_hour` of civil time on average, or at the instants `at_h`; for `for_s` each.

    `at_h` are hours of civil time since the day's begin; `for_s` is from and until, on the monotonic clock.
    """

    outage: Outage
    per_hour: float
    for_s: tuple[float, float] = (0.0, 0.0)
    by_s: tuple[float, float] = (0.0, 0.0)  # of a clock jump; civil
    at_h: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedMishap:
    """Planned mishap (计划差错): befalls `share` of the events of a class; a delay lasts `for_s`."""

    mishap: Mishap
    event: EventClass
    share: float
    for_s: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """Fault plan (故障计划) of a day."""

    outages: tuple[PlannedOutage, ...] = ()
    mishaps: tuple[PlannedMishap, ...] = ()
    network: Impairments | None = None  # of SIP, RTP and SMPP at wire fidelity; None: as the profile has it


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Fault (故障) that was drawn: from `at_s` on the monotonic clock for `for_s`, or by `by_s` of civil time."""

    at_s: float
    outage: Outage
    for_s: float
    by_s: float


def draw(plan: FaultPlan, day_s: float, civil_speed: float, rng: random.Random) -> tuple[Fault, ...]:
    """The outages of one day of `day_s` monotonic seconds, in the order of their begin."""
    faults = []
    for planned in plan.outages:
        for at_s in _instants(planned, day_s, civil_speed, rng):
            faults.append(Fault(at_s, planned.outage, rng.uniform(*planned.for_s), rng.uniform(*planned.by_s)))
    return tuple(sorted(faults))


def _instants(planned: PlannedOutage, day_s: float, civil_speed: float, rng: random.Random) -> Iterator[float]:
    for at_h in planned.at_h:
        yield at_h * 3600.0 / civil_speed
    if planned.per_hour:
        at_s, mean_gap_s = 0.0, 3600.0 / civil_speed / planned.per_hour
        while (at_s := at_s + rng.expovariate(1.0 / mean_gap_s)) < day_s:
            yield at_s


def parse_fault_plan(table: Mapping[str, Any], file: str) -> FaultPlan:
    """The plan of a parsed TOML file with `[[outage]]`, `[[mishap]]` and `[network]`. Raises `FaultPlanError`."""
    unknown = sorted(table.keys() - {"outage", "mishap", "network"})
    if unknown:
        raise FaultPlanError(file=file, field=unknown[0], expected="[[outage]] and [[mishap]] tables, and [network]")
    outages = [_Fields(file, f"outage[{n}]", row).outage() for n, row in enumerate(_rows(table, "outage", file), 1)]
    mishaps = [_Fields(file, f"mishap[{n}]", row).mishap() for n, row in enumerate(_rows(table, "mishap", file), 1)]
    return FaultPlan(tuple(outages), tuple(mishaps), _network(table, file))


def _network(table: Mapping[str, Any], file: str) -> Impairments | None:
    if "network" not in table:
        return None
    try:
        return build_over(QUIET_WAY, table, "network", file)
    except ProfileError as error:
        raise FaultPlanError(file=file, field="network", expected=f"what a profile has there: {error}") from None


def _rows(table: Mapping[str, Any], name: str, file: str) -> list[Any]:
    rows = table.get(name, [])
    if not isinstance(rows, list) or len(rows) > FAULTS_MAX:
        raise FaultPlanError(file=file, field=name, expected=f"at most {FAULTS_MAX} [[{name}]] tables")
    return rows


class _Fields:
    """Typed fields of one table; what nobody asked for is an error."""

    def __init__(self, file: str, place: str, row: Any) -> None:
        self._file, self._place = file, place
        self._row = dict(row) if isinstance(row, Mapping) else self._refuse("", "a table")

    def outage(self) -> PlannedOutage:
        outage = Outage(self._word("kind", Outage))
        at_h = self._instants()
        per_hour = 0.0 if at_h and "per_hour" not in self._row else self._number("per_hour", 0.0, 3600.0)
        if per_hour == 0.0 and not at_h:
            self._refuse("per_hour", "more than 0, or instants in at_h")
        by_s = self._range("by_s", -86400.0, 86400.0) if outage is Outage.CLOCK_JUMP else (0.0, 0.0)
        for_s = (0.0, 0.0) if outage is Outage.CLOCK_JUMP else self._range("for_s", 0.0, 86400.0)
        return self._done(PlannedOutage(outage, per_hour, for_s, by_s, at_h))

    def mishap(self) -> PlannedMishap:
        mishap = Mishap(self._word("kind", Mishap))
        event = EventClass(self._word("event", EventClass))
        share = self._number("share", 0.0, 1.0)
        for_s = self._range("for_s", 0.0, 3600.0) if mishap is Mishap.DELAY else (0.0, 0.0)
        return self._done(PlannedMishap(mishap, event, share, for_s))

    def _word(self, name: str, words: type[StrEnum]) -> str:
        value = self._row.pop(name, None)
        known = [word.value for word in words]
        return str(value) if value in known else str(self._refuse(name, "one of " + ", ".join(known)))

    def _number(self, name: str, least: float, most: float) -> float:
        return self._checked(name, self._row.pop(name, None), least, most)

    def _instants(self) -> tuple[float, ...]:
        value = self._row.pop("at_h", [])
        if not isinstance(value, list) or len(value) > FAULTS_MAX:
            self._refuse("at_h", f"at most {FAULTS_MAX} instants")
        return tuple(self._checked("at_h", each, 0.0, 24.0) for each in value)

    def _range(self, name: str, least: float, most: float) -> tuple[float, float]:
        value = self._row.pop(name, None)
        if not isinstance(value, list) or len(value) != 2:
            self._refuse(name, "two numbers: from and until")
        low, high = (self._checked(name, each, least, most) for each in value)
        return (low, high) if low <= high else self._refuse(name, "the smaller number first")

    def _checked(self, name: str, value: Any, least: float, most: float) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number and least <= value <= most else self._refuse(name, f"{least:g} to {most:g}")

    def _done(self, planned: _Planned) -> _Planned:
        return planned if not self._row else self._refuse(sorted(self._row)[0], "no such field")

    def _refuse(self, name: str, expected: str) -> Any:
        raise FaultPlanError(file=self._file, field=".".join(filter(None, (self._place, name))), expected=expected)
