"""Virtual time (虚拟时间): an asyncio loop whose clock jumps to the next deadline instead of waiting for it.

Nothing may come from outside: no sockets, no threads. Timers of one instant run in the order they were set.
"""

import asyncio
import heapq
import math
import selectors
from collections.abc import Callable, Coroutine, Mapping
from contextvars import Context
from typing import Any, TypeVar

from baitie.kernel.errors import BaitieError

T = TypeVar("T")


class NothingWillHappenError(BaitieError):
    """Every task waits, and no timer is set: under virtual time this would last for ever. Look for a lost event."""

    code = "virtual-deadlock"


class _JumpingSelector(selectors.BaseSelector):
    """Stands where the loop would wait for sockets, and lets the time pass at once."""

    def __init__(self, next_due: Callable[[], float], start_s: float) -> None:
        self.now = start_s
        self._next_due = next_due
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        # The loop registers its own wake-up socket, which never becomes ready here: there are no threads.
        key = selectors.SelectorKey(fileobj, fileobj if isinstance(fileobj, int) else fileobj.fileno(), events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingWillHappenError()
        # The sum may fall short of the timer's own instant by a rounding; then the timer would run before its time,
        # set itself again, and run for ever in the same instant.
        reached, due = self.now + max(timeout, 0.0), self._next_due()
        self.now = due if 0 < due - reached <= 2 * math.ulp(due) else reached
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys


class _OrderedTimer(asyncio.TimerHandle):
    """A timer that sorts by its instant, then by the order in which it was set."""

    __slots__ = ("order",)
    order: int

    def __lt__(self, other: "_OrderedTimer") -> bool:  # type: ignore[override]
        return (self.when(), self.order) < (other.when(), other.order)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Event loop under virtual time. `time()` starts at `start_s`."""

    _scheduled: list[_OrderedTimer]

    def __init__(self, start_s: float = 0.0) -> None:
        self._jumping = _JumpingSelector(self._next_due, start_s)
        super().__init__(self._jumping)
        self._timers_set = 0

    @property
    def _clock_resolution(self) -> float:
        # Deadlines are compared exactly: rounding would let two runs of one seed differ. A fixed step would be
        # swallowed by large times, and a timer that is due would never run.
        return math.ulp(self._jumping.now)

    @_clock_resolution.setter
    def _clock_resolution(self, seconds: float) -> None:
        """The base class sets that of the machine's clock, which is not ours."""

    def time(self) -> float:
        """Seconds of virtual time."""
        return self._jumping.now

    def _next_due(self) -> float:
        return self._scheduled[0].when() if self._scheduled else 0.0

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        # The base class leaves the order of equal instants to the heap; here it must repeat from run to run.
        timer = _OrderedTimer(when, callback, args, self, context)
        self._timers_set += 1
        timer.order = self._timers_set
        heapq.heappush(self._scheduled, timer)
        timer._scheduled = True  # type: ignore[attr-defined]
        return timer


class SimulatedCrash(SystemExit):
    """Raised inside a loop to end it as `kill -9` ends a process: no `finally` runs, what was not kept is lost."""


_graveyard: list[object] = []
"""Loops that crashed, and their tasks. Never collected: collecting would run the `finally` blocks of the tasks."""


def run_virtually(main: Coroutine[Any, Any, T], start_s: float = 0.0) -> T:
    """Run `main` to its end under virtual time, on a loop of its own. A `SimulatedCrash` passes through."""
    loop = VirtualLoop(start_s)
    asyncio.set_event_loop(loop)
    try:
        result = loop.run_until_complete(main)
    except SimulatedCrash:
        _graveyard.extend((loop, asyncio.all_tasks(loop)))
        raise
    except BaseException:
        loop.close()
        raise
    finally:
        asyncio.set_event_loop(None)
    loop.close()
    return result
