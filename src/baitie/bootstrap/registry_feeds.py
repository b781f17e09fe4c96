"""Where registries of refused calls come from: files and addresses."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from baitie.adapters.registry_feed import https_pieces
from baitie.app.registers.registers import Registers
from baitie.app.registers.registries import RegistryReading, refuse_name
from baitie.domain.registries import DoNotCallRegistry
from baitie.files.organisation_settings import RegistrySettings
from baitie.files.registry_lines import numbers_of

PIECE_BYTES = 1 << 20


class RegistryFeed(Protocol):
    """Where a registry comes from (名录来源): its bytes piece by piece, from a file, an API or whatever delivers it."""

    def pieces(self) -> Generator[bytes, None, None]: ...


@dataclass(frozen=True, slots=True)
class FileFeed:
    """A registry's file (名录文件)."""

    path: Path

    def pieces(self) -> Generator[bytes, None, None]:
        """The file, a megabyte at a time."""
        with self.path.open("rb") as file:
            while piece := file.read(PIECE_BYTES):
                yield piece


@dataclass(frozen=True, slots=True)
class AddressFeed:
    """A registry behind an https address (名录接口) that hands out the list as text."""

    address: str
    settings: RegistrySettings

    def pieces(self) -> Generator[bytes, None, None]:
        """The answer's body. Raises `RegistryFeedError`, `RegistryAddressError`."""
        allows_private = self.settings.allows_private_addresses
        return https_pieces(self.address, proxy=self.settings.proxy, allows_private_addresses=allows_private)


def import_registry(
    registers: Registers, name: str, feed: RegistryFeed, source: str, as_of: date, region: str | None = None
) -> tuple[DoNotCallRegistry, RegistryReading]:
    """Take over a copy in place of the one before, and say which lines it lacks.

    Raises `RegistryFileError`, `RegistryNameError`, `StoreError`.
    """
    refuse_name(name)
    reading = RegistryReading()
    with closing(feed.pieces()) as pieces:
        numbers = numbers_of(pieces, region or registers.policy.region, reading)
        return registers.registries.take_over(name, numbers, source, as_of), reading
