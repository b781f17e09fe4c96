"""Unit: sequence numbers, loss, jitter, source latch, playout."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baitie.kernel.undefined import Undefined
from baitie.wire.g711 import Codec
from baitie.wire.rtp.latch import CANDIDATES_MAX, PASSING_SILENCE_S, PROOF_PACKETS, RELATCH_SILENCE_S, SourceLatch
from baitie.wire.rtp.playout import DEPTH_MS, PlayoutBuffer
from baitie.wire.rtp.reception import Arrival, Reception
from baitie.wire.rtp.timeline import Timeline

SILENCE = Codec.PCMA.silence * 160
ANNOUNCED, NAT, ATTACKER = ("192.0.2.1", 4000), ("198.51.100.7", 61000), ("203.0.113.66", 6666)


@given(
    st.integers(0, 65535),
    st.integers(2, 400),
    st.randoms(use_true_random=False),
    st.floats(0, 0.4),
    st.floats(0, 0.3),
)
def test_loss_and_duplicates_are_counted_exactly_whatever_the_order(
    first: int, count: int, rng: random.Random, loss_probability: float, double_probability: float
) -> None:
    arriving = []
    kept = [n for n in range(count) if n in (0, count - 1) or rng.random() > loss_probability]
    doubled = [n for n in kept if rng.random() < double_probability]
    for n in [*kept, *doubled]:
        arriving.append((n + rng.uniform(0, 20), n))
    arriving.sort()
    reception = Reception(1, (first + arriving[0][1]) & 0xFFFF)
    seen = set()
    for _, n in arriving:
        arrival = reception.on_packet((first + n) & 0xFFFF)
        assert (arrival is Arrival.DUPLICATE) == (n in seen)
        seen.add(n)
    assert reception.received == len(kept)
    assert reception.expected == count
    assert reception.lost == count - len(kept)
    assert reception.duplicates == len(doubled)


def test_sequence_numbers_go_on_over_their_end() -> None:
    reception = Reception(1, 65534)
    for n in range(10):
        assert reception.on_packet((65534 + n) & 0xFFFF) is Arrival.IN_ORDER
    assert (reception.expected, reception.lost, reception.highest_sequence) == (10, 0, 65534 + 9)


def test_a_single_wild_packet_changes_nothing_and_two_in_a_row_begin_anew() -> None:
    reception = Reception(1, 100)
    assert reception.on_packet(100) is Arrival.IN_ORDER
    assert reception.on_packet(30_000) is Arrival.UNPROVEN
    assert reception.on_packet(101) is Arrival.IN_ORDER
    assert reception.on_packet(30_000) is Arrival.UNPROVEN
    assert reception.on_packet(30_001) is Arrival.IN_ORDER
    assert (reception.received, reception.lost) == (3, 0)


def test_a_source_on_probation_counts_from_its_second_packet_in_a_row() -> None:
    reception = Reception(1, 10, probation=2)
    arrivals = [reception.on_packet(sequence) for sequence in (10, 50, 51, 52)]
    assert arrivals == [Arrival.UNPROVEN, Arrival.UNPROVEN, Arrival.IN_ORDER, Arrival.IN_ORDER]
    assert reception.received == 2


def test_jitter_is_zero_for_an_even_stream_and_rises_to_the_mean_difference() -> None:
    even, uneven = Reception(1, 0), Reception(1, 0)
    assert even.jitter_ms == Undefined("too-few-packets")
    for n in range(2000):
        even.on_packet(n)
        uneven.on_packet(n)
        even.on_audio(n * 160, n * 160.0)
        uneven.on_audio(n * 160, n * 160.0 + 40 * (n % 2))  # every other one 5 ms late: |D| is 40 samples
    assert even.jitter_ms == 0
    assert isinstance(uneven.jitter_ms, float)
    assert abs(uneven.jitter_ms - 5) < 0.01


def test_the_loss_fraction_speaks_of_the_time_since_the_last_report() -> None:
    reception = Reception(1, 0)
    for n in range(0, 101, 2):
        reception.on_packet(n)
    assert reception.take_loss_fraction() == 50 * 256 // 101
    for n in range(101, 201):
        reception.on_packet(n)
    assert reception.take_loss_fraction() == 0
    assert reception.take_loss_fraction() == 0  # nothing expected: nothing lost


def test_the_announced_source_is_followed_at_once() -> None:
    latch = SourceLatch(ANNOUNCED)
    assert latch.accepts(ANNOUNCED, 1, 5, now=0.0)
    assert latch.followed == ANNOUNCED


def test_a_source_behind_nat_is_followed_after_packets_in_sequence() -> None:
    latch = SourceLatch(ANNOUNCED)
    accepted = [latch.accepts(NAT, 1, sequence & 0xFFFF, now=0.0) for sequence in range(65534, 65534 + PROOF_PACKETS)]
    assert accepted == [False] * (PROOF_PACKETS - 1) + [True]
    assert latch.followed == NAT


def test_guessed_packets_out_of_sequence_never_turn_the_audio() -> None:
    latch, rng = SourceLatch(ANNOUNCED), random.Random(1)
    assert not any(latch.accepts(ATTACKER, rng.getrandbits(32), rng.getrandbits(16), now=0.0) for _ in range(2000))
    assert latch.followed is None


def test_nobody_takes_over_from_a_source_that_speaks() -> None:
    latch = SourceLatch(ANNOUNCED)
    for n in range(500):
        assert latch.accepts(ANNOUNCED, 1, n, now=n * 0.02)
        assert not latch.accepts(ATTACKER, 2, n, now=n * 0.02)


def proven(latch: SourceLatch, source: tuple[str, int], ssrc: int = 2, first: int = 0, now: float = 0.0) -> bool:
    """Whether a source is followed after packets in sequence."""
    return [latch.accepts(source, ssrc, first + n, now) for n in range(PROOF_PACKETS + 1)][-1]


def test_the_announced_source_takes_over_from_another_at_once_and_for_good() -> None:
    latch = SourceLatch(ANNOUNCED)
    assert proven(latch, ATTACKER)
    assert latch.accepts(ANNOUNCED, 1, 0, now=0.1)
    assert not latch.accepts(ATTACKER, 2, PROOF_PACKETS, now=0.2)
    assert not proven(latch, ATTACKER, first=6, now=100.0)
    assert latch.accepts(ANNOUNCED, 1, 1, now=100.0)


@pytest.mark.parametrize("silent_s", [0.1, RELATCH_SILENCE_S + 0.2, PASSING_SILENCE_S + 0.2, 600.0])
def test_once_the_announced_source_was_met_nobody_takes_its_place_however_long_it_is_silent(silent_s: float) -> None:
    latch = SourceLatch(ANNOUNCED)
    assert latch.accepts(ANNOUNCED, 1, 0, now=0.0)
    for ssrc in (1, 2):  # not even with the SSRC of the callee
        assert not proven(latch, NAT, ssrc, now=silent_s)
        assert not proven(latch, (ANNOUNCED[0], 9), ssrc, now=silent_s)
    assert latch.accepts(ANNOUNCED, 1, 1, now=silent_s)


@pytest.mark.parametrize("silent_s", [RELATCH_SILENCE_S + 0.2, PASSING_SILENCE_S + 0.2, 600.0])
def test_a_source_behind_nat_keeps_its_place_through_silence(silent_s: float) -> None:
    latch = SourceLatch(ANNOUNCED)
    for n in range(10):
        latch.accepts(NAT, 1, n, now=0.0)
    assert not proven(latch, ATTACKER, now=silent_s)
    assert latch.accepts(NAT, 1, 10, now=silent_s)


def test_a_nat_that_forgets_is_followed_to_another_port_after_silence_by_the_ssrc() -> None:
    latch = SourceLatch(ANNOUNCED)
    for n in range(50):
        latch.accepts(NAT, 1, n, now=n * 0.02)
    moved = (NAT[0], NAT[1] + 7)
    assert not proven(latch, moved, 1, first=50, now=1.0)  # the old one spoke a moment ago
    assert proven(latch, moved, 1, first=55, now=1.0 + RELATCH_SILENCE_S)
    assert latch.followed == moved


def test_a_burst_of_strange_packets_does_not_shut_out_a_callee_behind_nat() -> None:
    latch = SourceLatch(ANNOUNCED)
    assert proven(latch, ATTACKER)
    assert not proven(latch, NAT, 1, now=1.0)
    assert proven(latch, NAT, 1, first=5, now=PASSING_SILENCE_S + 0.2)


def test_the_announced_host_is_followed_before_a_strange_one() -> None:
    latch = SourceLatch(ANNOUNCED)
    assert proven(latch, ATTACKER)
    beside = (ANNOUNCED[0], ANNOUNCED[1] + 20)
    assert proven(latch, beside, 1, now=0.1)
    assert not proven(latch, ATTACKER, first=6, now=0.2)


def test_while_a_call_is_held_nobody_is_followed_anew() -> None:
    latch = SourceLatch(ANNOUNCED)
    latch.is_held = True
    assert not proven(latch, ATTACKER)
    assert latch.accepts(ANNOUNCED, 1, 0, now=0.1)
    behind_nat = SourceLatch(ANNOUNCED)
    assert proven(behind_nat, NAT, 1)
    behind_nat.is_held = True
    assert not proven(behind_nat, ATTACKER, now=60.0)
    assert behind_nat.accepts(NAT, 1, 9, now=60.0)


def test_strange_packets_from_many_ports_do_not_keep_a_callee_behind_nat_from_its_proof() -> None:
    latch, rng = SourceLatch(ANNOUNCED), random.Random(2)
    for n in range(PROOF_PACKETS):
        for _ in range(300):
            latch.accepts((ATTACKER[0], rng.randrange(65536)), rng.getrandbits(32), rng.getrandbits(16), now=0.0)
        latch.accepts(NAT, 1, n, now=0.0)
    assert latch.followed == NAT


def test_the_proofs_that_are_counted_are_bounded() -> None:
    latch = SourceLatch(ANNOUNCED)
    for n in range(3 * CANDIDATES_MAX):
        latch.accepts((f"203.0.113.{n}", 9), 1, n, now=0.0)
    assert len(latch._candidates) <= CANDIDATES_MAX


def test_a_new_announcement_opens_the_latch() -> None:
    latch = SourceLatch(ANNOUNCED)
    assert latch.accepts(ANNOUNCED, 1, 0, now=0.0)
    latch.announce(NAT)
    assert latch.accepts(NAT, 9, 0, now=0.01)
    assert not latch.accepts(ANNOUNCED, 1, 1, now=0.02)
    latch.announce((ATTACKER[0], 1))  # and behind NAT again
    assert proven(latch, (ATTACKER[0], 2))


def frame(n: int) -> bytes:
    return bytes([n & 0xFF, n >> 8]) * 80


def test_an_orderly_stream_is_played_unchanged_after_the_depth() -> None:
    buffer, heard = PlayoutBuffer(), []
    for n in range(50):
        buffer.put(n * 160, frame(n))
        heard.append(buffer.take())
    waiting = DEPTH_MS // 20
    assert heard == [SILENCE] * waiting + [frame(n) for n in range(50 - waiting)]


@given(st.integers(0, 0xFFFFFFFF), st.randoms(use_true_random=False))
def test_reordering_and_doubling_within_the_depth_are_not_heard(start: int, rng: random.Random) -> None:
    """Each packet waits up to 40 ms on its way, some come twice: everything is played once, in order, complete."""
    arriving = []
    for n in range(100):
        for _ in range(1 + (rng.random() < 0.2)):
            arriving.append((n * 20 + (rng.uniform(0, 40) if n else 0), n))
    arriving.sort()
    buffer, heard = PlayoutBuffer(), []
    for tick in range(120):
        while arriving and arriving[0][0] <= tick * 20:
            _, n = arriving.pop(0)
            buffer.put((start + n * 160) & 0xFFFFFFFF, frame(n))
        heard.append(buffer.take())
    waiting = DEPTH_MS // 20
    assert heard[waiting : waiting + 100] == [frame(n) for n in range(100)]


def test_packets_of_10_and_30_ms_are_played_unchanged() -> None:
    audio = bytes(range(240)) * 20
    for size in (80, 240):
        buffer, heard = PlayoutBuffer(), b""
        for at in range(0, len(audio), size):
            buffer.put(at, audio[at : at + size])
            while at + size >= len(heard) + 160:
                heard += buffer.take()
        assert heard[DEPTH_MS * 8 :] == audio[: len(heard) - DEPTH_MS * 8]


def test_a_lost_frame_repeats_the_one_before_softer_and_soon_is_silence() -> None:
    buffer = PlayoutBuffer()
    buffer.put(0, b"\x2a" * 160)  # a loud sample
    heard = [buffer.take() for _ in range(3 + 8)]
    assert heard[3] == b"\x2a" * 160
    assert heard[4] != heard[3]
    assert heard[4] != SILENCE
    assert heard[8:] == [SILENCE] * 3
    assert buffer.concealed == 3 + 7


@given(st.lists(st.tuples(st.integers(0, 0xFFFFFFFF), st.binary(max_size=500)), max_size=60))
def test_no_timestamps_make_the_buffer_grow_or_give_other_than_frames(packets: list[tuple[int, bytes]]) -> None:
    buffer = PlayoutBuffer()
    for timestamp, audio in packets:
        buffer.put(timestamp, audio)
        assert len(buffer.take()) == 160
        assert len(buffer._pieces) <= 200


def test_a_jump_of_timestamps_is_followed() -> None:
    buffer = PlayoutBuffer()
    for n in range(10):
        buffer.put(n * 160, frame(n))
        buffer.take()
    heard = []
    for n in range(10):
        buffer.put(5_000_000 + n * 160, frame(n + 300))
        heard.append(buffer.take())
    assert frame(300) in heard


def test_a_clock_that_runs_fast_is_followed_within_the_drift_allowed() -> None:
    """500 ppm, a bad clock, for ten minutes with 20 ms of jitter: 2400 samples of drift, never 480 off."""
    timeline, rng = Timeline(), random.Random(3)
    for n in range(30_000):
        due = round(n * 160 * (1 - 500e-6))
        place = timeline.position((7 + n * 160) & 0xFFFFFFFF, due + rng.randrange(160))
        assert abs(place - due) < 480


def test_jitter_does_not_move_the_timeline() -> None:
    timeline, rng = Timeline(), random.Random(4)
    places = [timeline.position(n * 160, n * 160 + (rng.randrange(300) if n else 0)) for n in range(5000)]
    assert places == [n * 160 for n in range(5000)]
