"""One thread that writes all recordings, so that a slow disk never holds up the audio."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from baitie.adapters.media.recording import RecordingFile, reason_of

BLOCKS_WAITING_MAX = 1024  # of 32 kB: what a disk that stands still may hold in memory


class Recording:
    """A recording in the hands of the writer. With a `failure` nothing more is written to it."""

    def __init__(self, path: Path, on_failure: Callable[[str], None]) -> None:
        self.file = RecordingFile(path)
        self.on_failure = on_failure
        self.failure: str | None = None
        self.is_failure_told = False


class RecordingWriter:
    """Writes recordings in the order given (录音写入). `loop` is where failures and completions are told."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None  # of the first recording: without any there is none

    def begin(self, path: Path, on_failure: Callable[[str], None]) -> Recording:
        """Create the file; failures come to `on_failure` with their reason, once."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)
            self._thread.start()
        recording = Recording(path, on_failure)
        self._jobs.put(lambda: self._guarded(recording, recording.file.create))
        return recording

    def append(self, recording: Recording, block: bytes) -> None:
        """Write a block. Where too many wait, this recording ends here: a gap would shift all that follows."""
        if recording.failure is not None:
            return
        with self._lock:
            is_full = self._waiting >= BLOCKS_WAITING_MAX
            self._waiting += not is_full
        if is_full:
            self._fail(recording, "disk-too-slow")
            return
        self._jobs.put(lambda: self._append(recording, block))

    def complete(self, recording: Recording) -> "asyncio.Future[Path | None]":
        """Complete the file; the result is its path, or None where it could not be."""
        done: asyncio.Future[Path | None] = self._loop.create_future()
        self._jobs.put(lambda: self._complete(recording, done))
        return done

    async def stop(self) -> None:
        """Finish what waits and end the thread."""
        if self._thread is not None:
            self._jobs.put(None)
            await self._loop.run_in_executor(None, self._thread.join)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _append(self, recording: Recording, block: bytes) -> None:
        with self._lock:
            self._waiting -= 1
        self._guarded(recording, lambda: recording.file.append(block))

    def _guarded(self, recording: Recording, act: Callable[[], None]) -> None:
        if recording.failure is None:
            try:
                act()
            except OSError as error:
                recording.failure = reason_of(error)
                self._tell(self._fail, recording, recording.failure)

    def _fail(self, recording: Recording, reason: str) -> None:
        recording.failure = recording.failure or reason
        if not recording.is_failure_told:
            recording.is_failure_told = True
            recording.on_failure(reason)

    def _complete(self, recording: Recording, done: "asyncio.Future[Path | None]") -> None:
        path: Path | None = None
        try:
            if recording.file.complete():
                path = recording.file.path
        except OSError as error:
            self._tell(self._fail, recording, reason_of(error))
        self._tell(_resolve, done, path)

    def _tell(self, callback: Callable[..., None], *values: object) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            self._loop.call_soon_threadsafe(callback, *values)


def _resolve(done: "asyncio.Future[Path | None]", path: Path | None) -> None:
    if not done.done():
        done.set_result(path)
