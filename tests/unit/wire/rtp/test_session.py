"""Unit: the media session of one call, alone and against a second one over a hostile network."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz

from baitie.kernel.time import Instant
from baitie.kernel.undefined import Undefined
from baitie.wire.g711 import Codec, alaw_to_ulaw, ulaw_to_alaw
from baitie.wire.rtp import (
    KeyPressed,
    MediaEvent,
    MediaLost,
    MediaStarted,
    PlayFinished,
    RtpPacket,
    RtpSession,
    parse_rtp_untrusted,
)
from baitie.wire.rtp.latch import PROOF_PACKETS
from baitie.wire.rtp.session import KEY_SOURCES_MAX, MEDIA_LOST_AFTER_S
from baitie.wire.sdp import Direction, MediaAgreement

US, PEER, STRANGER = ("192.0.2.1", 4000), ("192.0.2.2", 5000), ("203.0.113.9", 9999)
AGREEMENT = MediaAgreement(*PEER, 5001, Codec.PCMA, 8, 101, 101, Direction.SENDRECV, 20)
PROMPT = bytes(range(256)) * 10  # 2560 samples: 16 frames
SILENCE = Codec.PCMA.silence * 160


def connected(agreement: MediaAgreement = AGREEMENT, **options: bool) -> RtpSession:
    session = RtpSession("call", 0xA, 65530, 0xFFFFFF00, **options)
    session.connect(agreement, Instant(0.0))
    return session


def ticks(session: RtpSession, count: int, start: int = 0) -> tuple[list[RtpPacket], list[MediaEvent]]:
    packets, events = [], list[MediaEvent]()
    for n in range(start, start + count):
        data, happened = session.on_tick(Instant(n * 0.02))
        events += happened
        if data is not None:
            packets.append(parse_rtp_untrusted(data))
    return packets, events


def audio(n: int, payload: bytes = SILENCE, ssrc: int = 7, payload_type: int = 8) -> bytes:
    return RtpPacket(payload_type, False, n & 0xFFFF, n * 160 & 0xFFFFFFFF, ssrc, payload).serialise()


def test_silence_is_sent_in_sequence_with_a_marker_first() -> None:
    packets, events = ticks(connected(), 10)
    assert [packet.sequence for packet in packets] == [(65530 + n) & 0xFFFF for n in range(10)]
    assert [packet.timestamp for packet in packets] == [(0xFFFFFF00 + n * 160) & 0xFFFFFFFF for n in range(10)]
    assert [packet.marker for packet in packets] == [True] + [False] * 9
    assert {(packet.payload_type, packet.payload, packet.ssrc) for packet in packets} == {(8, SILENCE, 0xA)}
    assert events == []


def test_plays_follow_each_other_and_each_is_reported_when_its_last_frame_is_out() -> None:
    session = connected()
    session.play(1, [PROMPT[:200], PROMPT[200:]])
    session.play(2, [PROMPT[:100]])
    packets, events = ticks(session, 20)
    heard = b"".join(packet.payload for packet in packets)
    assert heard[: len(PROMPT)] == PROMPT
    after = heard.index(PROMPT[:100], len(PROMPT))
    assert after % 160 == 0
    assert set(heard[after + 100 :]) == set(Codec.PCMA.silence)
    assert events == [PlayFinished("call", 1, False), PlayFinished("call", 2, False)]


def test_stopping_is_silence_at_once_and_reports_every_dropped_play() -> None:
    session = connected()
    session.play(1, [PROMPT])
    session.play(2, [PROMPT])
    ticks(session, 3)
    assert session.stop_playing() == (PlayFinished("call", 1, True), PlayFinished("call", 2, True))
    assert session.stop_playing() == ()
    packets, events = ticks(session, 3, start=3)
    assert {packet.payload for packet in packets} == {SILENCE}
    assert events == []


def test_plays_beyond_the_bound_are_reported_as_stopped() -> None:
    session = connected()
    results = [session.play(n, [PROMPT]) for n in range(33)]
    assert results[:32] == [()] * 32
    assert results[32] == (PlayFinished("call", 32, True),)


def test_empty_prompts_finish_without_a_sound() -> None:
    session = connected()
    session.play(1, [])
    session.play(2, [b""])
    packets, events = ticks(session, 3)
    assert {packet.payload for packet in packets} == {SILENCE}
    assert events == [PlayFinished("call", 1, False), PlayFinished("call", 2, False)]


def test_prompts_are_sent_as_mu_law_where_that_is_agreed() -> None:
    session = connected(replace(AGREEMENT, codec=Codec.PCMU, payload_type=0))
    session.play(1, [PROMPT])
    packets, _ = ticks(session, 16)
    assert b"".join(packet.payload for packet in packets) == alaw_to_ulaw(PROMPT)
    assert {packet.payload_type for packet in packets} == {0}


@pytest.mark.parametrize("direction", [Direction.RECVONLY, Direction.INACTIVE])
def test_while_held_nothing_is_sent_prompts_wait_and_the_clock_goes_on(direction: Direction) -> None:
    session = connected()
    session.play(1, [PROMPT])
    before, _ = ticks(session, 4)
    session.connect(replace(AGREEMENT, remote_ip="0.0.0.0", direction=direction), Instant(0.08))
    held, _ = ticks(session, 50, start=4)
    session.connect(AGREEMENT, Instant(1.08))
    after, events = ticks(session, 13, start=54)
    assert held == []
    assert session.destination == PEER
    assert b"".join(packet.payload for packet in before + after)[: len(PROMPT)] == PROMPT
    assert after[0].marker
    assert after[0].timestamp == (before[-1].timestamp + 51 * 160) & 0xFFFFFFFF
    assert after[0].sequence == (before[-1].sequence + 1) & 0xFFFF
    assert events == [PlayFinished("call", 1, False)]


def test_skipped_frames_move_the_media_clock_only() -> None:
    session = connected()
    first, _ = ticks(session, 1)
    session.skip_frames(5)
    second, _ = ticks(session, 1)
    assert second[0].timestamp == (first[0].timestamp + 6 * 160) & 0xFFFFFFFF
    assert second[0].sequence == (first[0].sequence + 1) & 0xFFFF


def test_media_start_is_told_once_with_its_instant() -> None:
    session = connected()
    events = [event for n in range(5) for event in session.on_packet_untrusted(audio(n), PEER, Instant(1 + n * 0.02))]
    assert events == [MediaStarted("call", Instant(1.0))]
    assert session.summary().first_packet_at == 1.0


def test_missing_media_is_told_once_until_packets_come_again() -> None:
    session = connected()
    silent = int(MEDIA_LOST_AFTER_S * 50) + 10
    _, first = ticks(session, silent)
    session.on_packet_untrusted(audio(0), PEER, Instant(silent * 0.02))
    _, second = ticks(session, silent, start=silent)
    lost = [event for event in first + second if isinstance(event, MediaLost)]
    assert len(lost) == 2
    assert all(MEDIA_LOST_AFTER_S * 1000 <= event.silent_ms < MEDIA_LOST_AFTER_S * 1000 + 100 for event in lost)


def test_no_media_is_missed_while_the_peer_ought_not_to_send() -> None:
    session = connected(replace(AGREEMENT, direction=Direction.SENDONLY))
    assert ticks(session, 1000)[1] == []


def test_before_connection_packets_are_dropped() -> None:
    session = RtpSession("call", 1, 2, 3)
    assert session.on_packet_untrusted(audio(0), PEER, Instant(0.0)) == ()
    assert session.summary().packets_received == 0
    assert session.summary().jitter_ms == Undefined("no-packets")


def test_strangers_and_unknown_payload_types_are_refused_and_counted() -> None:
    session = connected()
    session.on_packet_untrusted(audio(0), PEER, Instant(0.0))
    session.on_packet_untrusted(audio(1), STRANGER, Instant(0.0))
    session.on_packet_untrusted(audio(1, payload_type=18), PEER, Instant(0.0))
    session.on_packet_untrusted(b"\x00" * 40, PEER, Instant(0.0))
    summary = session.summary()
    assert (summary.packets_received, summary.packets_refused) == (1, 3)


def test_comfort_noise_is_a_sign_of_life_and_no_audio() -> None:
    session = connected(is_recording=True)
    events = session.on_packet_untrusted(audio(0, b"\x40", payload_type=13), PEER, Instant(4.0))
    assert events == (MediaStarted("call", Instant(4.0)),)
    assert [session.on_tick(Instant(now / 50))[1] for now in range(440)] == [()] * 440
    assert session.summary().packets_received == 1


def test_a_new_source_of_the_peer_is_taken_after_two_packets_and_figures_add_up() -> None:
    session = connected()
    for n in (0, 1, 3):
        session.on_packet_untrusted(audio(n), PEER, Instant(n * 0.02))
    session.on_packet_untrusted(audio(900, ssrc=8), PEER, Instant(0.08))  # one alone is not believed
    session.on_packet_untrusted(audio(4), PEER, Instant(0.08))
    for n in (500, 501, 502):
        session.on_packet_untrusted(audio(n, ssrc=9), PEER, Instant(0.1))
    summary = session.summary()
    assert (summary.packets_received, summary.packets_lost) == (4 + 2, 1)


def test_keys_are_refused_where_the_peer_takes_no_telephone_events() -> None:
    assert not connected(replace(AGREEMENT, telephone_event_pt=None)).send_keys("1")
    assert connected().send_keys("1")


def test_both_sides_learn_each_others_losses_by_reports() -> None:
    left = connected()
    right = RtpSession("other", 0xB, 0, 0)
    right.connect(replace(AGREEMENT, remote_ip=US[0], remote_port=US[1]), Instant(0.0))
    for n in range(100):
        data, _ = left.on_tick(Instant(n * 0.02))
        if data is not None and n % 10 != 5:
            right.on_packet_untrusted(data, US, Instant(n * 0.02))
    left.on_rtcp_untrusted(right.report(Instant(2.0)), (PEER[0], 5001), Instant(2.0))
    assert left.summary().remote_lost_packets == 10
    right.on_rtcp_untrusted(left.report(Instant(2.1), is_last=True), (US[0], 4001), Instant(2.1))
    assert right.reports.has_said_goodbye
    left.on_rtcp_untrusted(right.report(Instant(2.0)), STRANGER, Instant(2.0))
    assert left.summary().packets_refused == 1


def test_reports_go_beside_the_source_that_is_followed() -> None:
    session = connected()
    assert session.rtcp_destination == (PEER[0], 5001)
    for n in range(10):
        session.on_packet_untrusted(audio(n), ("198.51.100.1", 7000), Instant(0.0))
    assert session.destination == ("198.51.100.1", 7000)
    assert session.rtcp_destination == ("198.51.100.1", 7001)


def test_fuzzed_datagrams_raise_nothing_and_keep_the_session_small() -> None:
    session = connected(is_recording=True, is_listening=True)
    seeds = [audio(5), audio(6, b"\x01\x8a\x03\x20", payload_type=101), session.report(Instant(0.0))]
    clock = iter(range(10**9))

    def take(data: bytes) -> None:
        now = Instant(next(clock) * 0.001)
        session.on_packet_untrusted(data, PEER, now)
        session.on_rtcp_untrusted(data, PEER, now)
        session.on_tick(now)
        assert len(session.hear()) == 160
        assert session.track is not None
        assert sum(map(len, session.track.take_blocks())) <= 8 * 32_000 + 64_000

    fuzz(take, ZeroDivisionError, seeds)  # no error is expected of it: the class is one it cannot raise


# --- two sessions over a hostile network ---------------------------------------------------------------------------


class HostileNetwork:
    """Drops, doubles, delays and thereby reorders datagrams, by a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.flying: list[tuple[float, int, int, bytes]] = []  # due, tie, to, datagram
        self.sent = 0

    def send(self, to: int, data: bytes, now: float) -> None:
        for _ in range(1 + (self.rng.random() < 0.05)):
            if self.rng.random() > 0.15:
                self.sent += 1
                self.flying.append((now + 0.02 + self.rng.uniform(0, 0.12), self.sent, to, data))

    def due(self, now: float) -> list[tuple[float, int, int, bytes]]:
        arriving = sorted(entry for entry in self.flying if entry[0] <= now)
        self.flying = [entry for entry in self.flying if entry[0] > now]
        return arriving


def run_over_hostile_network(seed: int, keys: str) -> list[str]:
    """The log of a call of 20 s: each side plays, one presses keys."""
    sides = [RtpSession("us", 1, 60_000, 5, is_listening=True), RtpSession("peer", 2, 1, 0xFFFFF000, is_recording=True)]
    addresses = [US, PEER]
    for own, side in enumerate(sides):
        host, port = addresses[1 - own]
        side.connect(replace(AGREEMENT, remote_ip=host, remote_port=port), Instant(0.0))
        side.play(own, [PROMPT * 20])
    network, log = HostileNetwork(seed), []
    for tick in range(1000):
        now = Instant(tick * 0.02)
        if tick == 100:
            assert sides[1].send_keys(keys)
        for at, _, to, data in network.due(now):
            for event in sides[to].on_packet_untrusted(data, addresses[1 - to], Instant(at)):
                log.append(f"{at:.4f} {event}")
        for own, side in enumerate(sides):
            packet, events = side.on_tick(now)
            log += [f"{now:.4f} {event}" for event in events]
            if packet is not None:
                network.send(1 - own, packet, now)
        log.append(sides[0].hear().hex()[:8])
    return [*log, *(str(side.summary()) for side in sides)]


@pytest.mark.parametrize("seed", range(8))
def test_keys_and_plays_survive_a_hostile_network(seed: int) -> None:
    keys = "1059#*7722"
    log = run_over_hostile_network(seed, keys)
    heard = [line for line in log if "KeyPressed" in line]
    assert sorted(line[-3] for line in heard) == sorted(keys)
    assert sum("MediaStarted" in line for line in log) == 2
    assert sum("PlayFinished" in line for line in log) == 2
    assert not any("MediaLost" in line for line in log)


def test_the_same_seed_gives_the_same_log_and_another_seed_another() -> None:
    assert run_over_hostile_network(3, "12") == run_over_hostile_network(3, "12")
    assert run_over_hostile_network(3, "12") != run_over_hostile_network(4, "12")


# --- whose packets count -------------------------------------------------------------------------------------------

NAT = ("198.51.100.1", 7000)


def key(n: int, digit: int, step: int = 0, is_end: bool = False, ssrc: int = 7, start: int | None = None) -> bytes:
    """Packet `n` of a source: a telephone event that began at the time of packet `start`."""
    payload = bytes([digit, 0x8A if is_end else 0x0A]) + ((step + 1) * 160).to_bytes(2, "big")
    began = n - step if start is None else start
    return RtpPacket(101, False, n & 0xFFFF, began * 160 & 0xFFFFFFFF, ssrc, payload).serialise()


def press(first: int, digit: int, ssrc: int = 7) -> list[bytes]:
    """The packets of one press, numbered from `first`."""
    steps = [*range(5), 4, 4]
    return [key(first + place, digit, step, place > 3, ssrc, first) for place, step in enumerate(steps)]


def keys_of(events: list[MediaEvent]) -> str:
    return "".join(event.key for event in events if isinstance(event, KeyPressed))


def take(session: RtpSession, packets: list[bytes], source: tuple[str, int], at_s: float) -> list[MediaEvent]:
    """What these packets cause, 20 ms apart."""
    events: list[MediaEvent] = []
    for place, data in enumerate(packets):
        events += session.on_packet_untrusted(data, source, Instant(at_s + place * 0.02))
    return events


@pytest.mark.parametrize("source", [PEER, NAT])
@pytest.mark.parametrize("is_held", [False, True])
def test_a_stranger_gives_no_key_no_audio_and_gets_none_while_the_callee_is_silent(
    source: tuple[str, int], is_held: bool
) -> None:
    session = connected(is_recording=True)
    take(session, [audio(n, b"\x2a" * 160) for n in range(50)], source, 0.0)
    if is_held:
        session.connect(replace(AGREEMENT, remote_ip="0.0.0.0", direction=Direction.RECVONLY), Instant(1.0))
    strange = [audio(n, b"\x55" * 160, ssrc=66) for n in range(100)] + press(100, 9, ssrc=66)
    events = take(session, strange, STRANGER, 3.2)
    assert keys_of(events) == ""
    assert session.destination == source
    if is_held:
        session.connect(AGREEMENT, Instant(6.0))
    events = take(session, [audio(n, b"\x2a" * 160) for n in range(50, 60)] + press(60, 5), source, 6.1)
    assert keys_of(events) == "5"
    assert session.destination == source
    ticks(session, 400)
    left, _ = recorded(session, [])
    assert 0x55 not in left
    assert session.summary().packets_refused == len(strange) + (0 if source == PEER else PROOF_PACKETS - 1)


def test_a_callee_behind_nat_who_presses_9_without_a_word_is_heard() -> None:
    session = connected(replace(AGREEMENT, remote_ip="192.168.1.20"))
    assert keys_of(take(session, press(0, 9), NAT, 8.0)) == "9"
    packets, _ = ticks(session, 1)
    assert packets
    assert session.destination == NAT


def test_a_callee_behind_nat_is_heard_through_silence_and_a_strangers_flood() -> None:
    session = connected(replace(AGREEMENT, remote_ip="192.168.1.20"))
    take(session, [audio(n) for n in range(20)], NAT, 0.0)
    events: list[MediaEvent] = []
    for place, data in enumerate(press(21, 9)):
        strange = [audio(place * 50 + n, ssrc=66) for n in range(50)]
        events += take(session, strange, STRANGER, 9.0 + place)
        events += session.on_packet_untrusted(data, NAT, Instant(9.5 + place))
    assert keys_of(events) == "9"


def test_an_announced_address_that_moves_is_the_only_one_from_then_on() -> None:
    session = connected()
    take(session, [audio(n) for n in range(20)], PEER, 0.0)
    session.connect(replace(AGREEMENT, remote_ip=NAT[0], remote_port=NAT[1]), Instant(0.5))
    assert session.destination == NAT
    assert keys_of(take(session, press(20, 5), NAT, 0.6)) == "5"
    assert keys_of(take(session, press(40, 9), PEER, 3.6)) == ""


def test_a_hold_with_the_address_of_the_music_hears_the_music() -> None:
    session = connected()
    take(session, [audio(n) for n in range(20)], PEER, 0.0)
    held = replace(AGREEMENT, remote_ip=NAT[0], remote_port=NAT[1], direction=Direction.RECVONLY)
    session.connect(held, Instant(0.5))
    take(session, [audio(n, ssrc=8) for n in range(20)], NAT, 0.6)
    assert session.summary().packets_received == 20 + 19
    session.connect(AGREEMENT, Instant(2.0))
    assert keys_of(take(session, press(60, 9), PEER, 2.1)) == "9"


# --- keys of another source ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rhythm", [(1, 1), (1, 3), (3, 1), (2, 0)])
def test_keys_under_an_ssrc_of_their_own_are_one_press_and_the_audio_stays(rhythm: tuple[int, int]) -> None:
    session, events, n = connected(is_recording=True), list[MediaEvent](), 0
    take(session, [audio(n) for n in range(10)], PEER, 0.0)
    own = press(500, 9, ssrc=8)
    n = 10
    while own:
        for _ in range(rhythm[0]):
            events += session.on_packet_untrusted(own.pop(0), PEER, Instant(n * 0.02)) if own else ()
        for _ in range(rhythm[1]):
            events += session.on_packet_untrusted(audio(n), PEER, Instant(n * 0.02))
            n += 1
    take(session, [audio(m) for m in range(n, n + 10)], PEER, n * 0.02)
    assert keys_of(events) == "9"
    summary = session.summary()
    assert (summary.packets_received, summary.packets_lost) == (n + 10 + 7, 0)
    assert session.reception is not None
    assert session.reception.ssrc == 7


def test_keys_whose_source_comes_before_the_audio_are_one_press_too() -> None:
    session = connected()
    own, events = press(500, 9, ssrc=8), list[MediaEvent]()
    for n in range(12):
        if n < len(own):
            events += session.on_packet_untrusted(own[n], PEER, Instant(n * 0.02))
        events += session.on_packet_untrusted(audio(n), PEER, Instant(n * 0.02))
    assert keys_of(events) == "9"
    assert session.summary().packets_lost == 0


@pytest.mark.parametrize("burst", [1, 2, 3, 5])
def test_two_audio_sources_that_alternate_do_not_take_turns(burst: int) -> None:
    session, changes = connected(), 0
    for n in range(0, 300, burst):
        for ssrc in (7, 8):
            before = session.reception
            take(session, [audio(n + place, ssrc=ssrc) for place in range(burst)], PEER, n * 0.02)
            changes += session.reception is not before
    assert changes <= 2
    assert session.summary().packets_lost == 0


def test_a_source_that_was_replaced_comes_back_after_the_other_fell_silent() -> None:
    session = connected()
    take(session, [audio(n) for n in range(10)], PEER, 0.0)
    take(session, [audio(n, ssrc=8) for n in range(10)], PEER, 0.2)
    take(session, [audio(n) for n in range(40, 50)], PEER, 0.8)
    assert session.reception is not None
    assert session.reception.ssrc == 7
    assert session.summary().packets_received == 10 + 9 + 9


def test_a_source_for_each_press_is_kept_within_bounds() -> None:
    session = connected()
    take(session, [audio(n) for n in range(10)], PEER, 0.0)
    events: list[MediaEvent] = []
    for ssrc in range(100, 100 + 3 * KEY_SOURCES_MAX):
        events += take(session, press(ssrc * 10, ssrc % 10, ssrc), PEER, ssrc * 0.2)
    assert keys_of(events) == "".join(str(ssrc % 10) for ssrc in range(100, 100 + 3 * KEY_SOURCES_MAX))
    assert len(session._key_sources) <= KEY_SOURCES_MAX


# --- recording -----------------------------------------------------------------------------------------------------


def recorded(session: RtpSession, blocks: list[bytes]) -> tuple[bytes, bytes]:
    assert session.track is not None
    whole = b"".join([*blocks, *session.track.take_rest()])
    return whole[0::2], whole[1::2]


@given(st.randoms(use_true_random=False), st.integers(0, 0xFFFFFFFF), st.sampled_from(list(Codec)))
def test_both_sides_stand_at_their_time_whatever_is_lost_or_reordered(
    rng: random.Random, first_timestamp: int, codec: Codec
) -> None:
    """4 s of call: what we send stands where we sent it, each packet that arrives where its timestamp says, the rest
    is silence. The first packet arrives without waiting, so it anchors the line."""
    session = connected(replace(AGREEMENT, codec=codec, payload_type=codec.payload_type), is_recording=True)
    session.play(1, [PROMPT])
    begin = rng.randrange(0, 30)
    arriving, expected = [], bytearray(Codec.PCMA.silence * 40_000)
    for n in range(150):
        if n == 0 or rng.random() > 0.2:
            payload = bytes([rng.randrange(256) & 0xBF]) * 160
            sent = payload if codec is Codec.PCMA else alaw_to_ulaw(payload)
            packet = RtpPacket(codec.payload_type, False, n, (first_timestamp + n * 160) & 0xFFFFFFFF, 7, sent)
            waiting_s = rng.uniform(0, 0.2) if n else 0.0
            arriving.append(((begin + n) * 0.02 + waiting_s, packet.serialise()))
            at = (begin + n) * 160
            expected[at : at + 160] = payload if codec is Codec.PCMA else ulaw_to_alaw(sent)
    arriving.sort()
    blocks = []
    for tick in range(200):
        now = tick * 0.02
        session.on_tick(Instant(now))
        while arriving and arriving[0][0] < now + 0.02:
            at_s, data = arriving.pop(0)
            session.on_packet_untrusted(data, PEER, Instant(at_s + 1e-9))
        if tick % 50 == 0 and session.track is not None:
            blocks += session.track.take_blocks()
    left, right = recorded(session, blocks)
    assert left == bytes(expected[: len(left)])
    assert right[: len(PROMPT)] == PROMPT
    assert set(right[len(PROMPT) :]) == set(Codec.PCMA.silence)
    assert len(left) == len(right) == 200 * 160
    assert session.summary().recorded_ms == 4000


def test_keys_pressed_are_a_gap_of_silence_in_their_track() -> None:
    session = connected(is_recording=True)
    for n in range(100):
        data = audio(n, b"\x2a" * 160) if n not in range(20, 27) else audio(n, b"\x01\x0a\x00\xa0", payload_type=101)
        session.on_packet_untrusted(data, PEER, Instant(n * 0.02))
        session.on_tick(Instant(n * 0.02))
    left, _ = recorded(session, [])
    assert left[20 * 160 : 27 * 160] == SILENCE * 7
    assert left[: 20 * 160] == b"\x2a" * 3200
    assert left[27 * 160 :] == b"\x2a" * (73 * 160)


def test_events_of_a_session_name_its_call() -> None:
    session = connected()
    packet = RtpPacket(101, True, 0, 0, 7, b"\x09\x0a\x00\xa0").serialise()
    assert session.on_packet_untrusted(packet, PEER, Instant(0.0))[1:] == (KeyPressed("call", "9"),)


# --- keys around changes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("event_pt", [96, None])
@pytest.mark.parametrize("before", range(8))
def test_a_key_that_is_on_its_way_while_a_reinvite_changes_its_payload_type_is_told_once(
    before: int, event_pt: int | None
) -> None:
    session = connected()
    take(session, [audio(n) for n in range(5)], PEER, 0.0)
    packets = press(5, 9)
    events = take(session, packets[:before], PEER, 0.1)
    session.connect(replace(AGREEMENT, telephone_event_pt=event_pt, local_telephone_event_pt=event_pt), Instant(0.3))
    events += take(session, packets[before:], PEER, 0.3)
    assert keys_of(events) == "9"
    assert session.send_keys("5") == (event_pt is not None)
    sent, _ = ticks(session, 5, start=30)
    assert {packet.payload_type for packet in sent} == {8 if event_pt is None else event_pt}


def test_a_payload_type_of_keys_that_is_audio_from_now_on_presses_no_key() -> None:
    session = connected()
    changed = replace(AGREEMENT, payload_type=101, telephone_event_pt=96, local_telephone_event_pt=96)
    session.connect(changed, Instant(0.1))
    assert keys_of(take(session, [audio(n, payload_type=101) for n in range(10)], PEER, 0.1)) == ""
    assert session.summary().packets_received == 10


@pytest.mark.parametrize("apart", [3_001, 5_000, 32_768, 65_000, -200, -5_000])
@pytest.mark.parametrize("only_the_last", [False, True])
def test_keys_with_a_numbering_of_their_own_are_heard_and_leave_the_audios_figures_alone(
    apart: int, only_the_last: bool
) -> None:
    session, events = connected(), list[MediaEvent]()
    take(session, [audio(n) for n in range(20)], PEER, 0.0)
    own = press(20, 9)[-1:] if only_the_last else press(20, 9)
    for n, data in enumerate(own, start=20):
        renumbered = parse_rtp_untrusted(data)._replace(sequence=(n + apart) & 0xFFFF).serialise()
        events += take(session, [renumbered, audio(n)], PEER, n * 0.02)
    take(session, [audio(n) for n in range(20 + len(own), 40)], PEER, 1.0)
    assert keys_of(events) == "9"
    summary = session.summary()
    assert (summary.packets_received, summary.packets_lost) == (40 + len(own), 0)


@pytest.mark.parametrize("lead", range(4))
def test_a_callee_behind_nat_whose_keys_come_between_its_audio_is_heard_from_the_start(lead: int) -> None:
    session = connected()
    both = [audio(n) for n in range(lead)]
    for n, data in enumerate(press(500, 9, ssrc=8), start=lead):
        both += [data, audio(n)]
    assert keys_of(take(session, both, NAT, 0.0)) == "9"
    assert session.destination == NAT
