"""Packets that came exactly as expected, put by to be worked through together.

Nearly every packet of a call is the next one of the stream that is followed already, and nothing has to be decided
about it. To see that takes one comparison; all the rest (jitter, place on the recording) costs far less for many
packets of one call in a row than for one packet of each call in turn, when nothing of the call is in the cache.
"""

import struct

from baitie.kernel.time import Instant
from baitie.wire.g711 import Codec
from baitie.wire.rtp.latch import Address
from baitie.wire.rtp.packet import VERSION_BITS

RUN_PACKETS_MAX = 50  # 1 s: what is recorded so late still finds its place
_HEADER = struct.Struct("!HH4xI")  # version, flags and payload type in one; sequence number; SSRC
_NO_SEQUENCE = -1


class OrderlyRun:
    """Packets in order (连续包) since the last `clear`. It takes the expected packet and no other."""

    __slots__ = ("_kind", "_sequence", "_source", "_ssrc", "arrivals", "law", "packets")

    def __init__(self) -> None:
        self._kind = 0
        self._sequence = _NO_SEQUENCE
        self._ssrc = 0
        self._source: Address = ("", 0)
        self.law = Codec.PCMA
        self.packets: list[bytes] = []
        self.arrivals: list[Instant] = []  # of each packet

    def expect(self, sequence: int, payload_type: int, law: Codec | None, ssrc: int, source: Address) -> None:
        """Take from now on the stream that goes on with `sequence`, as long as it is audio behind a plain header."""
        self._kind = VERSION_BITS << 8 | payload_type
        self._sequence = _NO_SEQUENCE if law is None else sequence
        self._ssrc, self._source, self.law = ssrc, source, law or self.law

    def expect_nothing(self) -> None:
        """Take no packet until the next `expect`."""
        self._sequence = _NO_SEQUENCE

    def takes_untrusted(self, data: bytes, source: Address, now: Instant) -> bool:
        """Whether this is the expected packet; it is put by then. False also when too many are. Raises nothing."""
        try:
            kind, sequence, ssrc = _HEADER.unpack_from(data)
        except struct.error:
            return False
        if sequence != self._sequence or kind != self._kind or ssrc != self._ssrc or source != self._source:
            return False
        packets = self.packets
        if len(packets) >= RUN_PACKETS_MAX:
            return False
        self._sequence = sequence + 1  # past 65535 nothing matches, and the session has to say anew what it expects
        packets.append(data)
        self.arrivals.append(now)
        return True

    def clear(self) -> None:
        """Forget what was put by; what is expected stays."""
        self.packets.clear()
        self.arrivals.clear()
