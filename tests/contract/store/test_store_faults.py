"""What becomes of a store when its process is killed, its disk is full, its rows are altered or its server is gone."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.contract.store import samples
from tests.fakes.store import MemoryStore

from baitie.adapters.store import SqlStore
from baitie.adapters.store.errors import BackupError, StoreKeyError
from baitie.app.records.batch import Batch
from baitie.kernel.errors import BusyError, StoreError
from baitie.kernel.ids import CalleeId

CAMPAIGN = samples.CAMPAIGN
REPOSITORY = Path(__file__).parents[3]
KILLS = 3


@contextmanager
def child_process(place: Any) -> Iterator[subprocess.Popen[str]]:
    """The committing dialler in a process of its own; killed at the end."""
    script = Path(__file__).with_name("committing_child.py")
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY}"}
    inline = "1" if place.inline else "0"
    command = [sys.executable, str(script), str(place.target), str(place.key_file), inline]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        try:
            yield child
        finally:
            child.kill()


def test_every_batch_acknowledged_before_kill_9_is_there_and_the_chain_is_whole(sql_place: Any) -> None:
    rng = random.Random(9)
    acknowledged: set[int] = set()
    for _ in range(KILLS):
        with child_process(sql_place) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "owner\n"
            for _ in range(rng.randrange(1, 200)):
                acknowledged.add(int(child.stdout.readline()))
            child.send_signal(signal.SIGKILL)
            *told, last = child.stdout.read().split("\n")  # what it told before it died; the last may be cut
            assert last == "" or last.isdigit()
            acknowledged.update(int(n) for n in told)
    store = sql_place.open()
    found = {attempt.attempt_id for attempt in store.attempts(CAMPAIGN)}
    assert {samples.attempt(n).attempt_id for n in acknowledged} <= found
    verdict = store.verify_chain()
    assert verdict.is_whole
    batches = [str(entry.attempt_id) for _, entry in store.journal()]
    assert batches[0::3] == batches[1::3] == batches[2::3]  # all three entries of a batch, or none
    assert set(batches) == found


def test_ownership_is_free_at_once_after_kill_9(sql_place: Any) -> None:
    with child_process(sql_place) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "owner\n"
        store = sql_place.open()
        with pytest.raises(BusyError, match="child"):
            store.acquire_ownership("me")
        child.send_signal(signal.SIGKILL)
        child.wait(10)
        _until(lambda: _acquired(store))


def _acquired(store: Any) -> bool:
    try:
        store.acquire_ownership("me")
    except BusyError:
        return False
    return True


def _until(condition: Callable[[], bool], within_s: float = 10.0) -> None:
    """A server notices a broken connection in its own time."""

    async def wait() -> None:
        while not condition():
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(wait(), within_s))


def test_a_forked_child_does_not_keep_the_ownership(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "store.db", tmp_path / "key", inline=True)
    store.acquire_ownership("parent")
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(write_end)
        os.read(read_end, 1)  # lives until the parent closes its end
        os._exit(0)
    os.close(read_end)
    try:
        store.close()
        other = SqlStore(tmp_path / "store.db", tmp_path / "key", inline=True)
        other.acquire_ownership("other")
        other.close()
    finally:
        os.close(write_end)
        os.waitpid(child, 0)


def test_a_refusal_from_another_process_stands_at_the_next_look(sql_place: Any) -> None:
    dialler = sql_place.open()
    dialler.acquire_ownership("dialler")
    with child_process_refusing(sql_place) as child:
        assert child.wait(60) == 0
    assert dialler.standing(CalleeId("ce_4")).refusals == (samples.refusal(4),)


@contextmanager
def child_process_refusing(place: Any) -> Iterator[subprocess.Popen[str]]:
    code = (
        "import sys; from pathlib import Path; from tests.contract.store import samples\n"
        "from baitie.adapters.store import SqlStore; from baitie.app.records.batch import Batch\n"
        "store = SqlStore(sys.argv[1], Path(sys.argv[2]), inline=True)\n"
        "store.record_refusal_or_freeze(Batch([samples.entry(4)], refusals=[samples.refusal(4)]))\n"
    )
    environment = os.environ | {"PYTHONPATH": f"{REPOSITORY / 'src'}{os.pathsep}{REPOSITORY}"}
    command = [sys.executable, "-c", code, str(place.target), str(place.key_file)]
    with subprocess.Popen(command, text=True, env=environment) as child:
        yield child


# --- failing commits ---


class Outcomes:
    """What commits one after the other came to."""

    def __init__(self) -> None:
        self.told: list[StoreError] = []

    def commit_until_failure(self, store: Any, batches_max: int = 5000) -> list[int]:
        """The numbers of the batches that were kept; checks that nothing is kept after the first that was not."""

        async def run() -> list[int]:
            kept: list[int] = []
            for n in range(batches_max):
                try:
                    await store.commit(samples.batch(n))
                except StoreError:
                    break
                kept.append(n)
            for later in range(10**6, 10**6 + 20):
                with pytest.raises(StoreError):
                    await store.commit(Batch(journal=[samples.entry(later)]))
            return kept

        return asyncio.run(run())


def _nothing_half_applied(store: Any, kept: list[int]) -> None:
    assert [a.attempt_id for a in store.attempts(CAMPAIGN)] == [samples.attempt(n).attempt_id for n in kept]
    assert [entry.attempt_id for _, entry in store.journal()] == [
        samples.entry(n).attempt_id for n in kept for _ in "123"
    ]
    assert store.verify_chain().is_whole


@pytest.mark.parametrize("inline", [True, False])
def test_a_full_disk_fails_this_batch_and_all_later_ones_until_the_store_is_opened_again(
    tmp_path: Path, inline: bool
) -> None:
    outcomes = Outcomes()
    store = SqlStore(tmp_path / "store.db", tmp_path / "key", inline=inline, on_failure=outcomes.told.append)
    store._write_connection.exec_driver_sql("PRAGMA max_page_count = 120")
    kept = outcomes.commit_until_failure(store)
    assert kept
    assert [error.details["cause"] for error in outcomes.told] == ["database or disk is full"]
    with pytest.raises(StoreError, match="full"):
        store.record_refusal_or_freeze(Batch(refusals=[samples.refusal(1)]))
    _nothing_half_applied(store, kept)
    store.close()
    again = SqlStore(tmp_path / "store.db", tmp_path / "key", inline=True)
    _nothing_half_applied(again, kept)
    again.record_refusal_or_freeze(Batch([samples.entry(1)], refusals=[samples.refusal(1)]))
    assert again.verify_chain().is_whole
    again.close()


@pytest.mark.parametrize("is_inline", [True, False])
def test_the_fake_fails_in_the_same_way_where_it_is_told(is_inline: bool) -> None:
    outcomes = Outcomes()
    store = MemoryStore(is_inline=is_inline, fail_at_commit=4, on_failure=outcomes.told.append)
    kept = outcomes.commit_until_failure(store)
    assert kept == [0, 1, 2]
    assert [error.details["cause"] for error in outcomes.told] == ["database or disk is full"]
    _nothing_half_applied(store, kept)
    again = store.crash()
    _nothing_half_applied(again, kept)
    again.record_refusal_or_freeze(Batch([samples.entry(1)], refusals=[samples.refusal(1)]))


def test_all_that_waits_fails_with_the_group_in_which_the_disk_was_full(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "store.db", tmp_path / "key")
    store._write_connection.exec_driver_sql("PRAGMA max_page_count = 120")

    async def run() -> list[Any]:
        return await asyncio.gather(*[store.commit(samples.batch(n)) for n in range(2000)], return_exceptions=True)

    results = asyncio.run(run())
    kept = results.index(next(r for r in results if r is not None))
    assert all(isinstance(result, StoreError) for result in results[kept:])
    _nothing_half_applied(store, list(range(kept)))
    store.close()


def test_an_import_that_does_not_fit_keeps_nothing(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "store.db", tmp_path / "key", inline=True)
    store._write_connection.exec_driver_sql("PRAGMA max_page_count = 100")
    people, leads = [samples.callee(n) for n in range(3000)], [samples.lead(n) for n in range(3000)]
    with pytest.raises(StoreError, match="full"):
        store.import_leads(CAMPAIGN, people, leads, samples.entry(1))
    assert store.campaign_state(CAMPAIGN) is None
    assert store.callee_ids([people[0].number]) == {}
    store.close()


def test_a_server_that_is_gone_fails_all_batches_until_the_store_is_opened_again(
    postgres_url: str, tmp_path: Path
) -> None:
    told: list[StoreError] = []
    store = SqlStore(postgres_url, tmp_path / "key", on_failure=told.append)
    store.acquire_ownership("dialler")

    async def run() -> None:
        await store.commit(samples.batch(1))
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        for _ in range(3):
            with pytest.raises(StoreError):
                await store.commit(samples.batch(2))

    asyncio.run(run())
    with pytest.raises(StoreError):
        store.standing(CalleeId("ce_1"))
    assert len(told) == 1
    store.close()
    again = SqlStore(postgres_url, tmp_path / "key")
    again.acquire_ownership("dialler")
    _nothing_half_applied(again, [1])
    again.close()


def test_more_than_the_bound_of_waiting_batches_counts_as_a_failure(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("baitie.adapters.store.writer.PENDING_BATCHES_MAX", 10)
    store = SqlStore(tmp_path / "store.db", tmp_path / "key")

    async def run() -> None:
        with sqlite3.connect(tmp_path / "store.db") as other:  # holds the write lock, so that nothing goes on
            other.execute("BEGIN IMMEDIATE")
            waiting = [store.commit(Batch(journal=[samples.entry(n)])) for n in range(600)]
            with pytest.raises(StoreError, match="too many"):
                await waiting[-1]
            other.execute("ROLLBACK")
        await asyncio.gather(*waiting, return_exceptions=True)

    asyncio.run(run())
    store.close()


# --- tampering ---

TAMPERINGS = {
    "content-altered": ("UPDATE journal SET canonical = replace(canonical, 'InviteSent', 'CallRang') WHERE seq = 7", 7),
    "row-missing": ("DELETE FROM journal WHERE seq = 5", 6),
    "link-broken": ("UPDATE journal SET prev_hash = hash WHERE seq = 9", 9),
    "columns-altered": ("UPDATE journal SET campaign_id = 'cp_other' WHERE seq = 3", 3),
}


@pytest.mark.parametrize("reason", list(TAMPERINGS))
def test_a_tampered_journal_is_found_with_its_place_and_reason(sql_place: Any, reason: str) -> None:
    store = sql_place.open()
    asyncio.run(_commit_all(store, 4))
    store.close()
    statement, seq = TAMPERINGS[reason]
    sql_place.sql(statement)
    verdict = sql_place.open().verify_chain()
    assert (verdict.is_whole, verdict.reason, verdict.broken_at_seq) == (False, reason, seq)


def test_a_chain_cut_at_its_end_is_told_by_its_last_hash(sql_place: Any) -> None:
    store = sql_place.open()
    asyncio.run(_commit_all(store, 4))
    before = store.verify_chain()
    sql_place.sql("DELETE FROM journal WHERE seq > 10")
    after = store.verify_chain()
    assert after.is_whole
    assert (after.rows_whole, after.last_hash == before.last_hash) == (10, False)


async def _commit_all(store: Any, count: int) -> None:
    await asyncio.gather(*[store.commit(samples.batch(n)) for n in range(count)])


# --- keys, files, personal data ---


def test_a_store_refuses_another_key_and_a_missing_one(sql_place: Any, tmp_path: Path) -> None:
    sql_place.open().close()
    with pytest.raises(StoreKeyError, match="missing"):
        SqlStore(sql_place.target, tmp_path / "absent.key")
    assert not (tmp_path / "absent.key").exists()
    for text in ("ab" * 32, "ab", "not hexadecimal"):
        (tmp_path / "other.key").write_text(text)
        with pytest.raises(StoreKeyError):
            SqlStore(sql_place.target, tmp_path / "other.key")


def test_numbers_names_and_texts_stand_in_the_tables_of_personal_data_only(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "store.db", tmp_path / "key", inline=True)
    store.import_leads(CAMPAIGN, [samples.callee(1)], [samples.lead(1)], samples.entry(1))
    asyncio.run(_commit_all(store, 3))
    store.close()
    connection = sqlite3.connect(tmp_path / "store.db")
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    telling = {
        name
        for name in names
        for row in connection.execute(f"SELECT * FROM {name}")
        if "13800000001" in str(row) or "王1" in str(row)
    }
    connection.close()
    assert telling == {"callees", "leads"}


def test_errors_do_not_show_the_values_that_were_to_be_written(sql_place: Any) -> None:
    store = sql_place.open()
    store.import_leads(CAMPAIGN, [samples.callee(1)], [samples.lead(1)], samples.entry(1))
    with pytest.raises(StoreError) as caught:
        store.import_leads(CAMPAIGN, [samples.callee(1)], [samples.lead(1)], samples.entry(1))
    shown = f"{caught.value} {caught.value.__cause__}"
    assert "13800000001" not in shown
    assert "王1" not in shown


def test_files_of_the_store_are_for_their_owner_only(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "store.db", tmp_path / "key", inline=True)
    store.acquire_ownership("me")
    store.import_leads(CAMPAIGN, [samples.callee(1)], [samples.lead(1)], samples.entry(1))
    store.backup(tmp_path / "copy.db")
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}
    assert {"store.db", "store.db-wal", "store.db.owner", "key", "copy.db"} <= set(modes)
    store.close()


def test_a_store_on_a_server_names_the_tool_that_copies_it(postgres_url: str, tmp_path: Path) -> None:
    store = SqlStore(postgres_url, tmp_path / "key")
    with pytest.raises(BackupError, match="pg_dump"):
        store.backup(tmp_path / "copy")
    store.close()


def test_a_place_that_cannot_be_opened_is_a_store_error(tmp_path: Path) -> None:
    for target in (tmp_path / "absent" / "store.db", "postgresql://nobody@127.0.0.1:1/none"):
        with pytest.raises(StoreError):
            SqlStore(target, tmp_path / "key")


def test_each_commit_reaches_the_disk_before_it_is_acknowledged(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "store.db", tmp_path / "key", inline=True)
    settings = {
        name: store._write_connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        for name in ("journal_mode", "synchronous")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2}  # 2 is FULL
    store.close()
