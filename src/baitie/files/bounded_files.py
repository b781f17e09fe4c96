"""Files that people name: ordinary files only, never more of them than is wanted; what names people is private."""

import errno
import os
import stat
from pathlib import Path


def read_within(path: Path, octets_max: int) -> bytes:
    """The bytes of an ordinary file, at most one more than `octets_max`, so that the reader sees that it is too large.

    Raises OSError, also for what is no ordinary file: a pipe would be waited for without end.
    """
    kind = path.stat().st_mode
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(kind):
        raise OSError(errno.EINVAL, "not an ordinary file", str(path))
    with path.open("rb") as file:
        return file.read(octets_max + 1)


def open_private(path: str, flags: int) -> int:
    """An opener for `open`: the file is its owner's alone (mode 0600), also where one with other rights was there."""
    descriptor = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.fchmod(descriptor, 0o600)
    return descriptor


def write_private(path: Path, text: str, encoding: str = "utf-8-sig") -> None:
    """Write text that names people; the ends of lines stay as they are."""
    with open(path, "w", encoding=encoding, newline="", opener=open_private) as file:
        file.write(text)
