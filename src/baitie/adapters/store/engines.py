"""The two engines: SQLite in one file, PostgreSQL on a server. All that differs between them stands here."""

import fcntl
import os
import sqlite3
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from baitie.adapters.private_files import create_private, publish
from baitie.adapters.store.driver import execute
from baitie.adapters.store.errors import BackupError
from baitie.kernel.errors import BusyError

LOCK_WAIT_S = 20
"""How long one writer waits for another process's transaction: an import of 100,000 leads takes a few seconds."""
WAL_TRIES_MAX = 200
WAL_PAUSE_S = 0.01
"""How often, and after which pause, a new file is asked again to write ahead while another process asks it too."""


SCRUB_WAIT_MS = 2_000
"""How long an erasure waits for readers, so that it can cut off the log."""


class StoreEngine(ABC):
    """A database engine (数据库引擎) as the store needs it."""

    engine: sa.Engine
    begin_sql: str
    """Starts a transaction that alone may append to the journal."""

    begin_read_sql: str
    """Starts a transaction whose reads see one state."""

    changes_here = 0
    """How many changes that runs must heed were committed through this engine."""

    groups_here = 0
    """How many groups of batches were committed through this engine."""

    listeners: list[Callable[[], None]] | None = None
    """Who is called back at each of them; None where others change the store too, and nobody could be told of that."""

    def connect(self) -> sa.Connection:
        """A connection on which transactions are begun and ended by plain statements."""
        return self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")

    @abstractmethod
    def try_own(self, connection: sa.Connection, owner: str) -> None:
        """Become the one owner, or raise BusyError. Lost with the connection or the process."""

    @abstractmethod
    def disown(self, connection: sa.Connection) -> None:
        """Let another become the owner."""

    @abstractmethod
    def backup(self, target: Path) -> None:
        """A consistent copy while others write."""

    def scrub(self, connection: sa.Connection) -> None:  # noqa: B027 : most engines have nothing to do
        """Leave nothing in files of what a committed transaction erased, as far as others let us."""

    def version(self, connection: sa.Connection) -> int | None:
        """A number that is another once anything was committed on other connections; None where there is none."""
        return None


class SqliteEngine(StoreEngine):
    """SQLite in WAL mode (嵌入式数据库), each commit on the disk before it is acknowledged."""

    begin_sql = "BEGIN IMMEDIATE"
    begin_read_sql = "BEGIN"

    def __init__(self, path: Path, durable: bool = True) -> None:
        self.path = path
        self._durable = durable
        create_private(path)
        self.engine = sa.create_engine(
            sa.URL.create("sqlite+pysqlite", database=str(path)),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False},
        )
        sa.event.listen(self.engine, "connect", self._prepare)
        self._lock_file: int | None = None
        _forget_lock_after_fork(self)

    def _prepare(self, connection: sqlite3.Connection, _record: object) -> None:
        cursor = connection.cursor()
        _write_ahead(cursor)
        cursor.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'OFF'}")
        cursor.execute("PRAGMA fullfsync = ON")  # where fsync alone leaves data in the drive's cache (macOS)
        cursor.execute("PRAGMA cache_size = -16000")
        cursor.execute("PRAGMA secure_delete = ON")  # what was erased or overwritten is zeroes, not free space
        cursor.close()

    def scrub(self, connection: sa.Connection) -> None:
        """Write the log back into the file and cut it off: it holds pages as they were before."""
        execute(connection, f"PRAGMA busy_timeout = {SCRUB_WAIT_MS}")
        try:
            # Where a reader is busy, the next erasure or the last to close the store does it.
            execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            execute(connection, f"PRAGMA busy_timeout = {LOCK_WAIT_S * 1000}")

    def version(self, connection: sa.Connection) -> int | None:
        return int(execute(connection, "PRAGMA data_version").fetchone()[0])

    def try_own(self, connection: sa.Connection, owner: str) -> None:
        if self._lock_file is not None:
            return
        file = os.open(self.path.with_name(self.path.name + ".owner"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            held_by = os.pread(file, 200, 0).decode("utf-8", "replace")
            os.close(file)
            raise BusyError(owner=held_by) from error
        os.ftruncate(file, 0)
        os.pwrite(file, owner.encode()[:200], 0)
        self._lock_file = file

    def disown(self, connection: sa.Connection) -> None:
        self.forget_lock()

    def forget_lock(self) -> None:
        """Close the lock file: the lock ends when the last process that inherited it has closed it."""
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def backup(self, target: Path) -> None:
        if target.exists():
            raise BackupError(file=target.name, cause="exists")
        part = target.with_name(target.name + ".part")
        try:
            _copy_sqlite(self.path, part)
            publish(part, target)
        except (OSError, sqlite3.Error) as error:
            raise BackupError(file=target.name, cause=error) from error
        finally:
            part.unlink(missing_ok=True)


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Switch the file to WAL, which is kept in it. Of several who open a new file in one instant SQLite refuses all but
    one at once, whatever their lock's wait: they ask again."""
    for _ in range(WAL_TRIES_MAX):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            time.sleep(WAL_PAUSE_S)
    cursor.execute("PRAGMA journal_mode = WAL")


def _copy_sqlite(source_path: Path, target_path: Path) -> None:
    target_path.unlink(missing_ok=True)
    create_private(target_path)
    source, target = sqlite3.connect(source_path, timeout=LOCK_WAIT_S), sqlite3.connect(target_path)
    try:
        source.backup(target)  # all pages in one read transaction: in WAL mode it hinders no writer
        target.execute("PRAGMA journal_mode = DELETE")  # one file that is whole in itself
    finally:
        target.close()
        source.close()


def _forget_lock_after_fork(engine: SqliteEngine) -> None:
    """A forked child (such as a media process) must not keep the ownership of a dialler that died."""
    known = weakref.ref(engine)

    def forget() -> None:
        if (alive := known()) is not None:
            alive.forget_lock()

    os.register_at_fork(after_in_child=forget)


_SCHEMA_OID = "(SELECT oid::int FROM pg_namespace WHERE nspname = current_schema())"
_OWNER_LOCK, _JOURNAL_LOCK = 0x62740001, 0x62740002  # "bt" and a counter


_SERVER_SILENCE = {  # in the words of libpq: a server that falls silent is noticed within some 30 s, not after hours
    "connect_timeout": 10,
    "tcp_user_timeout": 30_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
}


class PostgresEngine(StoreEngine):
    """PostgreSQL (服务器数据库). The owner's lock lives on the connection that writes: who loses it writes no more."""

    begin_sql = f"BEGIN; SELECT pg_advisory_xact_lock({_JOURNAL_LOCK}, {_SCHEMA_OID})"  # one way there and back
    begin_read_sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def __init__(self, url: sa.URL) -> None:
        self.engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            poolclass=NullPool,
            hide_parameters=True,
            connect_args=_SERVER_SILENCE,
        )
        sa.event.listen(self.engine, "connect", self._prepare)

    @staticmethod
    def _prepare(connection: sa.PoolProxiedConnection, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("SET synchronous_commit = on")
        cursor.execute(f"SET lock_timeout = '{LOCK_WAIT_S}s'")
        cursor.close()
        connection.commit()

    def try_own(self, connection: sa.Connection, owner: str) -> None:
        connection.exec_driver_sql("SELECT set_config('application_name', %s, false)", (f"baitie {owner}"[:63],))
        got = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_OWNER_LOCK}, {_SCHEMA_OID})").scalar_one()
        if not got:
            raise BusyError(owner=self._owner_name(connection))

    @staticmethod
    def _owner_name(connection: sa.Connection) -> str:
        found = connection.exec_driver_sql(
            "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            f" WHERE l.locktype = 'advisory' AND l.classid = {_OWNER_LOCK} AND l.granted LIMIT 1"
        ).scalar()
        return str(found or "").removeprefix("baitie ")

    def disown(self, connection: sa.Connection) -> None:
        # Who asked twice holds the lock twice; the connection that writes holds no other lock of this kind.
        connection.exec_driver_sql("SELECT pg_advisory_unlock_all()")

    def backup(self, target: Path) -> None:
        raise BackupError("A store on PostgreSQL is copied by the server's own tools: run `pg_dump` on its database.")


def engine_for(target: Path | str | StoreEngine, durable: bool = True) -> StoreEngine:
    """The engine for a path (SQLite) or a `postgresql://` address; an engine is that engine."""
    if isinstance(target, StoreEngine):
        return target
    if isinstance(target, str) and target.startswith("postgresql"):
        return PostgresEngine(sa.make_url(target))
    return SqliteEngine(Path(target), durable)
