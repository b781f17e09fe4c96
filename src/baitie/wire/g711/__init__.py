"""G.711, the telephone's audio coding: A-law (PCMA), mu-law (PCMU) and 16-bit linear, 8000 samples a second."""

from baitie.wire.g711.codec import (
    SAMPLES_PER_S,
    Codec,
    alaw_to_linear,
    alaw_to_ulaw,
    fade_alaw,
    linear_to_alaw,
    linear_to_ulaw,
    ulaw_to_alaw,
    ulaw_to_linear,
)

__all__ = [
    "SAMPLES_PER_S",
    "Codec",
    "alaw_to_linear",
    "alaw_to_ulaw",
    "fade_alaw",
    "linear_to_alaw",
    "linear_to_ulaw",
    "ulaw_to_alaw",
    "ulaw_to_linear",
]
