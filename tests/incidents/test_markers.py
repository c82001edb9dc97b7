"""Markers of many incidents for a map."""

from __future__ import annotations

import numpy as np
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from incidents.columns import Columns
from incidents.criteria import Query
from incidents.markers import Layout, Markers, layout, markers, on_square
from incidents.query import find
from incidents.roster import roster
from incidents.tiers import Tier
from tests.incidents.factories import basics, incident, point, report, same


def made(session: Session, database: Database, tier: Tier = Tier.INTERNAL) -> tuple[Layout, Markers]:
    """The layout, and the markers of all incidents that the tier may see."""
    columns = Columns(database)
    spots = columns.spots()
    ground = layout(session, spots, roster(session, spots, tier), tier)
    columns.close()
    keys = find(session, Query(tier=tier)).ids
    return ground, markers(ground, ground.roster.numbers_of(keys))


def where(ground: Layout, place: int) -> tuple[float, float]:
    return float(ground.places.lons[place]), float(ground.places.lats[place])


def test_one_marker_an_event_with_its_rivals(ledger: Database) -> None:
    with read_session(ledger) as session:
        ground, found = made(session, ledger)
    # The market and the shelter are one event; the market's district is a rival, the shelter another.
    place_of = dict(zip(found.numbers.tolist(), found.place.tolist(), strict=True))
    (joined,) = {ground.events[number] for number in ground.events}
    members = [number for number in place_of if ground.events.get(number) == joined]
    assert len(members) == 2
    assert {where(ground, place_of[number]) for number in members} == {(38.25, 36.125)}
    assert len(found.rivals) == 2
    assert {one.place for one in found.rivals} == {place_of[joined]}
    assert all(one.metres > 1000 for one in found.rivals)
    assert sum(ground.places.area_ids[one.other] != 0 for one in found.rivals) == 1
    # The road has no place, and so no marker.
    assert len(found.numbers) == 4 == len(ground.roster.keys) - 1


def test_a_tier_sees_the_places_that_are_meant_for_it(ledger: Database) -> None:
    with read_session(ledger) as session:
        ground, found = made(session, ledger, Tier.PUBLIC)
    drawn = {where(ground, place) for place in (*found.place.tolist(), *(one.other for one in found.rivals))}
    assert (37.987654, 36.543217) not in drawn
    assert (38.111222, 35.333444) not in drawn
    assert len(drawn) == 3  # the market, its district, and the cell of the shelter


def test_incidents_at_one_place_share_it(database: Database) -> None:
    with write_session(database, who="tester", why="a test") as session:
        basics(session)
        for code in ("one", "two", "three"):
            point(session, incident(session, code), 38.0, 36.0)
        same(session, "one", "three")
    with read_session(database) as session:
        ground, found = made(session, database)
        assert len(set(found.place.tolist())) == 1
        assert found.rivals == ()
        # A record that was not asked for moves nothing.
        assert markers(ground, np.array([2])).numbers.tolist() == [2]


def test_the_place_of_an_event_is_that_of_the_first_record_asked_for(database: Database) -> None:
    with write_session(database, who="tester", why="a test") as session:
        basics(session)
        for number, code in enumerate(("one", "two")):
            point(session, incident(session, code), 38.0 + number, 36.0)
        same(session, "one", "two")
    with read_session(database) as session:
        ground, found = made(session, database)
        assert [where(ground, place) for place in found.place.tolist()] == [(38.0, 36.0), (38.0, 36.0)]
        assert [round(one.metres, -3) for one in found.rivals] == [90_000]
        alone = markers(ground, np.array([1]))
        assert [where(ground, place) for place in alone.place.tolist()] == [(39.0, 36.0)]
        assert alone.rivals == ()


def test_the_place_that_stands_for_an_incident_is_the_primary_one_else_the_finest(database: Database) -> None:
    with write_session(database, who="tester", why="a test") as session:
        basics(session)
        report(session, "second")
        one, other = incident(session, "one"), incident(session, "two")
        point(session, one, 38.0, 36.0, precision="settlement", radius_m=3_000)
        point(session, one, 38.01, 36.0, report="second", precision="exact")
        point(session, other, 39.0, 36.0, precision="settlement", radius_m=3_000, is_primary=True)
        point(session, other, 39.01, 36.0, report="second", precision="exact")
    with read_session(database) as session:
        ground, found = made(session, database)
    assert [where(ground, place)[0] for place in found.place.tolist()] == [38.01, 39.0]
    assert [where(ground, one.other)[0] for one in found.rivals] == [38.0, 39.01]


def test_the_square_of_the_web_map() -> None:
    points = on_square(np.array([-180.0, 0.0, 180.0]), np.array([90.0, 0.0, -90.0]))
    np.testing.assert_allclose(points, [[0, 0.5, 1], [0, 0.5, 1]], atol=1e-9)
