"""Media without packets: prompts take their time and keys arrive, but no RTP is sent. For days without audio.

Both sides describe their media in SDP as ever, and agree on it; only what would then be sent is left out.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from baitie.app.ports.clock import Clock, TimerHandle
from baitie.kernel.time import Instant
from baitie.rehearsal.wire.datagrams import PORT_END, PORT_FIRST, Address
from baitie.wire.dtmf.sender import GAP_MS, PRESS_MS
from baitie.wire.rtp import FRAME_S, KeyPressed, MediaEvent, MediaSummary, PlayFinished
from baitie.wire.sdp import MediaAgreement

KEY_S = (PRESS_MS + GAP_MS) / 1000


@dataclass(slots=True)
class _Call:
    key: str
    port: int
    peer: Address | None = None
    plays: deque[tuple[int, float]] = field(default_factory=deque)  # id and length of what is played, and waits
    timer: TimerHandle | None = None


@dataclass(slots=True)
class ModelledMedia:
    """Modelled media plane (媒体模型) of one host. `planes` are those of all hosts, by host, this one among them."""

    host: str
    clock: Clock
    planes: dict[str, "ModelledMedia"]
    prompt_s: Callable[[str], float]
    latency_s: float
    on_play: Callable[[str], None] = lambda call_key: None
    _listener: Callable[[MediaEvent], None] = field(default=lambda event: None)
    _calls: dict[str, _Call] = field(default_factory=dict)
    _by_port: dict[int, _Call] = field(default_factory=dict)
    _port_next: int = PORT_FIRST

    def __post_init__(self) -> None:
        self.planes[self.host] = self

    def listen(self, on_event: Callable[[MediaEvent], None]) -> None:
        """Where events go."""
        self._listener = on_event

    async def start(self) -> None:
        """Nothing to start."""

    async def stop(self) -> None:
        """Close every call."""
        for key in list(self._calls):
            await self.close(key)

    async def load_prompts(self, prompts: Mapping[str, Path]) -> None:
        """Their lengths are known already."""

    async def open(self, call_key: str, recording: Path | None = None) -> int:
        """An even port for SDP. Nothing is recorded."""
        while self._port_next in self._by_port:
            self._go_on()
        call = _Call(call_key, self._port_next)
        self._calls[call_key] = self._by_port[call.port] = call
        self._go_on()
        return call.port

    def connect(self, call_key: str, agreement: MediaAgreement) -> None:
        """The far end is known; what waits begins."""
        call = self._calls.get(call_key)
        if call is None:
            return
        was_connected, call.peer = call.peer is not None, (agreement.remote_ip, agreement.remote_port)
        if call.plays and not was_connected:
            self._play_next(call)

    def play(self, call_key: str, play_id: int, prompts: Sequence[str]) -> None:
        """Prompts behind what waits; the end is told after their length, in whole frames."""
        call = self._calls.get(call_key)
        if call is None:
            return
        frames = math.ceil(sum(self.prompt_s(prompt) for prompt in prompts) / FRAME_S)
        call.plays.append((play_id, frames * FRAME_S))
        if len(call.plays) == 1 and call.peer is not None:
            self._play_next(call)
        self.on_play(call_key)

    def stop_playing(self, call_key: str) -> None:
        """Be silent at once; what was queued is told as stopped."""
        call = self._calls.get(call_key)
        if call is not None:
            self._cancel(call)
            stopped, call.plays = call.plays, deque()
            for play_id, _ in stopped:
                self._listener(PlayFinished(call_key, play_id, was_stopped=True))

    def send_keys(self, call_key: str, keys: str) -> None:
        """Press keys: the far end hears each when its first packet would arrive."""
        call = self._calls.get(call_key)
        if call is None or call.peer is None:
            return
        host, port = call.peer
        plane = self.planes.get(host)
        for place, key in enumerate(keys if plane is not None else ""):
            heard_at = Instant(self.clock.now() + self.latency_s + FRAME_S + place * KEY_S)
            self.clock.call_at(heard_at, partial(self.planes[host].hear, port, key))

    async def close(self, call_key: str) -> MediaSummary | None:
        """End the call's media. There are no packets to tell of."""
        call = self._calls.pop(call_key, None)
        if call is not None:
            self._cancel(call)
            del self._by_port[call.port]
        return None

    def hear(self, port: int, key: str) -> None:
        """The far end of the call at this port pressed a key."""
        call = self._by_port.get(port)
        if call is not None and call.peer is not None:
            self._listener(KeyPressed(call.key, key))

    def _play_next(self, call: _Call) -> None:
        ends_at = Instant(self.clock.now() + call.plays[0][1])
        call.timer = self.clock.call_at(ends_at, partial(self._played, call))

    def _played(self, call: _Call) -> None:
        play_id, _ = call.plays.popleft()
        if call.plays:
            self._play_next(call)
        self._listener(PlayFinished(call.key, play_id, was_stopped=False))

    def _cancel(self, call: _Call) -> None:
        if call.timer is not None:
            call.timer.cancel()
            call.timer = None

    def _go_on(self) -> None:
        self._port_next = self._port_next + 2 if self._port_next + 3 < PORT_END else PORT_FIRST
