"""Unit: the media plane on real sockets, in the loop and as a process of its own; and what happens when either dies."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from tests.peers.peers import until_async

from baitie.adapters.media import (
    MediaEngine,
    MediaError,
    MediaPlane,
    MediaProcess,
    MediaProcessError,
    PromptError,
    repair_recordings,
)
from baitie.adapters.media.recording import wav_header
from baitie.kernel.time import Instant
from baitie.kernel.undefined import Undefined
from baitie.wire.dtmf import TelephoneEvent
from baitie.wire.g711 import Codec
from baitie.wire.rtp import (
    KeyPressed,
    MediaEvent,
    MediaFailed,
    MediaStarted,
    MediaSummary,
    PlayFinished,
    RecordingFailed,
    RtpPacket,
)
from baitie.wire.sdp import Direction, LocalMedia, MediaAgreement, accept_answer, make_answer, make_offer
from baitie.wire.sdp import parse_sdp_untrusted as parse

SENDRECV = Direction.SENDRECV
TONE = b"\x2a" * 4000  # half a second, loud
PLANES: list[Callable[[], MediaPlane]] = [MediaEngine, MediaProcess]


@dataclass
class Ends:
    """A plane under test, and an engine that plays the callee."""

    plane: MediaPlane
    callee: MediaEngine
    events: list[MediaEvent] = field(default_factory=list)
    callee_events: list[MediaEvent] = field(default_factory=list)

    async def agree(self, call_key: str, recording: Path | None = None) -> None:
        """Open and connect one call on both ends, over the real offer and answer."""
        ours = LocalMedia("127.0.0.1", await self.plane.open(call_key, recording), session_id=1)
        theirs = LocalMedia("127.0.0.1", await self.callee.open(call_key), session_id=2)
        body, at_callee = make_answer(parse(make_offer(ours)), theirs)
        assert body is not None
        at_us = accept_answer(ours, parse(body))
        assert isinstance(at_us, MediaAgreement)
        assert isinstance(at_callee, MediaAgreement)
        self.plane.connect(call_key, at_us)
        self.callee.connect(call_key, at_callee)


def on_both_ends(
    make_plane: Callable[[], MediaPlane], folder: Path, scenario: Callable[[Ends], Awaitable[None]]
) -> None:
    async def run() -> None:
        ends = Ends(make_plane(), MediaEngine())
        ends.plane.listen(ends.events.append)
        ends.callee.listen(ends.callee_events.append)
        prompt = folder / "tone.alaw"
        prompt.write_bytes(TONE)
        for plane in (ends.plane, ends.callee):
            await plane.start()
            await plane.load_prompts({"tone": prompt})
        try:
            await scenario(ends)
        finally:
            await ends.plane.stop()
            await ends.callee.stop()

    asyncio.run(run())


@pytest.mark.parametrize("make_plane", PLANES)
def test_a_call_plays_hears_keys_and_is_recorded(make_plane: Callable[[], MediaPlane], tmp_path: Path) -> None:
    async def scenario(ends: Ends) -> None:
        await ends.agree("call", tmp_path / "call.wav")
        await until_async(lambda: ends.events and ends.callee_events, 5, "media both ways")
        ends.plane.play("call", 1, ["tone"])
        ends.callee.play("call", 9, ["tone"])
        await until_async(lambda: PlayFinished("call", 1, False) in ends.events, 5, "our prompt")
        await until_async(lambda: PlayFinished("call", 9, False) in ends.callee_events, 5, "the callee's prompt")
        ends.callee.send_keys("call", "19")
        await until_async(lambda: KeyPressed("call", "9") in ends.events, 5, "the second key")
        theirs = await ends.callee.close("call")
        ours = await ends.plane.close("call")
        assert [event.key for event in ends.events if isinstance(event, KeyPressed)] == ["1", "9"]
        assert sum(isinstance(event, MediaStarted) for event in ends.events) == 1
        assert isinstance(ours, MediaSummary)
        assert isinstance(theirs, MediaSummary)
        assert 0 < ours.packets_received <= theirs.packets_sent
        assert 0 < theirs.packets_received <= ours.packets_sent
        assert (ours.packets_lost, ours.packets_refused) == (0, 0)
        assert isinstance(ours.jitter_ms, float)
        assert ours.recording == str(tmp_path / "call.wav")
        content = (tmp_path / "call.wav").read_bytes()
        left, right = content[58::2], content[59::2]
        assert content[:58] == wav_header(len(content) - 58)
        assert (left.count(TONE[:1]), right.count(TONE[:1])) == (len(TONE), len(TONE))
        assert abs(ours.recorded_ms - len(left) / 8) < 1

    on_both_ends(make_plane, tmp_path, scenario)


@pytest.mark.parametrize("make_plane", PLANES)
def test_stopping_reports_the_play_and_a_closed_call_takes_no_orders(
    make_plane: Callable[[], MediaPlane], tmp_path: Path
) -> None:
    async def scenario(ends: Ends) -> None:
        await ends.agree("call")
        ends.plane.play("call", 1, ["tone"] * 100)
        ends.plane.stop_playing("call")
        await until_async(lambda: PlayFinished("call", 1, True) in ends.events, 5, "the stop")
        with pytest.raises(PromptError):
            ends.plane.play("call", 2, ["unknown"])
        summary = await ends.plane.close("call")
        assert summary is not None
        assert summary.recording is None
        assert await ends.plane.close("call") is None
        ends.plane.play("call", 3, ["tone"])
        ends.plane.stop_playing("call")
        ends.plane.send_keys("call", "1")
        header = wav_header(8).replace((8000).to_bytes(4, "little"), (16000).to_bytes(4, "little"))
        (tmp_path / "bad.wav").write_bytes(header + bytes(8))
        with pytest.raises(PromptError, match="8000"):
            await ends.plane.load_prompts({"bad": tmp_path / "bad.wav"})

    on_both_ends(make_plane, tmp_path, scenario)


@pytest.mark.parametrize("make_plane", PLANES)
def test_many_calls_at_a_time_keep_their_audio_apart(make_plane: Callable[[], MediaPlane], tmp_path: Path) -> None:
    async def scenario(ends: Ends) -> None:
        keys = {str(n): "0123456789"[n % 10] for n in range(20)}
        for call_key, key in keys.items():
            await ends.agree(call_key)
            ends.callee.send_keys(call_key, key)
        await until_async(
            lambda: sum(isinstance(event, KeyPressed) for event in ends.events) >= 20, 10, "a key from every callee"
        )
        assert {event.call_key: event.key for event in ends.events if isinstance(event, KeyPressed)} == keys
        ports = [await ends.plane.open(f"more {n}") for n in range(20)]
        assert all(port % 2 == 0 for port in ports)
        assert len(set(ports)) == 20

    on_both_ends(make_plane, tmp_path, scenario)


@pytest.mark.parametrize("make_plane", PLANES)
def test_a_recording_that_cannot_be_written_is_told_and_the_call_goes_on(
    make_plane: Callable[[], MediaPlane], tmp_path: Path
) -> None:
    async def scenario(ends: Ends) -> None:
        (tmp_path / "file").write_bytes(b"")
        await ends.agree("call", tmp_path / "file" / "call.wav")
        failed = RecordingFailed("call", "recording-unwritable")
        await until_async(lambda: failed in ends.events, 5, "the failure")
        ends.callee.send_keys("call", "5")
        await until_async(lambda: KeyPressed("call", "5") in ends.events, 5, "a key after the failure")
        summary = await ends.plane.close("call")
        assert summary is not None
        assert summary.recording is None
        assert ends.events.count(failed) == 1

    on_both_ends(make_plane, tmp_path, scenario)


def test_ports_come_from_the_range_and_its_end_is_an_error() -> None:
    async def run() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            first = taken.getsockname()[1] // 2 * 2  # one pair of the range is taken by somebody else
            engine = MediaEngine(ports=range(first, first + 2))
            await engine.start()
            with pytest.raises(MediaError, match="No pair of UDP ports"):
                await engine.open("call")
            await engine.stop()

    asyncio.run(run())


@pytest.mark.parametrize("make_plane", PLANES)
def test_a_callee_behind_nat_presses_9_and_a_stranger_presses_nothing(make_plane: Callable[[], MediaPlane]) -> None:
    def pressed(digit: int, ssrc: int) -> list[bytes]:
        events = [TelephoneEvent(digit, n > 4, 10, 160 * min(n + 1, 5)) for n in range(8)]
        return [RtpPacket(101, n == 0, n, 4000, ssrc, event.serialise()).serialise() for n, event in enumerate(events)]

    async def run() -> None:
        plane, events = make_plane(), list[MediaEvent]()
        plane.listen(events.append)
        await plane.start()
        callee, stranger = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        try:
            us = ("127.0.0.1", await plane.open("call"))
            for one in (callee, stranger):
                one.bind(("127.0.0.1", 0))
                one.setblocking(False)
            # What a callee behind NAT announces: an address that means nothing to us.
            plane.connect("call", MediaAgreement("10.255.255.1", 4000, 4001, Codec.PCMA, 8, 101, 101, SENDRECV, 20))
            numbers = count()

            def speaks_and_hears() -> bool:  # what comes before the plane has connected the call is dropped
                n = next(numbers)
                callee.sendto(RtpPacket(8, False, n, n * 160, 6, bytes(160)).serialise(), us)
                return heard(callee)

            await until_async(speaks_and_hears, 10.0, "our audio")
            for data in pressed(9, 7):
                callee.sendto(data, us)
            await until_async(lambda: KeyPressed("call", "9") in events, 10.0, "the key")
            for data in [*pressed(1, 66), *pressed(2, 67)]:
                stranger.sendto(data, us)
            for data in pressed(5, 8):
                callee.sendto(data, us)
            await until_async(lambda: KeyPressed("call", "5") in events, 10.0, "the second key")
            assert [event.key for event in events if isinstance(event, KeyPressed)] == ["9", "5"]
            assert not heard(stranger)
        finally:
            callee.close()
            stranger.close()
            await plane.stop()

    asyncio.run(run())


def heard(own: socket.socket) -> bool:
    """Whether a datagram has come to this socket."""
    try:
        return bool(own.recv(2048))
    except BlockingIOError:
        return False


def test_hold_by_reconnection_stops_the_sending_until_it_is_lifted(tmp_path: Path) -> None:
    async def scenario(ends: Ends) -> None:
        await ends.agree("call")
        held = MediaAgreement("127.0.0.1", 9, 10, Codec.PCMA, 8, 101, 101, Direction.INACTIVE, 20)
        await until_async(lambda: bool(ends.callee_events), 5, "our first packet")
        ends.plane.connect("call", held)
        ends.plane.play("call", 1, ["tone"])
        await asyncio.sleep(0)
        assert PlayFinished("call", 1, False) not in ends.events
        summary = await ends.plane.close("call")
        assert summary is not None
        assert isinstance(summary.remote_lost_packets, int | Undefined)

    on_both_ends(MediaEngine, tmp_path, scenario)


def test_when_the_media_process_is_killed_every_open_call_fails_and_it_can_be_started_again(tmp_path: Path) -> None:
    async def scenario(ends: Ends) -> None:
        plane = ends.plane
        assert isinstance(plane, MediaProcess)
        for call_key in ("a", "b"):
            await ends.agree(call_key, tmp_path / f"{call_key}.wav")
        await plane.open("c")
        await plane.close("c")
        await until_async(lambda: sum(isinstance(event, MediaStarted) for event in ends.events) == 2, 5, "media")
        await until_async(lambda: begun(tmp_path) == 2, 5, "the recordings")
        assert plane.pid is not None
        os.kill(plane.pid, signal.SIGKILL)
        await until_async(lambda: len(ends.events) >= 4, 5, "the failures")
        assert ends.events[2:] == [MediaFailed(call_key, "media-process-died") for call_key in ("a", "b")]
        assert not plane.is_running
        with pytest.raises(MediaProcessError):
            await plane.open("d")
        assert await plane.close("a") is None
        plane.play("a", 1, ["tone"])
        assert {path.name for path in repair_recordings(tmp_path)} == {"a.wav", "b.wav"}
        await plane.start()
        assert await plane.open("e") % 2 == 0

    on_both_ends(MediaProcess, tmp_path, scenario)


def test_an_order_that_waits_when_the_process_dies_raises(tmp_path: Path) -> None:
    async def scenario(ends: Ends) -> None:
        plane = ends.plane
        assert isinstance(plane, MediaProcess)
        assert plane.pid is not None
        os.kill(plane.pid, signal.SIGSTOP)
        waiting = asyncio.ensure_future(plane.open("call"))
        await asyncio.sleep(0)
        os.kill(plane.pid, signal.SIGKILL)
        with pytest.raises(MediaProcessError):
            await waiting
        assert ends.events == []  # the exception says it; no event beside it

    on_both_ends(MediaProcess, tmp_path, scenario)


def test_an_open_that_is_given_up_leaves_no_call_behind(tmp_path: Path) -> None:
    async def scenario(ends: Ends) -> None:
        plane = ends.plane
        assert isinstance(plane, MediaProcess)
        waiting = asyncio.ensure_future(plane.open("call"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await plane.take_figures()).calls == 0
        assert await plane.open("call") % 2 == 0
        with pytest.raises(MediaError):
            await plane.open("call")
        assert (await plane.take_figures()).calls == 1

    on_both_ends(MediaProcess, tmp_path, scenario)


def test_under_overload_frames_are_skipped_and_orders_still_answered(tmp_path: Path) -> None:
    """The engine's clock goes on by 0.3 s whenever it is read, so that the engine is late at every tick."""

    async def run() -> None:
        clock = (Instant(n * 0.3) for n in range(10**9))
        engine, events = MediaEngine(clock=lambda: next(clock)), list[MediaEvent]()
        engine.listen(events.append)
        prompt = tmp_path / "tone.alaw"
        prompt.write_bytes(TONE)
        await engine.start()
        await engine.load_prompts({"tone": prompt})
        for call_key in ("a", "b", "c"):
            port = await engine.open(call_key)
            engine.connect(
                call_key,
                MediaAgreement("127.0.0.1", port, port + 1, Codec.PCMA, 8, 101, 101, Direction.SENDRECV, 20),
            )
            engine.play(call_key, 1, ["tone"])
        await until_async(lambda: PlayFinished("c", 1, False) in events, 10, "the prompt, stretched")
        assert await engine.open("d") % 2 == 0
        engine.play("a", 2, ["tone"] * 1000)
        engine.stop_playing("a")
        assert PlayFinished("a", 2, True) in events
        figures = engine.take_figures()
        assert figures.calls == 4
        summary = await engine.close("a")
        assert summary is not None
        assert 0 < summary.packets_sent < figures.frames_skipped  # 0.3 s are 15 frames, and at most one of them is sent
        await engine.stop()

    asyncio.run(run())


def begun(folder: Path) -> int:
    """The recordings in the folder that have their header."""
    return sum(part.stat().st_size >= len(wav_header(0)) for part in folder.glob("*.part"))


def test_a_listener_that_raises_is_reported_and_media_goes_on(tmp_path: Path) -> None:
    async def scenario(ends: Ends) -> None:
        reported: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["message"]))

        def listener(event: MediaEvent) -> None:
            ends.events.append(event)
            raise ValueError(event)

        ends.plane.listen(listener)
        await ends.agree("call")
        ends.plane.play("call", 1, ["tone"])
        await until_async(lambda: PlayFinished("call", 1, False) in ends.events, 5, "the prompt")
        assert reported == ["a listener to media events failed"] * 2

    for make_plane in PLANES:
        on_both_ends(make_plane, tmp_path, scenario)


PARENT = """
import asyncio, sys
from pathlib import Path
from baitie.adapters.media import MediaProcess
from baitie.wire.g711 import Codec
from baitie.wire.sdp import Direction, MediaAgreement

async def main():
    plane = MediaProcess()
    await plane.start()
    port = await plane.open("call", Path(sys.argv[1]))
    plane.connect("call", MediaAgreement("127.0.0.1", port, port + 1, Codec.PCMA, 8, 101, 101, Direction.SENDRECV, 20))
    await plane.take_figures()
    print(plane.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_when_the_parent_is_killed_the_media_process_completes_its_recordings_and_ends(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "call.wav")], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()

        async def gone() -> None:
            await until_async(lambda: not is_alive(child), 10, "the end of the media process")

        asyncio.run(gone())
    assert (tmp_path / "call.wav").read_bytes()[:4] == b"RIFF"


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that nobody has waited for yet (a zombie) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
