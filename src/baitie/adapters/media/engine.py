"""The media of many calls in one event loop: sockets, the 20 ms ticks, prompts and recordings.

There are no tasks per call. Each call has its turn in one of `TICKERS` staggered slots, so that sending is spread
over the 20 ms, and one timer serves them all. What the loop cannot send in time is skipped, never piled up.

The sockets are read at the same ticks: waking up for each of 10,000 packets a second costs more than the packets. So an
arrival is known to 5 ms, which the jitter figure contains.
"""

import asyncio
import random
import select
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from baitie.adapters.datagrams import SYSTEM_DATAGRAMS, Datagrams
from baitie.adapters.media.call import CHORES_EVERY_FRAMES, MediaCall
from baitie.adapters.media.errors import MediaError
from baitie.adapters.media.lateness import Lateness
from baitie.adapters.media.plane import tell
from baitie.adapters.media.ports import PortPairs
from baitie.adapters.media.prompts import PromptCache
from baitie.adapters.media.writer import RecordingWriter
from baitie.kernel.time import Instant
from baitie.kernel.undefined import Undefined
from baitie.wire.rtp import FRAME_S, MediaEvent, MediaSummary, RecordingFailed, RtpSession
from baitie.wire.sdp import MediaAgreement

TICKERS = 4  # 5 ms apart: whole milliseconds, as the timers of the loop are
_SLOT_S = FRAME_S / TICKERS
TIMER_STEP_S = 0.001  # uvloop rounds to it: a shorter wait would be no wait, and the loop would spin
CALLS_MAX = 2000
RECEIVE_ROUNDS_MAX = 4  # packets taken from one socket per turn; more wait for the next
CATCH_UP_MAX_S = 0.1  # frames later than this are skipped: the peer's jitter buffer would drop them


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """How the engine does (媒体进程指标), since the last asking for lateness and skipping."""

    calls: int
    late_p99_ms: float | Undefined
    frames_skipped: int
    sends_refused: int


class MediaEngine:
    """Media plane in the caller's own loop (媒体引擎). Fulfils `MediaPlane`.

    `address` is the one to bind; `ports` the range for RTP and RTCP, None for any. `rng` is for SSRCs and first
    sequence numbers, which ought not to be guessed. `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        address: str = "127.0.0.1",
        ports: range | None = None,
        rng: random.Random | None = None,
        clock: Callable[[], float] = time.monotonic,
        datagrams: Datagrams = SYSTEM_DATAGRAMS,
    ) -> None:
        self._datagrams = datagrams
        self._pairs = PortPairs(address, ports, datagrams)
        self._rng = rng or random.SystemRandom()
        self._now = cast("Callable[[], Instant]", clock)
        self._prompts = PromptCache()
        self._on_event: Callable[[MediaEvent], None] = lambda event: None
        self._calls: dict[str, MediaCall] = {}
        self._slots: list[list[MediaCall]] = [[] for _ in range(TICKERS)]
        self._slot = 0
        self._round = 0
        self._due = 0.0
        self._timer: asyncio.Handle | None = None
        self._lateness = Lateness()
        self._frames_skipped = 0
        self._sends_refused = 0

    def listen(self, on_event: Callable[[MediaEvent], None]) -> None:
        """Where events go. Set before `start`."""
        self._on_event = on_event

    async def start(self) -> None:
        """Make ready in the running loop."""
        self._loop = asyncio.get_running_loop()
        self._poller = self._datagrams.poller()
        self._readers: dict[int, Callable[[Instant], Sequence[MediaEvent]]] = {}
        self._writer = RecordingWriter(self._loop)

    async def stop(self) -> None:
        """Close every call and complete the recordings."""
        await asyncio.gather(*(self.close(call_key) for call_key in list(self._calls)))
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if hasattr(self._poller, "close"):
            self._poller.close()
        await self._writer.stop()

    async def load_prompts(self, prompts: Mapping[str, Path]) -> None:
        """Read prompt files under names, once. Raises PromptError."""
        self._prompts.load(prompts)

    async def open(self, call_key: str, recording: Path | None = None) -> int:
        """Take ports for a call and give the RTP port. Raises MediaError."""
        if call_key in self._calls or len(self._calls) >= CALLS_MAX:
            raise MediaError("This call is open already, or too many are.", call_key=call_key, calls_max=CALLS_MAX)
        rtp, rtcp = self._pairs.take()
        bits = self._rng.getrandbits
        session = RtpSession(call_key, bits(32), bits(15), bits(32), is_recording=recording is not None)
        call = MediaCall(session, rtp, rtcp, self._rng)
        if recording is not None:
            call.recording = self._writer.begin(
                recording, lambda reason: tell(self._on_event, RecordingFailed(call_key, reason))
            )
        self._calls[call_key] = call
        for made, reader in ((rtp, call.read_rtp), (rtcp, call.read_rtcp)):
            self._poller.register(made, select.POLLIN)
            self._readers[made.fileno()] = reader
        port: int = rtp.getsockname()[1]
        return port

    def connect(self, call_key: str, agreement: MediaAgreement) -> None:
        """Send and receive as agreed; again after a re-INVITE."""
        call = self._calls.get(call_key)
        if call is None:
            return
        is_first = call.session.connected_at is None
        if is_first:
            call.drop_early_packets()
        call.session.connect(agreement, self._now())
        if is_first:
            min(self._slots, key=len).append(call)
            if self._timer is None:
                self._due = self._now()
                self._timer = self._loop.call_soon(self._on_timer)

    def play(self, call_key: str, play_id: int, prompts: Sequence[str]) -> None:
        """Queue loaded prompts. Raises PromptError for an unknown name."""
        audio = [self._prompts.audio(name) for name in prompts]
        call = self._calls.get(call_key)
        if call is not None:
            self._emit(call.session.play(play_id, audio))

    def stop_playing(self, call_key: str) -> None:
        """Be silent at once; what was queued is reported as stopped."""
        call = self._calls.get(call_key)
        if call is not None:
            self._emit(call.session.stop_playing())

    def send_keys(self, call_key: str, keys: str) -> None:
        """Press keys towards the peer, as telephone events."""
        call = self._calls.get(call_key)
        if call is not None:
            call.session.send_keys(keys)

    async def close(self, call_key: str) -> MediaSummary | None:
        """End the call's media: goodbye by RTCP, ports given back, recording completed."""
        call = self._calls.pop(call_key, None)
        if call is None:
            return None
        for slot in self._slots:
            if call in slot:
                slot.remove(call)
        for made in (call.rtp, call.rtcp):
            self._poller.unregister(made)
            del self._readers[made.fileno()]
        call.send_report(self._now(), is_last=True)
        call.rtp.close()
        call.rtcp.close()
        path = await call.finish_recording(self._writer)
        return call.session.summary(None if path is None else str(path))

    def take_figures(self) -> EngineFigures:
        """How the engine has done since the last asking."""
        figures = EngineFigures(len(self._calls), self._lateness.take(0.99), self._frames_skipped, self._sends_refused)
        self._frames_skipped = self._sends_refused = 0
        return figures

    # --- in the loop -----------------------------------------------------------------------------------------------

    def _emit(self, events: Sequence[MediaEvent]) -> None:
        for event in events:
            tell(self._on_event, event)

    def _on_timer(self) -> None:
        now = self._now()
        if now - self._due > CATCH_UP_MAX_S:
            self._skip(int((now - self._due) / FRAME_S))
        self._receive(now)
        for _ in range(TICKERS):  # at most one round, then the sockets have their turn, however late we are
            if self._due > now + TIMER_STEP_S / 2:
                break
            self._lateness.add(now - self._due)
            self._take_turn(now)
            now = self._now()
        if not any(self._slots):
            self._timer = None
            return
        self._timer = self._loop.call_later(max(TIMER_STEP_S, self._due - now), self._on_timer)

    def _take_turn(self, now: Instant) -> None:
        """Serve the next slot; of its calls, every 25th has its chores too, so that those of all calls fall apart."""
        calls = self._slots[self._slot]
        self._serve(calls, now)
        for call in calls[self._round :: CHORES_EVERY_FRAMES]:
            call.do_chores(now, self._writer)
        self._slot = (self._slot + 1) % TICKERS
        if not self._slot:
            self._round = (self._round + 1) % CHORES_EVERY_FRAMES
        self._due += _SLOT_S

    def _receive(self, now: Instant) -> None:
        """Take what has arrived on all sockets, within bounds."""
        readers = self._readers
        for _ in range(RECEIVE_ROUNDS_MAX):
            ready = self._poller.poll(0)
            for fd, _ in ready:
                events = readers[fd](now)
                if events:
                    self._emit(events)
            if not ready:
                return

    def _skip(self, frames: int) -> None:
        self._due += frames * FRAME_S
        self._frames_skipped += frames
        for slot in self._slots:
            for call in slot:
                call.session.skip_frames(frames)

    def _serve(self, calls: list[MediaCall], now: Instant) -> None:
        for call in calls:
            packet, events = call.on_tick(now)
            if packet is not None:
                try:
                    call.send(packet, call.session.destination)
                except OSError:  # the socket's buffer is full or the way is gone: this frame is lost
                    self._sends_refused += 1
            if events:
                self._emit(events)
