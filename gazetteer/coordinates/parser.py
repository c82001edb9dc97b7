"""The door for coordinates in text: each notation is tried in turn, and each refuses what it alone can mean."""

from __future__ import annotations

from collections.abc import Callable

from gazetteer.coordinates.angles import read_angles
from gazetteer.coordinates.cleaning import MAX_LINK, MAX_TEXT, clean, may_be_coordinates
from gazetteer.coordinates.links import read_geo_uri, read_link
from gazetteer.coordinates.military_grid import read_military_grid
from gazetteer.coordinates.objects import read_object, read_wkt
from gazetteer.coordinates.plus_codes import read_plus_code
from gazetteer.coordinates.point import Coordinates, Given
from gazetteer.coordinates.utm_grid import read_utm
from gazetteer.points import check_point

_READERS: tuple[Callable[[Given, str], Coordinates | None], ...] = (
    read_wkt, read_geo_uri, read_plus_code, read_military_grid, read_utm, read_angles,
)  # fmt: skip


def parse_coordinates(
    text: str, *, where: str = "coordinates", near: tuple[float, float] | None = None
) -> Coordinates | None:
    """The point that a text names in any notation, or None where it is a place name and no coordinates.

    Read are decimal degrees, degrees with minutes and seconds, UTM, MGRS, Plus Codes, GeoJSON, well-known text,
    geo: URIs and links to maps, with digits of any script. Two bare decimals are latitude, then longitude; GeoJSON
    and well-known text have longitude first. Nothing is guessed: what has a second reading is an error.

    Args:
        text: as a person wrote it.
        where: which record or column, for the error.
        near: longitude and latitude in degrees of a point not far away; it completes a short Plus Code and decides
            whether the S of UTM is band S or the southern hemisphere.

    Returns:
        The point, and the radius in metres that its digits leave open; None where the text does not look like
        coordinates.

    Raises:
        InputError: the text looks like coordinates but is malformed or could mean two places. The code says which:
            ``too_long``, ``out_of_range`` (B34), ``maybe_swapped``, ``null_island`` (B36), ``decimal_comma`` (B25),
            and those that the readers of the notations list.
    """
    if not may_be_coordinates(text):
        return None
    if near is not None:
        near = check_point(*near, where=f"{where}, point near by", confirm_null_island=True)
    given = Given(text, where, near)
    if len(text) > MAX_LINK:
        _check_length(given)
        return None
    found = read_object(given) or read_link(given)
    if found is not None:
        return found
    plain = clean(text)
    if len(plain) > MAX_TEXT:
        return None
    for read in _READERS:
        found = read(given, plain)
        if found is not None:
            return found
    return None


def _check_length(given: Given) -> None:
    """Refuse an endless link or object; any other text of that length is a story."""
    start = given.text[:64].strip().lower()
    if start.startswith(("{", "http://", "https://")):
        raise given.bad("too_long", f"Coordinates have at most {MAX_LINK} characters.", "Give the point alone.")
