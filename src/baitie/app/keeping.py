"""Keeps batches in the store, and tells when they are durable; after a failure nothing more is begun."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from baitie.app.ports import Store
from baitie.app.records import Batch
from baitie.kernel.errors import StoreError


@dataclass(slots=True)
class Keeper:
    """Hands batches to the store in order. `then(is_kept)` is called once each, when the store has answered."""

    store: Store
    on_failure: Callable[[StoreError], None]
    failed: StoreError | None = None
    _pending: set[asyncio.Future[None]] = field(default_factory=set)

    def keep(self, batch: Batch, then: Callable[[bool], None] | None = None) -> None:
        """Keep a batch; order of calls is order of keeping."""
        future = asyncio.ensure_future(self.store.commit(batch))
        self._pending.add(future)
        future.add_done_callback(partial(self._on_done, then))

    async def drain(self) -> None:
        """Wait until everything handed in so far has been answered."""
        while self._pending:
            await asyncio.wait(self._pending)

    def fail(self, problem: StoreError) -> None:
        """The store has failed, here or at another's write: told once."""
        if self.failed is None:
            self.failed = problem
            self.on_failure(problem)

    def _on_done(self, then: Callable[[bool], None] | None, future: asyncio.Future[None]) -> None:
        self._pending.discard(future)
        problem = None if future.cancelled() else future.exception()
        is_kept = problem is None and not future.cancelled()
        if isinstance(problem, Exception):
            self.fail(problem if isinstance(problem, StoreError) else StoreError(str(problem)))
        if then is not None:
            then(is_kept)
