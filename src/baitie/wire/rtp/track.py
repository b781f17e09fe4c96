"""The two tracks of a call's recording on one media clock, as blocks of interleaved A-law samples.

Audio is put where its time says, in any order, within a window; what has left the window is handed over in blocks.
Places never written are silence. No I/O: who owns the track takes the blocks and writes them.
"""

from baitie.wire.g711 import Codec

BLOCK_SAMPLES = 16_000  # 2 s: one write of 32 kB
LATENESS_SAMPLES = 8_000  # audio up to 1 s late still finds its place
_WINDOW_SAMPLES = BLOCK_SAMPLES + 2 * LATENESS_SAMPLES
_BLOCKS_HELD_MAX = 8  # 16 s nobody fetched: the oldest are given up
_SILENCE = Codec.PCMA.silence


class StereoTrack:
    """Two-channel recording buffer (双声道录音): left the callee, right us. Positions are samples since the
    beginning."""

    __slots__ = ("_base", "_blocks", "_end", "_left", "_right", "late_packets")

    def __init__(self) -> None:
        self._base = 0
        self._end = 0  # one after the last sample written on either side
        self._left = bytearray(_SILENCE * _WINDOW_SAMPLES)
        self._right = bytearray(_SILENCE * _WINDOW_SAMPLES)
        self._blocks: list[bytes] = []
        self.late_packets = 0

    @property
    def recorded_ms(self) -> int:
        """Length of the recording so far."""
        return self._end // 8

    def put_left(self, position: int, audio: bytes) -> None:
        """The callee's audio, A-law, at its place."""
        self._put(self._left, position, audio)

    def put_right(self, position: int, audio: bytes) -> None:
        """Our audio, A-law, at its place."""
        self._put(self._right, position, audio)

    def take_blocks(self) -> list[bytes]:
        """The whole blocks that can no longer change, oldest first; often none."""
        if self._end - self._base >= BLOCK_SAMPLES + LATENESS_SAMPLES:
            self._hand_over(BLOCK_SAMPLES)
        blocks, self._blocks = self._blocks, []
        return blocks

    def take_rest(self) -> list[bytes]:
        """Everything that is left, at the end of the call."""
        if self._end > self._base:
            self._hand_over(self._end - self._base)
        return self.take_blocks()

    def _put(self, side: bytearray, position: int, audio: bytes) -> None:
        at = position - self._base
        if at < 0:
            self.late_packets += 1
            return
        size = len(audio)
        while at + size > _WINDOW_SAMPLES:
            if size > LATENESS_SAMPLES:
                return  # no packet of a telephone call is that long
            self._hand_over(BLOCK_SAMPLES)
            at -= BLOCK_SAMPLES
            if at < 0:
                return
        side[at : at + size] = audio
        if position + size > self._end:
            self._end = position + size

    def _hand_over(self, samples: int) -> None:
        block = bytearray(2 * samples)
        for channel, side in enumerate((self._left, self._right)):
            block[channel::2] = side[:samples]
            del side[:samples]
            side += _SILENCE * samples
        self._base += samples
        self._end = max(self._end, self._base)
        if len(self._blocks) >= _BLOCKS_HELD_MAX:
            del self._blocks[0]
        self._blocks.append(bytes(block))
