"""Days of the reference world under a rule, played once each, with progress, and kept in a file where one is named."""

import json
import random
import statistics
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from baitie.domain.dialing.pacing.abandonment import AbandonmentCeiling
from baitie.domain.dialing.pacing.state import PacingController
from baitie.rehearsal.pacing.day import DayResult, PacingDay
from baitie.rehearsal.pacing.world import WorldParameters
from benchmarks.pacing_rules import AllKnowingPacing, RatioPacing

CAP = 0.03
RATIO_STEPS = 8
RATIO_MAX = 16.0


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


class Days:
    """Plays days. Those in `kept` (one JSON object a line) are not played again: an hour's run can be continued."""

    def __init__(self, kept: Path | None, total: int) -> None:
        self._kept = kept
        self._known: dict[str, DayResult] = {}
        if kept is not None and kept.exists():
            for line in kept.read_text().splitlines():
                row = json.loads(line)
                self._known[row["day"]] = DayResult(**row["result"])
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._task = self._progress.add_task("days", total=total)

    def __enter__(self) -> "Days":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def play(self, world: WorldParameters, name: str, rule: Callable[[], PacingController], seeds: range) -> Row:
        """The same days under one rule."""
        return Row(tuple(self._day(world, name, rule, seed) for seed in seeds))

    def best_ratio(self, world: WorldParameters, seeds: range) -> tuple[float, Row]:
        """The greatest ratio with which no day passes the ceiling, by halving; its row."""
        low, high = 1.0, RATIO_MAX
        best: tuple[DayResult, ...] | None = None
        for _ in range(RATIO_STEPS):
            ratio = (low + high) / 2
            days = self._days_within(world, ratio, seeds)
            if days is None:
                high = ratio
            else:
                low, best = ratio, days
        if best is None:
            return low, self.play(world, f"ratio {low}", lambda: RatioPacing(low), seeds)
        return low, Row(best)

    def _days_within(self, world: WorldParameters, ratio: float, seeds: range) -> tuple[DayResult, ...] | None:
        """The days with this ratio; nothing as soon as one passes the ceiling."""
        days = []
        for number, seed in enumerate(seeds):
            days.append(self._day(world, f"ratio {ratio}", lambda: RatioPacing(ratio), seed))
            if days[-1].abandonment > CAP:
                self._progress.advance(self._task, len(seeds) - number - 1)
                return None
        return tuple(days)

    def _day(self, world: WorldParameters, name: str, rule: Callable[[], PacingController], seed: int) -> DayResult:
        self._progress.update(self._task, description=f"{world.agents} agents, {world.answer_rate}, {name}")
        key = f"{name}, seed {seed}, {world}"
        result = self._known.get(key)
        if result is None:
            controller = rule()
            day = PacingDay(world, controller, AbandonmentCeiling(), random.Random(seed))
            if isinstance(controller, AllKnowingPacing):
                controller.day = day
            result = self._known[key] = day.run()
            if self._kept is not None:
                with self._kept.open("a") as file:
                    file.write(json.dumps({"day": key, "result": asdict(result)}) + "\n")
        self._progress.advance(self._task)
        return result
