"""Places against an area, a hundred thousand at once: the answers of :mod:`incidents.relations` without its drawing.

Drawing a disc costs a hundred times what measuring how far its middle lies from the edge does. So most are decided by
bounds that hold for certain, and only where the bounds do not decide is the disc drawn, or the geodesic measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from db.spatial import Floats, Integers
from gazetteer.geodesy import ECCENTRICITY_SQUARED, EQUATOR_M, distances_m
from incidents.relations import DEGREE_M, Disc, QueryArea, drawable, relate_discs

Flags = NDArray[np.bool_]

_dwithin: Any = shapely.dwithin  # its stub knows no array of distances
EARTH_M = 6_371_008.8
SPHERE_OFF = 0.006
"""How much a distance on the sphere may differ from the geodesic, as a share of it (0.56 % at most on WGS84)."""
APART, EDGE, TOUCHES, WHOLE = range(4)
"""How a place lies to an area: apart, unknown, at least partly in it, and as a whole."""
BAND_DEG = 0.25
KEPT = 256
"""Edges, one for each band of an area, that are kept for the next question about the same area."""
DRAWN_BEYOND = 0.003
"""How far the corners of a drawn disc may lie outside of it, as a share of its radius (0.12 % and the bow)."""
SMALL_M = 50_000.0
"""A disc that is no larger is drawn almost as a circle: its corners lie 0.12 % outside, and its sides are straight."""
WIDEST_BOUND_M, HIGHEST_BOUND = 200_000.0, 75.0
"""Beyond these the plane of a band is no good measure."""


@dataclass(frozen=True)
class Places:
    """Places as columns: degrees, metres (0 where there is no radius), and the id of an area or 0."""

    lons: Floats
    lats: Floats
    radii_m: Floats
    area_ids: Integers

    def only(self, chosen: Flags | Integers) -> Places:
        """The chosen ones."""
        return Places(self.lons[chosen], self.lats[chosen], self.radii_m[chosen], self.area_ids[chosen])


def overlapping(area: QueryArea, places: Places, shapes: Mapping[int, BaseGeometry]) -> Flags:
    """Whether each place and ``area`` overlap; an edge counts.

    Args:
        area: a disc or a polygon.
        places: any number.
        shapes: the polygons of the ``area_ids``.
    """
    return _answer(area, places, shapes, whole=False)


def held(area: QueryArea, places: Places, shapes: Mapping[int, BaseGeometry]) -> Flags:
    """Whether ``area`` holds each place as a whole; arguments as of :func:`overlapping`."""
    return _answer(area, places, shapes, whole=True)


def _answer(area: QueryArea, places: Places, shapes: Mapping[int, BaseGeometry], *, whole: bool) -> Flags:
    found = np.zeros(len(places.lons), dtype=bool)
    shaped = places.area_ids != 0
    if shaped.any():
        found[shaped] = _shapes(area, places.area_ids[shaped], shapes, whole=whole)
    rest = np.flatnonzero(~shaped)
    lons, lats, radii = places.lons[rest], places.lats[rest], places.radii_m[rest]
    if isinstance(area, Disc):
        found[rest] = _in_disc(area, lons, lats, -radii if not whole else radii)
    else:
        found[rest] = _in_polygon(area, lons, lats, radii, whole=whole)
    return found


def _shapes(area: QueryArea, ids: Integers, shapes: Mapping[int, BaseGeometry], *, whole: bool) -> Flags:
    distinct, back = np.unique(ids, return_inverse=True)
    drawn = np.array([shapes[key] for key in distinct.tolist()], dtype=object)
    if whole:
        inner = area.inner_polygon() if isinstance(area, Disc) else area
        shapely.prepare(inner)
        return np.asarray(shapely.covers(inner, drawn)[back], dtype=bool)
    outer = area.polygon() if isinstance(area, Disc) else area
    shapely.prepare(outer)
    return np.asarray(shapely.intersects(outer, drawn)[back], dtype=bool)


def _in_disc(area: Disc, lons: Floats, lats: Floats, added: Floats) -> Flags:
    """Whether the distance to the middle, plus ``added`` metres, is at most the radius."""
    rough = _sphere_m(lons, lats, area.lon, area.lat)
    found = np.asarray(rough * (1 + SPHERE_OFF) + added <= area.radius_m, dtype=bool)
    unsure = np.flatnonzero(~found & (rough * (1 - SPHERE_OFF) + added <= area.radius_m))
    found[unsure] = distances_m(lons[unsure], lats[unsure], area.lon, area.lat) + added[unsure] <= area.radius_m
    return found


def _sphere_m(lons: Floats, lats: Floats, lon: float, lat: float) -> Floats:
    """Distances on the sphere, metres (haversine)."""
    up, across = np.radians(lats - lat) / 2, np.radians(lons - lon) / 2
    square = np.sin(up) ** 2 + np.cos(np.radians(lats)) * np.cos(np.radians(lat)) * np.sin(across) ** 2
    return np.asarray(2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(square, 1.0))), dtype=np.float64)


def _in_polygon(area: BaseGeometry, lons: Floats, lats: Floats, radii: Floats, *, whole: bool) -> Flags:
    shapely.prepare(area)
    found = np.asarray(shapely.intersects_xy(area, lons, lats), dtype=bool)
    # Within, a disc may still reach over the edge; without, it may reach it.
    left = np.flatnonzero((radii > 0) & (found == whole))
    first, back = distinct_of(Places(lons[left], lats[left], radii[left], np.zeros(len(left), dtype=np.int64)))
    chosen = left[first]
    found[left] = _discs(area, lons[chosen], lats[chosen], radii[chosen], whole=whole)[back]
    return found


def distinct_of(places: Places) -> tuple[Integers, Integers]:
    """Indexes of the distinct places, and for each its index among them; most real ones share their point."""
    columns = (places.lons, places.lats, places.radii_m, places.area_ids)
    mixed = np.zeros(len(places.lons), dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column.view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    _, first, back = np.unique(mixed, return_index=True, return_inverse=True)
    same = all(np.array_equal(column[first][back], column) for column in columns)
    everything = np.arange(len(mixed))
    return (first, back) if same else (everything, everything)


def near_box(places: Places, west: float, south: float, east: float, north: float) -> Flags:
    """Whether each place may reach into a box of degrees; a polygon always may."""
    high = places.radii_m / DEGREE_M * 1.1
    edge = np.abs(places.lats) + high
    wide = high / np.cos(np.radians(np.minimum(edge, HIGHEST_BOUND)))
    over = np.abs(places.lons) + wide > 180
    aside = (places.lons + wide < west) | (places.lons - wide > east)
    apart = (places.lats + high < south) | (places.lats - high > north)
    far = apart | (aside & ~over)
    return np.asarray(~far | (edge > HIGHEST_BOUND) | (places.area_ids != 0), dtype=bool)


def _discs(area: BaseGeometry, lons: Floats, lats: Floats, radii: Floats, *, whole: bool) -> Flags:
    """Discs whose middle lies within (``whole``) or without: whether they are held, or overlap."""
    crossing, free = np.zeros(len(lons), dtype=bool), _clear(area, lons, lats, radii)
    close = np.flatnonzero(~free)
    crossing[close], free[close] = _bounds(area, lons[close], lats[close], radii[close])
    found = free if whole else crossing
    unsure = np.flatnonzero(~crossing & ~free)
    within, touching = relate_discs(area, lons[unsure], lats[unsure], radii[unsure])
    found[unsure] = within if whole else touching
    return found


def _clear(area: BaseGeometry, lons: Floats, lats: Floats, radii: Floats) -> Flags:
    """Discs that clear the edge of ``area`` for certain, by the circle of degrees that holds them: most of them."""
    reach = _reaches(lons, lats, radii)
    good = np.flatnonzero(np.isfinite(reach))
    free = np.zeros(len(lons), dtype=bool)
    free[good] = ~_dwithin(_edge(area, 1.0), shapely.points(lons[good], lats[good]), reach[good])
    return free


def beside_box(
    places: Places, near: Integers, reaches: NDArray[np.float32], bounds: tuple[float, float, float, float]
) -> NDArray[np.int8]:
    """How some places lie to a box, as far as its sides tell: :data:`APART`, :data:`EDGE` or :data:`TOUCHES`.

    Args:
        places: any number.
        near: the indexes of those that are asked for.
        reaches: of all places, as :func:`clear_reaches` has them.
        bounds: west, south, east, north of the box, degrees.
    """
    west, south, east, north = bounds
    lons, lats, reach = places.lons[near], places.lats[near], reaches[near]
    room = np.minimum(np.minimum(lons - west, east - lons), np.minimum(lats - south, north - lats))
    found = np.zeros(len(near), dtype=np.int8)
    found[room >= 0] = TOUCHES
    # What reaches anywhere is known by its geometry alone.
    found[np.isinf(reach)] = EDGE
    beyond = np.flatnonzero((room < 0) & (room > -reach) & (found == APART))
    if len(beyond) > 0:
        lons, lats, radii = lons[beyond], lats[beyond], places.radii_m[near[beyond]]
        up = np.maximum(np.maximum(south - lats, lats - north), 0.0)
        lats = np.abs(lats)
        across = np.maximum(np.maximum(west - lons, lons - east), 0.0)
        # A straight line of degrees to the nearest point of the box is at least as long as the geodesic, which goes no
        # nearer to a pole than the northern end of the disc, metres.
        most_east, least_north = _metres_per_degree(np.maximum(lats - np.maximum(up, radii / DEGREE_M), 0.0))
        least_east, most_north = _metres_per_degree(lats + np.maximum(up, radii / DEGREE_M))
        most, least = np.hypot(up * most_north, across * most_east), np.hypot(up * least_north, across * least_east)
        states = np.where(least > radii * _drawn_beyond(radii), APART, EDGE)
        found[beyond] = np.where(most < radii * (1 - 1e-6), TOUCHES, states)
    return found


def held_by_box(
    places: Places, chosen: Integers, reaches: NDArray[np.float32], bounds: tuple[float, float, float, float]
) -> NDArray[np.int8]:
    """Whether a box holds some places as a whole, as far as its sides tell: :data:`APART`, :data:`EDGE`, :data:`WHOLE`.

    Args:
        places: any number.
        chosen: the indexes of those that are asked for.
        reaches: of all places, as :func:`clear_reaches` has them.
        bounds: west, south, east, north of the box, degrees.
    """
    west, south, east, north = bounds
    lons, lats, reach = places.lons[chosen], places.lats[chosen], reaches[chosen]
    aside, above = np.minimum(lons - west, east - lons), np.minimum(lats - south, north - lats)
    room, radii = np.minimum(aside, above), places.radii_m[chosen]
    own_east, _ = _metres_per_degree(lats)
    _, least_north = _metres_per_degree(np.maximum(np.abs(lats) - radii / DEGREE_M, 0.0))
    least_east, most_north = _metres_per_degree(np.abs(lats) + np.maximum(np.abs(above), radii / DEGREE_M))
    most, least = np.minimum(above * most_north, aside * own_east), np.minimum(above * least_north, aside * least_east)
    found = np.where(least > radii * _drawn_beyond(radii), WHOLE, EDGE)
    found[most < radii * (1 - 1e-6)] = APART
    found[room >= reach] = WHOLE
    found[room < 0] = APART
    found[np.isinf(reach)] = EDGE
    return found.astype(np.int8)


def _drawn_beyond(radii: Floats) -> Floats:
    """How many radii from its middle a disc ends for certain as it is drawn, which is a little larger."""
    return 1 + np.where(radii <= SMALL_M, 0.0015, DRAWN_BEYOND)


def clear_reaches(places: Places) -> NDArray[np.float32]:
    """The degrees round its point, to any side, within which each place lies for certain.

    Infinite for polygons and where the plane is no good measure.
    """
    reach = _reaches(places.lons, places.lats, places.radii_m)
    reach[places.area_ids != 0] = np.inf
    rounded = reach.astype(np.float32)
    return np.where(reach == 0, rounded, np.nextafter(rounded, np.float32(np.inf)))


def _reaches(lons: Floats, lats: Floats, radii: Floats) -> Floats:
    """The degrees that a disc reaches to any side at most; infinite where bounds on the plane do not hold."""
    reach = np.full(len(lons), np.inf)
    good = np.flatnonzero(_bounded(lons, lats, radii))
    high = radii[good] / DEGREE_M
    reach[good] = 1.01 * high / np.cos(np.radians(np.abs(lats[good]) + high))
    return reach


def _bounded(lons: Floats, lats: Floats, radii: Floats) -> Flags:
    """Whether bounds on the plane hold for each disc."""
    low = (radii <= WIDEST_BOUND_M) & (np.abs(lats) <= HIGHEST_BOUND) & (np.abs(lons) < 170)
    return np.asarray(drawable(lats, radii) & low, dtype=bool)


@lru_cache(maxsize=KEPT)
def _edge(area: BaseGeometry, shrunk: float) -> BaseGeometry:
    """The edge of an area, its longitudes shrunk, prepared; those of the last ones are kept."""
    edge: BaseGeometry = shapely.transform(area.boundary, lambda corners: corners * (shrunk, 1.0))
    shapely.prepare(edge)
    return edge


def _bounds(area: BaseGeometry, lons: Floats, lats: Floats, radii: Floats) -> tuple[Flags, Flags]:
    """Discs that cross the edge of ``area`` for certain, and those that clear it for certain, in bands of latitude.

    In a band, longitude is shrunk by one factor; how far that is off grows with the tangent of the latitude and with
    the height of the band and the disc.
    """
    crossing, free = np.zeros(len(lons), dtype=bool), np.zeros(len(lons), dtype=bool)
    high = BAND_DEG / 2 + radii / 110_000.0
    off = 1.1 * np.tan(np.radians(np.minimum(np.abs(lats) + high, 85.0))) * np.radians(high) + 0.001
    good = _bounded(lons, lats, radii)
    bands = np.floor(lats / BAND_DEG)
    for band in np.unique(bands[good]):
        chosen = np.flatnonzero(good & (bands == band))
        east_m, north_m = _metres_per_degree((band + 0.5) * BAND_DEG)
        shrunk = _edge(area, east_m / north_m)
        points: Any = shapely.points(lons[chosen] * (east_m / north_m), lats[chosen])
        reach = radii[chosen] / north_m
        free[chosen] = ~_dwithin(shrunk, points, reach * (1 + DRAWN_BEYOND + off[chosen]))
        near = ~free[chosen]
        crossing[chosen[near]] = _dwithin(shrunk, points[near], reach[near] * (1 - off[chosen][near]))
    return crossing, free


def _metres_per_degree(lats: Any) -> tuple[Any, Any]:
    """Metres of a degree to the east and to the north at latitudes, on WGS84."""
    curve = 1 - ECCENTRICITY_SQUARED * np.sin(np.radians(lats)) ** 2
    east = np.radians(EQUATOR_M * np.cos(np.radians(lats)) / np.sqrt(curve))
    return east, np.radians(EQUATOR_M * (1 - ECCENTRICITY_SQUARED) / (curve * np.sqrt(curve)))
