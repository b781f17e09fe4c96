"""The queue of prompts of one call: 20 ms of A-law at a time."""

from collections import deque
from collections.abc import Sequence

from baitie.wire.g711 import Codec

FRAME_SAMPLES = 160
QUEUED_PLAYS_MAX = 32
_SILENCE = Codec.PCMA.silence * FRAME_SAMPLES


class PromptPlayer:
    """Prompt queue (放音队列). A play is one order: some prompts without a pause between them."""

    __slots__ = ("_audio", "_offset", "_plays", "_prompts", "finished", "play_id")

    def __init__(self) -> None:
        self._plays: deque[tuple[int, Sequence[bytes]]] = deque()
        self._prompts: deque[bytes] = deque()  # of the present play
        self._audio = b""
        self._offset = 0
        self.play_id: int | None = None  # the present play
        self.finished: int | None = None  # the play that ended with the last frame

    def play(self, play_id: int, prompts: Sequence[bytes]) -> bool:
        """Queue an order behind the others; False where too many wait."""
        if len(self._plays) >= QUEUED_PLAYS_MAX:
            return False
        self._plays.append((play_id, prompts))
        return True

    def stop(self) -> list[int]:
        """Drop everything, and give the ids of what was dropped, the present one first."""
        stopped = [] if self.play_id is None else [self.play_id]
        stopped += [play_id for play_id, _ in self._plays]
        self._plays.clear()
        self._prompts.clear()
        self._audio, self._offset, self.play_id = b"", 0, None
        return stopped

    def next_frame(self) -> bytes:
        """160 samples: prompt or silence. Afterwards `finished` names the play that is over by it."""
        offset = self._offset
        frame = self._audio[offset : offset + FRAME_SAMPLES]
        if len(frame) == FRAME_SAMPLES:
            self._offset = offset + FRAME_SAMPLES
            self.finished = None
            return frame
        return self._across_prompts(frame)

    def _across_prompts(self, frame: bytes) -> bytes:
        self.finished = None
        while len(frame) < FRAME_SAMPLES:
            if self._prompts:
                self._audio = self._prompts.popleft()
                self._offset = FRAME_SAMPLES - len(frame)
                frame += self._audio[: self._offset]
            elif self.play_id is not None:
                # The rest of the frame stays silent: the next play begins on a frame of its own.
                self.finished, self.play_id = self.play_id, None
                self._audio, self._offset = b"", 0
                return frame + _SILENCE[len(frame) :]
            elif self._plays:
                self.play_id, prompts = self._plays.popleft()
                self._prompts.extend(prompts)
            else:
                return _SILENCE
        return frame
