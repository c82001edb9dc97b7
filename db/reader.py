"""Connections for reading that a process keeps: a server opens a session for each question it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlmodel import Session

from db.engine import Database
from db.migrations import HEAD
from db.schema import check_current
from db.session import translated


class Reader:
    """Read sessions on kept connections, as many as are open at once.

    Choose it over :func:`db.session.read_session` for a process that answers many questions: opening a SQLite file
    with its settings takes longer than most of them. Not for use by several threads at once.
    """

    def __init__(self, database: Database, limit_s: float | None = None) -> None:
        """``limit_s`` is how long a statement may take, seconds; None for any time."""
        self._database = database
        self.limit_s = limit_s
        self._free: list[sa.Connection] = []

    @contextmanager
    def session(self, *, limited: bool = True) -> Iterator[Session]:
        """A session that sees one state of the database and can write nothing.

        Args:
            limited: False lifts the limit of time, for what is sent as it is read.

        Raises:
            StorageError: it is not a database of this product, or of another schema.
            ResourceError: ``too_slow``, a statement took longer than it may; or the database cannot be read.
        """
        with translated(self._database):
            connection = self._free.pop() if len(self._free) > 0 else self._opened()
            try:
                with self._database.limited(connection, self.limit_s if limited else None):
                    self._check(connection)
                    with Session(connection, autoflush=False) as session:
                        yield session
            except sa.exc.DBAPIError as error:
                # The server may have ended the connection; a new one is cheap beside an error.
                if error.connection_invalidated:
                    connection.close()
                raise
            finally:
                if not connection.closed:
                    connection.rollback()
                    self._free.append(connection)

    @contextmanager
    def step(self, session: Session) -> Iterator[None]:
        """The limit of time for one step of a session without one.

        Raises:
            ResourceError: ``too_slow``.
        """
        with translated(self._database), self._database.limited(session.connection(), self.limit_s):
            yield

    def close(self) -> None:
        """Close the connections that are not in use."""
        while len(self._free) > 0:
            self._free.pop().close()

    def _opened(self) -> sa.Connection:
        check_current(self._database.source())
        return self._database.source().reader().connect()

    def _check(self, connection: sa.Connection) -> None:
        """Refuse a schema that was changed since the connection was opened."""
        if connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() != HEAD:
            check_current(self._database.source())
