"""Measuring on the WGS84 ellipsoid: distances, discs, boxes, public grid cells and areas.

Longitude first, in degrees; lengths in metres. Geodesics are those of PROJ (Karney 2013, J. Geodesy 87:43-55).
"""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.geometry.polygon import orient

from db.errors import InputError

if TYPE_CHECKING:
    from pyproj import Geod

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

EQUATOR_M = 6_378_137.0
"""Radius of the equator of WGS84, metres."""
ECCENTRICITY_SQUARED = 0.00669437999014133
SWAP_DISTANCE_M = 25_000.0
MAX_CIRCLE_M = 2_000_000.0
"""Largest radius drawn as a circle: what is vaguer than this is a country or a region, and has a polygon."""
MAX_LATITUDE = 88.0
"""A circle that reaches beyond holds a pole or nearly so, and is no polygon in longitude and latitude."""

_LEAST_CURVATURE_RADIUS = EQUATOR_M * (1 - ECCENTRICITY_SQUARED)  # metres: of the meridian at the equator
_AT_ONCE = 10_000  # circles computed together; bounds the memory


@cache
def geod() -> Geod:
    """The WGS84 ellipsoid of PROJ, which is loaded when the first thing is measured: it takes 15 MB."""
    from pyproj import Geod

    return Geod(ellps="WGS84")


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """The geodesic distance between two checked points, in metres."""
    return float(geod().inv(lon1, lat1, lon2, lat2)[2])


def distances_m(lons: ArrayLike, lats: ArrayLike, lon: float, lat: float) -> NDArray[np.float64]:
    """The geodesic distances in metres of many points (two sequences of one length) to (``lon``, ``lat``)."""
    many_lons, many_lats = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
    if many_lons.size == 0:
        return np.empty(0, dtype=np.float64)
    _, _, metres = geod().inv(many_lons, many_lats, np.full_like(many_lons, lon), np.full_like(many_lats, lat))
    return np.asarray(metres, dtype=np.float64)


def gap_m(one: shapely.Geometry, other: shapely.Geometry) -> float:
    """The metres between two shapes in longitude and latitude; 0 where they meet. Exact where one is a point."""
    if shapely.intersects(one, other):
        return 0.0
    from pyproj import Proj

    lon, lat = shapely.get_coordinates(shapely.shortest_line(one, other))[0]
    # Distances from the centre of this projection are true; between two areas, those near it nearly so. Long sides are
    # cut first, since what is straight in longitude and latitude is not straight there.
    project = Proj(proj="aeqd", lon_0=lon, lat_0=lat, ellps="WGS84")
    cut = (shapely.segmentize(shape, 0.1) for shape in (one, other))
    flat = (shapely.transform(shape, lambda ends: np.column_stack(project(*ends.T))) for shape in cut)
    return float(shapely.distance(*flat))


def swapped_is_nearer(lon: float, lat: float, named_lon: float, named_lat: float) -> bool:
    """Whether a point looks as if its longitude and latitude were exchanged (B35).

    True when it lies more than 25 km from the place it is named after and the exchanged point is nearer.
    A box around the country would not show it: a quarter of Syrian places stay inside theirs when exchanged.

    Args:
        lon: longitude as given, degrees.
        lat: latitude as given, degrees.
        named_lon: longitude of the named place, degrees.
        named_lat: latitude of the named place, degrees.
    """
    away = distance_m(lon, lat, named_lon, named_lat)
    if away <= SWAP_DISTANCE_M or abs(lon) > 90:
        return False
    return distance_m(lat, lon, named_lon, named_lat) < away


def circle(lon: float, lat: float, radius_m: float, n: int = 64) -> Point | Polygon | MultiPolygon:
    """A polygon that holds every point within ``radius_m`` of the centre; see `circles`."""
    shape: Point | Polygon | MultiPolygon = circles([lon], [lat], [radius_m], n)[0]
    return shape


def circles(lons: ArrayLike, lats: ArrayLike, radii_m: ArrayLike, n: int = 64) -> NDArray[np.object_]:
    """A circumscribed polygon for each disc; what lies in the disc always lies in the polygon.

    The sides are straight in longitude and latitude, as Shapely and GeoJSON take them. A circle over the
    antimeridian comes out as a MultiPolygon cut there (RFC 7946, 3.1.9); radius 0 as the point itself.

    Args:
        lons: longitudes of the centres, degrees.
        lats: latitudes, degrees, as many.
        radii_m: radii in metres, as many.
        n: corners, at least 32, since the margin is not proven for fewer; with 64 a corner lies 0.12% too far.

    Returns:
        An array of shapely geometries, as many.

    Raises:
        InputError: ``not_finite``, ``out_of_range`` (a negative radius or one above 2,000 km, a coordinate off the
            globe, or fewer than 32 corners), ``reaches_pole`` (the circle passes latitude 88).
    """
    centres = np.atleast_1d(np.asarray(lons, dtype=np.float64)), np.atleast_1d(np.asarray(lats, dtype=np.float64))
    radii = np.atleast_1d(np.asarray(radii_m, dtype=np.float64))
    _check_discs(*centres, radii, n)
    shapes = np.empty(len(radii), dtype=np.object_)
    for start in range(0, len(radii), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        shapes[part] = _circles(centres[0][part], centres[1][part], radii[part], n)
    return shapes


def _check_discs(lons: NDArray[np.float64], lats: NDArray[np.float64], radii: NDArray[np.float64], n: int) -> None:
    if not np.isfinite(np.concatenate([lons, lats, radii])).all():
        raise InputError("not_finite", "A centre or radius is not a finite number.")
    if n < 32:
        raise InputError("out_of_range", "A circle is drawn with at least 32 corners.", got=n)
    if (np.abs(lons) > 180).any() or (np.abs(lats) > 90).any():
        raise InputError("out_of_range", "A centre lies outside longitude -180..180, latitude -90..90.")
    if ((radii < 0) | (radii > MAX_CIRCLE_M)).any():
        raise InputError("out_of_range", f"A radius lies outside 0..{MAX_CIRCLE_M:.0f} metres.")


def _circles(
    lons: NDArray[np.float64], lats: NDArray[np.float64], radii: NDArray[np.float64], n: int
) -> NDArray[np.object_]:
    reach = _corner_distance(lats, radii, n)
    # Downwards from north over west: counter-clockwise, as RFC 7946 wants a shell.
    azimuths = np.linspace(360.0, 0.0, n, endpoint=False)
    corner_lons, corner_lats, _ = geod().fwd(
        np.repeat(lons, n), np.repeat(lats, n), np.tile(azimuths, len(lons)), np.repeat(reach, n)
    )
    corners = np.stack([corner_lons, corner_lats], axis=-1).reshape(len(lons), n, 2)
    middles = lons[:, np.newaxis]
    corners[:, :, 0] = middles + (corners[:, :, 0] - middles + 180) % 360 - 180
    shapes = np.asarray(shapely.polygons(np.concatenate([corners, corners[:, :1]], axis=1)), dtype=np.object_)
    for index in np.flatnonzero((np.abs(corners[:, :, 0]) > 180).any(axis=1) & (radii > 0)):
        shapes[index] = _cut(shapes[index])
    alone = radii == 0
    shapes[alone] = shapely.points(lons[alone], lats[alone])
    return shapes


def _corner_distance(lats: NDArray[np.float64], radii: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """How far from the centre the corners must lie for the sides to clear the disc, in metres.

    In a plane that is r / cos(pi/n). A side that is straight in longitude and latitude strays from the geodesic:
    its geodesic curvature is sin(t) (1 + cos²(t)) tan(lat) / R for a heading t, at most 1.089 tan(lat) / R, and
    a bow of curvature k over a side of length s is k s² / 8 high. (Own derivation on the sphere, with the least
    radius of curvature and 5% to spare for the ellipsoid; tested against the geodesic.)

    Raises:
        InputError: ``reaches_pole``.
    """
    half = math.pi / n
    plain = radii / math.cos(half)
    highest = np.abs(lats) + np.degrees(plain / _LEAST_CURVATURE_RADIUS)
    if ((highest > MAX_LATITUDE) & (radii > 0)).any():
        why = f"A circle reaches beyond latitude {MAX_LATITUDE:.0f} and cannot be drawn as a polygon."
        raise InputError("reaches_pole", why, fix="Record the area as a polygon, or lower the radius.")
    side = 2 * plain * math.sin(half)
    bow = 1.089 * np.tan(np.radians(np.minimum(highest, MAX_LATITUDE))) / _LEAST_CURVATURE_RADIUS * side**2 / 8
    return np.asarray(plain + 1.05 * bow + 1e-6, dtype=np.float64)


def _cut(shape: Polygon) -> MultiPolygon:
    """A polygon that runs past longitude 180 or -180, cut there into parts inside."""
    globe = shapely.box(-180, -90, 180, 90)
    moved = (shapely.intersection(translate(shape, xoff=shift), globe) for shift in (-360.0, 0.0, 360.0))
    return MultiPolygon([orient(part) for part in moved if isinstance(part, Polygon) and part.area > 0])


def bounds_of(lon: float, lat: float, radius_m: float) -> Box:
    """A box that holds the geodesic disc around (``lon``, ``lat``); for an index, to be rechecked exactly.

    West <= east always: the box spans all longitudes when the disc crosses the antimeridian or comes to a pole.
    It rests on the least radii of curvature alone (a (1 - e²) along the meridian, a across it), so it is a little
    wider than the disc: 0.3% at 25 km in Syria.

    Args:
        lon: degrees.
        lat: degrees.
        radius_m: metres, not negative.

    Raises:
        InputError: ``not_finite`` or ``out_of_range``.
    """
    if not (math.isfinite(radius_m) and math.isfinite(lon) and math.isfinite(lat)):
        raise InputError("not_finite", "A centre or radius is not a finite number.", got=(lon, lat, radius_m))
    if radius_m < 0 or abs(lon) > 180 or abs(lat) > 90:
        raise InputError("out_of_range", "A centre is off the globe or a radius negative.", got=(lon, lat, radius_m))
    up = math.degrees(radius_m / _LEAST_CURVATURE_RADIUS) * (1 + 1e-9)
    south, north = max(-90.0, lat - up), min(90.0, lat + up)
    if south > -90 and north < 90:
        across = math.degrees(radius_m / (EQUATOR_M * math.cos(math.radians(max(north, -south))))) * (1 + 1e-9)
        if lon - across >= -180 and lon + across <= 180:
            return lon - across, south, lon + across, north
    return (lon, lat, lon, lat) if radius_m == 0 else (-180.0, south, 180.0, north)


def cell_of(lon: float, lat: float, decimals: int) -> tuple[float, float, float]:
    """The public point of a record whose place is lowered to a fixed grid.

    The grid is fixed, so all records of a cell share one point and no number of exports gives more away; a
    random shift could be averaged out.

    Args:
        lon: degrees, checked.
        lat: degrees, checked.
        decimals: 0 to 5; cells are 10^-decimals degrees wide: 1 is about 11 km, 2 about 1.1 km.

    Returns:
        Longitude and latitude of the centre of the cell, and the radius in whole metres that covers the cell.

    Raises:
        InputError: ``out_of_range``.
    """
    if not (0 <= decimals <= 5):
        raise InputError("out_of_range", "Coordinates are lowered to 0 to 5 decimals.", got=decimals)
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise InputError("out_of_range", "The point lies off the globe.", got=(lon, lat))
    (west, east), (south, north) = _interval(lon, 180, decimals), _interval(lat, 90, decimals)
    middle_lon, middle_lat = float((west + east) / 2), float((south + north) / 2)
    corners = [float(x) for x in (west, east, west, east)], [float(y) for y in (south, south, north, north)]
    farthest = float(distances_m(*corners, middle_lon, middle_lat).max())
    return middle_lon, middle_lat, float(Decimal(farthest).to_integral_value(ROUND_CEILING))


def _interval(degrees: float, limit: int, decimals: int) -> tuple[Decimal, Decimal]:
    """Ends of the grid interval that holds ``degrees``, in the digits a person reads, not their binary neighbours."""
    index = Decimal(repr(float(degrees))).scaleb(decimals).to_integral_value(ROUND_FLOOR)
    index = min(index, Decimal(limit).scaleb(decimals) - 1)  # 180 and 90 themselves belong to the last cell
    return index.scaleb(-decimals), (index + 1).scaleb(-decimals)


def area_km2(shape: shapely.Geometry) -> float:
    """The area in km² of a polygon or multipolygon whose sides are straight in longitude and latitude; else 0.

    Long sides are cut to 0.1 degree first, since PROJ measures between geodesics: a parallel 25 degrees long
    would otherwise bulge by kilometres.
    """
    total = 0.0
    # In quarters of the globe, because PROJ takes the smaller side of a ring as its inside.
    for west in (-180.0, -90.0, 0.0, 90.0):
        part = shapely.intersection(shape, shapely.box(west, -90, west + 90, 90))
        polygons = shapely.get_parts(shapely.segmentize(shapely.orient_polygons(part), 0.1))
        total += sum(geod().geometry_area_perimeter(one)[0] for one in polygons if isinstance(one, Polygon))
    return total / 1e6
