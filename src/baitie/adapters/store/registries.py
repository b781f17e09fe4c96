"""Registries of refused calls: keyed hashes in pages, sorted outside memory, found by one indexed read.

A page holds all hashes of one registry's copy with the same first two octets. Of a number only eight octets of a
keyed hash are kept: among ten million numbers a stranger is taken for one of them once in 10¹² look-ups.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO

import sqlalchemy as sa

from baitie.adapters.store import tables
from baitie.adapters.store.statements import Statements
from baitie.domain.registries import DoNotCallRegistry

HASH_BYTES = 8
BUCKETS = 256
"""Files that an import is sorted through: of ten million numbers each takes 40,000, which is 320 kB."""

FLUSHED_BYTES = 16_384
"""So much of one bucket waits in memory: 4 MiB of all."""

PAGES_PER_DELETE = 4096


class HashSorter:
    """Sorts hashes through files (外部排序), so that an import of any size needs a few megabytes."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="baitie-registry-")
        self._waiting = [bytearray() for _ in range(BUCKETS)]
        self._files: list[IO[bytes] | None] = [None] * BUCKETS

    def __enter__(self) -> "HashSorter":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            if file is not None:
                file.close()
        self._folder.cleanup()

    def add(self, digest: bytes) -> None:
        """Take one hash."""
        bucket = digest[0]
        waiting = self._waiting[bucket]
        waiting += digest
        if len(waiting) >= FLUSHED_BYTES:
            file = self._files[bucket]
            if file is None:
                file = self._files[bucket] = (Path(self._folder.name) / f"{bucket:02x}").open("w+b")
            file.write(waiting)
            waiting.clear()

    def pages(self) -> Iterator[list[tuple[int, bytes]]]:
        """The pages of each bucket in their order, each hash once."""
        for bucket in range(BUCKETS):
            octets = bytes(self._waiting[bucket])
            self._waiting[bucket].clear()
            file = self._files[bucket]
            if file is not None:
                file.seek(0)
                octets = file.read() + octets
                file.close()
                self._files[bucket] = None
            if octets:
                yield _pages_of(octets)


def _pages_of(octets: bytes) -> list[tuple[int, bytes]]:
    hashes = sorted({octets[at : at + HASH_BYTES] for at in range(0, len(octets), HASH_BYTES)})
    pages: dict[int, list[bytes]] = {}
    for one in hashes:
        pages.setdefault(page_of(one), []).append(one)
    return [(page, b"".join(part)) for page, part in pages.items()]


def page_of(digest: bytes) -> int:
    """The page of a hash."""
    return int.from_bytes(digest[:2], "big")


def holds(page: bytes | None, digest: bytes) -> bool:
    """Whether a page holds this hash, at a place where a hash begins."""
    if not page:
        return False
    at = page.find(digest)
    while at > 0 and at % HASH_BYTES:
        at = page.find(digest, at + 1)
    return at >= 0


def write_pages(connection: sa.Connection, sql: Statements, generation: int, pages: Iterable[tuple[int, bytes]]) -> int:
    """Write some pages; gives how many hashes they hold."""
    rows = [(generation, page, hashes) for page, hashes in pages]
    sql.registry_pages.run(connection, rows)
    return sum(len(hashes) for _, _, hashes in rows) // HASH_BYTES


def next_generation(connection: sa.Connection) -> int:
    """A number that no copy has, those of broken-off imports among them."""
    used = connection.execute(sa.select(sa.func.max(tables.registry_pages.c.generation))).scalar()
    known = connection.execute(sa.select(sa.func.max(tables.registries.c.generation))).scalar()
    return max(used or 0, known or 0) + 1


def put_in_use(connection: sa.Connection, registry: DoNotCallRegistry) -> None:
    """From this instant on the copy is the one that is asked."""
    table = tables.registries
    connection.execute(table.delete().where(table.c.name == registry.name))
    record = json.dumps(registry.to_json(), ensure_ascii=False, sort_keys=True)
    connection.execute(table.insert().values(name=registry.name, generation=registry.generation, record=record))


def read_registry(connection: sa.Connection, name: str) -> DoNotCallRegistry | None:
    """The copy of this registry that is asked; None where there is none, or what stands there cannot be read."""
    table = tables.registries.c
    record = connection.execute(sa.select(table.record).where(table.name == name)).scalar()
    try:
        return None if record is None else DoNotCallRegistry.from_json(json.loads(record))
    except (KeyError, TypeError, ValueError):
        return None


def drop(connection: sa.Connection, name: str) -> bool:
    """Ask the registry no more; gives whether there was one."""
    table = tables.registries
    return connection.execute(table.delete().where(table.c.name == name)).rowcount > 0


def unused_generations(connection: sa.Connection) -> list[int]:
    """Copies that are asked no more, and those whose import broke off."""
    pages, used = tables.registry_pages, sa.select(tables.registries.c.generation)
    found = connection.execute(sa.select(pages.c.generation).where(pages.c.generation.not_in(used)).distinct())
    return [int(row[0]) for row in found]


def delete_some(connection: sa.Connection, generation: int, first_page: int) -> None:
    """Delete a part of the pages of a copy, so that no single transaction holds up the dialler."""
    pages = tables.registry_pages
    until = first_page + PAGES_PER_DELETE
    connection.execute(
        pages.delete().where(pages.c.generation == generation, pages.c.page >= first_page, pages.c.page < until)
    )


def read_registries(connection: sa.Connection) -> tuple[DoNotCallRegistry, ...]:
    """Every registry that is asked."""
    table = tables.registries
    rows = connection.execute(sa.select(table.c.record).order_by(table.c.name)).scalars()
    return tuple([DoNotCallRegistry.from_json(json.loads(record)) for record in rows])


@lru_cache(maxsize=64)  # a handful of registries, asked about at every verdict
def _registry_of(record: str) -> DoNotCallRegistry:
    return DoNotCallRegistry.from_json(json.loads(record))


def look_up(connection: sa.Connection, sql: Statements, digest: bytes) -> tuple[tuple[DoNotCallRegistry, bool], ...]:
    """Every registry, and whether it names the number of this hash."""
    rows = connection.exec_driver_sql(sql.registry_page, (page_of(digest),)).fetchall()
    return tuple(
        [(_registry_of(record), holds(None if page is None else bytes(page), digest)) for record, page in rows]
    )
