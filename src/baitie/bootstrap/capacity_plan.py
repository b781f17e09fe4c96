"""Capacity plan: the fewest lines, or agents, with which a campaign is through by a given time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from baitie.bootstrap.forecasting import forecast
from baitie.files.what_if import AGENTS_MAX, CAPACITY_MAX, WhatIf
from baitie.kernel.journal import JsonValue
from baitie.kernel.undefined import Undefined
from baitie.rehearsal.forecast import Forecast, Range, range_of
from baitie.rehearsal.scenario import Scenario

LEFT = "leads_waiting"
IN_TIME_SHARE = 0.9
"""So many of the rehearsed days must end in time."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One capacity that was rehearsed (试算): the forecast with it, and the share of its days that end in time, with no
    lead left over."""

    count: int
    forecast: Forecast
    in_time_share: float

    @property
    def suffices(self) -> bool:
        """Whether enough of the days end in time."""
        return self.in_time_share >= IN_TIME_SHARE

    @property
    def left(self) -> Range | Undefined:
        """Leads that a day leaves over: its hours were at an end, or their next attempt is due later."""
        return self.forecast.range(LEFT)

    @property
    def ends(self) -> Range | Undefined:
        """When the days end that leave no lead over; of the others nobody can know when they would."""
        return range_of([day.values["ends_after_s"] for day in self.forecast.days if not day.values[LEFT]])

    def calls_each(self) -> float:
        """Attempts of a day by line or agent, in the mean over the days."""
        days = self.forecast.days
        return sum(day.values["attempts"] for day in days) / len(days) / self.count


@dataclass(frozen=True, slots=True)
class CapacityPlan:
    """Capacity plan (容量测算). `needed` is None where not even the greatest capacity that was tried suffices."""

    has_agents: bool  # what is counted: agents, or calls at once
    finish_by: datetime
    tried: tuple[Tried, ...]  # the smallest first

    @property
    def needed(self) -> Tried | None:
        """The smallest that suffices."""
        return next((one for one in self.tried if one.suffices), None)

    @property
    def leaves_least(self) -> Tried:
        """The smallest of those tried that leaves no more leads over than the greatest: more would change nothing."""
        least = min(_median_left(one) for one in self.tried)
        return next(one for one in self.tried if _median_left(one) <= least)

    def to_json(self) -> dict[str, JsonValue]:
        """As plain JSON."""
        return {
            "unit": "agents" if self.has_agents else "lines",
            "finish_by": self.finish_by.isoformat(),
            "needed": None if self.needed is None else self.needed.count,
            "in_time_share_wanted": IN_TIME_SHARE,
            "tried": [
                {
                    "count": one.count,
                    "in_time_share": one.in_time_share,
                    "leads_left": None if isinstance(one.left, Undefined) else one.left.to_json(),
                    "calls_each": round(one.calls_each(), 2),
                    "forecast": one.forecast.to_json(),
                }
                for one in self.tried
            ],
        }


def plan_capacity(
    scenario: Scenario, seeds: Sequence[int], finish_by: datetime, zone: tzinfo, on_day: Callable[[], None]
) -> CapacityPlan:
    """Rehearse with ever other capacities until the fewest are found that suffice."""
    has_agents = scenario.campaign.agents is not None
    known: dict[int, Tried] = {}

    def suffices(count: int) -> bool:
        if count not in known:
            known[count] = _try(scenario, count, seeds, finish_by, zone, on_day)
        return known[count].suffices

    most = min(len(scenario.leads), AGENTS_MAX if has_agents else CAPACITY_MAX)
    fewest_sufficient(suffices, _start(scenario), most)
    return CapacityPlan(has_agents, finish_by, tuple(known[count] for count in sorted(known)))


def fewest_sufficient(suffices: Callable[[int], bool], start: int, most: int) -> int | None:
    """The least count from 1 to `most` that suffices, if more never suffice less; None where `most` does not.

    Looks from `start` outwards by doubling and halving, then between: few looks where the start is near.
    """
    too_few, enough = 0, min(max(start, 1), most)
    while not suffices(enough):
        if enough == most:
            return None
        too_few, enough = enough, min(2 * enough, most)
    while too_few == 0 and enough > 1:
        half = enough // 2
        too_few, enough = (0, half) if suffices(half) else (half, enough)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if suffices(middle) else (middle, enough)
    return enough


def _median_left(one: Tried) -> float:
    return 0.0 if isinstance(one.left, Undefined) else one.left.median


def _start(scenario: Scenario) -> int:
    agents = scenario.campaign.agents
    return len(agents.roster) if agents is not None else scenario.campaign.trunk.calls_in_flight_max


def _try(
    scenario: Scenario,
    count: int,
    seeds: Sequence[int],
    finish_by: datetime,
    zone: tzinfo,
    on_day: Callable[[], None],
) -> Tried:
    what = "agents" if scenario.campaign.agents is not None else "capacity"
    variant = WhatIf(f"{what}={count}")
    (found,) = forecast(variant.apply(scenario), seeds, (), zone, on_day)
    within_s = (finish_by - found.civil_start).total_seconds()
    in_time = sum(not day.values[LEFT] and day.values["ends_after_s"] <= within_s for day in found.days)
    return Tried(count, replace(found, name=variant.name), in_time / len(found.days))
