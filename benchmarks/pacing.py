"""How busy agents are at three abandoned calls of a hundred: our rule, the other rules, and one that knows all.

A day of eight hours in the reference world (docs/explanation/pacing.md), for each size of team, answer probability
and seed; the ceiling counts the whole day, the first ten minutes too, while occupancy leaves them out. Nothing is
tuned for a size or a campaign, except the fixed ratio, which is chosen in hindsight on the very days it is shown on.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from baitie.domain.dialing.pacing.abandonment import AbandonmentCeiling
from baitie.domain.dialing.pacing.controllers import ProgressivePacing
from baitie.domain.dialing.pacing.predictive import PredictivePacing
from baitie.domain.dialing.pacing.state import PacingController
from baitie.rehearsal.pacing.day import DayResult, PacingDay
from baitie.rehearsal.pacing.world import Change, WorldParameters
from benchmarks.figures import Figure, Report, run_and_show
from benchmarks.pacing_rules import AllKnowingPacing, IssabelLikePacing, RatioPacing, VicidialLikePacing

CAP = 0.03
SHARE_OF_ORACLE = {10: 0.95, 50: 0.98, 200: 0.99}
POINTS_OVER_PROGRESSIVE = 0.04
RATIO_STEPS = 8
RATIO_MAX = 16.0

STEPS: dict[str, tuple[Change, ...]] = {
    "answers .20 .45 .10 .40": (
        Change(0.0, answer_rate=0.20),
        Change(7_200.0, answer_rate=0.45),
        Change(14_400.0, answer_rate=0.10),
        Change(21_600.0, answer_rate=0.40),
    ),
    "talks twice as long, then half": (Change(9_600.0, talk_factor=2.0), Change(19_200.0, talk_factor=0.5)),
    "a third of the agents leaves, all return": (
        Change(9_600.0, agents_share=0.67),
        Change(19_200.0, agents_share=1.0),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What a rule did on the days of one cell of the table."""

    days: tuple[DayResult, ...]

    @property
    def occupancy(self) -> float:
        return statistics.fmean(day.occupancy for day in self.days)

    @property
    def occupancy_least(self) -> float:
        return min(day.occupancy for day in self.days)

    @property
    def abandonment_most(self) -> float:
        return max(day.abandonment for day in self.days)

    @property
    def abandonment(self) -> float:
        return statistics.fmean(day.abandonment for day in self.days)

    @property
    def abandonment_peak(self) -> float:
        return max(day.abandonment_peak for day in self.days)


def play(world: WorldParameters, rule: Callable[[], PacingController], seeds: range) -> Row:
    """The same days under one rule."""
    days = []
    for seed in seeds:
        controller = rule()
        day = PacingDay(world, controller, AbandonmentCeiling(), random.Random(seed))
        if isinstance(controller, AllKnowingPacing):
            controller.day = day
        days.append(day.run())
    return Row(tuple(days))


def best_ratio(world: WorldParameters, seeds: range) -> tuple[float, Row]:
    """The greatest ratio with which no day passes the ceiling, by halving; its row."""
    low, high = 1.0, RATIO_MAX
    best = play(world, lambda: RatioPacing(low), seeds)
    for _ in range(RATIO_STEPS):
        ratio = (low + high) / 2
        row = play(world, lambda tried=ratio: RatioPacing(tried), seeds)  # type: ignore[misc]
        if row.abandonment_most <= CAP:
            low, best = ratio, row
        else:
            high = ratio
    return low, best


def cell(agents: int, answer_rate: float, seeds: range, hours: float) -> Report:
    """One cell of the table: all rules on the same days."""
    world = WorldParameters(agents=agents, answer_rate=answer_rate, hours=hours)
    load = f"{agents} agents, answer probability {answer_rate}, {_days(seeds, hours)}"
    report = Report("pacing", load)
    begun = time.process_time()
    ours = play(world, PredictivePacing, seeds)
    cpu_s = (time.process_time() - begun) / len(seeds)
    oracle, progressive = play(world, AllKnowingPacing, seeds), play(world, ProgressivePacing, seeds)
    figures = report.figures
    target = SHARE_OF_ORACLE.get(agents)
    figures.append(Figure("occupancy, mean", ours.occupancy, "of 1", None, True, "oracle", oracle.occupancy))
    if target is not None:
        figures.append(
            Figure("occupancy, share of the oracle's", ours.occupancy / oracle.occupancy, "of 1", target, True)
        )
    else:
        least = progressive.occupancy + POINTS_OVER_PROGRESSIVE
        figures.append(
            Figure("occupancy, mean", ours.occupancy, "of 1", least, True, "progressive", progressive.occupancy)
        )
    figures.append(
        Figure("occupancy, least day", ours.occupancy_least, "of 1", None, True, "oracle", oracle.occupancy_least)
    )
    figures.append(Figure("abandoned, day with most", 100 * ours.abandonment_most, "%", 100 * CAP))
    figures.append(
        Figure("abandoned, mean", 100 * ours.abandonment, "%", None, False, "oracle", 100 * oracle.abandonment)
    )
    figures.append(Figure("abandoned so far, at worst after 100 answers", 100 * ours.abandonment_peak, "%"))
    ratio, fixed = best_ratio(world, seeds)
    others = {
        "progressive": progressive,
        f"fixed ratio {ratio:.2f}, best in hindsight": fixed,
        "VICIdial's rule restated (average, maximum 3.0)": play(world, VicidialLikePacing, seeds),
        "Issabel's rule restated (predictive, overcommit)": play(world, IssabelLikePacing, seeds),
    }
    for name, row in others.items():
        figures.append(Figure(f"occupancy, {name}", row.occupancy, "of 1"))
        figures.append(Figure(f"abandoned, {name}, day with most", 100 * row.abandonment_most, "%"))
    figures.append(Figure("processor time of a day, world and rule", cpu_s, "s"))
    return report


def steps(agents: int, seeds: range, hours: float) -> Report:
    """The ceiling where the world changes at a stroke."""
    report = Report("pacing, sudden changes", f"{agents} agents, {_days(seeds, hours)}")
    for name, changes in STEPS.items():
        row = play(WorldParameters(agents=agents, hours=hours, changes=changes), PredictivePacing, seeds)
        report.figures.append(Figure(f"abandoned, day with most: {name}", 100 * row.abandonment_most, "%", 100 * CAP))
        report.figures.append(Figure(f"abandoned so far, at worst: {name}", 100 * row.abandonment_peak, "%"))
        report.figures.append(Figure(f"occupancy, mean: {name}", row.occupancy, "of 1"))
    return report


def _days(seeds: range, hours: float) -> str:
    return f"{len(seeds)} days of {hours:g} h, seeds {seeds[0]} to {seeds[-1]}"


def run(arguments: argparse.Namespace) -> list[Report]:
    """The whole table, or the sizes asked for."""
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    reports = []
    for agents in arguments.agents:
        if not arguments.only_steps:
            reports += [cell(agents, answer_rate, seeds, arguments.hours) for answer_rate in (0.35, 0.15)]
        if not arguments.no_steps:
            reports.append(steps(agents, seeds, arguments.hours))
    return reports


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, nargs="+", default=[3, 5, 10, 50, 200], help="sizes of teams")
    parser.add_argument("--seeds", type=int, default=2, help="days for each cell")
    parser.add_argument("--first-seed", type=int, default=1, help="seed of the first day")
    parser.add_argument("--hours", type=float, default=8.0, help="hours in a day")
    parser.add_argument("--no-steps", action="store_true", help="without the sudden changes")
    parser.add_argument("--only-steps", action="store_true", help="the sudden changes alone")
    raise SystemExit(run_and_show(run, parser))
