"""B34 to B48: points and shapes."""

from __future__ import annotations

from typing import Any

from tests.bad.doors import (
    BOW_TIE,
    PLACE,
    SQUARE,
    area,
    both,
    case,
    csv_incident,
    inside,
    line,
    million,
    own,
    own_geojson,
    own_place,
    point,
    polygon,
    ring,
)

MERCATOR = {"type": "name", "properties": {"name": "EPSG:3857"}}
ACROSS = [[179.0, 10.0], [-179.0, 10.0], [-179.0, 11.0], [179.0, 11.0], [179.0, 10.0]]
WIDE = [[30.0, 30.0], [45.0, 30.0], [45.0, 40.0], [30.0, 40.0], [30.0, 30.0]]


def nested(depth: int) -> str:
    """A GeometryCollection in GeometryCollections, so many deep."""
    return '{"type":"GeometryCollection","geometries":[' * depth + "]}" * depth


def arrays(depth: int) -> list[Any]:
    """An array in arrays, so many deep."""
    return [] if depth == 1 else [arrays(depth - 1)]


CASES = [
    case("B34", "command", point("--lon", "200", "--lat", "95"), "out_of_range", "longitude", "200"),
    case("B34", "command, latitude", point("--lon", "36", "--lat", "91"), "out_of_range", "latitude", "maybe_swapped"),
    case("B34", "csv", csv_incident(**PLACE, lon="200", lat="95"), "out_of_range", "in.csv, line 3", "longitude"),
    case("B34", "geojson", own_place(lon=200, lat=95), "out_of_range", "features 2 (school), locations 1"),
    case("B34", "box", line("find", "--bbox", "36,35,200,36"), "out_of_range", "north-east corner"),
    *both("B34", "polygon", polygon([[200, 95], *SQUARE[1:4], [200, 95]]), "out_of_range", "vertex 1"),
    case("B35", "command", point("--lon", "36.11305", "--lat", "36.78763", "--name", "Al Jinah"), "maybe_swapped",
         "Al Jinah", "lon 36.78763 and lat 36.11305", "--confirm-far"),
    case("B35", "csv", csv_incident(**PLACE, lon="36.11305", lat="36.78763", place_name="Al Jinah"), "maybe_swapped",
         "in.csv, line 3", "Al Jinah", "column confirmed"),
    case("B36", "command", point("--lon", "0", "--lat", "0"), "null_island", "--confirm-null-island"),
    case("B36", "csv", csv_incident(**PLACE, lon="0", lat="0"), "null_island", "in.csv, line 3", "column confirmed"),
    *both("B37", "crs", polygon(SQUARE, crs=MERCATOR), "unsupported_crs", "EPSG:3857"),
    case("B37", "own geojson", own_geojson(own() | {"crs": MERCATOR}), "unsupported_crs", "in.geojson"),
    *both("B38", "null", polygon([[None, 36], *SQUARE[1:4], [None, 36]]), "not_a_number", "vertex 1", "longitude"),
    *both("B38", "NaN", '{"type":"Polygon","coordinates":[[[NaN,36],[37,36],[37,37],[NaN,36]]]}', "not_finite", "NaN"),
    case("B38", "own geojson", own_place(lon=37.0, lat=None), "half_a_point", "locations 1"),
    *both("B39", "strings", polygon([["37", "36"], *SQUARE[1:4], ["37", "36"]]), "not_a_number", "vertex 1"),
    case("B39", "own geojson", own_place(lon="37.0", lat="36.0"), "not_a_number", "locations 1", "longitude"),
    *both("B40", "no ring", polygon(), "empty_geometry"),
    *both("B40", "empty ring", polygon([]), "empty_geometry"),
    *both("B40", "empty collection", {"type": "GeometryCollection", "geometries": []}, "empty_geometry"),
    case("B40", "null geometry", inside({"type": "Feature", "properties": {}, "geometry": None}),
         "unsupported_geometry", "q.geojson"),
    case("B40", "box without area", line("find", "--bbox", "36,35,36,36"), "empty_area", "box"),
    *both("B41", "bow tie", polygon(BOW_TIE), "self_intersecting", "37.05 36.05", "--repair"),
    case("B41", "own geojson", own_place(area=polygon(BOW_TIE)), "self_intersecting", "locations 1", "37.05 36.05"),
    *both("B42", "unclosed", polygon(SQUARE[:-1]), "unclosed_ring", "Repeat the first position"),
    *both("B42", "two corners", polygon([*SQUARE[:2], SQUARE[0]]), "too_few_points", "4 positions"),
    *both("B43", "across", polygon(ACROSS), "antimeridian", "MultiPolygon"),
    *both("B46", "a million vertices", million, "too_many_vertices", "Simplify"),
    case("B46", "more than 10,000 vertices", area(polygon(ring(10_001))), "too_many_vertices", "10000"),
    case("B46", "own geojson", own_place(area=polygon(ring(10_001))), "too_many_vertices", "locations 1"),
    *both("B47", "60,000 deep", nested(60_000), "too_deep", "geojson"),
    *both("B47", "20 deep", nested(20), "too_deep", "32"),
    case("B47", "own geojson", own_place(area={"type": "Polygon", "coordinates": arrays(40)}),
         "too_deep", "locations 1"),
    case("B48", "command", area(polygon(WIDE)), "larger_than_country", "SY", "185,180 km²", "--confirm-large-area"),
]  # fmt: skip
