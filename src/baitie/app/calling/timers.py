"""The one timer of something that lives: set anew whenever what it waits for has changed."""

from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from baitie.app.ports.clock import Clock, TimerHandle
from baitie.kernel.time import Instant


class Timed(Protocol):
    """Timed (带定时): what has machines that wait."""

    timer: TimerHandle | None
    timer_at: Instant | None

    def next_deadline(self) -> Instant | None: ...


_Live = TypeVar("_Live", bound=Timed)


def set_timer(clock: Clock, live: _Live, on_timer: Callable[[_Live], None]) -> None:
    """Let `on_timer` be called at its next deadline, and at no earlier one."""
    due = live.next_deadline()
    if due == live.timer_at:
        return
    if live.timer is not None:
        live.timer.cancel()
    live.timer_at = due
    live.timer = None if due is None else clock.call_at(due, partial(on_timer, live))
