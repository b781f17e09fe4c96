"""Unit: recording files, whole, cut off by a crash, and on a full disk."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest
from tests.peers.peers import require

from baitie.adapters.media import RecordingError, repair_recording, repair_recordings
from baitie.adapters.media.recording import PART_SUFFIX, RecordingFile, wav_header
from baitie.adapters.media.writer import RecordingWriter

LEFT, RIGHT = b"\x2a" * 800, b"\xd5" * 800
BLOCK = bytes(byte for pair in zip(LEFT, RIGHT, strict=True) for byte in pair)


def test_a_recording_gets_its_name_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "call.wav"
    file = RecordingFile(path)
    file.create()
    file.append(BLOCK)
    assert [entry.name for entry in path.parent.iterdir()] == ["call.wav" + PART_SUFFIX]
    assert file.complete()
    assert [entry.name for entry in path.parent.iterdir()] == ["call.wav"]
    assert path.read_bytes() == wav_header(len(BLOCK)) + BLOCK
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.peers
def test_another_program_reads_the_recording(tmp_path: Path) -> None:
    require("sox")
    path = tmp_path / "call.wav"
    path.write_bytes(wav_header(len(BLOCK)) + BLOCK)
    for option, expected in (("-c", "2"), ("-r", "8000"), ("-s", "800"), ("-e", "A-law")):
        assert (
            subprocess.run(["soxi", option, path], capture_output=True, check=True, text=True).stdout.strip()
            == expected
        )
    left = subprocess.run(["sox", path, "-t", "al", "-", "remix", "1"], capture_output=True, check=True).stdout
    assert left == LEFT


def test_what_a_crash_leaves_is_valid_up_to_its_last_block(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "call.wav")
    file.create()
    for _ in range(3):
        file.append(BLOCK)
    left_behind = (tmp_path / ("call.wav" + PART_SUFFIX)).read_bytes()
    assert left_behind == wav_header(3 * len(BLOCK)) + 3 * BLOCK
    file.complete()


@pytest.mark.parametrize("cut", [0, 1, len(BLOCK) - 1, len(BLOCK)])
def test_repair_takes_whatever_audio_is_there_and_names_the_file(tmp_path: Path, cut: int) -> None:
    whole = wav_header(len(BLOCK)) + 2 * BLOCK  # the header is one block behind
    part = tmp_path / ("call.wav" + PART_SUFFIX)
    part.write_bytes(whole[: len(whole) - cut])
    assert repair_recordings(tmp_path) == [tmp_path / "call.wav"]
    audio = (2 * BLOCK)[: (2 * len(BLOCK) - cut) // 2 * 2]
    assert (tmp_path / "call.wav").read_bytes() == wav_header(len(audio)) + audio
    assert not part.exists()


@pytest.mark.parametrize("content", [b"", wav_header(0)[:57], b"x" * 100])
def test_files_that_are_no_recordings_are_left_alone(tmp_path: Path, content: bytes) -> None:
    part = tmp_path / ("call.wav" + PART_SUFFIX)
    part.write_bytes(content)
    with pytest.raises(RecordingError):
        repair_recording(part)
    with pytest.raises(RecordingError):
        repair_recording(tmp_path / "call.wav")
    assert repair_recordings(tmp_path) == []
    assert part.read_bytes() == content


def run_writer(path: Path, blocks: int) -> tuple[Path | None, list[str]]:
    async def record() -> tuple[Path | None, list[str]]:
        failures: list[str] = []
        writer = RecordingWriter(asyncio.get_running_loop())
        recording = writer.begin(path, failures.append)
        for _ in range(blocks):
            writer.append(recording, BLOCK)
        result = await writer.complete(recording)
        await writer.stop()
        return result, failures

    return asyncio.run(record())


def test_the_writer_keeps_the_order_of_blocks(tmp_path: Path) -> None:
    path, failures = run_writer(tmp_path / "call.wav", 20)
    assert path is not None
    assert path.read_bytes() == wav_header(20 * len(BLOCK)) + 20 * BLOCK
    assert failures == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full: a full disk cannot be had")
def test_a_full_disk_is_told_once_and_the_call_goes_on(tmp_path: Path) -> None:
    (tmp_path / ("call.wav" + PART_SUFFIX)).symlink_to("/dev/full")
    path, failures = run_writer(tmp_path / "call.wav", 20)
    assert failures == ["disk-full"]
    assert path is None or path.is_symlink()


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    path, failures = run_writer(tmp_path / "file" / "call.wav", 3)
    assert (path, failures) == (None, ["recording-unwritable"])


def test_a_disk_that_stands_still_ends_the_recording_and_not_the_call(tmp_path: Path) -> None:
    """The part file is a pipe that nobody reads: creating it blocks the writer's thread, as a dead disk does."""
    pipe = tmp_path / ("call.wav" + PART_SUFFIX)
    os.mkfifo(pipe)

    async def record() -> list[str]:
        failures: list[str] = []
        writer = RecordingWriter(asyncio.get_running_loop())
        recording = writer.begin(tmp_path / "call.wav", failures.append)
        for _ in range(1100):
            writer.append(recording, b"\xd5\xd5")
        told = list(failures)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # the disk comes back
        await writer.complete(recording)
        await writer.stop()
        os.close(reader)
        return told

    assert asyncio.run(record()) == ["disk-too-slow"]


def test_call_in_which_nothing_was_heard_or_said_leaves_no_file(tmp_path: Path) -> None:
    file = RecordingFile(tmp_path / "call.wav")
    file.create()
    assert file.complete() is False
    assert list(tmp_path.iterdir()) == []
