"""What a file is: a database of this product, one of another program, an empty or a missing one."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from db.engine import COPY_MARK, State
from db.errors import NotADatabaseError, ResourceError

SQLITE_MAGIC = b"SQLite format 3\x00"
SMALLEST_BYTES = 512
"""One page; SQLite takes a file of a single byte for an empty database."""
OTHER_PROGRAM = "It is an SQLite database of another program."
APPLICATION_ID = 0x49415431
"""``IAT1`` in the header of the file, so that another program's SQLite file is not taken for ours."""


def file_state(path: Path) -> tuple[int, int, bool]:
    """Size in bytes, time of the last write in nanoseconds, and whether a log is beside the file."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns, Path(f"{path}-wal").exists()


def state_of(path: Path) -> State:
    """What the file at ``path`` is, found without changing one byte of it or beside it.

    Raises:
        NotADatabaseError: it is something else than a database of this product, or a damaged one.
        ResourceError: the user may not read it.
    """
    size = _size_bytes(path)
    if size is None or size == 0:
        return State(exists=size is not None, revision=None)
    if size < SMALLEST_BYTES:
        raise _unreadable(path, "it is cut")
    # Asked of SQLite, not of the header: after a crash the first migration is still in the log alone. And by SQLite,
    # not by opening the file: to close it would end the locks of this process (fcntl), and whoever else closes the
    # database next would take itself for the last, and remove the log that this process goes on writing to.
    contents = _contents(path)
    if contents.application_id != APPLICATION_ID and (contents.application_id != 0 or contents.tables != 0):
        raise _not_ours(path, OTHER_PROGRAM)
    return State(exists=True, revision=contents.revision, copying=contents.copying)


def _size_bytes(path: Path) -> int | None:
    """The size of the file, which this user may read; None where there is none."""
    with _readable(path):
        if not path.exists():
            return None
        if not path.is_file():
            raise _not_ours(path, "It is a folder or a device.")
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return path.stat().st_size


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ResourceError(
            "cannot_open", f"The file cannot be read: {error.strerror}.", where=str(path), fix="Check its permissions."
        ) from error


def _unreadable(path: Path, why: object) -> NotADatabaseError:
    """The error for a file that SQLite cannot read, and that nobody has open, so that its header may be looked at."""
    with _readable(path), path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(SQLITE_MAGIC):
        return _not_ours(path, "It is not an SQLite database.")
    mark = int.from_bytes(header[68:72], "big")
    if mark not in {0, APPLICATION_ID}:
        return _not_ours(path, OTHER_PROGRAM)
    return _damaged(path, why) if mark == APPLICATION_ID else _not_ours(path, f"SQLite cannot read it ({why}).")


def _damaged(path: Path, why: object) -> NotADatabaseError:
    return NotADatabaseError(
        "damaged_database",
        f"It is a database of this product, but damaged ({why}). It was left untouched.",
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
    """What SQLite says of a file: its revision, its mark, how many tables and views it holds; and a copy's mark."""

    revision: str | None
    application_id: int
    tables: int
    copying: bool = False


def _contents(path: Path) -> _Contents:
    """What SQLite says of the file.

    Without a log beside it the file is read without locks, which writes nothing; a process that happens to
    write it in that moment makes it look broken, so it is read again if it has changed.
    """
    for _ in range(20):
        before = file_state(path)
        try:
            return _read_contents(path)
        except sqlite3.OperationalError as error:
            raise ResourceError("cannot_open", f"SQLite cannot open the file: {error}.", where=str(path)) from error
        except sqlite3.DatabaseError as error:
            if file_state(path) == before:
                raise _unreadable(path, error) from error
    raise ResourceError("cannot_open", "The file changes whenever it is read.", where=str(path), fix="Run it again.")


def _read_contents(path: Path) -> _Contents:
    wal = Path(f"{path}-wal").exists()
    uri = f"file:{quote(str(path))}?mode=ro{'' if wal else '&immutable=1'}"
    with closing(sqlite3.connect(uri, uri=True)) as raw:
        mark = int(raw.execute("PRAGMA application_id").fetchone()[0])
        names = {str(row[0]) for row in raw.execute("SELECT name FROM sqlite_master")}
        if "alembic_version" not in names:
            return _Contents(None, mark, len(names))
        row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    return _Contents(None if row is None else str(row[0]), mark, len(names), COPY_MARK in names)
