"""PostgreSQL with PostGIS: the same product on a server that a team shares.

* One writer at a time, as with the SQLite file: a write transaction takes an advisory lock before it reads. At its
  default isolation PostgreSQL lost 1,724 of 2,000 read-modify-write edits of eight writers without an error; behind
  the lock none is lost and none fails. Readers are never blocked. Whoever writes past this product meets the
  triggers, which refuse an edit of a version that has changed since.
* A read transaction is ``REPEATABLE READ, READ ONLY``: one state of the database, however long it takes.
* ``plan_cache_mode=force_custom_plan``: the generic plan of a prepared spatial query took 699 ms where the plan made
  for its values took 1.
* Reads may go to a streaming replica, see :mod:`db.replica`; writes and migrations never do.
* Times are kept in UTC without a zone, so the session's zone is UTC; compiling queries (``jit``) costs more than it
  saves on the short ones of this product.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from db.columns_postgres import complete
from db.engine import COPY_MARK, Database, State
from db.errors import AtlasError, ConflictError, InputError, NotADatabaseError, ResourceError
from db.replica import Lag, has_own_writes, lag, note_written
from db.tables import metadata

LOCK_KEY = 0x49415431
"""``IAT1``: the advisory lock of a writer, in each database its own."""

SETTINGS = {"timezone": "UTC", "plan_cache_mode": "force_custom_plan", "jit": "off"}
EXTENSIONS = ("postgis", "pg_trgm")
_TABLE_NAMES = (
    "SELECT relname::text FROM pg_class "
    "WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p')"
)
"""Asked by each session: SQLAlchemy's inspector puts its question together each time."""

_DISK_FULL, _OUT_OF_RANGE, _LOCKED, _READ_ONLY = "53100", "22003", "55P03", "25006"
_NO_DATABASE, _REPLAYED, _CANCELLED = "3D000", "40001", "57014"
_TOO_LONG, _BAD_TEXT = "22001", frozenset({"22021", "22P05"})


@dataclass(frozen=True)
class PostgresDatabase(Database):
    """One database on a PostgreSQL server.

    Attributes:
        url: with the driver psycopg; its options are those of libpq.
        busy_timeout_s: how long a writer waits for another, seconds.
        read_url: of a replica that reads go to.
    """

    url: URL
    busy_timeout_s: float = 30.0
    read_url: URL | None = None

    def primary(self) -> PostgresDatabase:
        """The database without its replica."""
        return replace(self, read_url=None)

    def source(self) -> PostgresDatabase:
        """The replica, once it has all that this process wrote; without one, and until then, the primary."""
        if self.read_url is None:
            return self
        replica = replace(self, url=self.read_url, read_url=None)
        return replica if has_own_writes(replica, self.primary()) else self.primary()

    def lag(self, connection: sa.Connection) -> Lag | None:
        """What is read with ``connection`` lacks of what the primary has; None without a replica.

        Raises:
            ResourceError: ``not_its_replica``.
        """
        return None if self.read_url is None else lag(connection, replace(self, url=self.read_url), self.primary())

    def within(self, seconds: int) -> PostgresDatabase:
        """The same, whose connections are given up after so many seconds, unless the URL says otherwise."""
        options = {"connect_timeout": str(seconds)} | dict(self.url.query)
        return replace(self, url=self.url.set(query=options))

    @property
    def where(self) -> str:
        """The URL without its password."""
        return self.url.render_as_string(hide_password=True)

    @property
    def program(self) -> str:
        """PostgreSQL and PostGIS with their versions."""
        with self.reader().connect() as connection:
            server = connection.exec_driver_sql("SHOW server_version").scalar_one()
            postgis = connection.exec_driver_sql(
                "SELECT extversion FROM pg_extension WHERE extname = 'postgis'"
            ).scalar()
        return f"PostgreSQL {str(server).split()[0]}, PostGIS {postgis or 'none'}"

    def state(self) -> State:
        """What the database is; see :meth:`db.engine.Database.state`."""
        if self.read_url is not None:
            return self.source().state()
        try:
            with self.reader().connect() as connection:
                return self._state(connection)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _NO_DATABASE or "does not exist" in str(error.orig):
                return State(exists=False, revision=None)
            raise self._cannot_connect(error) from error

    def _state(self, connection: sa.Connection) -> State:
        names = set(connection.exec_driver_sql(_TABLE_NAMES).scalars())
        ours = names & set(metadata.tables)
        if "alembic_version" not in names:
            if len(ours) > 0:
                raise self._not_ours(f"It has tables of another program ({', '.join(sorted(ours)[:3])}).")
            return State(exists=True, revision=None)
        if "change_set" not in ours and len(ours) > 0:
            raise self._not_ours("It is a database of another program.")
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return State(
            exists=True,
            revision=None if revision is None else str(revision),
            copying=COPY_MARK in names,
            # A replica takes no writes.
            writable=not connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one(),
        )

    def reader(self) -> sa.Engine:
        """An engine on :meth:`source` whose transactions are ``REPEATABLE READ, READ ONLY``."""
        return _reading_engine(self.source())

    def writer(self) -> sa.Engine:
        """An engine whose transactions take the writer's lock first."""
        return _writing_engine(self.primary())

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nothing: the lock is taken inside the transaction and ends with it, however it ends."""
        yield
        if self.read_url is not None:
            note_written(self.primary())

    @contextmanager
    def limited(self, connection: sa.Connection, limit_s: float | None) -> Iterator[None]:
        """Have the server end a statement of the transaction that takes longer."""
        if limit_s is not None:
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(limit_s * 1000))}")
        yield

    @contextmanager
    def migrating(self) -> Iterator[sa.Connection]:
        """A connection in one transaction that holds the writer's lock, with the extensions in place."""
        if not self.primary().state().exists:
            raise ResourceError(
                "no_server_database",
                "The server has no database of this name.",
                where=self.where,
                fix=f"Run: createdb --encoding=UTF8 --template=template0 {self.url.database}",
            )
        try:
            with self.writer().begin() as connection:
                self._check_encoding(connection)
                for name in EXTENSIONS:
                    connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {name}")
                yield connection
        except DBAPIError as error:
            raise self._cannot_upgrade(error) from error

    def complete(self, connection: sa.Connection) -> None:
        """Collations, ids and the geometry, see :mod:`db.columns_postgres`."""
        complete(connection)

    def _check_encoding(self, connection: sa.Connection) -> None:
        encoding = str(connection.exec_driver_sql("SHOW server_encoding").scalar_one())
        if encoding != "UTF8":
            raise ResourceError(
                "wrong_encoding",
                "The database cannot hold every name: its encoding is not UTF8.",
                where=self.where,
                got=encoding,
                fix=f"Make another: createdb --encoding=UTF8 --template=template0 {self.url.database}",
            )

    def _cannot_upgrade(self, error: DBAPIError) -> ResourceError:
        text = str(error.orig).partition("\n")[0]
        fix = "See that your role may create tables in it."
        if "extension" in text:
            commands = " ".join(f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS)
            fix = f"Install PostGIS on the server, and have a superuser run: {commands}"
        return ResourceError("cannot_upgrade", f"The schema was not changed: {text}.", where=self.where, fix=fix)

    def integrity(self, connection: sa.Connection) -> list[str]:
        """Constraints that were never checked; the server checks its own files (``pg_amcheck``)."""
        rows = connection.exec_driver_sql(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE NOT convalidated "
            "AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"
        )
        return [f"foreign key: {row[1]} of {row[0]} was never checked" for row in rows]

    def size_bytes(self) -> int:
        """The size of the database on the server."""
        with self.reader().connect() as connection:
            return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())

    def warnings(self) -> list[str]:
        """Settings of the server under which an acknowledged change can be lost."""
        with self.reader().connect() as connection:
            off = [
                name
                for name in ("fsync", "full_page_writes", "synchronous_commit")
                if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off"
            ]
        return [f"The server runs with {name}=off: a power cut can lose what was acknowledged." for name in off]

    def translate(self, error: DBAPIError) -> AtlasError:
        """The error of this product that an error of psycopg stands for."""
        state = str(getattr(error.orig, "sqlstate", None) or "")
        text = str(error.orig).partition("\n")[0]
        if state[:2] == "23" or state == _TOO_LONG:
            return self._refusal(state, text)
        if state in _BAD_TEXT or (state == "" and "NUL" in text):  # psycopg itself refuses U+0000
            return InputError("control_character", f"A text cannot be stored: {text}.")
        if state == _OUT_OF_RANGE:
            return InputError("number_too_large", f"A number does not fit the database: {text}.")
        if state == _DISK_FULL:
            why, fix = (
                "The disk is full; nothing of this change was kept.",
                "Free some space and run the command again.",
            )
            return ResourceError("disk_full", why, where=self.where, fix=fix)
        if state == _LOCKED:
            why = f"Another process has been writing for more than {self.busy_timeout_s:g} seconds."
            fix = "Wait for it to end, or raise INCIDENTS_BUSY_TIMEOUT_S."
            return ResourceError("locked", why, where=self.where, fix=fix)
        if state == _READ_ONLY:
            return self.opened_for_reading()
        if state == _CANCELLED:
            return self.too_slow()
        if state == _REPLAYED:
            why = "The replica ended the query: the primary removed row versions that it was still reading."
            fix = "Run it again, or set hot_standby_feedback=on on the replica."
            return ResourceError("replica_conflict", why, where=self.where, fix=fix)
        if isinstance(error, OperationalError) and state in {"", "57P01", "57P03"}:
            return self._cannot_connect(error)
        return ResourceError(
            "database_error", f"PostgreSQL reports: {text}.", where=self.where, fix="Run: incidents db check"
        )

    def read_only(self) -> ResourceError:
        """The error where the server takes no writes."""
        return ResourceError(
            "read_only",
            "The server is a replica, which takes no writes.",
            where=self.where,
            fix="Set INCIDENTS_DATABASE_URL to the primary, and INCIDENTS_READ_URL to the replica.",
        )

    def _refusal(self, state: str, text: str) -> AtlasError:
        code, _, message = text.partition(": ")
        if state == "23000" and code.isidentifier():  # raised by a trigger of ours
            return ConflictError(code, f"The database refused it: {message}.")
        if state == "23505":
            return ConflictError("duplicate", f"The database refused it: {text}.")
        return ConflictError("refused_by_database", f"The database refused it: {text}.")

    def _not_ours(self, why: str) -> NotADatabaseError:
        return NotADatabaseError(
            "not_a_database",
            f"{why} It was left untouched.",
            where=self.where,
            fix="Point INCIDENTS_DATABASE_URL at a database of this product, or at an empty one.",
        )

    def _cannot_connect(self, error: DBAPIError) -> ResourceError:
        text = " ".join(str(error.orig).split())
        return ResourceError(
            "cannot_connect",
            f"PostgreSQL cannot be reached: {text}.",
            where=self.where,
            fix="See that the server runs and that the URL, the role and its password are right.",
        )


@lru_cache(maxsize=8)
def _engine(database: PostgresDatabase) -> sa.Engine:
    """An engine that pools nothing; it is kept, because it holds the statements SQLAlchemy has compiled."""
    settings = SETTINGS | {"lock_timeout": f"{int(database.busy_timeout_s * 1000)}ms"}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    try:
        return sa.create_engine(
            database.url,
            poolclass=NullPool,  # a command opens a few sessions; what it leaves open a server would have to close
            connect_args={"options": options, "fallback_application_name": "incident-atlas"},
        )
    except ModuleNotFoundError as error:
        raise ResourceError(
            "missing_driver",
            "The driver of PostgreSQL is not installed.",
            where=str(error.name),
            fix="Run: pip install 'incident-atlas[postgresql]'",
        ) from error


@lru_cache(maxsize=8)
def _reading_engine(database: PostgresDatabase) -> sa.Engine:
    # Kept: what is remembered of a database (its index of places) is remembered under its engine.
    return _engine(database).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@lru_cache(maxsize=8)
def _writing_engine(database: PostgresDatabase) -> sa.Engine:
    # READ COMMITTED: every statement sees what was committed before it. A snapshot taken by the statement that waits
    # for the lock would be as old as the wait.
    engine = _engine(database).execution_options(isolation_level="READ COMMITTED")

    @sa.event.listens_for(engine, "begin")
    def _lock(connection: sa.Connection) -> None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")

    return engine
