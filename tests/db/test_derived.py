"""The hook that keeps the derived rows in step with what is written."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from sqlmodel import Session

import db.derived
import db.refreshers
from db.derived import is_fresh
from db.engine import Database
from db.refreshers import refresh_with
from db.session import read_session, write_session
from db.tables import Incident, Touched
from db.vocabulary import EventKind

Calls = list[Sequence[int] | None]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What the one registered refresher was called with."""
    seen: Calls = []
    monkeypatch.setattr(db.refreshers, "REFRESHERS", [])

    def remember(_session: Session, keys: Sequence[int] | None, _progress: object) -> None:
        seen.append(keys)

    refresh_with(remember)
    refresh_with(remember)
    return seen


def record(database: Database, *codes: str) -> None:
    with write_session(database, who="tester", why="a test") as session:
        session.add_all(Incident(code=code, name="An incident", kind=EventKind.AIRSTRIKE) for code in codes)


def test_a_write_refreshes_what_it_touched_once(database: Database, calls: Calls) -> None:
    record(database, "a", "b")
    assert calls == [[1, 2]]
    with read_session(database) as session:
        assert is_fresh(session)


def test_a_write_that_touches_nothing_refreshes_nothing(database: Database, calls: Calls) -> None:
    record(database)
    assert calls == []


def test_everything_is_refreshed_where_everything_is_touched(database: Database, calls: Calls) -> None:
    with write_session(database, who="tester", why="a test") as session:
        session.add(Touched(incident_id=db.derived.EVERYTHING))
    assert calls == [None]


def test_without_a_refresher_the_list_stays_for_the_next_writer(
    database: Database, monkeypatch: pytest.MonkeyPatch, calls: Calls
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(db.refreshers, "REFRESHERS", [])
        record(database, "a")
    with read_session(database) as session:
        assert not is_fresh(session)
        assert session.execute(sa.select(Touched)).scalars().all() == [Touched(incident_id=1)]
    record(database, "b")
    assert calls == [[1, 2]]
