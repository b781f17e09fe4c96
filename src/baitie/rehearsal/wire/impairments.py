"""What befalls bytes on their way between the dialler and the carrier. Pure: chance is handed in."""

import math
import random
from dataclasses import dataclass

DATAGRAM_BYTES_UNDIVIDED = 1472
"""A longer UDP datagram travels in several packets of Ethernet's 1,500 octets, and is lost with any of them."""

RETRANSMIT_AFTER_S = 0.2
"""A lost segment of a stream comes so much later: the least retransmission time-out of Linux (RFC 6298 §2.4: 1 s)."""

COPY_AFTER_S = 0.002
"""A doubled datagram comes again so soon (assumed: both took nearly the same way)."""


@dataclass(frozen=True, slots=True)
class Impairments:
    """Impairments (网络损伤) of the way, the same in both directions. By default a quiet one: 10 ms, nothing lost."""

    latency_median_s: float = 0.010
    latency_sigma: float = 0.1  # what is sent closer together than this moves it may change places
    lost_rate: float = 0.0
    doubled_rate: float = 0.0
    held_back_rate: float = 0.0  # datagrams that others overtake
    held_back_s: float = 0.060
    stream_cuts_per_h: float = 0.0  # all connections break at once
    stream_cut_s: float = 5.0  # and nobody can connect for so long

    @property
    def is_quiet(self) -> bool:
        """Whether every datagram comes, once."""
        return not (self.lost_rate or self.doubled_rate or self.held_back_rate)


QUIET_WAY = Impairments()


def deliver(datagram: bytes, way: Impairments, rng: random.Random) -> list[float]:
    """After how many seconds this datagram arrives: once each; nothing where it is lost."""
    if way.is_quiet:
        return [_latency_s(way, rng)]
    packets = -(-len(datagram) // DATAGRAM_BYTES_UNDIVIDED) or 1
    if any(rng.random() < way.lost_rate for _ in range(packets)):
        return []
    after_s = _latency_s(way, rng)
    if rng.random() < way.held_back_rate:
        after_s += way.held_back_s
    return [after_s, after_s + COPY_AFTER_S] if rng.random() < way.doubled_rate else [after_s]


def stream_latency_s(way: Impairments, rng: random.Random) -> float:
    """After how many seconds a piece of a stream arrives. Nothing of a stream is lost; it comes late."""
    after_s = _latency_s(way, rng)
    while rng.random() < way.lost_rate:
        after_s += RETRANSMIT_AFTER_S
    return after_s


def _latency_s(way: Impairments, rng: random.Random) -> float:
    if not way.latency_sigma:
        return way.latency_median_s
    return way.latency_median_s * math.exp(way.latency_sigma * rng.gauss(0.0, 1.0))
