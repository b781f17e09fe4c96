"""SQLite in memory: the statements of the store in a file, for rehearsals. Nothing survives the process."""

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from baitie.adapters.store.engines import StoreEngine
from baitie.adapters.store.errors import BackupError

_SIZE = ("page_count", "page_size")


class _LastingConnection(sqlite3.Connection):
    """A connection that stays when a store lets go of it; what was not committed is undone, as by a dead process."""

    def close(self) -> None:
        if self.in_transaction:
            self.rollback()


class MemoryEngine(StoreEngine):
    """SQLite in memory (内存数据库). Outlives the stores opened on it, so that one can be opened again after a crash.

    One connection serves reading and writing, so all use must be of one thread.
    """

    begin_sql = "BEGIN"
    begin_read_sql = "BEGIN"

    def __init__(self, copy_of: "MemoryEngine | None" = None) -> None:
        self._connection = sqlite3.connect(":memory:", factory=_LastingConnection, check_same_thread=True)
        self._connection.executescript("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
        if copy_of is not None:
            copy_of._connection.backup(self._connection)  # page by page: sooner than schema and import once more
        self.engine = sa.create_engine(
            "sqlite+pysqlite://", poolclass=NullPool, hide_parameters=True, creator=lambda: self._connection
        )

        self.listeners = []

    def version(self, connection: sa.Connection) -> int | None:
        return self.changes_here

    def try_own(self, connection: sa.Connection, owner: str) -> None:
        """There is no other process that could be the owner."""

    def disown(self, connection: sa.Connection) -> None:
        """There is nothing to let go of."""

    def backup(self, target: Path) -> None:
        raise BackupError(file=target.name, cause="a store in memory is not copied")

    def octets(self) -> int:
        """How much memory the data base takes: its pages, those that are free among them."""
        pages, page_octets = (self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _SIZE)
        return int(pages) * int(page_octets)

    def drop(self) -> None:
        """Free the memory."""
        sqlite3.Connection.close(self._connection)
