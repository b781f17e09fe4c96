"""Concurrent PCMA calls, both ways, with recording, in one media process: CPU per call, tick lateness, memory.

`python -m benchmarks.media [--calls 200] [--seconds 20] [--json]`

A second process is the peer of all calls: it sends 50 packets a second to each and counts what it gets. The bare loop
of the same run (same sockets and packets, one send and one receive per 20 ms and nothing else, under the same event
loop) is the floor that no Python media process can go below.
"""

import argparse
import asyncio
import multiprocessing
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from baitie.adapters.media import MediaProcess
from baitie.adapters.media.lateness import Lateness
from baitie.wire.g711 import Codec
from baitie.wire.rtp import RtpPacket
from baitie.wire.sdp import Direction, MediaAgreement
from benchmarks.figures import Figure, Report, run_and_show

CPU_TARGET = 0.15  # % of a core per call
LATE_TARGET_MS = 10.0
MEMORY_TARGET_MIB = 1.0
WARM_UP_S = 3.0
_SLOTS = 4
_FRAME = bytes(range(160))


@dataclass(frozen=True)
class Measured:
    """One run: CPU in % of a core per call, lateness in ms, memory in MiB per call, packets at the peer and at us."""

    cpu_per_call: float
    late_p99_ms: float
    memory_per_call_mib: float
    peer_received_share: float
    received_share: float


def peer(pipe: Connection) -> None:
    """All callees at once: one socket, `calls` streams. Ends when told to."""
    own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    own.bind(("127.0.0.1", 0))
    own.setblocking(False)
    pipe.send(own.getsockname())
    ports: list[int] = pipe.recv()
    received, buffer, tick, begun = 0, bytearray(2048), 0, time.monotonic()
    while not pipe.poll():
        for index in range(tick % _SLOTS, len(ports), _SLOTS):
            n = tick // _SLOTS
            packet = RtpPacket(8, False, n & 0xFFFF, n * 160 & 0xFFFFFFFF, index + 1, _FRAME)
            own.sendto(packet.serialise(), ("127.0.0.1", ports[index]))
        try:
            while True:
                own.recv_into(buffer)
                received += 1
        except BlockingIOError:
            pass
        tick += 1
        time.sleep(max(0.0, begun + tick * 0.02 / _SLOTS - time.monotonic()))
    pipe.send(received)


class Peer:
    """The peer process, from outside."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=peer, args=(theirs,), daemon=True)  # ends with us, whatever happens
        self._process.start()
        self.address: tuple[str, int] = self._pipe.recv()

    def begin(self, ports: list[int]) -> None:
        self._pipe.send(ports)

    def end(self) -> int:
        """Packets received."""
        self._pipe.send(None)
        received: int = self._pipe.recv()
        self._process.join()
        return received


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def media_process(calls: int, seconds: float, folder: Path) -> Measured:
    """The real thing."""
    plane, far = MediaProcess(), Peer()
    prompt = folder / "prompt.alaw"
    prompt.write_bytes(bytes(range(256)) * 320)  # 10 s
    await plane.start()
    await plane.load_prompts({"prompt": prompt})
    assert plane.pid is not None
    memory_before = rss_mib(plane.pid)
    ports = [await plane.open(str(n), folder / f"{n}.wav") for n in range(calls)]
    far.begin(ports)
    host, port = far.address
    agreement = MediaAgreement(host, port, port + 1, Codec.PCMA, 8, 101, 101, Direction.SENDRECV, 20)
    for n in range(calls):
        plane.connect(str(n), agreement)
        plane.play(str(n), 1, ["prompt"] * (int(seconds + WARM_UP_S) // 10 + 2))
    await asyncio.sleep(WARM_UP_S)
    await plane.take_figures()
    cpu, begun = cpu_s(plane.pid), time.monotonic()
    await asyncio.sleep(seconds)
    cpu_share = (cpu_s(plane.pid) - cpu) / (time.monotonic() - begun)
    figures = await plane.take_figures()
    memory = rss_mib(plane.pid) - memory_before
    summaries = [summary for n in range(calls) if (summary := await plane.close(str(n))) is not None]
    peer_received = far.end()
    await plane.stop()
    sent = sum(summary.packets_sent for summary in summaries)
    received = sum(summary.packets_received for summary in summaries)
    lost = sum(summary.packets_lost for summary in summaries)
    late = figures.late_p99_ms if isinstance(figures.late_p99_ms, float) else float("nan")
    return Measured(cpu_share * 100 / calls, late, memory / calls, peer_received / sent, received / (received + lost))


async def bare_loop(calls: int, seconds: float, folder: Path) -> Measured:
    """Send and receive without doing anything about it."""
    loop, far, lateness = asyncio.get_running_loop(), Peer(), Lateness()
    memory_before = rss_mib(os.getpid())
    made, counts, is_ended = [], [0, 0], False

    def reader(own: socket.socket) -> Callable[[], None]:
        def on_readable() -> None:
            own.recvfrom(2048)
            counts[0] += 1

        return on_readable

    for _ in range(calls):
        own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        own.bind(("127.0.0.1", 0))
        own.setblocking(False)
        loop.add_reader(own, reader(own))
        made.append(own)
    far.begin([own.getsockname()[1] for own in made])
    due, tick, packet = time.monotonic(), 0, bytes(172)

    def on_timer() -> None:
        nonlocal due, tick
        while due <= time.monotonic() + 0.0005:  # the loop's timers count in whole milliseconds
            lateness.add(time.monotonic() - due)
            for own in made[tick % _SLOTS :: _SLOTS]:
                own.sendto(packet, far.address)
                counts[1] += 1
            tick, due = tick + 1, due + 0.02 / _SLOTS
        if not is_ended:
            loop.call_later(max(0.001, due - time.monotonic()), on_timer)

    on_timer()
    await asyncio.sleep(WARM_UP_S)
    lateness.take(0.99)
    cpu, begun = cpu_s(os.getpid()), time.monotonic()
    await asyncio.sleep(seconds)
    cpu_share = (cpu_s(os.getpid()) - cpu) / (time.monotonic() - begun)
    memory = rss_mib(os.getpid()) - memory_before
    late = lateness.take(0.99)
    sent = counts[1]
    is_ended = True
    peer_received = far.end()
    return Measured(
        cpu_share * 100 / calls,
        late if isinstance(late, float) else float("nan"),
        memory / calls,
        peer_received / sent,
        float("nan"),  # it does not look into what it gets
    )


def in_loop(run: Callable[[int, float, Path], Coroutine[None, None, Measured]], calls: int, seconds: float) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        try:
            import uvloop
        except ImportError:
            return asyncio.run(run(calls, seconds, Path(folder)))
        return uvloop.run(run(calls, seconds, Path(folder)))


def run(arguments: argparse.Namespace) -> list[Report]:
    calls, seconds = arguments.calls, arguments.seconds
    real, bare = in_loop(media_process, calls, seconds), in_loop(bare_loop, calls, seconds)
    peer_name = "bare loop"
    report = Report(
        "media",
        f"{calls} PCMA calls both ways with prompts, recording to disk and RTCP, one process, {seconds:.0f} s",
        [
            Figure("CPU per call", real.cpu_per_call, "% of a core", CPU_TARGET, False, peer_name, bare.cpu_per_call),
            Figure("tick lateness p99", real.late_p99_ms, "ms", LATE_TARGET_MS, False, peer_name, bare.late_p99_ms),
            Figure(
                "memory per call",
                real.memory_per_call_mib,
                "MiB",
                MEMORY_TARGET_MIB,
                False,
                peer_name,
                bare.memory_per_call_mib,
            ),
            Figure(
                "sent packets that arrived",
                real.peer_received_share * 100,
                "%",
                peer=peer_name,
                peer_value=bare.peer_received_share * 100,
            ),
            Figure(
                "peer's packets that arrived",
                real.received_share * 100,
                "%",
                peer=peer_name,
                peer_value=bare.received_share * 100,
            ),
        ],
    )
    return [report]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20.0)
    return run_and_show(run, parser)


if __name__ == "__main__":
    sys.exit(main())
