"""The spots in memory give the answers of the table, and are read again after a change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import shapely

from db.engine import Database
from db.session import read_session, write_session
from incidents.columns import Columns
from incidents.query import Disc, Query, counted_page, find, page
from incidents.tiers import Tier
from tests.editions import Edition
from tests.incidents.factories import basics, incident, location, point, report

SQUARE = {"type": "Polygon", "coordinates": [[[36, 35], [37, 35], [37, 36], [36, 36], [36, 35]]]}
AREAS = (
    Disc(36.5, 35.5, 10_000),
    shapely.box(36, 35, 37, 36),
    shapely.box(36.49, 35.49, 36.51, 36.51),
    shapely.box(0, 0, 1, 1),
)
WINDOW = {"start": datetime(2017, 3, 18, tzinfo=UTC), "end": datetime(2017, 3, 20, tzinfo=UTC)}


def fill(database: Database) -> None:
    with write_session(database, who="tester", why="a test") as session:
        basics(session)
        report(session, "closed", visibility="restricted")
        for day in range(1, 25):
            row = incident(session, f"day-{day}", start=None if day % 7 == 0 else f"2017-03-{day:02}")
            point(session, row, 36 + day / 20, 35 + day / 20, radius_m=500.0 * day, confirm_far=True)
            if day % 3 == 0:
                point(session, row, 40, 40, report="closed")
        location(session, row, area=SQUARE, precision="adm2", confirm_large_area=True)


@pytest.fixture
def filled(edition: Edition) -> Iterator[Database]:
    """A database of this test's own with places on a diagonal."""
    made = edition.copy(edition.prepared("diagonal", fill))
    yield made
    edition.remove(made)


@pytest.fixture
def columns(filled: Database) -> Iterator[Columns]:
    made = Columns(filled)
    yield made
    made.close()


@pytest.mark.parametrize("area", AREAS, ids=["disc", "square", "strip", "far"])
@pytest.mark.parametrize("window", [{}, WINDOW, {"start": WINDOW["start"]}], ids=["any time", "window", "since"])
def test_the_answers_are_those_of_the_table(
    filled: Database, columns: Columns, area: Disc | shapely.Polygon, window: dict[str, datetime]
) -> None:
    with read_session(filled) as session:
        for tier in Tier:
            query = Query(area=area, tier=tier, **window)
            ours, theirs = find(session, query, columns=columns), find(session, query)
            assert ours.hits == theirs.hits
            first = page(session, query, 3, columns=columns)
            assert first == page(session, query, 3)
            assert page(session, query, 3, first.next, columns=columns) == page(session, query, 3, first.next)


@pytest.mark.parametrize("area", AREAS, ids=["disc", "square", "strip", "far"])
@pytest.mark.parametrize("window", [{}, WINDOW, {"start": WINDOW["start"]}], ids=["any time", "window", "since"])
def test_pages_are_those_of_the_table_where_the_columns_are_walked(
    filled: Database,
    columns: Columns,
    area: Disc | shapely.Polygon,
    window: dict[str, datetime],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"FEW": 0, "FIRST_BLOCK": 2, "SHARE": 0, "STEP": 1, "LARGEST_BLOCK": 7}.items():
        monkeypatch.setattr(f"incidents.column_ground.{name}", value)
    with read_session(filled) as session:
        for tier in Tier:
            query = Query(area=area, tier=tier, **window)
            hits, after = [], None
            while True:
                part = page(session, query, 2, after, columns=columns)
                hits += part.hits
                if (after := part.next) is None:
                    break
            assert tuple(hits) == find(session, query).hits


@pytest.mark.parametrize("area", AREAS, ids=["disc", "square", "strip", "far"])
def test_closer_squares_change_no_answer(
    filled: Database, area: Disc | shapely.Polygon, monkeypatch: pytest.MonkeyPatch
) -> None:
    with read_session(filled) as session:
        for tier in Tier:
            before = find(session, Query(area=area, tier=tier)).hits
            with monkeypatch.context() as patch:
                patch.setattr("incidents.placed.MANY", 0)
                assert find(session, Query(area=area, tier=tier)).hits == before


def test_a_place_near_the_antimeridian_is_found_from_the_other_side(filled: Database, columns: Columns) -> None:
    with write_session(filled, who="tester", why="a test") as session:
        for code, lon in (("far-west", -179.9), ("far-east", 179.9)):
            point(session, incident(session, code), lon, 10, radius_m=50_000.0, confirm_far=True)
    with read_session(filled) as session:
        for area in (Disc(180, 10, 1_000), shapely.box(-179.95, 9.9, -179.8, 10.1), shapely.box(179, 9, 180, 10)):
            query = Query(area=area)
            assert find(session, query, columns=columns).hits == find(session, query).hits != ()


def test_a_change_is_seen(filled: Database, columns: Columns) -> None:
    query = Query(area=shapely.box(36, 35, 37, 36))
    with read_session(filled) as session:
        before = find(session, query, columns=columns).keys()
    spots = columns.spots()
    assert columns.spots() is spots
    with write_session(filled, who="tester", why="a test") as session:
        new = incident(session, "new")
        point(session, new, 36.5, 35.5)
        key = new.key
    with read_session(filled) as session:
        assert sorted(find(session, query, columns=columns).keys()) == sorted([*before, key])


def test_a_page_of_all_counts_anew_after_a_change(filled: Database, columns: Columns) -> None:
    def counted() -> int | None:
        with read_session(filled) as session:
            return counted_page(session, Query(tier=Tier.PUBLIC), 1, columns=columns).total

    before = counted()
    assert before == counted() == 24
    with write_session(filled, who="tester", why="one more") as session:
        incident(session, "one-more")
    assert counted() == 25
