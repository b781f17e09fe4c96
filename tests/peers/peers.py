"""Independent programs as peers of our tests: which are here, how they are run, and how a test waits for them."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn, TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".peers"
ABSENT = "peer absent:"
"""How a skip reason begins when a peer is not here; the summary at the end collects these."""

ARE_REQUIRED = os.environ.get("BAITIE_PEERS") == "required"
"""Continuous integration says so where every peer can be had: an absent one fails its tests there."""

POLL_S = 0.01
STOP_WITHIN_S = 5.0

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Peer:
    """An independent program: how to find it, and what to do when it is not here."""

    find: Callable[[], str | None]
    remedy: str


def _on_path(*names: str) -> Callable[[], str | None]:
    return lambda: next((path for name in names if (path := shutil.which(name, path=_search_path()))), None)


def _search_path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def _is_whole(folder: str) -> bool:
    """Whether `make peers` came to its end in this folder of `.peers`."""
    return (PEERS / folder / ".stamp").is_file()


def _asterisk() -> str | None:
    path = PEERS / "asterisk/root/usr/sbin/asterisk"
    return str(path) if _is_whole("asterisk") and path.exists() else None


def _perl_module(module: str) -> Callable[[], str | None]:
    def find() -> str | None:
        perl = shutil.which("perl")
        if perl is None:
            return None
        loads = subprocess.run([perl, f"-M{module}", "-e", "1"], capture_output=True, check=False)
        return perl if loads.returncode == 0 else None

    return find


def _node_module(name: str) -> Callable[[], str | None]:
    def find() -> str | None:
        is_there = _is_whole("node") and (PEERS / "node/node_modules" / name).is_dir()
        return shutil.which("node") if is_there else None

    return find


def _venv_package(name: str) -> Callable[[], str | None]:
    def find() -> str | None:
        found = next(PEERS.glob(f"venv/lib/python3*/site-packages/{name}"), None)
        return str(PEERS / "venv/bin/python") if found and _is_whole("venv") else None

    return find


def _postgresql() -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return str(found[-1].parent) if found else None


_APT = "apt-get install {}, or `make peers` as root"
_MAKE = "`make peers`"

REGISTRY: Mapping[str, Peer] = {
    "sipp": Peer(_on_path("sipp"), _APT.format("sip-tester")),
    "baresip": Peer(_on_path("baresip"), _APT.format("baresip-core")),
    "kamailio": Peer(_on_path("kamailio"), _APT.format("kamailio")),
    "openssl": Peer(_on_path("openssl"), _APT.format("openssl")),
    "tshark": Peer(_on_path("tshark"), _APT.format("tshark")),
    "secsipidx": Peer(_on_path("secsipidx"), _APT.format("secsipidx")),
    "kannel": Peer(_on_path("bearerbox"), _APT.format("kannel")),
    "net-smpp-perl": Peer(_perl_module("Net::SMPP"), _APT.format("libnet-smpp-perl")),
    "postgresql": Peer(_postgresql, _APT.format("postgresql")),
    "chromium": Peer(_on_path("chromium", "chromium-browser"), _APT.format("chromium")),
    "sox": Peer(_on_path("soxi"), _APT.format("sox")),
    "asterisk": Peer(_asterisk, _MAKE),
    "node-smpp": Peer(_node_module("smpp"), f"{_MAKE}, with npm installed"),
    "aiosipua": Peer(_venv_package("aiosipua"), _MAKE),
    "sippy": Peer(_venv_package("sippy"), _MAKE),
    "smpplib": Peer(_venv_package("smpplib"), _MAKE),
}


def locate(name: str) -> str | None:
    """Path of the peer's program (for a library: of the interpreter that has it), or None when it is not here."""
    return REGISTRY[name].find()


def require(name: str) -> str:
    """Path of the peer's program, as `locate`; without it `be_without` ends the calling test."""
    return locate(name) or be_without(f"{name} ({REGISTRY[name].remedy})")


def be_without(peer: str) -> NoReturn:
    """Skip the calling test, visibly; or fail it where peers are required."""
    if ARE_REQUIRED:
        pytest.fail(f"{ABSENT} {peer}, and BAITIE_PEERS=required")
    pytest.skip(f"{ABSENT} {peer}")


def free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """A port of 127.0.0.1 that was free a moment ago, for programs that cannot bind port 0 and tell."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_bound(port: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> bool:
    """Whether somebody listens on this port of 127.0.0.1 or of all addresses (Linux)."""
    table = "udp" if kind == socket.SOCK_DGRAM else "tcp"
    wanted = f"{port:04X}"
    for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
        local, state = line.split()[1], line.split()[3]
        address, _, hex_port = local.partition(":")
        is_listening = table == "udp" or state == "0A"
        if hex_port == wanted and is_listening and address in ("0100007F", "00000000"):
            return True
    return False


def until(condition: Callable[[], _T], within_s: float, what: str) -> _T:
    """Poll until the condition holds and return its value; AssertionError naming `what` after `within_s`."""
    end = time.monotonic() + within_s
    while True:
        if value := condition():
            return value
        assert time.monotonic() < end, f"not within {within_s} s: {what}"
        time.sleep(POLL_S)


async def until_async(condition: Callable[[], _T], within_s: float, what: str) -> _T:
    """`until` for code in an event loop."""
    end = time.monotonic() + within_s
    while True:
        if value := condition():
            return value
        assert time.monotonic() < end, f"not within {within_s} s: {what}"
        await asyncio.sleep(POLL_S)


class Program:
    """A peer as a child process in a group of its own, output in a file; leaving the context ends the whole group."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        *,
        name: str | None = None,
        environment: Mapping[str, str] | None = None,
        with_stdin: bool = False,
    ) -> None:
        self.command = list(command)
        self.folder = folder
        self.name = name or Path(command[0]).name
        self.output_path = folder / f"{self.name}.out"
        self._environment = environment
        self._with_stdin = with_stdin
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Program:
        with self.output_path.open("wb") as output:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=dict(os.environ, **(self._environment or {})),
                stdin=subprocess.PIPE if self._with_stdin else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, f"{self.name} was not started"
        return self._process

    @property
    def output(self) -> str:
        """What it has written so far."""
        return self.output_path.read_text(errors="replace")

    @property
    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.process.poll()

    def has_written(self, pattern: str) -> bool:
        return re.search(pattern, self.output) is not None

    def wait_until_written(self, pattern: str, within_s: float) -> None:
        def written_or_ended() -> bool:
            assert self.has_written(pattern) or self.exit_code is None, f"{self.name} ended:\n{self.output[-3000:]}"
            return self.has_written(pattern)

        until(written_or_ended, within_s, f"{self.name} writes {pattern!r}")

    def wait_until_bound(self, port: int, kind: socket.SocketKind, within_s: float = 10.0) -> None:
        def bound_or_ended() -> bool:
            assert self.exit_code is None, f"{self.name} ended with {self.exit_code}:\n{self.output[-3000:]}"
            return is_bound(port, kind)

        until(bound_or_ended, within_s, f"{self.name} listens on {port}")

    def write_line(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    async def ended(self, within_s: float) -> int:
        """Wait for its end and return its exit code."""
        await until_async(lambda: self.exit_code is not None, within_s, f"{self.name} ends")
        return self.process.returncode

    def stop(self) -> None:
        """End it and all it has started: politely, then without mercy."""
        if self._process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, sign)
            except ProcessLookupError:
                break
            try:
                self._process.wait(STOP_WITHIN_S)
                break
            except subprocess.TimeoutExpired:
                continue
        self._process.wait(STOP_WITHIN_S)
        if self._process.stdin is not None:
            self._process.stdin.close()
