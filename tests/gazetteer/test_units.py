from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import InputError
from db.session import read_session
from db.tables import Place, PlaceUnit
from db.vocabulary import PlaceKind
from gazetteer.geodesy import geod
from gazetteer.units import UnitAreas, UnitLayer, refresh_units, units_containing
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


class TestRefresh:
    """The table of which place lies in which unit."""

    @pytest.fixture(autouse=True)
    def places(self, session: Session) -> None:
        unit(session, "Inner", shapely.box(37.6, 36.4, 37.7, 36.5), kind=PlaceKind.ADM3, country="SY")
        place(session, "In the inner", 37.65, 36.45, country="SY")
        place(session, "On the edge", 38.5, 36.0)
        place(session, "Coast", 35.985, 36.0, country="SY")
        place(session, "Sea", 35.95, 36.0, country="SY")
        place(session, "Across the border", 35.985, 36.1, country="TR")
        place(session, "Abroad by its source", 36.5, 36.1, country="TR")
        place(session, "North Pole", 0.0, 90.0)

    def test_each_place_gets_the_units_above_it_and_no_other(self, session: Session) -> None:
        assert refresh_units(session) == 7
        assert units_by_name(session) == {
            "Aleppo": ("Aleppo", None, None),
            "In the inner": ("Aleppo", "Manbij", "Inner"),
            "Inner": ("Aleppo", "Manbij", None),
            "Manbij": ("Aleppo", None, None),
            "On the edge": ("Ar-Raqqa", None, None),
            "Coast": ("Aleppo", None, None),
            "Abroad by its source": ("Aleppo", None, None),
        }

    def test_a_second_time_changes_nothing(self, session: Session) -> None:
        refresh_units(session)
        first = units_by_name(session)
        refresh_units(session)
        assert units_by_name(session) == first

    def test_withdrawn_units_and_places_do_not_count(self, session: Session) -> None:
        refresh_units(session)
        for row in session.exec(select(Place).where(col(Place.name).in_(["Manbij", "Coast"]))):
            row.withdrawn = True
        refresh_units(session)
        found = units_by_name(session)
        assert found["In the inner"] == ("Aleppo", None, "Inner")
        assert not {"Manbij", "Coast"} & found.keys()

    def test_a_unit_that_grew_takes_the_places_it_now_holds(self, session: Session) -> None:
        refresh_units(session)
        unit(session, "Sea shore", shapely.box(35.9, 35.9, 36.0, 36.05), country="SY")
        refresh_units(session)
        assert units_by_name(session)["Sea"] == ("Sea shore", None, None)

    def test_progress_is_told(self, session: Session) -> None:
        seen: list[int] = []
        refresh_units(session, progress=seen.append)
        assert seen == [10]

    def test_without_polygons_no_place_has_a_unit(self, session: Session) -> None:
        for row in session.exec(select(Place).where(col(Place.area_id).is_not(None))):
            row.withdrawn = True
        assert refresh_units(session) == 0

    def test_a_session_opened_for_reading_is_refused(self, database: Database) -> None:
        with pytest.raises(InputError, match="read_session"), read_session(database) as reader:
            refresh_units(reader)


def units_by_name(session: Session) -> dict[str, tuple[str | None, ...]]:
    names: dict[int | None, str] = {row.id: row.name for row in session.exec(select(Place))}
    return {
        names[row.place_id]: tuple(names.get(key) for key in (row.adm1_id, row.adm2_id, row.adm3_id))
        for row in session.exec(select(PlaceUnit).execution_options(populate_existing=True))
    }


@pytest.mark.parametrize(
    ("lat", "metres", "near"),
    [
        pytest.param(36.0, 1_999.0, True, id="just near enough"),
        pytest.param(36.0, 2_001.0, False, id="just too far"),
        pytest.param(75.0, 1_999.0, True, id="near enough in the far north, where degrees of longitude are short"),
        pytest.param(75.0, 2_001.0, False, id="too far in the far north"),
    ],
)
def test_near_a_polygon_is_within_two_kilometres_on_the_ellipsoid(
    session: Session, lat: float, metres: float, near: bool
) -> None:
    unit(session, "Strip", shapely.box(20.0, lat - 1, 21.0, lat + 1), kind=PlaceKind.ADM3)
    lon, at, _ = geod().fwd(20.0, lat, 270.0, metres)
    found = UnitLayer(session, PlaceKind.ADM3).find([lon], [at])
    assert (found[0] >= 0) == near


def test_of_two_units_near_a_point_the_nearer_is_taken(session: Session) -> None:
    unit(session, "Farther", shapely.box(20.010, 60, 21, 61), kind=PlaceKind.ADM3)
    unit(session, "Nearer", shapely.box(19, 58, 21, 59.995), kind=PlaceKind.ADM3)
    # 0.02 degrees of longitude are 1.1 km here, 0.008 of latitude 0.9 km.
    layer = UnitLayer(session, PlaceKind.ADM3)
    found = layer.find([19.990], [60.003])
    assert layer.units[found[0]].name == "Nearer"


def test_many_points_and_one_point_have_the_same_answer(session: Session) -> None:
    layer = UnitLayer(session, PlaceKind.ADM1)
    lons, lats = [37.0, 38.5, 39.0, 9.0, 1.0], [36.0, 36.0, 36.0, 9.0, 1.0]
    names = [layer.units[index].name if index >= 0 else None for index in layer.find(lons, lats)]
    singles = [units_containing(session, *at, kind=PlaceKind.ADM1) for at in zip(lons, lats, strict=True)]
    assert names == [found[0].name if found else None for found in singles]
    assert names == ["Aleppo", "Ar-Raqqa", "Ar-Raqqa", None, "Corner"]


def test_no_points_and_no_units_are_no_error(session: Session) -> None:
    assert UnitLayer(session, PlaceKind.ADM1).find([], []).tolist() == []
    assert UnitLayer(session, PlaceKind.ADM3).find([1.0], [1.0]).tolist() == [-1]
