"""Recording files: WAV, two channels of A-law at 8 kHz (left the callee, right us), 16 kB a second.

A file is written as NAME.part and gets its name when it is complete. The header is brought up to date with every
block, so what a crash leaves behind can be played; `repair_recordings` completes and names it.
"""

import errno
import os
import struct
from pathlib import Path

from baitie.kernel.errors import InputError

PART_SUFFIX = ".part"
_ALAW, _CHANNELS, _SAMPLES_PER_S = 6, 2, 8000
_HEADER = struct.Struct("<4sI4s 4sIHHIIHHH 4sII 4sI")


class RecordingError(InputError):
    """This file is no unfinished recording. Nothing was changed; remove it or look at it by hand."""

    code = "recording-unrepairable"


def wav_header(audio_bytes: int) -> bytes:
    """The header for that much audio. A-law WAV has a fact chunk with the samples per channel."""
    return _HEADER.pack(
        *(b"RIFF", _HEADER.size - 8 + audio_bytes, b"WAVE"),
        *(b"fmt ", 18, _ALAW, _CHANNELS, _SAMPLES_PER_S, _SAMPLES_PER_S * _CHANNELS, _CHANNELS, 8, 0),
        *(b"fact", 4, audio_bytes // _CHANNELS),
        *(b"data", audio_bytes),
    )


class RecordingFile:
    """One recording being written. Blocking: for a thread that may wait for the disk. Methods raise OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._part = path.with_name(path.name + PART_SUFFIX)
        self._audio_bytes = 0
        self._fd = -1

    def create(self) -> None:
        """Create the file with a valid header of no audio, readable to us only: it is personal data."""
        self._part.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._write_all(wav_header(0))

    def append(self, block: bytes) -> None:
        """Write a block behind the others and bring the header up to date."""
        self._write_all(block)
        self._audio_bytes += len(block)
        os.pwrite(self._fd, wav_header(self._audio_bytes), 0)

    def complete(self) -> bool:
        """Close the file and give it its name. False: it was never created, or nothing was heard or said."""
        if self._fd < 0:
            return False
        os.close(self._fd)
        self._fd = -1
        if not self._audio_bytes:
            self._part.unlink()
            return False
        os.replace(self._part, self.path)
        return True

    def _write_all(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._fd, view) :]


def reason_of(error: OSError) -> str:
    """The kebab-case reason for RecordingFailed."""
    return "disk-full" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "recording-unwritable"


def repair_recording(part: Path) -> Path:
    """Complete a recording that a crash left as NAME.part, and give its new path. Raises RecordingError, OSError."""
    if not part.name.endswith(PART_SUFFIX):
        raise RecordingError(file=str(part))
    with part.open("r+b") as file:
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size or head[:4] != b"RIFF" or head[8:24] != wav_header(0)[8:24]:
            raise RecordingError(file=str(part))
        audio_bytes = (part.stat().st_size - _HEADER.size) // _CHANNELS * _CHANNELS
        file.seek(0)
        file.write(wav_header(audio_bytes))
        file.truncate(_HEADER.size + audio_bytes)
    whole = part.with_name(part.name.removesuffix(PART_SUFFIX))
    os.replace(part, whole)
    return whole


def repair_recordings(folder: Path) -> list[Path]:
    """Repair every unfinished recording in the folder that can be; to be called when nothing is being recorded."""
    repaired = []
    for part in sorted(folder.glob("*" + PART_SUFFIX)):
        try:
            repaired.append(repair_recording(part))
        except RecordingError:
            continue
    return repaired
