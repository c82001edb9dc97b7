"""Opening the file: the settings that survived measurement, and errors that say what to do."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from filelock import FileLock

from db.engine import Database, open_database
from db.errors import NotFoundError, ResourceError
from db.session import write_session
from db.sqlite import SqliteDatabase
from db.sqlite_file import APPLICATION_ID, file_state
from db.tables import Organisation
from db.vocabulary import OrganisationKind

pytestmark = pytest.mark.sqlite

SETTINGS = [
    ("journal_mode", "wal"),
    ("synchronous", 2),  # FULL
    ("foreign_keys", 1),
    ("busy_timeout", 30_000),
    ("mmap_size", 0),
    ("cell_size_check", 1),
]


@pytest.mark.parametrize(("pragma", "value"), SETTINGS)
def test_every_connection_has_the_measured_settings(database: Database, pragma: str, value: object) -> None:
    with closing(database.connect()) as raw:
        found = raw.execute(f"PRAGMA {pragma}").fetchone()
        # Where memory mapping is compiled out SQLite answers nothing at all.
        assert (found or (0,))[0] == value
    for engine in (database.reader(), database.writer()):
        with engine.connect() as connection:
            row = connection.exec_driver_sql(f"PRAGMA {pragma}").first()
            assert (0 if row is None else row[0]) == value


def test_the_file_carries_the_mark_of_the_product(database: Database) -> None:
    assert int.from_bytes(database.path.read_bytes()[68:72], "big") == APPLICATION_ID
    assert APPLICATION_ID.to_bytes(4, "big") == b"IAT1"


def test_opening_a_database_creates_nothing(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/none/incidents.db")
    with pytest.raises(NotFoundError, match="no_database") as caught:
        database.connect()
    assert "incidents db upgrade" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_reader_sees_one_state_while_a_writer_commits(database: Database) -> None:
    count = "SELECT count(*) FROM change_set"
    with database.reader().connect() as reader:
        assert reader.exec_driver_sql(count).scalar_one() == 0
        with database.writer().connect() as writer:
            writer.exec_driver_sql("INSERT INTO change_set VALUES (1, '2017-01-01 00:00:00.000000', 'w', 'y', '')")
            writer.commit()
        assert reader.exec_driver_sql(count).scalar_one() == 0
        reader.rollback()
        assert reader.exec_driver_sql(count).scalar_one() == 1


def test_a_writer_takes_the_write_lock_before_it_reads(database: Database) -> None:
    quick = SqliteDatabase(database.path, busy_timeout_s=0.1)
    with database.writer().connect() as first:
        first.exec_driver_sql("SELECT 1")
        with quick.writer().connect() as second, pytest.raises(sa.exc.OperationalError, match="locked"):
            second.exec_driver_sql("SELECT 1")
        with quick.reader().connect() as reader:
            assert reader.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_a_reader_cannot_write(database: Database) -> None:
    with database.reader().connect() as reader, pytest.raises(sa.exc.OperationalError, match="readonly"):
        reader.exec_driver_sql("INSERT INTO change_set VALUES (1, '2017-01-01 00:00:00.000000', 'w', 'y', '')")


def test_the_lock_waits_no_longer_than_the_busy_timeout(database: Database) -> None:
    quick = SqliteDatabase(database.path, busy_timeout_s=0.2)
    started = time.perf_counter()
    with FileLock(f"{database.path}.lock"), pytest.raises(ResourceError, match="locked") as caught, quick.locked():
        pytest.fail("two held the lock at once")
    assert 0.2 <= time.perf_counter() - started < 2
    assert caught.value.exit_code == 5
    assert "INCIDENTS_BUSY_TIMEOUT_S" in str(caught.value)


def test_the_lock_is_taken_as_soon_as_it_is_free(database: Database) -> None:
    order = []
    first = threading.Event()

    def hold() -> None:
        with SqliteDatabase(database.path).locked():
            first.set()
            time.sleep(0.1)
            order.append("first")

    thread = threading.Thread(target=hold)
    thread.start()
    first.wait()
    with database.locked():
        order.append("second")
    thread.join()
    assert order == ["first", "second"]


def test_an_error_inside_the_lock_stays_itself_and_frees_it(database: Database) -> None:
    with pytest.raises(FileNotFoundError), database.locked():
        Path("no such file").read_bytes()
    with SqliteDatabase(database.path, busy_timeout_s=0.1).locked():
        pass


def test_a_lock_file_that_cannot_be_opened_is_a_resource_error(database: Database) -> None:
    Path(f"{database.path}.lock").unlink(missing_ok=True)
    Path(f"{database.path}.lock").mkdir()
    with pytest.raises(ResourceError, match=r"cannot_lock|locked"), SqliteDatabase(database.path, 0.2).locked():
        pytest.fail("a folder was locked")


@pytest.mark.parametrize("name", ["a b.db", "50%.db", "what?mode=memory.db", "a#b.db", "الجنة.db"])
def test_a_file_name_is_not_read_as_a_uri(database: Database, tmp_path: Path, name: str) -> None:
    path = database.path.rename(tmp_path / name)
    with closing(SqliteDatabase(path).connect()) as raw:
        assert raw.execute("SELECT count(*) FROM incident").fetchone() == (0,)
    assert sorted(found.name for found in tmp_path.iterdir()) == [name]


def test_a_file_that_is_no_database_is_a_resource_error_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(ResourceError, match="cannot_open"):
        SqliteDatabase(path).connect()


def test_a_database_held_by_another_program_is_locked_not_broken(database: Database) -> None:
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(ResourceError) as caught:
            SqliteDatabase(database.path, busy_timeout_s=0.1).connect()
    assert caught.value.code == "locked"


def test_another_process_that_closes_the_database_leaves_the_log_of_those_who_have_it_open(database: Database) -> None:
    """As when somebody runs a command beside a server: what is recorded after it was lost, and the file broken."""
    other = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM organisation'); c.close()"
    log = Path(f"{database.path}-wal")
    with database.reader().connect() as kept:
        kept.exec_driver_sql("SELECT 1 FROM organisation").all()
        kept.rollback()
        for number in range(3):
            with write_session(database, who="tester", why="a test") as session:
                session.add(Organisation(code=f"o{number}", name="One", kind=OrganisationKind.UNKNOWN))
            before = log.stat().st_ino
            subprocess.run([sys.executable, "-c", other, str(database.path)], check=True)
            assert log.stat().st_ino == before
    with closing(sqlite3.connect(database.path)) as raw:
        assert raw.execute("SELECT count(*) FROM organisation").fetchone() == (3,)
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_no_connection_is_kept(database: Database) -> None:
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0
    for engine in (database.reader(), database.writer()):
        for _ in range(5):
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
    if before:
        assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_the_state_of_the_file_changes_with_a_write(database: Database) -> None:
    before = file_state(database.path)
    assert before == (database.path.stat().st_size, database.path.stat().st_mtime_ns, False)
    with closing(database.connect()) as raw:
        raw.execute("INSERT INTO change_set VALUES (1, '2017-01-01 00:00:00.000000', 'w', 'y', '')")
        assert file_state(database.path) != before


def test_a_file_without_write_permission_is_not_writable(database: Database) -> None:
    assert database.writable
    if os.geteuid() == 0:
        pytest.skip("root may write everything; tests/test_faults.py does this as another user")
    database.path.chmod(stat.S_IRUSR)
    assert not database.writable
