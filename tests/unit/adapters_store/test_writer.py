"""The group writer: what waits is written together; whatever goes wrong, nobody waits for ever."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from baitie.adapters.store.rows import EncodedBatch
from baitie.adapters.store.writer import GROUP_BATCHES_MAX, GroupWriter
from baitie.kernel.errors import StoreError


def numbered(n: int) -> EncodedBatch:
    return EncodedBatch({"journal": [(None, b"%d" % n)]})


def numbers(group: Sequence[EncodedBatch]) -> list[int]:
    return [int(head) for batch in group for _, head in batch.parts["journal"]]


def test_what_comes_while_a_group_is_written_is_written_together_in_order() -> None:
    groups: list[list[int]] = []
    first_is_written = threading.Event()

    def write(group: Sequence[EncodedBatch]) -> None:
        if not groups:
            assert first_is_written.wait(10)
        groups.append(numbers(group))

    writer = GroupWriter(write, None, has_thread=True)

    async def run() -> None:
        waiting = [writer.submit(numbered(n)) for n in range(GROUP_BATCHES_MAX + 200)]
        first_is_written.set()
        await asyncio.gather(*waiting)

    asyncio.run(run())
    writer.close()
    assert [n for group in groups for n in group] == list(range(GROUP_BATCHES_MAX + 200))
    assert len(groups) <= 4
    assert max(len(group) for group in groups) <= GROUP_BATCHES_MAX


@pytest.mark.parametrize("has_thread", [True, False])
def test_a_mistake_of_the_writer_itself_is_a_failure_like_any_other(has_thread: bool) -> None:
    told: list[StoreError] = []

    def write(group: Sequence[EncodedBatch]) -> None:
        raise KeyError("unforeseen")

    writer = GroupWriter(write, told.append, has_thread)

    async def run() -> None:
        for n in range(3):
            with pytest.raises(StoreError, match="unforeseen"):
                await writer.submit(numbered(n))

    asyncio.run(run())
    writer.close()
    assert len(told) == 1


def test_a_loop_that_is_gone_does_not_stop_the_writer() -> None:
    written: list[int] = []
    may_write = threading.Event()

    def write(group: Sequence[EncodedBatch]) -> None:
        assert may_write.wait(10)
        written.extend(numbers(group))

    writer = GroupWriter(write, None, has_thread=True)

    async def leave() -> None:
        writer.submit(numbered(1))

    asyncio.run(leave())
    may_write.set()

    async def come_back() -> None:
        await writer.submit(numbered(2))

    asyncio.run(come_back())
    writer.close()
    assert written == [1, 2]
