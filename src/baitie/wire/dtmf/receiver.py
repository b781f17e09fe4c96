"""From telephone-event packets to keys: each press is reported once, at the first of its packets that arrives.

All packets of one press carry the RTP timestamp of its beginning (RFC 4733 §2.5.1.2), so the timestamp and the code
name the press: whatever is lost, doubled or late, one packet is enough and a second one changes nothing. A press
longer than 8.19 s goes on in segments that begin 0xFFFF samples apart and have no end before the last (§2.5.1.3).

Not every peer does so. With some the timestamp runs on in each packet, with others in the repeated end packets. These
are told from a further press of the same key by time: it cannot begin before the last one is over, nor without a pause.
With others it stands still from press to press; then a packet that was sent behind the end is of a further one.
"""

from collections import deque

from baitie.wire.dtmf.event import DURATION_MAX, KEYS, TelephoneEvent, parse_event_untrusted

PRESSES_REMEMBERED = (
    32  # over 3 s of the fastest pressing: no network holds a packet back for longer and then delivers it
)
SEGMENTS_MAX = 16  # lost segments bridged within one press: over two minutes
PAUSE_SAMPLES = 320  # 40 ms, the least between two presses (ITU-T Q.24)
REPEAT_SAMPLES = 480  # 60 ms: an end behind an end, one between them lost
_FRAME_SAMPLES = 160


class _Press:
    __slots__ = ("_began_at", "_end_sequence", "_ends_at", "code", "has_ended", "timestamp")

    def __init__(self, timestamp: int, event: TelephoneEvent, sequence: int) -> None:
        self.timestamp = timestamp
        self.code = event.code
        self.has_ended = event.is_end
        self._end_sequence = sequence  # of the last packet that said so, once it has ended
        self._began_at = timestamp - event.duration_samples  # if the timestamp is that of the packet, not of the press
        self._ends_at = timestamp + event.duration_samples  # how far it is known to last

    def hear(self, timestamp: int, event: TelephoneEvent, sequence: int) -> None:
        """Take a packet of this press."""
        if event.is_end:
            self.has_ended, self._end_sequence = True, sequence
        lasts = event.duration_samples
        if timestamp != self.timestamp:
            lasts = 0 if event.is_end else _FRAME_SAMPLES
        if _ahead(timestamp + lasts, self._ends_at) > 0:
            self._ends_at = timestamp + lasts

    def is_over(self, event: TelephoneEvent, sequence: int) -> bool:
        """Whether a packet of the same code and timestamp was sent behind the end, and so is of a further press."""
        behind = sequence - self._end_sequence & 0xFFFF
        return self.has_ended and not event.is_end and 0 < behind < 0x8000

    def runs_on(self, timestamp: int, event: TelephoneEvent) -> bool:
        """Whether a packet of the same code and another timestamp is of this press, the timestamp running on."""
        after = _ahead(timestamp, self._ends_at)
        if _ahead(timestamp - event.duration_samples, self._began_at) == 0 and not (self.has_ended and after > 0):
            return True  # as much later as it is longer
        if _ahead(timestamp, self.timestamp) <= -PAUSE_SAMPLES or (self.has_ended and not event.is_end):
            return False
        return after < (REPEAT_SAMPLES if self.has_ended else PAUSE_SAMPLES)

    def is_segment(self, timestamp: int, event: TelephoneEvent) -> bool:
        """Whether a packet of the same code is of another segment of this press. The earlier one has no end."""
        apart = _ahead(timestamp, self.timestamp)
        earlier_has_ended = self.has_ended if apart > 0 else event.is_end
        return apart % DURATION_MAX == 0 and abs(apart) // DURATION_MAX <= SEGMENTS_MAX and not earlier_has_ended


class KeyReceiver:
    """Receiver of key presses (按键接收) for one RTP source (SSRC); each source has timestamps of its own."""

    __slots__ = ("_recent",)

    def __init__(self) -> None:
        self._recent: deque[_Press] = deque(maxlen=PRESSES_REMEMBERED)

    def on_packet_untrusted(self, timestamp: int, payload: bytes, sequence: int = 0) -> str | None:
        """The key, if this packet is the first sign of a press. Raises DtmfError only. Events that are no keys
        (flash hook, modem tones) give None. `sequence` is that of the packet; all alike where it is not known."""
        event = parse_event_untrusted(payload)
        if event.code >= len(KEYS):
            return None
        presses = [press for press in reversed(self._recent) if press.code == event.code]
        press = next((press for press in presses if press.timestamp == timestamp), None)
        if press is not None and press.is_over(event, sequence):
            self._recent.append(_Press(timestamp, event, sequence))
            return KEYS[event.code]
        is_segment = press is None and any(press.is_segment(timestamp, event) for press in presses)
        if press is None and not is_segment:
            press = next((press for press in presses if press.runs_on(timestamp, event)), None)
        if press is not None:
            press.hear(timestamp, event, sequence)
            return None
        self._recent.append(_Press(timestamp, event, sequence))
        return None if is_segment else KEYS[event.code]


def _ahead(timestamp: int, other: int) -> int:
    """How many samples later `timestamp` is than `other`, on a circle of 32 bits; negative if it is earlier."""
    return (timestamp - other + 0x80000000 & 0xFFFFFFFF) - 0x80000000
