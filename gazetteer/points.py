"""Points, boxes and distances as a person or a file gives them. Longitude first."""

from __future__ import annotations

import math
import re

import shapely
from shapely.geometry import MultiPolygon, Polygon

from db.errors import InputError

CONFIRM_NULL_ISLAND = "Leave it out, or confirm it: --confirm-null-island, or yes in the column confirmed."
MAX_DISTANCE_M = 20_003_932.0  # half way round the WGS84 equator by geodesic; nothing is farther
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)", re.ASCII)
_PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_DISTANCE = re.compile(r"(\d+\.?\d*|\.\d+)\s*(m|km)?", re.ASCII | re.IGNORECASE)


def check_point(lon: float, lat: float, *, where: str, confirm_null_island: bool = False) -> tuple[float, float]:
    """Longitude and latitude as given, if they are a place on Earth.

    Args:
        lon: degrees east, -180 to 180.
        lat: degrees north, -90 to 90.
        where: which record, for the error.
        confirm_null_island: accept (0, 0), which is nearly always a missing value (B36).

    Raises:
        InputError: ``not_a_number``, ``not_finite``, ``out_of_range`` (with a hint where the pair may be swapped;
            never swapped here), ``null_island``.
    """
    point = _degrees(lon, 180, "longitude", where), _degrees_north(lon, lat, where)
    if point == (0.0, 0.0) and not confirm_null_island:
        why = "The point is longitude 0, latitude 0, in the Gulf of Guinea: nearly always a missing value."
        raise InputError("null_island", why, where=where, fix=CONFIRM_NULL_ISLAND)
    return point


def parse_number(text: str, *, where: str) -> float:
    """A decimal number as typed: degrees or metres.

    Args:
        text: ASCII digits with a point, for example ``36.19``; blanks around it are passed over.
        where: which option or column, for the error.

    Raises:
        InputError: ``decimal_comma`` (B25), ``not_finite`` (B20) or ``not_a_number``.
    """
    plain = text.strip()
    if _PLAIN.fullmatch(plain) is not None:
        number = float(plain)
        if math.isfinite(number):
            return number
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", plain):
        fix = f"The decimal sign is a point: write {plain.replace(',', '.')}."
        raise InputError("decimal_comma", "A number has no comma.", where=where, got=text, fix=fix)
    if _PLAIN.fullmatch(plain) is not None or re.fullmatch(r"[+-]?(?:nan|inf(?:inity)?)", plain, re.IGNORECASE):
        raise InputError("not_finite", "The number is not finite.", where=where, got=text)
    fix = "Write digits with a decimal point, for example 36.19."
    raise InputError("not_a_number", "This is no number.", where=where, got=text, fix=fix)


def _degrees_north(lon: object, lat: object, where: str) -> float:
    try:
        return _degrees(lat, 90, "latitude", where)
    except InputError as error:
        if error.code == "out_of_range" and _fits(lon, 90) and _fits(lat, 180):
            error.fix = f"maybe_swapped: longitude comes first. If {lat} is the longitude, give {lat}, {lon}."
        raise


def _fits(value: object, limit: int) -> bool:
    return isinstance(value, int | float) and abs(value) <= limit


def _degrees(value: object, limit: int, name: str, where: str) -> float:
    """``value`` as a float, if it is a number of degrees within ``limit``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError("not_a_number", f"The {name} is not a number.", where=where, got=value)
    if -limit <= value <= limit:
        return float(value) + 0.0  # -0.0 becomes 0.0, or equal places would be stored as different bytes
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError("not_finite", f"The {name} is not a finite number.", where=where, got=value)
    raise InputError("out_of_range", f"The {name} is outside -{limit} to {limit} degrees.", where=where, got=value)


def parse_bbox(text: str) -> Polygon | MultiPolygon:
    """The box ``west,south,east,north``, in degrees; one with west > east crosses the antimeridian (two parts).

    Raises:
        InputError: ``bad_bbox``, ``bbox_reversed`` (south > north), ``empty_area``, and those of `check_point`.
    """
    where, form = "bounding box", "Give west,south,east,north in degrees, for example 36.5,35.8,37.5,36.6."
    parts = [part.strip() for part in text.split(",")]
    if len(parts) == 8:
        form += " The decimal sign is a point."
    if len(parts) != 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise InputError("bad_bbox", "A box is four numbers.", where=where, got=text, fix=form)
    west, south, east, north = map(float, parts)
    check_point(west, south, where=f"{where}, south-west corner", confirm_null_island=True)
    check_point(east, north, where=f"{where}, north-east corner", confirm_null_island=True)
    if south > north:
        raise InputError("bbox_reversed", "South is north of north.", where=where, got=text, fix=form)
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    boxes = [shapely.box(left, south, right, north) for left, right in spans if left < right]
    if south == north or len(boxes) == 0:
        raise InputError("empty_area", "The box has no area.", where=where, got=text, fix=form)
    return boxes[0] if len(boxes) == 1 else MultiPolygon(boxes)


def parse_distance(text: str) -> float:
    """The metres in ``5km``, ``500 m`` or ``5000``.

    Raises:
        InputError: ``bad_distance``; ``out_of_range``: zero, or more than half way round the Earth.
    """
    found = _DISTANCE.fullmatch(text.strip())
    if found is None:
        hint = " The decimal sign is a point." if "," in text else ""
        fix = "Give metres or kilometres, for example 500m, 5km or 5000." + hint
        raise InputError("bad_distance", "This is no distance.", got=text, fix=fix)
    metres = float(found[1]) * (1000 if (found[2] or "m").lower() == "km" else 1)
    if not 0 < metres <= MAX_DISTANCE_M:
        raise InputError("out_of_range", "A distance is above 0 and at most 20,003 km.", got=text)
    return metres
