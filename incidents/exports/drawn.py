"""Incidents drawn as the areas they lie in. A module of its own: an export of points need not load what draws them."""

from __future__ import annotations

from collections.abc import Iterable

import shapely
from shapely.geometry.base import BaseGeometry

from db.errors import InputError
from gazetteer.geodesy import bounds_of, circle
from gazetteer.geometry import right_hand_rule
from incidents.views import LocationView

LEAST_RADIUS_M = 1.0
"""A place of radius 0 is drawn this large: a polygon has an area."""

GRID_DEGREES = 1e-7
"""Drawn areas are rounded to 7 decimals, about a centimetre: more would claim more than a circle knows."""


def drawn_area(places: Iterable[LocationView]) -> BaseGeometry | None:
    """The union of the areas of ``places`` as a MultiPolygon; None where none of them is located."""
    shapes = [_area(place) for place in places if place.lon is not None]
    if len(shapes) == 0:
        return None
    union = shapely.set_precision(shapely.unary_union(shapes), GRID_DEGREES)
    parts = [part for part in shapely.get_parts(union) if part.geom_type == "Polygon"]  # rounding can leave lines
    return right_hand_rule(shapely.MultiPolygon(parts))


def _area(place: LocationView) -> BaseGeometry:
    if place.area is not None:
        return place.area
    lon, lat, radius_m = float(place.lon or 0.0), float(place.lat or 0.0), max(place.radius_m or 0.0, LEAST_RADIUS_M)
    try:
        return circle(lon, lat, radius_m)
    except InputError:
        # A disc round a pole is no polygon in degrees; its box holds it.
        return shapely.box(*bounds_of(lon, lat, radius_m))
