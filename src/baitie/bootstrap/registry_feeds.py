"""Where registries of refused calls come from: files and addresses."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from baitie.adapters.registry_feed import https_pieces
from baitie.files.organisation_settings import RegistrySettings

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
