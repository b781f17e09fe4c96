"""What the peer's reports say of us: hostile ones raise one error class and leave figures within their bounds."""

from tests.fuzzing import fuzz

from baitie.kernel.time import Instant
from baitie.kernel.undefined import Undefined
from baitie.wire.rtp import RtpError
from baitie.wire.rtp.reports import RtcpReporter
from baitie.wire.rtp.rtcp import Goodbye, ReceiverReport, ReportBlock, SenderReport, serialise_rtcp

SSRC = 0x1234


def test_fuzzed_reports_raise_rtp_error_only_and_count_no_negative_loss() -> None:
    block = ReportBlock(SSRC, 3, 7, 1000, 12, 5, 6)
    seeds = [
        serialise_rtcp([SenderReport(1, 2**63, 3, 4, 5, (block,)), Goodbye((1,))]),
        serialise_rtcp([ReceiverReport(1, (block, block))]),
    ]
    reporter = RtcpReporter(SSRC)

    def take(data: bytes) -> None:
        reporter.on_datagram_untrusted(data, Instant(1.0))
        assert isinstance(reporter.remote_lost_packets, Undefined) or reporter.remote_lost_packets >= 0
        assert reporter.compose(None, 1, 0, Instant(2.0), is_last=False)

    fuzz(take, RtpError, seeds)
