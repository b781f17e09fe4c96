"""Symmetric RTP (RFC 4961): behind NAT the peer's packets come from, and must go to, another address than its SDP says.

Whoever can reach our port could send packets to hear the call or to press its keys (RTP bleed), so the rules are
narrow:

1. The announced address is trusted at once. From its first packet on it is the only one, however long it is silent,
   until the peer announces another (re-INVITE).
2. Until then one other source is followed, after several packets in sequence of one SSRC. It is left for the announced
   address at once; for the announced host, as that is no stranger; and after a silence for the same SSRC from another
   port, as when a NAT forgets: who does not see the packets does not know it.
3. While the peer does not both send and receive (hold) nobody is followed anew.

A source that sent hardly more than the proof and fell silent for long was nobody: it is forgotten, so that a burst of
strange packets does not shut out a callee behind NAT who has not spoken yet.
"""

from collections import OrderedDict
from typing import NamedTuple, TypeAlias

RELATCH_SILENCE_S = 2.0
PROOF_PACKETS = 4  # in sequence, before an unannounced source is followed
PASSING_PACKETS = 8  # twice the proof: a source with fewer that then is silent for
PASSING_SILENCE_S = 5.0  # so long was no callee
STREAMS_OF_A_HOST_MAX = 2  # counted side by side: keys under an SSRC of their own come between the audio's packets
CANDIDATES_MAX = 64  # hosts whose proof is being counted; the one heard longest ago gives way

Address: TypeAlias = tuple[str, int]


class _Candidate(NamedTuple):
    """An unannounced source that has sent `proof` packets in sequence."""

    source: Address
    ssrc: int
    sequence: int
    proof: int


class SourceLatch:
    """Which source we listen to and send to (媒体源锁定). `only` is the announced address once it has been met."""

    __slots__ = ("_candidates", "_heard_at", "_packets", "_ssrc", "announced", "followed", "is_held", "only")

    def __init__(self, announced: Address) -> None:
        self.announced = announced
        self.followed: Address | None = None
        self.only: Address | None = None
        self.is_held = False
        self._heard_at = 0.0
        self._ssrc = 0  # of the followed source
        self._packets = 0  # of the followed source
        self._candidates: OrderedDict[str, tuple[_Candidate, ...]] = OrderedDict()  # by host, the last heard first

    def announce(self, address: Address) -> None:
        """The peer has said (anew) where its media is. The same address again changes nothing."""
        if address != self.announced:
            self.announced = address
            self.followed = self.only = None
            self._candidates.clear()

    def accepts(self, source: Address, ssrc: int, sequence: int, now: float) -> bool:
        """Whether a packet from `source` is to be used."""
        if source == self.announced:
            self.only = source
            self._candidates.clear()
            return self._follow(source, ssrc, now)
        if self.only is not None:
            return False
        if source == self.followed:
            self.on_followed(now)
            self._ssrc = ssrc
            return True
        if self.is_held or not self._is_proven(source, ssrc, sequence):
            return False
        return self._may_follow(source, ssrc, now) and self._follow(source, ssrc, now)

    def on_followed(self, now: float, packets: int = 1) -> None:
        """So many packets of the followed source were heard; as `accepts`, where that is known already."""
        self._heard_at = now
        self._packets += packets

    def _may_follow(self, source: Address, ssrc: int, now: float) -> bool:
        """Whether a proven source may take the place of the followed one, if there is one."""
        if self.followed is None:
            return True
        host = self.announced[0]
        if source[0] == host != self.followed[0]:
            return True
        silent_s = now - self._heard_at
        if silent_s > PASSING_SILENCE_S and self._packets < PASSING_PACKETS:
            return True
        return silent_s > RELATCH_SILENCE_S and ssrc == self._ssrc

    def _is_proven(self, source: Address, ssrc: int, sequence: int) -> bool:
        candidates = self._candidates.pop(source[0], ())
        before = (source, ssrc, (sequence - 1) & 0xFFFF)
        goes_on = next((candidate for candidate in candidates if candidate[:3] == before), None)
        proof = 1 if goes_on is None else min(goes_on.proof + 1, PROOF_PACKETS)
        if not candidates and len(self._candidates) >= CANDIDATES_MAX:
            self._candidates.popitem(last=False)
        others = [candidate for candidate in candidates if candidate is not goes_on]
        newest = _Candidate(source, ssrc, sequence, proof)
        self._candidates[source[0]] = (newest, *others)[:STREAMS_OF_A_HOST_MAX]
        return proof >= PROOF_PACKETS

    def _follow(self, source: Address, ssrc: int, now: float) -> bool:
        self._packets = self._packets + 1 if source == self.followed else PROOF_PACKETS
        self.followed = source
        self._ssrc = ssrc
        self._heard_at = now
        return True
