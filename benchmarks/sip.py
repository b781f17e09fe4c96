"""SIP alone: our user agent against sipp as callee, no media; sustained rate, CPU per call, set-up times, 10 % loss.

python -m benchmarks.sip [--json] [--rate 700] [--seconds 10] [--lossy-calls 5000] [--no-loss] [--no-peers]
"""

import argparse
import asyncio
import contextlib
import importlib
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from baitie.adapters.sip import EndpointSettings, SipEndpoint
from baitie.wire.sip.effects import CallAnswered, CallEnded, CallFailed, CallKey, Event, Flow
from baitie.wire.sip.settings import InviteRequest
from benchmarks.figures import Figure, Report, percentile, run_and_show
from benchmarks.lossy_relay import LossyRelay, free_udp_port

RATE_TARGET = 700.0
CPU_MS_TARGET = 0.9
FAILED_SHARE_TARGET = 0.002
LADDER = (RATE_TARGET, 1000.0, 1500.0, 2000.0, 2500.0, 3000.0)
TICK_S = 0.004
PATIENT_CALLEE = Path(__file__).parent / "sipp" / "patient_callee.xml"
GIVE_UP_AFTER_S = 32.0
"""A call that is not answered within this has failed; so has one that has not ended within as much again."""

SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0 101\r\n"
    b"a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"
)


@dataclass(slots=True)
class Load:
    """What one run saw."""

    placed: int = 0
    good: int = 0
    """Answered in time and ended on both sides: our BYE was answered."""
    setup_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    elapsed_s: float = 0.0
    retransmissions: int = 0
    held_after: dict[str, int] = field(default_factory=dict)


class SippCallee:
    """A sipp process that answers calls: its built-in `uas`, or the scenario that bears loss."""

    def __init__(self, port: int, patient: bool) -> None:
        self.port = port
        scenario = ["-sf", str(PATIENT_CALLEE)] if patient else ["-sn", "uas"]
        self._process = subprocess.Popen(
            ["sipp", *scenario, "-i", "127.0.0.1", "-p", str(port), "-nostdin",
             "-buff_size", "4000000"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def close(self) -> None:
        """Ends it."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Caller:
    """Places calls at a steady rate, hangs up each as soon as it is answered, and notes what it sees."""

    def __init__(self, port: int, calls: int, rate_per_s: float, patience_s: float) -> None:
        self.load = Load()
        self._calls = calls
        self._rate_per_s = rate_per_s
        self._patience_s = patience_s
        self._request = InviteRequest(
            f"sip:+8613800000000@127.0.0.1:{port}", "sip:1000@127.0.0.1", Flow("UDP", "127.0.0.1", port), SDP
        )
        self._started: dict[CallKey, float] = {}
        self._late: set[CallKey] = set()
        self._finished = asyncio.Event()
        self.endpoint = SipEndpoint(EndpointSettings(), random.Random(1), self._on_event)

    def _on_event(self, event: Event) -> None:
        load = self.load
        if isinstance(event, CallAnswered):
            setup_s = time.monotonic() - self._started[event.call]
            load.setup_s.append(setup_s)
            if setup_s > GIVE_UP_AFTER_S:
                self._late.add(event.call)
            self.endpoint.hang_up(event.call)
        elif isinstance(event, CallEnded):
            load.good += event.failure is None and event.call not in self._late
            self._finish(event.call)
        elif isinstance(event, CallFailed):
            self._finish(event.call)

    def _finish(self, call: CallKey) -> None:
        self._started.pop(call, None)
        if self.load.placed == self._calls and not self._started:
            self._finished.set()

    async def run(self) -> Load:
        """The whole run, until the last call ended or its time is up."""
        await self.endpoint.start()
        load = self.load
        loop = asyncio.get_running_loop()
        cpu_before = _cpu_s()
        begin = loop.time()
        while load.placed < self._calls:
            due = min(self._calls, int((loop.time() - begin) * self._rate_per_s) + 1)
            while load.placed < due:
                at = time.monotonic()
                load.placed += 1
                self._started[self.endpoint.invite(self._request)] = at
            await asyncio.sleep(TICK_S)
        placing_s = loop.time() - begin
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._finished.wait(), self._patience_s)
        load.elapsed_s = max(placing_s, 1e-9)
        load.cpu_s = _cpu_s() - cpu_before
        load.retransmissions = self.endpoint.counts.retransmissions_sent
        load.held_after = self.endpoint.agent.held()
        await self.endpoint.close()
        return load


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def against_sipp(
    calls: int, rate_per_s: float, loss_share: float = 0.0, patience_s: float = 2 * GIVE_UP_AFTER_S + 2
) -> Load:
    """One run against a sipp process, through a relay in a process of its own when there is to be loss."""
    port = free_udp_port()
    callee = SippCallee(port, patient=loss_share > 0)
    relay = None
    try:
        if loss_share:
            relay = LossyRelay(port, loss_share, seed=7)
        time.sleep(
            0.5
        )  # sipp says nowhere that it listens; a retransmitted INVITE would mend a short wait but blur p99
        towards = relay.port if relay is not None else port
        return uvloop.run(Caller(towards, calls, rate_per_s, patience_s).run())
    finally:
        if relay is not None:
            relay.close()
        callee.close()


def steady(rate_per_s: float, seconds: float) -> Report:
    """Calls at the target rate: nothing may fail."""
    load = against_sipp(int(rate_per_s * seconds), rate_per_s)
    report = Report(
        "sip", f"{load.placed} calls offered at {rate_per_s:.0f}/s for {seconds:.0f} s to sipp -sn uas, UDP"
    )
    report.figures += [
        Figure("rate", load.placed / load.elapsed_s, "calls/s", RATE_TARGET * 0.99, at_least=True),
        Figure("failed", load.placed - load.good, "calls", 0),
        Figure("cpu_per_call", load.cpu_s / load.placed * 1000, "ms", CPU_MS_TARGET),
        Figure("setup_p50", percentile(load.setup_s, 0.5) * 1000, "ms"),
        Figure("setup_p99", percentile(load.setup_s, 0.99) * 1000, "ms"),
        Figure("retransmissions", load.retransmissions, "messages"),
    ]
    return report


def highest() -> Report:
    """The highest offered rate at which no call fails, sipp and our process sharing the machine."""
    report = Report(
        "sip_highest", f"calls offered at {', '.join(f'{rate:.0f}' for rate in LADDER)}/s for 3 s each, to sipp"
    )
    best, best_load = 0.0, Load()
    for rate_per_s in LADDER:
        load = against_sipp(int(rate_per_s * 3), rate_per_s, patience_s=5.0)
        if load.good < load.placed:
            break
        best, best_load = load.placed / load.elapsed_s, load
    report.figures.append(Figure("highest_rate", best, "calls/s", RATE_TARGET * 0.99, at_least=True))
    if best:
        report.figures.append(Figure("cpu_per_call", best_load.cpu_s / best_load.placed * 1000, "ms", CPU_MS_TARGET))
        report.figures.append(Figure("setup_p99", percentile(best_load.setup_s, 0.99) * 1000, "ms"))
    return report


def lossy(calls: int, rate_per_s: float) -> Report:
    """Calls over a wire that loses a tenth of the packets each way."""
    load = against_sipp(calls, rate_per_s, loss_share=0.1)
    failed = load.placed - load.good
    report = Report("sip_loss", f"{calls} calls at {rate_per_s:.0f}/s to sipp, 10 % of packets lost each way")
    report.figures += [
        Figure("failed_share", failed / load.placed, "share", FAILED_SHARE_TARGET),
        Figure("setup_p50", percentile(load.setup_s, 0.5) * 1000, "ms"),
        Figure("setup_p99", percentile(load.setup_s, 0.99) * 1000, "ms"),
        Figure("retransmissions", load.retransmissions, "messages"),
        Figure("cpu_per_call", load.cpu_s / load.placed * 1000, "ms"),
    ]
    return report


def peers_rows(arguments: argparse.Namespace) -> list[Report]:
    """The rows of peers: `benchmarks.sip_peers.reports(rate_per_s, seconds, lossy_calls)`, where that is present."""
    try:
        module = importlib.import_module("benchmarks.sip_peers")
    except ModuleNotFoundError:
        return []
    reports: Callable[[float, float, int], list[Report]] = module.reports
    return reports(arguments.rate, arguments.seconds, arguments.lossy_calls)


def _run(arguments: argparse.Namespace) -> list[Report]:
    if shutil.which("sipp") is None:
        sys.exit("sipp is absent: install it (Debian package sip-tester), see `make peers`.")
    reports = [steady(arguments.rate, arguments.seconds)]
    if not arguments.no_ladder:
        reports.append(highest())
    if not arguments.no_loss:
        reports.append(lossy(arguments.lossy_calls, 100.0))
    if not arguments.no_peers:
        reports += peers_rows(arguments)
    return reports


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sip", description=__doc__)
    parser.add_argument("--rate", type=float, default=RATE_TARGET, help="calls per second to offer")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to offer them")
    parser.add_argument("--lossy-calls", type=int, default=5000, help="calls of the run with loss")
    parser.add_argument("--no-ladder", action="store_true", help="leave out the search for the highest rate")
    parser.add_argument("--no-loss", action="store_true", help="leave out the run with loss")
    parser.add_argument("--no-peers", action="store_true", help="leave out the peers")
    return run_and_show(_run, parser)


if __name__ == "__main__":
    raise SystemExit(main())
