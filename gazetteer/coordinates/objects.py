"""Points as programs write them: GeoJSON (RFC 7946), an object with lat and lon, well-known text (OGC 06-103r4).

GeoJSON and well-known text have longitude first.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from gazetteer.coordinates.point import Coordinates, Degrees, Given, Notation

_FIX = 'Write {"type": "Point", "coordinates": [43.1189, 36.3350]}, longitude first.'
_WKT_FIX = "Write POINT (43.1189 36.3350), longitude first."
_FIELDS = {"lat": ("lat", "latitude"), "lon": ("lon", "lng", "long", "longitude")}
_CRS84 = frozenset(
    {
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84",
        "OGC:CRS84",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "http://www.opengis.net/def/crs/OGC/0/CRS84",
    }
)

_NUMBER = r"[-+]?[0-9]{1,10}(?:\.[0-9]{0,20})?"
_WKT = re.compile(
    rf"(?:SRID ?= ?(?P<srid>[0-9]{{1,6}}) ?; ?)?POINT ?(?:Z|M|ZM)? ?"
    rf"\( ?(?P<lon>{_NUMBER}) (?P<lat>{_NUMBER})(?: {_NUMBER}){{0,2}} ?\)",
    re.IGNORECASE,
)
_WKT_ALIKE = re.compile(
    r"(?:SRID ?= ?[0-9]{1,6} ?; ?)?(?P<kind>POINT|LINESTRING|POLYGON|MULTI[A-Z]{5,10}|GEOMETRYCOLLECTION)"
    r" ?(?:Z|M|ZM)? ?\([( ]{0,3}[-+]?[0-9.]{1,20}[ ,;]{1,2}[-+]?[0-9]",
    re.IGNORECASE,
)


def read_object(given: Given) -> Coordinates | None:
    """The point that a JSON object names; None where the text is no object.

    Args:
        given: the text as given.

    Raises:
        InputError: ``bad_json``, ``not_a_point`` (another geometry or none), ``unsupported_crs`` (B37), and
            those of the point.
    """
    text = given.text.strip("\ufeff \t\r\n")
    if not text.startswith("{") or ":" not in text:
        return None
    found = _load(given, text)
    if "type" in found:
        return _geojson(given, found)
    names = {axis: [name for name in names if name in found] for axis, names in _FIELDS.items()}
    if any(len(present) != 1 for present in names.values()):
        raise given.bad("not_a_point", "The object is no GeoJSON and has no fields lat and lon.", _FIX)
    lon, lat = (_degrees(given, found[names[axis][0]]) for axis in ("lon", "lat"))
    return given.point(lon, lat, Notation.JSON)


def _load(given: Given, text: str) -> dict[str, Any]:
    """The object, with numbers as they are written."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) != len(pairs):
            raise given.bad("bad_json", "A field is there twice.", _FIX)
        return dict(pairs)

    def constant(name: str) -> None:
        raise given.bad("not_finite", f"{name} is no coordinate.", _FIX)

    try:
        found = json.loads(
            text, parse_float=Decimal, parse_int=Decimal, parse_constant=constant, object_pairs_hook=unique
        )
    except (json.JSONDecodeError, RecursionError, InvalidOperation) as error:
        raise given.bad("bad_json", "The object is no JSON.", _FIX) from error
    if not isinstance(found, dict):
        raise given.bad("bad_json", "The text is no object.", _FIX)
    return found


def _geojson(given: Given, found: dict[str, Any]) -> Coordinates:
    parts = [found]
    if found["type"] == "Feature" and isinstance(found.get("geometry"), dict):
        parts.append(found["geometry"])
    for part in parts:
        if part.get("crs") is not None and _crs_name(part["crs"]) not in _CRS84:
            why = "The object names a reference system of its own; only longitude and latitude on WGS84 are read."
            raise given.bad("unsupported_crs", why, _FIX)
    pair = parts[-1].get("coordinates")
    if parts[-1].get("type") != "Point" or not isinstance(pair, list) or not 2 <= len(pair) <= 3:
        raise given.bad("not_a_point", "The object is no GeoJSON Point with longitude and latitude.", _FIX)
    return given.point(_degrees(given, pair[0]), _degrees(given, pair[1]), Notation.GEOJSON)


def _crs_name(crs: object) -> object:
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name if isinstance(name, str) else ""


def _degrees(given: Given, number: object) -> Degrees:
    if not isinstance(number, Decimal):
        raise given.bad("bad_json", "A coordinate is not a number.", _FIX)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or not -30 <= exponent <= 3:
        raise given.bad("not_finite", "A coordinate is not a number of degrees.", _FIX)
    return Degrees(float(number), 10.0**exponent / 2)


def read_wkt(given: Given, text: str) -> Coordinates | None:
    """The point that well-known text names; None where the text is none.

    Args:
        given: the text as given.
        text: the same, cleaned.

    Raises:
        InputError: ``bad_wkt``, ``not_a_point``, ``unsupported_crs``, and those of the point.
    """
    found = _WKT.fullmatch(text)
    if found is None:
        _check_not_meant(given, text)
        return None
    if found["srid"] not in (None, "4326"):
        raise given.bad("unsupported_crs", f"The text names the reference system {found['srid']}.", _WKT_FIX)
    lon, lat = (_degrees(given, Decimal(found[axis])) for axis in ("lon", "lat"))
    return given.point(lon, lat, Notation.WKT)


def _check_not_meant(given: Given, text: str) -> None:
    """Refuse another geometry, and a point that is written wrong."""
    alike = _WKT_ALIKE.match(text)
    if alike is not None and alike["kind"].upper() != "POINT":
        raise given.bad("not_a_point", f"{alike['kind'].upper()} is no point.", _WKT_FIX)
    if alike is not None:
        raise given.bad("bad_wkt", "A point has two numbers with a blank between them.", _WKT_FIX)
