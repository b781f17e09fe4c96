"""What is written to a store while a run goes on is seen at the same instants, told of or asked for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.contract.store import samples
from tests.fakes.store import MemoryStore

from baitie.app.calling.store_watch import WATCH_S, StoreWatch
from baitie.app.records.batch import Batch
from baitie.kernel.errors import StoreError
from baitie.kernel.time import Instant
from baitie.rehearsal.virtual_clock import VirtualClock
from baitie.rehearsal.virtual_time import run_virtually

DAY = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
WRITTEN_AT_S = (3.2, 3.3, 4.1, 9.9)


class Unwatched(MemoryStore):
    """A store that other processes write to: nobody is called."""

    def on_change(self, listener: Callable[[], None]) -> bool:
        return False


@dataclass
class Seen:
    """When the store was looked at, and when something had changed."""

    looks: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)
    failures: list[StoreError] = field(default_factory=list)


def watched(store: MemoryStore, until_s: float = 12.0, must_look: bool = False) -> Seen:
    """A watch over a store to which acts are written at some instants."""
    seen = Seen()

    async def run() -> None:
        loop = asyncio.get_running_loop()
        clock = VirtualClock(loop, DAY)

        def look(has_changed: bool) -> bool:
            seen.looks.append(clock.now())
            if has_changed:
                seen.changes.append(clock.now())
            return must_look

        def write() -> None:
            store.record_refusal_or_freeze(Batch(refusals=[samples.refusal(1)]))

        for at in WRITTEN_AT_S:
            clock.call_at(Instant(at), write)
        watching = asyncio.ensure_future(StoreWatch(store, clock, look, seen.failures.append).run())
        await asyncio.sleep(until_s)
        watching.cancel()

    run_virtually(run())
    return seen


@pytest.mark.parametrize("kind", [MemoryStore, Unwatched])
def test_changes_are_seen_on_the_next_beat(kind: type[MemoryStore]) -> None:
    assert watched(kind()).changes == [0.0, 3.5, 4.5, 10.0]


def test_a_store_that_tells_is_left_alone_while_nothing_changes() -> None:
    assert watched(MemoryStore()).looks == [0.0, 3.5, 4.5, 10.0]


def test_a_store_that_cannot_tell_is_looked_at_at_every_beat() -> None:
    assert watched(Unwatched(), 2.1).looks == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert WATCH_S == 0.5


def test_where_time_alone_may_bring_something_every_beat_is_a_look() -> None:
    assert watched(MemoryStore(), 2.1, must_look=True).looks == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_a_store_that_cannot_be_read_is_told_and_asked_again() -> None:
    class Unreadable(MemoryStore):
        def changes(self) -> int:
            raise StoreError(cause="disk gone")

    seen: Any = watched(Unreadable(), 1.1)
    assert (seen.looks, len(seen.failures)) == ([], 3)
