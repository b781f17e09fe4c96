"""Registries of refused calls: from a file or an address into the store, and what they say of a number."""

import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from baitie.adapters.registry_feed import https_pieces
from baitie.app.records import Batch
from baitie.bootstrap.desks import Desk
from baitie.domain.contacts import RejectReason, read_number
from baitie.domain.registries import (
    DoNotCallRegistry,
    NumberLines,
    RegistryFileError,
    RegistryFileFault,
    number_digits_untrusted,
)
from baitie.domain.registries.registry import is_registry_name
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalKind, JsonValue

PIECE_BYTES = 1 << 20
REJECTED_SHARE_MAX = 0.5
"""A file more than half of whose lines are no numbers is not the registry that somebody meant."""

_FAST_COUNTRIES = {"CN": ("86", re.compile(r"1[3-9]\d{9}")), "US": ("1", re.compile(r"[2-9]\d{9}"))}
"""Whole registries of these countries are of one plain form, which needs no look into the numbering plans."""


class RegistryNameError(InputError):
    """This is no name of a registry. Write it as rules do, in small letters, figures and hyphens: us-national-dnc."""

    code = "registry-name"


class RegistryUnknownError(InputError):
    """There is no copy of such a registry. `baitie registry list` shows those that there are."""

    code = "registry-unknown"


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

    def pieces(self) -> Generator[bytes, None, None]:
        """The answer's body. Raises `RegistryFeedError`."""
        return https_pieces(self.address)


def import_registry(
    desk: Desk, name: str, feed: RegistryFeed, source: str, as_of: date, region: str | None = None
) -> DoNotCallRegistry:
    """Take over a copy in place of the one before. Raises `RegistryFileError`, `RegistryNameError`, `StoreError`."""
    if not is_registry_name(name):
        raise RegistryNameError(name=name)
    country = region or desk.settings.enterprise.default_region
    with closing(feed.pieces()) as pieces:
        copy = desk.store.import_registry(
            name,
            _checked(numbers_of(pieces, country)),
            as_of=as_of,
            at=desk.now,
            actor=desk.actor,
            source=source,
        )
    said: dict[str, JsonValue] = {
        "registry": name,
        "as_of": as_of.isoformat(),
        "numbers": copy.numbers,
        "rejected": copy.rejected,
        "source": source,
    }
    desk.keep(Batch(journal=[desk.entry(JournalKind.REGISTRY_IMPORTED, None, said)]))
    return copy


def drop_registry(desk: Desk, name: str, reason: str) -> None:
    """Ask a registry no more. Raises `RegistryUnknownError`."""
    if not desk.store.drop_registry(name):
        raise RegistryUnknownError(name=name)
    desk.keep(Batch(journal=[desk.entry(JournalKind.REGISTRY_DROPPED, None, {"registry": name, "reason": reason})]))


def numbers_of(pieces: Iterable[bytes], country: str) -> Iterator[str | None]:
    """E.164 of each line that is not blank; None for those that are no number, such as a heading."""
    fast = _FAST_COUNTRIES.get(country)
    for line in NumberLines().lines(pieces):
        if not line.strip():
            continue
        read = number_digits_untrusted(line)
        if read is None:
            yield None
            continue
        has_country, digits = read
        if has_country:
            yield f"+{digits}"
        elif fast is not None and fast[1].fullmatch(digits):
            yield f"+{fast[0]}{digits}"
        else:
            reading = read_number(digits, country)
            yield None if isinstance(reading, RejectReason) else reading.number.e164()


def _checked(numbers: Iterable[str | None]) -> Iterator[str | None]:
    """The same, until it shows that this is no list of numbers."""
    taken = rejected = 0
    for number in numbers:
        if number is None:
            rejected += 1
        else:
            taken += 1
        yield number
    if not taken:
        raise RegistryFileError(RegistryFileFault.NO_NUMBERS, rejected=rejected)
    if rejected > REJECTED_SHARE_MAX * (taken + rejected):
        raise RegistryFileError(RegistryFileFault.TOO_MANY_REJECTED, taken=taken, rejected=rejected)
