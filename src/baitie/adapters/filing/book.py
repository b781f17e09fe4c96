"""The filing register in a file: lines are appended under a lock, on the disk before they count."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

from baitie.adapters.private_files import create_private, flush_to_disk
from baitie.domain.filing import (
    FilingEvent,
    FilingRefusal,
    FilingRegister,
    FilingRegisterError,
    RegisterFile,
    event_line,
    read_register_untrusted,
    refusal_of,
)


class FilingBookFile:
    """The register's file. One writer at a time, whatever the process; readers see whole lines only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None  # inode, size, time of the last reading
        self._read = RegisterFile(FilingRegister())

    def read(self) -> FilingRegister:
        """The register as it is now; the file is parsed only where it changed. Raises `FilingRegisterError`."""
        return self._current().register

    def keep(self, propose: Callable[[FilingRegister], FilingEvent]) -> FilingEvent | FilingRefusal:
        """Append the proposed event unless the rules refuse it. Raises `FilingRegisterError`."""
        try:
            return self._keep(propose)
        except OSError as error:
            raise self._unusable(error) from error

    def _keep(self, propose: Callable[[FilingRegister], FilingEvent]) -> FilingEvent | FilingRefusal:
        is_fresh = not self._path.exists()
        create_private(self._path)
        with self._path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = self._current()
            event = propose(known.register)
            refusal = refusal_of(known.register, event)
            if refusal is not None:
                return refusal
            file.truncate(self._whole_lines(file.seek(0, os.SEEK_END)))  # what a crash left of a line
            file.seek(0, os.SEEK_END)
            file.write(event_line(event, known.last_hash))
            file.flush()
            os.fsync(file.fileno())
        if is_fresh:
            flush_to_disk(self._path.parent)
        return event

    def _whole_lines(self, size: int) -> int:
        data = self._path.read_bytes()[:size]
        return data.rfind(b"\n") + 1

    def _current(self) -> RegisterFile:
        try:
            about = self._path.stat()
            seen = (about.st_ino, about.st_size, about.st_mtime_ns)
            if seen != self._seen:
                self._read = read_register_untrusted(self._path.read_bytes(), self._path.name)
                self._seen = seen
        except FileNotFoundError:
            self._seen, self._read = None, RegisterFile(FilingRegister())
        except OSError as error:
            raise self._unusable(error) from error
        return self._read

    def _unusable(self, error: OSError) -> FilingRegisterError:
        return FilingRegisterError(self._path.name, 0, error.strerror or "?")
