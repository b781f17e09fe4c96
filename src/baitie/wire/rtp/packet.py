"""RTP packets (RFC 3550 §5.1)."""

import struct
from typing import NamedTuple

from baitie.kernel.errors import WireError

HEADER = struct.Struct("!BBHII")
FRAME_PACKET = struct.Struct("!BBHII160s")  # header and 20 ms of audio
TIMESTAMP = struct.Struct("!4xI")  # that of a packet
VERSION_BITS = 0x80  # version 2, no padding, no extension, no contributing sources
_WORD = struct.Struct("!I")
_EXTENSION = struct.Struct("!HH")


class RtpError(WireError):
    """A datagram is not RTP or RTCP as RFC 3550 has it. It is counted and dropped."""

    code = "rtp-malformed"


class RtpPacket(NamedTuple):
    """One RTP packet. `extension` is (profile, content); `padding` the number of padding octets."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    csrcs: tuple[int, ...] = ()
    extension: tuple[int, bytes] | None = None
    padding: int = 0

    def serialise(self) -> bytes:
        """The packet as bytes; padding is zeros and its own length."""
        first = VERSION_BITS | (self.padding > 0) << 5 | (self.extension is not None) << 4 | len(self.csrcs)
        second = self.marker << 7 | self.payload_type
        parts = [HEADER.pack(first, second, self.sequence, self.timestamp, self.ssrc)]
        parts += [_WORD.pack(csrc) for csrc in self.csrcs]
        if self.extension is not None:
            profile, content = self.extension
            parts += [_EXTENSION.pack(profile, len(content) // 4), content]
        parts.append(self.payload)
        if self.padding:
            parts.append(bytes(self.padding - 1) + bytes([self.padding]))
        return b"".join(parts)


def parse_rtp_untrusted(data: bytes) -> RtpPacket:
    """Read a datagram as RTP. Raises RtpError only."""
    if len(data) < HEADER.size:
        raise RtpError("A datagram is too short for RTP.", bytes=len(data))
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if first == VERSION_BITS:
        return RtpPacket(second & 0x7F, second >= 0x80, sequence, timestamp, ssrc, data[HEADER.size :])
    if first >> 6 != 2:
        raise RtpError("A datagram is not of RTP version 2.")
    start = HEADER.size + 4 * (first & 0x0F)
    end = len(data)
    extension = None
    if start > end:
        raise RtpError("An RTP packet is cut within its contributing sources.")
    csrcs = tuple(_WORD.unpack_from(data, at)[0] for at in range(HEADER.size, start, 4))
    if first & 0x10:
        if start + 4 > end:
            raise RtpError("An RTP packet is cut within its extension.")
        profile, words = _EXTENSION.unpack_from(data, start)
        extension = (profile, data[start + 4 : start + 4 + 4 * words])
        start += 4 + 4 * words
        if start > end:
            raise RtpError("An RTP packet is cut within its extension.")
    padding = data[-1] if first & 0x20 else 0
    if first & 0x20 and not 0 < padding <= end - start:
        raise RtpError("The padding of an RTP packet has no possible length.")
    payload = data[start : end - padding]
    return RtpPacket(second & 0x7F, second >= 0x80, sequence, timestamp, ssrc, payload, csrcs, extension, padding)
