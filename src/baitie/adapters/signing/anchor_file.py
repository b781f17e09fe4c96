"""The anchor's file beside the signing key, and beside it what callees said since: neither lies in the store."""

import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from baitie.adapters.private_files import create_private, flush_to_disk
from baitie.domain.audit import Anchor
from baitie.kernel.errors import InputError

ANCHOR_OCTETS_MAX = 65_536
BARS_OCTETS_MAX = 64 << 20
"""Of acts that bar calls so much is kept, about 200,000 of them; when there is more the older half goes."""


class AnchorFileError(InputError):
    """The anchor beside the signing key cannot be read or written, or is not what was signed. Put back the file as it
    was; if nobody has it, delete it: the next run then compares everything anew, and says so."""

    code = "anchor-unreadable"


class AnchorFile:
    """Anchor file (锚点文件). `path` is the anchor; beside it lie acts that bar calls (`.bars.jsonl`) and a lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bars = path.with_name(path.name.removesuffix(".json") + ".bars.jsonl")
        self._lock = path.with_name(path.name + ".lock")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone among the processes that keep it."""
        try:
            create_private(self._lock)
            handle = os.open(self._lock, os.O_RDWR)
        except OSError as error:
            raise AnchorFileError(file=self._lock.name, cause=error.strerror) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def read(self) -> Anchor | None:
        """What was kept last; None where there is no file. Raises `AnchorFileError`."""
        try:
            octets = self.path.read_bytes()[: ANCHOR_OCTETS_MAX + 1]
        except FileNotFoundError:
            return None
        except OSError as error:
            raise AnchorFileError(file=self.path.name, cause=error.strerror) from error
        try:
            body = json.loads(octets)
            if not isinstance(body, dict):
                raise ValueError("no JSON object")
            return Anchor.from_json(body)
        except (ValueError, RecursionError) as error:
            raise AnchorFileError(file=self.path.name, cause=str(error)[:80]) from error

    def write(self, anchor: Anchor) -> None:
        """In place of the one before, durably."""
        text = json.dumps(anchor.to_json(), ensure_ascii=False, sort_keys=True) + "\n"
        self._replace(self.path, text.encode())

    def append_bars(self, lines: Sequence[str]) -> None:
        """Keep more acts, durably, before the anchor that covers them."""
        if not lines:
            return
        try:
            create_private(self.bars)
            with self.bars.open("ab") as stream:
                stream.write("".join(f"{line}\n" for line in lines).encode())
                stream.flush()
                os.fsync(stream.fileno())
            if self.bars.stat().st_size > BARS_OCTETS_MAX:
                kept = self.bars.read_bytes()
                self._replace(self.bars, kept[kept.index(b"\n", len(kept) // 2) + 1 :])
        except OSError as error:
            raise AnchorFileError(file=self.bars.name, cause=error.strerror) from error

    def read_bars(self) -> Iterator[str]:
        """The acts that are kept, the oldest first. A line that a crash cut off is passed over by whoever reads it."""
        try:
            with self.bars.open("rb") as stream:
                for line in stream:
                    yield line.decode("utf-8", "replace").rstrip("\n")
        except FileNotFoundError:
            return
        except OSError as error:
            raise AnchorFileError(file=self.bars.name, cause=error.strerror) from error

    def _replace(self, path: Path, octets: bytes) -> None:
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        try:
            part.unlink(missing_ok=True)
            create_private(part)
            part.write_bytes(octets)
            flush_to_disk(part)
            part.replace(path)
            flush_to_disk(path.parent)
        except OSError as error:
            raise AnchorFileError(file=path.name, cause=error.strerror) from error
        finally:
            part.unlink(missing_ok=True)
