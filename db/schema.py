"""The state of a database file: what it is, bringing it up to date, and checking that it is whole."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from db.engine import APPLICATION_ID, Database
from db.errors import (
    InputError,
    NotADatabaseError,
    NotFoundError,
    ResourceError,
    SchemaAheadError,
    SchemaBehindError,
)
from db.migrations import HEAD, REVISIONS
from db.tables import OpenChangeSet, metadata
from db.triggers import create_triggers, drop_triggers, expected_triggers, installed_triggers

SQLITE_MAGIC = b"SQLite format 3\x00"
WAL_RESET_FIXED = (3, 51, 3)
OTHER_PROGRAM = "It is an SQLite database of another program."


@dataclass(frozen=True)
class State:
    """What a file is: ``revision`` is None for a missing or an empty file."""

    exists: bool
    revision: str | None


def state_of(path: Path) -> State:
    """What the file at ``path`` is, found without changing one byte of it or beside it.

    Raises:
        NotADatabaseError: it is something else than a database of this product, or a damaged one.
        ResourceError: the user may not read it.
    """
    header = _header(path)
    if header is None or len(header) == 0:
        return State(exists=header is not None, revision=None)
    if not header.startswith(SQLITE_MAGIC):
        raise _not_ours(path, "It is not an SQLite database.")
    mark = int.from_bytes(header[68:72], "big")
    if mark not in {0, APPLICATION_ID}:
        raise _not_ours(path, OTHER_PROGRAM)
    contents = _contents(path, ours=mark == APPLICATION_ID)
    # Asked of SQLite, not of the header: after a crash the first migration is still in the log alone.
    if contents.application_id != APPLICATION_ID and contents.tables != 0:
        raise _not_ours(path, OTHER_PROGRAM)
    return State(exists=True, revision=contents.revision)


def _header(path: Path) -> bytes | None:
    """The first 100 bytes of the file; None where there is none."""
    try:
        if not path.exists():
            return None
        if not path.is_file():
            raise _not_ours(path, "It is a folder or a device.")
        with path.open("rb") as file:
            return file.read(100)
    except OSError as error:
        raise ResourceError(
            "cannot_open", f"The file cannot be read: {error.strerror}.", where=str(path), fix="Check its permissions."
        ) from error


def _damaged(path: Path, error: sqlite3.Error) -> NotADatabaseError:
    return NotADatabaseError(
        "damaged_database",
        f"It is a database of this product, but damaged ({error}). It was left untouched.",
        where=str(path),
        fix="Restore it from a backup; keep the damaged file until that is done.",
    )


def _not_ours(path: Path, why: str) -> NotADatabaseError:
    return NotADatabaseError(
        "not_a_database",
        f"{why} It was left untouched.",
        where=str(path),
        fix="Point INCIDENTS_DATABASE_URL at a database of this product, or at a file that does not exist yet.",
    )


@dataclass(frozen=True)
class _Contents:
    """What SQLite says of a file: its revision, its mark, and how many tables and views it holds."""

    revision: str | None
    application_id: int
    tables: int


def _contents(path: Path, *, ours: bool) -> _Contents:
    """What SQLite says of the file, whose header is that of this product if it is ``ours``.

    Without a log beside it the file is read without locks, which writes nothing; a process that happens to
    write it in that moment makes it look broken, so it is read again if it has changed.
    """
    for _ in range(20):
        before = Database(path).file_state()
        try:
            return _read_contents(path, ours=ours)
        except NotADatabaseError:
            if Database(path).file_state() == before:
                raise
    return _read_contents(path, ours=ours)


def _read_contents(path: Path, *, ours: bool) -> _Contents:
    wal = Path(f"{path}-wal").exists()
    uri = f"file:{quote(str(path))}?mode=ro{'' if wal else '&immutable=1'}"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as raw:
            mark = int(raw.execute("PRAGMA application_id").fetchone()[0])
            names = {str(row[0]) for row in raw.execute("SELECT name FROM sqlite_master")}
            if "alembic_version" not in names:
                return _Contents(None, mark, len(names))
            row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        raise ResourceError("cannot_open", f"SQLite cannot open the file: {error}.", where=str(path)) from error
    except sqlite3.DatabaseError as error:
        raise (_damaged(path, error) if ours else _not_ours(path, f"SQLite cannot read it ({error}).")) from error
    return _Contents(None if row is None else str(row[0]), mark, len(names))


def check_current(database: Database) -> None:
    """Refuse a file that this code cannot work on.

    Raises:
        NotFoundError: there is no file.
        NotADatabaseError: the file is something else.
        SchemaBehindError: the schema is older than the code.
        SchemaAheadError: the schema is newer than the code.
    """
    state = state_of(database.path)
    if not state.exists:
        raise _no_database(database)
    if state.revision == HEAD:
        return
    _refuse_newer(database, state)
    raise SchemaBehindError(
        "schema_behind",
        f"The database has schema {state.revision or 'none'}, this release needs {HEAD}.",
        where=str(database.path),
        fix="Run: incidents db upgrade",
    )


def _no_database(database: Database) -> NotFoundError:
    return NotFoundError(
        "no_database", "There is no database yet.", where=str(database.path), fix="Run: incidents db upgrade"
    )


def _refuse_newer(database: Database, state: State) -> None:
    if state.revision is not None and state.revision not in REVISIONS:
        raise SchemaAheadError(
            "schema_ahead",
            f"The database has schema {state.revision}, which this release does not know. It was left untouched.",
            where=str(database.path),
            fix="Install the release that made it, or a newer one.",
        )


def upgrade(database: Database, revision: str = "head") -> tuple[str | None, str | None]:
    """Create the database, or bring its schema to ``revision`` in one transaction.

    Args:
        database: the file; created where it is missing.
        revision: an Alembic revision; ``head`` is the newest.

    Returns:
        The revision before and after.

    Raises:
        NotADatabaseError: the file is something else.
        SchemaAheadError: the schema is newer than the code.
        ResourceError: the disk is full, or the file is locked or read-only.
        InputError: no such revision.
    """
    return _migrate(database, "upgrade", revision)


def downgrade(database: Database, revision: str) -> tuple[str | None, str | None]:
    """Take the schema back to ``revision``; ``base`` removes every table.

    Raises what :func:`upgrade` does, and NotFoundError where there is no file.
    """
    if not state_of(database.path).exists:
        raise _no_database(database)
    return _migrate(database, "downgrade", revision)


def _migrate(database: Database, direction: str, revision: str) -> tuple[str | None, str | None]:
    before = state_of(database.path)
    _refuse_newer(database, before)
    if direction == "upgrade" and before.revision == HEAD and revision == "head":
        return before.revision, before.revision
    with _migration(database) as connection:
        drop_triggers(connection)
        _run_alembic(connection, direction, revision)
        _check_foreign_keys(connection)
        if connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD:
            create_triggers(connection)
    return before.revision, state_of(database.path).revision


@contextmanager
def _migration(database: Database) -> Iterator[sa.Connection]:
    """A connection inside BEGIN IMMEDIATE, with the lock held and foreign keys off (tables are rebuilt)."""

    def creator() -> sqlite3.Connection:
        raw = sqlite3.connect(database.path, timeout=database.busy_timeout_s, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
            raw.execute(f"PRAGMA {pragma}")
        return raw

    engine = sa.create_engine("sqlite://", creator=creator, poolclass=NullPool)
    try:
        database.path.parent.mkdir(parents=True, exist_ok=True)
        with database.locked(), engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
            try:
                yield connection
            except BaseException:
                # Not the statement ROLLBACK: after a full disk SQLite has already rolled back, and it would fail.
                connection.rollback()
                raise
            connection.exec_driver_sql("COMMIT")
    except (sqlite3.Error, DBAPIError, OSError) as error:
        raise ResourceError(
            "cannot_upgrade",
            f"The schema was not changed: {error}.",
            where=str(database.path),
            fix="See that the disk has space and that you may write the file and its folder.",
        ) from error


def _run_alembic(connection: sa.Connection, direction: str, revision: str) -> None:
    from alembic import command  # Alembic takes a tenth of a second to import; only migrations pay it
    from alembic.util import CommandError

    try:
        getattr(command, direction)(alembic_config(connection), revision)
    except CommandError as error:
        known = ", ".join(REVISIONS)
        raise InputError("unknown_revision", f"{error}.", got=revision, fix=f"Known revisions: {known}.") from error


def alembic_config(connection: sa.Connection) -> Any:
    """Alembic's configuration: the migrations of the installed package, on ``connection``."""
    from alembic.config import Config

    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", "db:migrations")
    config.attributes["connection"] = connection
    return config


def _check_foreign_keys(connection: sa.Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if len(broken) > 0:
        raise InputError("broken_reference", f"The migration would leave {len(broken)} rows without their parent.")


def problems(database: Database) -> list[str]:
    """What is wrong with the database, one line each; none when it is whole.

    Runs SQLite's integrity check, the foreign keys, and the comparison of tables and triggers with the code.

    Raises:
        StorageError, ResourceError: the file cannot be opened.
    """
    check_current(database)
    with database.reader().connect() as connection:
        try:
            found = _problems(connection)
        except DBAPIError as error:
            found = [f"integrity: SQLite cannot read the whole file ({error.orig})"]
        connection.rollback()
    return found


def _problems(connection: sa.Connection) -> list[str]:
    found = [f"integrity: {line}" for line in _integrity(connection)]
    if len(found) == 0:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        found += [f"foreign key: {row[0]} row {row[1]} points to a missing {row[2]}" for row in broken]
        found += [f"schema: {line}" for line in _schema_differences(connection)]
        found += _trigger_differences(connection)
        if connection.execute(sa.select(sa.func.count()).select_from(OpenChangeSet)).scalar_one() != 0:
            found.append("journal: a change set was left open by another program")
    return found


def _integrity(connection: sa.Connection) -> list[str]:
    lines = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    return [] if lines == ["ok"] else lines


def _schema_differences(connection: sa.Connection) -> list[str]:
    from alembic import command
    from alembic.util import AutogenerateDiffsDetected

    try:
        command.check(alembic_config(connection))
    except AutogenerateDiffsDetected as error:
        return [str(error)]
    return []


def _trigger_differences(connection: sa.Connection) -> list[str]:
    expected, installed = expected_triggers(), installed_triggers(connection)
    missing = [f"trigger: {name} is missing" for name in expected if name not in installed]
    changed = [f"trigger: {name} was changed" for name, sql in installed.items() if expected.get(name) != sql]
    return missing + changed


@dataclass(frozen=True)
class Info:
    """What ``incidents db info`` prints."""

    path: Path
    size_bytes: int
    revision: str
    sqlite_version: str
    counts: dict[str, int]
    warnings: list[str]


def info(database: Database) -> Info:
    """The file, its schema and how many rows each table holds.

    Raises:
        StorageError, ResourceError: the file cannot be opened.
    """
    check_current(database)
    with database.reader().connect() as connection:
        counts = {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in sorted(metadata.tables.items())
        }
        connection.rollback()
    return Info(database.path, database.path.stat().st_size, HEAD, sqlite3.sqlite_version, counts, _warnings(database))


def _warnings(database: Database) -> list[str]:
    found = []
    if sqlite3.sqlite_version_info < WAL_RESET_FIXED:
        found.append(
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug (fixed in 3.51.3); this product's lock file "
            "keeps it away as long as no other program writes the file."
        )
    if not database.writable:
        found.append("The file, or its folder, is read-only for you.")
    return found
