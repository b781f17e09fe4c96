"""Forecast: what many rehearsed days of one scenario came to, as a median and a range for each figure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from statistics import median

from baitie.domain.agents import AgentState
from baitie.domain.dialing.attempt import CardOutcome
from baitie.domain.metrics import METRICS, by_hour
from baitie.domain.metrics.agent_time import AT_WORK, BUSY, ms_by_state
from baitie.domain.metrics.facts import is_abandoned, is_answered, is_answered_by_person, was_placed
from baitie.kernel.journal import JournalEntry, JsonValue
from baitie.kernel.records import AttemptRecord
from baitie.kernel.undefined import Undefined
from baitie.rehearsal.rehearse import RehearsedRun

COVERAGE = 0.90
"""So much of what will happen a range is meant to hold."""

MEASURES = (
    "ends_after_s",
    "leads_done",
    "attempts",
    "answers",
    "human_answers",
    "human_answer_rate",
    "talk_min",
    "occupancy",
    "talk_min_per_agent_h",
    "team_time_share",
    "abandonment_rate",
    "cards_late",
    "cards_before_ring_rate",
    "opt_outs",
    "leads_refused",
    "leads_waiting",
)
"""What is told of a day, in the order of a report. `ends_after_s` is civil, from the beginning of the day;
`team_time_share` is there where campaigns share agents."""


@dataclass(frozen=True, slots=True)
class HourCounts:
    """Attempts and human answers of one hour of the callees' day (时段计数)."""

    hour: int
    attempts: int
    answered: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Figures (单日结果) of one rehearsed day. A measure that nothing can be said of is absent."""

    seed: int
    journal_hash: str
    end: str
    values: Mapping[str, float]
    refused_by_rule: Mapping[str, int]
    delayed_by_rule: Mapping[str, int]
    outcomes: Mapping[str, int]
    answers: Mapping[str, int]
    hours: tuple[HourCounts, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """Range (区间) of a figure over seeds: the median, and two of the values seen between which a further day falls
    with the chance `coverage`: (n + 1 - 2k) / (n + 1) for the k-th smallest and k-th greatest of n, whatever the
    distribution. With few seeds it is less than wanted, and says so."""

    median: float
    low: float
    high: float
    coverage: float
    days: int

    def holds(self, value: float) -> bool:
        """Whether the value lies inside."""
        return self.low <= value <= self.high

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "median": self.median,
            "low": self.low,
            "high": self.high,
            "coverage": round(self.coverage, 4),
            "days": self.days,
        }


def range_of(values: Sequence[float], coverage: float = COVERAGE) -> Range | Undefined:
    """The narrowest range of order statistics with at least the wanted coverage, or the widest there is."""
    if not values:
        return Undefined("no-days")
    ordered, count = sorted(values), len(values)
    kth = max(int((count + 1) * (1 - coverage) / 2 + 1e-9), 1)
    reached = max((count + 1 - 2 * kth) / (count + 1), 0.0)
    return Range(median(ordered), ordered[kth - 1], ordered[count - kth], reached, count)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Forecast (预测) of one variant of a campaign: its rehearsed days, and what they say together."""

    name: str  # of the variant; empty: the campaign as it is
    civil_start: datetime
    leads: int
    days: tuple[DayFigures, ...] = field(repr=False)

    def range(self, measure: str) -> Range | Undefined:
        """The range of one measure."""
        return range_of([day.values[measure] for day in self.days if measure in day.values])

    def ranges_by_rule(self, kind: str) -> dict[str, Range]:
        """The range for each rule, the most frequent first; `kind` is `refused` or `delayed`."""
        counts = [day.refused_by_rule if kind == "refused" else day.delayed_by_rule for day in self.days]
        return _ranges(counts)

    def ranges_by_outcome(self) -> dict[str, Range]:
        """The range for each outcome of attempts, the most frequent first."""
        return _ranges([day.outcomes for day in self.days])

    def ranges_by_answer(self) -> dict[str, Range]:
        """The range for each answer to the script's questions, the most frequent first."""
        return _ranges([day.answers for day in self.days])

    def hours(self) -> list[tuple[int, float, float]]:
        """Hour, and the median of attempts and human answers in it, from the first busy hour to the last."""
        busy = sorted({hour.hour for day in self.days for hour in day.hours if hour.attempts})
        if not busy:
            return []
        found = []
        for hour in range(busy[0], busy[-1] + 1):
            counts = [_of_hour(day, hour) for day in self.days]
            found.append((hour, median(c.attempts for c in counts), median(c.answered for c in counts)))
        return found

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON; an undefined figure is null."""
        return {
            "variant": self.name,
            "civil_start": self.civil_start.isoformat(),
            "days": len(self.days),
            "seeds": [day.seed for day in self.days],
            "leads": self.leads,
            "figures": {name: _json(self.range(name)) for name in MEASURES},
            "refused_by_rule": {name: found.to_json() for name, found in self.ranges_by_rule("refused").items()},
            "delayed_by_rule": {name: found.to_json() for name, found in self.ranges_by_rule("delayed").items()},
            "outcomes": {name: found.to_json() for name, found in self.ranges_by_outcome().items()},
            "answers": {name: found.to_json() for name, found in self.ranges_by_answer().items()},
            "ends": dict(Counter(day.end for day in self.days)),
            "journals": {str(day.seed): day.journal_hash for day in self.days},
        }


def figures_of(run: RehearsedRun, zone: tzinfo) -> DayFigures:
    """What one rehearsed day came to. `zone` is that of callees whose own is unknown."""
    has_agents = run.scenario.campaign.agents is not None
    facts, progress, summary = run.facts(with_journal=has_agents), run.summary.progress, run.summary
    placed = [attempt for attempt in facts.ended if was_placed(attempt)]
    human = [attempt for attempt in placed if is_answered_by_person(attempt)]
    talk_s = sum((attempt.evidence.talk_ms or 0) for attempt in placed) / 1000
    values = {
        "ends_after_s": (summary.civil_until - run.scenario.civil_start).total_seconds(),
        "leads_done": float(progress.leads_closed - sum(progress.refused_by_rule.values())),
        "attempts": float(len(placed)),
        "answers": float(sum(1 for attempt in placed if is_answered(attempt))),
        "human_answers": float(len(human)),
        "talk_min": talk_s / 60,
        "cards_late": float(sum(1 for attempt in placed if attempt.card_outcome == CardOutcome.LATE)),
        "opt_outs": float(progress.refusals),
        "leads_refused": float(sum(progress.refused_by_rule.values())),
        "leads_waiting": float(progress.leads - progress.leads_closed),
    }
    if placed:
        values["human_answer_rate"] = len(human) / len(placed)
        before = METRICS["card_before_ring_rate"].compute(facts).value
        values["cards_before_ring_rate"] = 0.0 if isinstance(before, Undefined) else before  # no card came at all
    if has_agents:
        values.update(agent_figures(facts.journal))
        if human:
            values["abandonment_rate"] = sum(map(is_abandoned, human)) / len(human)
    return DayFigures(
        seed=run.seed,
        journal_hash=run.journal_hash(),
        end=summary.end.value,
        values=values,
        refused_by_rule=dict(progress.refused_by_rule),
        delayed_by_rule=dict(progress.delayed_by_rule),
        outcomes=dict(progress.outcomes),
        answers=dict(progress.answers),
        hours=tuple(HourCounts(h.hour, h.placed, h.answered) for h in by_hour(facts, _zones_of(run, zone))),
    )


def agent_figures(journal: Iterable[JournalEntry]) -> dict[str, float]:
    """Occupancy, talk and wrap-up over the time at work, and minutes of talk in an hour at work. Breaks are no work."""
    spent_ms = ms_by_state(journal)
    worked_ms = sum(spent_ms[state] for state in AT_WORK)
    if not worked_ms:
        return {}
    occupied_ms = sum(spent_ms[state] for state in BUSY)
    return {
        "occupancy": occupied_ms / worked_ms,
        "talk_min_per_agent_h": 60 * spent_ms[AgentState.TALKING] / worked_ms,
    }


def _zones_of(run: RehearsedRun, otherwise: tzinfo) -> Callable[[AttemptRecord], tzinfo]:
    by_callee = {callee.callee_id: callee.zone_names for callee in run.scenario.callees}

    def zone_of(attempt: AttemptRecord) -> tzinfo:
        found = run.scenario.zones(by_callee.get(attempt.callee_id, ()))
        return found[0] if found else otherwise

    return zone_of


def _of_hour(day: DayFigures, hour: int) -> HourCounts:
    return next((counts for counts in day.hours if counts.hour == hour), HourCounts(hour, 0, 0))


def _ranges(counts: Sequence[Mapping[str, int]]) -> dict[str, Range]:
    names = sorted({name for found in counts for name in found})
    ranges = {name: range_of([found.get(name, 0) for found in counts]) for name in names}
    known = {name: found for name, found in ranges.items() if isinstance(found, Range)}
    return dict(sorted(known.items(), key=lambda item: -item[1].median))


def _json(found: Range | Undefined) -> JsonValue:
    return None if isinstance(found, Undefined) else found.to_json()
