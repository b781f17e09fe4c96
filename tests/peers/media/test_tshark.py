"""Peers: tshark reads our RTP, RTCP and keys from a capture and counts our losses."""

import random
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.peers.peers import require

from baitie.kernel.time import Instant
from baitie.wire.g711 import Codec
from baitie.wire.rtp import RtpSession
from baitie.wire.sdp import Direction, MediaAgreement

US, PEER = ("192.0.2.1", 4000), ("192.0.2.2", 5000)
AGREEMENT = MediaAgreement(*PEER, 5001, Codec.PCMA, 8, 101, 101, Direction.SENDRECV, 20)

Captured = tuple[float, tuple[str, int], tuple[str, int], bytes]


def write_capture(path: Path, packets: Sequence[Captured]) -> None:
    """A pcap file of raw IPv4 packets (link type 101)."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for at, source, target, data in packets:
            udp = struct.pack("!HHHH", source[1], target[1], 8 + len(data), 0) + data
            addresses = b"".join(bytes(map(int, host.split("."))) for host, _ in (source, target))
            packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + addresses + udp
            file.write(struct.pack("<IIII", int(at), round(at % 1 * 1e6), len(packet), len(packet)) + packet)


def a_call(path: Path) -> tuple[RtpSession, RtpSession]:
    """10 s of call from us to the peer over a network that loses 5 % and delays by up to 10 ms; the two sessions."""
    left, right, rng = RtpSession("us", 0xA1, 65000, 7), RtpSession("peer", 0xB2, 1, 9), random.Random(5)
    left.connect(AGREEMENT, Instant(0.0))
    right.connect(replace(AGREEMENT, remote_ip=US[0], remote_port=US[1], remote_rtcp_port=4001), Instant(0.0))
    left.play(1, [bytes(range(256)) * 100])
    arriving: list[Captured] = []
    for tick in range(500):
        if tick == 100:
            assert left.send_keys("159#")
        data, _ = left.on_tick(Instant(tick * 0.02))
        right.on_tick(Instant(tick * 0.02))
        if data is not None and (tick in (0, 499) or rng.random() > 0.05):
            arriving.append((round(tick * 0.02 + rng.uniform(0, 0.01), 6), US, PEER, data))
    for at, _, _, data in arriving:
        right.on_packet_untrusted(data, US, Instant(at))
    last = Instant(10.0)
    arriving.append((10.0, PEER, (US[0], 4001), right.report(last, is_last=True)))
    write_capture(path, arriving)
    return left, right


def tshark(path: Path, *options: str) -> str:
    command = [require("tshark"), "-r", str(path), "-d", "udp.port==5000,rtp", "-d", "udp.port==4001,rtcp"]
    return subprocess.run([*command, *options], capture_output=True, check=True, text=True).stdout


def test_tshark_sees_no_malformed_packet_and_all_keys(tmp_path: Path) -> None:
    path = tmp_path / "call.pcap"
    a_call(path)
    assert tshark(path, "-Y", "_ws.malformed") == ""
    fields = ["-T", "fields", "-e", "rtp.timestamp", "-e", "rtp.p_type", "-e", "rtp.payload"]
    rows = [line.split("\t") for line in tshark(path, "-Y", "rtp", *fields).splitlines()]
    assert {row[1] for row in rows} == {"8", "101"}
    presses = {row[0]: int(row[2][:2], 16) for row in rows if row[1] == "101"}
    assert list(presses.values()) == [1, 5, 9, 11]


def test_tshark_counts_our_packets_and_losses_as_we_do(tmp_path: Path) -> None:
    path = tmp_path / "call.pcap"
    _, right = a_call(path)
    table = tshark(path, "-q", "-z", "rtp,streams").splitlines()
    (row,) = [line for line in table if "0x000000A1" in line]
    words = row.replace("(", " ").split()
    summary = right.summary()
    at = words.index("0x000000A1")
    assert "g711A" in words[at + 1]
    counts = [word for word in words[at + 2 :] if word.lstrip("-").isdigit()]
    assert (int(counts[0]), int(counts[1])) == (summary.packets_received, summary.packets_lost)


def test_tshark_reads_our_report_and_goodbye(tmp_path: Path) -> None:
    path = tmp_path / "call.pcap"
    _, right = a_call(path)
    names = ["rtcp.pt", "rtcp.ssrc.identifier", "rtcp.ssrc.cum_nr", "rtcp.ssrc.jitter", "rtcp.sdes.text"]
    fields = [option for name in names for option in ("-e", name)]
    kinds, source, lost, jitter, name = tshark(path, "-Y", "rtcp", "-T", "fields", *fields).rstrip("\n").split("\t")
    assert kinds == "200,202,203"
    assert [int(entry, 16) for entry in source.split(",")] == [0xA1, 0xB2, 0xB2]
    assert int(lost) == right.summary().packets_lost
    assert right.reception is not None
    assert int(jitter) == int(right.reception.jitter)
    assert name == f"{right.ssrc:08x}"
