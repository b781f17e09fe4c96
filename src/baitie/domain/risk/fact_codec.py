"""How one fact of a call is kept and made up: what stands beside its field in `CallFacts`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, tzinfo
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import Any, Protocol, Self, TypeVar

from baitie.domain.risk.table_reader import TableReader
from baitie.kernel.ids import CalleeId
from baitie.kernel.journal import JsonValue
from baitie.kernel.time import Window

SAME_KEPT_MAX = 256
"""Of what all calls of a campaign have in common so many are kept as they are written."""

EXAMPLE_CALLEE = CalleeId("callee_example")
_FACT = "fact"
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """Kept facts (留存依据) that are read back: whom they are about, and the zones by their names."""

    callee_id: CalleeId
    zone_of: Callable[[str], tzinfo]


@dataclass(frozen=True, slots=True)
class ExampleCase:
    """Case of an example (示例用例): its table, and the wall clock on which its times are told.

    `region` is that of the rule, where it names one.
    """

    table: TableReader
    zone: tzinfo
    is_zone_known: bool
    region: str | None
    now: datetime

    def instant(self, wall: datetime) -> datetime:
        """The instant at which the clock of the zone shows this."""
        return instant(wall, self.zone)

    def instant_or_none(self, wall: datetime | None) -> datetime | None:
        """As `instant`, where there is a time."""
        return None if wall is None else instant(wall, self.zone)

    def instants(self, field: str) -> tuple[datetime, ...]:
        """A list of times."""
        return tuple(map(self.instant, self.table.values(field, datetime)))

    def rows(self, field: str, read: Callable[[TableReader, Self], _Row]) -> tuple[_Row, ...]:
        """Every table of a list as a fact."""
        return tuple([self._whole(row, read) for row in self.table.rows(field)])

    def row(self, field: str, read: Callable[[TableReader, Self], _Row]) -> _Row | None:
        """A table as a fact; `None` where it is absent."""
        row = self.table.row(field)
        return None if row is None else self._whole(row, read)

    def _whole(self, row: TableReader, read: Callable[[TableReader, Self], _Row]) -> _Row:
        """What nobody took of a table is refused: a misspelt flag must not be silently absent."""
        found = read(row, self)
        row.done()
        return found


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """The instant at which the clock of the zone shows this."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactCodec:
    """Fact codec (依据编解码): how one fact is written into the journal, read back, and made up for a `[[rule.case]]`.

    `key` is its name in the journal. `write` and `read` are asked of what is known: `None` is written as null, or left
    out where `is_left_out`. A `write` of None says that the fact is plain JSON as it is.
    """

    key: str
    write: Callable[[Any], JsonValue] | None
    read: Callable[[Any, KeptFacts], Any]
    example: Callable[[ExampleCase], Any]
    is_left_out: bool


def codecs_of(facts: type) -> dict[str, FactCodec]:
    """The codec of every field. Raises TypeError where one has none, or two have one key: such a fact would be lost."""
    found = {}
    for each in fields(facts):
        codec = each.metadata.get(_FACT)
        if not isinstance(codec, FactCodec):
            raise TypeError(f"the fact {each.name} has no codec")
        found[each.name] = codec
    keys = [codec.key for codec in found.values()]
    if len(keys) != len(set(keys)):
        raise TypeError(f"two facts are written under one key: {sorted(keys)}")
    return found


def fact(
    key: str,
    *,
    write: Callable[[Any], JsonValue] | None,
    read: Callable[[Any, KeptFacts], Any],
    example: Callable[[ExampleCase], Any],
    is_left_out: bool = False,
) -> Mapping[str, FactCodec]:
    """A fact that is kept in a way of its own, as metadata of its field."""
    return {_FACT: FactCodec(key=key, write=write, read=read, example=example, is_left_out=is_left_out)}


def as_it_is(found: Any, kept: KeptFacts) -> Any:
    """Reads what is plain JSON."""
    return found


def text(key: str, *, is_left_out: bool = False) -> Mapping[str, FactCodec]:
    """A text, or `None`."""
    return fact(
        key,
        write=None,
        read=as_it_is,
        example=lambda case: case.table.optional(key, str),
        is_left_out=is_left_out,
    )


def flag(key: str) -> Mapping[str, FactCodec]:
    """True, false, or `None`."""
    return fact(key, write=None, read=as_it_is, example=lambda case: case.table.optional(key, bool))


def word(key: str, kind: type[StrEnum], plain: StrEnum | None = None) -> Mapping[str, FactCodec]:
    """A word of an enumeration; an example that leaves it out says `plain`."""

    def example(case: ExampleCase) -> StrEnum | None:
        return case.table.choice_or_none(key, kind) or plain

    return fact(key, write=attrgetter("value"), read=lambda found, kept: kind(found), example=example)


def words(key: str, kind: type[StrEnum]) -> Mapping[str, FactCodec]:
    """A set of words of an enumeration, or `None`."""
    return fact(
        key,
        write=lambda found: [*_sorted_words(found)],
        read=lambda found, kept: frozenset(map(kind, found)),
        example=lambda case: case.table.words(key, kind),
    )


def texts(key: str) -> Mapping[str, FactCodec]:
    """Texts in their order."""
    return fact(key, write=list, read=lambda found, kept: tuple(found), example=lambda case: case.table.texts(key))


def instants(key: str) -> Mapping[str, FactCodec]:
    """Times in their order."""
    return fact(
        key,
        write=lambda found: [*map(datetime.isoformat, found)],
        read=lambda found, kept: tuple(map(datetime.fromisoformat, found)),
        example=lambda case: case.instants(key),
    )


class FactValue(Protocol):
    """Fact value (依据值): a fact of several parts, which says itself how it is kept and made up."""

    def to_json(self) -> list[JsonValue]:
        """As a row of the journal."""
        ...

    @classmethod
    def from_json(cls, row: Any, kept: KeptFacts) -> Self:
        """The inverse of `to_json`; shorter rows of earlier versions are read too."""
        ...

    @classmethod
    def of_example(cls, row: TableReader, case: ExampleCase) -> Self:
        """From a table of an example. Raises `RulePackError`."""
        ...


def row(key: str, kind: type[FactValue], *, is_left_out: bool = False) -> Mapping[str, FactCodec]:
    """One such value, or `None`."""
    return fact(
        key,
        write=kind.to_json,
        read=kind.from_json,
        example=lambda case: case.row(key, kind.of_example),
        is_left_out=is_left_out,
    )


def rows(
    key: str, kind: type[FactValue], *, in_example: str = "", may_be_none: bool = False
) -> Mapping[str, FactCodec]:
    """Such values in their order. `in_example` is what examples call them, where that is another name. Where they
    `may_be_none`, an example without them says that nobody knows."""
    name, to_row = in_example or key, kind.to_json

    def example(case: ExampleCase) -> tuple[FactValue, ...] | None:
        return None if may_be_none and not case.table.has(name) else case.rows(name, kind.of_example)

    return fact(
        key,
        write=lambda found: [*map(to_row, found)],
        read=lambda found, kept: tuple([kind.from_json(each, kept) for each in found]),
        example=example,
    )


def windows(key: str, in_example: str) -> Mapping[str, FactCodec]:
    """Daily windows on the callee's wall clock."""
    return fact(
        key,
        write=written_windows,
        read=lambda found, kept: read_windows(found),
        example=lambda case: case.rows(in_example, window_of_example),
    )


def written_windows(found: tuple[Window, ...]) -> list[JsonValue]:
    """Windows as rows of two wall-clock times."""
    return [[*row] for row in _window_rows(found)]


def read_windows(found: list[list[str]]) -> tuple[Window, ...]:
    """The inverse of `written_windows`."""
    return tuple([Window(*map(time.fromisoformat, each)) for each in found])


def window_of_example(row: TableReader, case: ExampleCase) -> Window:
    """A window of an example."""
    return Window(row.need("from", time), row.need("until", time))


@lru_cache(maxsize=SAME_KEPT_MAX)
def _sorted_words(found: frozenset[StrEnum]) -> tuple[str, ...]:
    return tuple(sorted([each.value for each in found]))


@lru_cache(maxsize=SAME_KEPT_MAX)
def _window_rows(found: tuple[Window, ...]) -> tuple[tuple[str, str], ...]:
    return tuple([(window.opens_from.isoformat(), window.closes_until.isoformat()) for window in found])
