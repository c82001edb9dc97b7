"""Universal Transverse Mercator (UTM) coordinates: zone, letter, easting and northing in metres.

The letter after the zone is a latitude band (C to X) in one custom and a hemisphere (N, S) in the other. N is north of
the equator in both. S is not: band S is 32 to 40 degrees north, hemisphere S is south of the equator, and Syria and
Iraq lie in band S. Such a pair is read only where one of the two is impossible or a point near by decides.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from pyproj import Proj

from gazetteer.coordinates.point import Coordinates, Given, Notation, up_to_decimetre
from gazetteer.geodesy import distance_m

BANDS = "CDEFGHJKLMNPQRSTUVWX"
_NEAR_M = 1_000_000.0
"""A point named as near decides between two readings that are thousands of kilometres apart, within this."""
_LEAST_SCALE = 0.9996
_FALSE_NORTHING_M = 10_000_000.0
_HALVES = {"NORTH": "north", "NORTHERN": "north", "SOUTH": "south", "SOUTHERN": "south"}

_ZONE = r"(?:ZONE ?:? ?)?(?P<zone>[0-9]{1,3})[ ,;-]{0,2}(?P<letter>[A-Z]|NORTH(?:ERN)?|SOUTH(?:ERN)?)?(?: HEMISPHERE)?"
_METRES = r"[0-9]{1,8}(?:\.[0-9]{1,6})?"
_EASTING = rf"(?:E(?:ASTING)? ?[:=]? ?)?(?P<first>{_METRES}) ?(?:M ?E|E|M)?"
_NORTHING = rf"(?:N(?:ORTHING)? ?[:=]? ?)?(?P<second>{_METRES}) ?(?:M ?N|N|M)?"
_BETWEEN = r" ?[ ,;/] ?"
_ZONE_FIRST = re.compile(rf"{_ZONE}(?:{_BETWEEN}|(?=E)){_EASTING}{_BETWEEN}{_NORTHING}")
_ZONE_LAST = re.compile(rf"{_EASTING}{_BETWEEN}{_NORTHING}{_BETWEEN}\(?{_ZONE}\)?")
_NO_ZONE = re.compile(rf"{_EASTING}{_BETWEEN}{_NORTHING}")
_NORTHING_FIRST = re.compile(rf"N(?:ORTHING)? ?[:=]? ?{_METRES}{_BETWEEN}E(?:ASTING)? ?[:=]? ?{_METRES}")
_PREFIX = re.compile(r"UTM\b[ :,]{0,2}")
_WGS = re.compile(r"[ ,]{0,2}\(?\bWGS[ -]?(?:19)?84\b\)?[ ,/]{0,2}")
_FIX = "Write it like: UTM zone 38 north 331245 4026789, easting before northing."


def read_utm(given: Given, text: str) -> Coordinates | None:
    """The point that UTM coordinates name; None for what is not built like them.

    Args:
        given: the text as given; its ``near`` decides between band S and the southern hemisphere.
        text: the same, cleaned.

    Raises:
        InputError: ``bad_utm``, ``utm_zone``, ``utm_letter`` (missing, or band S against hemisphere S),
            ``utm_band`` (the northing lies in another band), ``maybe_swapped``, ``out_of_range``.
    """
    upper = _WGS.sub(" ", text.upper()).strip()
    plain = _PREFIX.sub("", upper, count=1).strip() if upper.startswith("UTM") else upper
    named = plain != upper
    found = _ZONE_FIRST.fullmatch(plain) or _ZONE_LAST.fullmatch(plain)
    if found is not None and (named or _is_large(found["first"], found["second"], 5)):
        return _located(given, found)
    _check_not_meant(given, plain, named=named)
    return None


def _check_not_meant(given: Given, plain: str, *, named: bool) -> None:
    """Refuse what is built like UTM coordinates or called so, and lacks a part."""
    bare = _NO_ZONE.fullmatch(plain) or _NORTHING_FIRST.fullmatch(plain)
    if bare is not None and (named or ("first" in bare.groupdict() and _is_large(bare["first"], bare["second"], 6))):
        raise given.bad("utm_zone", "Easting and northing without a zone may be in any of 60 zones.", _FIX)
    if named and any(char.isdigit() for char in plain):
        raise given.bad("bad_utm", "These are no UTM coordinates: zone, letter, easting, northing.", _FIX)


def _is_large(first: str, second: str, least: int) -> bool:
    """Whether two numbers have so many digits that they are metres on the grid and no degrees or house numbers."""
    sizes = sorted(len(number.partition(".")[0]) for number in (first, second))
    return least <= sizes[0] <= 6 <= sizes[1] <= 8 and (least < 6 or sizes[1] > 6)


def _located(given: Given, found: re.Match[str]) -> Coordinates:
    zone, letter = int(found["zone"]), found["letter"] or ""
    if not 1 <= zone <= 60:
        raise given.bad("utm_zone", f"There is no zone {zone}; zones are 1 to 60.", _FIX)
    east, north = float(found["first"]), float(found["second"])
    if east >= 1_000_000 > north:
        raise given.bad("maybe_swapped", "The first number can only be a northing.", _FIX)
    if not (100_000 <= east <= 900_000 and north < _FALSE_NORTHING_M):
        why = "Eastings are 100000 to 900000 metres and northings less than 10000000."
        raise given.bad("out_of_range", why, _FIX)
    lon, lat = _unproject(zone, east, north, south=_is_south(given, zone, letter, east, north))
    if not (math.isfinite(lon) and math.isfinite(lat) and -80.5 <= lat <= 84.5):
        raise given.bad("out_of_range", "UTM is defined from 80 degrees south to 84 degrees north.", _FIX)
    decimals = min(len(found[name].partition(".")[2]) for name in ("first", "second"))
    radius = up_to_decimetre(10.0**-decimals / math.sqrt(2) / _LEAST_SCALE)
    return Coordinates(lon, lat, radius, Notation.UTM, given.text)


def _is_south(given: Given, zone: int, letter: str, east: float, north: float) -> bool:
    """Whether the northing counts from 10,000 km south of the equator."""
    if letter == "":
        raise given.bad("utm_letter", "Without north or south the zone has two such places.", _FIX)
    if letter in _HALVES or letter == "N":
        return _HALVES.get(letter) == "south"
    if letter not in BANDS:
        raise given.bad("utm_letter", f"There is no band {letter}; bands are C to X without I and O.", _FIX)
    if letter == "S":
        return _s_is_south(given, zone, east, north)
    south = letter < "N"
    if not in_band(_unproject(zone, east, north, south=south)[1], letter):
        raise given.bad("utm_band", f"The northing does not lie in band {letter}.", _FIX)
    return south


def _s_is_south(given: Given, zone: int, east: float, north: float) -> bool:
    if not in_band(_unproject(zone, east, north, south=False)[1], "S"):
        return True
    if given.near is not None:
        near = {
            south: distance_m(*_unproject(zone, east, north, south=south), *given.near) <= _NEAR_M
            for south in (False, True)
        }
        if near[True] != near[False]:
            return near[True]
    why = "S may be band S, 32 to 40 degrees north, or the southern hemisphere."
    fix = f"Write north or south: UTM zone {zone} north {east:.0f} {north:.0f}."
    raise given.bad("utm_letter", why, fix)


def in_band(lat: float, band: str, slack: float = 0.01) -> bool:
    """Whether a latitude lies in a band; bands are 8 degrees high, X is 12 (NGA.STND.0037).

    Args:
        lat: degrees.
        band: C to X without I and O.
        slack: degrees beyond the band that are let pass; 0.01 is a kilometre.
    """
    south = -80.0 + 8 * BANDS.index(band)
    return south - slack <= lat <= south + (12 if band == "X" else 8) + slack


@lru_cache(maxsize=120)
def _projection(zone: int, *, south: bool) -> Proj:
    return Proj(proj="utm", zone=zone, south=south, ellps="WGS84")


def _unproject(zone: int, east: float, north: float, *, south: bool) -> tuple[float, float]:
    """Longitude and latitude in degrees of a point on the grid, metres."""
    lon, lat = _projection(zone, south=south)(east, north, inverse=True)
    return float(lon), float(lat)
