"""Receive buffer and concealment: a steady stream of 20 ms frames out of packets that come early, late, twice or never.

The buffer works on media time (RTP timestamps), in pieces of 10 ms, so packets of 10, 20, 30 ms mix freely. Its depth
is fixed: `DEPTH_MS` of waiting buys tolerance for that much jitter. A missing frame repeats the one before, each time
softer, and after four of them is silence (the principle of G.711 appendix I, without its pitch search).
"""

from baitie.wire.g711 import Codec, fade_alaw

DEPTH_MS = 60
HELD_MS_MAX = 500  # beyond this a packet is of another time line, and the buffer starts again from it
LATE_IN_ROW_MAX = 25  # as many late packets in a row mean that the way became longer
_PIECE = 80  # samples
_FRAME = 2 * _PIECE
_SAMPLES_PER_MS = 8
_FADE_EIGHTHS = (1, 3, 5, 7)


class PlayoutBuffer:
    """Jitter buffer (抖动缓冲) for A-law audio. `put` what arrives, `take` one frame every 20 ms."""

    __slots__ = ("_late_in_row", "_missed_in_row", "_next", "_pieces", "_previous", "concealed", "late")

    def __init__(self) -> None:
        self._pieces: dict[int, bytes] = {}
        self._next: int | None = None  # timestamp of the next piece to play
        self._previous = Codec.PCMA.silence * _FRAME
        self._missed_in_row = len(_FADE_EIGHTHS)  # nothing to repeat before the first frame
        self._late_in_row = 0
        self.late = 0  # packets
        self.concealed = 0  # frames

    def put(self, timestamp: int, audio: bytes) -> None:
        """Take the audio of one packet; what does not fill a piece of 10 ms is dropped."""
        if self._next is None:
            self._restart(timestamp)
        ahead = self._ahead(timestamp)
        if ahead < 0:
            self.late += 1
            self._late_in_row += 1
            if self._late_in_row <= LATE_IN_ROW_MAX and ahead > -HELD_MS_MAX * _SAMPLES_PER_MS:
                return
            self._restart(timestamp)
        elif ahead > HELD_MS_MAX * _SAMPLES_PER_MS or ahead % _PIECE:
            self._restart(timestamp)
        self._late_in_row = 0
        for start in range(0, min(len(audio), HELD_MS_MAX * _SAMPLES_PER_MS) // _PIECE * _PIECE, _PIECE):
            self._pieces[timestamp + start & 0xFFFFFFFF] = audio[start : start + _PIECE]

    def take(self) -> bytes:
        """The next 20 ms: 160 samples, whatever arrived."""
        if self._next is None:
            return self._previous
        first = self._pieces.pop(self._next, None)
        second = self._pieces.pop(self._next + _PIECE & 0xFFFFFFFF, None)
        self._next = self._next + _FRAME & 0xFFFFFFFF
        if first is None and second is None:
            return self._conceal()
        self._missed_in_row = 0
        frame = (first or self._previous[_PIECE:]) + (second or (first or b""))
        self._previous = frame
        return frame

    def _conceal(self) -> bytes:
        self.concealed += 1
        if self._missed_in_row >= len(_FADE_EIGHTHS):
            return Codec.PCMA.silence * _FRAME
        eighths = _FADE_EIGHTHS[self._missed_in_row]
        self._missed_in_row += 1
        return fade_alaw(self._previous, eighths)

    def _ahead(self, timestamp: int) -> int:
        ahead = (timestamp - (self._next or 0)) & 0xFFFFFFFF
        return ahead - (1 << 32) if ahead >> 31 else ahead

    def _restart(self, timestamp: int) -> None:
        self._pieces.clear()
        self._next = (timestamp - DEPTH_MS * _SAMPLES_PER_MS) & 0xFFFFFFFF
        self._late_in_row = 0
