"""How busy agents are at three abandoned calls of a hundred: our rule, the other rules, and one that knows all.

A day of eight hours in the reference world (docs/explanation/pacing.md), for each size of team, answer probability
and seed; the ceiling counts the whole day, the first ten minutes too, while occupancy leaves them out. Nothing is
tuned for a size or a campaign, except the fixed ratio, which is chosen in hindsight on the very days it is shown on.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from baitie.domain.dialing.pacing.controllers import ProgressivePacing
from baitie.domain.dialing.pacing.predictive import PredictivePacing
from baitie.rehearsal.pacing.world import Change, WorldParameters
from benchmarks.figures import Figure, Report, run_and_show
from benchmarks.pacing_days import CAP, RATIO_STEPS, Days, Row
from benchmarks.pacing_rules import AllKnowingPacing, IssabelLikePacing, VicidialLikePacing

ANSWER_RATES = (0.35, 0.15)
FIRST_SEED = 700
DAYS_OF = {3: 2, 5: 2, 10: 3, 50: 1}
"""Days of a cell in the run of minutes: enough to see a rule that has broken, not to tell two good ones apart."""
FULL_DAYS_OF = {3: 8, 5: 8, 10: 8, 50: 5, 200: 3}
"""Days of a cell in the whole table: large teams cost more of the processor, and their days differ less."""
DAYS_ELSE = 3

SHARE_OF_ORACLE = {10: 0.95, 50: 0.98, 200: 0.99}
POINTS_OVER_PROGRESSIVE = 0.04

STEPS: dict[str, tuple[Change, ...]] = {
    "answers 0.20, 0.45, 0.10, 0.40, each two hours": (
        Change(0.0, answer_rate=0.20),
        Change(7_200.0, answer_rate=0.45),
        Change(14_400.0, answer_rate=0.10),
        Change(21_600.0, answer_rate=0.40),
    ),
    "talks twice as long after 2:40 h, half as long after 5:20 h": (
        Change(9_600.0, talk_factor=2.0),
        Change(19_200.0, talk_factor=0.5),
    ),
    "a third of the agents leaves at 2:40 h, all return at 5:20 h": (
        Change(9_600.0, agents_share=0.67),
        Change(19_200.0, agents_share=1.0),
    ),
}
RULES_PLAYED = 5
"""Ours, the oracle, progressive and the two restated rules; the fixed ratio is played `RATIO_STEPS` times."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table: all rules on the same days."""

    agents: int
    answer_rate: float
    seeds: range
    hours: float
    ours: Row
    oracle: Row
    progressive: Row
    ratio: float
    fixed: Row
    vicidial: Row
    issabel: Row

    def report(self) -> Report:
        """The figures, with targets and peers."""
        report = Report(
            "pacing", f"{self.agents} agents, answer probability {self.answer_rate}, {_days(self.seeds, self.hours)}"
        )
        ours, oracle, progressive = self.ours, self.oracle, self.progressive
        target = SHARE_OF_ORACLE.get(self.agents)
        least = None if target is not None else progressive.occupancy + POINTS_OVER_PROGRESSIVE
        report.figures += [
            Figure("occupancy, mean", ours.occupancy, "of 1", least, True, "progressive", progressive.occupancy),
            Figure("occupancy, share of the oracle's", self.share_of_oracle, "of 1", target, True),
            Figure("occupancy, least day", ours.occupancy_least, "of 1", None, True, "oracle", oracle.occupancy_least),
            Figure("abandoned, day with most", 100 * ours.abandonment_most, "%", 100 * CAP),
            Figure("abandoned, mean", 100 * ours.abandonment, "%", None, False, "oracle", 100 * oracle.abandonment),
            Figure("abandoned so far, at worst after 100 answers", 100 * ours.abandonment_peak, "%"),
        ]
        others = {
            "progressive": progressive,
            f"fixed ratio {self.ratio:.2f}, best in hindsight": self.fixed,
            "VICIdial's rule restated (average, maximum 3.0)": self.vicidial,
            "Issabel's rule restated (predictive, overcommit)": self.issabel,
        }
        for name, row in others.items():
            report.figures.append(Figure(f"occupancy, {name}", row.occupancy, "of 1"))
            report.figures.append(Figure(f"abandoned, {name}, day with most", 100 * row.abandonment_most, "%"))
        return report

    @property
    def share_of_oracle(self) -> float:
        return self.ours.occupancy / self.oracle.occupancy

    def line(self) -> str:
        """The row of the published table."""
        ours, oracle = self.ours, self.oracle
        columns = (
            f"{self.agents}",
            f"{self.answer_rate}",
            f"{self.seeds[0]}–{self.seeds[-1]}",
            f"{ours.occupancy:.3f} ({ours.occupancy_least:.3f})",
            f"{100 * ours.abandonment:.2f}, {100 * ours.abandonment_most:.2f} %",
            f"{oracle.occupancy:.3f}, {100 * oracle.abandonment:.2f} %",
            f"{100 * self.share_of_oracle:.1f} %",
            f"{self.progressive.occupancy:.3f}",
            f"{self.fixed.occupancy:.3f}, {100 * self.fixed.abandonment_most:.1f} % ({self.ratio:.2f})",
            f"{self.vicidial.occupancy:.3f}, {100 * self.vicidial.abandonment_most:.1f} %",
            f"{self.issabel.occupancy:.3f}, {100 * self.issabel.abandonment_most:.1f} %",
        )
        return "| " + " | ".join(columns) + " |"


HEAD = """
| agents | p | seeds | **occupancy** | abandoned | oracle | of the oracle's | progressive | fixed ratio in hindsight | \
VICIdial's rule, restated | Issabel's rule, restated |
|---|---|---|---|---|---|---|---|---|---|---|"""


def cell(days: Days, agents: int, answer_rate: float, seeds: range, hours: float) -> Cell:
    """Plays one cell."""
    world = WorldParameters(agents=agents, answer_rate=answer_rate, hours=hours)
    oracle = days.play(world, "oracle", AllKnowingPacing, seeds)
    progressive = days.play(world, "progressive", ProgressivePacing, seeds)
    vicidial = days.play(world, "VICIdial restated", VicidialLikePacing, seeds)
    issabel = days.play(world, "Issabel restated", IssabelLikePacing, seeds)
    ratio, fixed = days.best_ratio(world, seeds)
    ours = days.play(world, "predictive", PredictivePacing, seeds)
    return Cell(agents, answer_rate, seeds, hours, ours, oracle, progressive, ratio, fixed, vicidial, issabel)


@dataclass(frozen=True, slots=True)
class Steps:
    """The ceiling where the world changes at a stroke."""

    agents: int
    seeds: range
    hours: float
    rows: dict[str, Row]

    def report(self) -> Report:
        """The figures, with targets."""
        report = Report("pacing, sudden changes", f"{self.agents} agents, {_days(self.seeds, self.hours)}")
        for name, row in self.rows.items():
            report.figures += [
                Figure(f"abandoned, day with most: {name}", 100 * row.abandonment_most, "%", 100 * CAP),
                Figure(f"abandoned so far, at worst: {name}", 100 * row.abandonment_peak, "%"),
                Figure(f"occupancy, mean: {name}", row.occupancy, "of 1"),
            ]
        return report

    def line(self) -> str:
        """The row of the published table."""
        columns = [f"{self.agents}", f"{self.seeds[0]}–{self.seeds[-1]}"]
        for row in self.rows.values():
            most, peak = 100 * row.abandonment_most, 100 * row.abandonment_peak
            columns.append(f"{most:.2f} % ({peak:.2f}), {row.occupancy:.3f}")
        return "| " + " | ".join(columns) + " |"


def steps(days: Days, agents: int, seeds: range, hours: float) -> Steps:
    """Plays the sudden changes for one size of team."""
    rows = {}
    for name, changes in STEPS.items():
        world = WorldParameters(agents=agents, hours=hours, changes=changes)
        rows[name] = days.play(world, "predictive", PredictivePacing, seeds)
    return Steps(agents, seeds, hours, rows)


def _days(seeds: range, hours: float) -> str:
    return f"{len(seeds)} days of {hours:g} h, seeds {seeds[0]} to {seeds[-1]}"


def run(arguments: argparse.Namespace) -> list[Report]:
    """The table, or the sizes asked for."""
    days_of = FULL_DAYS_OF if arguments.full else DAYS_OF
    seeds_of = {
        agents: range(arguments.first_seed, arguments.first_seed + (arguments.seeds or days_of.get(agents, DAYS_ELSE)))
        for agents in arguments.agents or days_of
    }
    a_seed = (not arguments.only_steps) * len(ANSWER_RATES) * (RULES_PLAYED + RATIO_STEPS)
    a_seed += (not arguments.no_steps) * len(STEPS)
    cells, changes = list[Cell](), list[Steps]()
    with Days(arguments.days, a_seed * sum(len(seeds) for seeds in seeds_of.values())) as days:
        for agents, seeds in seeds_of.items():
            if not arguments.only_steps:
                cells += [cell(days, agents, answer_rate, seeds, arguments.hours) for answer_rate in ANSWER_RATES]
            if not arguments.no_steps:
                changes.append(steps(days, agents, seeds, arguments.hours))
    if arguments.tables:
        print("\n".join([HEAD, *(played.line() for played in cells)]))
        print(f"\n| agents | seeds | {' | '.join(STEPS)} |\n|---|---|---|---|---|")
        print("\n".join(played.line() for played in changes), end="\n\n")
    return [*(played.report() for played in cells), *(played.report() for played in changes)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, nargs="+", help="sizes of teams, in place of those of the run")
    parser.add_argument("--full", action="store_true", help="the whole table, teams of 200 too (an hour of a core)")
    parser.add_argument("--seeds", type=int, help="days for each cell, in place of those of the run")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED, help="seed of the first day")
    parser.add_argument("--hours", type=float, default=8.0, help="hours in a day")
    parser.add_argument("--no-steps", action="store_true", help="without the sudden changes")
    parser.add_argument("--only-steps", action="store_true", help="the sudden changes alone")
    parser.add_argument("--tables", action="store_true", help="also print the two published tables in Markdown")
    parser.add_argument("--days", type=Path, help="keep days in this file, and do not play again what it has")
    raise SystemExit(run_and_show(run, parser))
