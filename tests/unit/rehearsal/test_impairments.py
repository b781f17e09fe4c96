"""What befalls a datagram is decided by its way and by chance alone."""

import random

from hypothesis import given
from hypothesis import strategies as st

from baitie.rehearsal.wire.impairments import (
    COPY_AFTER_S,
    DATAGRAM_BYTES_UNDIVIDED,
    QUIET_WAY,
    RETRANSMIT_AFTER_S,
    Impairments,
    deliver,
    stream_latency_s,
)

SENT = 4000
shares = st.floats(0, 0.9)


def arrivals(way: Impairments, octets: int = 400, seed: int = 1) -> list[list[float]]:
    rng = random.Random(seed)
    return [deliver(bytes(octets), way, rng) for _ in range(SENT)]


def within(share: float, expected: float) -> bool:
    """Five standard errors."""
    return abs(share - expected) <= 5 * (expected * (1 - expected) / SENT) ** 0.5


def test_a_quiet_way_delivers_everything_once() -> None:
    assert all(len(found) == 1 for found in arrivals(QUIET_WAY))


def test_without_spread_every_datagram_takes_the_median() -> None:
    assert {found[0] for found in arrivals(Impairments(latency_median_s=0.03, latency_sigma=0))} == {0.03}


def test_the_share_lost_is_the_share_asked_for() -> None:
    assert within(sum(not found for found in arrivals(Impairments(lost_rate=0.1))) / SENT, 0.1)


def test_a_datagram_of_two_packets_is_lost_with_either() -> None:
    found = arrivals(Impairments(lost_rate=0.1), DATAGRAM_BYTES_UNDIVIDED + 1)
    assert within(sum(not each for each in found) / SENT, 1 - 0.9**2)


def test_a_doubled_datagram_comes_again_a_little_later() -> None:
    twice = [found for found in arrivals(Impairments(doubled_rate=0.2, latency_sigma=0)) if len(found) == 2]
    assert within(len(twice) / SENT, 0.2)
    assert all(abs(second - first - COPY_AFTER_S) < 1e-9 for first, second in twice)


def test_held_back_datagrams_are_overtaken() -> None:
    way = Impairments(held_back_rate=0.3, held_back_s=0.5, latency_sigma=0)
    late = sum(found[0] > 0.5 for found in arrivals(way))
    assert within(late / SENT, 0.3)


def test_of_a_stream_nothing_is_lost_but_it_comes_later() -> None:
    way, rng = Impairments(lost_rate=0.25, latency_sigma=0), random.Random(1)
    found = [stream_latency_s(way, rng) for _ in range(SENT)]
    assert within(sum(after_s > RETRANSMIT_AFTER_S for after_s in found) / SENT, 0.25)


@given(shares, shares, shares, st.integers(0, 5000), st.integers(0, 2**32))
def test_the_same_chance_decides_the_same_and_nothing_arrives_before_it_is_sent(
    lost: float, doubled: float, held_back: float, octets: int, seed: int
) -> None:
    way = Impairments(lost_rate=lost, doubled_rate=doubled, held_back_rate=held_back)
    first, second = (deliver(bytes(octets), way, random.Random(seed)) for _ in range(2))
    assert first == second == sorted(first)
    assert len(first) <= 2
    assert all(after_s > 0 for after_s in first)
