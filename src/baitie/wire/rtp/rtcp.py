"""RTCP (RFC 3550 §6): sender and receiver reports, source description, goodbye."""

import struct
from typing import NamedTuple

from baitie.wire.rtp.packet import RtpError

SR, RR, SDES, BYE = 200, 201, 202, 203
PACKETS_MAX = 16  # in one compound datagram
_HEADER = struct.Struct("!BBH")
_SENDER = struct.Struct("!IQIII")  # SSRC, NTP time, RTP time, packets, octets
_BLOCK = struct.Struct("!IIIIII")
_WORD = struct.Struct("!I")
_CNAME = 1


class ReportBlock(NamedTuple):
    """What a receiver says of one source. `fraction_lost` in 256ths, `jitter` in samples, `dlsr` in 1/65536 s."""

    ssrc: int
    fraction_lost: int
    lost: int
    highest_sequence: int
    jitter: int
    lsr: int = 0
    dlsr: int = 0


class SenderReport(NamedTuple):
    """SR: `ntp` as 32.32 fixed point seconds."""

    ssrc: int
    ntp: int
    rtp_timestamp: int
    packets: int
    octets: int
    blocks: tuple[ReportBlock, ...] = ()


class ReceiverReport(NamedTuple):
    """RR."""

    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


class SourceDescription(NamedTuple):
    """SDES with its CNAME; other items are passed over."""

    ssrc: int
    cname: str


class Goodbye(NamedTuple):
    """BYE."""

    ssrcs: tuple[int, ...]


RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Goodbye


def serialise_rtcp(packets: list[RtcpPacket]) -> bytes:
    """One compound datagram. It has to begin with a report (§6.1)."""
    return b"".join(_serialise(packet) for packet in packets)


def _serialise(packet: RtcpPacket) -> bytes:
    match packet:
        case SenderReport(ssrc, ntp, rtp_timestamp, count, octets, blocks):
            body = _SENDER.pack(ssrc, ntp, rtp_timestamp, count & 0xFFFFFFFF, octets & 0xFFFFFFFF)
            return _framed(SR, len(blocks), body + b"".join(map(_block, blocks)))
        case ReceiverReport(ssrc, blocks):
            return _framed(RR, len(blocks), _WORD.pack(ssrc) + b"".join(map(_block, blocks)))
        case SourceDescription(ssrc, cname):
            text = cname.encode()[:255]
            item = bytes([_CNAME, len(text)]) + text
            return _framed(SDES, 1, _WORD.pack(ssrc) + item + bytes(4 - len(item) % 4))
        case Goodbye(ssrcs):
            return _framed(BYE, len(ssrcs), b"".join(map(_WORD.pack, ssrcs)))


def _framed(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(0x80 | count, kind, len(body) // 4) + body


def _block(block: ReportBlock) -> bytes:
    lost = max(-0x800000, min(0x7FFFFF, block.lost)) & 0xFFFFFF
    return _BLOCK.pack(
        block.ssrc,
        block.fraction_lost << 24 | lost,
        block.highest_sequence,
        block.jitter & 0xFFFFFFFF,
        block.lsr,
        block.dlsr,
    )


def parse_rtcp_untrusted(data: bytes) -> list[RtcpPacket]:
    """Read a compound datagram; packets of other types are passed over. Raises RtpError only."""
    packets: list[RtcpPacket] = []
    start = 0
    for _ in range(PACKETS_MAX):
        if start == len(data):
            return packets
        if start + _HEADER.size > len(data):
            raise RtpError("An RTCP datagram is cut within a header.")
        first, kind, words = _HEADER.unpack_from(data, start)
        end = start + 4 + 4 * words
        if first >> 6 != 2 or end > len(data):
            raise RtpError("An RTCP packet is not of version 2, or longer than its datagram.")
        body = data[start + 4 : end]
        if first & 0x20:
            if not body or not 0 < body[-1] <= len(body):
                raise RtpError("The padding of an RTCP packet has no possible length.")
            body = body[: -body[-1]]
        packet = _parse(kind, first & 0x1F, body)
        if packet is not None:
            packets.append(packet)
        start = end
    if start == len(data):
        return packets
    raise RtpError("An RTCP datagram has too many packets.", packets_max=PACKETS_MAX)


def _parse(kind: int, count: int, body: bytes) -> RtcpPacket | None:
    if kind == SR:
        if len(body) < _SENDER.size:
            raise RtpError("An RTCP sender report is cut.")
        ssrc, ntp, rtp_timestamp, packets, octets = _SENDER.unpack_from(body)
        return SenderReport(ssrc, ntp, rtp_timestamp, packets, octets, _blocks(count, body, _SENDER.size))
    if kind == RR:
        if len(body) < _WORD.size:
            raise RtpError("An RTCP receiver report is cut.")
        return ReceiverReport(_WORD.unpack_from(body)[0], _blocks(count, body, _WORD.size))
    if kind == BYE:
        if len(body) < 4 * count:
            raise RtpError("An RTCP goodbye is cut.")
        return Goodbye(struct.unpack_from(f"!{count}I", body))
    return _parse_sdes(body) if kind == SDES and count else None


def _parse_sdes(body: bytes) -> SourceDescription | None:
    if len(body) < 4:
        raise RtpError("An RTCP source description is cut.")
    at = 4
    while at < len(body) and body[at]:
        if at + 2 > len(body) or at + 2 + body[at + 1] > len(body):
            raise RtpError("An RTCP source description is cut within an item.")
        text = body[at + 2 : at + 2 + body[at + 1]]
        if body[at] == _CNAME:
            return SourceDescription(_WORD.unpack_from(body)[0], text.decode("utf-8", "replace"))
        at += 2 + len(text)
    return None


def _blocks(count: int, body: bytes, start: int) -> tuple[ReportBlock, ...]:
    if start + count * _BLOCK.size > len(body):
        raise RtpError("An RTCP report is cut within its blocks.")
    blocks = []
    for at in range(start, start + count * _BLOCK.size, _BLOCK.size):
        ssrc, lost, highest, jitter, lsr, dlsr = _BLOCK.unpack_from(body, at)
        signed = (lost & 0xFFFFFF) - (1 << 24 if lost & 0x800000 else 0)
        blocks.append(ReportBlock(ssrc, lost >> 24, signed, highest, jitter, lsr, dlsr))
    return tuple(blocks)
