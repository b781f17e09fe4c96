"""Approved prompts from their files: raw A-law, or WAV in A-law or 16-bit PCM, always 8 kHz mono."""

import struct
from collections.abc import Iterable
from pathlib import Path

from baitie.bootstrap.problems import Problem
from baitie.kernel.errors import InputError
from baitie.wire.g711 import SAMPLES_PER_S, linear_to_alaw

PROMPT_S_MAX = 120
"""A prompt longer than that is a mistake: nobody listens to it on a telephone."""

_OCTETS_MAX = PROMPT_S_MAX * SAMPLES_PER_S * 2 + 4096  # 16-bit samples, and the other chunks of a WAV
_FORMAT_PCM, _FORMAT_ALAW = 1, 6


class PromptError(InputError):
    """This prompt cannot be played. Save it as 8 kHz mono, A-law or 16-bit PCM."""

    code = "prompt-invalid"


def read_prompts(folder: Path, names: Iterable[str]) -> tuple[dict[str, bytes], list[Problem]]:
    """A-law octets of each named prompt (`NAME.pcma`, `.al` or `.wav` in `folder`), and what is wrong with the rest."""
    prompts: dict[str, bytes] = {}
    problems: list[Problem] = []
    for name in sorted(names):
        file = next((f for suffix in (".pcma", ".al", ".wav") if (f := folder / f"{name}{suffix}").is_file()), None)
        if file is None:
            problems.append(Problem(f"{folder.name}/{name}.pcma", "", "prompt-missing", None, {"folder": folder.name}))
            continue
        try:
            prompts[name] = prompt_untrusted(file.read_bytes(), is_wav=file.suffix == ".wav")
        except (PromptError, OSError) as error:
            problems.append(Problem(f"{folder.name}/{file.name}", "", "prompt-invalid", None, {"reason": str(error)}))
    return prompts, problems


def prompt_untrusted(data: bytes, *, is_wav: bool) -> bytes:
    """A-law octets of a prompt file. Raises `PromptError`."""
    if len(data) > _OCTETS_MAX:
        raise PromptError("The file is too large for a prompt.", octets=len(data), seconds_max=PROMPT_S_MAX)
    audio = _wav_untrusted(data) if is_wav else data
    if not audio:
        raise PromptError("The file holds no sound.")
    if len(audio) > PROMPT_S_MAX * SAMPLES_PER_S:
        raise PromptError("The prompt is too long.", seconds_max=PROMPT_S_MAX)
    return audio


def _wav_untrusted(data: bytes) -> bytes:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise PromptError("This is no WAV file.")
    at, encoding = 12, None
    while at + 8 <= len(data):
        kind, octets = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + octets]
        if kind == b"fmt ":
            encoding = _encoding(body)
        elif kind == b"data":
            if encoding is None:
                raise PromptError("The WAV file has sound before its format.")
            return body if encoding == _FORMAT_ALAW else linear_to_alaw(body[: len(body) // 2 * 2])
        at += 8 + octets + octets % 2
    raise PromptError("The WAV file holds no sound.")


def _encoding(body: bytes) -> int:
    if len(body) < 16:
        raise PromptError("The WAV file's format is cut off.")
    encoding, channels, samples_per_s, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if channels != 1 or samples_per_s != SAMPLES_PER_S:
        raise PromptError("The sound is not 8 kHz mono.", channels=channels, samples_per_s=samples_per_s)
    if (encoding, bits) not in ((_FORMAT_PCM, 16), (_FORMAT_ALAW, 8)):
        raise PromptError("The sound is neither A-law nor 16-bit PCM.", format=encoding, bits=bits)
    return int(encoding)
