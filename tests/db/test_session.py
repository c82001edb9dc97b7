"""The unit of work: who and why, all or nothing, and errors a person can act on."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from filelock import FileLock
from sqlmodel import col, select

import db.session
from db.engine import Database, State
from db.errors import AtlasError, ConflictError, InputError, ResourceError, SchemaAheadError
from db.schema import check_current, problems
from db.session import change_set_id, check_version, read_session, write_session
from db.sqlite import SqliteDatabase
from db.tables import Change, ChangeSet, Incident, OpenChangeSet, Organisation
from db.vocabulary import EventKind, OrganisationKind


def organisation(code: str = "monitor", **changed: Any) -> Organisation:
    return Organisation(**{"code": code, "name": "A monitor", "kind": OrganisationKind.CASUALTY_MONITOR, **changed})


def codes(database: Database) -> list[str]:
    with read_session(database) as session:
        return list(session.exec(select(Organisation.code).order_by(Organisation.code)))


def count(database: Database, table: Any) -> int:
    with read_session(database) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_write_is_committed_with_who_and_why(database: Database) -> None:
    before = datetime.now(UTC)
    with write_session(database, who=" Rana ", why=" found a report ") as session:
        session.add(organisation())
    with read_session(database) as session:
        row = session.exec(select(Organisation)).one()
        change_set = session.get_one(ChangeSet, row.change_set_id)
        assert (change_set.who, change_set.why) == ("Rana", "found a report")
        assert change_set.tool.startswith("incident-atlas ")
        assert before <= change_set.at <= datetime.now(UTC)
        assert row.version == 1
    assert count(database, OpenChangeSet) == 0
    assert problems(database) == []


def test_an_error_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), write_session(database, who="t", why="w") as session:
        session.add(organisation())
        session.flush()
        _ = 1 / 0
    assert codes(database) == []
    assert count(database, ChangeSet) == 0
    with write_session(database, who="t", why="again") as session:
        session.add(organisation())
    assert codes(database) == ["monitor"]


def test_an_interrupt_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(KeyboardInterrupt), write_session(database, who="t", why="w") as session:
        session.add(organisation())
        session.flush()
        raise KeyboardInterrupt
    assert count(database, ChangeSet) == 0


@pytest.mark.parametrize(
    ("who", "why", "code"),
    [("", "w", "who_missing"), ("  ", "w", "who_missing"), ("t", "", "why_missing"), ("t", "\t", "why_missing"),
     ("x" * 101, "w", "too_long"), ("t", "x" * 4001, "too_long")],
)  # fmt: skip
def test_a_write_says_who_and_why(database: Database, who: str, why: str, code: str) -> None:
    with pytest.raises(InputError) as caught, write_session(database, who=who, why=why):
        pytest.fail("the session opened")
    assert caught.value.code == code
    assert count(database, ChangeSet) == 0


def test_a_read_session_writes_nothing(database: Database) -> None:
    with pytest.raises(InputError, match="read_session"), read_session(database) as session:
        session.add(organisation(change_set_id=1))
        session.flush()
    with pytest.raises(InputError, match="read_session"), read_session(database) as session:
        session.execute(sa.insert(ChangeSet).values(at=datetime.now(UTC), who="w", why="y", tool=""))
        session.commit()
    with pytest.raises(InputError, match="read_session"), read_session(database) as session:
        change_set_id(session)
    assert count(database, ChangeSet) == 0


def test_a_change_set_can_be_continued(database: Database) -> None:
    with write_session(database, who="t", why="an import") as session:
        first = change_set_id(session)
        session.add(organisation("a"))
    with write_session(database, who="t", why="an import", continues=first) as session:
        assert change_set_id(session) == first
        session.add(organisation("b"))
    with read_session(database) as session:
        assert set(session.exec(select(Organisation.change_set_id))) == {first}
    assert count(database, ChangeSet) == 1


def test_a_change_set_that_does_not_exist_cannot_be_continued(database: Database) -> None:
    with (
        pytest.raises(ConflictError, match="refused_by_database"),
        write_session(database, who="t", why="w", continues=77) as session,
    ):
        session.add(organisation())
    assert codes(database) == []


@pytest.mark.sqlite
def test_a_change_set_left_open_by_raw_sql_does_not_sign_for_others(database: Database) -> None:
    with closing(sqlite3.connect(database.path)) as raw, raw:
        raw.execute("INSERT INTO change_set VALUES (1, '2017-01-01 00:00:00.000000', 'forger', 'y', '')")
        raw.execute("INSERT INTO open_change_set VALUES (1, 1)")
    assert problems(database) == ["journal: a change set was left open by another program"]
    with write_session(database, who="t", why="w") as session:
        session.add(organisation())
        assert change_set_id(session) == 2
    assert problems(database) == []


class TestEdits:
    def test_each_flush_raises_the_version_and_is_kept(self, database: Database) -> None:
        with write_session(database, who="t", why="w") as session:
            session.add(organisation())
        with write_session(database, who="t", why="w") as session:
            row = session.get_one(Organisation, 1)
            row.name = "Second"
            session.flush()
            row.name = "Third"
        with read_session(database) as session:
            assert session.get_one(Organisation, 1).version == 3
            assert len(session.exec(select(Change)).all()) == 2

    def test_the_same_value_is_no_edit(self, database: Database) -> None:
        with write_session(database, who="t", why="w") as session:
            session.add(organisation())
        with write_session(database, who="t", why="w") as session:
            row = session.get_one(Organisation, 1)
            row.name = "A monitor"
        with read_session(database) as session:
            assert session.get_one(Organisation, 1).version == 1
            assert session.exec(select(Change)).all() == []

    def test_a_bulk_update_cannot_bypass_the_version(self, database: Database) -> None:
        with write_session(database, who="t", why="w") as session:
            session.add(organisation())
        with pytest.raises(ConflictError, match="stale_version"), write_session(database, who="t", why="w") as session:
            session.execute(sa.update(Organisation).values(name="All the same"))

    def test_nothing_is_deleted(self, database: Database) -> None:
        with write_session(database, who="t", why="w") as session:
            session.add(organisation())
        with pytest.raises(ConflictError, match="no_delete"), write_session(database, who="t", why="w") as session:
            session.delete(session.get_one(Organisation, 1))
        assert codes(database) == ["monitor"]

    @pytest.mark.parametrize("seen", [None, 1])
    def test_an_edit_of_the_present_version_passes(self, seen: int | None) -> None:
        check_version(organisation(version=1), seen, where="monitor")

    @pytest.mark.parametrize("seen", [0, 1, 3])
    def test_an_edit_of_another_version_is_refused(self, seen: int) -> None:
        with pytest.raises(ConflictError) as caught:
            check_version(organisation(version=2), seen, where="monitor")
        assert caught.value.code == "stale_version"
        assert "version 2" in str(caught.value)
        assert caught.value.exit_code == 3


def incident(**changed: Any) -> Incident:
    return Incident(**{"code": "i", "name": "n", "kind": EventKind.OTHER, **changed})


# What the driver, SQLAlchemy and the triggers say, and the error of ours that it stands for.
@pytest.mark.parametrize(
    ("make", "changed", "error", "code"),
    [
        pytest.param(organisation, {"code": "taken"}, ConflictError, "duplicate", id="key taken"),
        pytest.param(organisation, {"name": ""}, ConflictError, "refused_by_database", id="CHECK"),
        pytest.param(organisation, {"note": "x" * 5000}, ConflictError, "refused_by_database", id="over-long note"),
        pytest.param(organisation, {"name": None}, ConflictError, "refused_by_database", id="a name that is missing"),
        pytest.param(organisation, {"kind": "nonsense"}, InputError, "bad_value", id="no such word"),
        pytest.param(organisation, {"name": "\ud800"}, InputError, "bad_unicode", id="lone surrogate"),
        pytest.param(organisation, {"id": 10**30}, InputError, "number_too_large", id="beyond 64 bits"),
        pytest.param(incident, {"start_utc": datetime(2017, 3, 17)}, InputError, "naive_time", id="naive time"),  # noqa: DTZ001 - the case
    ],
)
def test_what_the_database_refuses_is_an_error_of_ours(
    database: Database, make: Callable[..., Any], changed: dict[str, Any], error: type[AtlasError], code: str
) -> None:
    with write_session(database, who="t", why="w") as session:
        session.add(organisation("taken"))
    with pytest.raises(error) as caught, write_session(database, who="t", why="w") as session:
        session.add(organisation("lost with the rest"))
        session.flush()
        session.add(make(**changed))
        session.flush()
    assert type(caught.value) is error
    assert caught.value.code == code
    assert codes(database) == ["taken"]


def test_a_program_s_own_encoding_error_is_not_hidden(database: Database) -> None:
    with pytest.raises(UnicodeEncodeError), write_session(database, who="t", why="w"):
        "é".encode("ascii")


def test_a_program_s_own_mistake_in_a_statement_is_not_hidden(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError), write_session(database, who="t", why="w") as session:
        session.execute(sa.text("SELECT :missing"))


@pytest.mark.sqlite
def test_a_hung_lock_holder_gives_locked_within_the_busy_timeout(database: Database) -> None:
    quick = SqliteDatabase(database.path, busy_timeout_s=0.2)
    with (
        FileLock(f"{database.path}.lock"),
        pytest.raises(ResourceError, match="locked") as caught,
        write_session(quick, who="t", why="w"),
    ):
        pytest.fail("the session opened")
    assert caught.value.code == "locked"


@pytest.mark.sqlite
def test_another_program_that_holds_the_database_gives_locked(database: Database) -> None:
    quick = SqliteDatabase(database.path, busy_timeout_s=0.2)
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ResourceError) as caught, write_session(quick, who="t", why="w"):
            pytest.fail("the session opened")
        assert caught.value.code == "locked"
        assert codes(quick) == []  # readers go on


@pytest.mark.sqlite
def test_a_session_inside_a_session_is_refused_not_hung(database: Database) -> None:
    quick = SqliteDatabase(database.path, busy_timeout_s=0.2)
    with (
        pytest.raises(ResourceError, match="locked"),
        write_session(quick, who="t", why="w"),
        write_session(quick, who="t", why="w"),
    ):
        pytest.fail("two sessions wrote at once")


@pytest.mark.sqlite
def test_a_schema_that_changed_while_waiting_for_the_lock_is_seen(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another release migrates between the first look at the file and the write."""
    look = check_current
    looks = []

    def then_migrate(asked: Database) -> State:
        found = look(asked)
        looks.append(asked)
        if len(looks) == 1:
            with closing(sqlite3.connect(asked.path)) as raw, raw:
                raw.execute("UPDATE alembic_version SET version_num = '9999'")
        return found

    monkeypatch.setattr(db.session, "check_current", then_migrate)
    with pytest.raises(SchemaAheadError), write_session(database, who="t", why="w"):
        pytest.fail("the session opened")


@pytest.mark.sqlite
def test_a_full_database_file_keeps_nothing_of_the_change(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    small = SqliteDatabase.connect

    def limited(self: SqliteDatabase, **options: bool) -> sqlite3.Connection:
        raw = small(self, **options)
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count={pages + 5}")
        return raw

    monkeypatch.setattr(SqliteDatabase, "connect", limited)
    with pytest.raises(ResourceError) as caught, write_session(database, who="t", why="w") as session:
        for number in range(200):
            session.add(organisation(f"o{number}", note="n" * 4000))
            session.flush()
    assert caught.value.code == "disk_full"
    monkeypatch.undo()
    assert codes(database) == []
    assert problems(database) == []
    with write_session(database, who="t", why="after space was given") as session:
        session.add(organisation())
    assert codes(database) == ["monitor"]


def test_savepoints_nest(database: Database) -> None:
    with write_session(database, who="t", why="w") as session:
        session.add(organisation("kept"))
        with pytest.raises(sa.exc.IntegrityError), session.begin_nested():
            session.add(organisation("kept"))
            session.flush()
    assert codes(database) == ["kept"]


@pytest.mark.sqlite
def test_no_file_stays_open_and_no_file_stays_behind(database: Database) -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0

    before = descriptors()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        for number in range(5):
            with write_session(database, who="t", why="w") as session:
                session.add(organisation(f"o{number}"))
            codes(database)
    assert [str(warning.message) for warning in caught] == []
    assert descriptors() == before
    assert sorted(path.name for path in database.path.parent.iterdir()) == ["incidents.db", "incidents.db.lock"]


def test_rows_inserted_in_bulk_name_the_change_set(database: Database) -> None:
    with write_session(database, who="t", why="w") as session:
        rows = [
            {
                "code": f"b{number}",
                "name": "n",
                "kind": OrganisationKind.UNKNOWN,
                "change_set_id": change_set_id(session),
            }
            for number in range(10)
        ]
        session.execute(sa.insert(Organisation), rows)
    with read_session(database) as session:
        found = session.exec(select(Organisation).where(col(Organisation.code).startswith("b"))).all()
        assert {row.version for row in found} == {1}
        assert len(found) == 10


@pytest.mark.sqlite
def test_a_read_without_write_access_notices_a_change_under_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without write access SQLite takes no locks, so an answer may mix two states: it is refused at the end."""
    monkeypatch.setattr(type(database), "writable", property(lambda self: False))
    assert codes(database) == []
    with pytest.raises(ResourceError) as caught, read_session(database) as session:
        assert session.exec(select(Organisation)).all() == []
        with closing(sqlite3.connect(database.path)) as raw, raw:
            raw.execute("INSERT INTO change_set VALUES (1, '2017-01-01 00:00:00.000000', 'w', 'y', '')")
    assert caught.value.code == "changed_while_reading"


def test_a_read_only_database_cannot_be_written(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    found = replace(database.state(), writable=False)
    monkeypatch.setattr(type(database), "state", lambda self: found)
    with pytest.raises(ResourceError) as caught, write_session(database, who="t", why="w"):
        pytest.fail("the session opened")
    assert caught.value.code == "read_only"
    assert not Path(f"{database.where}.lock").exists()
