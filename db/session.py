"""The unit of work: the one place that commits.

``read_session`` gives a stable view; ``write_session`` takes the lock, opens a change set with who and
why, and commits or rolls back as a whole. No function that takes a session commits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, StatementError
from sqlmodel import Session

from db.cells import clean_text
from db.derived import refresh_touched
from db.engine import COPY_MARK, Database
from db.errors import AtlasError, ConflictError, InputError
from db.migrations import HEAD
from db.schema import check_current
from db.tables import ChangeSet, OpenChangeSet, Recorded, Versioned
from db.tables.base import PARAGRAPH, SHORT
from db.types import utc_now

TOOL = "incident-atlas 0.1.0"
CHANGE_SET = "change_set_id"


@contextmanager
def read_session(database: Database, *, limit_s: float | None = None) -> Iterator[Session]:
    """A session that sees one state of the database and can write nothing.

    Where the database has a replica it is that which is read (:meth:`Database.lag` says what it lacks), except
    while it lacks what this process wrote.

    Args:
        database: where.
        limit_s: how long a statement may take, seconds; None for any time.

    Raises:
        StorageError: the file is not a database of this product, or of another schema.
        ResourceError: it was changed while a reader without write access, who cannot lock it, was reading;
            ``too_slow``, a statement took longer than it may.
    """
    database = database.source()
    check_current(database)
    with database.unchanged(), translated(database), Session(database.reader(), autoflush=False) as session:
        with nullcontext() if limit_s is None else database.limited(session.connection(), limit_s):
            yield session
        session.rollback()


@contextmanager
def write_session(database: Database, *, who: str, why: str, continues: int | None = None) -> Iterator[Session]:
    """A session whose changes are committed together when the block ends without an error.

    Args:
        database: where.
        who: name of the person or program that makes the change.
        why: the reason; it is kept with every row.
        continues: id of an earlier change set to go on with (an import in several batches).

    Raises:
        InputError: who or why is blank, too long, or no text that may be stored.
        ConflictError: what is recorded contradicts the change.
        ResourceError: the disk is full, the file read-only, or another process holds the lock too long.
        StorageError: the file is not a database of this product, or of another schema.
    """
    _check_text("who", who, SHORT)
    _check_text("why", why, PARAGRAPH)
    if not check_current(database.primary()).writable:
        raise database.read_only()
    with database.locked(), translated(database), Session(database.writer(), autoflush=True) as session:
        sa.event.listen(session, "before_flush", _stamp)
        _check_schema(session, database)
        _open_change_set(session, who.strip(), why.strip(), continues)
        yield session
        session.flush()
        refresh_touched(session)
        session.execute(sa.delete(OpenChangeSet))
        session.commit()


def change_set_id(session: Session) -> int:
    """The id of the change set under way, for bulk statements that bypass the session's objects.

    Raises:
        InputError: the session was opened for reading.
    """
    if CHANGE_SET not in session.info:
        raise InputError("read_session", "This session was opened for reading.", fix="Open a write_session.")
    return int(session.info[CHANGE_SET])


def check_version(row: Versioned, expected: int | None, *, where: str) -> None:
    """Refuse an edit that was prepared on an older version of ``row``.

    Args:
        row: the row as it is now.
        expected: the version the editor saw; None means that the caller read it in this very session.
        where: how the record is called in the message.

    Raises:
        ConflictError: the versions differ.
    """
    if expected is not None and row.version != expected:
        raise ConflictError(
            "stale_version",
            f"Somebody changed the record since: it is at version {row.version}, the edit was made on {expected}.",
            where=where,
            fix=f"Read it again (incidents history {where}) and repeat the edit on version {row.version}.",
        )


def _check_text(name: str, value: str, limit: int) -> None:
    if len(value.strip()) == 0:
        raise InputError(
            f"{name}_missing", f"Every change says {name}.", fix=f"Give --{'by' if name == 'who' else name}."
        )
    clean_text(value, name, max_length=limit)


def _check_schema(session: Session, database: Database) -> None:
    """Refuse the schema of a migration, or the copy, that began while this writer waited for its lock."""
    revision = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    if revision != HEAD or sa.inspect(session.connection()).has_table(COPY_MARK):
        session.rollback()
        check_current(database.primary())


def _open_change_set(session: Session, who: str, why: str, continues: int | None) -> None:
    if continues is None:
        change_set = ChangeSet(at=utc_now(), who=who, why=why, tool=TOOL)
        session.add(change_set)
        session.flush()
        continues = change_set.id
    # A change set that raw SQL left open would put its name under this change.
    session.execute(sa.delete(OpenChangeSet))
    session.execute(sa.insert(OpenChangeSet).values(id=1, change_set_id=continues))
    session.info[CHANGE_SET] = continues


def _stamp(session: Session, _context: Any, _instances: Any) -> None:
    """Give new rows their change set and edited rows their next version."""
    for row in session.new:
        if isinstance(row, Recorded):
            row.change_set_id = change_set_id(session)
    for row in session.dirty:
        if isinstance(row, Versioned) and session.is_modified(row):
            row.version += 1


@contextmanager
def translated(database: Database) -> Iterator[None]:
    """Raise what the driver, or a column type, reports in the block as an error of this product."""
    try:
        yield
    except DBAPIError as error:
        raise database.translate(error) from error
    except StatementError as error:
        # SQLAlchemy wraps what a column type raises about a value, before the driver sees it.
        if isinstance(error.orig, AtlasError):
            raise error.orig from None
        if not isinstance(error.orig, LookupError | TypeError | ValueError):
            raise
        raise InputError("bad_value", f"A value does not fit its column: {error.orig}.") from error
    except UnicodeEncodeError as error:
        if "surrogates" not in error.reason:
            raise
        raise InputError("bad_unicode", "Half of a surrogate pair stands alone.", got=error.object) from error
    except OverflowError as error:
        raise InputError("number_too_large", f"A number does not fit the database: {error}.") from error
