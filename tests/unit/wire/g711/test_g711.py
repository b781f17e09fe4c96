"""Unit: G.711 against the formulas of the recommendation, computed here on their own."""

import struct

import pytest

from baitie.wire.g711 import (
    Codec,
    alaw_to_linear,
    alaw_to_ulaw,
    fade_alaw,
    linear_to_alaw,
    linear_to_ulaw,
    ulaw_to_alaw,
    ulaw_to_linear,
)

OCTETS = bytes(range(256))
SAMPLES = list(range(-32768, 32768))
LINEAR = struct.pack("<65536h", *SAMPLES)


def values(linear: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(linear) // 2}h", linear))


def a_law_decision_intervals() -> list[tuple[float, float, int]]:
    """(from, until, value) of the 128 positive intervals of G.711 table 1a, in 16-bit units: 32 steps of 2 below
    64, then segments of 16 steps whose width doubles, full scale 4096."""
    intervals, edge, width = [], 0, 2
    for segment in range(8):
        for _ in range(16):
            intervals.append((edge * 8, (edge + width) * 8, (edge + width / 2) * 8))
            edge += width
        width = width if segment == 0 else width * 2
    return [(low, high, int(middle)) for low, high, middle in intervals]


def mu_law_decision_intervals() -> list[tuple[float, float, int]]:
    """(from, until, value) of the 128 positive intervals of G.711 table 2a: the first is half as wide as its
    segment's others and stands for 0, full scale 8159."""
    intervals: list[tuple[float, float, int]] = [(0, 1 * 4, 0)]
    edge, width = 1, 2
    for segment in range(8):
        for _ in range(15 if segment == 0 else 16):
            intervals.append((edge * 4, (edge + width) * 4, int((edge + width / 2) * 4)))
            edge += width
        width *= 2
    return intervals


@pytest.mark.parametrize(
    ("encode", "decode", "intervals", "full_scale"),
    [
        (linear_to_alaw, alaw_to_linear, a_law_decision_intervals(), 4096 * 8),
        (linear_to_ulaw, ulaw_to_linear, mu_law_decision_intervals(), 8159 * 4),
    ],
)
def test_every_sample_falls_into_the_interval_the_recommendation_gives_it(
    encode, decode, intervals, full_scale
) -> None:  # type: ignore[no-untyped-def]
    assert intervals[-1][1] == full_scale
    table: list[int] = []
    for low, high, value in intervals:
        table += [value] * int(high - low)
    table += [intervals[-1][2]] * (32768 - len(table))
    expected = [table[sample] if sample >= 0 else -table[~sample] for sample in SAMPLES]
    assert values(decode(encode(LINEAR))) == expected


def test_octets_survive_the_way_over_linear() -> None:
    assert linear_to_alaw(alaw_to_linear(OCTETS)) == OCTETS
    back = linear_to_ulaw(ulaw_to_linear(OCTETS))
    assert [octet for octet in OCTETS if back[octet] != octet] == [0x7F]  # the negative zero of mu-law
    assert back[0x7F] == 0xFF


def test_the_one_milliwatt_sequences_of_the_recommendation_are_a_1_khz_sine() -> None:
    """G.711 table 5 and 6: these octets decode to a sine of 1 kHz at 0 dBm0."""
    a_law = bytes([0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4])
    mu_law = bytes([0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E])
    for linear in (values(alaw_to_linear(a_law)), values(ulaw_to_linear(mu_law))):
        small, large = abs(linear[0]), abs(linear[1])
        assert linear == [-small, -large, -large, -small, small, large, large, small] or linear == [
            small, large, large, small, -small, -large, -large, -small
        ]  # fmt: skip
        assert large / small == pytest.approx(2.414, rel=0.04)  # sin(67.5 deg) / sin(22.5 deg)


def test_silence_is_near_zero_and_converts_to_silence() -> None:
    assert abs(values(alaw_to_linear(Codec.PCMA.silence))[0]) == 8
    assert values(ulaw_to_linear(Codec.PCMU.silence)) == [0]
    assert alaw_to_ulaw(Codec.PCMA.silence * 3) in (b"\xff" * 3, b"\xfe" * 3)
    assert ulaw_to_alaw(Codec.PCMU.silence * 3) == Codec.PCMA.silence * 3


def test_conversion_between_the_laws_is_the_way_over_linear() -> None:
    assert alaw_to_ulaw(OCTETS) == linear_to_ulaw(alaw_to_linear(OCTETS))
    assert ulaw_to_alaw(OCTETS) == linear_to_alaw(ulaw_to_linear(OCTETS))


def test_fading_goes_from_unchanged_to_silence_without_growing() -> None:
    assert fade_alaw(OCTETS, 0) == OCTETS
    assert fade_alaw(OCTETS, 8) == Codec.PCMA.silence * 256
    loudness = [sum(abs(value) for value in values(alaw_to_linear(fade_alaw(OCTETS, step)))) for step in range(9)]
    assert loudness == sorted(loudness, reverse=True)


def test_an_odd_last_byte_is_dropped() -> None:
    assert linear_to_alaw(b"\x00\x00\x01") == Codec.PCMA.silence
