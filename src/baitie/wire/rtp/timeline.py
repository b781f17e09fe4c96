"""Where the audio of an RTP timestamp stands on our own media clock."""

JUMP_SAMPLES_MAX = 4000  # 0.5 s away from its time of arrival: the source began a new time line
DRIFT_SAMPLES_MAX = 320  # 40 ms: two clocks of 50 ppm drift so far in 7 minutes
_DRIFT_PERIOD = 250  # packets, 5 s


class Timeline:
    """Maps a source's timestamps to positions in samples (媒体时间轴). Anchored at the first packet; follows the drift
    between the two clocks by the packets that came with the least waiting, so that jitter does not move it."""

    __slots__ = ("_anchor", "_count", "_position", "_waiting_min")

    def __init__(self) -> None:
        self._anchor: int | None = None
        self._position = 0  # of the anchor
        self._count = 0
        self._waiting_min = JUMP_SAMPLES_MAX

    def position(self, timestamp: int, arrived: int) -> int:
        """The place of this packet; `arrived` is the place of the present moment."""
        if self._anchor is None:
            self._anchor, self._position = timestamp, arrived
        ahead = (timestamp - self._anchor) & 0xFFFFFFFF
        if ahead >> 31:
            ahead -= 1 << 32
        place = self._position + ahead
        waiting = arrived - place
        if not -JUMP_SAMPLES_MAX < waiting < JUMP_SAMPLES_MAX:
            self._move_to(timestamp, arrived)
            return arrived
        if waiting < self._waiting_min:
            self._waiting_min = waiting
        self._count += 1
        if self._count >= _DRIFT_PERIOD:
            self._follow_drift(timestamp, place)
        return place

    def _follow_drift(self, timestamp: int, place: int) -> None:
        drift = self._waiting_min if abs(self._waiting_min) > DRIFT_SAMPLES_MAX else 0
        self._move_to(timestamp, place + drift)

    def _move_to(self, timestamp: int, place: int) -> None:
        self._anchor, self._position = timestamp, place
        self._count = 0
        self._waiting_min = JUMP_SAMPLES_MAX
