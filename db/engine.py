"""A database of this product, whichever program keeps it: where it is, and the ways into it.

There are two: one SQLite file (:mod:`db.sqlite`), and PostgreSQL with PostGIS (:mod:`db.postgres`). Both answer the
same; what differs between them is behind :class:`Database`, :mod:`db.triggers`, :mod:`db.spatial` and
:mod:`db.search`, and nowhere else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.errors import AtlasError, InputError, NotFoundError, ResourceError
from db.replica import Lag
from db.settings import database_path, database_url, replica_url, settings

COPY_MARK = "copy_progress"
"""The table of a database that :mod:`db.copy` has not finished."""


@dataclass(frozen=True)
class State:
    """What a database is.

    Attributes:
        exists: whether there is one.
        revision: of its schema; None for a missing or an empty one.
        copying: a copy into it is unfinished.
        writable: whether this user may write to it. Rights on tables of a server show when they are used.
    """

    exists: bool
    revision: str | None
    copying: bool = False
    writable: bool = True


class Database(ABC):
    """One database; does nothing until a connection is asked for.

    Attributes:
        busy_timeout_s: how long a writer waits for another, seconds.
    """

    busy_timeout_s: float

    @property
    @abstractmethod
    def where(self) -> str:
        """What it is called in messages; no password stands in it."""

    @property
    @abstractmethod
    def program(self) -> str:
        """The program that keeps it, with its version."""

    def primary(self) -> Database:
        """The database that is written to: this one without the replica that it may have."""
        return self

    def source(self) -> Database:
        """The database that is read from at this moment: a replica, or this one."""
        return self

    def lag(self, connection: sa.Connection) -> Lag | None:  # noqa: ARG002 - for those that have a replica
        """What is read with ``connection``, of :meth:`reader`, lacks; None without a replica.

        Raises:
            ResourceError: ``not_its_replica``.
        """
        return None

    @abstractmethod
    def state(self) -> State:
        """What it is, found without changing anything.

        Raises:
            NotADatabaseError: it is something else than a database of this product, or a damaged one.
            ResourceError: it cannot be reached or read.
        """

    @abstractmethod
    def reader(self) -> sa.Engine:
        """An engine whose transactions see one state, block nobody, and cannot write."""

    @abstractmethod
    def writer(self) -> sa.Engine:
        """An engine whose transactions exclude other writers from their first statement; be :meth:`locked` around."""

    def filler(self) -> sa.Engine:
        """As :meth:`writer`, for rows that may come before those they refer to."""
        return self.writer()

    @abstractmethod
    def locked(self) -> AbstractContextManager[None]:
        """Hold what a writer holds from before its transaction to after its commit.

        Raises:
            ResourceError: ``locked`` or ``cannot_lock``.
        """

    @abstractmethod
    def migrating(self) -> AbstractContextManager[sa.Connection]:
        """A connection in one transaction that may change the schema, made if it does not exist; commits at the end.

        Raises:
            ResourceError: ``cannot_upgrade``; nothing was changed.
        """

    def complete(self, connection: sa.Connection) -> None:  # noqa: B027 - SQLite needs nothing more
        """Give the tables, after a migration, what this program needs beside them."""

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Refuse what was read in the block where it cannot be one state of the database."""
        yield

    @abstractmethod
    def limited(self, connection: sa.Connection, limit_s: float | None) -> AbstractContextManager[None]:
        """Stop a statement of ``connection`` in the block that takes longer than ``limit_s`` seconds; None for never.

        The driver's error becomes a ResourceError ``too_slow``.
        """

    def too_slow(self) -> ResourceError:
        """The error where a statement took longer than it may."""
        return ResourceError(
            "too_slow", "The question takes longer than this server allows.", fix="Ask for a smaller area or period."
        )

    @abstractmethod
    def integrity(self, connection: sa.Connection) -> list[str]:
        """What the program itself finds wrong with its files and references, one line each."""

    @abstractmethod
    def size_bytes(self) -> int:
        """How much room it takes on disk."""

    @abstractmethod
    def warnings(self) -> list[str]:
        """What a person should know of the program or the file, one sentence each."""

    @abstractmethod
    def translate(self, error: DBAPIError) -> AtlasError:
        """The error of this product that a driver's error stands for."""

    def missing(self) -> NotFoundError:
        """The error where there is none yet."""
        return NotFoundError(
            "no_database", "There is no database yet.", where=self.where, fix="Run: incidents db upgrade"
        )

    def read_only(self) -> ResourceError:
        """The error where the user may not write."""
        return ResourceError(
            "read_only",
            "The database, or its folder, is read-only for you.",
            where=self.where,
            fix="Ask for write access, or work on a copy of it.",
        )

    def opened_for_reading(self) -> InputError:
        """The error where a read session is written to."""
        return InputError("read_session", "This session was opened for reading.", fix="Open a write_session.")


def open_database(url: str | None = None) -> Database:
    """The database that ``url``, or the settings, name. Nothing is opened or created yet.

    Args:
        url: a SQLAlchemy URL; default ``INCIDENTS_DATABASE_URL``, read through ``INCIDENTS_READ_URL``.

    Raises:
        InputError: the URL is of no database that this product can use, or the two do not go together.
    """
    chosen = database_url(url if url is not None else settings().database_url)
    replica = replica_url(settings().read_url, chosen) if url is None else None
    if chosen.get_backend_name() == "sqlite":
        from db.sqlite import SqliteDatabase

        return SqliteDatabase(database_path(chosen), settings().busy_timeout_s)
    from db.postgres import PostgresDatabase  # its driver is an extra, and takes time to import

    return PostgresDatabase(chosen, settings().busy_timeout_s, replica)
