"""Bytes of files that people name: ordinary files only, and never more of them than is wanted."""

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
