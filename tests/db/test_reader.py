"""Kept connections for reading: one state each, no writes, and an end to what takes too long."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import select

from db.engine import Database
from db.errors import InputError, ResourceError, SchemaBehindError
from db.reader import Reader
from db.schema import downgrade
from db.session import write_session
from db.tables import Organisation

FOREVER = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


def names(reader: Reader) -> list[str]:
    with reader.session() as session:
        return list(session.exec(select(Organisation.name)).all())


def test_each_session_sees_what_was_committed_before_it(database: Database) -> None:
    reader = Reader(database, 30.0)
    assert names(reader) == []
    with reader.session() as before:
        assert before.exec(select(Organisation)).all() == []
        with write_session(database, who="tester", why="a test") as session:
            session.add(Organisation(code="one", name="One", kind="unknown"))
        assert before.exec(select(Organisation)).all() == []
        assert names(reader) == ["One"]
    assert names(reader) == ["One"]
    reader.close()


def test_nothing_can_be_written(database: Database) -> None:
    reader = Reader(database)
    with pytest.raises(InputError, match="read_session"), reader.session() as session:
        session.execute(sa.text("DELETE FROM touched"))
    assert names(reader) == []
    reader.close()


def test_what_takes_too_long_is_ended_and_the_next_question_is_answered(database: Database) -> None:
    reader = Reader(database, 0.05)
    with pytest.raises(ResourceError, match="too_slow"), reader.session() as session:
        session.execute(sa.text(FOREVER[session.get_bind().dialect.name]))
    assert names(reader) == []
    with reader.session(limited=False) as session:
        assert session.execute(sa.text("SELECT 1")).scalar_one() == 1
    reader.close()


@pytest.mark.sqlite
def test_rows_that_are_read_past_sqlalchemy_are_ended_too(database: Database) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i % 1000 = 0"
    reader = Reader(database, 0.05)
    with pytest.raises(ResourceError, match="too_slow"), reader.session() as session:
        rows = session.connection().execute(sa.text(endless)).cursor
        assert rows is not None
        for _ in rows:
            pass
    assert names(reader) == []
    reader.close()


def test_a_schema_that_was_changed_meanwhile_is_refused(database: Database) -> None:
    reader = Reader(database)
    assert names(reader) == []
    downgrade(database, "0003")
    with pytest.raises(SchemaBehindError), reader.session():
        pass
    reader.close()
