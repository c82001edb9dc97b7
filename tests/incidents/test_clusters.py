"""What a view shows: every incident is counted once, far out and near by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from db.engine import Database
from db.errors import InputError
from db.session import read_session, write_session
from incidents.clusters import MOST_AREAS, Shown, View, shown
from incidents.columns import Columns
from incidents.criteria import Query
from incidents.held import Held
from tests.editions import Edition
from tests.incidents.factories import basics, incident, location, point, report

WORLD = View(0, -180, -80, 180, 80)
SQUARE = {"type": "Polygon", "coordinates": [[[44, 33], [45, 33], [45, 34], [44, 34], [44, 33]]]}


def fill(database: Database) -> None:
    """Three incidents at a crossroads and one beside it, one with two places, vague ones, one on each side of 180°."""
    with write_session(database, who="tester", why="a test") as session:
        basics(session)
        report(session, "second")
        for number in range(3):
            point(session, incident(session, f"stack-{number}", start=f"2017-03-0{number + 1}"), 38.0, 36.0)
        point(session, incident(session, "beside", start="2018-01-01"), 38.002, 36.0)
        torn = incident(session, "torn", start="2017-03-02")
        point(session, torn, 40.0, 36.0)
        point(session, torn, 40.1, 36.0, report="second")
        point(session, incident(session, "vague"), 42.0, 36.0, precision="settlement", radius_m=5_000)
        location(session, incident(session, "district"), area=SQUARE, precision="adm2", confirm_large_area=True)
        for number in range(MOST_AREAS + 5):
            row, (down, across) = incident(session, f"ring-{number}"), divmod(number, 9)
            at = (60.0 + across * 0.08, 30.0 + down * 0.08)
            point(session, row, *at, precision="settlement", radius_m=5_000 + number)
        for code, lon in (("east", 179.9), ("west", -179.9)):
            point(session, incident(session, code), lon, -17.0)


@pytest.fixture(scope="module")
def seen(edition: Edition) -> Iterator[Held]:
    database = edition.prepared("clusters", fill)
    columns = Columns(database)
    yield Held(database, columns)
    columns.close()


def look(held: Held, edition: Edition, view: View, **window: datetime) -> Shown:
    query = Query(**window)
    with read_session(edition.prepared("clusters", fill)) as session:
        ground, found = held.layout(session, query.tier), held.markers(session, query)
    return shown(ground, found, view, query.start, query.end)


def around(lon: float, lat: float, zoom: float) -> View:
    """A view of 500 by 500 pixels or so."""
    half = 180 / 2**zoom
    return View(zoom, lon - half, lat - half * 0.8, lon + half, lat + half * 0.8)


def test_far_out_everything_is_counted_once(edition: Edition, seen: Held) -> None:
    found = look(seen, edition, WORLD)
    assert found.incidents == sum(one.count for one in found.clusters) == 9 + MOST_AREAS + 5
    assert found.areas == ()
    assert found.rivals == (), "a line of a pixel says nothing"
    first = found.clusters[0]
    assert first.place is None
    west, south, east, north = first.box
    assert west <= first.lon <= east
    assert south <= first.lat <= north


def test_near_by_each_place_has_its_marker(edition: Edition, seen: Held) -> None:
    stack, beside = look(seen, edition, around(38.001, 36.0, 15.5)).clusters
    assert (stack.count, stack.wide, stack.place is None) == (3, 0, False)
    assert (round(stack.lon, 9), round(stack.lat, 9)) == (38.0, 36.0)
    assert beside.count == 1
    # As close as this even a house is an area.
    (close,) = look(seen, edition, around(38.0, 36.0, 18)).clusters
    assert (close.count, close.wide) == (3, 3)
    one = look(seen, edition, around(38.001, 36.0, 12))
    assert [(cluster.count, cluster.place) for cluster in one.clusters] == [(4, None)]
    assert [round(side, 6) for side in one.clusters[0].box] == [38.0, 36.0, 38.002, 36.0]


def test_a_window_of_time_counts_what_overlaps_it(edition: Edition, seen: Held) -> None:
    day = {"start": datetime(2017, 3, 2, tzinfo=UTC), "end": datetime(2017, 3, 2, 20, tzinfo=UTC)}
    found = look(seen, edition, around(38.0, 36.0, 12), **day)
    assert (found.incidents, [one.count for one in found.clusters]) == (2, [1])


def test_what_is_known_to_a_wider_area_is_told_apart_and_drawn_as_it(edition: Edition, seen: Held) -> None:
    far = look(seen, edition, around(42.0, 36.0, 8))
    assert [(one.count, one.wide) for one in far.clusters if abs(one.lon - 42) < 0.1] == [(1, 0)]
    near = look(seen, edition, around(42.0, 36.0, 11))
    assert [(one.count, one.wide) for one in near.clusters] == [(1, 1)]
    assert list(near.areas) == [near.clusters[0].place]
    # The point is out of view, and the area reaches into it.
    assert len(look(seen, edition, around(42.045, 36.0, 12.5)).areas) == 1
    # A street in the midst of it is told nothing by it.
    assert look(seen, edition, around(42.0, 36.0, 15)).areas == ()


def test_a_polygon_reaches_as_far_as_its_corners(edition: Edition, seen: Held) -> None:
    found = look(seen, edition, around(44.5, 33.5, 8))
    assert [(one.count, one.wide) for one in found.clusters] == [(1, 1)]
    assert len(found.areas) == 1


def test_of_many_areas_the_smallest_are_drawn(edition: Edition, seen: Held) -> None:
    found = look(seen, edition, around(60.32, 30.16, 9))
    assert sum(one.count for one in found.clusters) == MOST_AREAS + 5
    assert len(found.areas) == MOST_AREAS
    with read_session(edition.prepared("clusters", fill)) as session:
        radii = seen.layout(session, Query().tier).places.radii_m[list(found.areas)]
    assert radii.max() == 5_000 + MOST_AREAS - 1


def test_rival_places_are_joined(edition: Edition, seen: Held) -> None:
    (line,) = look(seen, edition, around(40.05, 36.0, 9)).rivals
    assert 8_000 < line.metres < 10_000
    assert look(seen, edition, around(38.0, 36.0, 9)).rivals == ()
    later = datetime(2018, 1, 1, tzinfo=UTC)
    assert look(seen, edition, around(40.05, 36.0, 9), start=later).rivals == ()


def test_a_view_across_the_line_of_180_degrees_shows_both_sides(edition: Edition, seen: Held) -> None:
    found = look(seen, edition, around(180.0, -17.0, 10))
    assert sorted(round(one.lon, 1) for one in found.clusters) == [179.9, 180.1]
    assert [one.count for one in look(seen, edition, around(-180.0, -17.0, 6)).clusters] == [2]


def test_a_view_that_no_screen_shows_is_refused(edition: Edition, seen: Held) -> None:
    with pytest.raises(InputError, match="No screen"):
        look(seen, edition, View(20, -180, -80, 180, 80))
