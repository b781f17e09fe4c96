"""Unit: the recording buffer, against a plain array of all samples."""

from hypothesis import given
from hypothesis import strategies as st

from baitie.wire.g711 import Codec
from baitie.wire.rtp.track import BLOCK_SAMPLES, LATENESS_SAMPLES, StereoTrack

SILENCE = Codec.PCMA.silence


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(-LATENESS_SAMPLES, 4000), st.integers(0, 480)), min_size=1, max_size=300
    )
)
def test_the_blocks_are_the_samples_at_their_places(packets: list[tuple[bool, int, int]]) -> None:
    """Time goes on by 400 samples a packet; each is up to a second late or half a second early."""
    track, blocks, expected = StereoTrack(), [], [bytearray(SILENCE * 200_000), bytearray(SILENCE * 200_000)]
    end = 0
    for n, (is_left, offset, size) in enumerate(packets):
        position, audio = max(0, n * 400 + offset), bytes([n % 200 + 1]) * size
        (track.put_left if is_left else track.put_right)(position, audio)
        expected[0 if is_left else 1][position : position + size] = audio
        end = max(end, position + size)
        if end <= n * 400:  # so that nothing to come is more than a second behind the latest
            blocks += track.take_blocks()
    whole = b"".join([*blocks, *track.take_rest()])
    assert (whole[0::2], whole[1::2]) == (bytes(expected[0][:end]), bytes(expected[1][:end]))
    assert track.recorded_ms == end // 8


def test_audio_later_than_a_second_is_dropped_and_counted() -> None:
    track = StereoTrack()
    track.put_right(BLOCK_SAMPLES + LATENESS_SAMPLES - 160, b"\x01" * 160)
    assert len(track.take_blocks()) == 1
    track.put_left(100, b"\x02" * 160)
    rest = b"".join(track.take_rest())
    assert b"\x02" not in rest
    assert track.late_packets == 1
