"""Unit: prompt files become A-law, or an error that says what is wrong and what to do."""

import struct
import wave
from io import BytesIO
from pathlib import Path

import pytest
from tests.fuzzing import fuzz

from baitie.adapters.media import PromptError, load_prompt_untrusted
from baitie.adapters.media.prompts import PromptCache
from baitie.wire.g711 import alaw_to_linear, alaw_to_ulaw, ulaw_to_alaw
from baitie.wire.g711.prompts import PROMPT_BYTES_MAX

ALAW = bytes(range(256)) * 2


def wav(kind: int, audio: bytes, *, channels: int = 1, samples_per_s: int = 8000, bits: int = 8) -> bytes:
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, samples_per_s, samples_per_s * block, block, bits)
    chunks = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # an odd chunk with its padding
    chunks += b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(audio)) + audio
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def by_wave_module(channels: int = 1, samples_per_s: int = 8000, width: int = 2) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, width, samples_per_s, 0, "NONE", ""))
        writer.writeframes(alaw_to_linear(ALAW))
    return file.getvalue()


def test_raw_a_law_is_taken_as_it_is() -> None:
    assert load_prompt_untrusted(ALAW) == ALAW


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (wav(6, ALAW), ALAW),
        (wav(7, alaw_to_ulaw(ALAW)), ulaw_to_alaw(alaw_to_ulaw(ALAW))),
        (wav(1, alaw_to_linear(ALAW), bits=16), ALAW),
        (by_wave_module(), ALAW),
    ],
)
def test_wav_of_the_three_codings_becomes_a_law(data: bytes, expected: bytes) -> None:
    assert load_prompt_untrusted(data) == expected


def test_an_unfinished_wav_gives_what_is_there() -> None:
    assert load_prompt_untrusted(wav(6, ALAW)[:-100]) == ALAW[:-100]


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "empty"),
        (bytes(PROMPT_BYTES_MAX + 1), "too large"),
        (by_wave_module(samples_per_s=16000), "16000 samples a second instead of 8000; convert it with `sox"),
        (by_wave_module(channels=2), "2 channels instead of 1; convert"),
        (by_wave_module(width=1), "format 1 with 8 bits; convert"),
        (wav(85, ALAW), "format 85"),
        (wav(6, b""), "no audio"),
        (wav(6, ALAW)[:40], "without format or audio"),
        (b"RIFF\0\0\0\0WAVEfmt \4\0\0\0abcddata\1\0\0\0a", "broken format chunk"),
        (b"ID3\4" + ALAW, "MP3"),
        (b"OggS" + ALAW, "Ogg"),
        (b"fLaC" + ALAW, "FLAC"),
    ],
)
def test_what_cannot_be_played_is_named_with_its_remedy(data: bytes, wrong: str) -> None:
    with pytest.raises(PromptError, match=wrong):
        load_prompt_untrusted(data)


def test_every_truncation_of_a_wav_is_audio_or_a_prompt_error() -> None:
    whole = wav(6, ALAW)
    for length in range(1, len(whole)):
        try:
            load_prompt_untrusted(whole[:length])
        except PromptError:
            continue


def test_fuzzed_prompts_raise_prompt_error_only() -> None:
    seeds = [wav(6, ALAW), wav(7, ALAW), by_wave_module(), b"ID3\4"]
    fuzz(load_prompt_untrusted, PromptError, seeds)


def test_a_prompt_file_is_read_once_and_a_bad_one_leaves_nothing_behind(tmp_path: Path) -> None:
    good, bad, cache = tmp_path / "good.alaw", tmp_path / "bad.wav", PromptCache()
    good.write_bytes(ALAW)
    bad.write_bytes(by_wave_module(samples_per_s=44100))
    with pytest.raises(PromptError, match=r"44100.*file=.*bad\.wav"):
        cache.load({"good": good, "bad": bad})
    with pytest.raises(PromptError, match="No prompt of this name"):
        cache.audio("good")
    cache.load({"good": good})
    good.unlink()
    cache.load({"good": good, "again": good})
    assert cache.audio("again") is cache.audio("good")
    with pytest.raises(PromptError, match="cannot be read"):
        cache.load({"missing": tmp_path / "missing.wav"})
