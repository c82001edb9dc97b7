from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from db.vocabulary import PlaceKind
from gazetteer.units import UnitAreas, units_containing
from tests.incidents.factories import place

ALEPPO, RAQQA = shapely.box(36.0, 35.5, 38.5, 36.9), shapely.box(38.5, 35.0, 40.0, 36.9)
CORNER = shapely.Polygon([(0, 0), (10, 0), (0, 10)])


@pytest.fixture(autouse=True)
def units(session: Session) -> None:
    unit(session, "Aleppo", ALEPPO, names=["محافظة حلب"], country="SY")
    unit(session, "Ar-Raqqa", RAQQA, country="SY")
    unit(session, "Manbij", shapely.box(37.5, 36.3, 38.4, 36.8), kind=PlaceKind.ADM2, country="SY")
    unit(session, "Corner", CORNER, country="GA")
    place(session, "Aleppo", 37.1, 36.2, country="SY")


def unit(session: Session, name: str, polygon: BaseGeometry, *, kind: PlaceKind = PlaceKind.ADM1, **given: Any) -> None:
    inside = polygon.representative_point()
    place(session, name, inside.x, inside.y, kind=kind, polygon=polygon, **given)


@pytest.mark.parametrize(
    ("lon", "lat", "kind", "names"),
    [
        pytest.param(37.0, 36.0, PlaceKind.ADM1, ["Aleppo"], id="inside one"),
        pytest.param(38.5, 36.0, PlaceKind.ADM1, ["Ar-Raqqa", "Aleppo"], id="the shared edge: the smaller first"),
        pytest.param(36.0, 35.5, PlaceKind.ADM1, ["Aleppo"], id="a corner"),
        pytest.param(38.0, 36.5, PlaceKind.ADM2, ["Manbij"], id="only the level asked for"),
        pytest.param(37.0, 36.0, PlaceKind.ADM2, [], id="none of the level"),
        pytest.param(37.1, 36.2, PlaceKind.SETTLEMENT, [], id="a place without a polygon"),
        pytest.param(9.0, 9.0, PlaceKind.ADM1, [], id="inside the box and outside the polygon"),
        pytest.param(1.0, 1.0, PlaceKind.ADM1, ["Corner"], id="inside the polygon"),
    ],
)
def test_the_units_that_hold_a_point_come_smallest_first(
    session: Session, lon: float, lat: float, kind: PlaceKind, names: list[str]
) -> None:
    assert [row.name for row in units_containing(session, lon, lat, kind=kind)] == names


def test_units_nested_in_each_other_come_smallest_first(session: Session) -> None:
    unit(session, "Inner", shapely.box(36.5, 36.0, 37.0, 36.5))
    assert [row.name for row in units_containing(session, 36.7, 36.2, kind=PlaceKind.ADM1)] == ["Inner", "Aleppo"]


@given(st.floats(-1, 11), st.floats(-1, 11))
def test_a_point_is_held_exactly_where_its_polygon_covers_it(session: Session, lon: float, lat: float) -> None:
    held = [row.name for row in units_containing(session, lon, lat, kind=PlaceKind.ADM1)]
    assert held == (["Corner"] if CORNER.covers(shapely.Point(lon, lat)) else [])


@pytest.mark.parametrize("name", ["Aleppo", "ALEPPO governorate", "محافظة حلب", "حلب"])
def test_a_unit_is_found_by_any_of_its_names_where_it_holds_the_point(session: Session, name: str) -> None:
    found = UnitAreas(session).find(PlaceKind.ADM1, name, 37.0, 36.0)
    assert found is not None
    assert found[1].equals(ALEPPO)


@pytest.mark.parametrize(
    ("kind", "name", "lon", "lat"),
    [
        pytest.param(PlaceKind.ADM1, "Aleppo", 39.0, 36.0, id="the point is elsewhere"),
        pytest.param(PlaceKind.ADM2, "Aleppo", 37.0, 36.0, id="another level"),
        pytest.param(PlaceKind.ADM1, "Homs", 37.0, 36.0, id="no such name"),
        pytest.param(PlaceKind.ADM1, "", 37.0, 36.0, id="no name"),
    ],
)
def test_no_unit_is_found_where_name_level_or_point_differ(
    session: Session, kind: PlaceKind, name: str, lon: float, lat: float
) -> None:
    assert UnitAreas(session).find(kind, name, lon, lat) is None


def test_of_two_units_of_one_name_the_one_that_holds_the_point_is_found(session: Session) -> None:
    unit(session, "Aleppo", shapely.box(50, 50, 51, 51))
    areas = UnitAreas(session)
    first, second = (areas.find(PlaceKind.ADM1, "Aleppo", *point) for point in ((37.0, 36.0), (50.5, 50.5)))
    assert first is not None
    assert second is not None
    assert first[0] != second[0]


def test_only_the_units_of_a_country_are_read_where_one_is_named(session: Session) -> None:
    assert UnitAreas(session, "SY").find(PlaceKind.ADM1, "Corner", 1.0, 1.0) is None
    assert UnitAreas(session, "GA").find(PlaceKind.ADM1, "Corner", 1.0, 1.0) is not None
