"""Predictive pacing (预测式外呼): place while the next call would find no agent with a small enough chance."""

import math

from baitie.domain.dialing.pacing.answering import AGE_MAX_S
from baitie.domain.dialing.pacing.durations import bin_of
from baitie.domain.dialing.pacing.outlook import OutlookTables
from baitie.domain.dialing.pacing.shortage import ExactShortage, NormalShortage
from baitie.domain.dialing.pacing.state import PacingState
from baitie.kernel.time import Instant

PLACED_AT_ONCE_MAX = 400
EXACT_MAX = 26
"""Up to so many uncertain agents and attempts the distribution is computed exactly; the normal curve serves above."""

CAUTION_SPREADS = 3.0
FREED_TRUSTED = 0.8
"""The budget is reserved for so many spreads above the mean, and as if only this share of the agents became free."""


class PredictivePacing:
    """Predictive pacing (预测式外呼): a marginal rule under a reserved budget of abandoned calls.

    One more attempt is placed while the chance that its answer finds no agent, averaged over when people answer, is
    at most `memory.risk_max`, and while the budget has left what the attempts in flight may cost at worst. Without
    memory, budget or anything left it is progressive: as many attempts as there are idle agents without one.
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
        tables = state.memory.tables(state.talking_since, state.wrapping_up_since, now)
        free = [tables.free_from_talk[bin_of(now - since)] for since in state.talking_since]
        free += [tables.free_from_wrap_up[bin_of(now - since)] for since in state.wrapping_up_since]
        answered = [tables.answered[min(int(now - since), AGE_MAX_S)] for since in state.ringing_since]
        answered += [tables.answered[0]] * count
        outlook = Outlook(tables, ready, free, answered)
        while count < most and outlook.reserved() <= remaining and outlook.risk() <= state.memory.risk_max:
            outlook.add()
            count += 1
        return count


class Outlook:
    """Outlook (预测): who answers and who becomes free by each horizon, while attempts are being put in."""

    __slots__ = ("_answered_mean", "_answered_variance", "_free_mean", "_in_flight", "_ready", "_shortages", "_tables")

    def __init__(
        self,
        tables: OutlookTables,
        ready: int,
        free: list[tuple[float, ...]],
        answered: list[tuple[float, ...]],
    ) -> None:
        self._tables = tables
        self._ready = ready
        self._in_flight = len(answered)
        kind = ExactShortage if len(free) + len(answered) <= EXACT_MAX else NormalShortage
        width = len(tables.horizons_s)
        free_columns = list(zip(*free, strict=True)) or [()] * width
        answered_columns = list(zip(*answered, strict=True)) or [()] * width
        self._shortages = [kind(freed, taken) for freed, taken in zip(free_columns, answered_columns, strict=True)]
        self._free_mean = [sum(column) for column in free_columns]
        self._answered_mean = [sum(column) for column in answered_columns]
        self._answered_variance = [
            sum(chance * (1 - chance) for chance in (*freed, *taken))
            for freed, taken in zip(free_columns, answered_columns, strict=True)
        ]

    def risk(self) -> float:
        """Chance that the answer of one more attempt finds no agent, averaged over when it is answered."""
        return sum(shortage.at_least(self._ready) for shortage in self._shortages) / len(self._shortages)

    def reserved(self) -> float:
        """How many calls may be abandoned at worst with one attempt more: not more than all are answered at once."""
        caution = self._tables.answer_rate_high / self._tables.answer_rate
        needed = 0.0
        for index, chance in enumerate(self._tables.answered[0]):
            mean = (
                caution * (self._answered_mean[index] + chance) - FREED_TRUSTED * self._free_mean[index] - self._ready
            )
            variance = self._answered_variance[index] + chance
            needed = max(needed, mean + CAUTION_SPREADS * math.sqrt(variance))
        return min(needed, self._in_flight + 1.0 - self._ready)

    def add(self) -> None:
        """One attempt more is placed."""
        self._in_flight += 1
        for index, chance in enumerate(self._tables.answered[0]):
            self._shortages[index].add(chance)
            self._answered_mean[index] += chance
            self._answered_variance[index] += chance * (1 - chance)
