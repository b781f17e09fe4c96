"""Keeps batches in the store, and tells when they are durable; after a failure nothing more is begun."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from baitie.app.ports import Store
from baitie.app.records import Batch, merged
from baitie.app.settled import Settled
from baitie.kernel.errors import StoreError

Then = Callable[[bool], None]


@dataclass(slots=True)
class Keeper:
    """Hands batches to the store in order. `then(is_kept)` is called once each, when the store has answered.

    What one turn of the loop keeps goes to the store as one batch: all of it becomes durable, or nothing.
    """

    store: Store
    on_failure: Callable[[StoreError], None]
    failed: StoreError | None = None
    _turn: list[Batch] = field(default_factory=list)
    _thens: list[Then] = field(default_factory=list)
    _pending: set[asyncio.Future[None]] = field(default_factory=set)

    def keep(self, batch: Batch, then: Then | None = None) -> None:
        """Keep a batch, which nobody alters any more; order of calls is order of keeping."""
        if not self._turn:
            asyncio.get_running_loop().call_soon(self._commit)
        self._turn.append(batch)
        if then is not None:
            self._thens.append(then)

    async def drain(self) -> None:
        """Wait until everything handed in so far has been answered."""
        while self._pending or self._turn:
            if self._pending:
                await asyncio.wait(self._pending)
            else:
                await asyncio.sleep(0)

    def fail(self, problem: StoreError) -> None:
        """The store has failed, here or at another's write: told once."""
        if self.failed is None:
            self.failed = problem
            self.on_failure(problem)

    def _commit(self) -> None:
        if not self._turn:
            return
        batches, thens = self._turn, self._thens
        self._turn, self._thens = [], []
        try:
            kept = self.store.commit(batches[0] if len(batches) == 1 else merged(batches))
            if isinstance(kept, Settled):
                self._answer(thens, kept.error)
                return
            future = asyncio.ensure_future(kept)
        except Exception as error:  # of whatever kind: those who wait must be told
            self._answer(thens, error)
            return
        self._pending.add(future)
        future.add_done_callback(partial(self._on_done, thens))

    def _on_done(self, thens: list[Then], future: asyncio.Future[None]) -> None:
        self._pending.discard(future)
        self._answer(thens, StoreError(cause="cancelled") if future.cancelled() else future.exception())

    def _answer(self, thens: list[Then], problem: BaseException | None) -> None:
        if problem is not None:
            self.fail(problem if isinstance(problem, StoreError) else StoreError(cause=repr(problem)))
        if thens:
            call_soon, is_kept = asyncio.get_running_loop().call_soon, problem is None
            for then in thens:
                call_soon(then, is_kept)
