"""How long agents are busy, learnt from the last calls: who will be free when, given how long it lasts already."""

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from itertools import pairwise

EDGES_S = (0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24, 28, 32, 40, 50, 60, 75, 95, 120, 150, 190, 240, 300, 400, 600)
"""Lower edges of the age bins, in seconds; fine where wrap-ups end, coarse where long talks do. The last is open."""
BINS = len(EDGES_S)
_WIDTHS_S = (*(upper - lower for lower, upper in pairwise(EDGES_S)), float("inf"))

OPEN_BIN_S = 400

DURATIONS_KEPT_MAX = 300
SHRINKING_ENDS = 2.0
"""Each bin's hazard is drawn to the hazard of all ages as if so many ends had been seen at that one."""


class DurationMemory:
    """Memory of durations (时长记忆): the hazard of an end at each age, from the last `kept_max` durations.

    Until many ends have been seen, `fallback_ends` imagined ones of an exponential duration with the mean
    `fallback_mean_s` prevail: longer than usual, so that nobody is expected to become free too early. Durations
    that still last count as lasting (right-censored), and all are cut to the same stretch of time: when talks
    become longer, that shows before the long ones have ended.
    """

    __slots__ = ("_ends", "_exposure_s", "_fallback_ends", "_fallback_mean_s", "_kept", "_kept_max", "_known_from")

    def __init__(self, fallback_mean_s: float, fallback_ends: float = 5.0, kept_max: int = DURATIONS_KEPT_MAX) -> None:
        assert fallback_mean_s > 0
        assert fallback_ends > 0
        assert kept_max > 0
        self._fallback_mean_s = fallback_mean_s
        self._fallback_ends = fallback_ends
        self._kept_max = kept_max
        self._kept: deque[tuple[float, float]] = deque()  # start and duration, by end
        self._known_from = float("-inf")
        self._ends = [0] * BINS
        self._exposure_s = [0.0] * BINS

    def __len__(self) -> int:
        return len(self._kept)

    def observe(self, duration_s: float, now: float) -> None:
        """A duration has ended at `now`."""
        self._count(duration_s, 1)
        self._kept.append((now - duration_s, duration_s))
        if len(self._kept) > self._kept_max:
            start, dropped_s = self._kept.popleft()
            self._known_from = start + dropped_s
            self._count(dropped_s, -1)

    def hazards(self, lasting_since: Sequence[float], now: float) -> list[float]:
        """Hazard of an end per second in each age bin; `lasting_since` are the starts of those that still last."""
        known_from = self._known_from
        lasting_s = [now - start for start in lasting_since]
        unknown_s = [known_from - start for start in lasting_since if start < known_from]
        if self._kept and known_from > float("-inf"):
            unknown_s += [known_from - start for start, _ in self._kept if start < known_from]
        exposure_s = [
            kept_s + last_s - cut_s
            for kept_s, last_s, cut_s in zip(
                self._exposure_s, _exposures(lasting_s), _exposures(unknown_s), strict=True
            )
        ]
        ends_seen = len(self._kept) + self._fallback_ends
        overall = ends_seen / (sum(exposure_s) + self._fallback_ends * self._fallback_mean_s)
        shrinking_s = SHRINKING_ENDS / overall
        return [
            (ends + SHRINKING_ENDS) / (max(exposed_s, 0.0) + shrinking_s)
            for ends, exposed_s in zip(self._ends, exposure_s, strict=True)
        ]

    def _count(self, duration_s: float, sign: int) -> None:
        self._ends[bin_of(duration_s)] += sign
        _expose(self._exposure_s, duration_s, sign)


def bin_of(age_s: float) -> int:
    """The age bin in which `age_s` lies."""
    return bisect_right(EDGES_S, age_s) - 1 if age_s > 0 else 0


def by_second(hazards: list[float]) -> list[float]:
    """The chance of an end in each second of age, of the hazards of the bins; the open bin for some minutes."""
    chances: list[float] = []
    for hazard, width_s in zip(hazards, _WIDTHS_S, strict=True):
        chances += [min(hazard, 1.0)] * int(min(width_s, OPEN_BIN_S))
    return chances


def _expose(exposure_s: list[float], age_s: float, sign: int) -> None:
    for index, width_s in enumerate(_WIDTHS_S):
        left_s = age_s - EDGES_S[index]
        if left_s <= 0:
            return
        exposure_s[index] += sign * min(left_s, width_s)


def _exposures(ages_s: list[float]) -> list[float]:
    """How long these ages have lasted in each bin, all together: whole bins by counting, and the rest."""
    reached, rest_s = [0] * BINS, [0.0] * BINS
    for age_s in ages_s:
        index = bin_of(age_s)
        reached[index] += 1
        rest_s[index] += max(age_s - EDGES_S[index], 0.0)
    beyond = 0
    for index in range(BINS - 1, -1, -1):
        if beyond:
            rest_s[index] += beyond * _WIDTHS_S[index]
        beyond += reached[index]
    return rest_s
