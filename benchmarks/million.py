"""What an installation of years costs: the gate, a campaign's start and its next lead, at a million callees.

`python -m benchmarks.million [--callees 1000000] [--past 10] [--json]`

A store is built once in a temporary folder, by bulk inserts: so many callees with full facts (history, consent, cards;
some with preferences, refusals, freezes, complaints), so many past attempts each, and one campaign in which everybody
is a lead. Then the code of `baitie run` is measured on it. The peer of the same run is what diallers of this kind do:
each minute they refill a hopper with the next leads by one SQL statement, on the same rows.
"""

import argparse
import gc
import json
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tests.rehearsal import world

from baitie.adapters.store import SqlStore, tables
from baitie.adapters.store.rows import callee_row, history_row, lead_row
from baitie.app.calling.recovery import recover
from baitie.app.campaign.campaign import Campaign
from baitie.app.gate.complaint_red_line import RedLine
from baitie.app.gate.gate import Gate
from baitie.app.ports.clock import Clock
from baitie.app.registers.callers import who_called
from baitie.domain.consent.register import Consent, Preference, ReachChannel
from baitie.domain.dialing.queue import LeadQueue
from baitie.domain.risk.facts import GateStage
from baitie.domain.risk.history import CalleeHistory, PastAttempt
from baitie.domain.risk.standing import CalleeRole, LineClass
from baitie.files.zones import zones
from baitie.kernel.ids import CalleeId, LeadId
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.records import CalleeRecord, LeadRecord, LeadState
from baitie.kernel.time import Instant, Window
from benchmarks.figures import Figure, Report, percentile, run_and_show
from benchmarks.gate import shipped

NOON = datetime(2026, 3, 20, 4, tzinfo=UTC)
VERDICTS = 10_000
TAKES = 20_000
HOPPER_LEADS = 500
REFILLS = 20
HISTORIES = 97  # so many different ones are dealt out
ROWS_AT_ONCE = 100_000


class StandingClock(Clock):
    """Noon, for ever."""

    def now(self) -> Instant:
        return Instant(0.0)

    def civil_now(self) -> datetime:
        return NOON

    def call_at(self, at: Instant, call: Callable[[], None]) -> Any:
        raise NotImplementedError

    def instant_of(self, at: datetime) -> Instant:
        return Instant((at - NOON).total_seconds())


def the_campaign() -> Campaign:
    """A campaign with its own hours, roles and lines, under all shipped packs."""
    return world.campaign(
        rules=shipped(),
        windows=(Window(NOON.time().replace(hour=9), NOON.time().replace(hour=20)),),
        callee_role=CalleeRole.OTHER,
        line_classes=frozenset({LineClass.OTHER}),
    )


def callee_id(n: int) -> CalleeId:
    return CalleeId(f"ce_{n:021}")


def _callee(n: int) -> CalleeRecord:
    return CalleeRecord(callee_id(n), PhoneNumber(f"+8613{n:09}"), NumberClass.MOBILE, "CN", ("Asia/Shanghai",))


def _lead(n: int) -> LeadRecord:
    waits_until = NOON + timedelta(seconds=n % 86_400) if n % 4 == 0 else None  # a quarter waits for its own time
    slots = {"tail": f"{n % 10_000:04}", "goods": "龙井茶 250 克"}
    ids = LeadId(f"le_{n:021}"), world.CAMPAIGN_ID, callee_id(n)
    return LeadRecord(*ids, n + 2, "王晓明", slots, "order form", "contract", priority=n % 5, not_before=waits_until)


def _history(n: int, past: int) -> CalleeHistory:
    rng = random.Random(n)
    days = sorted((rng.uniform(0.5, 60) for _ in range(past)), reverse=True)
    kept = [day for day in days if day < 31]
    return CalleeHistory(
        tuple(
            PastAttempt(
                NOON - timedelta(days=day),
                is_contact := rng.random() < 0.3,
                is_contact and rng.random() < 0.3,
                False,
                60.0 if is_contact else None,
                Purpose.CARE,
                "cp_past",
                "+8657188880000",
            )
            for day in kept
        )
    )


def build(path: Path, key: Path, callees: int, past: int) -> None:
    """Writes the store; the indexes are made when the rows are in, as bulk loaders do."""
    SqlStore(path, key, inline=True).close()
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1000000", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''").fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    connection.execute("BEGIN")
    for table, rows in _rows(callees, past).items():
        marks = ", ".join("?" * len(tables.metadata.tables[table].columns))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    for turn in range(past):
        _past_attempts(connection, callees, turn)
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.close()


def _rows(callees: int, past: int) -> dict[str, Iterator[tuple[Any, ...]]]:
    histories = [history_row(CalleeId(""), _history(n, past))[1] for n in range(HISTORIES)]
    agreed = _texts(
        lambda who: Consent(
            f"co_{who}", who, Purpose.CARE, ReachChannel.VOICE, "1", NOON - timedelta(days=90), "a", "form"
        )
    )
    wished = _texts(
        lambda who: Preference(who, NOON, "page", (Window(NOON.time().replace(hour=9), NOON.time().replace(hour=21)),))
    )
    at, everybody = NOON.isoformat(), range(callees)
    return {
        "callees": (callee_row(_callee(n), n.to_bytes(32, "big")) for n in everybody),
        "leads": (lead_row(_lead(n)) for n in everybody),
        "histories": ((callee_id(n), histories[n % HISTORIES]) for n in everybody),
        "consents": ((f"co_{n:021}", callee_id(n), agreed(callee_id(n))) for n in everybody),
        "preferences": ((callee_id(n), wished(callee_id(n))) for n in everybody[::10]),
        "refusals": ((None, callee_id(n), at, "message", "callee", None, None, None, None) for n in everybody[::100]),
        "freezes": (
            (None, callee_id(n), at, (NOON + timedelta(days=7)).isoformat(), "by-hand", "hand", "a", None, None, None)
            for n in everybody[1::100]
        ),
        "cards_sent": ((None, callee_id(n), at) for n in everybody for _ in range(2)),
    }


def _texts(make: Callable[[CalleeId], Any]) -> Callable[[CalleeId], str]:
    """The JSON text of such a record for each callee, without making the record anew."""
    whole = json.dumps(make(CalleeId("@")).to_json(), ensure_ascii=False)
    return lambda who: whole.replace("@", who)


def _past_attempts(connection: sqlite3.Connection, callees: int, turn: int) -> None:
    """One attempt to everybody, written by SQLite itself: ten million rows in Python would take minutes."""
    day = f"2026-03-{turn + 1:02}"
    values = {
        "attempt_id": f"printf('at_{turn:03}%018d', i)",
        "lead_id": f"printf('lp_{turn:03}%018d', i)",
        "campaign_id": f"'cp_past_{turn}'" if turn % 2 else f"'{world.CAMPAIGN_ID}'",
        "callee_id": "printf('ce_%021d', i)",
        "presented_number": "'+8657188880000'",
        "trunk": "'main'",
        "state": "'ended'",
        "evidence": "'{}'",
        "answers": "'{}'",
        "outcome": "'no_answer'",
        **dict.fromkeys(("planned_at", "invite_sent_at", "rang_at", "ended_at"), f"'{day}T04:00:00+00:00'"),
    }
    columns = ", ".join(values.get(column.name, "NULL") for column in tables.attempts.columns)
    connection.execute(
        f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {callees - 1})"
        f" INSERT INTO attempts SELECT {columns} FROM n"
    )


def _seconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _gate_figures(store: SqlStore, gate: Gate, callees: int) -> Iterator[Figure]:
    rng = random.Random(1)
    asked = [_callee(rng.randrange(callees)) for _ in range(VERDICTS)]
    took_ms = [_seconds(lambda who=who: gate.ask(who, GateStage.RING)) * 1e3 for who in asked]  # type: ignore[misc]
    peer_ms = _seconds(lambda: [store.standing(who.callee_id) for who in asked]) * 1e3 / VERDICTS
    yield Figure(
        "verdicts with facts from the store", 1e3 * VERDICTS / sum(took_ms), "1/s", 3000, True,
        "reading the facts alone", 1e3 / peer_ms,
    )  # fmt: skip
    yield Figure("one verdict with facts from the store, p99", percentile(took_ms, 0.99), "ms")
    line = RedLine(gate.campaign, store, gate.clock)
    yield Figure("complaints counted against the attempts of 30 days", _seconds(line.count) * 1e3, "ms")


def _start_figures(store: SqlStore, gate: Gate) -> Iterator[Figure | LeadQueue]:
    begun = time.perf_counter()
    state = store.campaign_state(gate.campaign.campaign_id)
    assert state is not None
    read_s = time.perf_counter() - begun
    batch, queue = recover(gate.campaign, state, gate)
    whole_s = time.perf_counter() - begun
    assert len(queue) == len(state.leads)
    assert not batch.attempts
    yield Figure("state of the campaign read", read_s, "s")
    yield Figure("state of the campaign read, queue built", whole_s, "s", 30)
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    yield Figure("most memory so far", peak_gib, "GiB")
    yield queue


def _caller_figures(store: SqlStore, callees: int) -> Iterator[Figure]:
    """Somebody calls back: whose call is it, by their number and the number that was dialled."""
    rng, shown = random.Random(2), PhoneNumber("+8657188880000")

    def look(callee: CalleeRecord) -> None:
        store.callee_ids([callee.number])  # costs the same whether the number is known
        assert who_called(store, callee.callee_id, shown) is not None

    asked = [_callee(rng.randrange(callees)) for _ in range(VERDICTS)]
    took_ms = [_seconds(partial(look, callee)) * 1e3 for callee in asked]
    yield Figure("attempt that a caller returns found, p99", percentile(took_ms, 0.99), "ms")
    yield Figure("attempt that a caller returns found, p50", percentile(took_ms, 0.5), "ms")


def _next_figures(queue: LeadQueue, gate: Gate, path: Path) -> Iterator[Figure]:
    refills_ms = list(_refills_ms(path))
    peer = f"hopper of {HOPPER_LEADS} refilled by SQL"
    takes_ms, places = [], []
    for n in range(TAKES):
        begun = time.perf_counter()
        lead = queue.take(NOON)
        takes_ms.append((time.perf_counter() - begun) * 1e3)
        assert lead is not None
        places.append(lead)
        if n % 10 == 0:  # some come back, to wait for another time
            queue.add(replace(lead, not_before=NOON + timedelta(seconds=n)), NOON)
    yield Figure("next lead, p99", percentile(takes_ms, 0.99), "ms", 5, False, peer, percentile(refills_ms, 0.99))
    whole_ms = [_seconds(lambda: _next_callable(queue, gate)) * 1e3 for _ in range(VERDICTS // 2)]
    yield Figure(
        "next callable lead with its verdict, p99", percentile(whole_ms, 0.99), "ms", 5, False, peer,
        percentile(refills_ms, 0.99),
    )  # fmt: skip
    yield Figure("next callable lead with its verdict, p50", percentile(whole_ms, 0.5), "ms")


def _next_callable(queue: LeadQueue, gate: Gate) -> LeadRecord:
    """Takes leads until the gate allows one, as the planner does."""
    while True:
        lead = queue.take(NOON)
        assert lead is not None
        if gate.ask(_callee(lead.row - 2), GateStage.PLAN).is_allowed:
            return lead


def _refills_ms(path: Path) -> Iterator[float]:
    """What the peer does: the next leads by priority among those that wait, marked as taken."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA cache_size = -16000")
    connection.execute("BEGIN")
    for _ in range(REFILLS):
        begun = time.perf_counter()
        rows = connection.execute(
            "SELECT lead_id FROM leads WHERE campaign_id = ? AND state = ? AND (not_before IS NULL OR not_before <= ?)"
            " ORDER BY priority DESC, row LIMIT ?",
            (world.CAMPAIGN_ID, LeadState.WAITING.value, NOON.isoformat(), HOPPER_LEADS),
        ).fetchall()
        connection.executemany("UPDATE leads SET state = 'in_progress' WHERE lead_id = ?", rows)
        yield (time.perf_counter() - begun) * 1e3
    connection.execute("ROLLBACK")
    connection.close()


def run(arguments: argparse.Namespace) -> list[Report]:
    """Builds the store, then measures."""
    with tempfile.TemporaryDirectory(prefix="baitie-bench-") as name:
        path, key = Path(name) / "store.db", Path(name) / "key"
        build_s = _seconds(lambda: build(path, key, arguments.callees, arguments.past))
        callees, attempts = arguments.callees, arguments.callees * arguments.past
        report = Report("million", f"{callees:,} callees and leads, {attempts:,} past attempts, SQLite, all packs")
        report.notes.append(f"store of {path.stat().st_size / 2**30:.1f} GiB built in {build_s:.0f} s")
        store = SqlStore(path, key, inline=True)
        gate = Gate(the_campaign(), store, StandingClock(), zones, lambda callee: 0)
        report.figures += _gate_figures(store, gate, callees)
        report.figures += _caller_figures(store, callees)
        gc.collect()
        queue = LeadQueue()
        for found in _start_figures(store, gate):
            if isinstance(found, Figure):
                report.figures.append(found)
            else:
                queue = found
        report.figures += _next_figures(queue, gate, path)
        store.close()
    return [report]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.million", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--callees", type=int, default=1_000_000)
    parser.add_argument("--past", type=int, default=10, help="past attempts to each callee")
    raise SystemExit(run_and_show(run, parser))
