"""Predictive pacing (预测式外呼): place while the next call would find no agent with a small enough chance."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from operator import mul

from baitie.domain.dialing.pacing.answering import AGES_S
from baitie.domain.dialing.pacing.durations import EDGES_S
from baitie.domain.dialing.pacing.outlook import WIDTH, Moments
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
        ready = state.idle_agents - state.waiting
        most = min(state.channels_free, PLACED_AT_ONCE_MAX)
        count = max(0, min(ready - len(state.ringing_since), most))
        if state.memory is None or state.budget is None or count >= most:
            return count
        remaining = state.budget.remaining(now)
        if remaining <= 0:
            return count
        tables = state.memory.tables(state.talking_since, state.wrapping_up_since, state.ringing_since, now)
        fresh = tables.answered(0)
        busy = [(tables.free_from_talk(age_bin), many) for age_bin, many in by_age(state.talking_since, now, EDGES_S)]
        busy += [
            (tables.free_from_wrap_up(age_bin), many) for age_bin, many in by_age(state.wrapping_up_since, now, EDGES_S)
        ]
        ringing = [(tables.answered(age_s), many) for age_s, many in by_age(state.ringing_since, now, AGES_S)]
        agents = state.idle_agents + len(state.talking_since) + len(state.wrapping_up_since)
        outlook = Outlook(ready, busy, [*ringing, (fresh, count)], fresh, tables.caution)
        allowed = risk_max(agents, state.budget.slack(now))
        one_for_each = count
        while count < most and outlook.risk() < allowed:
            outlook.add()
            count += 1
        within_reserve = ready + remaining - len(state.ringing_since)  # though everybody answers and nobody is freed
        while count > max(one_for_each, within_reserve) and outlook.overdraft(remaining) > RESERVED_CHANCE:
            outlook.add(-1)
            count -= 1
        return count


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
    """Outlook (预测): answers less freed agents by each horizon, as cumulants, while attempts are being put in."""

    __slots__ = ("_caution", "_free", "_fresh", "_ready", "_taken")

    def __init__(
        self,
        ready: int,
        free: list[tuple[Moments, int]],
        taken: list[tuple[Moments, int]],
        fresh: Moments,
        caution: float,
    ) -> None:
        self._ready = ready
        self._free = _summed(free, len(fresh))
        self._taken = _summed(taken, len(fresh))
        self._fresh = fresh
        self._caution = caution

    def add(self, many: int = 1) -> None:
        """So many attempts more are placed; below zero, so many fewer."""
        self._taken = [whole + many * part for whole, part in zip(self._taken, self._fresh, strict=True)]

    def risk(self) -> float:
        """Chance that the answer of one more attempt finds no agent, averaged over when it is answered."""
        return self._exceeds(self._ready, 1.0, 1.0, self._taken) / WIDTH

    def overdraft(self, remaining: int) -> float:
        """Chance that more than `remaining` calls are abandoned: the horizons' chances added."""
        return self._exceeds(self._ready + remaining + 1, self._caution, FREED_TRUSTED, self._taken)

    def _exceeds(self, least: int, caution: float, trusted: float, taken: list[float]) -> float:
        """Sum over the horizons of the chance that answers less freed agents are at least `least`."""
        whole = 0.0
        free = self._free
        for index in range(WIDTH):
            mean = caution * taken[index] - trusted * free[index]
            variance = taken[WIDTH + index] * caution + free[WIDTH + index]
            third = taken[2 * WIDTH + index] - free[2 * WIDTH + index]
            whole += _at_least(least, mean, variance, third)
        return whole


def by_age(starts: Sequence[float], now: float, edges_s: Sequence[float]) -> list[tuple[int, int]]:
    """How many of these starts are as old as each bin: its number and theirs; `edges_s` are the bins' lower edges."""
    ordered = sorted(starts)
    counted: list[tuple[int, int]] = []
    younger = len(ordered)
    for age_bin in range(1, len(edges_s)):
        if not younger:
            return counted
        older = bisect_right(ordered, now - edges_s[age_bin])
        if older < younger:
            counted.append((age_bin - 1, younger - older))
        younger = older
    if younger:
        counted.append((len(edges_s) - 1, younger))
    return counted


def _summed(events: list[tuple[Moments, int]], width: int) -> list[float]:
    """Cumulants of so many of each event together."""
    if not events:
        return [0.0] * width
    many = [count for _, count in events]
    return [sum(map(mul, many, column)) for column in zip(*[parts for parts, _ in events], strict=True)]


def _at_least(least: int, mean: float, variance: float, third: float) -> float:
    """Chance that a sum of independent events is at least `least`: normal, corrected for skewness and continuity."""
    if variance < 1e-9:
        return 1.0 if mean > least - 0.5 else 0.0
    spread = math.sqrt(variance)
    x = (least - 0.5 - mean) / spread
    skewness = third / (variance * spread)
    chance = 0.5 * math.erfc(x / _SQRT_2) - skewness * (1.0 - x * x) * math.exp(-0.5 * x * x) / (6.0 * _SQRT_2_PI)
    return min(max(chance, 0.0), 1.0)
