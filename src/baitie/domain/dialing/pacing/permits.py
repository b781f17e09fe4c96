"""Pacing (节拍): no more attempts per second on a trunk than it was agreed to carry."""

from baitie.kernel.time import Instant


class AttemptPacer:
    """Pacer (呼叫节拍): evenly spaced permits, at most `attempts_per_s`; a burst is a tenth of a second's worth."""

    __slots__ = ("_burst_s", "_next_free", "_spacing_s")

    def __init__(self, attempts_per_s: float) -> None:
        assert attempts_per_s > 0
        self._spacing_s = 1.0 / attempts_per_s
        self._burst_s = max(0.1 - self._spacing_s, 0.0)
        self._next_free = float("-inf")

    def try_take(self, now: Instant) -> bool:
        """Whether an attempt may go at `now`; if so it is counted."""
        if self._next_free - self._burst_s > now:
            return False
        self._next_free = max(self._next_free, now) + self._spacing_s
        return True

    def free_at(self) -> Instant:
        """From when `try_take` says yes."""
        return Instant(self._next_free - self._burst_s)
