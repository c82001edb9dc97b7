"""Plus Codes (Open Location Code): a cell named by its digits; a short one needs a point near by."""

from __future__ import annotations

import re

from openlocationcode import openlocationcode as olc

from gazetteer.coordinates.point import Coordinates, Degrees, Given, Notation

_ALIKE = re.compile(
    r"(?=[^ ]*[A-Z])(?=[^ ]*[0-9])[0-9A-Z]{2,8}\+[0-9A-Z]{0,7}|[2-9][0-9]{7}\+[0-9]{0,7}", re.IGNORECASE
)
_CODE = re.compile(r"[2-9CFGHJMPQRVWX]{2,8}0{0,6}\+[2-9CFGHJMPQRVWX]{0,7}", re.IGNORECASE)
_FIX = "Write the full code, like 8H8584P9+2H, with eight characters before the plus."


def read_plus_code(given: Given, text: str) -> Coordinates | None:
    """The cell that a Plus Code names; None for what is not built like one.

    Args:
        given: the text as given; its ``near`` completes a short code (to the nearest cell that ends like it).
        text: the same, cleaned.

    Raises:
        InputError: ``bad_plus_code``, ``short_plus_code`` (no point near by, or a place name beside it),
            ``extra_text``.
    """
    if "+" not in text:
        return None
    first, _, rest = text.partition(" ")
    code = first.rstrip(",;")
    if _ALIKE.fullmatch(code) is None and not (rest == "" and _is_without_digit(code)):
        return None
    if rest != "":
        _check_alone(given, code)
        return None
    if not olc.isValid(code) or not (olc.isFull(code) or olc.isShort(code)):
        raise given.bad("bad_plus_code", "This is no Plus Code: its characters are 23456789CFGHJMPQRVWX.", _FIX)
    return _cell(given, _full(given, code))


def _is_without_digit(code: str) -> bool:
    """Whether a word like ``QWCW+QR`` is a code: capitals of the alphabet, four or more before the plus."""
    return code.isupper() and _CODE.fullmatch(code) is not None and code.find("+") >= 4


def _check_alone(given: Given, code: str) -> None:
    """Refuse a code with other words beside it."""
    if not olc.isValid(code):
        return
    if olc.isFull(code):
        raise given.bad("extra_text", "Beside a full Plus Code there are other words.", _FIX)
    why = "A short Plus Code with a place name stands for a cell near that place."
    raise given.bad("short_plus_code", why, "Find the place first and give its point as near. " + _FIX)


def _full(given: Given, code: str) -> str:
    if olc.isFull(code):
        return code
    if given.near is None:
        raise given.bad("short_plus_code", "A short Plus Code is complete only with a point near by.", _FIX)
    lon, lat = given.near
    return str(olc.recoverNearest(code, lat, lon))


def _cell(given: Given, code: str) -> Coordinates:
    area = olc.decode(code)
    lon = Degrees(float(area.longitudeCenter), float(area.longitudeHi - area.longitudeLo) / 2)
    lat = Degrees(float(area.latitudeCenter), float(area.latitudeHi - area.latitudeLo) / 2)
    return given.point(lon, lat, Notation.PLUS_CODE)
