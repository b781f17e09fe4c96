"""The chance that an answer finds no agent: of a count of answers exceeding a count of agents, both uncertain."""

import math
from collections.abc import Sequence

_SQRT_2 = math.sqrt(2.0)


class ExactShortage:
    """Shortage, exactly (呼损概率，精确): the distribution of answers minus agents who become free, by folding."""

    __slots__ = ("_chances", "_freed_max")

    def __init__(self, free: Sequence[float], answered: Sequence[float]) -> None:
        self._freed_max = len(free)
        self._chances = [1.0]
        for chance in free:
            self.add(1.0 - chance)
        for chance in answered:
            self.add(chance)

    def add(self, chance: float) -> None:
        """One more attempt that is answered with this chance."""
        old, missed = self._chances, 1.0 - chance
        chances = [old[0] * missed]
        for index in range(1, len(old)):
            chances.append(old[index] * missed + old[index - 1] * chance)
        chances.append(old[-1] * chance)
        self._chances = chances

    def at_least(self, ready: int) -> float:
        """The chance that at least `ready` more answers than freed agents come: the next one finds nobody."""
        return sum(self._chances[max(ready + self._freed_max, 0) :])


class NormalShortage:
    """Shortage, by the normal curve (呼损概率，正态近似): for large teams."""

    __slots__ = ("_mean", "_variance")

    def __init__(self, free: Sequence[float], answered: Sequence[float]) -> None:
        self._mean = sum(answered) - sum(free)
        self._variance = sum(chance * (1 - chance) for chance in free)
        self._variance += sum(chance * (1 - chance) for chance in answered)

    def add(self, chance: float) -> None:
        """One more attempt that is answered with this chance."""
        self._mean += chance
        self._variance += chance * (1 - chance)

    def at_least(self, ready: int) -> float:
        """The chance that at least `ready` more answers than freed agents come, with continuity correction."""
        spread = math.sqrt(max(self._variance, 1e-9))
        return 0.5 * math.erfc((ready - 0.5 - self._mean) / (spread * _SQRT_2))
