"""The callee's page: time of an answer at a steady load, and CPU a request, with the server on one core.

`python -m benchmarks.page [--requests-per-s 200] [--seconds 10] [--cards 20000] [--json]`

The load is open: requests go out at their times whether or not earlier ones were answered, and each is timed from the
moment it was due. Four fifths look at a card, the rest ask for unknown codes and contact files. Beside it, in the same
run and under the same load, stands a bare Starlette route that gives as many octets.
"""

import argparse
import asyncio
import multiprocessing
import os
import random
import socket
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from baitie.adapters.store import SqlStore
from baitie.app.records.batch import Batch
from baitie.app.records.page_cards import CampaignOverview, PageCard
from baitie.bootstrap.page import page_app
from baitie.bootstrap.stores import open_store
from baitie.domain.namecard.page_code import make_page_code
from baitie.files.organisation_settings import OrganisationSettings
from baitie.files.settings_files import load_organisation
from baitie.kernel.ids import AttemptId, CalleeId, CampaignId, LeadId
from baitie.kernel.journal import JournalEntry, JournalKind
from baitie.kernel.outcome import Outcome
from baitie.kernel.phone import PhoneNumber
from baitie.kernel.purpose import NumberClass, Purpose
from baitie.kernel.records import AttemptRecord, AttemptState, CalleeRecord, LeadRecord
from benchmarks.figures import Figure, Report, percentile, run_and_show

P99_TARGET_MS = 50.0
ANSWER_OCTETS = 9_600  # about as many as a card's page has
CARDS_PER_BATCH = 500
CHECKED = "等待签章"
"""On the page of a card that the check of the journal has come to."""

CAMPAIGN = CampaignId("order-followup")
NOW = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
SETTINGS = """
[enterprise]
name = "云杉优选商城"
sign = "云杉优选"
presented_numbers = ["+862150000100"]
[page]
requests_per_s = 100000
requests_per_address_per_s = 100000
burst_per_address = 100000
answer_after_ms = {answer_after_ms}
"""


def settings_in(folder: Path, answer_after_ms: int) -> OrganisationSettings:
    """An organisation whose page lets one address ask without end."""
    file = folder / "baitie.toml"
    file.write_text(SETTINGS.format(answer_after_ms=answer_after_ms), "utf-8")
    return load_organisation(file, {}).settings


def fill(folder: Path, cards: int) -> list[str]:
    """A store with so many cards sent; gives the codes of some."""
    rng, codes = random.Random(1), list[str]()
    with closing(open_store(settings_in(folder, 0))) as store:
        for start in range(0, cards, CARDS_PER_BATCH):
            callees, leads, attempts = list[CalleeRecord](), list[LeadRecord](), list[AttemptRecord]()
            journal, page_cards = list[JournalEntry](), list[PageCard]()
            for n in range(start, min(start + CARDS_PER_BATCH, cards)):
                code = make_page_code(rng.getrandbits)
                codes.append(code.text())
                callee_id, lead_id, attempt_id = CalleeId(f"ca_{n}"), LeadId(f"ld_{n}"), AttemptId(f"at_{n:08}")
                number = PhoneNumber(f"+86139{n:08}")
                callees.append(CalleeRecord(callee_id, number, NumberClass.MOBILE, "CN", ("Asia/Shanghai",)))
                leads.append(LeadRecord(lead_id, CAMPAIGN, callee_id, n, "某人", {"tail": "1542"}, "订单", "合同"))
                attempts.append(
                    AttemptRecord(
                        attempt_id,
                        lead_id,
                        CAMPAIGN,
                        callee_id,
                        PhoneNumber("+862150000100"),
                        "t",
                        AttemptState.ENDED,
                        NOW,
                        card_text_hash="0" * 64,
                        card_submitted_at=NOW,
                        invite_sent_at=NOW,
                        ended_at=NOW,
                        outcome=Outcome.ANSWERED,
                    )
                )
                said = {"text_hash": "0" * 64}
                kind = JournalKind.CARD_SUBMITTED
                journal.append(JournalEntry(kind, NOW, CAMPAIGN, lead_id, attempt_id, callee_id, dict(said)))
                page_cards.append(PageCard(code, attempt_id, callee_id, NOW, NOW + timedelta(days=90)))
            facts = CampaignOverview(CAMPAIGN, "回访", "云杉优选商城", Purpose.CARE, "s", "1", ("+862150000100",))
            batch = Batch(journal, attempts=attempts, page_cards=page_cards, campaigns=[facts])
            entry = replace(journal[0], kind=JournalKind.CONTACTS_IMPORTED)
            store.import_leads(CAMPAIGN, callees, leads, entry)
            asyncio.run(_commit(store, batch))
    return codes


async def _commit(store: SqlStore, batch: Batch) -> None:
    await store.commit(batch)


def serve(pipe: Connection, folder: Path, kind: str, answer_after_ms: int) -> None:
    """One server on the last core: tells its port, then its CPU seconds each time it is asked."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    pipe.send(listening.getsockname()[1])
    if kind == "page":
        settings = settings_in(folder, answer_after_ms)
        with closing(open_store(settings)) as store, closing(open_store(settings)) as watched:
            uvloop.run(_serve(pipe, page_app(settings, store, watched), listening))
    else:
        uvloop.run(_serve(pipe, _bare(), listening))


def _bare() -> Starlette:
    body = "x" * ANSWER_OCTETS

    async def answer(_: Request) -> HTMLResponse:
        return HTMLResponse(body)

    return Starlette(routes=[Route("/{rest:path}", answer)])


async def _serve(pipe: Connection, app: Starlette, listening: socket.socket) -> None:
    config = uvicorn.Config(app, log_level="error", access_log=False, ws="none", timeout_keep_alive=60)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    loop = asyncio.get_running_loop()

    def asked() -> None:
        if pipe.recv() == "end":
            server.should_exit = True
        else:
            pipe.send(time.process_time())

    loop.add_reader(pipe.fileno(), asked)
    await serving


class Load:
    """Requests at their times, over as many connections as are needed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.took_ms: list[float] = []
        self.statuses: dict[int, int] = {}
        self.cpu_ms = float("nan")

    async def offer(self, paths: list[str], per_s: float) -> None:
        began = time.perf_counter()
        asked = []
        for place, path in enumerate(paths):
            due = began + place / per_s
            wait_s = due - time.perf_counter()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            asked.append(asyncio.create_task(self._ask(path, due)))
        await asyncio.gather(*asked)

    async def _ask(self, path: str, due: float) -> None:
        await self.page(path, due)

    async def page(self, path: str, due: float | None = None) -> str:
        """Ask for one; gives its text."""
        due = time.perf_counter() if due is None else due
        reader, writer = self.free.pop() if self.free else await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\nAccept-Language: zh\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        status = int(head.split(" ", 2)[1])
        length = int(head.lower().partition("content-length: ")[2].partition("\r")[0])
        body = await reader.readexactly(length)
        self.took_ms.append((time.perf_counter() - due) * 1000)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.free.append((reader, writer))
        return body.decode("utf-8", "replace")

    def close(self) -> None:
        for _, writer in self.free:
            writer.close()


def measure(folder: Path, codes: list[str], kind: str, answer_after_ms: int, per_s: float, seconds: float) -> Load:
    """One server under the load; `cpu_ms` of the result is the server's CPU a request."""
    rng = random.Random(2)
    paths = [_path(rng, codes) for _ in range(int(per_s * seconds))]
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs, folder, kind, answer_after_ms))
    process.start()
    try:
        load = Load(ours.recv())
        return uvloop.run(_measure(load, paths, per_s, ours, codes[-1] if kind == "page" else None))
    finally:
        ours.send("end")
        process.join(10)


async def _measure(load: Load, paths: list[str], per_s: float, pipe: Connection, newest: str | None) -> Load:
    await load.offer(paths[:100], min(per_s, 50.0))  # the first requests compile templates and open connections
    if newest is not None:
        while CHECKED not in await load.page(f"/c/{newest}"):  # a server that has just begun checks its journal
            await asyncio.sleep(0.1)
    load.took_ms.clear()
    load.statuses.clear()
    before_s = _cpu_s(pipe)
    await load.offer(paths, per_s)
    load.cpu_ms = (_cpu_s(pipe) - before_s) * 1000 / len(paths)
    load.close()
    return load


def _cpu_s(pipe: Connection) -> float:
    pipe.send("cpu")
    return float(pipe.recv())


def _path(rng: random.Random, codes: list[str]) -> str:
    kind = rng.random()
    if kind < 0.8:
        return f"/c/{rng.choice(codes)}"
    if kind < 0.95:
        return f"/c/{make_page_code(rng.getrandbits).text()}"
    return f"/c/{rng.choice(codes)}/contact.vcf"


def run(arguments: argparse.Namespace) -> list[Report]:
    per_s, seconds = arguments.requests_per_s, arguments.seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        codes = fill(folder, arguments.cards)
        even = measure(folder, codes, "page", 20, per_s, seconds)
        own = measure(folder, codes, "page", 0, per_s, seconds)
        bare = measure(folder, codes, "bare", 0, per_s, seconds)
    route = "bare Starlette route"
    figures = [
        Figure("p99, answers leave 20 ms after requests", percentile(even.took_ms, 0.99), "ms", P99_TARGET_MS, False,
               route, percentile(bare.took_ms, 0.99)),
        Figure("p50, answers leave 20 ms after requests", percentile(even.took_ms, 0.5), "ms", None, False,
               route, percentile(bare.took_ms, 0.5)),
        Figure("p99, answers leave at once", percentile(own.took_ms, 0.99), "ms", P99_TARGET_MS, False,
               route, percentile(bare.took_ms, 0.99)),
        Figure("p50, answers leave at once", percentile(own.took_ms, 0.5), "ms", None, False,
               route, percentile(bare.took_ms, 0.5)),
        Figure("CPU a request", even.cpu_ms, "ms", None, False, route, bare.cpu_ms),
        Figure("answers that are neither 200 nor 404", sum(n for s, n in even.statuses.items() if s not in (200, 404)),
               "", 0.0),
    ]  # fmt: skip
    load = (
        f"{per_s:.0f} requests/s for {seconds:.0f} s, open loop, {arguments.cards} cards in SQLite, server on one core"
    )
    return [Report("page", load, figures, [f"statuses {dict(sorted(even.statuses.items()))}"])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests-per-s", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--cards", type=int, default=20_000)
    return run_and_show(run, parser)


if __name__ == "__main__":
    raise SystemExit(main())
