"""What every store tells of changes that a run must heed, and that nothing read as of an older one is told again."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.contract.store import samples
from tests.contract.store.conftest import one_place

from baitie.adapters.store import SqlStore
from baitie.adapters.store.keys import NumberKey
from baitie.adapters.store.memory_engine import MemoryEngine
from baitie.app.records.batch import Batch
from baitie.app.records.commands import Command, CommandKind
from baitie.domain.complaints import NumberSuspension
from baitie.domain.registries import Qualification
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import BARS
from baitie.kernel.phone import PhoneNumber

TEN = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
SUSPENSION = NumberSuspension("ns_1", "+862150000100", TEN, "complaint", "li", "cm_1")
QUALIFICATION = Qualification("ql_1", "telecom", "B2-20260001", "MIIT", date(2026, 1, 1), date(2030, 12, 31), TEN, "li")
NUMBER = PhoneNumber("+12015550100")
ACTS = {
    "a refusal": Batch(refusals=[samples.refusal(1)]),
    "a freeze": Batch(freezes=[samples.freeze(1)]),
    "a suspension": Batch(suspensions=[SUSPENSION]),
    "a qualification": Batch(qualifications=[QUALIFICATION]),
    "a callee forgotten": Batch(forgotten=[CalleeId("ce_1")]),
    **{kind.value: Batch(journal=[samples.entry(1, kind)]) for kind in BARS},
}


def keep(store: Any, batch: Batch) -> None:
    async def run() -> None:
        await store.commit(batch)

    asyncio.run(run())


@pytest.fixture(params=["memory", "sqlite", "sqlite-inline", "postgresql", "in-memory"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """Two handles on one store, of every kind; the last is the store of rehearsals, which writes late."""
    if request.param == "in-memory":
        engine, key = MemoryEngine(), NumberKey(bytes(32))
        stores = [SqlStore(engine, key, inline=True, writes_late=True) for _ in range(2)]
        yield stores
        for store in stores:
            store.close()
        engine.drop()
    else:
        for place in one_place(request, tmp_path):
            yield [place.open(), place.open()]


def test_every_act_is_counted_at_both_handles_by_whichever_it_came(two: Any) -> None:
    for act in ACTS.values():
        for write in (two[1].record_refusal_or_freeze, lambda batch: keep(two[0], batch)):
            before = [store.changes() for store in two]
            write(act)
            assert all(store.changes() > count for store, count in zip(two, before, strict=True))
    before = [store.changes() for store in two]
    two[1].give_command(Command(0, CommandKind.STOP, "li", TEN))
    assert all(store.changes() > count for store, count in zip(two, before, strict=True))


def test_how_attempts_go_on_is_not_counted(two: Any) -> None:
    before = [store.changes() for store in two]
    keep(two[0], samples.batch(1))
    assert [store.changes() for store in two] == before


def test_lists_read_before_a_change_are_read_again_after_it(two: Any) -> None:
    reader, writer = two
    assert (reader.suspended_numbers(), reader.qualifications(), reader.registries_about(NUMBER)) == (
        frozenset(),
        (),
        (),
    )
    writer.record_refusal_or_freeze(Batch(suspensions=[SUSPENSION], qualifications=[QUALIFICATION]))
    writer.import_registry("dnc", [NUMBER.e164()], as_of=TEN.date(), at=TEN, actor="li", source="test")
    assert reader.suspended_numbers() == {SUSPENSION.number}
    assert list(reader.qualifications()) == [QUALIFICATION]
    assert [is_listed for _, is_listed in reader.registries_about(NUMBER)] == [True]
    writer.record_refusal_or_freeze(Batch(suspensions=[SUSPENSION.lifted(TEN, "wang", "sorted out")]))
    writer.drop_registry("dnc")
    assert reader.suspended_numbers() == frozenset()
    assert reader.registries_about(NUMBER) == ()


def test_who_is_told_of_changes_is_told_of_each_and_after_close_of_none(two: Any) -> None:
    reader, writer = two
    told: list[str] = []
    if not reader.on_change(lambda: told.append("changed")):
        pytest.skip("other processes write to this store: it must be asked")
    keep(reader, samples.batch(1))
    assert told == []
    for act in (ACTS["a refusal"], ACTS["a suspension"]):
        writer.record_refusal_or_freeze(act)
    assert len(told) == 2
    reader.close()
    writer.record_refusal_or_freeze(ACTS["a freeze"])
    assert len(told) == 2
