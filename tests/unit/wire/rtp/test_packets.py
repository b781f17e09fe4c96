"""Unit: RTP and RTCP packets to bytes and back."""

import pytest
from tests.fuzzing import fuzz

from baitie.wire.rtp import RtpError, RtpPacket, parse_rtcp_untrusted, parse_rtp_untrusted, serialise_rtcp
from baitie.wire.rtp.rtcp import Goodbye, ReceiverReport, ReportBlock, RtcpPacket, SenderReport, SourceDescription

PLAIN = RtpPacket(8, True, 4711, 0xFFFFFF60, 0xDEADBEEF, b"\xd5" * 160)
FULL = RtpPacket(101, False, 65535, 1, 2, b"\x01\x8a\x03\x20", (7, 8), (0xBEDE, b"\x10\x01\x00\x00"), 4)
BLOCK = ReportBlock(0xDEADBEEF, 12, -3, 70_000, 25, 0x12345678, 65536)
COMPOUND: list[RtcpPacket] = [
    SenderReport(1, 2**63 + 5, 160, 50, 8000, (BLOCK,)),
    SourceDescription(1, "0000abcd"),
    Goodbye((1, 2)),
]


def test_captured_bytes_are_read_field_by_field() -> None:
    data = bytes.fromhex("80 88 1267 ffffff60 deadbeef") + b"\xd5" * 160
    assert parse_rtp_untrusted(data) == PLAIN
    assert PLAIN.serialise() == data


@pytest.mark.parametrize("packet", [PLAIN, FULL, PLAIN._replace(padding=1), FULL._replace(extension=(1, b""))])
def test_packets_survive_the_way_to_bytes_and_back(packet: RtpPacket) -> None:
    assert parse_rtp_untrusted(packet.serialise()) == packet
    assert parse_rtp_untrusted(packet.serialise()).serialise() == packet.serialise()


def test_every_truncation_is_an_error_or_a_shorter_payload() -> None:
    whole = FULL.serialise()
    for length in range(len(whole)):
        try:
            packet = parse_rtp_untrusted(whole[:length])
        except RtpError:
            continue
        assert len(packet.payload) < len(whole)
    with pytest.raises(RtpError):
        parse_rtp_untrusted(whole[:11])


@pytest.mark.parametrize(
    "data",
    [
        b"\x40" + bytes(20),  # version 1
        b"\x8f\x08" + bytes(10),  # fifteen sources that are not there
        b"\x90\x08" + bytes(10),  # an extension that is not there
        b"\x90\x08" + bytes(12) + b"\x00\x09",  # an extension longer than the packet
        b"\xa0\x08" + bytes(11),  # padding of no length
        b"\xa0\x08" + bytes(10) + b"\x09",  # padding longer than the packet
    ],
)
def test_impossible_headers_raise_rtp_error(data: bytes) -> None:
    with pytest.raises(RtpError):
        parse_rtp_untrusted(data)


def test_fuzzed_rtp_raises_rtp_error_only() -> None:
    fuzz(parse_rtp_untrusted, RtpError, [PLAIN.serialise(), FULL.serialise()])


def test_reports_survive_the_way_to_bytes_and_back() -> None:
    assert parse_rtcp_untrusted(serialise_rtcp(COMPOUND)) == COMPOUND
    report = ReceiverReport(9, (BLOCK, BLOCK._replace(lost=0x7FFFFF)))
    assert parse_rtcp_untrusted(serialise_rtcp([report])) == [report]


def test_a_loss_figure_beyond_24_bits_is_clamped() -> None:
    (read,) = parse_rtcp_untrusted(serialise_rtcp([ReceiverReport(9, (BLOCK._replace(lost=2**30),))]))
    assert isinstance(read, ReceiverReport)
    assert read.blocks[0].lost == 0x7FFFFF


def test_every_truncation_of_reports_is_an_error_or_fewer_packets() -> None:
    whole = serialise_rtcp(COMPOUND)
    for length in range(len(whole)):
        try:
            assert len(parse_rtcp_untrusted(whole[:length])) < len(COMPOUND)
        except RtpError:
            continue


def test_packets_of_unknown_type_are_passed_over_and_padding_is_cut() -> None:
    unknown = bytes([0x80, 204, 0, 1, 0, 0, 0, 0])
    padded = bytes([0xA1, 203, 0, 2]) + bytes([0, 0, 0, 5]) + bytes([0, 0, 0, 4])
    assert parse_rtcp_untrusted(unknown + padded) == [Goodbye((5,))]


def test_fuzzed_rtcp_raises_rtp_error_only() -> None:
    fuzz(parse_rtcp_untrusted, RtpError, [serialise_rtcp(COMPOUND), bytes([0x80, 204, 0, 0])])
