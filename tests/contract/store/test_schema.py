"""The schema: created at once it equals the sum of the migrations; older stores are migrated, newer ones refused."""

import json
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from baitie.adapters.store import SqlStore, schema, tables
from baitie.adapters.store.engines import SqliteEngine, StoreEngine, _write_ahead, engine_for
from baitie.adapters.store.errors import NotAStoreError, SchemaAlteredError, SchemaNewerError
from baitie.kernel.errors import BusyError

NEXT_REVISION = '''
"""A later revision."""
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "0010"
def upgrade():
    op.add_column("callees", sa.Column("language", sa.Text))
'''


@pytest.fixture(params=["sqlite", "postgresql"])
def engines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[StoreEngine, StoreEngine]]:
    """Two empty databases of one kind."""
    if request.param == "sqlite":
        targets: list[Any] = [tmp_path / "one.db", tmp_path / "two.db"]
    else:
        server = request.getfixturevalue("postgres_server")
        targets = [server.create_database() for _ in range(2)]
    made = [engine_for(target) for target in targets]
    yield made[0], made[1]
    for engine in made:
        engine.engine.dispose()


def _described(connection: sa.Connection) -> dict[str, Any]:
    inspector = sa.inspect(connection)
    found = {}
    for name in inspector.get_table_names():
        columns = [
            (column["name"], str(column["type"]), column["nullable"], column.get("autoincrement"))
            for column in inspector.get_columns(name)
        ]
        indexes = sorted((i["name"], tuple(i["column_names"]), bool(i["unique"])) for i in inspector.get_indexes(name))
        found[name] = (columns, inspector.get_pk_constraint(name)["constrained_columns"], indexes)
    return found


def test_the_schema_created_at_once_equals_the_sum_of_the_migrations(engines: tuple[StoreEngine, StoreEngine]) -> None:
    with closing(engines[0].connect()) as created, closing(engines[1].connect()) as migrated:
        schema.create_all(created)
        schema.migrate(migrated)
        assert _described(created) == _described(migrated)
        assert set(_described(created)) == set(tables.metadata.tables)
        versions = [c.execute(sa.select(tables.schema_version)).scalars().all() for c in (created, migrated)]
        assert versions == [[tables.SCHEMA_REVISION]] * 2


def test_alembic_finds_no_difference_between_the_tables_and_the_migrations(
    engines: tuple[StoreEngine, StoreEngine],
) -> None:
    with closing(engines[0].connect()) as connection:
        schema.migrate(connection)
        others = {"include_object": lambda _o, name, *_: name != tables.schema_version.name}
        context = MigrationContext.configure(connection, opts=others)
        assert compare_metadata(context, tables.metadata) == []


def test_the_revision_that_the_program_knows_is_the_newest_migration() -> None:
    assert ScriptDirectory(str(schema.MIGRATIONS)).get_current_head() == tables.SCHEMA_REVISION


@pytest.fixture
def later_migrations(tmp_path: Path) -> Path:
    """The migrations of a version to come."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "r9999_later.py").write_text(NEXT_REVISION)
    return folder


def test_an_older_store_is_copied_and_then_migrated(tmp_path: Path, later_migrations: Path) -> None:
    path = tmp_path / "store.db"
    SqlStore(path, tmp_path / "key", inline=True).close()
    schema.ensure_schema(SqliteEngine(path), later_migrations)
    assert "language" in _columns(path)
    assert "language" not in _columns(tmp_path / "store.db.before-9999")


def test_a_store_on_a_server_is_migrated_too(engines: tuple[StoreEngine, StoreEngine], later_migrations: Path) -> None:
    schema.ensure_schema(engines[0])
    schema.ensure_schema(engines[0], later_migrations)
    with closing(engines[0].connect()) as connection:
        assert "language" in [column["name"] for column in sa.inspect(connection).get_columns("callees")]


def test_a_store_is_not_migrated_under_a_running_dialler(
    tmp_path: Path, later_migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "SET_UP_WAIT_S", 0)
    dialler = SqlStore(tmp_path / "store.db", tmp_path / "key", inline=True)
    dialler.acquire_ownership("dialler")
    with pytest.raises(BusyError, match="dialler"):
        schema.ensure_schema(SqliteEngine(tmp_path / "store.db"), later_migrations)
    dialler.close()
    assert "language" not in _columns(tmp_path / "store.db")


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, later_migrations: Path) -> None:
    path = tmp_path / "store.db"
    SqlStore(path, tmp_path / "key", inline=True).close()
    file = later_migrations / "versions" / "r9999_later.py"
    file.write_text(NEXT_REVISION + '    op.execute("SELECT no_such_function()")\n')
    with pytest.raises(sa.exc.OperationalError):
        schema.ensure_schema(SqliteEngine(path), later_migrations)
    assert "language" not in _columns(path)
    SqlStore(path, tmp_path / "key", inline=True).close()
    file.write_text(NEXT_REVISION)
    schema.ensure_schema(SqliteEngine(path), later_migrations)
    assert "language" in _columns(path)
    assert len(list(tmp_path.glob("store.db.before-9999*"))) == 2


def test_a_store_of_a_newer_version_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    SqlStore(path, tmp_path / "key", inline=True).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'f00d'")
        connection.commit()
    with pytest.raises(SchemaNewerError, match=r"newer Baitie.*found=f00d"):
        SqlStore(path, tmp_path / "key", inline=True)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.commit()
    with pytest.raises(NotAStoreError, match="recipes"):
        SqlStore(path, tmp_path / "key", inline=True)
    with closing(sqlite3.connect(path)) as connection:
        assert [row[0] for row in connection.execute("SELECT name FROM sqlite_master")] == ["recipes"]


def _columns(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(callees)")]


class _TakenFor(SqliteEngine):
    """An engine whose store another process is setting up at the first so many looks."""

    looks_left = 0
    looked = 0

    def try_own(self, connection: sa.Connection, owner: str) -> None:
        self.looked += 1
        if self.looked <= self.looks_left:
            raise BusyError(owner="another process")
        super().try_own(connection, owner)


def test_who_opens_a_new_store_waits_for_who_is_making_it(tmp_path: Path) -> None:
    engine = _TakenFor(tmp_path / "new.db")
    engine.looks_left = 3
    schema.ensure_schema(engine)
    with closing(engine.connect()) as connection:
        found = connection.execute(sa.select(tables.schema_version.c.version_num)).scalars().all()
    assert (engine.looked, found) == (4, [tables.SCHEMA_REVISION])


def test_who_waits_too_long_for_a_new_store_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "SET_UP_WAIT_S", 0.0)
    engine = _TakenFor(tmp_path / "new.db")
    engine.looks_left = 1_000
    with pytest.raises(BusyError):
        schema.ensure_schema(engine)
    assert engine.looked < 10


def test_four_who_open_a_new_store_at_once_find_one_schema(tmp_path: Path) -> None:
    for number in range(5):
        _open_at_once(tmp_path / f"{number}.db")


def test_four_who_open_a_new_server_store_at_once_find_one_schema(postgres_url: str) -> None:
    _open_at_once(postgres_url)


@pytest.mark.parametrize(
    ("statement", "is_refused"),
    [
        ("CREATE VIEW sessions_of_the_server AS SELECT 1 AS one", False),
        ("CREATE TABLE foreign_rows (n int); CREATE RULE quiet AS ON INSERT TO foreign_rows DO INSTEAD NOTHING", False),
        ("CREATE RULE quiet AS ON INSERT TO refusals DO INSTEAD NOTHING", True),
        ("ALTER TABLE blocks RENAME TO b2; CREATE VIEW blocks AS SELECT * FROM b2 WHERE false", True),
        ("ALTER TABLE refusals ALTER COLUMN lifted_at SET DEFAULT '2026-03-03T09:00:00+00:00'", True),
    ],
)
def test_parts_of_a_server_that_touch_no_table_of_ours_are_let_alone(
    postgres_url: str, statement: str, is_refused: bool
) -> None:
    engine = engine_for(postgres_url)
    schema.ensure_schema(engine)
    with closing(engine.connect()) as connection:
        for each in statement.split("; "):
            connection.exec_driver_sql(each)
        connection.commit()
    if is_refused:
        with pytest.raises(SchemaAlteredError, match=r"(refusals|blocks)\."):
            schema.ensure_schema(engine)
    else:
        schema.ensure_schema(engine)
    engine.engine.dispose()


def _open_at_once(target: Path | str) -> None:
    begin, faults = threading.Barrier(4), list[BaseException]()

    def open_it() -> None:
        engine = engine_for(target)
        begin.wait()
        try:
            schema.ensure_schema(engine)
        except BaseException as fault:
            faults.append(fault)
        finally:
            engine.engine.dispose()

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with closing(engine_for(target).connect()) as connection:
        found = connection.execute(sa.select(tables.schema_version.c.version_num)).scalars().all()
    assert found == [tables.SCHEMA_REVISION]


class _RefusesAtFirst:
    """A cursor that another process's switch to WAL keeps out for so many tries."""

    def __init__(self, code: int, refusals: int) -> None:
        self.code, self.refusals, self.tries = code, refusals, 0

    def execute(self, statement: str) -> None:
        self.tries += 1
        if self.tries <= self.refusals:
            fault = sqlite3.OperationalError("database is locked")
            fault.sqlite_errorcode = self.code
            raise fault


def test_a_new_file_that_another_is_switching_is_asked_again_and_another_fault_is_told_at_once() -> None:
    busy, full = _RefusesAtFirst(sqlite3.SQLITE_BUSY, 2), _RefusesAtFirst(sqlite3.SQLITE_FULL, 2)
    _write_ahead(busy)  # type: ignore[arg-type]
    assert busy.tries == 3
    with pytest.raises(sqlite3.OperationalError):
        _write_ahead(full)  # type: ignore[arg-type]
    assert full.tries == 1


def test_callees_of_split_area_codes_get_all_zones_when_an_older_store_is_opened(
    engines: tuple[StoreEngine, StoreEngine],
) -> None:
    numbers = {
        "+18124361234": ["America/New_York"],
        "+12025550143": ["America/New_York"],
        "+8613800138000": ["Asia/Shanghai"],
    }
    with closing(engines[0].connect()) as connection:
        schema.migrate(connection, revision="0009")
        for number, zones in numbers.items():
            row = {"callee_id": number, "number": number, "number_hmac": number.encode(), "number_class": "mobile"}
            connection.execute(tables.callees.insert().values(**row, zone_names=json.dumps(zones)))
        schema.migrate(connection, revision="0010")
        found = dict(connection.execute(sa.select(tables.callees.c.number, tables.callees.c.zone_names)).fetchall())
    assert json.loads(found["+18124361234"]) == ["America/Chicago", "America/New_York"]
    assert {number: json.loads(found[number]) for number in list(numbers)[1:]} == dict(list(numbers.items())[1:])
