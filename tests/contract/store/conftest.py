"""The stores that must keep the one contract: in memory, SQLite with a thread and inline, PostgreSQL."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.contract.store.postgres_server import PostgresServer, find_binaries
from tests.fakes.store import MemoryDisk, MemoryStore
from tests.peers.peers import be_without

from baitie.adapters.store import SqlStore


class StoreUnderTest:
    """One place where a store is kept, and how to open it: each `open` gives a further handle."""

    name: str

    def __init__(self) -> None:
        self.opened: list[Any] = []

    def open(self, **options: Any) -> Any:
        store = self._open(**options)
        self.opened.append(store)
        return store

    def _open(self, **options: Any) -> Any:
        raise NotImplementedError

    def open_backup(self, target: Path) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        for store in self.opened:
            store.close()


class InMemory(StoreUnderTest):
    name = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.disk = MemoryDisk()

    def _open(self, **options: Any) -> MemoryStore:
        return MemoryStore(self.disk, **options)

    def open_backup(self, target: Path) -> MemoryStore:
        return MemoryStore.of_backup(target)


class OnSqlite(StoreUnderTest):
    def __init__(self, folder: Path, inline: bool) -> None:
        super().__init__()
        self.name = "sqlite-inline" if inline else "sqlite"
        self.folder, self.inline = folder, inline
        self.target: Path | str = folder / "store.db"
        self.key_file = folder / "store.key"

    def _open(self, **options: Any) -> SqlStore:
        return SqlStore(self.target, self.key_file, inline=self.inline, **options)

    def open_backup(self, target: Path) -> SqlStore:
        store = SqlStore(target, self.key_file, inline=self.inline)
        self.opened.append(store)
        return store

    def sql(self, statement: str) -> None:
        connection = sqlite3.connect(str(self.target))
        connection.execute(statement)
        connection.commit()
        connection.close()


class OnPostgres(OnSqlite):
    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder, inline=False)
        self.name = "postgresql"
        self.target = url

    def sql(self, statement: str) -> None:
        with psycopg.connect(str(self.target), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """A PostgreSQL server of our own for the whole run, on 127.0.0.1."""
    binaries = find_binaries()
    if binaries is None:
        be_without("postgresql (Debian: postgresql)")
    server = PostgresServer(binaries, tmp_path_factory.mktemp("postgres", numbered=True))
    try:
        server.start()
    except (OSError, subprocess.CalledProcessError) as error:
        be_without(f"postgresql, which does not start here: {error}")
    yield server
    server.stop()
    shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> str:
    """The address of an empty database."""
    return postgres_server.create_database()


@pytest.fixture(params=["memory", "sqlite", "sqlite-inline", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreUnderTest]:
    """Every kind of store, one after the other."""
    yield from one_place(request, tmp_path)


@pytest.fixture(params=["memory", "sqlite", "sqlite-inline"])
def file_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreUnderTest]:
    """The stores that copy themselves."""
    yield from one_place(request, tmp_path)


@pytest.fixture(params=["sqlite", "sqlite-inline", "postgresql"])
def sql_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """The stores that outlive their process."""
    yield from one_place(request, tmp_path)


def one_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreUnderTest]:
    """The place of the kind that is the fixture's parameter."""
    kind: str = request.param
    made: StoreUnderTest
    if kind == "memory":
        made = InMemory()
    elif kind == "postgresql":
        made = OnPostgres(tmp_path, request.getfixturevalue("postgres_url"))
    else:
        made = OnSqlite(tmp_path, inline=kind == "sqlite-inline")
    yield made
    made.close()
