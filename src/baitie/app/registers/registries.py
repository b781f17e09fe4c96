"""Registries of refused calls: a copy taken over in place of the one before, a copy dropped."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from baitie.app.registers.book import RegisterBook
from baitie.domain.audit.list_marks import mark_of_registry
from baitie.domain.contacts import RejectReason
from baitie.domain.registries import DoNotCallRegistry, RegistryFileError, RegistryFileFault
from baitie.domain.registries.registry import is_registry_name
from baitie.kernel.errors import InputError
from baitie.kernel.journal import JournalEntry, JournalKind, JsonValue

REJECTED_SHARE_MAX = 0.5
"""A file more than half of whose lines are no numbers is not the registry that somebody meant."""

LEFT_OUT_NAMED_MAX = 10_000
"""So many lines that were no number are remembered by place and reason; all of them are counted."""


class RegistryNameError(InputError):
    """This is no name of a registry. Write it as rules do, in small letters, figures and hyphens: us-national-dnc."""

    code = "registry-name"


class RegistryUnknownError(InputError):
    """There is no copy of such a registry. `baitie registry list` shows those that there are."""

    code = "registry-unknown"


class LeftOut(NamedTuple):
    """A line of a registry's file from which no number, or not every number, was taken (未收录的行)."""

    line: int  # from 1
    reason: RejectReason


@dataclass(slots=True)
class RegistryReading:
    """Registry reading (名录解析): what became of the lines so far."""

    lines: int = 0
    has_begun: bool = False  # whether a line with a number was seen; above it there may be titles
    columns: tuple[int, ...] | None = None  # where a heading says that numbers stand; without one, in any
    left_out: list[LeftOut] = field(default_factory=list)  # the first of them; a heading is none
    left_out_count: int = 0

    def leave_out(self, reason: RejectReason) -> None:
        """Note the present line."""
        self.left_out_count += 1
        if len(self.left_out) < LEFT_OUT_NAMED_MAX:
            self.left_out.append(LeftOut(self.lines, reason))


@dataclass(frozen=True, slots=True)
class Registries:
    """Registries of refused calls (谢绝来电名录登记)."""

    book: RegisterBook

    def take_over(self, name: str, numbers: Iterable[str | None], source: str, as_of: date) -> DoNotCallRegistry:
        """Take over a copy in place of the one before: E.164 of each line, None for a line that holds no number.

        Raises `RegistryFileError`, `RegistryNameError`, `StoreError`.
        """
        book = self.book
        refuse_name(name)
        copy = book.store.import_registry(
            name,
            _checked(numbers),
            as_of=as_of,
            at=book.now,
            actor=book.actor,
            source=source,
            told=self._imported,
        )
        book.has_kept = True
        return copy

    def _imported(self, copy: DoNotCallRegistry, before: DoNotCallRegistry | None) -> JournalEntry:
        said: dict[str, JsonValue] = {
            "registry": copy.name,
            "as_of": copy.as_of.isoformat(),
            "numbers": copy.numbers,
            "rejected": copy.rejected,
            "source": copy.source,
            "digest": copy.digest,
            "replaces": _mark_of(before),
        }
        return self.book.entry(JournalKind.REGISTRY_IMPORTED, None, said)

    def drop(self, name: str, reason: str) -> None:
        """Ask a registry no more. Raises `RegistryUnknownError`."""
        book = self.book

        def dropped(before: DoNotCallRegistry | None) -> JournalEntry:
            said: dict[str, JsonValue] = {"registry": name, "reason": reason, "replaces": _mark_of(before)}
            return book.entry(JournalKind.REGISTRY_DROPPED, None, said)

        if not book.store.drop_registry(name, dropped):
            raise RegistryUnknownError(name=name)
        book.has_kept = True


def _mark_of(copy: DoNotCallRegistry | None) -> str | None:
    return None if copy is None else mark_of_registry(copy.name, copy.as_of.isoformat(), copy.digest)


def refuse_name(name: str) -> None:
    """Raises `RegistryNameError` where this is no name of a registry."""
    if not is_registry_name(name):
        raise RegistryNameError(name=name)


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
