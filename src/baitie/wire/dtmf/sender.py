"""From keys to telephone-event packets, one per tick of 20 ms (RFC 4733 §2.5.1)."""

from collections import deque
from typing import NamedTuple

from baitie.wire.dtmf.event import DURATION_MAX, KEYS, TelephoneEvent

QUEUED_KEYS_MAX = 64
PRESS_MS = 100
GAP_MS = 80  # between two presses; ITU-T Q.24 asks for at least 40
END_REPEATS = 3
_FRAME_MS = 20
_FRAME_SAMPLES = 160
_VOLUME_DBM0 = 10


class KeyPacket(NamedTuple):
    """What to send in place of audio: `timestamp` is that of the segment's beginning."""

    marker: bool
    timestamp: int
    payload: bytes


class KeySender:
    """Sender of key presses (按键发送). Ask `on_tick` every 20 ms; None means that audio may be sent."""

    __slots__ = ("_ends_left", "_event", "_gap_left", "_held", "_queue", "_segment", "_total")

    def __init__(self) -> None:
        self._queue: deque[tuple[str, int]] = deque()
        self._event = -1  # code of the key held down, or -1
        self._segment = 0  # timestamp of the present segment's beginning
        self._held = 0  # samples within the segment
        self._total = 0  # samples of the press still to come
        self._ends_left = 0
        self._gap_left = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being sent and nothing waits."""
        return self._event < 0 and not self._queue and not self._gap_left

    def press(self, keys: str, press_ms: int = PRESS_MS) -> bool:
        """Queue the keys; False, and nothing queued, when there would be too many or one is no key."""
        if len(self._queue) + len(keys) > QUEUED_KEYS_MAX or not all(key in KEYS for key in keys):
            return False
        self._queue += [(key, max(press_ms, 2 * _FRAME_MS)) for key in keys]
        return True

    def on_tick(self, timestamp: int) -> KeyPacket | None:
        """The packet of this tick; `timestamp` is the media clock's."""
        if self._event < 0:
            if self._gap_left:
                self._gap_left -= 1
                return None
            if not self._queue:
                return None
            return self._begin(timestamp)
        return self._go_on()

    def _begin(self, timestamp: int) -> KeyPacket:
        key, press_ms = self._queue.popleft()
        self._event = KEYS.index(key)
        self._segment = timestamp
        self._total = press_ms // _FRAME_MS * _FRAME_SAMPLES - _FRAME_SAMPLES
        self._held = _FRAME_SAMPLES
        self._ends_left = END_REPEATS
        return self._packet(is_end=False, marker=True)

    def _go_on(self) -> KeyPacket:
        if self._total > 0:
            if self._held == DURATION_MAX:
                self._segment = (self._segment + DURATION_MAX) & 0xFFFFFFFF
                self._held = 0
            step = min(_FRAME_SAMPLES, DURATION_MAX - self._held)
            self._held += step
            self._total -= step
            if self._total > 0:
                return self._packet(is_end=False)
        self._ends_left -= 1
        packet = self._packet(is_end=True)
        if not self._ends_left:
            self._event = -1
            self._gap_left = GAP_MS // _FRAME_MS
        return packet

    def _packet(self, is_end: bool, marker: bool = False) -> KeyPacket:
        event = TelephoneEvent(self._event, is_end, _VOLUME_DBM0, self._held)
        return KeyPacket(marker, self._segment, event.serialise())
