"""Shapes from outside: GeoJSON in, and the bytes a shape is stored as.

Longitude first. A shape is checked as plain data before GEOS sees it, because GEOS trusts what it is given:
it takes strings and NaN as coordinates, and a deeply nested collection ends the whole process. Codes follow
the project's table of bad inputs (B34, B36 to B47); the rules are those of RFC 7946. Points and
boxes as typed are in `gazetteer.points`, measuring in `gazetteer.geodesy`; both can be imported from here too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import (
    GeometryCollection,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from shapely.geometry.base import BaseGeometry

from db.errors import InputError
from db.strictjson import read_json
from gazetteer.geodesy import (
    Box,
    area_km2,
    bounds_of,
    cell_of,
    circle,
    circles,
    distance_m,
    distances_m,
    swapped_is_nearer,
)
from gazetteer.points import check_point, parse_bbox, parse_distance

__all__ = [
    "Box",
    "area_from_file",
    "area_km2",
    "bounds_of",
    "cell_of",
    "check_point",
    "circle",
    "circles",
    "distance_m",
    "distances_m",
    "parse_bbox",
    "parse_distance",
    "read_geometry",
    "read_wkb",
    "right_hand_rule",
    "swapped_is_nearer",
    "write_wkb",
]

MAX_VERTICES = 10_000
MAX_AREA_VERTICES = 1_000_000
MAX_DEPTH = 32

_CRS84 = frozenset(
    {
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "OGC:CRS84",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "http://www.opengis.net/def/crs/OGC/0/CRS84",
    }
)
_COLLECTION_HEADS = tuple(
    head for code in (7, 1007, 2007, 3007) for head in (struct.pack("<BI", 1, code), struct.pack(">BI", 0, code))
)


def read_geometry(
    geojson: Mapping[str, Any],
    *,
    where: str,
    confirm_null_island: bool = False,
    repair: bool = False,
    max_vertices: int = MAX_VERTICES,
    max_depth: int = MAX_DEPTH,
) -> BaseGeometry:
    """A valid two-dimensional shape from a parsed GeoJSON geometry.

    Altitudes are dropped, shells of either winding are taken (`right_hand_rule` on export).

    Args:
        geojson: a geometry object, not a feature.
        where: which record, for the error.
        confirm_null_island: accept a point (0, 0).
        repair: make a self-intersecting polygon valid; the caller records that the shape was changed.
        max_vertices: of the whole shape.
        max_depth: nesting of objects and arrays.

    Raises:
        InputError: ``unsupported_geometry``, ``unsupported_crs``, ``too_deep``, ``too_many_vertices``,
            ``empty_geometry``, ``bad_position``, ``unclosed_ring``, ``too_few_points``, ``antimeridian``,
            ``self_intersecting``, ``invalid_polygon``, and those of `check_point`.
    """
    if not isinstance(geojson, Mapping):
        raise InputError("unsupported_geometry", "A geometry is an object.", where=where, got=geojson)
    _check_crs(geojson, where)
    _check_size(geojson, where, max_vertices, max_depth)
    return _valid(_build(geojson, where, confirm_null_island=confirm_null_island), where, repair=repair)


def _check_crs(geojson: Mapping[str, Any], where: str) -> None:
    """Refuse a ``crs`` member other than CRS84 (RFC 7946, section 4; B37)."""
    if "crs" not in geojson:
        return
    crs = geojson["crs"]
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    name = properties.get("name") if isinstance(properties, Mapping) else None
    if not isinstance(name, str) or name not in _CRS84:
        fix = "Give longitude and latitude on WGS84, for example with ogr2ogr -t_srs OGC:CRS84."
        raise InputError("unsupported_crs", "GeoJSON is on WGS84.", where=where, got=name or crs, fix=fix)


def _check_size(geojson: Mapping[str, Any], where: str, max_vertices: int, max_depth: int) -> None:
    """Refuse deep nesting and too many vertices, without recursion and before GEOS (B46, B47)."""
    vertices = 0
    stack: list[tuple[object, int]] = [(geojson, 1)]
    while stack:
        item, depth = stack.pop()
        if depth > max_depth:
            raise InputError("too_deep", f"The geometry nests more than {max_depth} levels deep.", where=where)
        if isinstance(item, Mapping):
            stack.extend((item[key], depth + 1) for key in ("coordinates", "geometries") if key in item)
        elif isinstance(item, list | tuple):
            if len(item) > 0 and isinstance(item[0], list | tuple | Mapping):
                stack.extend((member, depth + 1) for member in item)
            else:
                vertices += 1
        if vertices > max_vertices:
            why = f"The geometry has more than {max_vertices} vertices."
            raise InputError("too_many_vertices", why, where=where, fix="Simplify it.")


def _build(geojson: Mapping[str, Any], where: str, *, confirm_null_island: bool) -> BaseGeometry:
    """The shape, its coordinates checked one by one; GEOS has not yet judged its validity."""
    kind = geojson.get("type")
    members = geojson.get("geometries" if kind == "GeometryCollection" else "coordinates")
    # A type that is an array cannot be looked up at all.
    if not isinstance(kind, str) or (kind not in _BUILDERS and kind != "GeometryCollection"):
        fix = f"Use one of {', '.join(_BUILDERS)}."
        raise InputError("unsupported_geometry", "The type of the geometry is unknown.", where=where, got=kind, fix=fix)
    if not isinstance(members, list | tuple) or len(members) == 0:
        raise InputError("empty_geometry", "The geometry has no coordinates.", where=where, got=members)
    if kind == "GeometryCollection":
        if not all(isinstance(member, Mapping) for member in members):
            raise InputError("unsupported_geometry", "A member of the collection is no geometry.", where=where)
        return GeometryCollection([_build(one, where, confirm_null_island=confirm_null_island) for one in members])
    shape = _BUILDERS[kind](members, where)
    for x, y in shapely.get_coordinates(shape) if kind in ("Point", "MultiPoint") else ():
        check_point(float(x), float(y), where=where, confirm_null_island=confirm_null_island)
    return shape


def _point(position: Any, where: str) -> Point:
    return Point(_position(position, where))


def _line(positions: Any, where: str) -> LineString:
    line = _positions(positions, where)
    if len(line) < 2:
        raise InputError("too_few_points", "A line has at least 2 positions.", where=where)
    _check_width(line, where)
    return LineString(line)


def _polygon(rings: Any, where: str) -> Polygon:
    shell, *holes = [_ring(ring, where) for ring in _items(rings, where)]
    return Polygon(shell, holes)


def _multi_point(positions: Any, where: str) -> MultiPoint:
    return MultiPoint(_positions(positions, where))


def _multi_line(lines: Any, where: str) -> MultiLineString:
    return MultiLineString([_line(line, where) for line in _items(lines, where)])


def _multi_polygon(polygons: Any, where: str) -> MultiPolygon:
    return MultiPolygon([_polygon(rings, where) for rings in _items(polygons, where)])


_BUILDERS = {
    "Point": _point,
    "MultiPoint": _multi_point,
    "LineString": _line,
    "MultiLineString": _multi_line,
    "Polygon": _polygon,
    "MultiPolygon": _multi_polygon,
}


def _items(value: Any, where: str) -> list[Any] | tuple[Any, ...]:
    """``value``, if it is an array that holds something."""
    if not isinstance(value, list | tuple):
        raise InputError("bad_position", "Coordinates are nested wrongly: an array is missing.", where=where, got=value)
    if len(value) == 0:
        raise InputError("empty_geometry", "A part of the geometry has no coordinates.", where=where)
    return value


def _positions(value: Any, where: str) -> list[tuple[float, float]]:
    items = _items(value, where)
    return [_position(item, f"{where}, vertex {number}") for number, item in enumerate(items, start=1)]


def _position(value: Any, where: str) -> tuple[float, float]:
    """Longitude and latitude of a position; an altitude is dropped."""
    items = _items(value, where)
    if len(items) < 2 or isinstance(items[0], list | tuple):
        raise InputError("bad_position", "A position is longitude and latitude.", where=where, got=value)
    return check_point(items[0], items[1], where=where, confirm_null_island=True)


def _ring(value: Any, where: str) -> list[tuple[float, float]]:
    ring = _positions(value, where)
    if ring[0] != ring[-1]:
        fix = "Repeat the first position at the end."
        raise InputError("unclosed_ring", "A ring does not end where it starts.", where=where, got=ring[-1], fix=fix)
    if len(ring) < 4:
        raise InputError("too_few_points", "A closed ring has at least 4 positions.", where=where, got=ring)
    _check_width(ring, where)
    return ring


def _check_width(positions: list[tuple[float, float]], where: str) -> None:
    """Refuse a shape wider than half the globe, which is one drawn across the antimeridian (B43)."""
    longitudes = [lon for lon, _ in positions]
    if max(longitudes) - min(longitudes) > 180:
        why = "The shape is wider than 180 degrees: it seems to cross the antimeridian."
        fix = "Cut it there into the parts of a MultiPolygon (RFC 7946, 3.1.9)."
        raise InputError("antimeridian", why, where=where, fix=fix)


def _valid(shape: BaseGeometry, where: str, *, repair: bool) -> BaseGeometry:
    """``shape``, if GEOS finds its polygons valid, or its repaired form."""
    if shapely.is_valid(shape):
        return shape
    reason, _, place = str(shapely.is_valid_reason(shape)).rstrip("]").partition("[")
    repaired = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if repair and not shapely.is_empty(repaired):
        return repaired
    code = "self_intersecting" if "elf-intersection" in reason else "invalid_polygon"
    why = f"The polygon is not valid: {reason} at longitude and latitude {place}."
    fix = "Correct it there" + ("." if shapely.is_empty(repaired) else "; a boundary can be imported with --repair.")
    raise InputError(code, why, where=where, fix=fix)


def right_hand_rule(geom: BaseGeometry) -> BaseGeometry:
    """``geom`` with shells counter-clockwise and holes clockwise (RFC 7946, 3.1.6)."""
    return shapely.orient_polygons(geom, exterior_cw=False)


def write_wkb(geom: BaseGeometry) -> bytes:
    """``geom`` as little-endian, two-dimensional WKB: the same bytes for the same coordinates."""
    return bytes(shapely.to_wkb(geom, output_dimension=2, byte_order=1, include_srid=False))


def read_wkb(data: bytes) -> BaseGeometry:
    """The shape in stored WKB.

    Raises:
        InputError: ``bad_wkb``, or ``too_deep`` (collections nested beyond any this product writes).
    """
    if sum(data.count(head) for head in _COLLECTION_HEADS) > MAX_DEPTH:
        raise InputError("too_deep", "The stored shape nests too deep.")
    try:
        return shapely.force_2d(shapely.from_wkb(data))
    except ShapelyError as error:
        raise InputError("bad_wkb", f"The stored shape cannot be read: {error}.", got=data) from error


def area_from_file(path: Path, *, repair: bool = False) -> Polygon | MultiPolygon:
    """The union of all polygons of a GeoJSON file (a geometry, a feature or a feature collection).

    Args:
        path: the file, at most 100 MB.
        repair: make self-intersecting polygons valid.

    Raises:
        InputError: ``not_an_area`` (points or lines), ``empty_geometry``, those of `read_geometry` with the number
            of the feature, and those of `db.strictjson.read_json`.
    """
    value = read_json(path)
    if not isinstance(value, dict):
        raise InputError("unsupported_geometry", "The file holds no GeoJSON object.", where=path.name)
    _check_crs(value, path.name)
    shapes = []
    for where, geometry in _geometries(value, path.name):
        shape = read_geometry(geometry, where=where, repair=repair, max_vertices=MAX_AREA_VERTICES)
        if not isinstance(shape, Polygon | MultiPolygon):
            raise InputError("not_an_area", "Only polygons make an area.", where=where, got=shape.geom_type)
        shapes.append(shape)
    if len(shapes) == 0:
        raise InputError("empty_geometry", "The file has no features.", where=path.name)
    union = shapely.unary_union(shapes)
    if not isinstance(union, Polygon | MultiPolygon):
        raise InputError("empty_geometry", "The polygons have no area together.", where=path.name)
    return union


def _geometries(value: dict[str, Any], name: str) -> Iterator[tuple[str, Any]]:
    """The geometries of a GeoJSON object, each with what to call it."""
    if value.get("type") == "Feature":
        yield name, value.get("geometry")
    elif value.get("type") == "FeatureCollection":
        features = value.get("features")
        for number, feature in enumerate(features if isinstance(features, list) else [], start=1):
            yield f"{name}, feature {number}", feature.get("geometry") if isinstance(feature, dict) else feature
    else:
        yield name, value
