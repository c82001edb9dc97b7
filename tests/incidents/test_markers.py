"""Markers of many incidents for a map."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import read_session
from incidents.criteria import Query
from incidents.markers import NO_DAY, markers
from incidents.query import find
from incidents.tiers import Tier
from tests.incidents.factories import basics, incident, point, same


def test_one_marker_an_event_with_its_rivals(ledger: Database) -> None:
    with read_session(ledger) as session:
        found = find(session, Query())
        made = markers(session, found.keys(), tier=Tier.INTERNAL)
    # The market and the shelter are one event; the market's district is a rival, the shelter another.
    events = {members: index for index, members in enumerate(made.members)}
    (joined,) = [members for members in events if len(members) == 2]
    index = events[joined]
    assert made.places[made.place[index]] == (38.25, 36.125, 100.0, None)
    rivals = [rival for rival in made.rivals if rival.marker == index]
    assert len(rivals) == 2
    assert all(rival.metres > 1000 for rival in rivals)
    areas = [made.places[rival.place][3] for rival in rivals]
    assert sum(area is not None for area in areas) == 1
    # The road has no place, and so no marker.
    assert sum(len(members) for members in made.members) == 4
    assert NO_DAY not in made.first


def test_a_tier_sees_the_places_that_are_meant_for_it(ledger: Database) -> None:
    with read_session(ledger) as session:
        keys = find(session, Query(tier=Tier.PUBLIC)).keys()
        made = markers(session, keys, tier=Tier.PUBLIC)
    points = {spot[:2] for spot in made.places}
    assert (37.987654, 36.543217) not in points
    assert (38.111222, 35.333444) not in points
    assert len(points) == 3  # the market, its district, and the cell of the shelter


def test_incidents_at_one_place_share_it(session: Session) -> None:
    basics(session)
    rows = [incident(session, code) for code in ("one", "two", "three")]
    for row in rows:
        point(session, row, 38.0, 36.0)
    made = markers(session, [row.key for row in rows], tier=Tier.INTERNAL)
    assert len(made.places) == 1
    assert made.place == [0, 0, 0]
    same(session, "one", "three")
    made = markers(session, [row.key for row in rows], tier=Tier.INTERNAL)
    assert made.members == [(rows[0].key, rows[2].key), (rows[1].key,)]
    assert made.rivals == []
    # A record that was not asked for is in no marker.
    assert markers(session, [rows[2].key], tier=Tier.INTERNAL).members == [(rows[2].key,)]


@pytest.mark.parametrize("edtf", ["2017-03-20", "[2017-03-20..2017-03-21]"])
def test_days_are_counted_from_1970(session: Session, edtf: str) -> None:
    basics(session)
    row = incident(session, "one", start=None, edtf=edtf, tz="UTC")
    point(session, row, 38.0, 36.0)
    made = markers(session, [row.key], tier=Tier.INTERNAL)
    assert (made.first, made.last) == ([17245], [17245 if edtf == "2017-03-20" else 17246])
