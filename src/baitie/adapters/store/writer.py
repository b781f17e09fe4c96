"""Group commit: what waits is written together, in order, in one transaction with one flush to the disk."""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeAlias

from baitie.adapters.store.rows import EncodedBatch
from baitie.app.ports.completed import CompletedAwaitable
from baitie.kernel.errors import StoreError

PENDING_BATCHES_MAX = 20_000
"""Some ten seconds of what a disk takes. A store that far behind counts as failed: nothing may be placed on it."""

GROUP_BATCHES_MAX = 512
"""So that the first of a group does not wait long for the last."""

WriteGroup: TypeAlias = Callable[[Sequence[EncodedBatch]], None]
OnFailure: TypeAlias = Callable[[StoreError], None]


_KEPT = CompletedAwaitable()
_OF_STANDINGS = ("histories", "cards_sent")
"""Parts of a batch that change what is read of a callee's standing, and are no acts."""


_Waiting: TypeAlias = tuple[EncodedBatch, asyncio.Future[None] | None]
"""A batch, and who waits for it; nobody where it is written inline."""


class GroupWriter:
    """Writes batches in the order in which they came (组提交), on a thread of its own or inline; inline at once, or
    with `writes_late` when an act, `flush` or another's turn comes.

    After the first failure everything that waits and everything later fails with the same error. `on_failure` is
    told once, on the loop of the first waiter.
    """

    def __init__(
        self, write_group: WriteGroup, on_failure: OnFailure | None, has_thread: bool, writes_late: bool = False
    ) -> None:
        assert not (has_thread and writes_late)
        self._writes_late = writes_late
        self._write_group = write_group
        self._on_failure = on_failure
        self._pending: deque[_Waiting] = deque()
        self._waits_about: set[str] = set()  # callees of whom what waits would change the standing
        self._turn = threading.RLock()  # held while anything is written
        self._wake = threading.Event()
        self._is_closing = False
        self.failure: StoreError | None = None
        self._thread: threading.Thread | None = None
        if has_thread:
            self._thread = threading.Thread(target=self._run, name="baitie-store-writer", daemon=True)
            self._thread.start()

    def submit(self, batch: EncodedBatch) -> Awaitable[None]:
        """Keep the batch after all earlier ones; ends when it is durable. With a thread it needs a running loop."""
        if self._thread is None:
            self._pending.append((batch, None))
            for name in _OF_STANDINGS:
                if name in batch.parts:
                    self._waits_about.update([row[0] for row in batch.parts[name]])
            if not self._writes_late or batch.is_act or len(self._pending) >= GROUP_BATCHES_MAX:
                self._flush()
            return _KEPT if self.failure is None else CompletedAwaitable(self.failure)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_mark_as_seen)
        if self.failure is None and len(self._pending) >= PENDING_BATCHES_MAX:
            self._fail(StoreError(cause="too many batches wait", batches=PENDING_BATCHES_MAX), future)
        if self.failure is not None:
            _call(future.get_loop(), partial(_settle, [future], self.failure))
        else:
            self._pending.append((batch, future))
            self._wake.set()
        return future

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A place in the order for another write on the same connection: after all that waits. Raises its failure."""
        with self._turn:
            self._flush()
            if self.failure is not None:
                raise self.failure
            yield

    def close(self) -> None:
        """Write what waits, then stop."""
        self._flush()
        self.abandon()

    def flush(self) -> None:
        """Write what waits, where anything does."""
        if self._pending:
            self._flush()

    def flush_about(self, callee_id: str) -> None:
        """Write what waits inline, where it would change what is read of this callee's standing. Acts never wait."""
        if callee_id in self._waits_about:
            self._flush()

    def abandon(self) -> None:
        """Stop as a killed process would: what is not written is lost, unless it was acknowledged."""
        if self._writes_late:
            self._flush()
        self._is_closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self.failure = self.failure or StoreError(cause="the store is closed")

    def _run(self) -> None:
        while not self._is_closing:
            self._wake.wait()
            self._wake.clear()
            if not self._is_closing:
                self._flush()

    def _flush(self) -> None:
        with self._turn:
            while self._pending and not (self._is_closing and self._thread is not None):
                group = [self._pending.popleft() for _ in range(min(len(self._pending), GROUP_BATCHES_MAX))]
                self._write(group)
            self._waits_about.clear()

    def _write(self, group: Sequence[_Waiting]) -> None:
        error = self.failure
        if error is None:
            try:
                self._write_group([batch for batch, _ in group])
            except Exception as caught:  # of whatever kind: the waiters must not wait for ever
                error = caught if isinstance(caught, StoreError) else StoreError(cause=repr(caught))
                self._fail(error, group[0][1])
        by_loop: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
        for _, future in group:
            if future is not None:
                by_loop.setdefault(future.get_loop(), []).append(future)
        for loop, futures in by_loop.items():
            _call(loop, partial(_settle, futures, error))

    def _fail(self, error: StoreError, first: asyncio.Future[None] | None) -> None:
        self.failure = error
        on_failure = self._on_failure
        if on_failure is None:
            return
        if first is None:
            on_failure(error)
        else:
            _call(first.get_loop(), partial(on_failure, error))


def _call(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:  # the loop was closed: nobody waits any more
        if not loop.is_closed():
            raise


def _settle(futures: Sequence[asyncio.Future[None]], error: StoreError | None) -> None:
    for future in futures:
        if future.done():  # its waiter was cancelled
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)


def _mark_as_seen(future: asyncio.Future[None]) -> None:
    if not future.cancelled():
        future.exception()
