"""How often something may be done: so many times a second, and as many at once."""

from baitie.kernel.time import Instant


class Allowance:
    """Allowance (额度) of acts. Nobody waits for it: what is beyond is left undone."""

    __slots__ = ("_at", "_left", "_per_s")

    def __init__(self, per_s: float) -> None:
        self._per_s = per_s
        self._left = per_s
        self._at = Instant(0.0)

    def take(self, now: Instant) -> bool:
        """Whether one more may be done now; then it counts as done."""
        self._left = min(self._per_s, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True
