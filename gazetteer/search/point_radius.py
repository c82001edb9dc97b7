"""The point-radius method: from named places and a relation to a point, and a radius that holds what is described.

Wieczorek, Guo & Hijmans 2004 (IJGIS 18(8):745-767), with the formulas of the Georeferencing Best Practices (GBIF 2020)
and georefcalculator. Their measurement, datum and map errors are those of the gazetteer's point, given as
``NamedPlace.extent_m`` together with the place's own size. What these sources leave to the user is fixed here:

* *west of X*, without a distance: up to 25 km from the edge of X in the quarter round the heading; 25 km is the limit
  of UCDP GED's ``where_prec`` 2 (codebook 19.1: "north of X").
* *near X*: four times the radius of X beyond its edge, at least 2.5 and at most 25 km. A larger place is named from
  farther away; for a town of 5 km it comes to the total of UCDP's limit.
* *outskirts of X*: from half its radius to half a radius, or 2 km, beyond its edge.
* *rural X*: the polygon of a unit; up to 25 km beyond the edge of a settlement.
* *on the road from X to Y*: the straight line with 20% of its length to each side, from 5 to 25 km, since no roads are
  loaded; a road 8% longer than the line and bent once strays 20% from it.
* *X/Y border*: within 10 km of both polygons.

These distances are this project's own proposal. Planar steps are done in an azimuthal equidistant projection centred on
the place, whose distances from the centre are geodesics; each radius is measured on the ellipsoid afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from db.errors import InputError
from db.vocabulary import PrecisionLevel
from gazetteer.geodesy import circle, distance_m, distances_m, geod
from gazetteer.search.phrases import Anchor, Phrase, Relation

FAR_M: Final = 25_000.0
"""How far "west of X" reaches beyond X, and the largest distance of UCDP's ``where_prec`` 2."""
NEAR_LEAST_M: Final = 2_500.0
NEAR_TIMES: Final = 4.0
OUTSKIRTS_LEAST_M: Final = 2_000.0
ROAD_SHARE: Final = 0.2
ROAD_LEAST_M: Final = 5_000.0
BORDER_M: Final = 10_000.0
MAX_LINE_M: Final = 2_000_000.0
"""Two places farther apart are not the ends of one road or the sides of one "between"."""

_SPARE = 1.001  # of a radius: the sides of a polygon bulge between its corners, and the projection errs
_HALF_PLANE_M = 3_000_000.0
_UNITS = frozenset({
    PrecisionLevel.ADM3, PrecisionLevel.ADM2, PrecisionLevel.ADM1, PrecisionLevel.REGION, PrecisionLevel.COUNTRY,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place that a relation starts from.

    Attributes:
        lon: degrees.
        lat: degrees.
        extent_m: metres from the point that hold the place, the doubt of its point included.
        area: its polygon in longitude and latitude, not empty, where there is one; of a unit it says what "rural X" is.
        precision: level that the place itself stands for.
    """

    lon: float
    lat: float
    extent_m: float
    area: BaseGeometry | None = None
    precision: PrecisionLevel = PrecisionLevel.SETTLEMENT


@dataclass(frozen=True, slots=True)
class Footprint:
    """Where the described place is.

    Attributes:
        lon: degrees, of the centre.
        lat: degrees.
        radius_m: metres round the centre that hold all of the described area.
        area: the described area in longitude and latitude; None where it is the disc of ``radius_m``.
        precision: level; REGION where UCDP gives ``where_prec`` 5 (more than 25 km from X, ends more than 25 km apart).
        method: which case of the method, in words.
    """

    lon: float
    lat: float
    radius_m: float
    area: BaseGeometry | None
    precision: PrecisionLevel
    method: str

    def shape(self) -> BaseGeometry:
        """The area; the disc where there is none."""
        return circle(self.lon, self.lat, self.radius_m) if self.area is None else self.area

    def holds(self, lon: float, lat: float, extent_m: float = 0.0) -> bool:
        """Whether the disc reaches a place of radius ``extent_m`` metres at (``lon``, ``lat``)."""
        return distance_m(self.lon, self.lat, lon, lat) <= self.radius_m + extent_m


def footprint(said: Phrase | Anchor, places: Sequence[NamedPlace]) -> Footprint:
    """Where the place is that a phrase or an anchor describes.

    Args:
        said: a parsed phrase or an anchor.
        places: the named place; both ends of BETWEEN, ROAD and BORDER, in the order of the names.

    Raises:
        InputError: ``too_few_places``; ``too_far_apart`` (ends more than 2,000 km apart); ``no_common_border``
            (BORDER of places without polygons, or whose polygons are more than 20 km apart).
    """
    if len(places) == 0 or (len(places) < 2 and said.relation in (Relation.BETWEEN, Relation.BORDER)):
        raise InputError(
            "too_few_places", "The relation has fewer places than it names.", got=len(places), fix="Name all of them."
        )
    place = places[0]
    match said.relation:
        case Relation.OFFSET:
            return _offset(place, said)
        case Relation.DIRECTION:
            return _direction(place, said)
        case Relation.BETWEEN:
            return between(place, places[1])
        case Relation.ROAD:
            return road(place, places[1]) if len(places) > 1 else near(place)
        case Relation.BORDER:
            return border(place, places[1])
        case Relation.NEAR:
            return near(place)
        case Relation.OUTSKIRTS:
            return outskirts(place, said.heading, said.heading_precision)
        case Relation.RURAL:
            return rural(place, said.heading)
        case Relation.PART:
            return part(place, said.heading)
        case Relation.AT:
            return at(place)


def _offset(place: NamedPlace, said: Phrase | Anchor) -> Footprint:
    away, unit = said.distance_m or 0.0, said.distance_precision_m or 0.0
    if said.heading is None:
        return offset_anywhere(place, away, unit)
    return offset(place, away, unit, said.heading, said.heading_precision or 45.0)


def _direction(place: NamedPlace, said: Phrase | Anchor) -> Footprint:
    if said.heading is None:
        return near(place)
    return direction(place, said.heading, said.heading_precision or 45.0)


def at(place: NamedPlace) -> Footprint:
    """The named place itself: its polygon, else its disc."""
    if place.area is not None:
        return _round(place.area, place.precision, "named place")
    return Footprint(place.lon, place.lat, place.extent_m, None, place.precision, "named place")


def offset(place: NamedPlace, away_m: float, unit_m: float, heading: float, sector: float) -> Footprint:
    """A distance at a heading: "5 km north-east of X".

    r = sqrt((d + d' - d cos a)² + (d sin a)²), with d the distance, d' the extent and half the unit, and a half the
    sector (Wieczorek et al. 2004; georefcalculator). Idlib, extent 3 km, 5 km north-east: 4.33 km.
    The extent counts along the line from the centre, as there: from the far side of X it can be more.

    Args:
        place: X.
        away_m: distance from X, metres.
        unit_m: half the unit that it is given in, metres.
        heading: degrees clockwise from north.
        sector: half the sector that the heading stands for, degrees.
    """
    lon, lat, _ = geod().fwd(place.lon, place.lat, heading, away_m)
    doubt, angle = place.extent_m + unit_m, math.radians(sector)
    radius = math.hypot(away_m + doubt - away_m * math.cos(angle), away_m * math.sin(angle))
    return Footprint(float(lon), float(lat), radius, None, _level(away_m), "distance at a heading")


def offset_anywhere(place: NamedPlace, away_m: float, unit_m: float) -> Footprint:
    """A distance without a heading, "5 km from X": round X; the extent, half the unit and the distance together.

    Args:
        place: X.
        away_m: metres.
        unit_m: half the unit of the distance, metres.
    """
    radius = place.extent_m + unit_m + away_m
    return Footprint(place.lon, place.lat, radius, None, _level(away_m), "distance without a heading")


def direction(place: NamedPlace, heading: float, sector: float) -> Footprint:
    """A heading without a distance, "west of X": within 25 km of some part of X and in the sector seen from there.

    Args:
        place: X; of a polygon only the extent is used.
        heading: degrees clockwise from north.
        sector: half the sector that the heading stands for, degrees.
    """
    projected = _Plane(place.lon, place.lat)
    wedge = _wedge(heading, sector, FAR_M).buffer(place.extent_m)
    return _round(projected.back(wedge), PrecisionLevel.NEAR_SETTLEMENT, "heading without a distance")


def between(one: NamedPlace, other: NamedPlace) -> Footprint:
    """Between two places: round the middle of the geodesic, half its length and the larger extent.

    Raises:
        InputError: ``too_far_apart``.
    """
    lon, lat, apart = _middle(one, other)
    radius = apart / 2 + max(one.extent_m, other.extent_m)
    return Footprint(lon, lat, radius, None, _level(apart), "between two places")


def road(one: NamedPlace, other: NamedPlace) -> Footprint:
    """On the road between two places: a corridor along the straight line, which holds both places.

    Raises:
        InputError: ``too_far_apart``.
    """
    lon, lat, apart = _middle(one, other)
    projected = _Plane(lon, lat)
    ends = [projected.point(place) for place in (one, other)]
    half_width = min(max(ROAD_SHARE * apart, ROAD_LEAST_M), FAR_M)
    corridor = shapely.union_all([
        shapely.linestrings([(end.x, end.y) for end in ends]).buffer(half_width),
        *(end.buffer(place.extent_m) for end, place in zip(ends, (one, other), strict=True)),
    ])  # fmt: skip
    return _round(projected.back(corridor), _level(apart), "road between two places")


def near(place: NamedPlace) -> Footprint:
    """Near a place: four times its radius beyond its edge, at least 2.5 and at most 25 km."""
    beyond = min(max(NEAR_TIMES * place.extent_m, NEAR_LEAST_M), FAR_M)
    if place.area is None:
        level = PrecisionLevel.NEAR_SETTLEMENT
        return Footprint(place.lon, place.lat, place.extent_m + beyond, None, level, "near a place")
    projected = _Plane(*_centre(place.area))
    area = projected.back(projected.to(place.area).buffer(beyond))
    level = place.precision if place.precision in _UNITS else PrecisionLevel.NEAR_SETTLEMENT
    return _round(area, level, "near a place")


def outskirts(place: NamedPlace, heading: float | None = None, sector: float | None = None) -> Footprint:
    """The ring round a place, from half its radius to half a radius (at least 2 km) beyond its edge.

    Args:
        place: a settlement; of a polygon only the extent is used.
        heading: degrees clockwise from north, of "northern outskirts"; None for all round.
        sector: half the sector of the heading, degrees.
    """
    outer = place.extent_m + max(place.extent_m / 2, OUTSKIRTS_LEAST_M)
    ring = Point(0, 0).buffer(outer * _SPARE, quad_segs=32).difference(Point(0, 0).buffer(place.extent_m / 2))
    if heading is not None:
        ring = ring.intersection(_wedge(heading, sector or 45.0, 2 * outer))
    projected = _Plane(place.lon, place.lat)
    return _round(projected.back(ring), PrecisionLevel.NEAR_SETTLEMENT, "outskirts of a place")


def rural(place: NamedPlace, heading: float | None = None) -> Footprint:
    """The country of a place: the polygon of a unit, else up to 25 km beyond the edge of a settlement.

    Args:
        place: X.
        heading: degrees clockwise from north: only the half on that side; None for all of it.
    """
    if place.area is not None and place.precision in _UNITS:
        return part(place, heading)
    wider = NamedPlace(place.lon, place.lat, place.extent_m + FAR_M, None, PrecisionLevel.NEAR_SETTLEMENT)
    return part(wider, heading)


def part(place: NamedPlace, heading: float | None) -> Footprint:
    """The half of a place on one side: of its polygon, cut through the centroid, or of its disc.

    Args:
        place: X.
        heading: degrees clockwise from north; None ("central Mosul") leaves the whole, which says no more than that.
    """
    if heading is None:
        return at(place)
    projected = _Plane(place.lon, place.lat) if place.area is None else _Plane(*_centre(place.area))
    whole = Point(0, 0).buffer(place.extent_m) if place.area is None else projected.to(place.area)
    half = _surface(whole.intersection(_half_plane(heading)))
    if half.is_empty:
        return at(place)
    level = PrecisionLevel.REGION if place.precision is PrecisionLevel.COUNTRY else place.precision
    return _round(projected.back(half), level, "part of a place")


def border(one: NamedPlace, other: NamedPlace) -> Footprint:
    """The strip within 10 km of two units.

    Raises:
        InputError: ``no_common_border``.
    """
    if one.area is not None and other.area is not None:
        projected = _Plane(*_centre(one.area))
        strips = [projected.to(area).buffer(BORDER_M) for area in (one.area, other.area)]
        strip = _surface(strips[0].intersection(strips[1]))
        if not strip.is_empty:
            return _round(projected.back(strip), PrecisionLevel.REGION, "border of two units")
    raise InputError(
        "no_common_border", "The two places have no polygons that touch.", fix="Load their boundaries, or name a place."
    )


def _level(away_m: float) -> PrecisionLevel:
    return PrecisionLevel.NEAR_SETTLEMENT if away_m <= FAR_M else PrecisionLevel.REGION


def _middle(one: NamedPlace, other: NamedPlace) -> tuple[float, float, float]:
    """Longitude and latitude of the middle of the geodesic, degrees, and its length, metres."""
    azimuth, _, apart = geod().inv(one.lon, one.lat, other.lon, other.lat)
    if apart > MAX_LINE_M:
        raise InputError(
            "too_far_apart", "The two places are too far apart to be meant together.", got=f"{apart / 1000:.0f} km",
            fix="Say which places of these names are meant.",
        )  # fmt: skip
    lon, lat, _ = geod().fwd(one.lon, one.lat, azimuth, apart / 2)
    return float(lon), float(lat), float(apart)


class _Plane:
    """Metres east and north of a point, azimuthal equidistant: distance and heading from it are those of the geodesic.

    Args:
        lon: degrees.
        lat: degrees.
    """

    def __init__(self, lon: float, lat: float) -> None:
        self._lon, self._lat = lon, lat

    def to(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape in longitude and latitude in the plane."""
        return shapely.make_valid(shapely.transform(shape, self._forward))

    def point(self, place: NamedPlace) -> Point:
        """The point of a place in the plane."""
        return Point(self._forward(np.array([[place.lon, place.lat]]))[0])

    def back(self, shape: BaseGeometry) -> BaseGeometry:
        """A shape of the plane in longitude and latitude."""
        # Cutting leaves slivers of nanometres, which cross themselves once they are in degrees.
        return shapely.transform(shapely.set_precision(shape, 0.1), self._backward)

    def _forward(self, degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        start = np.full(len(degrees), self._lon), np.full(len(degrees), self._lat)
        headings, _, metres = geod().inv(*start, degrees[:, 0], degrees[:, 1])
        angles = np.radians(headings)
        return np.column_stack([metres * np.sin(angles), metres * np.cos(angles)])

    def _backward(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        start = np.full(len(metres), self._lon), np.full(len(metres), self._lat)
        headings = np.degrees(np.arctan2(metres[:, 0], metres[:, 1]))
        lons, lats, _ = geod().fwd(*start, headings, np.hypot(metres[:, 0], metres[:, 1]))
        return np.column_stack([lons, lats])


def _wedge(heading: float, sector: float, reach: float) -> Polygon:
    """The sector of a disc round the origin of the plane; its arc is drawn outside of the true one."""
    steps = 24
    angles = [math.radians(heading - sector + 2 * sector * step / steps) for step in range(steps + 1)]
    outside = reach / math.cos(math.radians(sector / steps))
    return Polygon([(0, 0), *((outside * math.sin(angle), outside * math.cos(angle)) for angle in angles)])


def _half_plane(heading: float) -> Polygon:
    """The side of the plane that a heading points to."""
    ahead, far = math.radians(heading), _HALF_PLANE_M
    east, north = far * math.sin(ahead), far * math.cos(ahead)
    return Polygon([(north, -east), (-north, east), (east - north, north + east), (east + north, north - east)])


def _surface(shape: BaseGeometry) -> BaseGeometry:
    """The polygons of ``shape``; cutting and mending leave lines and points beside them."""
    parts = [one for one in shapely.get_parts(shape) if isinstance(one, Polygon) and not one.is_empty]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _centre(area: BaseGeometry) -> tuple[float, float]:
    centre = area.centroid
    return centre.x, centre.y


def _round(area: BaseGeometry, level: PrecisionLevel, method: str) -> Footprint:
    """A footprint of ``area``: the centre of its least circle, and the geodesic distance to its farthest corner."""
    plane = _Plane(*_centre(area))
    middle = shapely.minimum_bounding_circle(plane.to(area)).centroid
    centre = plane.back(Point(middle.x, middle.y))
    lon, lat = shapely.get_coordinates(centre)[0].tolist()
    corners = shapely.get_coordinates(area)
    radius = float(distances_m(corners[:, 0], corners[:, 1], lon, lat).max()) * _SPARE
    return Footprint(lon, lat, radius, area, level, method)
