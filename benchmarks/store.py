"""The store: batches of an attempt with full durability, the gate's look-up, import. `python -m benchmarks.store`.

Beside it, in the same run, stands what `sqlite3` itself can do with the same rows ready made.
"""

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from baitie.adapters.store import SqlStore, tables
from baitie.adapters.store.keys import KEY_BYTES, NumberKey
from baitie.adapters.store.rows import EncodedBatch, Row, encoded, numbered
from baitie.app.records.batch import Batch
from baitie.domain.risk.history import CalleeHistory, PastAttempt
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import GENESIS_HASH, JournalEntry, JournalKind, JsonValue
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord, LeadState
from benchmarks.figures import Figure, Report, percentile, run_and_show

WAITERS = 200
BATCHES = 20_000
BATCHES_ALONE = 2_000
LEADS = 100_000
LOOKUPS = 20_000

_NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
_CAMPAIGN = CampaignId("cp_01hx0000000000000000")


def _lead(n: int, state: LeadState = LeadState.WAITING) -> LeadRecord:
    slots = {"order": f"2026030200{n}", "goods": "龙井茶 250 克"}
    ids = LeadId(f"ld_{n:021}"), _CAMPAIGN, CalleeId(f"ce_{n:021}")
    return LeadRecord(*ids, n + 2, "王晓明", slots, "order form", "contract", state=state)


def _callee(n: int) -> CalleeRecord:
    number = PhoneNumber(f"+86138{n:08}")
    return CalleeRecord(CalleeId(f"ce_{n:021}"), number, NumberClass.MOBILE, "CN", ("Asia/Shanghai",))


def _batch(n: int) -> Batch:
    """What one step of an attempt writes: three journal entries, the lead, the call record, the callee's history."""
    at, lead = _NOON + timedelta(milliseconds=n), _lead(n % LEADS, LeadState.IN_PROGRESS)
    attempt_id = AttemptId(f"at_{n:021}")
    kinds = (JournalKind.CARD_DELIVERED, JournalKind.INVITE_SENT, JournalKind.CALL_RANG)
    facts: dict[str, JsonValue] = {"trunk": "loopback", "verdict": "allow", "rules": ["cn.quiet-hours", "cn.caps"]}
    entries = [JournalEntry(kind, at, _CAMPAIGN, lead.lead_id, attempt_id, lead.callee_id, facts) for kind in kinds]
    presented = PhoneNumber("+862155550100")
    attempt = AttemptRecord(
        attempt_id, lead.lead_id, _CAMPAIGN, lead.callee_id, presented, "loopback", AttemptState.INVITE_SENT, at,
        card_text_hash="5f" * 32, card_submitted_at=at, card_delivered_at=at, card_outcome="delivered",
        card_receipt_ms=900, invite_sent_at=at,
    )  # fmt: skip
    past = CalleeHistory(tuple(PastAttempt(at - timedelta(days=d), False, False, False) for d in range(4, 0, -1)))
    return Batch(entries, [lead], [attempt], [(lead.callee_id, past)])


def _commits(
    store: SqlStore, batches: Sequence[Batch], waiters: int, busy_ms: float = 0.0
) -> tuple[float, float, list[float]]:
    """Wall seconds, CPU seconds and the wait of each batch in ms, with so many waiting at a time."""
    waits_ms: list[float] = []
    source = iter(batches)

    async def one() -> None:
        for batch in source:
            start = time.perf_counter()
            await store.commit(batch)
            waits_ms.append((time.perf_counter() - start) * 1e3)

    async def occupy() -> None:
        while True:  # a loop that has other work to do, in turns of `busy_ms`
            end = time.perf_counter() + busy_ms / 1e3
            while time.perf_counter() < end:
                pass
            await asyncio.sleep(busy_ms / 1e3)

    async def run() -> None:
        other = asyncio.create_task(occupy()) if busy_ms else None
        await asyncio.gather(*[one() for _ in range(waiters)])
        if other is not None:
            other.cancel()

    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(run())
    return time.perf_counter() - wall, time.process_time() - cpu, waits_ms


def _raw(folder: Path, batches: Sequence[EncodedBatch], group: int) -> tuple[float, float]:
    """Wall and processor seconds of plain `sqlite3`: the same tables, ready rows, groups of so many batches."""
    path = folder / f"raw-{group}.db"
    SqlStore(path, folder / "key", inline=True).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    insert = {
        table.name: f"INSERT OR REPLACE INTO {table.name} VALUES ({', '.join('?' * len(table.columns))})"
        for table in (tables.journal, tables.leads, tables.attempts, tables.histories)
    }
    seq = 0
    start, cpu_start = time.perf_counter(), time.process_time()
    for first in range(0, len(batches), group):
        part = batches[first : first + group]
        entries: list[Row] = []
        for campaign_id, head in (entry for batch in part for entry in batch.parts["journal"]):
            seq += 1
            entries.append((seq, campaign_id, numbered(seq, head).decode(), GENESIS_HASH, GENESIS_HASH))
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(insert["journal"], entries)
        connection.executemany(insert["leads"], [row for batch in part for row in batch.parts["leads"]])
        connection.executemany(insert["attempts"], [row for batch in part for row in batch.parts["attempts"]])
        connection.executemany(insert["histories"], [row for batch in part for row in batch.parts["histories"]])
        connection.execute("COMMIT")
    elapsed, cpu = time.perf_counter() - start, time.process_time() - cpu_start
    connection.close()
    return elapsed, cpu


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _commit_figures(store: SqlStore, folder: Path, batches: list[Batch]) -> Iterable[Figure]:
    key = NumberKey(bytes(KEY_BYTES))
    ready = [encoded(batch, key.hmac_of_code) for batch in batches]
    (raw_many, raw_cpu), (raw_one, _) = _raw(folder, ready, WAITERS), _raw(folder, ready[:BATCHES_ALONE], 1)
    wall, cpu, waits_ms = _commits(store, batches, WAITERS)
    peer = f"sqlite3, groups of {WAITERS}"
    yield Figure(
        f"batches, {WAITERS} waiting", len(batches) / wall, "batches/s", 2000, True, peer, len(batches) / raw_many
    )
    yield Figure(
        "processor time of a batch", cpu / len(batches) * 1e3, "ms", peer=peer, peer_value=raw_cpu / len(batches) * 1e3
    )
    yield Figure(f"wait, {WAITERS} waiting, p99", percentile(waits_ms, 0.99), "ms")
    wall, _, waits_ms = _commits(store, batches[:BATCHES_ALONE], 1)
    peer = "sqlite3, one at a time"
    yield Figure("batches, one waiting", BATCHES_ALONE / wall, "batches/s", None, True, peer, BATCHES_ALONE / raw_one)
    yield Figure(
        "wait, one waiting, p50", percentile(waits_ms, 0.5), "ms", peer=peer, peer_value=raw_one / BATCHES_ALONE * 1e3
    )
    wall, _, waits_ms = _commits(store, batches[: BATCHES_ALONE * 2], 20, busy_ms=2.0)
    yield Figure("batches, 20 waiting, loop half busy", 2 * BATCHES_ALONE / wall, "batches/s")
    yield Figure("wait, 20 waiting, loop half busy, p99", percentile(waits_ms, 0.99), "ms")


def _read_figures(store: SqlStore) -> Iterable[Figure]:
    ids = [CalleeId(f"ce_{(n * 7919) % BATCHES:021}") for n in range(LOOKUPS)]
    lookups_us = [_seconds(lambda n=n: store.standing(n)) * 1e6 for n in ids]  # type: ignore[misc]
    yield Figure("standing of a callee, p50 (target: SQLite)", percentile(lookups_us, 0.5), "us", 80)
    yield Figure("standing of a callee, p99", percentile(lookups_us, 0.99), "us")
    yield Figure("campaign of 100,000 leads, read", _seconds(lambda: store.campaign_state(_CAMPAIGN)), "s")
    rows: list[int] = []
    elapsed = _seconds(lambda: rows.append(store.verify_chain().rows_whole))
    yield Figure("chain verified", rows[0] / elapsed, "rows/s")


def _import_figures(store: SqlStore) -> Iterable[Figure]:
    people, leads = [_callee(n) for n in range(LEADS)], [_lead(n) for n in range(LEADS)]
    entry = JournalEntry(JournalKind.CONTACTS_IMPORTED, _NOON, _CAMPAIGN)
    yield Figure(
        "100,000 leads imported (target: SQLite)",
        _seconds(lambda: store.import_leads(_CAMPAIGN, people, leads, entry)),
        "s",
        5,
    )
    numbers = [callee.number for callee in people]
    yield Figure("100,000 numbers looked up", _seconds(lambda: store.callee_ids(numbers)), "s")


def _run(arguments: argparse.Namespace) -> list[Report]:
    with tempfile.TemporaryDirectory(prefix="baitie-bench-") as name:
        folder = Path(name)
        target = arguments.postgresql or folder / "store.db"
        engine = "PostgreSQL" if arguments.postgresql else "SQLite (WAL, synchronous=FULL)"
        load = f"{BATCHES:,} batches of 3 journal entries, lead, call record, history on {engine}; {LEADS:,} leads"
        report = Report("store", load)
        store = SqlStore(target, folder / "key")
        report.figures += _import_figures(store)
        report.figures += _commit_figures(store, folder, [_batch(n) for n in range(BATCHES)])
        report.figures += _read_figures(store)
        store.close()
    return [report]


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    options.add_argument("--postgresql", metavar="URL", help="an empty database to measure instead of SQLite")
    raise SystemExit(run_and_show(_run, options))
