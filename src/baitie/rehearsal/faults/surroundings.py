"""Store and wall clock with faults."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from inspect import ismethod
from math import inf
from typing import Any

from baitie.app.ports.clock import Clock, TimerHandle
from baitie.app.records.batch import Batch
from baitie.kernel.errors import StoreError
from baitie.kernel.time import Instant
from baitie.rehearsal.faults.plan import Fault


class FaultyStore:
    """Store (带故障的数据库) that keeps nothing while it is down, nor afterwards until it is opened again."""

    def __init__(self, inner: Any, is_down: Callable[[], bool]) -> None:
        self._inner, self._is_down = inner, is_down
        self.has_failed = False

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if ismethod(found):
            setattr(self, name, found)  # asked for once: some are called at every turn
        return found

    def commit(self, batch: Batch) -> Awaitable[None]:
        """Keep the batch, or fail as a full disk does."""
        self.has_failed = self.has_failed or self._is_down()
        if not self.has_failed:
            kept: Awaitable[None] = self._inner.commit(batch)
            return kept
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        failed.set_exception(_full())
        return failed

    def record_refusal_or_freeze(self, batch: Batch) -> None:
        """Keep it at once, or raise."""
        if self.has_failed or self._is_down():
            raise _full()
        self._inner.record_refusal_or_freeze(batch)


def _full() -> StoreError:
    return StoreError(cause="no space left on device")


class JumpingClock:
    """Clock (会被拨动的时钟) whose civil time has been moved by every jump so far."""

    def __init__(self, inner: Clock, jumps: tuple[Fault, ...]) -> None:
        self._inner, self._jumps = inner, jumps
        self._moved_by = timedelta(0)
        self._stands_from, self._stands_until = inf, -inf  # while the jumps so far are these

    def now(self) -> Instant:
        """Monotonic seconds: nobody moves these."""
        return self._inner.now()

    def civil_now(self) -> datetime:
        """What the wall clock shows."""
        return self._inner.civil_now() + self._moved()

    def instant_of(self, at: datetime) -> Instant:
        """When it will show `at`, if nobody moves it again."""
        return self._inner.instant_of(at - self._moved())

    def call_at(self, when: Instant, callback: Callable[[], None]) -> TimerHandle:
        """As the clock beneath."""
        return self._inner.call_at(when, callback)

    def _moved(self) -> timedelta:
        now = self._inner.now()
        if not self._stands_from <= now < self._stands_until:
            past = [jump for jump in self._jumps if jump.at_s <= now]
            self._moved_by = timedelta(seconds=sum(jump.by_s for jump in past))
            self._stands_from = max((jump.at_s for jump in past), default=-inf)
            self._stands_until = min((jump.at_s for jump in self._jumps if jump.at_s > now), default=inf)
        return self._moved_by
