"""Private files: for their owner's eyes only, and on the disk when they are said to be."""

import contextlib
import os
from pathlib import Path


def create_private(path: Path) -> None:
    """Make an empty file with mode 0600 where there is none.

    One that is there is not even opened: closing it again would drop every lock that this process holds on it by
    other handles (fcntl(2)), and SQLite's among them.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def flush_to_disk(path: Path) -> None:
    """Wait until a file's content is on the disk; of a folder, its names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def publish(part: Path, path: Path) -> None:
    """Give a finished file its name, durably. Raises FileExistsError rather than replace what another has made."""
    flush_to_disk(part)
    os.link(part, path)
    flush_to_disk(path.parent)


def keep_secret(path: Path, text: str) -> bool:
    """Write a secret into a new file of mode 0600, durably. False where there is a file already: that one stays."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    create_private(part)
    try:
        part.write_text(text, "ascii")
        publish(part, path)
    except FileExistsError:
        return False
    finally:
        part.unlink()
    return True
