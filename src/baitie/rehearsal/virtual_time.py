"""Virtual time (虚拟时间): an asyncio loop whose clock jumps to the next deadline instead of waiting for it.

Nothing may come from outside: no sockets, no threads. Timers of one instant run in the order they were set.
"""

import asyncio
import ctypes
import gc
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from heapq import heappop, heappush
from threading import get_ident
from typing import Any, NoReturn, TypeVar

from baitie.kernel.errors import BaitieError

T = TypeVar("T")

GARBAGE_LOOKED_AFTER = 100_000
"""Objects by which a day must have grown before garbage in circles is looked for. A day of 2,000 callees leaves 1,500
such objects; by default one looks for them at every 700th, and then over all leads again: an eighth of the time."""


class NothingWillHappenError(BaitieError):
    """Every task waits, and no timer is set: under virtual time this would last for ever. Look for a lost event."""

    code = "virtual-deadlock"


class ForeignThreadError(BaitieError):
    """Something wants another thread, or came from one: under virtual time there is only one, or days would differ
    from run to run. Hand it in as a value or do it before the day begins."""

    code = "virtual-foreign-thread"


class _Timer(asyncio.TimerHandle):
    """A callback of the virtual loop, due or ready: as asyncio's own, without what only its debug mode asks for.

    Cancelled ones stay where they are until their turn, and do nothing then.
    """

    __slots__ = ("is_cancelled",)
    _callback: Any
    _args: Any
    _repr = _source_traceback = None  # of the class, for nobody sets them
    _scheduled = True

    def __init__(
        self,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        loop: "VirtualLoop",
        context: Context | None,
    ) -> None:
        self._when, self._callback, self._args, self._loop = when, callback, args, loop
        self._context = copy_context() if context is None else context
        self._cancelled = self.is_cancelled = False

    def cancel(self) -> None:
        """Do not call back."""
        self._cancelled = self.is_cancelled = True
        self._callback = self._args = None


class VirtualLoop(asyncio.BaseEventLoop):
    """Event loop (虚拟时间循环). `time()` starts at `start_s`; it has no sockets, no selector and no threads."""

    _ready: Any
    _stopping: bool
    _check_closed: Callable[[], None]

    def __init__(self, start_s: float = 0.0) -> None:
        super().__init__()
        self._now = start_s
        self._timers: list[tuple[float, int, _Timer]] = []
        self._timers_set = 0
        self._thread = get_ident()

    def time(self) -> float:
        """Seconds of virtual time."""
        return self._now

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Call back when the clock reaches `when`; of one instant, in the order of these calls."""
        timer = _Timer(when, callback, args, self, context)
        self._timers_set += 1
        heappush(self._timers, (when, self._timers_set, timer))
        return timer

    def call_soon(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Call back in the next turn, in the order of these calls."""
        self._check_closed()
        handle = _Timer(self._now, callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(  # type: ignore[override]
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """As `call_soon`, from the loop's own thread."""
        if get_ident() != self._thread:
            raise ForeignThreadError()
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, executor: object, func: Callable[..., object], *args: object) -> NoReturn:
        """There is no other thread to run it on."""
        raise ForeignThreadError(wanted=getattr(func, "__name__", repr(func)))

    def _run_once(self) -> None:
        """Turns until the loop is stopped: what is ready, and where nothing is, what comes next in time."""
        ready, timers = self._ready, self._timers
        while True:
            if not ready and not self._stopping:
                while timers and timers[0][2].is_cancelled:
                    heappop(timers)
                if not timers:
                    raise NothingWillHappenError()
                if timers[0][0] > self._now:
                    self._now = timers[0][0]
            now = self._now
            while timers and timers[0][0] <= now:
                timer = heappop(timers)[2]
                if not timer.is_cancelled:
                    ready.append(timer)
            for _ in range(len(ready)):
                handle = ready.popleft()
                if not handle.is_cancelled:
                    try:
                        handle._context.run(handle._callback, *handle._args)
                    except (SystemExit, KeyboardInterrupt):
                        raise
                    except BaseException as error:
                        self._tell_of(error, handle)
            if self._stopping:
                return

    def _tell_of(self, error: BaseException, handle: asyncio.Handle) -> None:
        """As a handle of asyncio does when what it calls back raises."""
        self.call_exception_handler({"message": f"exception in callback {handle!r}", "exception": error})


class SimulatedCrash(SystemExit):
    """Simulated crash (模拟崩溃): ends a loop as `kill -9` a process; no `finally` runs, what was not kept is lost."""


_graveyard: list[object] = []
"""Loops that crashed, and their tasks. Never collected, at the end of the process neither: collecting would run the
`finally` blocks of the tasks."""
ctypes.pythonapi.Py_IncRef(ctypes.py_object(_graveyard))


def run_virtually(main: Coroutine[Any, Any, T], loop: VirtualLoop | None = None) -> T:
    """Run `main` to its end under virtual time, and close the loop. A `SimulatedCrash` passes through."""
    loop = loop or VirtualLoop()
    asyncio.set_event_loop(loop)
    looked_after = gc.get_threshold()
    gc.set_threshold(GARBAGE_LOOKED_AFTER, *looked_after[1:])
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
        gc.set_threshold(*looked_after)
    loop.close()
    return result
