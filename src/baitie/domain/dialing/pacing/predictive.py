"""Predictive pacing (预测式外呼): place while the next call would find no agent with a small enough chance."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import TypeAlias

from baitie.domain.dialing.pacing.answering import AGES_S
from baitie.domain.dialing.pacing.durations import EDGES_S
from baitie.domain.dialing.pacing.outlook import WIDTH, Moments, OutlookTables
from baitie.domain.dialing.pacing.state import PacingState
from baitie.kernel.time import Instant

PLACED_AT_ONCE_MAX = 400
"""The bound of one decision's loop; the next decision may place more."""

RESERVED_CHANCE = 0.001
"""So seldom may the attempts in flight cost more abandoned calls than the budget has left, as far as is known."""
FREED_TRUSTED = 0.9
"""For that reserve only this share of the agents who should become free is counted on."""

RISK_USUAL = 0.035
"""At this chance of finding no agent ten to fifty agents abandon about three of a hundred answers; fewer than ten do so
at a greater one, because most of the time one attempt more would be far above it. Measured, docs/explanation/pacing.md.
"""
RISK_MAX = 0.5

SLACK_SPREADS = 3.0
LAST_CALL = 1.0
STEERED_MAX = 3.0
"""What is left of the budget steers the risk, in proportion to what is left beyond the last call: as usual with so many
spreads of calls left, at most so many times as much. Near the last call hardly any risk is worth it: without a call
left, pacing is progressive until some thirty answers have earned one. The best course of a model of the budget as a
random walk, by dynamic programming, is close to this line."""

LOOK_AFTER_MIN_S = 1.0
LOOK_AFTER_MAX_S = 4.0
"""Though nothing happens, agents come nearer to being free and attempts to being given up: it is asked again after as
many whole seconds as the risk is times too great. Measured, with a look each second: of those after a risk at least
twice too great one in 500 placed an attempt, of those after one four times too great none of 8,700."""

_RESERVE_PASSED = 2 * RESERVED_CHANCE
_AGES_S = tuple(AGES_S)  # looked up faster than a range
_Sums: TypeAlias = tuple[float, float, float]
"""First three cumulants of a sum at one horizon."""

_SQRT_2 = math.sqrt(2.0)
_SQRT_2_PI = math.sqrt(2.0 * math.pi)


class PredictivePacing:
    """Predictive pacing (预测式外呼): a marginal rule under a reserved budget of abandoned calls.

    One more attempt is placed while the chance that its answer finds no agent, averaged over when people answer, is
    at most `risk_max`, and while more calls than the budget has left would be abandoned with a chance of at most
    `RESERVED_CHANCE`. Without memory, budget or anything left it is progressive: as many attempts as there are
    idle agents without one.
    """

    def decide(self, state: PacingState, now: Instant) -> int:
        """The number of attempts to place at once."""
        return self.consider(state, now)[0]

    def consider(self, state: PacingState, now: Instant) -> tuple[int, float]:
        """The number of attempts to place at once, and after how many seconds to ask again though nothing happens."""
        ready = state.idle_agents - state.waiting
        most = min(state.channels_free, PLACED_AT_ONCE_MAX)
        count = max(0, min(ready - len(state.ringing_since), most))
        if state.memory is None or state.budget is None or count >= most:
            return count, LOOK_AFTER_MAX_S
        remaining = state.budget.remaining(now)
        if remaining <= 0:
            return count, LOOK_AFTER_MAX_S
        tables = state.memory.tables(state.talking_since, state.wrapping_up_since, state.ringing_since, now)
        agents = state.idle_agents + len(state.talking_since) + len(state.wrapping_up_since)
        allowed = risk_max(agents, state.budget.slack(now))
        if allowed <= 0.0:
            return count, LOOK_AFTER_MAX_S
        outlook = _outlook(state, tables, count, now)
        one_for_each = count
        while (risk := outlook.risk(allowed)) < allowed and count < most:
            outlook.add()
            count += 1
        look_after_s = min(max(risk // allowed, LOOK_AFTER_MIN_S), LOOK_AFTER_MAX_S)
        within_reserve = ready + remaining - len(state.ringing_since)  # though everybody answers and nobody is freed
        least = max(one_for_each, within_reserve)
        while count > least and outlook.overdraft(remaining, _RESERVE_PASSED) > RESERVED_CHANCE:
            outlook.add(-1)
            count -= 1
            look_after_s = LOOK_AFTER_MIN_S
        return count, look_after_s


def _outlook(state: PacingState, tables: OutlookTables, count: int, now: Instant) -> "Outlook":
    """What is expected if so many attempts more are placed."""
    talks, wrap_ups, answered = tables.free_from_talk, tables.free_from_wrap_up, tables.answered
    free = [(talks(age_bin), many) for age_bin, many in by_age(state.talking_since, now, EDGES_S)]
    free += [(wrap_ups(age_bin), many) for age_bin, many in by_age(state.wrapping_up_since, now, EDGES_S)]
    taken = [(answered(age_s), many) for age_s, many in by_age(state.ringing_since, now, _AGES_S)]
    fresh = answered(0)
    taken.append((fresh, count))
    return Outlook(state.idle_agents - state.waiting, free, taken, fresh, tables.caution)


def risk_max(agents: int, slack: float) -> float:
    """The greatest chance of finding no agent at which one more attempt is placed, with so many abandoned calls left.

    In proportion to what the budget has left beyond its last call: the share of abandoned calls comes to the ceiling
    and stays under it, whatever the world does.
    """
    tens = max(agents, 1) / 10
    usual = RISK_USUAL * max(1.0, 1.0 / math.sqrt(tens))
    steered = (slack - LAST_CALL) / slack_wanted(agents)
    return min(usual * min(max(steered, 0.0), STEERED_MAX), RISK_MAX)


def slack_wanted(agents: int) -> float:
    """How many abandoned calls beyond the last shall be left in the budget, so that chance does not use it up."""
    return SLACK_SPREADS * spread_of(agents)


def spread_of(agents: int) -> float:
    """By how many calls answers and free agents miss each other, roughly."""
    return 0.5 * math.sqrt(max(agents, 1))


class Outlook:
    """Outlook (预测): answers less freed agents by each horizon, as cumulants, while attempts are being put in.

    A horizon is summed up when it is first asked for: the nearest alone mostly says that the risk is too great.
    """

    __slots__ = ("_caution", "_free", "_fresh", "_horizons", "_ready", "_taken")

    def __init__(
        self,
        ready: int,
        free: list[tuple[Moments, int]],
        taken: list[tuple[Moments, int]],
        fresh: Moments,
        caution: float,
    ) -> None:
        self._ready = ready
        self._free, self._taken = free, taken
        self._fresh = fresh
        self._caution = caution
        self._horizons: list[tuple[_Sums, _Sums]] = []  # of those taken and those freed

    def add(self, many: int = 1) -> None:
        """So many attempts more are placed; below zero, so many fewer."""
        fresh = self._fresh
        self._horizons = [
            (
                (
                    mean + many * fresh[index],
                    variance + many * fresh[WIDTH + index],
                    third + many * fresh[2 * WIDTH + index],
                ),
                free,
            )
            for index in range(WIDTH)
            for (mean, variance, third), free in (self._horizon(index),)
        ]

    def risk(self, enough: float = 1.0) -> float:
        """Chance that the answer of one more attempt finds no agent, averaged over when it is answered. Where it comes
        to `enough`, it is reckoned from the nearest horizons that tell so: within a factor of two, hardly ever more."""
        whole, horizons = self._exceeds(self._ready, 1.0, 1.0, enough * WIDTH)
        return whole / horizons

    def overdraft(self, remaining: int, enough: float = WIDTH) -> float:
        """Chance that more than `remaining` calls are abandoned: the horizons' chances added, as far as `enough`."""
        return self._exceeds(self._ready + remaining + 1, self._caution, FREED_TRUSTED, enough)[0]

    def _exceeds(self, least: int, caution: float, trusted: float, enough: float) -> tuple[float, int]:
        """Sum over the horizons of the chance that answers less freed agents are at least `least`; and how many
        horizons it took to come to `enough`."""
        whole, horizons = 0.0, 0
        while horizons < WIDTH:
            taken, free = self._horizon(horizons)
            mean = caution * taken[0] - trusted * free[0]
            whole += _at_least(least, mean, taken[1] * caution + free[1], taken[2] - free[2])
            horizons += 1
            if whole >= enough:
                break
        return whole, horizons

    def _horizon(self, index: int) -> tuple[_Sums, _Sums]:
        horizons = self._horizons
        while index >= len(horizons):
            horizons.append((_summed(self._taken, len(horizons)), _summed(self._free, len(horizons))))
        return horizons[index]


def by_age(starts: Sequence[float], now: float, edges_s: Sequence[float]) -> list[tuple[int, int]]:
    """How many of these starts are as old as each bin: its number and theirs; `edges_s` are the bins' lower edges."""
    counted: list[tuple[int, int]] = []
    last_bin, many = -1, 0
    for start in sorted(starts, reverse=True):
        age_bin = max(bisect_right(edges_s, now - start) - 1, 0)
        if age_bin == last_bin:
            many += 1
            continue
        if many:
            counted.append((last_bin, many))
        last_bin, many = age_bin, 1
    if many:
        counted.append((last_bin, many))
    return counted


def _summed(events: list[tuple[Moments, int]], index: int) -> _Sums:
    """Cumulants at one horizon, of so many of each event together."""
    mean = variance = third = 0.0
    for parts, many in events:
        mean += many * parts[index]
        variance += many * parts[WIDTH + index]
        third += many * parts[2 * WIDTH + index]
    return mean, variance, third


def _at_least(least: int, mean: float, variance: float, third: float) -> float:
    """Chance that a sum of independent events is at least `least`: normal, corrected for skewness and continuity."""
    if variance < 1e-9:
        return 1.0 if mean > least - 0.5 else 0.0
    spread = math.sqrt(variance)
    x = (least - 0.5 - mean) / spread
    skewness = third / (variance * spread)
    chance = 0.5 * math.erfc(x / _SQRT_2) - skewness * (1.0 - x * x) * math.exp(-0.5 * x * x) / (6.0 * _SQRT_2_PI)
    return min(max(chance, 0.0), 1.0)
