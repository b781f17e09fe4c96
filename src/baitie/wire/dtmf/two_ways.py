"""One press told twice: as a telephone event in RTP and by the signalling.

Gateways that know both RFC 4733 and SIP INFO often send both for one press, whatever was agreed. Neither way can be
left out beforehand: some announce the one and use the other. So the second report of a press changes nothing.
"""

from collections import deque
from enum import StrEnum

from baitie.kernel.time import Instant

SAME_PRESS_WITHIN_S = 4.0  # an INFO lost twice comes after T1 + 2 T1 = 1.5 s, three times after 3.5 s
PRESSES_REMEMBERED = 32


class KeyWay(StrEnum):
    """By which way a key was told (按键途径)."""

    MEDIA = "media"
    SIGNALLING = "signalling"


class TwoWayKeys:
    """Key presses of one call that may be told by both ways (双途径按键).

    Each report of one way answers for at most one of the other, so that a key pressed twice stays two.
    """

    __slots__ = ("_unmatched",)

    def __init__(self) -> None:
        self._unmatched: deque[tuple[str, KeyWay, Instant]] = deque(maxlen=PRESSES_REMEMBERED)

    def is_new(self, key: str, way: KeyWay, now: Instant) -> bool:
        """Whether the press is told for the first time."""
        unmatched = self._unmatched
        while unmatched and now - unmatched[0][2] > SAME_PRESS_WITHIN_S:
            unmatched.popleft()
        for press in unmatched:
            if press[0] == key and press[1] is not way:
                unmatched.remove(press)
                return False
        unmatched.append((key, way, now))
        return True
