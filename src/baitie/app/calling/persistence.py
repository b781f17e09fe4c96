"""Keeps batches in the store, and tells when they are durable; after a failure nothing more is begun."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from baitie.app.ports.completed import CompletedAwaitable
from baitie.app.ports.run_store import RunStore
from baitie.app.records.batch import Batch, merged
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue
from baitie.kernel.phone import PhoneNumber

OnCommitted = Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class HeldRefusal:
    """Held refusal (暂存拒绝): somebody said no, and the store could not keep it. `callee_id` is None for strangers."""

    number: PhoneNumber
    callee_id: CalleeId | None
    channel: RefusalChannel
    actor: str
    at: datetime
    evidence: dict[str, JsonValue] | None = None


@dataclass(slots=True)
class BatchCommitter:
    """Batch committer (批次提交), in order. `on_committed(is_kept)` is called once each, when the store has answered.

    What one turn of the loop keeps goes to the store as one batch: all of it becomes durable, or nothing.
    """

    store: RunStore
    on_failure: Callable[[StoreError], None]
    failed: StoreError | None = None
    held: list[HeldRefusal] = field(default_factory=list)  # a handful: nothing is dialled any more once there is one
    _gathered: list[Batch] = field(default_factory=list)
    _waiting: list[OnCommitted] = field(default_factory=list)
    _pending: set[asyncio.Future[None]] = field(default_factory=set)

    def commit(self, batch: Batch, on_committed: OnCommitted | None = None) -> None:
        """Keep a batch, which nobody alters any more; order of calls is order of keeping."""
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._hand_over)
        self._gathered.append(batch)
        if on_committed is not None:
            self._waiting.append(on_committed)

    def keep_refusal(self, batch: Batch, held: HeldRefusal) -> None:
        """Keep a refusal. Where the store cannot, it is held here: it bars for as long as this process lives, and
        whoever started it is told."""
        self.commit(batch, on_committed=partial(self._on_refusal, held))

    def _on_refusal(self, held: HeldRefusal, is_kept: bool) -> None:
        if not is_kept:
            self.held.append(held)

    def held_of(self, callee_id: CalleeId) -> tuple[Refusal, ...]:
        """What this callee refused that is not in the store."""
        return tuple(
            [Refusal(callee_id, one.at, one.channel, one.actor) for one in self.held if one.callee_id == callee_id]
        )

    async def drain(self) -> None:
        """Wait until everything handed in so far has been answered."""
        while self._pending or self._gathered:
            if self._pending:
                await asyncio.wait(self._pending)
            else:
                await asyncio.sleep(0)  # noqa: TID251 - no time passes: what this turn keeps goes first

    def fail(self, problem: StoreError) -> None:
        """The store has failed, here or at another's write: told once."""
        if self.failed is None:
            self.failed = problem
            self.on_failure(problem)

    def _hand_over(self) -> None:
        if not self._gathered:
            return
        batches, waiting = self._gathered, self._waiting
        self._gathered, self._waiting = [], []
        try:
            kept = self.store.commit(batches[0] if len(batches) == 1 else merged(batches))
            if isinstance(kept, CompletedAwaitable):
                self._answer(waiting, kept.error)
                return
            future = asyncio.ensure_future(kept)
        except Exception as error:  # of whatever kind: those who wait must be told
            self._answer(waiting, error)
            return
        self._pending.add(future)
        future.add_done_callback(partial(self._on_done, waiting))

    def _on_done(self, waiting: list[OnCommitted], future: asyncio.Future[None]) -> None:
        self._pending.discard(future)
        self._answer(waiting, StoreError(cause="cancelled") if future.cancelled() else future.exception())

    def _answer(self, waiting: list[OnCommitted], problem: BaseException | None) -> None:
        if problem is not None:
            self.fail(problem if isinstance(problem, StoreError) else StoreError(cause=repr(problem)))
        if waiting:
            call_soon, is_kept = asyncio.get_running_loop().call_soon, problem is None
            for on_committed in waiting:
                call_soon(on_committed, is_kept)
