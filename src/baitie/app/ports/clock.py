"""Clocks, timers, chance and zones, as the use cases need them."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Protocol

from baitie.kernel.time import Instant


class TimerHandle(Protocol):
    """Timer (定时器) that is running."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """The two clocks (时钟). In rehearsal and on the loopback carrier civil time may run faster than monotonic time."""

    def now(self) -> Instant: ...
    def civil_now(self) -> datetime: ...
    def instant_of(self, at: datetime) -> Instant:
        """The monotonic instant at which the civil clock will show `at` (past times give past instants)."""
        ...

    def call_at(self, when: Instant, callback: Callable[[], None]) -> TimerHandle: ...


class Rng(Protocol):
    """Source of chance (随机源)."""

    def random(self) -> float: ...
    def getrandbits(self, k: int, /) -> int: ...


ZoneTable = Callable[[tuple[str, ...]], tuple[tzinfo, ...]]
"""Gives the zones of these names; the zone data base is outside, so it is handed in. Unknown names are left out."""
