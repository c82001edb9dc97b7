from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, func, select

from db.errors import AmbiguousError, AtlasError, ConflictError, InputError, NotFoundError
from db.session import write_session
from db.tables import Area, Incident, Location
from db.vocabulary import Geoprivacy, PlaceKind, PrecisionLevel
from gazetteer.geodesy import distance_m, geod
from gazetteer.precision import DEFAULT_RADIUS_M
from incidents.locations import Spot, public_spot, withdraw_location
from tests.editions import Edition
from tests.incidents.factories import basics, incident, location, organisation, place, point

AL_JINAH = (36.802054, 36.117443)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[38.2, 36.1], [38.3, 36.1], [38.3, 36.2], [38.2, 36.2], [38.2, 36.1]]],
}
GOVERNORATE = shapely.box(36.0, 35.5, 38.5, 36.9)


@pytest.fixture
def about(session: Session) -> Incident:
    basics(session)
    return incident(session, "one")


def numbers(*values: float | None) -> list[float]:
    """``values``, none of which may be missing."""
    found = [value for value in values if value is not None]
    assert len(found) == len(values)
    return found


def count_rows(session: Session, table: Any = Location) -> int:
    return int(session.exec(select(func.count()).select_from(table)).one())


@pytest.mark.parametrize("precision", [level for level in PrecisionLevel if level is not PrecisionLevel.UNKNOWN])
def test_a_point_without_a_radius_has_that_of_its_precision(
    session: Session, about: Incident, precision: PrecisionLevel
) -> None:
    row = point(session, about, *AL_JINAH, precision=precision.value)
    assert (row.lon, row.lat, row.radius_m) == (*AL_JINAH, DEFAULT_RADIUS_M[precision])


def test_a_point_keeps_the_radius_given(session: Session, about: Incident) -> None:
    assert point(session, about, *AL_JINAH, radius_m=70).radius_m == 70


def test_the_box_of_a_location_holds_its_disc(session: Session, about: Incident) -> None:
    row = point(session, about, *AL_JINAH, radius_m=5000)
    west, south, east, north = numbers(row.west, row.south, row.east, row.north)
    for azimuth in range(0, 360, 15):
        lon, lat, _ = geod().fwd(*AL_JINAH, azimuth, 5000)
        assert west <= lon <= east
        assert south <= lat <= north


def test_a_square_is_a_circle_that_covers_it(session: Session, about: Incident) -> None:
    row = location(session, about, mgrs="37SDV780636", precision="within_100m", method="mgrs")
    assert row.lon == pytest.approx(38.7576, abs=1e-3)
    assert row.lat == pytest.approx(35.8172, abs=1e-3)
    assert 70 < (row.radius_m or 0) < 72


def test_a_square_in_a_place_known_only_coarsely_is_as_wide_as_the_precision(session: Session, about: Incident) -> None:
    row = location(session, about, mgrs="37SDV7800063600", precision="settlement", method="mgrs")
    assert row.radius_m == DEFAULT_RADIUS_M[PrecisionLevel.SETTLEMENT]


def test_a_radius_smaller_than_the_square_is_not_taken(session: Session, about: Incident) -> None:
    row = location(session, about, mgrs="37SDV780636", precision="within_100m", method="mgrs", radius_m=10)
    assert 70 < (row.radius_m or 0) < 72


def test_an_area_has_a_point_inside_and_no_radius(session: Session, about: Incident) -> None:
    row = location(session, about, area=SQUARE, precision="adm3", method="gazetteer")
    assert row.radius_m is None
    assert row.area_id is not None
    assert shapely.box(38.2, 36.1, 38.3, 36.2).contains(shapely.Point(numbers(row.lon, row.lat)))
    assert (row.west, row.south, row.east, row.north) == (38.2, 36.1, 38.3, 36.2)


def test_an_area_is_stored_once(session: Session, about: Incident) -> None:
    for _ in range(3):
        location(session, about, area=SQUARE, precision="adm3", method="gazetteer")
    assert count_rows(session) == 3
    assert count_rows(session, Area) == 1


def test_an_unknown_place_has_the_words_and_nothing_else(session: Session, about: Incident) -> None:
    row = location(session, about, precision="unknown", method="gazetteer", place_words="al-Resala")
    assert (row.lon, row.lat, row.radius_m, row.area_id, row.west, row.public_lon) == (None,) * 6
    assert row.place_words == "al-Resala"


def test_a_place_of_the_gazetteer_gives_its_point_and_extent(session: Session, about: Incident) -> None:
    place(session, "Al Jinah", *AL_JINAH, radius_m=2000.0)
    row = location(session, about, place="al-Jinah", precision="settlement", method="gazetteer")
    assert (row.lon, row.lat, row.radius_m) == (*AL_JINAH, 2000.0)


def test_a_radius_smaller_than_the_place_is_not_taken(session: Session, about: Incident) -> None:
    place(session, "Al Jinah", *AL_JINAH, radius_m=2000.0)
    row = location(session, about, place="Al Jinah", precision="settlement", method="gazetteer", radius_m=500)
    assert row.radius_m == 2000.0


def test_a_place_without_an_extent_has_that_of_the_precision(session: Session, about: Incident) -> None:
    place(session, "Al Jinah", *AL_JINAH)
    row = location(session, about, place="Al Jinah", precision="near_settlement", method="gazetteer")
    assert row.radius_m == DEFAULT_RADIUS_M[PrecisionLevel.NEAR_SETTLEMENT]


def test_a_place_with_a_boundary_is_its_area(session: Session, about: Incident) -> None:
    place(session, "Aleppo", 37.1, 36.2, kind=PlaceKind.ADM1, polygon=GOVERNORATE)
    row = location(session, about, place="Aleppo governorate", precision="adm1", method="gazetteer")
    assert (row.radius_m, row.west, row.north) == (None, 36.0, 36.9)


@pytest.mark.parametrize(
    ("kind", "precision"),
    [
        (PlaceKind.COUNTRY, "adm1"),
        (PlaceKind.ADM1, "settlement"),
        (PlaceKind.ADM2, "exact"),
        (PlaceKind.SETTLEMENT, "exact"),
        (PlaceKind.NEIGHBOURHOOD, "street"),
    ],
)
def test_a_place_is_never_finer_than_its_kind(
    session: Session, about: Incident, kind: PlaceKind, precision: str
) -> None:
    place(session, "Somewhere", 37.1, 36.2, kind=kind)
    with pytest.raises(InputError) as caught:
        location(session, about, place="Somewhere", precision=precision, method="gazetteer")
    assert caught.value.code == "precision_too_fine"


def test_an_ambiguous_place_lists_its_candidates(session: Session, about: Incident) -> None:  # B67
    place(session, "Al Mansurah", 38.75, 35.83, country="SY", admin1_name="Raqqa")
    place(session, "Al Mansurah", 37.0, 36.9, country="SY", admin1_name="Aleppo")
    with pytest.raises(AmbiguousError) as caught:
        location(session, about, place="Mansurah", precision="settlement", method="gazetteer")
    assert len(caught.value.candidates) == 2
    assert count_rows(session) == 0


@pytest.mark.input
@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({}, "one_place", id="no place at all"),
        pytest.param({"lon": 36.8}, "half_a_point", id="a longitude alone"),
        pytest.param({"lat": 36.1}, "half_a_point", id="a latitude alone"),
        pytest.param({"lon": 36.8, "lat": 36.1, "mgrs": "37SDV780636"}, "one_place", id="two places"),
        pytest.param({"lon": 36.8, "lat": 36.1, "precision": "unknown"}, "located_unknown", id="unknown with a point"),
        pytest.param({"radius_m": 5.0, "precision": "unknown"}, "located_unknown", id="unknown with a radius"),
        pytest.param({"area": SQUARE, "radius_m": 5.0}, "radius_of_area", id="an area with a radius"),
        pytest.param({"lon": 200, "lat": 95}, "out_of_range", id="B34"),
        pytest.param({"lon": 36.8, "lat": 91}, "out_of_range", id="B34 latitude"),
        pytest.param({"lon": 0, "lat": 0}, "null_island", id="B36"),
        pytest.param({"lon": float("nan"), "lat": 36.1}, "not_finite", id="B38"),
        pytest.param({"lon": "36.8", "lat": "36.1"}, "not_a_number", id="B39"),
        pytest.param({"lon": True, "lat": 36.1}, "not_a_number", id="true is no longitude"),
        pytest.param({"lon": 36.8, "lat": 36.1, "radius_m": -1}, "invalid_value", id="a negative radius"),
        pytest.param({"lon": 36.8, "lat": 36.1, "radius_m": 2e7}, "invalid_value", id="a radius no circle has"),
        pytest.param({"lon": 36.8, "lat": 36.1, "radius_m": float("inf")}, "invalid_value", id="no finite radius"),
        pytest.param({"lon": 36.8, "lat": 36.1, "radius_m": "5"}, "invalid_value", id="a radius as text"),
        pytest.param({"mgrs": "37SDV78063"}, "bad_mgrs", id="a square that is none"),
        pytest.param({"area": {"type": "Point", "coordinates": [36.8, 36.1]}}, "not_an_area", id="a point as area"),
        pytest.param({"area": {"type": "Polygon", "coordinates": []}}, "empty_geometry", id="B40"),
        pytest.param(
            {"area": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}},
            "self_intersecting",
            id="B41",
        ),
        pytest.param(
            {"area": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0]]]}}, "unclosed_ring", id="B42"
        ),
        pytest.param({"place": "Nowhere"}, "unknown_place", id="B67"),
        pytest.param({"lon": 36.8, "lat": 36.1, "source": "nobody"}, "unknown_organisation", id="unknown source"),
        pytest.param({"lon": 36.8, "lat": 36.1, "report": "none"}, "unknown_report", id="unknown report"),
        pytest.param({"lon": 36.8, "lat": 36.1, "precision": "good"}, "unknown_value", id="a precision that is none"),
        pytest.param({"lon": 36.8, "lat": 36.1, "geoprivacy": "adm_only"}, "no_boundary", id="no boundary loaded"),
        pytest.param({"lon": 36.8, "lat": 36.1, "public_decimals": 5}, "invalid_value", id="a cell of a metre"),
        pytest.param({"lon": 36.8, "lat": 36.1, "supersedes": 7}, "unknown_location", id="a successor of nothing"),
        pytest.param({"lon": 36.8, "lat": 36.1, "place_words": "a\x00"}, "control_character", id="B06"),
    ],
)
def test_a_bad_location_is_refused_and_not_recorded(
    session: Session, about: Incident, given: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        location(session, about, **given)
    assert caught.value.code == code
    assert count_rows(session) == 0


def test_null_island_is_stored_once_confirmed(session: Session, about: Incident) -> None:  # B36
    assert point(session, about, 0.0, 0.0, confirm_null_island=True).lon == 0.0


def test_a_swapped_pair_is_suggested_and_not_fixed(session: Session, about: Incident) -> None:  # B35
    place(session, "Al Jinah", *AL_JINAH)
    lat, lon = AL_JINAH
    with pytest.raises(InputError) as caught:
        point(session, about, lon, lat, place_name="al-Jinah")
    assert caught.value.code == "maybe_swapped"
    assert f"lon {AL_JINAH[0]} and lat {AL_JINAH[1]}" in str(caught.value)
    assert count_rows(session) == 0
    assert point(session, about, lon, lat, place_name="al-Jinah", confirm_far=True).lon == lon


@pytest.mark.parametrize("name", ["Nowhere", "Twice"])
def test_a_name_that_says_no_one_place_is_no_reason_to_refuse(session: Session, about: Incident, name: str) -> None:
    place(session, "Twice", *AL_JINAH)
    place(session, "Twice", 40.0, 33.0)
    assert point(session, about, AL_JINAH[1], AL_JINAH[0], place_name=name).id is not None


def test_an_exact_place_is_public_as_it_is(session: Session, about: Incident) -> None:
    row = point(session, about, *AL_JINAH)
    assert (row.public_lon, row.public_lat, row.public_radius_m) == (row.lon, row.lat, row.radius_m)
    row = location(session, about, area=SQUARE, precision="adm3")
    assert row.public_area_id == row.area_id


def test_a_hidden_place_has_nothing_public(session: Session, about: Incident) -> None:
    row = point(session, about, *AL_JINAH, geoprivacy="hidden")
    assert (row.public_lon, row.public_lat, row.public_radius_m, row.public_area_id) == (None,) * 4
    assert row.lon == AL_JINAH[0]


def test_a_reduced_place_is_its_cell_and_all_of_a_cell_share_one(session: Session, about: Incident) -> None:
    first = point(session, about, 36.81, 36.11, geoprivacy="reduced")
    second = point(session, about, 36.89, 36.19, geoprivacy="reduced")
    assert (first.public_lon, first.public_lat) == pytest.approx((36.85, 36.15))
    assert (first.public_lon, first.public_lat, first.public_radius_m) == (
        second.public_lon,
        second.public_lat,
        second.public_radius_m,
    )


def test_a_reduced_place_stays_inside_the_box_of_the_index(session: Session, about: Incident) -> None:
    row = point(session, about, 36.81, 36.11, geoprivacy="reduced", public_decimals=0)
    lon, lat, radius_m, west, east = numbers(row.public_lon, row.public_lat, row.public_radius_m, row.west, row.east)
    reach, _, _ = geod().fwd(lon, lat, 90, radius_m)
    assert west <= lon <= reach <= east


def test_a_place_lowered_to_its_governorate_is_the_whole_of_it(session: Session, about: Incident) -> None:
    place(session, "Aleppo", 37.1, 36.2, kind=PlaceKind.ADM1, polygon=GOVERNORATE)
    place(session, "Elsewhere", 40.1, 33.2, kind=PlaceKind.ADM1, polygon=shapely.box(40, 33, 41, 34))
    first = point(session, about, *AL_JINAH, geoprivacy="adm_only")
    second = point(session, about, 37.5, 36.5, geoprivacy="adm_only")
    assert first.public_area_id == second.public_area_id is not None
    assert (first.public_lon, first.public_lat, first.public_radius_m) == (second.public_lon, second.public_lat, None)
    assert first.area_id is None


CENTRES = st.tuples(
    st.floats(-179, 179, allow_nan=False),
    st.floats(-80, 80, allow_nan=False),
    st.floats(0, 50_000, allow_nan=False),
    st.integers(0, 4),
)


@given(CENTRES)
def test_the_public_disc_holds_the_true_disc(session: Session, drawn: tuple[float, float, float, int]) -> None:
    lon, lat, radius_m, decimals = drawn
    true = Spot(lon, lat, radius_m)
    shown = public_spot(session, true, Geoprivacy.REDUCED, decimals)
    assert shown is not None
    away = distance_m(lon, lat, shown.lon, shown.lat)
    assert away + radius_m <= (shown.radius_m or 0) + 1e-6
    digits = f"{shown.radius_m:.6e}".split("e")[0].rstrip("0")
    assert len(digits) <= 3, "the radius is rounded, so that it does not tell which polygon it is of"


@given(CENTRES, st.floats(0.001, 1.5), st.floats(0.001, 1.0))
def test_the_public_disc_holds_the_true_area(
    session: Session, drawn: tuple[float, float, float, int], width: float, height: float
) -> None:
    lon, lat, _, decimals = drawn
    area = shapely.box(lon, lat, min(lon + width, 180.0), lat + height)
    inside = area.representative_point()
    shown = public_spot(session, Spot(inside.x, inside.y, area=area), Geoprivacy.REDUCED, decimals)
    assert shown is not None
    for x, y in shapely.get_coordinates(shapely.segmentize(area, max(width, height) / 10)):
        assert distance_m(x, y, shown.lon, shown.lat) <= (shown.radius_m or 0) + 1e-6


def test_a_successor_leaves_the_other_in_place(session: Session, about: Incident) -> None:
    old = point(session, about, *AL_JINAH)
    new = point(session, about, 36.803, 36.117, supersedes=old.key)
    assert (new.supersedes_id, count_rows(session)) == (old.id, 2)


def test_a_location_has_one_successor_of_its_own_source_and_incident(session: Session, about: Incident) -> None:
    old = point(session, about, *AL_JINAH)
    with pytest.raises(ConflictError) as caught:
        point(session, about, *AL_JINAH, source="coalition", supersedes=old.key)
    assert caught.value.code == "not_a_successor"
    with pytest.raises(NotFoundError) as missing:
        point(session, incident(session, "two"), *AL_JINAH, supersedes=old.key)
    assert missing.value.code == "unknown_location"
    point(session, about, *AL_JINAH, supersedes=old.key)
    with pytest.raises(ConflictError) as again:
        point(session, about, *AL_JINAH, supersedes=old.key)
    assert again.value.code == "superseded_already"


def test_a_withdrawn_location_stays_in_the_history(session: Session, about: Incident) -> None:
    row = withdraw_location(session, point(session, about, *AL_JINAH).key, version=1)
    assert (row.withdrawn, row.version, row.lon) == (True, 2, AL_JINAH[0])


@pytest.mark.parametrize(("key", "version", "code"), [(99, None, "unknown_location"), (1, 7, "stale_version")])
def test_a_bad_withdrawal_is_refused(
    session: Session, about: Incident, key: int, version: int | None, code: str
) -> None:
    point(session, about, *AL_JINAH)
    with pytest.raises(AtlasError) as caught:
        withdraw_location(session, key, version=version)
    assert caught.value.code == code


def test_a_location_is_withdrawn_once(session: Session, about: Incident) -> None:
    key = point(session, about, *AL_JINAH).key
    withdraw_location(session, key)
    with pytest.raises(ConflictError) as caught:
        withdraw_location(session, key)
    assert caught.value.code == "withdrawn_already"


@pytest.fixture(scope="module")
def scratch(edition: Edition) -> Iterator[Session]:
    with write_session(edition.empty(), who="tester", why="places") as opened:
        basics(opened)
        organisation(opened, "surveyor")
        incident(opened, "one")
        yield opened


@settings(max_examples=60)
@given(st.floats(-180, 180), st.floats(-89.9, 89.9), st.floats(0, 2_000_000), st.sampled_from(["exact", "reduced"]))
def test_any_place_on_earth_is_stored_with_a_box_in_range(
    scratch: Session, lon: float, lat: float, radius_m: float, geoprivacy: str
) -> None:
    about = scratch.exec(select(Incident)).one()
    row = point(scratch, about, lon, lat, radius_m=radius_m, geoprivacy=geoprivacy, confirm_null_island=True)
    west, south, east, north = numbers(row.west, row.south, row.east, row.north)
    assert -180 <= west <= east <= 180
    assert -90 <= south <= north <= 90
    assert math.isfinite(*numbers(row.public_radius_m))
