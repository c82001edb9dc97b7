"""Settings of the product: one object, read from the environment with the prefix ``INCIDENTS_``."""

from __future__ import annotations

import getpass
from functools import cache
from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from db.errors import InputError


class Settings(BaseSettings):
    """Where the database is and who is working.

    Attributes:
        database_url: SQLAlchemy URL (``INCIDENTS_DATABASE_URL``). The default is one SQLite file
            in the working folder; ``postgresql+psycopg://...`` is a server.
        read_url: URL of a streaming replica of that server (``INCIDENTS_READ_URL``), which reads then go to; empty
            means that reads and writes go to one database.
        actor: name recorded with each change (``INCIDENTS_ACTOR``); empty means the login name.
        tile_url: of map tiles for the pages (``INCIDENTS_TILE_URL``), with ``{z}``, ``{x}`` and ``{y}``; empty means
            that the map draws only what is shipped with the product, and asks nobody.
        busy_timeout_s: how long a writer waits for another one, seconds.
    """

    model_config = SettingsConfigDict(env_prefix="INCIDENTS_", frozen=True)

    database_url: str = "sqlite:///incidents.db"
    read_url: str = ""
    actor: str = ""
    tile_url: str = ""
    busy_timeout_s: float = Field(default=30.0, gt=0, le=3600)

    def who(self) -> str:
        """The name that a change is recorded under when the caller gives none."""
        return self.actor.strip() or login_name()


def login_name() -> str:
    """The name of the operating system's user, or ``unknown`` where there is none (a bare container)."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


@cache
def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        InputError: a variable has a value that cannot be used.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = f"INCIDENTS_{'_'.join(str(part) for part in first['loc']).upper()}"
        raise InputError("bad_setting", f"{first['msg']}.", where=name, got=first["input"]) from error


def database_url(text: str) -> URL:
    """``text`` as a URL of a database this release can use.

    Raises:
        InputError: not a SQLAlchemy URL, neither SQLite with Python's own driver nor PostgreSQL with psycopg, a
            file with options or in memory, or a server without the name of a database.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise InputError(
            "bad_database_url",
            "The database URL cannot be read.",
            got=text,
            fix="Set INCIDENTS_DATABASE_URL to something like sqlite:///incidents.db",
        ) from error
    if url.drivername in {"postgresql", "postgresql+psycopg"}:
        return _server_url(url)
    if url.drivername in {"sqlite", "sqlite+pysqlite"}:
        return _file_url(url)
    raise InputError(
        "unsupported_database",
        "The data are kept in one SQLite file or in PostgreSQL with PostGIS.",
        where="INCIDENTS_DATABASE_URL",
        got=url.drivername,
        fix="Use a URL such as sqlite:///incidents.db or postgresql+psycopg://user@host/incidents",
    )


def replica_url(text: str, primary: URL) -> URL | None:
    """``text`` as the URL of a replica of ``primary``; None where it is empty.

    Raises:
        InputError: ``replica_without_server``, either is no PostgreSQL; or what :func:`database_url` raises.
    """
    if text.strip() == "":
        return None
    try:
        url = database_url(text)
    except InputError as error:
        error.where = "INCIDENTS_READ_URL"
        error.fix = "Set it to something like postgresql+psycopg://user@replica/incidents, or unset it."
        raise
    for name, one in (("INCIDENTS_READ_URL", url), ("INCIDENTS_DATABASE_URL", primary)):
        if one.get_backend_name() != "postgresql":
            raise InputError(
                "replica_without_server",
                "Only a replica of a PostgreSQL server can be read in its place.",
                where=name,
                got=one.drivername,
                fix="Set both to PostgreSQL, or unset INCIDENTS_READ_URL.",
            )
    return url


def _server_url(url: URL) -> URL:
    """A URL of PostgreSQL with its driver; its options are those of libpq (``sslmode``, ``host`` ...)."""
    if url.database in (None, ""):
        raise InputError(
            "bad_database_url",
            "The URL names no database.",
            where="INCIDENTS_DATABASE_URL",
            got=url.render_as_string(hide_password=True),
            fix="End it with the name: postgresql+psycopg://user@host/incidents",
        )
    return url.set(drivername="postgresql+psycopg")


def _file_url(url: URL) -> URL:
    """A URL of a SQLite file, without options."""
    if len(url.query) > 0:
        raise InputError(
            "bad_database_url",
            "Options in the database URL would not be heeded.",
            where="INCIDENTS_DATABASE_URL",
            got="?" + "&".join(url.query),
            fix="Leave them out; the waiting time is INCIDENTS_BUSY_TIMEOUT_S.",
        )
    if url.database in (None, "", ":memory:"):
        raise InputError(
            "memory_database",
            "A database in memory would lose what is recorded.",
            where="INCIDENTS_DATABASE_URL",
            fix="Name a file: sqlite:///incidents.db",
        )
    return url


def database_path(url: URL) -> Path:
    """The file that a SQLite ``url`` names, absolute."""
    return Path(url.database or "").expanduser().absolute()
