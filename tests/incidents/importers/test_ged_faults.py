"""An import of UCDP GED that is killed, interrupted, or runs out of disk (faults F01, F03 and F17)."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ged_files import put, write_file
from sqlmodel import select

from db.engine import Database
from db.errors import ResourceError
from db.schema import problems
from db.session import read_session
from db.sqlite import SqliteDatabase
from db.tables import Claim, ImportRun, Incident, Location

pytestmark = pytest.mark.sqlite

COPIES = 60
EVENTS = 7 * COPIES
BATCH = 100

DYING = """
import os, sys
from pathlib import Path
import db.bulk
from db.sqlite import SqliteDatabase
from incidents.importers.ged import import_ged

# Killed in the middle of a transaction: after the claims of the third batch, before its locations.
left = [int(sys.argv[4])]
insert = db.bulk.insert_columns
def die(session, table, columns):
    if table.name == "location":
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), int(sys.argv[3]))
    return insert(session, table, columns)

db.bulk.insert_columns = die
import_ged(SqliteDatabase(Path(sys.argv[1])), Path(sys.argv[2]), who="tester", batch=int(sys.argv[5]))
"""


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A file of several batches."""
    return write_file(tmp_path / "large.csv", copies=COPIES)


def counted(database: Database) -> tuple[int, int, int]:
    """How many incidents, claims and locations are recorded."""
    with read_session(database) as session:
        incidents, claims, locations = (
            len(session.exec(select(table.id)).all()) for table in (Incident, Claim, Location)
        )
    return incidents, claims, locations


def unfinished(database: Database) -> list[bool]:
    """For each run whether it has no end."""
    with read_session(database) as session:
        return [run.finished_at is None for run in session.exec(select(ImportRun))]


@pytest.mark.parametrize("which", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("batches", [1, 3])
def test_a_killed_import_leaves_whole_batches_and_the_next_one_finishes(
    database: Database, large: Path, which: signal.Signals, batches: int
) -> None:
    command = [sys.executable, "-c", DYING, str(database.path), str(large), str(int(which)), str(batches), str(BATCH)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in {-which, 1 if which is signal.SIGINT else -which}, done.stderr
    if which is signal.SIGINT:
        assert "KeyboardInterrupt" in done.stderr
    whole = (batches - 1) * BATCH
    assert counted(database) == (whole, whole * 7, whole)
    assert problems(database) == []
    counts = put(database, large, batch=BATCH)
    assert (counts.added, counts.unchanged, counts.superseded) == (EVENTS - whole, whole, 0)
    assert counted(database) == (EVENTS, EVENTS * 7, EVENTS)
    assert unfinished(database) == ([False] if batches == 1 else [True, False])
    assert problems(database) == []


@dataclass(frozen=True)
class SmallDatabase(SqliteDatabase):
    """A database on a disk that holds so many pages: SQLite itself reports that it is full."""

    pages: int = 0

    def connect(self, **options: bool) -> sqlite3.Connection:
        connection = super().connect(**options)
        connection.execute(f"PRAGMA max_page_count={self.pages}")
        return connection


def test_a_full_disk_is_named_and_nothing_is_half_written(database: Database, large: Path) -> None:
    empty = database.path.stat().st_size // 4096
    small = SmallDatabase(database.path, pages=empty + 300)
    with pytest.raises(ResourceError) as caught:
        put(small, large, batch=BATCH)
    assert caught.value.code == "disk_full"
    assert caught.value.exit_code == 5
    incidents, claims, locations = counted(database)
    assert 0 < incidents < EVENTS
    assert (incidents % BATCH, claims, locations) == (0, incidents * 7, incidents)
    assert problems(database) == []
    counts = put(database, large, batch=BATCH)
    assert (counts.added, counts.unchanged) == (EVENTS - incidents, incidents)
    assert problems(database) == []


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 2 MB; only root can mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if mount is None or os.name != "posix" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_really_full_is_survived(template: Path, tiny_disk: Path, large: Path) -> None:
    database = SqliteDatabase(tiny_disk / "incidents.db")
    shutil.copy(template, database.path)
    with pytest.raises(ResourceError) as caught:
        put(database, large, batch=BATCH)
    assert caught.value.code == "disk_full"
    incidents, claims, locations = counted(database)
    assert incidents < EVENTS
    assert (incidents % BATCH, claims, locations) == (0, incidents * 7, incidents)
    assert problems(database) == []
    subprocess.run(["mount", "-o", "remount,size=64m", tiny_disk], check=True)
    assert put(database, large, batch=BATCH).added == EVENTS - incidents
    assert counted(database) == (EVENTS, EVENTS * 7, EVENTS)
    assert problems(database) == []
