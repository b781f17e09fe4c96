"""From telephone-event packets to keys: each press is reported once, at the first of its packets that arrives.

All packets of one press carry the RTP timestamp of its beginning (RFC 4733 §2.5.1.2), so the timestamp names the
press: whatever is lost, doubled or late, one packet is enough and a second one changes nothing. A press longer than
8.19 s goes on in segments that begin 0xFFFF samples apart and have no end before the last (§2.5.1.3).
"""

from collections import deque

from baitie.wire.dtmf.event import DURATION_MAX, KEYS, parse_event_untrusted

PRESSES_REMEMBERED = (
    32  # over 3 s of the fastest pressing: no network holds a packet back for longer and then delivers it
)
SEGMENTS_MAX = 16  # lost segments bridged within one press: over two minutes


class _Press:
    __slots__ = ("code", "has_ended", "timestamp")

    def __init__(self, timestamp: int, code: int, has_ended: bool) -> None:
        self.timestamp = timestamp
        self.code = code
        self.has_ended = has_ended


class KeyReceiver:
    """Receiver of key presses (按键接收) for one RTP source. Forget it when the source (SSRC) changes."""

    __slots__ = ("_recent",)

    def __init__(self) -> None:
        self._recent: deque[_Press] = deque(maxlen=PRESSES_REMEMBERED)

    def on_packet_untrusted(self, timestamp: int, payload: bytes) -> str | None:
        """The key, if this packet is the first sign of a press. Raises DtmfError only. Events that are no keys
        (flash hook, modem tones) give None."""
        event = parse_event_untrusted(payload)
        if event.code >= len(KEYS):
            return None
        is_known = False
        for press in self._recent:
            if press.timestamp == timestamp:
                press.has_ended |= event.is_end
                return None
            is_known = is_known or _is_same_press(press, timestamp, event.code, event.is_end)
        self._recent.append(_Press(timestamp, event.code, event.is_end))
        return None if is_known else KEYS[event.code]


def _is_same_press(press: _Press, timestamp: int, code: int, is_end: bool) -> bool:
    """Whether a packet at `timestamp` belongs to another segment of `press`. The earlier one has no end."""
    if press.code != code:
        return False
    ahead = (timestamp - press.timestamp) & 0xFFFFFFFF
    behind = -ahead & 0xFFFFFFFF
    apart, earlier_has_ended = (ahead, press.has_ended) if ahead < behind else (behind, is_end)
    return apart % DURATION_MAX == 0 and apart // DURATION_MAX <= SEGMENTS_MAX and not earlier_has_ended
