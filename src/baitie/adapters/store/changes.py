"""The change number of a store, and what was read as of one."""

from collections.abc import Callable
from typing import Generic, TypeVar

import sqlalchemy as sa

from baitie.adapters.store.driver import execute
from baitie.adapters.store.engines import StoreEngine
from baitie.adapters.store.statements import Statements

T = TypeVar("T")


class ChangeNumber:
    """Change number (变更号): how many writes that runs must heed were committed, by whatever process.

    It is counted in the transaction of each such write. While the engine says that nothing at all was committed, it
    is not even read.
    """

    __slots__ = ("_connection", "_engine", "_number", "_sql", "_version")

    def __init__(self, engine: StoreEngine, connection: sa.Connection, sql: Statements) -> None:
        self._engine, self._connection, self._sql = engine, connection, sql
        self._version: int | None = None
        self._number = 0

    def known(self) -> int | None:
        """The number, where this engine alone writes and has not changed anything since it was read."""
        if self._engine.listeners is not None and self._version == self._engine.changes_here:
            return self._number
        return None

    def read(self) -> int:
        """The number as of this instant. Only one thread may read at a time, and no transaction may be open."""
        version = self._engine.version(self._connection)  # before the number: it may be too old, never too new
        if version is None or version != self._version:
            row = execute(self._connection, self._sql.changes).fetchone()
            self._number, self._version = 0 if row is None else int(row[0]), version
        return self._number

    def grew(self) -> None:
        """It was counted on, and committed, through this engine."""
        self._engine.changes_here += 1
        for listener in list(self._engine.listeners or ()):
            listener()


class AsOf(Generic[T]):
    """What was read as of a change number (变更号快照), kept until the number grows."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: tuple[int, T] | None = None

    def get(self, number: int, read: Callable[[], T]) -> T:
        """What is kept as of this number, or what is read. The number must have been read before."""
        kept = self._kept
        if kept is None or kept[0] != number:
            kept = self._kept = (number, read())
        return kept[1]
