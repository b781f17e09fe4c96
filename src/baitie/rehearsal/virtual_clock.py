"""The clock of a rehearsal: monotonic time of the running loop, and civil time that begins where it is told."""

from asyncio import AbstractEventLoop
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from baitie.app.ports import TimerHandle
from baitie.kernel.time import Instant


@dataclass(slots=True)
class VirtualClock:
    """Clock (时钟) over a loop. `civil_start` is what the civil clock shows when the loop's clock shows 0."""

    loop: AbstractEventLoop
    civil_start: datetime
    civil_speed: float = 1.0

    def now(self) -> Instant:
        """Monotonic seconds."""
        return Instant(self.loop.time())

    def civil_now(self) -> datetime:
        """Aware civil time."""
        return self.civil_start + timedelta(seconds=self.loop.time() * self.civil_speed)

    def instant_of(self, at: datetime) -> Instant:
        """When the civil clock will show `at`."""
        return Instant((at - self.civil_start).total_seconds() / self.civil_speed)

    def call_at(self, when: Instant, callback: Callable[[], None]) -> TimerHandle:
        """Call back when the monotonic clock reaches `when`."""
        return self.loop.call_at(when, callback)
