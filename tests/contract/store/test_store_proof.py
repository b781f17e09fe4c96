"""Checkpoints, signing keys and the file of one attempt: every store keeps and gives them alike."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.contract.store import samples

from baitie.adapters.store import SqlStore, audit, schema
from baitie.adapters.store.engines import SqliteEngine
from baitie.adapters.store.errors import DamagedProofError
from baitie.app.records.batch import Batch
from baitie.app.records.journal import JournalTail
from baitie.domain.audit import Checkpoint, SigningKey, next_checkpoint
from baitie.kernel.errors import StoreError
from baitie.kernel.ids import AttemptId
from baitie.kernel.journal import JournalKind, canonical_bytes

SIGNED_AT = datetime(2026, 3, 3, 16, 0, 0, 5, tzinfo=UTC)


def signing_key(digit: str, previous: str | None = None) -> SigningKey:
    return SigningKey(
        digit * 64, "云杉优选商城", SIGNED_AT, previous, "5" * 128, None if previous is None else "6" * 128
    )


def checkpoint(last: Checkpoint | None, seq: int) -> Checkpoint:
    made = next_checkpoint(last, seq, "a" * 64, date(2026, 3, 3), SIGNED_AT, signing_key("1").key_id)
    return replace(made, signature="7" * 128)


def commit(store: Any, *batches: Batch) -> None:
    async def run() -> None:
        await asyncio.gather(*[store.commit(batch) for batch in batches])

    asyncio.run(run())


def test_checkpoints_come_back_equal_and_in_order_through_another_handle(place: Any) -> None:
    store = place.open()
    assert (store.last_checkpoint(), tuple(store.checkpoints())) == (None, ())
    first = checkpoint(None, 3)
    second = checkpoint(first, 3)
    store.keep_checkpoint(first)
    store.keep_checkpoint(second)
    store.close()
    again = place.open()
    assert tuple(again.checkpoints()) == (first, second)
    assert again.last_checkpoint() == second
    assert again.last_checkpoint().digest() == second.digest()


def test_a_checkpoint_whose_number_is_taken_is_not_kept(place: Any) -> None:
    store = place.open()
    store.keep_checkpoint(checkpoint(None, 3))
    with pytest.raises(StoreError):
        store.keep_checkpoint(checkpoint(None, 4))
    assert tuple(store.checkpoints()) == (checkpoint(None, 3),)


def test_signing_keys_come_back_oldest_first(place: Any) -> None:
    store = place.open()
    old, new = signing_key("1"), signing_key("2", "1" * 64)
    store.keep_signing_key(old)
    store.keep_signing_key(new)
    assert tuple(place.open().signing_keys()) == (old, new)


def test_a_signing_key_that_does_not_follow_the_newest_is_not_kept(place: Any) -> None:
    store = place.open()
    with pytest.raises(StoreError):
        store.keep_signing_key(signing_key("2", "1" * 64))
    store.keep_signing_key(signing_key("1"))
    with pytest.raises(StoreError):
        store.keep_signing_key(signing_key("3"))
    assert tuple(store.signing_keys()) == (signing_key("1"),)


def test_raw_rows_are_read_piece_by_piece(place: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "ROWS_PER_READ", 4)
    store = place.open()
    assert store.journal_tail() is None
    assert list(store.journal_rows()) == []
    commit(store, *[Batch(journal=[samples.entry(n)]) for n in range(11)])
    rows = list(store.journal_rows())
    assert [row.seq for row in rows] == list(range(1, 12))
    assert rows[6].canonical.encode() == canonical_bytes(7, samples.entry(6))
    assert [row.seq for row in store.journal_rows(3, 9)] == list(range(3, 10))
    assert store.journal_tail() == JournalTail(11, rows[-1].hash, samples.entry(10).at)
    assert rows[5].columns.previous_hash == rows[4].hash


def test_the_file_of_an_attempt_holds_all_that_is_known_of_it(place: Any) -> None:
    store = place.open()
    people, leads = [samples.callee(n) for n in range(3)], [samples.lead(n) for n in range(3)]
    store.import_leads(samples.CAMPAIGN, people, leads, samples.entry(9, JournalKind.CONTACTS_IMPORTED))
    commit(store, Batch(attempts=[samples.ended(n) for n in range(3)], journal=[samples.entry(n) for n in range(3)]))
    found = store.attempt_file(AttemptId("at_000001"))
    assert (found.attempt, found.lead, found.callee) == (samples.ended(1), samples.lead(1), samples.callee(1))
    assert found.journal == ((3, samples.entry(1)),)
    assert store.attempt_file(AttemptId("at_0")) is None


def test_attempts_are_found_by_the_beginning_or_end_of_their_id(place: Any) -> None:
    store = place.open()
    names = ["at_a1", "at_a2", "at_a", "at_b2", *(f"at_c{n}" for n in range(9))]
    commit(store, Batch(attempts=[replace(samples.ended(1), attempt_id=AttemptId(name)) for name in names]))
    assert store.attempt_ids_like("at_b") == ("at_b2",)
    assert store.attempt_ids_like("a1") == ("at_a1",)
    assert store.attempt_ids_like("at_a") == ("at_a",)
    assert store.attempt_ids_like("2") == ("at_a2", "at_b2", "at_c2")
    assert store.attempt_ids_like("%") == ()
    assert len(store.attempt_ids_like("at_")) == audit.MATCHES_MAX


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE checkpoints SET signature = 'x'",
        "UPDATE checkpoints SET day = 'never'",
        "UPDATE checkpoints SET seq = -1",
    ],
)
def test_a_checkpoint_altered_to_nonsense_is_named(sql_place: Any, statement: str) -> None:
    store = sql_place.open()
    store.keep_checkpoint(checkpoint(None, 3))
    sql_place.sql(statement)
    with pytest.raises(DamagedProofError, match="checkpoint=1"):
        store.checkpoints()


def test_a_signing_key_altered_to_nonsense_is_named(sql_place: Any) -> None:
    store = sql_place.open()
    store.keep_signing_key(signing_key("1"))
    for nonsense in ("[]", "{", '{"public_key": "zz"}'):
        sql_place.sql(f"UPDATE signing_keys SET statement = '{nonsense}'")
        with pytest.raises(DamagedProofError, match="signing_key=1"):
            store.signing_keys()


def test_a_store_of_the_first_revision_is_copied_and_migrated_and_can_be_signed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    engine = SqliteEngine(path)
    with closing(engine.connect()) as connection:
        schema.migrate(connection, revision="0001")
        assert not sa.inspect(connection).has_table("checkpoints")
    engine.engine.dispose()
    with closing(SqlStore(path, tmp_path / "store.key", inline=True)) as store:
        store.keep_signing_key(signing_key("1"))
        store.keep_checkpoint(checkpoint(None, 3))
        assert store.last_checkpoint() == checkpoint(None, 3)
    assert len(list(tmp_path.glob("store.db.before-*"))) == 1
