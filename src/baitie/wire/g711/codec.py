"""G.711 by tables: each octet stands for one sample. Linear audio is 16-bit little-endian, mono."""

import sys
from array import array
from enum import Enum
from functools import cache

SAMPLES_PER_S = 8000
_ULAW_BIAS = 33  # added to the 14-bit magnitude, so that every segment begins at a power of two
_ULAW_MAGNITUDE_MAX = 0x1FFF
_FADE_STEPS = 8


class Codec(Enum):
    """Audio coding (编码) agreed for a call. The value is its name in SDP."""

    PCMA = "PCMA"
    PCMU = "PCMU"

    @property
    def payload_type(self) -> int:
        """Static RTP payload type (RFC 3551 §6)."""
        return 8 if self is Codec.PCMA else 0

    @property
    def silence(self) -> bytes:
        """One sample of silence."""
        return b"\xd5" if self is Codec.PCMA else b"\xff"


def _alaw_value(octet: int) -> int:
    """The 16-bit linear value of an A-law octet (G.711 table 1: the middle of its interval)."""
    code = octet ^ 0x55  # even bits are inverted on the line
    segment, step = code >> 4 & 7, code & 15
    magnitude = step * 16 + 8 if segment == 0 else (step * 16 + 264) << segment - 1
    return magnitude if code & 0x80 else -magnitude


def _ulaw_value(octet: int) -> int:
    """The 16-bit linear value of a mu-law octet (G.711 table 2: the middle of its interval)."""
    code = ~octet & 0xFF
    magnitude = (((code & 15) * 2 + 33 << (code >> 4 & 7)) - _ULAW_BIAS) * 4
    return -magnitude if code & 0x80 else magnitude


def _alaw_octet(sample: int) -> int:
    sign, magnitude = (0x80, sample >> 4) if sample >= 0 else (0, ~sample >> 4)
    segment = max(0, magnitude.bit_length() - 4)
    step = magnitude & 15 if segment == 0 else magnitude >> segment - 1 & 15
    return (sign | segment << 4 | step) ^ 0x55


def _ulaw_octet(sample: int) -> int:
    sign, magnitude = (0, sample >> 2) if sample >= 0 else (0x80, ~sample >> 2)
    biased = min(magnitude + _ULAW_BIAS, _ULAW_MAGNITUDE_MAX)
    segment = biased.bit_length() - 6
    return ~(sign | segment << 4 | biased >> segment + 1 & 15) & 0xFF


_ALAW_VALUES = [_alaw_value(octet) for octet in range(256)]
_ULAW_VALUES = [_ulaw_value(octet) for octet in range(256)]
_ALAW_LOW, _ALAW_HIGH = (bytes(value >> shift & 0xFF for value in _ALAW_VALUES) for shift in (0, 8))
_ULAW_LOW, _ULAW_HIGH = (bytes(value >> shift & 0xFF for value in _ULAW_VALUES) for shift in (0, 8))
_ALAW_TO_ULAW = bytes(_ulaw_octet(value) for value in _ALAW_VALUES)
_ULAW_TO_ALAW = bytes(_alaw_octet(value) for value in _ULAW_VALUES)
_FADED = [
    bytes(_alaw_octet(value * (_FADE_STEPS - step) // _FADE_STEPS) for value in _ALAW_VALUES)
    for step in range(_FADE_STEPS + 1)
]


def alaw_to_ulaw(audio: bytes) -> bytes:
    """PCMA to PCMU, each sample by the nearest value."""
    return audio.translate(_ALAW_TO_ULAW)


def ulaw_to_alaw(audio: bytes) -> bytes:
    """PCMU to PCMA, each sample by the nearest value."""
    return audio.translate(_ULAW_TO_ALAW)


def alaw_to_linear(audio: bytes) -> bytes:
    """PCMA to 16-bit little-endian linear."""
    return _interleaved(audio.translate(_ALAW_LOW), audio.translate(_ALAW_HIGH))


def ulaw_to_linear(audio: bytes) -> bytes:
    """PCMU to 16-bit little-endian linear."""
    return _interleaved(audio.translate(_ULAW_LOW), audio.translate(_ULAW_HIGH))


def linear_to_alaw(audio: bytes) -> bytes:
    """16-bit little-endian linear to PCMA; an odd last byte is dropped."""
    return bytes(map(_alaw_by_word().__getitem__, _words(audio)))


def linear_to_ulaw(audio: bytes) -> bytes:
    """16-bit little-endian linear to PCMU; an odd last byte is dropped."""
    return bytes(map(_ulaw_by_word().__getitem__, _words(audio)))


def fade_alaw(audio: bytes, eighths: int) -> bytes:
    """PCMA made softer by `eighths` of its amplitude: 0 as it is, 8 silence."""
    return audio.translate(_FADED[min(max(eighths, 0), _FADE_STEPS)])


def _interleaved(low: bytes, high: bytes) -> bytes:
    out = bytearray(2 * len(low))
    out[0::2] = low
    out[1::2] = high
    return bytes(out)


def _words(audio: bytes) -> "array[int]":
    words = array("H")
    words.frombytes(audio[: len(audio) & ~1])
    if sys.byteorder == "big":
        words.byteswap()
    return words


@cache
def _alaw_by_word() -> bytes:
    return bytes(_alaw_octet(word - 65536 if word & 0x8000 else word) for word in range(65536))


@cache
def _ulaw_by_word() -> bytes:
    return bytes(_ulaw_octet(word - 65536 if word & 0x8000 else word) for word in range(65536))
