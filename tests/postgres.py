"""A real PostgreSQL for the tests: one throw-away cluster per test session.

It runs from Debian's packages in a folder of its own, on a free loopback port and a unix socket in that
folder, and is stopped at the end. PostgreSQL refuses to run as root, so a root session starts it as the
system user `postgres`. Durability is off: these databases live for minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from beeldpas.demo.processes import free_ports

SUPERUSER = "beeldpas"

SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "timezone": "UTC",
}


def _program(name: str) -> str:
    """Where a server program of the newest installed PostgreSQL is; Debian keeps them out of PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(installed[-1]) if installed else shutil.which(name)
    if found is None:
        raise RuntimeError(f"PostgreSQL's {name} is not installed: apt-get install postgresql")
    return found


def _run(*command: str) -> None:
    """Run a server program, as `postgres` when we are root; its output goes nowhere unless it fails."""
    as_user: dict[str, object] = {"user": "postgres", "group": "postgres", "extra_groups": []}
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        **(as_user if os.geteuid() == 0 else {}),  # type: ignore[call-overload]
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stdout}{done.stderr}")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server; `database` makes an empty database in it."""

    folder: Path
    port: int

    @classmethod
    def start(cls) -> Cluster:
        """Make a new cluster and start it; returns when it takes connections."""
        folder = Path(tempfile.mkdtemp(prefix="beeldpas-postgres-"))
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        cluster = cls(folder, *free_ports(1))
        try:
            cluster._initialise()
            cluster._launch()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cluster

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _initialise(self) -> None:
        _run(
            _program("initdb"), f"--pgdata={self._data}", f"--username={SUPERUSER}", "--auth=trust",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions",
        )  # fmt: skip

    def _launch(self) -> None:
        settings = SERVER_SETTINGS | {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = str(self.folder / "server.log")
        _run(
            _program("pg_ctl"),
            "start",
            "--wait",
            "--silent",
            f"--pgdata={self._data}",
            f"--log={log}",
            "-o",
            options,
        )

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database in this cluster."""
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database and return its URL."""
        _run(_program("createdb"), *self._address, database)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, ending the connections that a test left open."""
        _run(_program("dropdb"), *self._address, "--force", "--if-exists", database)

    def dump(self, database: str) -> str:
        """Everything a thief of the database would hold, as SQL text."""
        target = self.folder / f"{database}.sql"
        _run(_program("pg_dump"), *self._address, "--inserts", f"--file={target}", database)
        return target.read_text(encoding="utf-8")

    @property
    def _address(self) -> tuple[str, ...]:
        return ("--host=127.0.0.1", f"--port={self.port}", f"--username={SUPERUSER}")

    def pause(self) -> None:
        """Cut every connection and stop the server, keeping its data: the database is gone until `resume`."""
        self._stop("fast")

    def resume(self) -> None:
        """Start the server again after `pause`, on the same port and data."""
        self._launch()

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        try:
            self._stop("immediate")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _stop(self, mode: str) -> None:
        _run(_program("pg_ctl"), "stop", "--wait", "--silent", f"--mode={mode}", f"--pgdata={self._data}")
