"""Our side of RTCP: composing reports, and what the peer's reports say of our packets."""

from baitie.kernel.time import Instant
from baitie.kernel.undefined import Undefined
from baitie.wire.rtp.reception import Reception
from baitie.wire.rtp.rtcp import (
    Goodbye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    parse_rtcp_untrusted,
    serialise_rtcp,
)

REPORT_EVERY_S = 5.0  # RFC 3550 §6.2: the least interval
_FRAME_OCTETS = 160


class RtcpReporter:
    """RTCP reports (RTCP 报告) of one session."""

    __slots__ = ("_reported_at", "_reported_ntp", "has_said_goodbye", "remote_lost_packets", "ssrc")

    def __init__(self, ssrc: int) -> None:
        self.ssrc = ssrc
        self._reported_ntp = 0  # middle 32 bits of the peer's last report
        self._reported_at: Instant | None = None
        self.remote_lost_packets: int | Undefined = Undefined("no-report")
        self.has_said_goodbye = False

    def compose(
        self, reception: Reception | None, packets_sent: int, timestamp: int, now: Instant, is_last: bool
    ) -> bytes:
        """SR (or RR before anything was sent), SDES, and BYE at the end. Our time line is the monotonic one: RFC 3550
        §6.4.1 lets a sender without wall clock do so."""
        blocks = () if reception is None else (self._block(reception, now),)
        report: RtcpPacket = ReceiverReport(self.ssrc, blocks)
        if packets_sent:
            ntp = int(now * (1 << 32)) & 0xFFFFFFFFFFFFFFFF
            octets = packets_sent * _FRAME_OCTETS
            report = SenderReport(self.ssrc, ntp, timestamp, packets_sent, octets, blocks)
        # The name must not tell who calls: the random SSRC stands for it (RFC 7022).
        packets: list[RtcpPacket] = [report, SourceDescription(self.ssrc, f"{self.ssrc:08x}")]
        return serialise_rtcp([*packets, Goodbye((self.ssrc,))] if is_last else packets)

    def _block(self, reception: Reception, now: Instant) -> ReportBlock:
        since = 0.0 if self._reported_at is None else now - self._reported_at
        return ReportBlock(
            ssrc=reception.ssrc,
            fraction_lost=reception.take_loss_fraction(),
            lost=reception.lost,
            highest_sequence=reception.highest_sequence,
            jitter=int(reception.jitter),
            lsr=self._reported_ntp,
            dlsr=int(since * 65536) & 0xFFFFFFFF,
        )

    def on_datagram_untrusted(self, data: bytes, now: Instant) -> None:
        """Take the peer's report. Raises RtpError only."""
        for packet in parse_rtcp_untrusted(data):
            match packet:
                case SenderReport() | ReceiverReport():
                    if isinstance(packet, SenderReport):
                        self._reported_ntp = packet.ntp >> 16 & 0xFFFFFFFF
                        self._reported_at = now
                    for block in packet.blocks:
                        if block.ssrc == self.ssrc:
                            self.remote_lost_packets = max(0, block.lost)
                case Goodbye():
                    self.has_said_goodbye = True
                case SourceDescription():
                    pass
