"""What the gateway and the message centre share: collected effects, one write for many, one timer."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from baitie.app.ports.clock import Clock, TimerHandle
from baitie.kernel.time import Instant

EffectT = TypeVar("EffectT")


class EffectPump(Generic[EffectT]):
    """Carries out effects from the loop, never inside the call that caused them, so that callers see no re-entry.

    `carry_out` takes a batch in order; `next_deadline` and `tick` belong to the machine.
    """

    def __init__(
        self,
        clock: Clock,
        carry_out: Callable[[deque[EffectT]], None],
        next_deadline: Callable[[], Instant | None],
        tick: Callable[[Instant], list[EffectT]],
    ) -> None:
        self._clock = clock
        self._carry_out = carry_out
        self._next_deadline = next_deadline
        self._tick = tick
        self._effects: deque[EffectT] = deque()
        self._is_scheduled = False
        self._timer: TimerHandle | None = None
        self._timer_at: Instant | None = None

    def add(self, effects: list[EffectT]) -> None:
        """Carry these out soon, after all earlier ones, and look at the machine's deadline again."""
        self._effects.extend(effects)
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._run)

    def stop(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = None, None

    def _run(self) -> None:
        self._is_scheduled = False
        try:
            self._carry_out(self._effects)
        finally:
            if self._effects:  # a listener failed: what follows is still carried out
                self.add([])
            self._set_timer()

    def _set_timer(self) -> None:
        at = self._next_deadline()
        # A timer that fires too early only asks again, which is cheaper than moving it for each message.
        if at is None or (self._timer_at is not None and self._timer_at <= at):
            return
        self.stop()
        self._timer_at = at
        self._timer = self._clock.call_at(at, self._on_timer)

    def _on_timer(self) -> None:
        self._timer, self._timer_at = None, None
        self.add(self._tick(self._clock.now()))
