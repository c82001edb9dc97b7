"""A PostgreSQL server of the tests' own: made in a folder, reached over its socket, gone when they end.

Debian keeps the programs in /usr/lib/postgresql/N/bin; elsewhere they are looked for on the PATH. The server refuses
to run as root, so root starts it as the user ``postgres`` that Debian's package makes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import URL

from db.postgres import PostgresDatabase

SERVER_USER = "postgres"
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
"""What a server that may lose its data with the machine needs not do."""
POSTGIS = "postgis-3"
"""Its library, for every release of PostGIS 3."""


def programs() -> Path | None:
    """The folder of the newest server's programs whose PostGIS is installed; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    folders = [path.parent for path in reversed(found)] + ([Path(on_path).parent] if on_path else [])
    return next((folder for folder in folders if _has_postgis(folder)), None)


def _has_postgis(folder: Path) -> bool:
    asked = subprocess.run([folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=False)
    share = Path(asked.stdout.strip()) if asked.returncode == 0 else folder.parent / "share"
    versioned = Path("/usr/share/postgresql") / folder.parent.name
    return any((one / "extension" / "postgis.control").exists() for one in (share, versioned))


def _preloaded(bin_folder: Path) -> dict[str, str]:
    """Loads PostGIS into the server, where it is found: each connection would load it for longer than a test asks."""
    asked = subprocess.run([bin_folder / "pg_config", "--pkglibdir"], capture_output=True, text=True, check=False)
    places = (Path(asked.stdout.strip()) if asked.returncode == 0 else bin_folder, bin_folder.parent / "lib")
    found = any((place / f"{POSTGIS}.so").exists() for place in places)
    return {"shared_preload_libraries": f"'{POSTGIS}'"} if found else {}


class Server:
    """A running server; ``url`` gives the URL of one of its databases."""

    def __init__(self, folder: Path, bin_folder: Path, settings: dict[str, str]) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._bin = bin_folder
        self._settings = settings

    def run(self, program: str, *arguments: object) -> None:
        """Run one of the server's programs as its user; raises CalledProcessError with what it printed."""
        command = [str(self._bin / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={SERVER_USER}", f"--regid={SERVER_USER}", "--init-groups", *command]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self.folder)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    def initialise(self) -> None:
        """Make the data folder."""
        self.run("initdb", "--pgdata", self.data, "--username", SERVER_USER, "--auth", "trust", "--encoding", "UTF8",
                 "--locale", "C.UTF-8", "--no-sync")  # fmt: skip

    def start(self) -> None:
        """Start it, listening on its socket only; returns when it answers."""
        settings = {"listen_addresses": "''", "unix_socket_directories": f"'{self.folder}'", "max_connections": "60",
                    "shared_buffers": "128MB"} | self._settings  # fmt: skip
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self.run("pg_ctl", "--pgdata", self.data, "--options", options, "--log", self.folder / "log", "--wait", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it."""
        self.run("pg_ctl", "--pgdata", self.data, "--mode", mode, "stop")

    @contextmanager
    def replica(self, name: str) -> Iterator[Server]:
        """A streaming replica that runs while the block does.

        Args:
            name: of its replication slot on this server.
        """
        with _folder() as folder:
            copy = Server(folder, self._bin, self._settings)
            self.run("pg_basebackup", "--pgdata", copy.data, "--host", self.folder, "--username", SERVER_USER,
                     "--write-recovery-conf", "--wal-method=stream", "--create-slot", f"--slot={name}",
                     "--checkpoint=fast", "--no-sync")  # fmt: skip
            copy.start()
            yield copy
            copy.stop()

    def promote(self) -> None:
        """Make a server of its own of a replica; returns when it takes writes."""
        self.run("pg_ctl", "--pgdata", self.data, "--wait", "promote")

    def url(self, name: str) -> URL:
        """The URL of the database ``name``."""
        return URL.create("postgresql+psycopg", username=SERVER_USER, database=name, query={"host": str(self.folder)})

    def database(self, name: str) -> PostgresDatabase:
        """The database ``name``, which may not exist yet."""
        return PostgresDatabase(self.url(name))

    def connect(self, name: str) -> psycopg.Connection[Any]:
        """A connection of the superuser, each statement in a transaction of its own."""
        return psycopg.connect(host=str(self.folder), user=SERVER_USER, dbname=name, autocommit=True)

    def execute(self, *statements: str, name: str = "postgres") -> None:
        """Run statements as the superuser, each in a transaction of its own."""
        with self.connect(name) as connection:
            for statement in statements:
                connection.execute(statement)


@contextmanager
def running_server(**settings: str) -> Iterator[Server]:
    """A server that runs while the block does; ``settings`` are those of postgresql.conf.

    Raises:
        FileNotFoundError: the programs of PostgreSQL with PostGIS are not installed.
    """
    bin_folder = programs()
    if bin_folder is None:
        raise FileNotFoundError("PostgreSQL with PostGIS is not installed")
    with _folder() as folder:
        server = Server(folder, bin_folder, QUICK | _preloaded(bin_folder) | settings)
        server.initialise()
        server.start()
        yield server
        server.stop()


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of the server's user, with a short path: that of a socket may have 107 characters."""
    folder = Path(tempfile.mkdtemp(prefix="atlas-pg-"))
    if os.geteuid() == 0:
        user = pwd.getpwnam(SERVER_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
