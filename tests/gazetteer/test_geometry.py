"""Shapes: what is refused (the B rows of the table of bad inputs), and geometry that covers what it claims."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import InputError
from gazetteer.geodesy import gap_m, geod
from gazetteer.geometry import (
    area_from_file,
    area_km2,
    bounds_of,
    cell_of,
    check_point,
    circle,
    circles,
    distance_m,
    distances_m,
    parse_bbox,
    parse_distance,
    read_geometry,
    read_wkb,
    right_hand_rule,
    swapped_is_nearer,
    write_wkb,
)

DATA = Path(__file__).parents[2].parent / "shared/data"
SQUARE = [[36.0, 35.0], [37.0, 35.0], [37.0, 36.0], [36.0, 36.0], [36.0, 35.0]]
BOWTIE = [[36.0, 35.0], [37.0, 36.0], [37.0, 35.0], [36.0, 36.0], [36.0, 35.0]]
LON, LAT = st.floats(-180, 180), st.floats(-85, 85)


def point(*position: object) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(position)}


def polygon(*rings: object) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def nested(levels: int) -> dict[str, Any]:
    geometry = point(36.0, 35.0)
    for _ in range(levels):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    return geometry


def refused(code: str, geojson: Mapping[str, Any], **options: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        read_geometry(geojson, where="row 7", **options)
    assert caught.value.code == code
    assert caught.value.where is not None
    assert caught.value.where.startswith("row 7")
    return caught.value


@pytest.mark.parametrize(
    ("code", "geojson"),
    [
        pytest.param("out_of_range", point(200, 95), id="B34"),
        pytest.param("out_of_range", point(36.0, 91), id="B34-latitude"),
        pytest.param("out_of_range", point(10**400, 0), id="B34-huge-integer"),
        pytest.param("null_island", point(0, 0), id="B36"),
        pytest.param("null_island", point(0.0, -0.0, 12), id="B36-signed-zero"),
        pytest.param("null_island", {"type": "MultiPoint", "coordinates": [[1, 1], [0, 0]]}, id="B36-multipoint"),
        pytest.param(
            "unsupported_crs",
            point(4_000_000, 3_000_000) | {"crs": {"type": "name", "properties": {"name": "EPSG:3857"}}},
            id="B37",
        ),
        pytest.param("unsupported_crs", point(36, 35) | {"crs": None}, id="B37-null"),
        pytest.param("unsupported_crs", point(36, 35) | {"crs": "EPSG:4326"}, id="B37-text"),
        pytest.param("not_a_number", point(None, 1), id="B38-null"),
        pytest.param("not_finite", point(math.nan, 1), id="B38-nan"),
        pytest.param("not_finite", point(1, math.inf), id="B38-infinity"),
        pytest.param("not_a_number", point("36.1", "35.2"), id="B39"),
        pytest.param("not_a_number", point(True, 1), id="B39-boolean"),
        pytest.param("empty_geometry", point(), id="B40-point"),
        pytest.param("empty_geometry", polygon(), id="B40-polygon"),
        pytest.param("empty_geometry", polygon([]), id="B40-ring"),
        pytest.param("empty_geometry", {"type": "MultiPolygon", "coordinates": [[]]}, id="B40-multipolygon"),
        pytest.param("empty_geometry", {"type": "GeometryCollection", "geometries": []}, id="B40-collection"),
        pytest.param("empty_geometry", {"type": "Point"}, id="B40-no-coordinates"),
        pytest.param("self_intersecting", polygon(BOWTIE), id="B41"),
        pytest.param(
            "invalid_polygon", polygon(SQUARE, [[38, 35], [39, 35], [39, 36], [38, 35]]), id="B41-hole-outside"
        ),
        pytest.param("unclosed_ring", polygon(SQUARE[:-1]), id="B42-unclosed"),
        pytest.param("too_few_points", polygon([SQUARE[0], SQUARE[1], SQUARE[0]]), id="B42-three-points"),
        pytest.param("too_few_points", {"type": "LineString", "coordinates": [[1, 2]]}, id="B42-line"),
        pytest.param("antimeridian", polygon([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]), id="B43"),
        pytest.param("antimeridian", {"type": "LineString", "coordinates": [[179, 0], [-179, 0]]}, id="B43-line"),
        pytest.param("too_many_vertices", {"type": "MultiPoint", "coordinates": [[1, 1]] * 10_001}, id="B46"),
        pytest.param("too_deep", nested(60_000), id="B47"),
        pytest.param("too_deep", nested(16), id="B47-just-too-deep"),
        pytest.param("bad_position", point(36), id="one-number"),
        pytest.param("bad_position", point([36, 35]), id="nested-too-deep"),
        pytest.param("bad_position", polygon([36, 35]), id="nested-too-flat"),
        pytest.param("unsupported_geometry", {"type": "Circle", "coordinates": [36, 35]}, id="unknown-type"),
        pytest.param("unsupported_geometry", {"type": "Feature", "geometry": None}, id="a-feature"),
        pytest.param("unsupported_geometry", {"type": "GeometryCollection", "geometries": [1]}, id="no-geometry"),
    ],
)
def test_a_bad_geometry_is_refused(code: str, geojson: Mapping[str, Any]) -> None:
    refused(code, geojson)


def test_coordinates_nested_without_end_never_reach_geos() -> None:
    coordinates: list[Any] = [36.0, 35.0]
    for _ in range(200_000):
        coordinates = [coordinates]
    refused("too_deep", {"type": "MultiPolygon", "coordinates": coordinates})
    while coordinates and isinstance(coordinates[0], list):  # or freeing it would recurse
        coordinates = coordinates[0]


def test_the_error_names_the_vertex_and_the_crossing() -> None:
    error = refused("out_of_range", polygon([*SQUARE[:2], [37.0, 136.0], *SQUARE[3:]]))
    assert error.where == "row 7, vertex 3"
    assert "36.5 35.5" in refused("self_intersecting", polygon(BOWTIE)).why


def test_a_swapped_pair_is_suggested_and_not_fixed() -> None:
    error = refused("out_of_range", point(36.3, 143.1))
    assert "maybe_swapped" in (error.fix or "")
    assert "143.1, 36.3" in (error.fix or "")
    assert refused("out_of_range", point(136.3, 143.1)).fix is None
    assert refused("out_of_range", point(200, 20)).fix is None


@pytest.mark.parametrize(
    ("geojson", "wkt"),
    [
        pytest.param(point(37.1, 36.2, 390.0), "POINT (37.1 36.2)", id="B45-altitude"),
        pytest.param(point(37, 36), "POINT (37 36)", id="integers"),
        pytest.param(
            point(37, 36) | {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}},
            "POINT (37 36)",
            id="B37-crs84",
        ),
        pytest.param(
            polygon(SQUARE[::-1]), "POLYGON ((36 35, 36 36, 37 36, 37 35, 36 35))", id="B44-clockwise-as-given"
        ),
        pytest.param(
            polygon([[*SQUARE[0], 5], *SQUARE[1:]]),
            "POLYGON ((36 35, 37 35, 37 36, 36 36, 36 35))",
            id="B45-altitude-on-some",
        ),
        pytest.param(nested(1), "GEOMETRYCOLLECTION (POINT (36 35))", id="collection"),
        pytest.param(
            {"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]]]}, "MULTILINESTRING ((1 2, 3 4))", id="lines"
        ),
    ],
)
def test_a_good_geometry_is_read(geojson: Mapping[str, Any], wkt: str) -> None:
    assert read_geometry(geojson, where="x").wkt == wkt


def test_null_island_can_be_confirmed_and_is_only_a_point() -> None:
    assert read_geometry(point(0, 0), where="x", confirm_null_island=True).wkt == "POINT (0 0)"
    assert read_geometry(polygon([[0, 0], [1, 0], [1, 1], [0, 0]]), where="x").area == 0.5


def test_a_multipolygon_cut_at_the_antimeridian_is_accepted() -> None:
    parts = [[[[179, 0], [180, 0], [180, 1], [179, 0]]], [[[-180, 0], [-179, 0], [-180, 1], [-180, 0]]]]
    assert read_geometry({"type": "MultiPolygon", "coordinates": parts}, where="x").geom_type == "MultiPolygon"


def test_a_repair_makes_a_polygon_valid_on_request_only() -> None:
    repaired = read_geometry(polygon(BOWTIE), where="x", repair=True)
    assert repaired.is_valid
    assert repaired.area == pytest.approx(0.5)
    flat = polygon([[36, 35], [37, 36], [38, 37], [36, 35]])
    assert "repair" not in (refused("self_intersecting", flat, repair=True).fix or "")


def test_limits_are_parameters() -> None:
    geojson = {"type": "MultiPoint", "coordinates": [[1, 1]] * 10_001}
    assert shapely.get_num_coordinates(read_geometry(geojson, where="x", max_vertices=20_000)) == 10_001
    assert read_geometry(nested(15), where="x").geom_type == "GeometryCollection"


def test_export_winds_shells_counter_clockwise_and_holes_clockwise() -> None:
    hole = [[36.2, 35.2], [36.4, 35.2], [36.4, 35.4], [36.2, 35.2]]
    shape = right_hand_rule(read_geometry(polygon(SQUARE[::-1], hole), where="x"))
    assert isinstance(shape, shapely.Polygon)
    assert shape.exterior.is_ccw
    assert not shape.interiors[0].is_ccw
    assert right_hand_rule(shapely.Point(1, 2)) == shapely.Point(1, 2)


# Points


@given(LON, st.floats(-90, 90))
def test_any_point_on_earth_is_accepted_unchanged(lon: float, lat: float) -> None:
    assert check_point(lon, lat, where="x", confirm_null_island=True) == (lon, lat)


@given(st.floats(), st.floats())
def test_a_point_is_either_on_earth_or_refused(lon: float, lat: float) -> None:
    bad = not (math.isfinite(lon) and math.isfinite(lat)) or abs(lon) > 180 or abs(lat) > 90 or lon == lat == 0
    if bad:
        with pytest.raises(InputError, match=r"not_finite|out_of_range|null_island"):
            check_point(lon, lat, where="x")
    else:
        assert check_point(lon, lat, where="x") == (lon, lat)


AL_JINAH = (36.799, 36.071)


@pytest.mark.parametrize(
    ("given_point", "swapped"),
    [
        pytest.param((36.071, 36.799), True, id="B35 Al Jinah swapped stays inside Syria's box"),
        pytest.param(AL_JINAH, False, id="B35 as it is"),
        pytest.param((36.9, 36.1), False, id="B35 within 25 km"),
        pytest.param((40.0, 33.0), False, id="B35 far away, the swap is farther"),
        pytest.param((136.071, 36.799), False, id="B35 a longitude that cannot be a latitude"),
    ],
)
def test_a_swapped_pair_is_noticed_beside_the_named_place(given_point: tuple[float, float], swapped: bool) -> None:
    assert swapped_is_nearer(*given_point, *AL_JINAH) is swapped


# Distances


@given(LON, st.floats(-90, 90), LON, st.floats(-90, 90))
def test_distance_agrees_with_geopy(lon1: float, lat1: float, lon2: float, lat2: float) -> None:
    assert distance_m(lon1, lat1, lon2, lat2) == pytest.approx(geodesic((lat1, lon1), (lat2, lon2)).m, abs=1e-3)


def test_distances_are_the_distances() -> None:
    lons, lats = [36.799, 43.1189, -70.0], [36.071, 36.335, -33.0]
    expected = [distance_m(lon, lat, 39.0, 35.95) for lon, lat in zip(lons, lats, strict=True)]
    assert distances_m(lons, lats, 39.0, 35.95).tolist() == expected
    assert distances_m([], [], 39.0, 35.95).tolist() == []


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        ("5km", 5000.0),
        ("500 m", 500.0),
        ("5000", 5000.0),
        ("2.5 KM", 2500.0),
        (" .5km ", 500.0),
        ("20003km", 20_003_000.0),
    ],
)
def test_a_distance_is_read(text: str, metres: float) -> None:
    assert parse_distance(text) == metres


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2,5km", "bad_distance"),
        ("5 miles", "bad_distance"),
        ("-5km", "bad_distance"),
        ("nan", "bad_distance"),
        ("1e3", "bad_distance"),
        ("٥", "bad_distance"),
        ("", "bad_distance"),
        ("0", "out_of_range"),
        ("20004km", "out_of_range"),
        ("9" * 400, "out_of_range"),
    ],
)
def test_a_bad_distance_is_refused(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_distance(text)
    assert caught.value.code == code


# Boxes as typed


def test_a_box_is_read() -> None:
    assert parse_bbox("36.5, 35.8,37.5,36.6").bounds == (36.5, 35.8, 37.5, 36.6)


def test_a_box_over_the_antimeridian_has_two_parts() -> None:
    box = parse_bbox("170,-10,-170,10")
    assert [part.bounds for part in shapely.get_parts(box)] == [(170, -10, 180, 10), (-180, -10, -170, 10)]
    assert parse_bbox("170,-10,-180,10").bounds == (170, -10, 180, 10)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1,2,3", "bad_bbox"),
        ("1,2,3,4,5,6", "bad_bbox"),
        ("1,2,3,x", "bad_bbox"),
        ("1,2,3,nan", "bad_bbox"),
        ("1,2,3,1_0", "bad_bbox"),
        ("36;35;37;36", "bad_bbox"),
        ("1,5,3,4", "bbox_reversed"),
        ("1,2,1,4", "empty_area"),
        ("1,2,3,2", "empty_area"),
        ("180,2,-180,3", "empty_area"),
        ("1,2,3,95", "out_of_range"),
        ("200,2,3,5", "out_of_range"),
    ],
)
def test_a_bad_box_is_refused(text: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_bbox(text)
    assert caught.value.code == code


# Circles


def disc_edge(lon: float, lat: float, radius: float, points: int = 360) -> Any:
    """Points just inside the geodesic circle."""
    azimuths = np.linspace(0, 360, points)
    full = [np.full(points, value) for value in (lon, lat, radius * (1 - 1e-12))]
    lons, lats, _ = geod().fwd(full[0], full[1], azimuths, full[2])
    return shapely.points(lons, lats)


@settings(max_examples=300)
@given(LON, st.floats(-65, 65), st.floats(0.01, 2_000_000))
def test_a_circle_holds_its_whole_disc(lon: float, lat: float, radius: float) -> None:
    shape = circle(lon, lat, radius)
    assert shape.is_valid
    assert shapely.intersects(shape, disc_edge(lon, lat, radius)).all()
    west, south, east, north = bounds_of(lon, lat, radius)
    assert shapely.intersects(shapely.box(west, south, east, north), disc_edge(lon, lat, radius)).all()


@settings(max_examples=200)
@given(LON, st.floats(-88.9, 88.9), st.floats(1, 500_000))
def test_a_circle_near_a_pole_holds_its_disc_or_is_refused(lon: float, lat: float, radius: float) -> None:
    farthest = abs(lat) + radius / 111_000
    if farthest > 88.1:
        with pytest.raises(InputError, match="reaches_pole"):
            circle(lon, lat, radius)
    elif farthest < 87.5:
        shape = circle(lon, lat, radius)
        assert shapely.intersects(shape, disc_edge(lon, lat, radius)).all()


@given(st.floats(-150, 150), st.floats(-60, 60), st.floats(1, 100_000))
def test_a_circle_is_hardly_larger_than_its_disc(lon: float, lat: float, radius: float) -> None:
    corners = shapely.get_coordinates(circle(lon, lat, radius))
    assert distances_m(corners[:, 0], corners[:, 1], lon, lat).max() < radius * 1.0025 + 0.001


@given(LON, st.floats(-90, 90), st.floats(0.01, 30_000_000))
def test_a_box_holds_its_disc_anywhere(lon: float, lat: float, radius: float) -> None:
    west, south, east, north = bounds_of(lon, lat, radius)
    assert -180 <= west <= lon <= east <= 180
    assert -90 <= south <= lat <= north <= 90
    reach = min(radius, 19_900_000.0)
    assert shapely.intersects(shapely.box(west, south, east, north), disc_edge(lon, lat, reach, 37)).all()


@given(st.floats(-170, 170), st.floats(-60, 60), st.floats(1, 50_000))
def test_a_box_is_hardly_larger_than_its_disc(lon: float, lat: float, radius: float) -> None:
    west, south, east, north = bounds_of(lon, lat, radius)
    assert distance_m(lon, lat, lon, north) < radius * 1.011
    assert distance_m(lon, lat, lon, south) < radius * 1.011
    assert max(distance_m(lon, lat, west, lat), distance_m(lon, lat, east, lat)) < radius * 1.02


def test_a_circle_over_the_antimeridian_is_cut_there() -> None:
    shape = circle(179.9, 10, 50_000)
    assert shape.geom_type == "MultiPolygon"
    assert shape.covers(shapely.Point(-179.9, 10))
    assert shape.bounds[0] == -180
    assert all(part.exterior.is_ccw for part in shapely.get_parts(shape))
    assert area_km2(shape) == pytest.approx(math.pi * 2500, rel=0.01)
    assert bounds_of(179.9, 10, 50_000)[::2] == (-180, 180)


@pytest.mark.parametrize(("lon", "lat"), [(30.0, 0.0), (36.8, 36.1), (-70.0, -50.0)])
def test_the_gap_of_a_point_and_an_area_is_the_way_to_its_edge(lon: float, lat: float) -> None:
    area = shapely.box(lon + 0.5, lat - 1, lon + 1, lat + 1)
    points = [geodesic((lat, lon), (lat + step / 1e5, lon + 0.5)).m for step in range(-2000, 2001)]
    assert gap_m(shapely.Point(lon, lat), area) == pytest.approx(min(points), rel=1e-4)
    assert gap_m(area, shapely.box(lon - 1, lat - 1, lon, lat + 1)) <= min(points)
    assert gap_m(shapely.Point(lon + 0.7, lat), area) == 0


def test_a_circle_winds_counter_clockwise() -> None:
    shape = circle(36.8, 36.1, 1000)
    assert isinstance(shape, shapely.Polygon)
    assert shape.exterior.is_ccw


def test_circles_are_the_circles_and_a_zero_radius_is_the_point() -> None:
    shapes = circles([36.8, 43.1, 179.99], [36.1, 36.3, 0.0], [1000.0, 0.0, 5000.0])
    assert shapes[0].equals_exact(circle(36.8, 36.1, 1000.0))
    assert shapes[1] == shapely.Point(43.1, 36.3)
    assert shapes[2].geom_type == "MultiPolygon"
    assert circles([], [], []).tolist() == []
    assert bounds_of(43.1, 36.3, 0) == (43.1, 36.3, 43.1, 36.3)
    assert bounds_of(43.1, 89.9, 0) == (43.1, 89.9, 43.1, 89.9)


def test_many_circles_are_computed_in_parts() -> None:
    count = 10_003
    shapes = circles(np.full(count, 36.8), np.linspace(-60, 60, count), np.full(count, 100.0))
    assert all(shape.geom_type == "Polygon" for shape in shapes)
    assert shapes[-1].equals_exact(circle(36.8, 60.0, 100.0))


@pytest.mark.parametrize(
    ("lon", "lat", "radius", "corners", "code"),
    [
        (36.8, 36.1, -1.0, 64, "out_of_range"),
        (36.8, 36.1, math.nan, 64, "not_finite"),
        (36.8, 36.1, 2_000_001.0, 64, "out_of_range"),
        (36.8, 91.0, 10.0, 64, "out_of_range"),
        (181.0, 36.1, 10.0, 64, "out_of_range"),
        (36.8, 36.1, 10.0, 31, "out_of_range"),
        (0.0, 88.5, 10.0, 64, "reaches_pole"),
    ],
)
def test_an_impossible_circle_is_refused(lon: float, lat: float, radius: float, corners: int, code: str) -> None:
    with pytest.raises(InputError) as caught:
        circle(lon, lat, radius, corners)
    assert caught.value.code == code


@pytest.mark.parametrize("radius", [math.nan, math.inf, -1.0])
def test_an_impossible_box_is_refused(radius: float) -> None:
    for lat in (36.1, 89.9):
        with pytest.raises(InputError):
            bounds_of(36.8, lat, radius)


# Public cells


@given(LON, st.floats(-90, 90), st.integers(0, 5))
def test_a_cell_holds_its_point_and_all_its_points_share_it(lon: float, lat: float, decimals: int) -> None:
    middle_lon, middle_lat, radius = cell_of(lon, lat, decimals)
    half = 10.0**-decimals / 2 + 1e-12
    assert abs(lon - middle_lon) <= half
    assert abs(lat - middle_lat) <= half
    assert distance_m(lon, lat, middle_lon, middle_lat) <= radius
    assert cell_of(middle_lon, middle_lat, decimals) == (middle_lon, middle_lat, radius)


@given(st.integers(-1800, 1799), st.integers(-900, 899), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_every_point_of_a_cell_gives_the_same_public_point(x: int, y: int, dx: float, dy: float) -> None:
    assert cell_of((x + dx) / 10, (y + dy) / 10, 1) == cell_of((x + 0.5) / 10, (y + 0.5) / 10, 1)


@pytest.mark.parametrize(
    ("lon", "lat", "decimals", "centre"),
    [
        pytest.param(36.799, 36.071, 1, (36.75, 36.05), id="a tenth of a degree"),
        pytest.param(36.7, 36.1, 1, (36.75, 36.15), id="a corner, in decimal digits"),
        pytest.param(-0.01, -0.01, 1, (-0.05, -0.05), id="negative"),
        pytest.param(180.0, 90.0, 1, (179.95, 89.95), id="the far edge"),
        pytest.param(-180.0, -90.0, 0, (-179.5, -89.5), id="the near edge"),
        pytest.param(36.799, 36.071, 2, (36.795, 36.075), id="a hundredth"),
    ],
)
def test_the_centre_of_a_cell(lon: float, lat: float, decimals: int, centre: tuple[float, float]) -> None:
    assert cell_of(lon, lat, decimals)[:2] == centre


@pytest.mark.parametrize(("lon", "decimals"), [(36.0, -1), (36.0, 6), (math.nan, 1), (181.0, 1)])
def test_an_impossible_cell_is_refused(lon: float, decimals: int) -> None:
    with pytest.raises(InputError):
        cell_of(lon, 36.0, decimals)


# Areas and storage


def test_an_area_is_that_of_the_ellipsoid() -> None:
    globe = area_km2(shapely.box(-180, -90, 180, 90))
    assert globe == pytest.approx(510_065_622, rel=1e-6)
    assert area_km2(shapely.box(30, 25, 55, 43)) == pytest.approx(4_588_800, rel=1e-3)
    ring = shapely.box(36, 35, 37, 36).difference(shapely.box(36.2, 35.2, 36.4, 35.4))
    assert area_km2(ring) == pytest.approx(
        area_km2(shapely.box(36, 35, 37, 36)) - area_km2(shapely.box(36.2, 35.2, 36.4, 35.4)), rel=1e-9
    )
    assert area_km2(shapely.Point(36, 35)) == 0


@given(LON, LAT, st.floats(1, 10_000))
def test_stored_bytes_give_the_shape_back(lon: float, lat: float, radius: float) -> None:
    shape = circle(lon, lat, radius)
    assert read_wkb(write_wkb(shape)).equals_exact(shape)
    assert write_wkb(shapely.force_3d(shape)) == write_wkb(shape)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad_wkb"),
        (b"\x01\x02", "bad_wkb"),
        (b"not a shape at all", "bad_wkb"),
        (b"\x01\x07\x00\x00\x00\x01\x00\x00\x00" * 200_000, "too_deep"),
    ],
)
def test_bad_stored_bytes_are_refused(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_wkb(data)
    assert caught.value.code == code


@given(st.binary(max_size=60))
def test_any_bytes_give_a_shape_or_an_error(data: bytes) -> None:
    with contextlib.suppress(InputError):
        assert read_wkb(data) is not None


def feature(geometry: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


@pytest.mark.parametrize(
    "value",
    [
        polygon(SQUARE),
        feature(polygon(SQUARE)),
        {"type": "FeatureCollection", "features": [feature(polygon(SQUARE)), feature(polygon(SQUARE[::-1]))]},
    ],
    ids=["geometry", "feature", "collection"],
)
def test_an_area_is_read_from_a_file(value: object, tmp_path: Path) -> None:
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps(value), encoding="utf-8")
    assert area_from_file(path).equals(shapely.box(36, 35, 37, 36))


@pytest.mark.parametrize(
    ("value", "code", "where"),
    [
        ([1], "unsupported_geometry", "area.geojson"),
        (point(36, 35), "not_an_area", "area.geojson"),
        ({"type": "FeatureCollection", "features": []}, "empty_geometry", "area.geojson"),
        ({"type": "FeatureCollection"}, "empty_geometry", "area.geojson"),
        (
            {"type": "FeatureCollection", "features": [feature(polygon(SQUARE)), feature(None)]},
            "unsupported_geometry",
            "area.geojson, feature 2",
        ),
        ({"type": "FeatureCollection", "features": [7]}, "unsupported_geometry", "area.geojson, feature 1"),
        (feature(polygon(BOWTIE)), "self_intersecting", "area.geojson"),
        ({"type": "FeatureCollection", "crs": {}, "features": []}, "unsupported_crs", "area.geojson"),
    ],
)
def test_a_file_that_is_no_area_is_refused(value: object, code: str, where: str, tmp_path: Path) -> None:
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        area_from_file(path)
    assert (caught.value.code, caught.value.where) == (code, where)


def test_real_boundaries_are_read() -> None:
    path = DATA / "gazetteer/sy_region.geojson"
    if not path.exists():
        pytest.skip("the shared data folder is not beside this repository")
    area = area_from_file(path)
    assert area.covers(shapely.Point(*AL_JINAH))
    assert area_km2(area) == pytest.approx(186_000, rel=0.02)
