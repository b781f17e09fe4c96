"""Keeps batches in the store, and tells when they are durable; after a failure nothing more is begun."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from baitie.app.ports import Store
from baitie.app.records import Batch, merged
from baitie.app.settled import Settled
from baitie.domain.risk.history import Refusal, RefusalChannel
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue
from baitie.kernel.phone import PhoneNumber

Then = Callable[[bool], None]


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
class Keeper:
    """Hands batches to the store in order. `then(is_kept)` is called once each, when the store has answered.

    What one turn of the loop keeps goes to the store as one batch: all of it becomes durable, or nothing.
    """

    store: Store
    on_failure: Callable[[StoreError], None]
    failed: StoreError | None = None
    held: list[HeldRefusal] = field(default_factory=list)  # a handful: nothing is dialled any more once there is one
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

    def keep_refusal(self, batch: Batch, held: HeldRefusal) -> None:
        """Keep a refusal. Where the store cannot, it is held here: it bars for as long as this process lives, and
        whoever started it is told."""
        self.keep(batch, then=partial(self._on_refusal, held))

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
