"""Coordinates written as text, read strictly: a string that could mean two places is refused."""

from __future__ import annotations

import math
import re

from mgrs import MGRS
from mgrs.core import MGRSError

from db.errors import InputError

_MGRS = re.compile(
    r"(?P<zone>0?[1-9]|[1-5][0-9]|60)(?P<band>[C-HJ-NP-X])(?P<square>[A-HJ-NP-Z][A-HJ-NP-V])(?P<digits>[0-9]*)"
)
_GRID_SIDE_M = 100_000
_SCALE = 0.9996  # least scale of the UTM grid: a grid metre is up to 1/0.9996 metres on the ground
_CORNER_TO_MIDDLE_M = 0.71  # of a square of one metre
_FIX = "Write it like 37SDV780636: zone 1-60, band, two letters, then easting and northing of equal length."


def mgrs_square(text: str, where: str) -> tuple[float, float, float]:
    """The square that a Military Grid Reference System string names, as a point and a radius.

    A reference names the square whose south-west corner it gives, not that corner: three digits each way are
    a square of 100 m (NGA.STND.0037, the universal grids). Polar references (bands A, B, Y, Z) are not read.

    Args:
        text: for example ``37SDV780636`` or ``37S DV 780 636``; 0 to 5 digits for each of easting and northing.
        where: which record or column, for the error.

    Returns:
        Longitude and latitude of the square's centre in degrees, to 0.71 m, and a radius in metres, rounded up
        to a decimetre, so that the circle covers the square.

    Raises:
        InputError: ``bad_mgrs``.
    """
    words = text.strip().upper().split()
    found = _MGRS.fullmatch("".join(words))
    if found is None:
        raise _bad("This is no MGRS reference.", text, where)
    digits = found["digits"]
    if len(digits) % 2 != 0 or len(digits) > 10:
        why = f"Easting and northing have {len(digits)} digits together; 0, 2, 4, 6, 8 or 10 can be split."
        raise _bad(why, text, where)
    if _split_unevenly(words):
        raise _bad("Easting and northing are of different length.", text, where)
    half = len(digits) // 2
    lon, lat = _centre(found, digits[:half], digits[half:], text, where)
    side = _GRID_SIDE_M / 10**half
    return lon, lat, math.ceil((side / math.sqrt(2) / _SCALE + _CORNER_TO_MIDDLE_M) * 10) / 10


def _split_unevenly(words: list[str]) -> bool:
    """Whether the writer's own blanks divide the digits otherwise than in the middle."""
    groups = [word for word in words if word.isdigit()]
    return len(groups) >= 2 and len(groups[-1]) != len(groups[-2])


def _centre(found: re.Match[str], easting: str, northing: str, text: str, where: str) -> tuple[float, float]:
    """Longitude and latitude of the middle of the square, degrees."""
    square = f"{int(found['zone']):02d}{found['band']}{found['square']}"
    # mgrs 1.5 answers with the south-west corner of a square and mgrs 1.6 with its middle, 70 m apart for a square
    # of 100 m. Asked for the square of one metre that starts in the middle, the two agree to 0.71 m.
    easting, northing = ((digits + "50000")[:5] for digits in (easting, northing))
    return _point_in(square + easting + northing, text, where)


def _point_in(reference: str, text: str, where: str) -> tuple[float, float]:
    """Longitude and latitude of a point in the square of one metre ``reference``, degrees."""
    try:
        lat, lon = MGRS().toLatLon(reference)
    except MGRSError as error:
        raise _bad("There is no such grid square.", text, where) from error
    return float(lon), float(lat)


def _bad(why: str, text: str, where: str) -> InputError:
    return InputError("bad_mgrs", why, where=where, got=text, fix=_FIX)
