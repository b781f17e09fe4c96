"""Prompts: 8 kHz mono, as raw A-law or WAV, made into the A-law that calls carry."""

import struct

from baitie.kernel.errors import InputError
from baitie.wire.g711 import linear_to_alaw, ulaw_to_alaw

PROMPT_BYTES_MAX = 16 * 1024 * 1024  # over half an hour of A-law


_PCM, _ALAW, _ULAW, _EXTENSIBLE = 1, 6, 7, 0xFFFE


_BITS = {_PCM: 16, _ALAW: 8, _ULAW: 8}


_CHUNK = struct.Struct("<4sI")


_FORMAT = struct.Struct("<HHIIHH")


_CONVERT = "convert it with `sox IN.wav -r 8000 -c 1 -e a-law OUT.wav`"


class PromptError(InputError):
    """A prompt file cannot be played. It must be 8 kHz mono: raw A-law (.alaw, .pcma), or WAV as A-law, mu-law or
    16-bit PCM."""

    code = "prompt-invalid"


def load_prompt_untrusted(data: bytes) -> bytes:
    """The A-law audio of a prompt file: WAV where it begins like one, raw A-law otherwise. Raises PromptError only."""
    if not data:
        raise PromptError("The prompt file is empty; record or synthesise it again.")
    if len(data) > PROMPT_BYTES_MAX:
        raise PromptError("The prompt file is too large; split it.", bytes=len(data), bytes_max=PROMPT_BYTES_MAX)
    if data[:4] == b"RIFF" or data[8:12] == b"WAVE":
        return _from_wav(data)
    for magic, name in ((b"ID3", "MP3"), (b"\xff\xfb", "MP3"), (b"OggS", "Ogg"), (b"fLaC", "FLAC"), (b"RIFX", "RIFX")):
        if data.startswith(magic):
            raise PromptError(f"The prompt file is {name}, which calls cannot carry; {_CONVERT}.")
    return data


def _from_wav(data: bytes) -> bytes:
    form: bytes | None = None
    at = 12
    while at + _CHUNK.size <= len(data):
        name, size = _CHUNK.unpack_from(data, at)
        at += _CHUNK.size
        if name == b"fmt ":
            form = data[at : at + size]
        elif name == b"data":
            if form is None:
                break
            audio = data[at : at + size]  # a size beyond the end means an unfinished file: what is there is taken
            return _to_alaw(_format(form), audio)
        at += size + (size & 1)
    raise PromptError(f"The prompt file is a WAV without format or audio; {_CONVERT}.")


def _format(form: bytes) -> int:
    if len(form) < _FORMAT.size:
        raise PromptError(f"The prompt file is a WAV with a broken format chunk; {_CONVERT}.")
    kind, channels, samples_per_s, _, _, bits = _FORMAT.unpack_from(form)
    if kind == _EXTENSIBLE and len(form) >= 26:
        kind = struct.unpack_from("<H", form, 24)[0]
    if samples_per_s != 8000:
        raise PromptError(f"The prompt has {samples_per_s} samples a second instead of 8000; {_CONVERT}.")
    if channels != 1:
        raise PromptError(f"The prompt has {channels} channels instead of 1; {_CONVERT}.")
    if _BITS.get(kind) != bits:
        raise PromptError(f"The prompt is coded as WAV format {kind} with {bits} bits; {_CONVERT}.")
    return int(kind)


def _to_alaw(kind: int, audio: bytes) -> bytes:
    if not audio:
        raise PromptError("The prompt file holds no audio; record or synthesise it again.")
    if kind == _ALAW:
        return audio
    return ulaw_to_alaw(audio) if kind == _ULAW else linear_to_alaw(audio)
