"""Whole attempts: gate, card by SMPP with its receipt, INVITE, one second of media, journal with full durability.

`python -m benchmarks.attempt [--offered-per-s 130] [--seconds 25] [--profile FILE] [--json]`

`baitie run` and its media process on one side, the loopback carrier (SIP, SMPP, handsets) and its media process on the
other, all on this machine. Every callee answers and hangs up after one second. The peer of the same run is `sqlite3`
alone with the rows that the attempts left, one durable transaction for each attempt: what the disk would allow.
"""

import argparse
import os
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.rehearsal.real_runs import (
    STORE,
    Carrier,
    Program,
    carrier_beside,
    carrier_log,
    change,
    ended,
    make_folder,
    processes_of,
)

from benchmarks.figures import Figure, Report, percentile, run_and_show

TARGET_PER_S = 120.0
WARM_UP_S = 4.0
"""From the first INVITE: both sides still start."""

TAIL_S = 1.0
LONGEST_S = 180.0
READ_S = 3.0
"""Time to read of the second, shorter run; the first has none, so that the way of an attempt is measured alone."""

READ_SECONDS = 10.0
SAMPLED_EVERY_S = 0.25
PEOPLE = {
    "rate_by_hour": str([0.9999999] * 24),
    "card_odds": "1.0",
    "ring_median_s": "0.05",
    "early_hang_up_rate": "0.0",
    '"1"': "0.0",
    '"2"': "0.0",
    '"9"': "0.0",
    "silent_hang_up_median_s": "1.0",
    "lost_receipt_rate": "0.0",
    "undelivered_rate": "0.0",
    "refused_rate": "0.0",
    "throttled_rate": "0.0",
    "doubled_receipt_rate": "0.0",
}
"""Everybody answers at once, listens for a second and hangs up."""


@dataclass(slots=True)
class Watched:
    """Processor seconds of each process over time, as the kernel counts them."""

    names: dict[int, str] = field(default_factory=dict)
    samples: list[tuple[float, dict[str, float]]] = field(default_factory=list)

    def look(self, dialler: Program, carrier: Carrier) -> None:
        """One sample."""
        self.names.setdefault(dialler.process.pid, "dialler")
        self.names.setdefault(carrier.process.pid, "carrier")
        for pid in processes_of(dialler.process.pid):
            self.names.setdefault(pid, "dialler's media")
        for pid in _children_of(carrier.process.pid):
            self.names.setdefault(pid, "carrier's media")
        used = {name: cpu_s for pid, name in self.names.items() if (cpu_s := _cpu_s(pid)) is not None}
        self.samples.append((time.monotonic(), used))

    def between(self, begin: float, end: float) -> tuple[float, dict[str, float]]:
        """Seconds between the samples nearest within, and processor seconds of each process in that time."""
        within = [sample for sample in self.samples if begin <= sample[0] <= end and len(sample[1]) == 4]
        (first_at, first), (last_at, last) = within[0], within[-1]
        return last_at - first_at, {name: last[name] - first[name] for name in first}


def _cpu_s(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _run(arguments: argparse.Namespace) -> list[Report]:
    offered_per_s, leads = arguments.offered_per_s, round(arguments.offered_per_s * arguments.seconds)
    load = f"{leads:,} leads at {offered_per_s:.0f} attempts/s, all answer, 1 s of media, SQLite with synchronous=FULL"
    report = Report("attempt", load)
    with tempfile.TemporaryDirectory(prefix="baitie-bench-") as name:
        folder = _folder(Path(name) / "at-once", leads, offered_per_s, read_s=0.0)
        report.figures += _figures(folder, _watched(folder, arguments.profile))
        folder = _folder(Path(name) / "read", round(offered_per_s * READ_SECONDS), offered_per_s, READ_S)
        _watched(folder, None)
        lead_ms = percentile(_card_to_ring_ms(folder), 0.5)
        report.figures.append(Figure(f"card to ring p50, {READ_S:.0f} s to read", lead_ms, "ms"))
    report.notes.append(f"load over the last minute at the end: {os.getloadavg()[0]:.2f}")
    return [report]


def _watched(folder: Path, profile: str | None) -> Watched:
    profiled = ("-m", "cProfile", "-o", profile) if profile else ()
    watched = Watched()
    with (
        carrier_beside(folder) as carrier,
        ended(Program(folder, ("run", str(folder), "--json"), _MORE, profiled)) as dialler,
    ):
        end = time.monotonic() + LONGEST_S
        while not dialler.has_ended and time.monotonic() < end:
            watched.look(dialler, carrier)
            time.sleep(SAMPLED_EVERY_S)
        assert dialler.wait(1.0) == 0, dialler.errors()[-2000:]
    return watched


_MORE = {"BAITIE_ENTERPRISE__CALLS_IN_FLIGHT_MAX_PER_NUMBER": "1000"}


def _folder(place: Path, leads: int, offered_per_s: float, read_s: float) -> Path:
    in_flight_max = 300 + round(offered_per_s * read_s)
    changes = {
        "attempts_per_s": f"{offered_per_s}",
        "calls_in_flight_max": f"{in_flight_max}",
        "civil_speed": "1",
        "is_on": "false",
        "receipt_wait_s": "5",
        "ring_after_receipt_s": f"{read_s}",
        "idle_wait_max_s": "0",
    }
    folder = make_folder(place / "campaign", leads, changes, prompt_s=2.0)
    change(folder / "profile.toml", PEOPLE)
    return folder


def _figures(folder: Path, watched: Watched) -> list[Figure]:
    invites_at = [line["at_s"] for line in carrier_log(folder, "invite")]
    begin, end = invites_at[0] + WARM_UP_S, invites_at[-1] - TAIL_S
    steady = sum(begin <= at <= end for at in invites_at)
    with closing(sqlite3.connect(folder / STORE)) as connection:
        rows = connection.execute("SELECT outcome FROM attempts").fetchall()
    card_to_ring_ms = _card_to_ring_ms(folder)
    failures = sum(outcome != "answered" for (outcome,) in rows)
    seconds, used = watched.between(begin, end)
    attempts = steady / (end - begin) * seconds
    figures = [
        Figure(
            "attempts, sustained",
            steady / (end - begin),
            "1/s",
            TARGET_PER_S,
            True,
            "sqlite3, a commit each",
            _sqlite_alone_per_s(folder),
        ),
        Figure("attempts not answered", failures, "attempts", 0),
        Figure("card to ring p50", percentile(card_to_ring_ms, 0.5), "ms"),
        Figure("card to ring p99", percentile(card_to_ring_ms, 0.99), "ms"),
    ]
    for name, cpu_s in sorted(used.items()):
        figures.append(Figure(f"cores used, {name}", cpu_s / seconds, "cores"))
    figures.append(Figure("CPU per attempt, dialler", used["dialler"] / attempts * 1e3, "ms"))
    figures.append(Figure("CPU per attempt, all four", sum(used.values()) / attempts * 1e3, "ms"))
    return figures


def _card_to_ring_ms(folder: Path) -> list[float]:
    with closing(sqlite3.connect(folder / STORE)) as connection:
        rows = connection.execute("SELECT (julianday(rang_at) - julianday(card_submitted_at)) * 86400e3 FROM attempts")
        return [ms for (ms,) in rows if ms is not None]


def _sqlite_alone_per_s(folder: Path) -> float:
    """Attempts that plain sqlite3 writes: journal rows and call record of each in one durable transaction."""
    with closing(sqlite3.connect(folder / STORE)) as source:
        journal = source.execute("SELECT * FROM journal ORDER BY seq").fetchall()
        schema = source.execute("SELECT sql FROM sqlite_master WHERE name IN ('journal', 'attempts')").fetchall()
        records = source.execute("SELECT * FROM attempts").fetchall()
    with closing(sqlite3.connect(folder / "alone.sqlite", isolation_level=None)) as target:
        target.execute("PRAGMA journal_mode = WAL")
        target.execute("PRAGMA synchronous = FULL")
        for (sql,) in schema:
            target.execute(sql)
        of_each = len(journal) // len(records)
        groups = [journal[n * of_each : (n + 1) * of_each] for n in range(len(records))]
        begun = time.perf_counter()
        for record, entries in zip(records, groups, strict=True):
            target.execute("BEGIN IMMEDIATE")
            _insert(target, "journal", entries)
            _insert(target, "attempts", [record])
            target.execute("COMMIT")
        return len(records) / (time.perf_counter() - begun)


def _insert(target: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    target.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offered-per-s", type=float, default=130.0)
    parser.add_argument("--seconds", type=float, default=25.0)
    parser.add_argument("--profile", help="write a cProfile of the dialler here; it slows the run")
    return run_and_show(_run, parser)


if __name__ == "__main__":
    raise SystemExit(main())
