"""Starts a PostgreSQL server for the tests in a folder of its own and stops it again."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg

START_WAIT_S = 60


def find_binaries() -> Path | None:
    """The folder of the newest installed server, or none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


class PostgresServer:
    """A server on a free port of 127.0.0.1 with trust for everybody on this machine; its data is not kept."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries = binaries
        # The server does not run as root, and its user may not enter the folders of pytest.
        self.folder = Path(tempfile.mkdtemp(prefix="baitie-pg-")) if os.getuid() == 0 else folder
        self._data = self.folder / "data"
        self._databases = 0
        self._as_user: list[str] = []
        if os.getuid() == 0:
            account = pwd.getpwnam("postgres" if _has_account("postgres") else "nobody")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self._as_user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def start(self) -> None:
        """Make the cluster and wait until it answers."""
        self._run("initdb", "--auth=trust", "--username=baitie", "--no-sync", "--pgdata", str(self._data))
        self._run("pg_ctl", "start", "--pgdata", str(self._data), "--wait", f"--timeout={START_WAIT_S}",
                  "--log", str(self.folder / "log"), "--options",
                  f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories=''")  # fmt: skip

    def stop(self) -> None:
        """Stop at once, ending what is connected."""
        self._run("pg_ctl", "stop", "--pgdata", str(self._data), "--mode=immediate", "--wait")

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://baitie@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """Make an empty database and give its address."""
        self._databases += 1
        name = f"t{self._databases}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self._as_user, str(self._binaries / program), *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=2 * START_WAIT_S,
        )


def _has_account(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
