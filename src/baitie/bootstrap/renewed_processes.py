"""Work shared out over processes that are renewed now and then, because what it leaves behind ends with them."""

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

W = TypeVar("W")
F = TypeVar("F")


class LostProcessError(RuntimeError):
    """A process ended before it gave what was asked of it: most often the machine ran out of memory."""


PROCESSES_MAX = 2
"""A rehearsal leaves the rest of the machine to whatever runs beside it."""


def processes_for(wanted: int) -> int:
    """How many processes share so much out: 1, where they cannot inherit what cannot be sent to them."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 1
    return min(PROCESSES_MAX, os.cpu_count() or 1, wanted)


def in_renewed_processes(
    do: Callable[[W], F], wanted: Sequence[W], processes: int, wanted_per_process: int
) -> Iterator[F]:
    """What `do` gives for each, in order. No core waits for another's batch: each goes on with the next one.

    Raises what `do` raises, and `LostProcessError`.
    """
    batches = deque(range(0, len(wanted), wanted_per_process))
    found: dict[int, F] = {}
    running: list[_Batch[W, F]] = []
    try:
        for place in range(len(wanted)):
            while place not in found:
                while batches and len(running) < processes:
                    first = batches.popleft()
                    running.append(_Batch(do, wanted, first, min(first + wanted_per_process, len(wanted))))
                ready = wait([batch.pipe for batch in running])
                for batch in [batch for batch in running if batch.pipe in ready]:
                    at, found_there = batch.take()
                    found[at] = found_there
                    if batch.is_over:
                        running.remove(batch)
            yield found.pop(place)
    finally:
        for batch in running:
            batch.process.kill()
            batch.process.join()


class _Batch(Generic[W, F]):
    """So many in a process of their own."""

    def __init__(self, do: Callable[[W], F], wanted: Sequence[W], first: int, end: int) -> None:
        context = multiprocessing.get_context("fork")
        self.next_place, self._end = first, end
        self.pipe, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=_work, args=(do, wanted[first:end], theirs), daemon=True)
        self.process.start()
        theirs.close()

    @property
    def is_over(self) -> bool:
        return self.next_place == self._end

    def take(self) -> tuple[int, F]:
        """The place of what the process has sent, and what it is. Something must be there."""
        try:
            is_given, given = self.pipe.recv()
        except EOFError:
            self.process.join()
            raise LostProcessError(f"a process ended with {self.process.exitcode}") from None
        if not is_given:
            raise given
        self.next_place += 1
        if self.is_over:
            self.process.join()
            self.pipe.close()
        return self.next_place - 1, given


def _work(do: Callable[[W], F], wanted: Sequence[W], pipe: Connection) -> None:
    # The process ends before garbage matters; to look for it costs a tenth of a rehearsed day.
    gc.disable()
    for one in wanted:
        try:
            given = do(one)
        except Exception as error:
            pipe.send((False, error))
            return
        pipe.send((True, given))
