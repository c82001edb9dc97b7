"""The derived rows follow every change, and what differs is found and made anew (``incidents.derived``)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from db.derived import refresh_touched
from db.tables import SearchText, Spot
from incidents.derived import differences, rebuild
from incidents.locations import withdraw_location
from incidents.records import IncidentEdit, edit_incident
from tests.incidents.factories import basics, claim, incident, point, report


@pytest.fixture
def ledger(session: Session) -> Session:
    basics(session)
    report(session, "closed", visibility="restricted")
    for code in ("one", "two", "three"):
        row = incident(session, code)
        point(session, row, 36.8, 36.1, place_name="Jinah")
        claim(session, code, "dozens")
    point(session, row, 36.9, 36.2, geoprivacy="reduced")
    point(session, row, 37.0, 36.3, report="closed")
    refresh_touched(session)
    return session


def rows(session: Session) -> list[tuple[object, ...]]:
    found = []
    for table in (Spot, SearchText):
        columns = sa.inspect(table).columns
        found += [tuple(row) for row in session.execute(sa.select(*columns).order_by(*columns))]
    return found


def test_they_are_whole_after_every_kind_of_change(ledger: Session) -> None:
    assert differences(ledger) == []
    withdraw_location(ledger, 1)
    edit_incident(ledger, "two", IncidentEdit(visibility="restricted"))
    assert differences(ledger) != [], "the change was not brought up to date yet"
    refresh_touched(ledger)
    assert differences(ledger) == []
    assert ledger.execute(sa.select(Spot).where(Spot.incident_id == 1)).first() is None


def test_a_lowered_place_has_a_view_for_each_tier(ledger: Session) -> None:
    found = ledger.execute(sa.select(Spot.location_id, Spot.tiers).where(Spot.incident_id == 3)).all()
    assert sorted(tuple(row) for row in found) == [(3, 7), (4, 3), (4, 4), (5, 6)]


@pytest.mark.parametrize("change", [
    sa.delete(Spot).where(Spot.incident_id == 1),
    sa.update(Spot).where(Spot.incident_id == 1).values(lon=1.0),
    sa.update(SearchText).where(SearchText.incident_id == 2).values(words="other"),
    sa.insert(Spot).values(cell=1, start=1, incident_id=99, location_id=1, tiers=7, stop=1, places=1, lon=1, lat=1),
])  # fmt: skip
def test_what_differs_is_told_and_rebuilt(ledger: Session, change: sa.Executable) -> None:
    before = rows(ledger)
    ledger.execute(change)
    assert len(differences(ledger)) == 1
    told: list[int] = []
    assert rebuild(ledger, told.append) == 3
    assert told == [3]
    assert differences(ledger) == []
    assert rows(ledger) == before
