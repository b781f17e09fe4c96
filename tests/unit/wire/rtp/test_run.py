"""Unit: packets put by in order, and that putting them by changes nothing."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz

from baitie.kernel.time import Instant
from baitie.wire.g711 import Codec
from baitie.wire.rtp import MediaEvent, RtpPacket, RtpSession
from baitie.wire.rtp.run import RUN_PACKETS_MAX, OrderlyRun
from baitie.wire.sdp import Direction, MediaAgreement

PEER, STRANGER = ("192.0.2.2", 5000), ("203.0.113.9", 9999)
AGREEMENT = MediaAgreement(*PEER, 5001, Codec.PCMA, 8, 101, 101, Direction.SENDRECV, 20)
FRAME = bytes(range(160))
NOW = Instant(1.0)


def packet(sequence: int, payload_type: int = 8, marker: bool = False, ssrc: int = 7, payload: bytes = FRAME) -> bytes:
    sequence &= 0xFFFF
    return RtpPacket(payload_type, marker, sequence, sequence * 160, ssrc, payload).serialise()


def expecting(sequence: int) -> OrderlyRun:
    run = OrderlyRun()
    run.expect(sequence, 8, Codec.PCMA, 7, PEER)
    return run


def test_what_follows_in_order_is_taken_and_kept_with_its_arrival() -> None:
    run = expecting(5)
    assert [run.takes_untrusted(packet(n), PEER, Instant(n * 0.02)) for n in (5, 6, 7)] == [True] * 3
    assert run.packets == [packet(n) for n in (5, 6, 7)]
    assert run.arrivals == [n * 0.02 for n in (5, 6, 7)]


@pytest.mark.parametrize(
    ("data", "source"),
    [
        (packet(6), PEER),
        (packet(4), PEER),
        (packet(5, payload_type=0), PEER),
        (packet(5, marker=True), PEER),
        (packet(5, ssrc=8), PEER),
        (packet(5), STRANGER),
        (RtpPacket(8, False, 5, 800, 7, FRAME, csrcs=(1,)).serialise(), PEER),
        (RtpPacket(8, False, 5, 800, 7, FRAME, extension=(1, b"abcd")).serialise(), PEER),
        (RtpPacket(8, False, 5, 800, 7, FRAME, padding=4).serialise(), PEER),
        *((packet(5)[:size], PEER) for size in range(12)),
    ],
)
def test_anything_else_is_not_taken_and_the_expected_packet_still_is(data: bytes, source: tuple[str, int]) -> None:
    run = expecting(5)
    assert not run.takes_untrusted(data, source, NOW)
    assert run.takes_untrusted(packet(5), PEER, NOW)


def test_nothing_is_taken_before_something_is_expected_or_behind_the_last_sequence_number() -> None:
    assert not OrderlyRun().takes_untrusted(packet(0, payload_type=0, ssrc=0), ("", 0), NOW)
    run = expecting(65535)
    assert run.takes_untrusted(packet(65535), PEER, NOW)
    assert not any(run.takes_untrusted(packet(0, payload_type=number), PEER, NOW) for number in range(128))


def test_a_run_is_bounded() -> None:
    run = expecting(0)
    taken = [run.takes_untrusted(packet(n), PEER, NOW) for n in range(RUN_PACKETS_MAX + 1)]
    assert taken == [True] * RUN_PACKETS_MAX + [False]
    run.clear()
    assert run.takes_untrusted(packet(RUN_PACKETS_MAX), PEER, NOW)


def test_fuzzed_datagrams_raise_nothing() -> None:
    run = expecting(5)
    fuzz(lambda data: run.takes_untrusted(data, PEER, NOW), ZeroDivisionError, [packet(5)])


@given(st.integers(0, 65535), st.integers(0, 2**32))
def test_a_session_asked_after_every_packet_and_one_asked_at_the_end_know_the_same(first: int, seed: int) -> None:
    """Mostly an orderly stream; some packets are lost, doubled, late, keys, of other sources, or after a silence."""
    often, once = (RtpSession("call", 0xA, 0, 0, is_recording=True) for _ in range(2))
    for session in (often, once):
        session.connect(AGREEMENT, Instant(0.0))
    rng, now, sequence = random.Random(seed), 0.0, first
    events: list[list[MediaEvent]] = [[], []]
    for _ in range(300):
        now += rng.choice((0.02,) * 100 + (3.0, 6.0))
        sequence += rng.choice((1,) * 30 + (0, 2, -1))
        source = rng.choice((PEER,) * 60 + (STRANGER,))
        ssrc = rng.choice((7,) * 60 + (9,))
        data = packet(sequence, ssrc=ssrc)
        if rng.random() < 0.03:
            data = packet(sequence, payload_type=101, payload=b"\x05\x8a\x00\xa0")
        for session, told in zip((often, once), events, strict=True):
            told += session.on_tick(Instant(now))[1]
            told += session.on_packet_untrusted(data, source, Instant(now))
        often.summary()
        assert often.destination == once.destination
    assert events[0] == events[1]
    assert often.summary() == once.summary()
    tracks = [session.track for session in (often, once)]
    assert tracks[0] is not None
    assert tracks[1] is not None
    assert b"".join(tracks[0].take_rest()) == b"".join(tracks[1].take_rest())
    assert often.report(Instant(now)) == once.report(Instant(now))
