"""The PostgreSQL server of a measurement: its data in the work folder, reached over a socket, with safe settings."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.postgres import Server

SETTINGS = {
    "shared_buffers": "512MB", "effective_cache_size": "8GB", "maintenance_work_mem": "256MB", "work_mem": "32MB",
    "max_wal_size": "4GB", "random_page_cost": "1.1",
}  # fmt: skip
"""Moderate ones for a small machine; fsync and everything else that keeps data safe stays as it is by default."""


@contextmanager
def running(folder: Path) -> Iterator[Server | None]:
    """A server with its data in ``folder``, made where there is none; None where PostgreSQL with PostGIS is missing."""
    # Here, because the driver is optional: without PostgreSQL the SQLite edition is measured all the same.
    from tests.postgres import SERVER_USER, Server, programs

    programs_folder = programs()
    if programs_folder is None:
        yield None
        return
    is_new = not (folder / "data").exists()
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        # The server does not run as root; its user has to pass through the folders above.
        user = pwd.getpwnam(SERVER_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
        folder.parent.chmod(0o711)
    server = Server(folder, programs_folder, SETTINGS)
    if is_new:
        server.initialise()
    server.start()
    try:
        yield server
    finally:
        server.stop("fast")


def new_database(server: Server, name: str) -> str:
    """The URL of a new, empty database; one of that name that is there is dropped."""
    server.execute(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING UTF8')
    return server.url(name).render_as_string(hide_password=False)
