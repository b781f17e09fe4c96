"""SIP of others under the load of benchmarks.sip: aiosipua, sippy and Asterisk by ARI, against the same sipp callee.

python -m benchmarks.sip_peers [--json] [--rate 700] [--seconds 5] [--lossy-calls 1000]

Each peer runs in a process of its own. What cannot be had (see `make peers`) is named with the reason. A call counts as
good when its caller saw the answer and the callee saw the BYE; processor time is the caller's, Asterisk's own included.
"""

import argparse
import csv
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Report, percentile, run_and_show
from benchmarks.lossy_relay import LossyRelay, free_udp_port

ROOT = Path(__file__).resolve().parent.parent
CALLERS = ROOT / "benchmarks/peer_callers"
PATIENT_CALLEE = ROOT / "benchmarks/sipp/patient_callee.xml"
INTERPRETER = ROOT / ".peers/venv/bin/python"

PEER_WITHIN_S = 40.0
LOAD_MAX_S = 6.0
"""A peer that does not keep up needs several times as long; with this it still ends in time."""
LOSSY_CALLS_MAX = 1000
LOSSY_CALLS_PER_S = 100.0
ASTERISK_CALLS_PER_S_MAX = 400.0
"""Above, originating saturates two cores shared with the callee."""
CALLEE_SETTLES_WITHIN_S = 6.0
CALLEE_STARTS_WITHIN_S = 0.5
"""sipp says nowhere that it listens."""
POLL_S = 0.25


class PeerAbsentError(Exception):
    """The peer cannot be had here; the text says why."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one peer did with the load."""

    placed: int
    answered: int
    ended_at_callee: int
    wall_s: float
    cpu_s: float
    setup_ms: list[float]

    @property
    def good(self) -> int:
        """Answered, and the callee got the BYE."""
        return min(self.answered, self.ended_at_callee)


class CountedCallee:
    """A sipp callee that also counts what it received."""

    def __init__(self, folder: Path, port: int, patient: bool) -> None:
        self._folder = folder
        scenario = ["-sf", str(PATIENT_CALLEE)] if patient else ["-sn", "uas"]
        command = ["sipp", *scenario, "-i", "127.0.0.1", "-p", str(port), "-nostdin", "-buff_size", "4000000"]
        command += ["-trace_counts", "-fd", "1"]
        try:
            self._process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except FileNotFoundError:
            raise PeerAbsentError("sipp is not installed") from None

    @property
    def byes(self) -> int:
        """First BYEs received so far, as of the last whole second."""
        for path in self._folder.glob("*_counts.csv"):
            with path.open() as file:
                rows = [row for row in csv.reader(file, delimiter=";") if row]
            whole = [row for row in rows[1:] if len(row) == len(rows[0])]
            if whole:
                columns = [index for index, name in enumerate(rows[0]) if name.endswith("_BYE_Recv")]
                # The callee that bears loss waits for a BYE in two places, and for a repeated one in a third.
                return sum(int(whole[-1][index]) for index in columns[:2])
        return 0

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    def settled(self, expected: int) -> int:
        """BYEs received, once all came or no more come."""
        end = time.monotonic() + CALLEE_SETTLES_WITHIN_S
        while self.byes < expected and time.monotonic() < end:
            time.sleep(POLL_S)
        return self.byes

    def close(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait()


def run_caller(
    script: str, port: int, calls: int, calls_per_s: float, *flags: str, environment: dict[str, str] | None = None
) -> dict[str, object]:
    """One caller script in the peers' interpreter; its tally."""
    if not INTERPRETER.exists():
        raise PeerAbsentError("`make peers` has not installed it")
    command = [str(INTERPRETER), *flags, str(CALLERS / script), "127.0.0.1", str(port), str(calls), str(calls_per_s)]
    try:
        done = subprocess.run(
            command,
            cwd=CALLERS,
            env=os.environ | (environment or {}),
            capture_output=True,
            text=True,
            timeout=PEER_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PeerAbsentError(f"not ready within {PEER_WITHIN_S:.0f} s") from None
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise PeerAbsentError(f"ended with {done.returncode}: {last}")
    tally: dict[str, object] = json.loads(lines[-1])
    return tally


@contextmanager
def callee(patient: bool = False) -> Iterator[tuple[CountedCallee, int]]:
    """A callee and its port."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_udp_port()
        running = CountedCallee(Path(folder), port, patient)
        try:
            time.sleep(CALLEE_STARTS_WITHIN_S)
            if running.has_ended:
                raise PeerAbsentError("sipp could not start")
            yield running, port
        finally:
            running.close()


def result_of(tally: dict[str, object], ended_at_callee: int, more_cpu_s: float = 0.0) -> Result:
    """The tally of a caller and what its callee saw."""
    setup_ms = tally["setup_ms"]
    assert isinstance(setup_ms, list)
    return Result(
        placed=int(str(tally["placed"])),
        answered=int(str(tally["answered"])),
        ended_at_callee=ended_at_callee,
        wall_s=float(str(tally["wall_s"])),
        cpu_s=float(str(tally["cpu_s"])) + more_cpu_s,
        setup_ms=setup_ms,
    )


def aiosipua(calls: int, calls_per_s: float) -> Result:
    """aiosipua on uvloop."""
    with callee() as (called, port):
        tally = run_caller("aiosipua_caller.py", port, calls, calls_per_s, "-O")
        return result_of(tally, called.settled(int(str(tally["answered"]))))


def aiosipua_lossy(calls: int, calls_per_s: float) -> Result:
    """The same over a wire that loses a tenth of the packets each way."""
    with callee(patient=True) as (called, port):
        relay = LossyRelay(port, 0.1, seed=7)
        try:
            tally = run_caller("aiosipua_caller.py", relay.port, calls, calls_per_s, "-O")
            return result_of(tally, called.settled(int(str(tally["answered"]))))
        finally:
            relay.close()


def sippy(calls: int, calls_per_s: float) -> Result:
    """sippy, its case-sensitive transport name mended."""
    with callee() as (called, port):
        tally = run_caller("sippy_caller.py", port, calls, calls_per_s, "-O")
        return result_of(tally, called.settled(int(str(tally["answered"]))))


def asterisk(calls: int, calls_per_s: float) -> Result:
    """Asterisk, originating by ARI; its processor time and Python's together."""
    try:
        from tests.peers.peers import locate
        from tests.peers.sip.asterisk import ARI_USER, Asterisk
    except ImportError as error:
        raise PeerAbsentError(f"the test environment is not installed ({error})") from None
    if locate("asterisk") is None:
        raise PeerAbsentError("`make peers` has not installed it")
    with (
        tempfile.TemporaryDirectory() as folder,
        Asterisk(Path(folder), with_ari=True, logs_messages=False) as running,
        callee() as (called, port),
    ):
        pid = running.program.process.pid
        before_s = cpu_of(pid)
        environment = {"ARI_PORT": str(running.ari_port), "ARI_USER": ARI_USER}
        tally = run_caller("ari_caller.py", port, calls, calls_per_s, environment=environment)
        return result_of(tally, called.settled(int(str(tally["answered"]))), cpu_of(pid) - before_s)


def cpu_of(pid: int) -> float:
    """Processor seconds of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def figures_of(name: str, result: Result) -> list[Figure]:
    """The rows of one peer."""
    failed = result.placed - result.good
    return [
        Figure(f"{name}_rate", result.answered / max(result.wall_s, 1e-9), "calls/s"),
        Figure(f"{name}_failed", failed, "calls"),
        Figure(f"{name}_cpu_per_call", result.cpu_s / max(result.placed, 1) * 1000, "ms"),
        Figure(f"{name}_setup_p50", percentile(result.setup_ms, 0.5), "ms"),
        Figure(f"{name}_setup_p99", percentile(result.setup_ms, 0.99), "ms"),
    ]


def reports(rate_per_s: float, seconds: float, lossy_calls: int) -> list[Report]:
    """All peers under this load, each bounded in time."""
    seconds = min(seconds, LOAD_MAX_S)
    steady = Report("sip_peers", f"calls offered at {rate_per_s:.0f}/s for {seconds:.0f} s to sipp -sn uas, UDP")
    asterisk_rate = min(rate_per_s, ASTERISK_CALLS_PER_S_MAX)
    for name, measure, rate in (
        ("aiosipua", aiosipua, rate_per_s),
        ("sippy", sippy, rate_per_s),
        ("asterisk_ari", asterisk, asterisk_rate),
    ):
        try:
            result = measure(int(rate * seconds), rate)
            steady.figures += figures_of(name, result)
            if result.good < result.placed:
                # sipp's own scenario gives up a call whose INVITE is repeated, as a caller that falls behind does.
                seen = f"{result.answered} answered at the caller, {result.ended_at_callee} ended at the callee"
                steady.notes.append(f"{name}: of {result.placed} calls {seen}")
        except PeerAbsentError as reason:
            steady.notes.append(f"{name}: absent, {reason}")
    if asterisk_rate != rate_per_s:
        steady.notes.append(f"asterisk_ari is offered {asterisk_rate:.0f}/s")
    calls = min(lossy_calls, LOSSY_CALLS_MAX)
    lossy = Report("sip_peers_loss", f"{calls} calls at {LOSSY_CALLS_PER_S:.0f}/s, 10 % of packets lost each way")
    try:
        result = aiosipua_lossy(calls, LOSSY_CALLS_PER_S)
        share = (result.placed - result.good) / max(result.placed, 1)
        lossy.figures.append(Figure("aiosipua_failed_share", share, "share"))
    except PeerAbsentError as reason:
        lossy.notes.append(f"aiosipua: absent, {reason}")
    return [steady, lossy]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sip_peers", description=__doc__)
    parser.add_argument("--rate", type=float, default=700.0, help="calls per second to offer")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to offer them")
    parser.add_argument("--lossy-calls", type=int, default=LOSSY_CALLS_MAX, help="calls of the run with loss")
    return run_and_show(lambda asked: reports(asked.rate, asked.seconds, asked.lossy_calls), parser)


if __name__ == "__main__":
    raise SystemExit(main())
