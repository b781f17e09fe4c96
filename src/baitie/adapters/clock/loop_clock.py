"""The clocks of a real run: the event loop's monotonic time, and the civil time of the operating system."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from baitie.app.ports.clock import TimerHandle
from baitie.kernel.time import Instant

JUMP_MIN_S = 2.0
"""A smaller step is what time services do all day; a larger one may move a callee into or out of a window."""

JUMP_LOOK_S = 1.0
"""How often the two clocks are compared."""


class LoopClock:
    """Clock (时钟) on the running event loop; fulfils `baitie.app.ports.clock.Clock`.

    uvloop keeps its time in milliseconds and sets it once in each turn, as its timers do.
    """

    def __init__(self, civil_source: Callable[[], datetime] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._civil_source = civil_source or _utc_now
        self._watch: TimerHandle | None = None

    def now(self) -> Instant:
        """Seconds on the loop's monotonic clock."""
        return Instant(self._loop.time())

    def civil_now(self) -> datetime:
        """The civil time, aware, in UTC."""
        return self._civil_source()

    def instant_of(self, at: datetime) -> Instant:
        """The instant at which the civil clock will show `at`, if it does not jump."""
        return Instant(self.now() + (at - self.civil_now()).total_seconds())

    def call_at(self, when: Instant, callback: Callable[[], None]) -> TimerHandle:
        """Call back at an instant, or in the next turn where it is past."""
        return self._loop.call_at(when, callback)

    def watch_jumps(self, on_jump: Callable[[timedelta], None], look_every_s: float = JUMP_LOOK_S) -> None:
        """Tell each jump of the civil clock by more than JUMP_MIN_S, positive where it went forward.

        A machine that slept shows as a forward jump too. Runs until `stop_watching`.
        """
        self.stop_watching()
        self._look(self._offset(), on_jump, look_every_s)

    def stop_watching(self) -> None:
        """Tell no more jumps."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _offset(self) -> datetime:
        return self.civil_now() - timedelta(seconds=self.now())

    def _look(self, offset_before: datetime, on_jump: Callable[[timedelta], None], look_every_s: float) -> None:
        offset = self._offset()
        jump = offset - offset_before
        next_look = Instant(self.now() + look_every_s)
        self._watch = self.call_at(next_look, lambda: self._look(offset, on_jump, look_every_s))
        if abs(jump.total_seconds()) > JUMP_MIN_S:
            on_jump(jump)


def _utc_now() -> datetime:
    return datetime.now(UTC)
