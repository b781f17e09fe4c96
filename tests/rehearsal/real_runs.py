"""Real runs: the program in its own process, the loopback carrier in another, and the carrier's log as the judge."""

import json
import math
import os
import select
import shutil
import signal
import socketserver
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from baitie.adapters.store import SqlStore
from baitie.bootstrap.loopback_proof import answer_to
from baitie.wire.g711 import linear_to_alaw

SOURCES = Path(__file__).parents[2] / "src"
SHORT_RINGS = Path(__file__).parents[1] / "data" / "short_rings"
CARRIER_LOG = "carrier.jsonl"
STORE = "baitie.sqlite"
STEP_S = 0.01
LONGEST_S = 60.0


def until(condition: Callable[[], object], what: str, within_s: float = LONGEST_S) -> None:
    """Wait until the condition holds; fails with `what` where it does not in time."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, f"not within {within_s:.0f} s: {what}"
        select.select([], [], [], STEP_S)


def tone(length_s: float, hz: float = 440.0) -> bytes:
    """A-law audio of a tone."""
    samples = (round(8000 * math.sin(2 * math.pi * hz * n / 8000)) for n in range(int(length_s * 8000)))
    return linear_to_alaw(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))


def make_folder(folder: Path, leads: int, changes: Mapping[str, str] | None = None, prompt_s: float = 0.3) -> Path:
    """A campaign folder of short calls. `changes`: lines of campaign.toml by what they begin with."""
    shutil.copytree(SHORT_RINGS, folder)
    for name in ("question", "bye"):
        (folder / "prompts").mkdir(exist_ok=True)
        (folder / "prompts" / f"{name}.pcma").write_bytes(tone(prompt_s))
    rows = [f"138{n:08d},某人,regular,{n % 10000:04d}" for n in range(leads)]
    (folder / "contacts.csv").write_text("\n".join(["number,name,segment,order_tail", *rows]), "utf-8")
    change(folder / "campaign.toml", changes or {})
    return folder


def change(file: Path, changes: Mapping[str, str]) -> None:
    """Replace the one value of each of these keys in a TOML file."""
    lines = file.read_text("utf-8").splitlines()
    for key, value in changes.items():
        places = [n for n, line in enumerate(lines) if line.startswith(f"{key} =")]
        assert places, key
        for place in places:
            lines[place] = f"{key} = {value}"
    file.write_text("\n".join(lines) + "\n", "utf-8")


def environment(**more: str) -> dict[str, str]:
    """The environment of the program under test."""
    return {**os.environ, "PYTHONPATH": str(SOURCES), "BAITIE_LANG": "en", **more}


@dataclass
class Program:
    """One `baitie` process, in a process group of its own. Its output goes to files, so that it never waits for us."""

    folder: Path
    arguments: tuple[str, ...]
    more: Mapping[str, str] = field(default_factory=dict)
    interpreter: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        out, err = self.folder.with_suffix(".out"), self.folder.with_suffix(".err")
        with out.open("wb") as stdout, err.open("ab") as stderr:
            command = [sys.executable, *self.interpreter, "-m", "baitie.cli.main", *self.arguments]
            self.process = subprocess.Popen(
                command, stdout=stdout, stderr=stderr, env=environment(**self.more), start_new_session=True
            )

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self.process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def kill(self, *, children_too: bool) -> None:
        """`kill -9`, at once."""
        if children_too:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()

    def wait(self, within_s: float = LONGEST_S) -> int:
        """Its exit code. Killed with all its children where it does not end in time."""
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill(children_too=True)
            raise AssertionError(f"did not end within {within_s:.0f} s; said: {self.errors()[-2000:]}") from None

    def output(self) -> str:
        """What it said."""
        return self.folder.with_suffix(".out").read_text("utf-8")

    def errors(self) -> str:
        """What it and all before it said on standard error."""
        return self.folder.with_suffix(".err").read_text("utf-8")

    def summary(self) -> dict[str, Any]:
        """Its result, where it was asked for JSON."""
        return dict(json.loads(self.output()))


def start_run(folder: Path, **more: str) -> Program:
    """`baitie run FOLDER --json`."""
    return Program(folder, ("run", str(folder), "--json"), more)


@contextmanager
def ended(program: Program) -> Iterator[Program]:
    """The program, and nothing of it left afterwards."""
    try:
        yield program
    finally:
        if not program.has_ended:
            program.kill(children_too=True)


@dataclass
class Carrier:
    """A loopback carrier that outlives the runs."""

    folder: Path
    seed: int = 7
    process: subprocess.Popen[bytes] = field(init=False)
    ports: dict[str, int] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)
    vouching: list[socketserver.ThreadingTCPServer] = field(default_factory=list)

    def start(self) -> None:
        """Start the process, on the ports that it had before, if it had any."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "baitie.bootstrap.loopback_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
        )
        order: dict[str, Any] = {
            "seed": self.seed,
            "civil_start": "2026-03-03T10:00:00+08:00",
            "civil_speed": 60,
            "profile": str(self.folder / "profile.toml"),
            "log": str(self.folder / CARRIER_LOG),
            **{name: self.ports[name] for name in ("sip_port", "smpp_port") if name in self.ports},
        }
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write((json.dumps(order) + "\n").encode())
        self.process.stdin.flush()
        self.told = json.loads(self.process.stdout.readline())
        self.ports = {
            name: port for name, port in self.told.items() if name in ("sip_port", "smpp_port", "vendor_port")
        }
        self.tell()

    def tell(self, **others: int) -> None:
        """Tell runs to come its ports, or others that stand before them and for which the harness vouches itself."""
        told = {**self.told, **others}
        if others:
            told["proof_port"] = self._vouch({**self.ports, **others})
        (self.folder / "carrier.json").write_text(json.dumps(told))

    def _vouch(self, ports: dict[str, int]) -> int:
        """Answer challenges for these ports as a carrier would that listens there; gives where."""
        secret = self.told["proof_secret"]

        class Answering(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(answer_to(secret, self.rfile.readline(256).strip().decode(), ports).encode() + b"\n")

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answering)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.vouching.append(server)
        return int(server.server_address[1])

    def stop(self) -> None:
        """Let it end by closing its input."""
        for server in self.vouching:
            server.shutdown()
            server.server_close()
        self.vouching.clear()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


@contextmanager
def carrier_beside(folder: Path) -> Iterator[Carrier]:
    """A carrier in a process of its own, to which runs of this folder attach."""
    carrier = Carrier(folder)
    carrier.start()
    text = (folder / "campaign.toml").read_text("utf-8")
    (folder / "campaign.toml").write_text(f'{text}attach_file = "carrier.json"\n', "utf-8")
    try:
        yield carrier
    finally:
        carrier.stop()


def carrier_log(folder: Path, *kinds: str) -> list[dict[str, Any]]:
    """What the carrier saw, in its order; of these kinds, or all."""
    file = folder / CARRIER_LOG
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    seen = [json.loads(line) for line in lines]
    return [line for line in seen if not kinds or line["kind"] in kinds]


@contextmanager
def store_of(folder: Path) -> Iterator[SqlStore]:
    """The campaign's store, opened beside or after the program."""
    with closing(SqlStore(folder / STORE, folder / "baitie.key", inline=True)) as store:
        yield store


def kept_outcomes(folder: Path) -> dict[str, str]:
    """The outcome of every attempt whose end is durable, read without the program's own code."""
    if not (folder / STORE).exists():
        return {}
    with closing(sqlite3.connect(f"file:{folder / STORE}?mode=ro", uri=True)) as connection:
        try:
            rows = connection.execute("SELECT attempt_id, outcome FROM attempts WHERE state = 'ended'").fetchall()
        except sqlite3.OperationalError:  # killed before the tables were made
            return {}
    return dict(rows)


def processes_of(session: int) -> list[int]:
    """The living processes of a session: a program and the children that it started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # ended while we looked
            continue
        if int(fields[3]) == session and fields[0] not in ("Z", "X"):
            found.append(int(status.parent.name))
    return found
