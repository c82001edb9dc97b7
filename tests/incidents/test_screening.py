"""Screened answers are those of drawing and measuring every place, and no cell leaves one out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from db.spatial import CLASS_SHIFT, Integers, cells_of
from gazetteer.geodesy import bounds_of, circle
from incidents.cover import box_ranges, cover
from incidents.relations import Disc, QueryArea, box_of, relate
from incidents.screening import (
    APART,
    TOUCHES,
    WHOLE,
    Places,
    beside_box,
    clear_reaches,
    held,
    held_by_box,
    near_box,
    overlapping,
)

RADII = (0.0, 1.0, 100.0, 1_000.0, 5_000.0, 25_000.0, 150_000.0, 600_000.0)
CORNERS = shapely.Polygon([(36.0, 35.0), (37.0, 35.25), (36.75, 36.5), (36.25, 36.5)])


@dataclass(frozen=True)
class Row:
    lon: float
    lat: float
    radius_m: float | None
    wkb: bytes | None = None


def places_of(rows: list[Row]) -> Places:
    return Places(
        np.array([row.lon for row in rows], dtype=float),
        np.array([row.lat for row in rows], dtype=float),
        np.array([row.radius_m or 0.0 for row in rows], dtype=float),
        np.array([0 if row.wkb is None else index + 1 for index, row in enumerate(rows)], dtype=np.int64),
    )


def boxes(rows: list[Row]) -> np.ndarray:
    return np.array(
        [
            bounds_of(row.lon, row.lat, row.radius_m or 0.0) if row.wkb is None else shapely.from_wkb(row.wkb).bounds
            for row in rows
        ],
        dtype=float,
    )


def among(ranges: Integers, cells: Integers) -> np.ndarray:
    return np.array([any(first <= cell <= last for first, last in ranges) for cell in cells.tolist()], dtype=bool)


def check(area: QueryArea, rows: list[Row]) -> None:
    """Everything that may be said of ``rows`` is what drawing each of them says."""
    inside, overlap = relate(area, rows)
    shapes = {index + 1: shapely.from_wkb(row.wkb) for index, row in enumerate(rows) if row.wkb is not None}
    places = places_of(rows)
    assert overlapping(area, places, shapes).tolist() == overlap.tolist()
    assert held(area, places, shapes).tolist() == inside.tolist()
    assert near_box(places, *(area.box() if isinstance(area, Disc) else area.bounds))[overlap].all()
    cells = cells_of(places.lons, places.lats, *boxes(rows).T)
    outer, inner = (area.polygon(), area.inner_polygon()) if isinstance(area, Disc) else (area, area)
    for most in (4, 200, 2_000):
        found = cover(outer, inner, sorted(set((cells >> CLASS_SHIFT).tolist())), most)
        kinds = [among(ranges, cells) for ranges in (found.inside, found.touching, found.edge)]
        assert not (sum(kind.astype(int) for kind in kinds) > 1).any(), "a cell has one answer"
        assert inside[kinds[0]].all()
        assert overlap[kinds[1]].all()
        assert not overlap[~(kinds[0] | kinds[1] | kinds[2])].any()


def check_box(area: shapely.Polygon, rows: list[Row]) -> None:
    """What the sides of places say of a box is what drawing says, and no place that touches it is left out."""
    inside, overlap = relate(area, rows)
    places, bounds = places_of(rows), box_of(area)
    assert bounds is not None
    everything = np.arange(len(rows))
    states = beside_box(places, everything, clear_reaches(places), bounds)
    assert not overlap[states == APART].any()
    assert overlap[states == TOUCHES].all()
    whole = held_by_box(places, everything, clear_reaches(places), bounds)
    assert not inside[whole == APART].any()
    assert inside[whole == WHOLE].all()
    cells = cells_of(places.lons, places.lats, *boxes(rows).T)
    assert among(box_ranges(bounds, sorted(set((cells >> CLASS_SHIFT).tolist()))), cells)[overlap].all()


def near(middle: float, spread: float) -> st.SearchStrategy[float]:
    return st.floats(-spread, spread, allow_nan=False).map(lambda moved: round(middle + moved, 5))


LOCAL = st.builds(Row, near(36.5, 1.5), near(35.75, 1.5), st.sampled_from(RADII[:7]))
WORLD = st.builds(Row, near(0, 180), near(0, 90), st.sampled_from(RADII))
SHAPED = st.builds(
    lambda lon, lat, side: Row(lon, lat, None, shapely.box(lon - side, lat - side, lon + side, lat + side).wkb),
    near(36.5, 1.5), near(35.75, 1.5), st.sampled_from([0.01, 0.2, 1.0]),
)  # fmt: skip


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Polygon:
    found = shapely.convex_hull(
        shapely.MultiPoint(draw(st.lists(st.tuples(near(36.5, 1), near(35.75, 1)), min_size=3, max_size=9)))
    )
    assume(isinstance(found, shapely.Polygon))
    return found


@settings(max_examples=60)
@given(polygons(), st.lists(LOCAL | SHAPED, min_size=1, max_size=40))
def test_polygons(area: shapely.Polygon, rows: list[Row]) -> None:
    on_its_edge = [Row(float(x), float(y), radius) for x, y in shapely.get_coordinates(area) for radius in (0.0, 500.0)]
    check(area, rows + on_its_edge)


@settings(max_examples=60)
@given(
    near(36.5, 1), near(35.75, 1), st.sampled_from([0.0, 50.0, 5_000.0, 80_000.0]),
    st.lists(LOCAL | SHAPED, min_size=1, max_size=40),
)  # fmt: skip
def test_discs(lon: float, lat: float, radius: float, rows: list[Row]) -> None:
    check(Disc(lon, lat, radius), [*rows, Row(lon, lat, 0.0), Row(lon, lat, radius)])


@settings(max_examples=40)
@given(st.lists(WORLD, min_size=1, max_size=40))
def test_the_world_its_poles_and_its_date_line(rows: list[Row]) -> None:
    for area in (shapely.box(-180, -90, 180, 90), shapely.box(100, 40, 180, 90), Disc(179.5, 10, 900_000.0)):
        check(area, rows)
        if not isinstance(area, Disc):
            check_box(area, rows)


@settings(max_examples=200)
@given(
    near(36.5, 1), near(35.75, 1), st.floats(0.0001, 2), st.floats(0.0001, 2),
    st.lists(LOCAL | SHAPED, min_size=1, max_size=40),
)  # fmt: skip
def test_boxes(west: float, south: float, wide: float, high: float, rows: list[Row]) -> None:
    area = shapely.box(west, south, west + wide, south + high)
    on_its_edge = [Row(float(x), float(y), radius) for x, y in shapely.get_coordinates(area) for radius in (0.0, 500.0)]
    check_box(area, rows + on_its_edge)


@pytest.mark.parametrize(
    "area",
    [
        CORNERS,
        shapely.box(0, 0, 1, 1).union(shapely.box(2, 0, 3, 1)),
        Disc(36, 35, 1.0),
        shapely.Polygon([(0, 0), (1, 0), (0, 0), (0, 1)]),
    ],
)
def test_what_is_no_box(area: QueryArea) -> None:
    assert box_of(area) is None


@pytest.mark.parametrize("off", [1 - 1e-4, 1 - 1e-9, 1 + 1e-9, 1 + 1e-3, 1.0011, 1.0013, 1.01])
def test_discs_that_all_but_touch_the_edge(off: float) -> None:
    """Such as no bound decides: the drawn polygon does."""
    rows = []
    for radius in (500.0, 5_000.0, 25_000.0):
        west = circle(36.2, 35.7, radius * off).bounds[0]
        rows += [Row(36.2, 35.7, radius), Row(round(36.2 - (west - 36.0), 9), 35.7, radius)]
    check(shapely.box(36.0, 35.0, 37.0, 36.5), rows)
    check_box(shapely.box(36.0, 35.0, 37.0, 36.5), rows)
    check(CORNERS, rows)
