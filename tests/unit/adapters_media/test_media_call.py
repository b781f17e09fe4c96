"""Unit: a call's socket under a flood of strangers, without sockets and time."""

import random
from collections import deque
from typing import Any

from baitie.adapters.media.call import REFUSED_IN_A_READ_MAX, MediaCall
from baitie.kernel.time import Instant
from baitie.wire.g711 import Codec
from baitie.wire.rtp import MediaStarted, RtpPacket, RtpSession
from baitie.wire.sdp import Direction, MediaAgreement

PEER, STRANGER = ("192.0.2.2", 5000), ("203.0.113.9", 9999)
AGREEMENT = MediaAgreement(*PEER, 5001, Codec.PCMA, 8, 101, 101, Direction.SENDRECV, 20)


class Queue:
    """A socket that has these datagrams waiting."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[bytes, Any]] = deque()

    def recvfrom(self, bytes_max: int, /) -> tuple[bytes, Any]:
        if not self.waiting:
            raise BlockingIOError
        return self.waiting.popleft()

    def sendto(self, data: bytes, address: Any, /) -> int:
        return len(data)

    def fileno(self) -> int:
        return 0

    def getsockname(self) -> Any:
        return ("192.0.2.1", 4000)

    def close(self) -> None:
        return None


def audio(n: int, ssrc: int = 7) -> bytes:
    return RtpPacket(8, False, n, n * 160, ssrc, bytes(160)).serialise()


def call_with(waiting: list[tuple[bytes, tuple[str, int]]]) -> tuple[MediaCall, Queue]:
    session = RtpSession("call", 1, 2, 3)
    session.connect(AGREEMENT, Instant(0.0))
    own = Queue()
    call = MediaCall(session, own, Queue(), random.Random(1))
    own.waiting.extend([(audio(0), PEER), *waiting])
    assert call.read_rtp(Instant(0.0)) == (MediaStarted("call", Instant(0.0)),)
    return call, own


def test_one_reading_passes_over_strangers_to_the_calls_own_packet() -> None:
    strangers = [(audio(n, 66), STRANGER) for n in range(50)]
    call, own = call_with([*strangers, (audio(1), PEER), *strangers])
    call.read_rtp(Instant(0.02))
    assert call.session.summary().packets_received == 2
    assert len(own.waiting) == 50


def test_one_reading_takes_one_packet_of_the_call() -> None:
    call, own = call_with([(audio(n), PEER) for n in range(1, 10)])
    call.read_rtp(Instant(0.02))
    assert len(own.waiting) == 8


def test_one_reading_of_a_flood_is_bounded() -> None:
    call, own = call_with([(audio(n, 66), STRANGER) for n in range(1_000)])
    assert call.read_rtp(Instant(0.02)) == ()
    assert len(own.waiting) == 1_000 - REFUSED_IN_A_READ_MAX - 1
