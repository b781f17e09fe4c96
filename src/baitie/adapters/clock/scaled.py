"""Civil time that starts where one likes and runs faster: for the loopback carrier, where nobody real is called."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from baitie.app.ports.clock import TimerHandle
from baitie.kernel.time import Instant


class ScaledCivilClock:
    """Clock (时钟) for demonstrations: monotonic time is real, civil time starts at `civil_start` and runs `speed`
    times as fast. Fulfils `baitie.app.ports.clock.Clock`.

    With `is_standing`, civil time stands still at `civil_start` until `begin`, so that what must be set up first
    takes nothing from the day.
    """

    def __init__(self, civil_start: datetime, speed: float, *, is_standing: bool = False) -> None:
        if civil_start.tzinfo is None or not speed > 0:
            raise ValueError("civil_start must be aware and speed positive")
        self._loop = asyncio.get_running_loop()
        self._civil_start = civil_start.astimezone(UTC)
        self._speed = speed
        self._started: float | None = None if is_standing else self._loop.time()

    def begin(self) -> None:
        """Let civil time run from here; does nothing where it runs."""
        if self._started is None:
            self._started = self._loop.time()

    def now(self) -> Instant:
        """Seconds on the loop's monotonic clock."""
        return Instant(self._loop.time())

    def civil_now(self) -> datetime:
        """The civil time of the demonstration, aware, in UTC."""
        if self._started is None:
            return self._civil_start
        return self._civil_start + timedelta(seconds=(self._loop.time() - self._started) * self._speed)

    def instant_of(self, at: datetime) -> Instant:
        """The instant at which the civil clock will show `at`."""
        started = self._loop.time() if self._started is None else self._started
        return Instant(started + (at - self._civil_start).total_seconds() / self._speed)

    def call_at(self, when: Instant, callback: Callable[[], None]) -> TimerHandle:
        """Call back at an instant, or in the next turn where it is past."""
        return self._loop.call_at(when, callback)
