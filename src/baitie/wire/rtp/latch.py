"""Symmetric RTP (RFC 4961): behind NAT the peer's packets come from, and must go to, another address than its SDP says.

Whoever can guess our port could send packets to turn the audio to itself (RTP bleed), so the rules are narrow:

1. Packets from the announced address are trusted at once, and take over from any other, once.
2. Another source is followed after several packets in sequence of one SSRC, while the announced address is silent.
3. Once followed, a source is left only after it has been silent for `RELATCH_SILENCE_S`, or when the peer announces
   another address (re-INVITE). Packets of all others are dropped meanwhile.
"""

from typing import TypeAlias

RELATCH_SILENCE_S = 2.0
PROOF_PACKETS = 4  # in sequence, before an unannounced source is followed

Address: TypeAlias = tuple[str, int]


class SourceLatch:
    """Which source we listen to and send to (媒体源锁定)."""

    __slots__ = (
        "_candidate",
        "_has_met_announced",
        "_heard_at",
        "_proof",
        "_sequence",
        "_ssrc",
        "announced",
        "followed",
    )

    def __init__(self, announced: Address) -> None:
        self.announced = announced
        self.followed: Address | None = None
        self._has_met_announced = False
        self._heard_at = 0.0
        self._candidate: Address | None = None
        self._proof = 0
        self._ssrc = 0
        self._sequence = 0

    def announce(self, address: Address) -> None:
        """The peer has said (anew) where its media is. The same address again changes nothing."""
        if address != self.announced:
            self.announced = address
            self.followed = None
            self._has_met_announced = False
            self._proof = 0

    def accepts(self, source: Address, ssrc: int, sequence: int, now: float) -> bool:
        """Whether a packet from `source` is to be used."""
        if source == self.followed:
            self._heard_at = now
            return True
        if source == self.announced:
            if self._has_met_announced and self.followed is not None and not self._may_leave(now):
                return False
            self._has_met_announced = True
            return self._follow(source, now)
        if self.followed is not None and not self._may_leave(now):
            return False
        if self._is_proven(source, ssrc, sequence):
            return self._follow(source, now)
        return False

    def on_followed(self, now: float) -> None:
        """The followed source was heard; as `accepts`, where that is known already."""
        self._heard_at = now

    def _may_leave(self, now: float) -> bool:
        return now - self._heard_at > RELATCH_SILENCE_S

    def _is_proven(self, source: Address, ssrc: int, sequence: int) -> bool:
        if source == self._candidate and ssrc == self._ssrc and sequence == (self._sequence + 1) & 0xFFFF:
            self._proof += 1
        else:
            self._candidate, self._ssrc, self._proof = source, ssrc, 1
        self._sequence = sequence
        return self._proof >= PROOF_PACKETS

    def _follow(self, source: Address, now: float) -> bool:
        self.followed = source
        self._heard_at = now
        self._candidate = None
        return True
