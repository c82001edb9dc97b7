"""A large load puts everything back: guards, indexes and the list of touched incidents, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from db import load
from db.engine import Database
from db.errors import ConflictError
from db.load import Load
from db.schema import problems
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.tables import Incident, metadata
from db.triggers import expected_triggers, installed_triggers
from db.vocabulary import EventKind

pytestmark = pytest.mark.sqlite  # PostgreSQL drops nothing

TABLES = ("incident", "incident_name")
KEPT = "ix_incident_country"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is large here."""
    monkeypatch.setattr(load, "GUARDED", 3)
    monkeypatch.setattr(load, "INDEXED", 6)


@contextmanager
def loading(database: Database) -> Iterator[tuple[Session, Load]]:
    with write_session(database, who="tester", why="a load") as session:
        yield session, Load(session, TABLES, (KEPT,))


def add(found: Load, count: int) -> range:
    found.go_on()
    first = found.new.next_id("incident")
    codes = [f"c{number}" for number in range(first, first + count)]
    kinds = [EventKind.AIRSTRIKE] * count
    return found.new.add_columns("incident", {"code": codes, "name": codes, "kind": kinds})


def indexes(session: Session, table: str = "incident") -> set[str]:
    return {str(one["name"]) for one in sa.inspect(session.connection()).get_indexes(table)}


def whole(database: Database) -> bool:
    """Whether guards and indexes are those that every database has."""
    with read_session(database) as session:
        here = installed_triggers(session.connection())
        named = {str(index.name) for index in metadata.tables["incident"].indexes}
        return here == expected_triggers() and indexes(session) == named


def test_a_small_load_drops_nothing(database: Database) -> None:
    with loading(database) as (session, found):
        add(found, 2)
        found.go_on()
        assert installed_triggers(session.connection()) == expected_triggers()
        found.finish()


def test_a_large_load_goes_without_guards_and_then_without_indexes(database: Database) -> None:
    with loading(database) as (session, found):
        add(found, 4)
        add(found, 4)
        gone = expected_triggers().keys() - installed_triggers(session.connection()).keys()
        assert gone
        assert all("INSERT ON" in expected_triggers()[name] for name in gone)
        assert KEPT in indexes(session)
        add(found, 1)
        assert indexes(session) == {KEPT}
        assert indexes(session, "incident_name") != set()
        found.finish()
    assert whole(database)
    assert problems(database) == []


def test_the_incidents_of_a_load_are_touched_as_by_the_triggers(database: Database) -> None:
    with loading(database) as (session, found):
        keys = [*add(found, 4), *add(found, 4)]
        found.finish()
        assert sorted(session.execute(sa.text("SELECT incident_id FROM touched")).scalars()) == keys


def test_single_rows_get_the_indexes_back_and_they_stay(database: Database) -> None:
    with loading(database) as (session, found):
        add(found, 9)
        add(found, 1)
        assert indexes(session) == {KEPT}
        found.give_way()
        session.add(Incident(code="x", name="X", kind=EventKind.UNKNOWN))
        session.flush()
        assert list(add(found, 9)) == list(range(12, 21))
        assert len(indexes(session)) > 1
        found.finish()
    assert whole(database)


def test_an_edit_during_a_load_is_kept_in_the_journal(database: Database) -> None:
    with loading(database) as (session, found):
        add(found, 4)
        add(found, 1)
        session.execute(sa.text("UPDATE incident SET name = 'X', version = 2 WHERE id = 1"))
        assert session.execute(sa.text("SELECT row_id FROM change")).scalars().all() == [1]
        with pytest.raises(DBAPIError, match="no_delete"):
            session.execute(sa.text("DELETE FROM incident WHERE id = 2"))
        found.finish()


@pytest.mark.parametrize("error", [KeyboardInterrupt, ConflictError("c", "why"), MemoryError])
def test_an_error_leaves_everything_as_it_was(database: Database, error: BaseException | type[BaseException]) -> None:
    with pytest.raises((KeyboardInterrupt, ConflictError, MemoryError)), loading(database) as (_, found):
        add(found, 9)
        add(found, 1)
        raise error
    assert whole(database)
    assert problems(database) == []


DYING = """
import os, sys
from pathlib import Path
from db import load
from db.sqlite import SqliteDatabase
from db.session import write_session
from db.vocabulary import EventKind
load.GUARDED = load.INDEXED = 3
with write_session(SqliteDatabase(Path(sys.argv[1])), who="tester", why="a load") as session:
    found = load.Load(session, ("incident",))
    for start in (0, 5000):
        found.go_on()
        codes = [f"c{number}" for number in range(start, start + 5000)]
        found.new.add_columns("incident", {"code": codes, "name": codes, "kind": [EventKind.UNKNOWN] * 5000})
    os.kill(os.getpid(), int(sys.argv[2]))
"""


@pytest.mark.parametrize("which", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_leaves_everything_as_it_was(database: Database, which: signal.Signals) -> None:
    assert isinstance(database, SqliteDatabase)
    command = [sys.executable, "-c", DYING, str(database.path), str(int(which))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == -which, done.stderr
    assert whole(database)
    assert problems(database) == []
