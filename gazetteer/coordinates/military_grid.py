"""Military Grid Reference System (MGRS) and U.S. National Grid references: a square, never a point."""

from __future__ import annotations

import math
import re
import warnings

from mgrs import MGRS
from mgrs.core import MGRSError

from db.errors import InputError
from gazetteer.coordinates.point import Coordinates, Given, Notation, up_to_decimetre
from gazetteer.coordinates.utm_grid import BANDS, in_band

_PREFIX = re.compile(r"(?:MGRS|USNG)(?:(?=[0-9])|\b ?[:=]? ?)", re.IGNORECASE)
_ALIKE = re.compile(r"([0-9]{1,3})( ?)([A-Z]) ?([A-Z]{2}) ?([0-9OIL][0-9OIL ]*)", re.IGNORECASE)
_SQUARE_ALONE = re.compile(r"[0-9]{2} ?[A-Z] ?[A-Z]{2}")
_NO_BAND = re.compile(r"[0-9]{1,2}[A-Z]{2}(?:[0-9]{4}|[0-9]{6}|[0-9]{8}|[0-9]{10})", re.IGNORECASE)
_WITHIN = re.compile(r"\b[0-9]{1,3}[A-Z]{3} ?[0-9]{2,5} ?[0-9]{2,5}\b", re.IGNORECASE)
_MONTHS = frozenset({"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"})
_PARTS = re.compile(r"([0-9]*)([A-Z]?)([A-Z]{0,2})([0-9]*)")
_DIGITS_LAST = re.compile(r"[0-9][0-9\s]*\Z")
_COLUMNS, _ROWS = "ABCDEFGHJKLMNPQRSTUVWXYZ", "ABCDEFGHJKLMNPQRSTUV"
_GRID_SIDE_M = 100_000
_SCALE = 0.9996  # least scale of the UTM grid: a grid metre is up to 1/0.9996 metres on the ground
_LEAST_DEGREE_M = 110_500.0  # metres in a degree of latitude, at the equator
_CORNER_TO_MIDDLE_M = 0.71  # of a square of one metre
_FIX = "Write it like 37SDV780636: zone 1-60, band, two letters, then easting and northing of equal length."


def mgrs_square(text: str, where: str) -> tuple[float, float, float]:
    """The square that a Military Grid Reference System string names, as a point and a radius.

    A reference names the square whose south-west corner it gives, not that corner: three digits each way are
    a square of 100 m (NGA.STND.0037, the universal grids). Polar references (bands A, B, Y, Z) are not read.

    Args:
        text: for example ``37SDV780636`` or ``MGRS: 37S DV 780 636``; 0 to 5 digits each of easting and northing.
        where: which record or column, for the error.

    Returns:
        Longitude and latitude of the square's centre in degrees, to 0.71 m, and a radius in metres, rounded up
        to a decimetre, so that the circle covers the square.

    Raises:
        InputError: ``bad_mgrs``.
    """
    try:
        return _square(Given(text, where), _without_prefix(text.strip()))
    except InputError as error:
        raise InputError("bad_mgrs", error.why, where=where, got=text, fix=_FIX) from error


def read_military_grid(given: Given, text: str) -> Coordinates | None:
    """The square that a reference names; None for what is not built like one.

    Args:
        given: the text as given.
        text: the same, cleaned.

    Raises:
        InputError: ``mgrs_zone``, ``mgrs_square`` (no such band, column or row, or not in that zone and band),
            ``mgrs_digits`` (odd, more than ten, or split unevenly), ``two_values``, ``bad_mgrs``, ``extra_text``.
    """
    plain = _without_prefix(text)
    several = _WITHIN.findall(plain)
    if len(several) > 1:
        raise given.bad("two_values", f"There are {len(several)} grid references.", "Give one; record the other apart.")
    if plain == text and not _is_alike(plain):
        if len(several) == 1 and _WITHIN.fullmatch(plain) is None:
            raise given.bad("extra_text", "Beside a grid reference there are other words.", _FIX)
        return None
    lon, lat, radius = _square(given, plain)
    return Coordinates(lon, lat, radius, Notation.MGRS, given.text)


def _without_prefix(text: str) -> str:
    found = _PREFIX.match(text)
    return text if found is None else text[found.end() :]


def _is_alike(text: str) -> bool:
    """Whether a text is built like a reference, right or mistyped, and not like a name or date."""
    if _SQUARE_ALONE.fullmatch(text) is not None:
        return text.replace(" ", "")[2:] not in _MONTHS
    if _NO_BAND.fullmatch(text) is not None:
        return True
    found = _ALIKE.fullmatch(text)
    if found is None or not any(char.isdigit() for char in found[5]):
        return False
    letters = found[3] + found[4]
    if found[2] == " " and (not letters.isupper() or letters in _MONTHS):  # "12 mar 2017", "5 may 12"
        return False
    return letters.isupper() or letters.islower() or len(found[5].replace(" ", "")) >= 4


def _square(given: Given, text: str) -> tuple[float, float, float]:
    """Longitude and latitude of a square's centre in degrees, and the radius in metres that covers it."""
    found = _PARTS.fullmatch("".join(text.upper().split()))
    if found is None or not text.isascii() or not (found[1] and found[2] and len(found[3]) == 2):
        raise given.bad("bad_mgrs", "This is no MGRS reference: zone, band, two letters, digits.", _FIX)
    _check_letters(given, found[1], found[2], found[3])
    digits = found[4]
    if len(digits) % 2 != 0 or len(digits) > 10:
        why = f"Easting and northing have {len(digits)} digits together; 0, 2, 4, 6, 8 or 10 can be split."
        raise given.bad("mgrs_digits", why, _FIX)
    if _split_unevenly(text):
        raise given.bad("mgrs_digits", "Easting and northing are of different length.", _FIX)
    half = len(digits) // 2
    square = f"{int(found[1]):02d}{found[2]}{found[3]}"
    lon, lat = _centre(given, square, digits[:half], digits[half:])
    radius = _GRID_SIDE_M / 10**half / math.sqrt(2) / _SCALE + _CORNER_TO_MIDDLE_M
    # The library lets a square pass that lies up to some hundred kilometres outside its band, with a warning. One
    # that straddles the band's edge is right although its middle lies outside.
    if not in_band(lat, found[2], radius / _LEAST_DEGREE_M):
        raise _elsewhere(given, square)
    return lon, lat, up_to_decimetre(radius)


def _check_letters(given: Given, zone: str, band: str, square: str) -> None:
    if len(zone) > 2 or not 1 <= int(zone) <= 60:
        why = f"This is no MGRS reference: there is no zone {zone[:8]}, zones are 1 to 60."
        raise given.bad("mgrs_zone", why, _FIX)
    if band not in BANDS:
        why = f"This is no MGRS reference: there is no band {band}, bands are C to X without I and O."
        raise given.bad("mgrs_square", why, _FIX)
    if square[0] not in _COLUMNS or square[1] not in _ROWS:
        why = f"This is no MGRS reference: no square is called {square}; rows end at V, and I and O are not used."
        raise given.bad("mgrs_square", why, _FIX)


def _split_unevenly(text: str) -> bool:
    """Whether the writer's own blanks divide the digits otherwise than in the middle, as in ``37S DV7806 36``."""
    digits = _DIGITS_LAST.search(text)
    groups = [] if digits is None else digits[0].split()
    return len(groups) > 2 or (len(groups) == 2 and len(groups[0]) != len(groups[1]))


def _centre(given: Given, square: str, easting: str, northing: str) -> tuple[float, float]:
    """Longitude and latitude of the middle of the square, degrees."""
    # mgrs 1.5 answers with the south-west corner of a square and mgrs 1.6 with its middle, 70 m apart for a square
    # of 100 m. Asked for the square of one metre that starts in the middle, the two agree to 0.71 m.
    easting, northing = ((digits + "50000")[:5] for digits in (easting, northing))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of the band, which is checked by the caller
            lat, lon = MGRS().toLatLon(square + easting + northing)
    except MGRSError as error:
        raise _elsewhere(given, square) from error
    return float(lon), float(lat)


def _elsewhere(given: Given, square: str) -> InputError:
    why = f"There is no such grid square: {square[3:]} does not lie in zone {square[:2]}, band {square[2]}."
    return given.bad("mgrs_square", why, _FIX)
