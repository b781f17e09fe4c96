"""A clock that stands still until the test moves it."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

from baitie.kernel.time import Instant

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # a Monday, 12:00 in China


class _Timer:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class VirtualClock:
    """Fulfils `app.ports.clock.Clock`. Due callbacks run inside `advance`, by time and then by insertion; those that
    they set run too where they fall due before its end. `speed` is civil seconds per monotonic second."""

    def __init__(self, civil_start: datetime = NOON, *, start: float = 0.0, speed: float = 1.0) -> None:
        self._now = self._start = start
        self._civil_start = civil_start
        self._speed = speed
        self._order = count()
        self._timers: list[tuple[float, int, _Timer]] = []

    def now(self) -> Instant:
        return Instant(self._now)

    def civil_now(self) -> datetime:
        return self._civil_start + timedelta(seconds=(self._now - self._start) * self._speed)

    def instant_of(self, at: datetime) -> Instant:
        return Instant(self._start + (at - self._civil_start).total_seconds() / self._speed)

    def call_at(self, when: Instant, callback: Callable[[], None]) -> _Timer:
        timer = _Timer(callback)
        heapq.heappush(self._timers, (when, next(self._order), timer))
        return timer

    def next_due(self) -> Instant | None:
        """When the next callback is due; none where nothing is set."""
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return Instant(self._timers[0][0]) if self._timers else None

    def advance(self, seconds: float) -> None:
        """Let time pass and run what falls due."""
        self.advance_to(Instant(self._now + seconds))

    def advance_to(self, end: Instant) -> None:
        """Let time pass until an instant and run what falls due."""
        while (due := self.next_due()) is not None and due <= end:
            timer = heapq.heappop(self._timers)[2]
            self._now = max(self._now, due)
            callback, timer.callback = timer.callback, None
            assert callback is not None
            callback()
        self._now = max(self._now, end)

    def jump_civil(self, by: timedelta) -> None:
        """Set the civil clock, as an operator or a time service would."""
        self._civil_start += by
