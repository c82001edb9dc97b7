"""How places lie to the area of a query: surely inside as a whole, or overlapping it.

What is drawn as a polygon is drawn so that the answer errs to the cautious side: a place is surely inside
only where it is inside for certain, and possibly inside wherever it may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gazetteer.geodesy import bounds_of, circle, circles, distances_m

DISC_CORNERS = 256


@dataclass(frozen=True)
class Disc:
    """A query area: everything within ``radius_m`` metres of (lon, lat), on the ellipsoid.

    Raises:
        InputError: the radius is over 2,000 km, or the disc holds a pole; polygons could not be compared with it.
    """

    lon: float
    lat: float
    radius_m: float

    def __post_init__(self) -> None:
        self.polygon()

    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        return bounds_of(self.lon, self.lat, self.radius_m)

    def polygon(self) -> BaseGeometry:
        """A polygon that holds the disc: what the disc touches, it touches."""
        return circle(self.lon, self.lat, self.radius_m, DISC_CORNERS)

    def inner_polygon(self) -> BaseGeometry:
        """A polygon that the disc holds: what it covers, the disc covers."""
        if self.radius_m == 0:
            return self.polygon()
        corners = shapely.get_coordinates(self.polygon())
        beyond = distances_m(corners[:, 0], corners[:, 1], self.lon, self.lat).max()
        # Corners lie a fraction beyond the radius, and a smaller one for a smaller disc.
        return circle(self.lon, self.lat, self.radius_m**2 / max(beyond, self.radius_m) * (1 - 1e-9), DISC_CORNERS)


QueryArea: TypeAlias = "Disc | BaseGeometry"


def box_of(area: QueryArea) -> tuple[float, float, float, float] | None:
    """West, south, east, north of an area that is a box along the meridians; None for any other."""
    if isinstance(area, Disc) or area.geom_type != "Polygon" or shapely.get_num_coordinates(area) != 5:
        return None
    corners = shapely.get_coordinates(area)
    still = np.diff(corners, axis=0) == 0
    # Each side runs along one axis, and the next along the other.
    turning = (still.sum(axis=1) == 1).all() and (still[:-1, 0] != still[1:, 0]).all()
    west, south = corners.min(axis=0).tolist()
    east, north = corners.max(axis=0).tolist()
    return (west, south, east, north) if turning else None


def relate(area: QueryArea, rows: Sequence[Any]) -> tuple[np.ndarray, np.ndarray]:
    """For each place, whether ``area`` holds it whole, and whether the two overlap.

    Args:
        area: a disc or a polygon.
        rows: places with lon, lat (degrees), radius_m (metres) and wkb (a polygon, or None).

    Returns:
        Two boolean arrays in the order of ``rows``. An edge counts as inside.
    """
    inside, overlap = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    polygons = np.array([row.wkb is not None for row in rows], dtype=bool)
    _relate_areas(area, rows, np.flatnonzero(polygons), inside, overlap)
    _relate_points(area, rows, np.flatnonzero(~polygons), inside, overlap)
    return inside, overlap


def _relate_areas(
    area: QueryArea, rows: Sequence[Any], indexes: np.ndarray, inside: np.ndarray, overlap: np.ndarray
) -> None:
    if len(indexes) == 0:
        return
    outer = area.polygon() if isinstance(area, Disc) else area
    inner = area.inner_polygon() if isinstance(area, Disc) else area
    shapely.prepare([outer, inner])
    distinct = dict.fromkeys(rows[index].wkb for index in indexes)
    shapes = shapely.from_wkb(np.array(list(distinct), dtype=object))
    within = dict(zip(distinct, shapely.covers(inner, shapes), strict=True))
    touching = dict(zip(distinct, shapely.intersects(outer, shapes), strict=True))
    for index in indexes:
        inside[index], overlap[index] = within[rows[index].wkb], touching[rows[index].wkb]


def _relate_points(
    area: QueryArea, rows: Sequence[Any], indexes: np.ndarray, inside: np.ndarray, overlap: np.ndarray
) -> None:
    """Places with a radius; 73 % of real ones share their point, so each distinct one is compared once."""
    if len(indexes) == 0:
        return
    table = np.array([(rows[i].lon, rows[i].lat, rows[i].radius_m or 0.0) for i in indexes], dtype=float)
    distinct, back = np.unique(table, axis=0, return_inverse=True)
    lons, lats, radii = distinct[:, 0], distinct[:, 1], distinct[:, 2]
    if isinstance(area, Disc):
        away = distances_m(lons, lats, area.lon, area.lat)
        within, touching = away + radii <= area.radius_m, away - radii <= area.radius_m
    else:
        within, touching = relate_discs(area, lons, lats, radii)
    back = back.reshape(-1)
    inside[indexes], overlap[indexes] = within[back], touching[back]


DEGREE_M = 110_500.0
"""Metres in a degree of latitude, at least (at the equator on WGS84)."""
WIDEST_M, NEAREST_POLE = 2_000_000.0, 88.0
"""Beyond these no polygon stands for a disc (:func:`gazetteer.geodesy.circles`)."""


def relate_discs(
    area: BaseGeometry, lons: np.ndarray, lats: np.ndarray, radii: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Discs against a polygon; of one too wide, or too near a pole, to draw the box stands for what it may touch."""
    within, touching = np.zeros(len(lons), dtype=bool), np.zeros(len(lons), dtype=bool)
    drawn = drawable(lats, radii)
    shapely.prepare(area)
    shapes = circles(lons[drawn], lats[drawn], radii[drawn])
    within[drawn], touching[drawn] = shapely.covers(area, shapes), shapely.intersects(area, shapes)
    for index in np.flatnonzero(~drawn):
        box = shapely.box(*bounds_of(float(lons[index]), float(lats[index]), float(radii[index])))
        touching[index] = shapely.intersects(area, box)
    return within, touching


def drawable(lats: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Whether a polygon can stand for each disc (degrees, metres)."""
    low = np.abs(lats) + radii / DEGREE_M < NEAREST_POLE
    return np.asarray((radii == 0) | ((radii <= WIDEST_M) & low), dtype=bool)
