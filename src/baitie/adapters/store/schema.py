"""Brings a database to the schema of this version: creates it, migrates it with a copy made first, or refuses."""

import re
import time
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from baitie.adapters.store import tables
from baitie.adapters.store.engines import SqliteEngine, StoreEngine
from baitie.adapters.store.errors import NotAStoreError, SchemaAlteredError, SchemaNewerError
from baitie.kernel.errors import BusyError

MIGRATIONS = Path(__file__).parent / "migrations"
SET_UP_WAIT_S = 10
"""How long to wait while another process creates or migrates the same store."""


_FOREIGN_CLAUSE = re.compile(r"\b(DEFAULT|ON\s+CONFLICT|COLLATE|GENERATED|CHECK)\b", re.IGNORECASE)
"""What no table of ours says of itself: with it rows that are written could be passed over, or come out lifted."""

_OURS = (
    f"c.relnamespace = current_schema()::regnamespace AND c.relname IN ({', '.join(map(repr, tables.metadata.tables))})"
)
_FOREIGN_PARTS_OF_POSTGRES = (
    "SELECT c.relname || '.' || t.tgname, 'trigger' FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    f" WHERE NOT t.tgisinternal AND {_OURS}"
    " UNION ALL SELECT c.relname || '.' || r.rulename, 'rule' FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class"
    f" WHERE {_OURS}"
    " UNION ALL SELECT c.relname || '.' || a.attname, 'default' FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid"
    f" JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE {_OURS} AND a.attname LIKE 'lift%%'"
)
"""A server's own views, as of an extension that an administrator installed, lie beside our tables and touch none."""


def ensure_schema(engine: StoreEngine, migrations: Path = MIGRATIONS) -> None:
    """Create or migrate where needed, as the store's only user meanwhile.

    Raises SchemaNewerError, NotAStoreError, or BusyError where a dialler runs on a store that must be migrated.
    """
    head = head_revision(migrations)
    give_up_at = time.monotonic() + SET_UP_WAIT_S
    with closing(engine.connect()) as connection:
        while _revision(connection) != head:
            try:
                engine.try_own(connection, "schema")
            except BusyError:
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(0.05)
                continue
            try:
                _bring_to(head, engine, connection, migrations)
            finally:
                engine.disown(connection)
        _refuse_foreign_parts(connection)


def _refuse_foreign_parts(connection: sa.Connection) -> None:
    """Triggers, views and rules act by themselves, after everything was compared. Raises `SchemaAlteredError`."""
    if connection.dialect.name == "postgresql":
        found = connection.exec_driver_sql(_FOREIGN_PARTS_OF_POSTGRES).first()
        if found is not None:
            raise SchemaAlteredError(name=found[0], kind=found[1])
        return
    for kind, name, sql in connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master").fetchall():
        is_ours = kind == "table" and name in tables.metadata.tables
        if kind in ("trigger", "view") or (is_ours and _FOREIGN_CLAUSE.search(sql)):
            raise SchemaAlteredError(name=name, kind=kind)


def head_revision(migrations: Path = MIGRATIONS) -> str:
    """The newest revision. Alembic, slow to import, is asked only for a folder other than our own."""
    if migrations == MIGRATIONS:
        return tables.SCHEMA_REVISION
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory(str(migrations)).get_current_head())


def create_all(connection: sa.Connection) -> None:
    """The newest schema at once, without the way through the migrations."""
    connection.exec_driver_sql("BEGIN")
    tables.metadata.create_all(connection)
    connection.execute(tables.schema_version.insert().values(version_num=tables.SCHEMA_REVISION))
    connection.exec_driver_sql("COMMIT")


def migrate(connection: sa.Connection, migrations: Path = MIGRATIONS, revision: str = "head") -> None:
    """Run the migrations up to `revision`, all of them in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    connection.exec_driver_sql("BEGIN")
    try:
        command.upgrade(config, revision)
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(tables.schema_version.name):
        return None
    found = connection.execute(sa.select(tables.schema_version.c.version_num)).scalar()
    return None if found is None else str(found)


def _bring_to(head: str, engine: StoreEngine, connection: sa.Connection, migrations: Path) -> None:
    revision = _revision(connection)
    if revision == head:
        return
    if revision is None:
        if foreign := sa.inspect(connection).get_table_names():
            raise NotAStoreError(table=foreign[0])
        if migrations == MIGRATIONS:
            create_all(connection)
        else:
            migrate(connection, migrations)
        return
    if revision not in _known_revisions(migrations):
        raise SchemaNewerError(found=revision, known=head)
    if isinstance(engine, SqliteEngine):
        engine.backup(_free_name(engine.path, f"before-{head}"))
    migrate(connection, migrations)


def _free_name(path: Path, suffix: str) -> Path:
    """A name beside `path` that no earlier copy has: a migration that failed is tried again."""
    names = (path.with_name(f"{path.name}.{suffix}{count}") for count in ("", *(f".{n}" for n in range(2, 100))))
    return next(name for name in names if not name.exists())


def _known_revisions(migrations: Path) -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory(str(migrations)).walk_revisions()}
