"""What coordinates in text come to: a point, and the radius that their digits leave open.

The radius covers the cell of all points that would be written with the same digits: half the unit of the last digit
to each side, measured to the farthest corner on the ellipsoid ("uncertainty due to coordinate precision" in
Chapman & Wieczorek 2020, Georeferencing Best Practices, GBIF; Wieczorek, Guo & Hijmans 2004, IJGIS 18:745-767).
It says how finely the point is written and nothing of how well it was known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from db.errors import InputError
from gazetteer.geodesy import distances_m

LIMITS = {"lat": 90.0, "lon": 180.0}
"""Largest degrees of each axis."""


class Notation(StrEnum):
    """How coordinates are written."""

    DECIMAL = "decimal"
    DEGREES_MINUTES = "degrees_minutes"
    DEGREES_MINUTES_SECONDS = "degrees_minutes_seconds"
    UTM = "utm"
    MGRS = "mgrs"
    PLUS_CODE = "plus_code"
    GEOJSON = "geojson"
    JSON = "json"
    """An object with the fields lat and lon."""
    WKT = "wkt"
    GEO_URI = "geo_uri"
    MAP_LINK = "map_link"
    """A link to a pin, or to a search for coordinates."""
    MAP_VIEW = "map_view"
    """A link to a stretch of map; its middle, with what it shows as radius."""


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A point read from text.

    Args:
        lon: longitude, degrees on WGS84.
        lat: latitude, degrees on WGS84.
        radius_m: metres around the point that hold every place the digits can stand for.
        notation: how it was written.
        text: as it was given.
    """

    lon: float
    lat: float
    radius_m: float
    notation: Notation
    text: str


@dataclass(frozen=True, slots=True)
class Degrees:
    """One angle: its value and half the unit of its last digit, both in degrees."""

    value: float
    half: float


@dataclass(frozen=True, slots=True)
class Given:
    """The text under reading and what is needed to speak of it.

    Args:
        text: as given, for errors and the answer.
        where: which record or column.
        near: longitude and latitude in degrees of a point not far away, or None.
    """

    text: str
    where: str
    near: tuple[float, float] | None = None

    def bad(self, code: str, why: str, fix: str) -> InputError:
        """The error that refuses this text."""
        return InputError(code, why, where=self.where, got=self.text, fix=fix)

    def point(self, lon: Degrees, lat: Degrees, notation: Notation, *, least_m: float = 0.0) -> Coordinates:
        """The point at two angles, checked, with the radius of its cell.

        Args:
            lon: longitude.
            lat: latitude.
            notation: how it was written.
            least_m: metres; a radius that the text itself states.

        Raises:
            InputError: ``out_of_range``, ``maybe_swapped`` where only the exchanged pair is on the globe (B34),
                ``null_island`` (B36).
        """
        self.check(lon.value, lat.value)
        radius = max(cell_radius_m(lon, lat), least_m)
        return Coordinates(lon.value + 0.0, lat.value + 0.0, up_to_decimetre(radius), notation, self.text)

    def check(self, lon: float, lat: float) -> None:
        """Refuse a point that is off the globe or exactly (0, 0)."""
        if not (math.isfinite(lon) and math.isfinite(lat)):
            raise self.bad("not_finite", "A coordinate is not a finite number.", "Give two numbers in degrees.")
        if 90 < abs(lat) <= 180 and abs(lon) <= 90:
            why = f"The latitude would be {lat:g}; only the other order, longitude before latitude, is on the globe."
            raise self.bad("maybe_swapped", why, "Exchange the two, or write N/S and E/W to them.")
        if abs(lat) > 90 or abs(lon) > 180:
            why = f"Latitude {lat:g}, longitude {lon:g} is off the globe (at most 90 and 180 degrees)."
            raise self.bad("out_of_range", why, "Check the digits and the decimal point.")
        if lon == 0 and lat == 0:
            why = "Latitude 0, longitude 0 is nearly always a missing value."
            raise self.bad("null_island", why, "Leave the coordinates out, or write the place in words.")


def cell_radius_m(lon: Degrees, lat: Degrees) -> float:
    """Metres from the middle of a cell to its farthest corner: geodesic, on WGS84.

    Args:
        lon: longitude and half the cell's width.
        lat: latitude and half the cell's height.
    """
    sides = [max(-90.0, lat.value - lat.half), min(90.0, lat.value + lat.half)]
    return float(distances_m([lon.value + lon.half] * 2, sides, lon.value, lat.value).max())


def up_to_decimetre(metres: float) -> float:
    """``metres`` rounded up to a decimetre, so that a circle still covers what it covered."""
    return max(0.1, math.ceil(metres * 10) / 10)
