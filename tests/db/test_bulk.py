"""Rows written many at a time are those that SQLAlchemy would have written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select

from db import bulk
from db.bulk import NewRows, insert_columns
from db.engine import Database
from db.errors import ConflictError, InputError
from db.session import change_set_id, read_session, write_session
from db.tables import Incident, IncidentName, metadata
from db.vocabulary import EventKind, TimePrecision, Visibility

KINDS = {"kind": EventKind.AIRSTRIKE, "visibility": Visibility.PUBLIC}
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20).filter(str.strip)
MOMENTS = st.datetimes(timezones=st.just(UTC)) | st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(timezone(timedelta(hours=3))),
)


def incident(**values: Any) -> dict[str, Any]:
    return {"code": "a", "name": "A", **KINDS, **values}


def added(session: Session, *rows: dict[str, Any]) -> range:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return NewRows(session, ("incident",)).add_columns("incident", columns)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "name": TEXTS,
                "kind": st.sampled_from(EventKind),
                "time_precision": st.none() | st.sampled_from(TimePrecision),
                "note": st.none() | TEXTS,
                "withdrawn": st.booleans(),
                "moment": MOMENTS,
            }
        ),
        min_size=1,
        max_size=5,
    )
)
def test_rows_read_back_as_they_were_given(database: Database, rows: list[dict[str, Any]]) -> None:
    given_rows = [
        {name: value for name, value in row.items() if name != "moment"}
        | {"start_utc": row["moment"], "end_utc": row["moment"], "code": f"c{number}"}
        | {"time_precision": row["time_precision"] or TimePrecision.DAY}
        for number, row in enumerate(rows)
    ]
    with pytest.raises(ZeroDivisionError), write_session(database, who="tester", why="a test") as session:
        keys = added(session, *given_rows)
        for key, row in zip(keys, given_rows, strict=True):
            found = session.get_one(Incident, key)
            assert {name: getattr(found, name) for name in row} == row
            assert (found.version, found.visibility, found.change_set_id) == (1, "public", change_set_id(session))
        raise ZeroDivisionError  # nothing stays for the next example


def test_ids_go_on_from_the_highest(session: Session) -> None:
    new = NewRows(session, ("incident", "incident_name"))
    assert new.next_id("incident") == 1
    first = new.add("incident", incident())
    new.add("incident_name", {"incident_id": first, "name": "A", "folded": "a", "script": "Latn"})
    new.write()
    assert list(new.add_columns("incident", {name: [value] for name, value in incident(code="b").items()})) == [2]
    session.add(Incident(**incident(code="c")))
    session.flush()
    new.forget_ids()
    assert new.next_id("incident") == 4
    assert session.exec(select(IncidentName.incident_id)).all() == [1]


def test_no_rows_are_no_statement(session: Session) -> None:
    assert len(NewRows(session, ("incident",)).add_columns("incident", {"code": [], "name": []})) == 0
    insert_columns(session, metadata.tables["incident"], {"code": [], "name": []})
    assert session.exec(select(func.count(col(Incident.id)))).one() == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"kind": "flood"}, "bad_value"),
        ({"withdrawn": "yes"}, "bad_value"),
        ({"start_utc": "2017-03-17"}, "bad_value"),
        ({"start_utc": datetime(2017, 3, 17)}, "naive_time"),  # noqa: DTZ001 - it is to be refused
    ],
)
def test_a_value_of_another_type_is_refused(session: Session, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        added(session, incident(**wrong))
    assert caught.value.code == code


def test_what_the_database_refuses_is_an_error_of_ours_and_keeps_nothing(database: Database) -> None:
    with pytest.raises(ConflictError), write_session(database, who="tester", why="a test") as session:
        added(session, incident(), incident(name="B"))
    with read_session(database) as session:
        assert session.exec(select(Incident)).all() == []


def test_the_texts_of_instants_are_kept_for_a_bounded_number(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "KEPT_TEXTS", 3)
    bulk._TIMES.clear()
    days = [datetime(2017, 3, day, tzinfo=UTC) for day in range(1, 9)]
    rows = [
        incident(code=f"c{day.day}", start_utc=day, end_utc=day, time_precision=TimePrecision.DAY) for day in days
    ]  # fmt: skip
    added(session, *rows)
    assert len(bulk._TIMES) <= 3
    assert session.exec(select(Incident.start_utc).order_by(col(Incident.id))).all() == days
