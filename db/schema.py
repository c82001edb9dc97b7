"""The state of a database: bringing it up to date, and checking that it is whole."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.engine import Database, State
from db.errors import InputError, SchemaAheadError, SchemaBehindError, StorageError
from db.migrations import HEAD, REVISIONS
from db.replica import Lag
from db.tables import OpenChangeSet, metadata
from db.triggers import create_triggers, drop_triggers, trigger_differences


def check_current(database: Database) -> State:
    """Refuse a file that this code cannot work on; returns what it is.

    Raises:
        NotFoundError: there is no file.
        NotADatabaseError: the file is something else.
        SchemaBehindError: the schema is older than the code.
        SchemaAheadError: the schema is newer than the code.
        StorageError: ``copy_unfinished``, a copy into it was interrupted or is under way.
    """
    state = database.state()
    if not state.exists:
        raise database.missing()
    _refuse_unfinished(database, state)
    refuse_other_schema(database, state)
    return state


def refuse_other_schema(database: Database, state: State) -> None:
    """Refuse a database that is of another schema than the code, raising what :func:`check_current` does."""
    if state.revision == HEAD:
        return
    _refuse_newer(database, state)
    raise SchemaBehindError(
        "schema_behind",
        f"The database has schema {state.revision or 'none'}, this release needs {HEAD}.",
        where=database.where,
        fix="Run: incidents db upgrade",
    )


def _refuse_unfinished(database: Database, state: State) -> None:
    if state.copying:
        raise StorageError(
            "copy_unfinished",
            "A copy into this database is not finished.",
            where=database.where,
            fix="Run the same copy again, it goes on where it stopped. Run: incidents db copy",
        )


def _refuse_newer(database: Database, state: State) -> None:
    if state.revision is not None and state.revision not in REVISIONS:
        raise SchemaAheadError(
            "schema_ahead",
            f"The database has schema {state.revision}, which this release does not know. It was left untouched.",
            where=database.where,
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
        StorageError: ``copy_unfinished``.
        ResourceError: the disk is full, or the file is locked or read-only.
        InputError: no such revision.
    """
    return _migrate(database, "upgrade", revision)


def downgrade(database: Database, revision: str) -> tuple[str | None, str | None]:
    """Take the schema back to ``revision``; ``base`` removes every table.

    Raises what :func:`upgrade` does, and NotFoundError where there is no file.
    """
    if not database.primary().state().exists:
        raise database.missing()
    return _migrate(database, "downgrade", revision)


def _migrate(database: Database, direction: str, revision: str) -> tuple[str | None, str | None]:
    database = database.primary()
    before = database.state()
    _refuse_newer(database, before)
    _refuse_unfinished(database, before)
    if direction == "upgrade" and before.revision == HEAD and revision == "head":
        return before.revision, before.revision
    with database.migrating() as connection:
        drop_triggers(connection)
        _run_alembic(connection, direction, revision)
        if connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD:
            database.complete(connection)
            create_triggers(connection)
    return before.revision, database.state().revision


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


def problems(database: Database) -> list[str]:
    """What is wrong with the database, one line each; none when it is whole.

    Runs SQLite's integrity check, the foreign keys, and the comparison of tables and triggers with the code.

    Raises:
        StorageError, ResourceError: the file cannot be opened.
    """
    check_current(database)
    with database.reader().connect() as connection:
        try:
            found = _problems(database, connection)
        except DBAPIError as error:
            found = [f"integrity: the database cannot be read as a whole ({error.orig})"]
        connection.rollback()
    return found


def _problems(database: Database, connection: sa.Connection) -> list[str]:
    found = database.integrity(connection)
    if not any(line.startswith("integrity") for line in found):
        found += [f"schema: {line}" for line in _schema_differences(connection)]
        found += trigger_differences(connection)
        if connection.execute(sa.select(sa.func.count()).select_from(OpenChangeSet)).scalar_one() != 0:
            found.append("journal: a change set was left open by another program")
    return found


def _schema_differences(connection: sa.Connection) -> list[str]:
    from alembic import command
    from alembic.util import AutogenerateDiffsDetected

    try:
        command.check(alembic_config(connection))
    except AutogenerateDiffsDetected as error:
        return [str(error)]
    return []


@dataclass(frozen=True)
class Info:
    """What ``incidents db info`` prints."""

    where: str
    size_bytes: int
    revision: str
    program: str
    counts: dict[str, int]
    warnings: list[str]
    lag: Lag | None


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
        lag = database.lag(connection)
        connection.rollback()
    return Info(database.where, database.size_bytes(), HEAD, database.program, counts, database.warnings(), lag)
