"""Unit: telephone events over networks that lose, double and reorder."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzzing import fuzz

from baitie.wire.dtmf import KEYS, DtmfError, KeyReceiver, KeySender, TelephoneEvent, parse_event_untrusted

Packet = tuple[int, bytes]  # timestamp, payload


def sent(keys: str, start: int = 0, press_ms: int = 100) -> list[Packet]:
    """All packets of these presses, in order, with their timestamps."""
    sender = KeySender()
    assert sender.press(keys, press_ms)
    packets, timestamp = [], start
    while not sender.is_idle:
        packet = sender.on_tick(timestamp)
        if packet is not None:
            packets.append((packet.timestamp, packet.payload))
        timestamp = (timestamp + 160) & 0xFFFFFFFF
    return packets


def received(packets: list[Packet]) -> str:
    receiver = KeyReceiver()
    return "".join(receiver.on_packet_untrusted(timestamp, payload) or "" for timestamp, payload in packets)


def by_press(packets: list[Packet]) -> list[list[Packet]]:
    presses: dict[int, list[Packet]] = {}
    for packet in packets:
        presses.setdefault(packet[0], []).append(packet)
    return list(presses.values())


def test_an_event_survives_the_way_to_bytes_and_back() -> None:
    event = TelephoneEvent(code=11, is_end=True, volume_dbm0=10, duration_samples=800)
    assert event.serialise() == bytes([11, 0x8A, 3, 0x20])
    assert parse_event_untrusted(event.serialise()) == event


@pytest.mark.parametrize("length", range(4))
def test_a_cut_event_raises_dtmf_error(length: int) -> None:
    with pytest.raises(DtmfError):
        parse_event_untrusted(bytes(length))


def test_fuzzed_events_raise_dtmf_error_only() -> None:
    receiver = KeyReceiver()
    seeds = [bytes(4) + payload for _, payload in sent("5#")]
    fuzz(lambda data: receiver.on_packet_untrusted(len(data), data), DtmfError, seeds)
    fuzz(parse_event_untrusted, DtmfError, seeds)


def test_a_press_is_four_updates_and_three_ends_of_one_timestamp() -> None:
    packets = sent("7", start=4000)
    events = [parse_event_untrusted(payload) for _, payload in packets]
    assert {timestamp for timestamp, _ in packets} == {4000}
    assert [event.is_end for event in events] == [False] * 4 + [True] * 3
    assert [event.duration_samples for event in events] == [160, 320, 480, 640, 800, 800, 800]


def test_all_keys_arrive_once_and_in_order() -> None:
    assert received(sent(KEYS)) == KEYS


def test_a_long_press_goes_on_in_segments_and_is_one_key() -> None:
    packets = sent("4", start=0xFFFFFF00, press_ms=30_000)
    assert len(by_press(packets)) == 4
    assert received(packets) == "4"


@given(st.data())
def test_a_long_press_stays_one_key_whatever_of_it_is_lost(data: st.DataObject) -> None:
    packets = sent("4", press_ms=26_000)
    kept = data.draw(st.lists(st.sampled_from(packets), min_size=1, max_size=40))
    assert received(kept) == "4"


def test_the_same_key_twice_is_two_presses_even_if_every_end_is_lost() -> None:
    packets = [packet for packet in sent("55") if not parse_event_untrusted(packet[1]).is_end]
    assert received(packets) == "55"


def test_events_that_are_no_keys_are_passed_over() -> None:
    assert received([(0, TelephoneEvent(16, False, 0, 160).serialise())]) == ""


@given(
    st.text(alphabet=KEYS, min_size=1, max_size=12),
    st.integers(0, 0xFFFFFFFF),
    st.randoms(use_true_random=False),
    st.floats(0, 0.9),
)
def test_each_press_of_which_one_packet_arrives_is_reported_exactly_once(
    keys: str, start: int, rng: random.Random, loss_probability: float
) -> None:
    arriving: list[tuple[float, Packet]] = []
    expected = []
    for key, press in zip(keys, by_press(sent(keys, start)), strict=True):
        kept = [packet for packet in press if rng.random() > loss_probability] or [rng.choice(press)]
        expected.append(key)
        for packet in kept + [packet for packet in kept if rng.random() < 0.3]:
            arriving.append((len(expected) * 9 + rng.uniform(0, 30), packet))
    arriving.sort(key=lambda entry: entry[0])
    assert sorted(received([packet for _, packet in arriving])) == sorted(expected)


@given(st.text(alphabet=KEYS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_loss_and_doubling_without_reordering_keep_the_order_of_keys(keys: str, rng: random.Random) -> None:
    arriving: list[Packet] = []
    for press in by_press(sent(keys)):
        kept = [packet for packet in press if rng.random() > 0.5] or [rng.choice(press)]
        arriving += [packet for packet in kept for _ in range(rng.randint(1, 3))]
    assert received(arriving) == keys


def test_too_many_or_unknown_keys_are_refused_whole() -> None:
    sender = KeySender()
    assert not sender.press("12x")
    assert not sender.press("1" * 65)
    assert sender.is_idle
    assert sender.press("1" * 64)
    assert not sender.press("1")


# --- habits of peers ---


def tuned(key: str, at: int, steps: list[tuple[int, int, bool]]) -> list[Packet]:
    """Packets of one press that begins at `at`: how much later each timestamp is, its duration, whether it ends."""
    code = KEYS.index(key)
    return [
        ((at + later) & 0xFFFFFFFF, TelephoneEvent(code, is_end, 10, duration).serialise())
        for later, duration, is_end in steps
    ]


UPDATES = [160 * n for n in range(1, 6)]  # durations of a press of 100 ms
HABITS: dict[str, list[tuple[int, int, bool]]] = {
    "by the standard": [*((0, d, False) for d in UPDATES), *((0, 800, True),) * 3],
    "the timestamp runs on": [*((d, d, False) for d in UPDATES), *((960 + 160 * n, 960, True) for n in range(3))],
    "it runs on and ends are longer too": [(d, d, d > 800) for d in range(160, 1440, 160)],
    "it runs on and the ends stand": [*((d, d, False) for d in UPDATES), *((800, 800, True),) * 3],
    "it runs on and durations do not": [*((d, 160, False) for d in UPDATES), *((800, 160, True),) * 3],
    "each packet an event of its own": [(160 * n, 160, False) for n in range(6)],
    "ends with new timestamps": [*((0, d, False) for d in UPDATES), *((800 + 160 * n, 800, True) for n in range(3))],
    "an end and two with new timestamps": [
        *((0, d, False) for d in UPDATES),
        *((160 * n, 800, True) for n in range(3)),
    ],
    "one end only": [*((0, d, False) for d in UPDATES), (0, 800, True)],
    "no end": [(0, d, False) for d in UPDATES],
    "ends only": [(0, 800, True)] * 3,
    "no durations": [*((0, 0, False),) * 5, *((0, 0, True),) * 3],
    "the whole duration from the first": [*((0, 800, False),) * 5, *((0, 800, True),) * 3],
}
BEFORE_NEXT = 800 + 1120  # samples from press to press: 100 ms held, 140 ms between


@pytest.mark.parametrize("habit", HABITS)
@pytest.mark.parametrize("start", [0, 0xFFFFFC00])
def test_each_press_is_told_once_whatever_the_habit_of_the_peer(habit: str, start: int) -> None:
    keys = "1999055#"
    packets = [
        packet for place, key in enumerate(keys) for packet in tuned(key, start + place * BEFORE_NEXT, HABITS[habit])
    ]
    assert received(packets) == keys


@pytest.mark.parametrize("habit", HABITS)
@given(st.data())
def test_losing_or_doubling_any_packet_makes_no_further_press(habit: str, data: st.DataObject) -> None:
    keys = data.draw(st.text(alphabet="159", min_size=1, max_size=6))
    arriving: list[Packet] = []
    for place, key in enumerate(keys):
        press = tuned(key, place * BEFORE_NEXT, HABITS[habit])
        lost = data.draw(st.integers(0, len(press)))  # one of them, or none
        doubled = data.draw(st.integers(0, len(press)))
        kept = [packet for n, packet in enumerate(press) if n != lost]
        arriving += [packet for n, packet in enumerate(kept) for _ in range(2 if n == doubled else 1)]
    assert received(arriving) == keys


@pytest.mark.parametrize("keys", ["19", "91", "195", "1*0#9"])
def test_keys_under_one_timestamp_are_told_apart_by_their_code(keys: str) -> None:
    packets = [packet for key in keys for packet in tuned(key, 4000, HABITS["by the standard"])]
    assert received(packets) == keys


@pytest.mark.parametrize("keys", ["99", "1199", "919", "555"])
@pytest.mark.parametrize("first", [0, 65_530])
def test_the_same_key_again_under_one_timestamp_is_told_by_what_was_sent_behind_its_end(keys: str, first: int) -> None:
    packets = [packet for key in keys for packet in tuned(key, 4000, HABITS["by the standard"])]
    receiver, rng = KeyReceiver(), random.Random(1)
    numbered = [((first + n) & 0xFFFF, *packet) for n, packet in enumerate(packets)]
    for n in range(0, len(numbered), 8):  # doubled, and late by less than a press
        numbered[n : n + 8] = sorted(numbered[n : n + 8] * 2, key=lambda _: rng.random())
    told = [receiver.on_packet_untrusted(timestamp, payload, sequence) for sequence, timestamp, payload in numbered]
    assert "".join(key for key in told if key) == keys


def test_a_late_packet_of_an_earlier_press_is_no_further_press() -> None:
    first, second = (tuned("9", at, HABITS["by the standard"]) for at in (0, BEFORE_NEXT))
    assert received([*first[:3], *second, *first[3:]]) == "99"
    running = tuned("9", 0, HABITS["the timestamp runs on"])
    assert received([running[1], running[0], running[3], running[2], *running[4:]]) == "9"
