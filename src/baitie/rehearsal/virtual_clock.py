"""The clock of a rehearsal: monotonic time of the running loop, and civil time that begins where it is told."""

from asyncio import AbstractEventLoop
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from baitie.app.ports.clock import TimerHandle
from baitie.kernel.time import Instant


@dataclass(slots=True)
class VirtualClock:
    """Clock (时钟) over a loop. `civil_start` is what the civil clock shows when the loop's clock shows 0."""

    loop: AbstractEventLoop
    civil_start: datetime
    civil_speed: float = 1.0
    _shown: tuple[float, datetime] | None = field(default=None, init=False)  # asked many times within one instant

    def now(self) -> Instant:
        """Monotonic seconds."""
        return Instant(self.loop.time())

    def civil_now(self) -> datetime:
        """Aware civil time."""
        now, shown = self.loop.time(), self._shown
        if shown is None or shown[0] != now:
            shown = self._shown = now, self.civil_start + timedelta(seconds=now * self.civil_speed)
        return shown[1]

    def instant_of(self, at: datetime) -> Instant:
        """When the civil clock will show `at`."""
        return Instant((at - self.civil_start).total_seconds() / self.civil_speed)

    def call_at(self, when: Instant, callback: Callable[[], None]) -> TimerHandle:
        """Call back when the monotonic clock reaches `when`."""
        return self.loop.call_at(when, callback)
