"""Watches the store for what others write while a run goes on: at once where the store tells, else by asking."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from baitie.app.ports.clock import Clock
from baitie.app.ports.run_store import RunStore
from baitie.kernel.errors import StoreError
from baitie.kernel.time import Instant

WATCH_S = 0.5
"""How soon a command of another process, such as `baitie stop`, is seen, and a call stopped that was forbidden."""


@dataclass(slots=True)
class StoreWatch:
    """Watch over the store (数据库守望). Looks every `WATCH_S` seconds, except while nothing can be seen.

    `look(has_changed)` gives whether it must look next time too, though nothing will have changed. Whether a store
    tells of changes or must be asked, `look` learns of each on the same beat; what is written in the very instant of
    one may wait for the next.
    """

    store: RunStore
    clock: Clock
    look: Callable[[bool], bool]
    on_failure: Callable[[StoreError], None]
    _looked_at: Instant = field(default=Instant(0.0))
    _waited: asyncio.Future[None] | None = None
    _is_set: bool = False  # the timer of the next look
    _has_come: bool = False  # a change, since the last look began

    async def run(self) -> None:
        """Look, and look again, until cancelled."""
        is_told = self.store.on_change(self._on_change)
        seen: int | None = None
        while True:
            self._looked_at = self.clock.now()
            self._has_come, must_look = False, True
            try:
                changes = self.store.changes()  # before the look: what comes in the middle of it is seen by the next
                must_look = self.look(changes != seen)
                seen = changes
            except StoreError as error:
                self.on_failure(error)
            self._waited = asyncio.get_running_loop().create_future()
            if must_look or not is_told or self._has_come:
                self._set()
            await self._waited

    def _on_change(self) -> None:
        self._has_come = True
        if self._waited is not None and not self._waited.done() and not self._is_set:
            self._set()

    def _set(self) -> None:
        """The next look is on the beat, so that nothing depends on how a change became known."""
        now, at = self.clock.now(), Instant(self._looked_at + WATCH_S)
        while at <= now:
            at = Instant(at + WATCH_S)
        self._is_set = True
        self.clock.call_at(at, self._wake)

    def _wake(self) -> None:
        self._is_set = False
        if self._waited is not None and not self._waited.done():
            self._waited.set_result(None)
