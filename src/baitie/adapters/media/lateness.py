"""How late the 20 ms ticks are: a histogram in whole milliseconds."""

from baitie.kernel.undefined import Undefined

_SLOTS = 200


class Lateness:
    """Tick lateness (时钟滞后) since the last asking."""

    def __init__(self) -> None:
        self._counts = [0] * (_SLOTS + 1)

    def add(self, late_s: float) -> None:
        """Count one tick."""
        self._counts[min(max(int(late_s * 1000), 0), _SLOTS)] += 1

    def take(self, fraction: float) -> float | Undefined:
        """The lateness in ms that this fraction of the ticks kept (upper edge of its millisecond); starts anew."""
        counts, self._counts = self._counts, [0] * (_SLOTS + 1)
        needed = sum(counts) * fraction
        if not needed:
            return Undefined("no-ticks")
        seen = 0
        for late_ms, count in enumerate(counts):
            seen += count
            if seen >= needed:
                return float(late_ms + 1)
        return float(_SLOTS + 1)
