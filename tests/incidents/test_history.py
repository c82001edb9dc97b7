"""History: who recorded or changed what, in the order of the change sets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from incidents.history import history_of, last_change
from incidents.records import IncidentEdit, IncidentInput, NameInput, add_incident, add_name, edit_incident
from incidents.same_event import JudgementInput, judge


def write(database: Database, who: str, change: Any) -> None:
    """Make a change in a session of ``who``."""
    with write_session(database, who=who, why=f"{who}'s reason") as session:
        change(session)


def add_two(session: Session) -> None:
    """Two incidents, the first with two names."""
    row = add_incident(session, IncidentInput(code="one", name="One"))
    add_name(session, row, NameInput(name="Uno"))
    add_incident(session, IncidentInput(code="two", name="Two"))


def test_additions_edits_and_judgements_oldest_first(database: Database) -> None:
    write(database, "Ann", add_two)
    write(database, "Ben", lambda session: edit_incident(session, "one", IncidentEdit(name="First", country="SY")))
    pair = JudgementInput(first="one", second="two", verdict="same", evidence="One place.")
    write(database, "Cem", lambda session: judge(session, pair))
    with read_session(database) as session:
        first, second, third = history_of(session, 1)
        assert last_change(session, 1) == third.number
        assert first.number < second.number < third.number
    assert (first.who, first.why, first.what) == ("Ann", "Ann's reason", "added 1 incident, 2 incident_name")
    assert (second.who, second.what) == ("Ben", "added 1 incident_name; 1 edited")
    assert "version 2" in second.changes[0]
    assert "name: 'One' → 'First'" in second.changes[0]
    assert "country: None → 'SY'" in second.changes[0]
    assert "note" not in second.changes[0], "what stayed is not named"
    assert (third.who, third.what) == ("Cem", "added 1 judgement")
    assert first.at <= second.at <= third.at


def test_what_happened_to_another_incident_is_not_told(database: Database) -> None:
    write(database, "Ann", add_two)
    write(database, "Ben", lambda session: edit_incident(session, "one", IncidentEdit(note="a note")))
    with read_session(database) as session:
        assert [entry.who for entry in history_of(session, 2)] == ["Ann"]
        assert last_change(session, 2) < last_change(session, 1), "an edit counts, and only for its own incident"


def test_a_clock_set_back_does_not_reorder(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    write(database, "Ann", add_two)
    monkeypatch.setattr("db.session.utc_now", lambda: datetime(2001, 1, 1, tzinfo=UTC))
    write(database, "Ben", lambda session: edit_incident(session, "one", IncidentEdit(note="a note")))
    with read_session(database) as session:
        first, second = history_of(session, 1)
    assert (first.who, second.who) == ("Ann", "Ben")
    assert second.at < first.at


def test_an_incident_that_is_not_there_has_none(database: Database) -> None:
    with read_session(database) as session:
        assert history_of(session, 1) == []
