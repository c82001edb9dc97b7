"""Administrative units by their polygons: which unit holds a point, which polygon a unit's name stands for.

Which unit a place lies in is computed from the polygons and never taken from a file, because the hierarchies that
files state have gaps: `refresh_units` keeps the answer for every place in the table ``place_unit``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session, col, select

from db.import_log import Progress
from db.session import change_set_id
from db.tables import Area, Place, PlaceName, metadata
from db.vocabulary import PlaceKind
from gazetteer.folding import fold, strip_feature_words
from gazetteer.geodesy import ECCENTRICITY_SQUARED, EQUATOR_M, MAX_LATITUDE, Box, bounds_of, geod

NEAR_M = 2_000.0
"""How far outside all polygons of a level a point may lie and still belong to the nearest: 79 Syrian places on
the coast and the border miss their country's polygon."""

LEVELS = (PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3)
_UNITS = {PlaceKind.COUNTRY: 0, PlaceKind.ADM1: 1, PlaceKind.ADM2: 2, PlaceKind.ADM3: 3}
_PLACE, _PLACE_UNIT, _AREA = metadata.tables["place"], metadata.tables["place_unit"], metadata.tables["area"]
_Floats: TypeAlias = NDArray[np.float64]
_Indices: TypeAlias = NDArray[np.int64]
_AT_ONCE = 50_000  # places judged together; bounds the memory
_METRES_PER_DEGREE = math.pi * EQUATOR_M * (1 - ECCENTRICITY_SQUARED) / 180  # least length of a degree of latitude


def units_containing(session: Session, lon: float, lat: float, *, kind: PlaceKind) -> list[Place]:
    """The units of ``kind`` whose polygon holds the point, edge included, smallest polygon first.

    Args:
        session: an open session.
        lon: longitude, degrees.
        lat: latitude, degrees.
        kind: the level, for example ``PlaceKind.ADM1``.
    """
    query = (
        select(Place, Area)
        .join(Area, col(Place.area_id) == col(Area.id))
        .where(Place.kind == kind, col(Place.withdrawn).is_(False))
        .where(Area.west <= lon, Area.east >= lon, Area.south <= lat, Area.north >= lat)
    )
    point = shapely.Point(lon, lat)
    found = [(place, shapely.from_wkb(area.wkb)) for place, area in session.exec(query).all()]
    holding = [(shape.area, place.key, place) for place, shape in found if shape.covers(point)]
    return [place for _, _, place in sorted(holding, key=lambda row: row[:2])]


class UnitAreas:
    """The polygons of the loaded administrative units by folded name, read once; for bulk imports."""

    def __init__(self, session: Session, country: str | None = None) -> None:
        query = (
            select(Place.kind, PlaceName.folded, Area.id, Area.wkb)
            .join(PlaceName, col(PlaceName.place_id) == col(Place.id))
            .join(Area, col(Place.area_id) == col(Area.id))
            .where(col(Place.withdrawn).is_(False))
            .order_by(col(Area.id))
        )
        if country is not None:
            query = query.where(Place.country == country)
        self._areas: dict[tuple[PlaceKind, str], list[tuple[int, BaseGeometry]]] = {}
        shapes: dict[int, BaseGeometry] = {}
        for kind, folded, key, wkb in session.exec(query).all():
            if key is None:
                continue
            shape = shapes.setdefault(key, shapely.from_wkb(wkb))
            for name in {folded, strip_feature_words(folded)}:
                self._areas.setdefault((PlaceKind(kind), name), []).append((key, shape))

    def find(self, kind: PlaceKind, name: str, lon: float, lat: float) -> tuple[int, BaseGeometry] | None:
        """The id and polygon of the unit called ``name`` that holds (lon, lat); None where there is none."""
        point = shapely.Point(lon, lat)
        for key, shape in self._areas.get((kind, strip_feature_words(fold(name))), []):
            if shape.covers(point):
                return key, shape
        return None


@dataclass(frozen=True, slots=True)
class Unit:
    """An administrative unit that has a polygon; ``place_id`` is that of its `db.tables.Place`, as the rest is."""

    place_id: int
    name: str
    country: str | None
    admin1: str | None
    admin2: str | None


class UnitLayer:
    """The polygons of all units of one level in memory, for many points at once.

    Args:
        session: an open session.
        kind: the level, for example ``PlaceKind.ADM1``; withdrawn units do not count.
        box: only units whose box touches this one; by default all.
    """

    def __init__(self, session: Session, kind: PlaceKind, *, box: Box | None = None) -> None:
        query = (
            sa.select(*(_PLACE.c[name] for name in ("id", "name", "country", "admin1", "admin2")), _AREA.c.wkb)
            .join(_AREA, _PLACE.c.area_id == _AREA.c.id)
            .where(_PLACE.c.kind == kind, _PLACE.c.withdrawn.is_(False))
        )
        if box is not None:
            west, south, east, north = box
            query = query.where(_AREA.c.west <= east, _AREA.c.east >= west)
            query = query.where(_AREA.c.south <= north, _AREA.c.north >= south)
        rows = [
            (Unit(row.id, row.name, row.country, row.admin1, row.admin2), shapely.from_wkb(row.wkb))
            for row in session.execute(query)
        ]
        # Of several polygons that hold a point the first is the answer.
        rows.sort(key=lambda row: (kind is PlaceKind.ADM1 and row[0].admin1 is None, row[1].area, row[0].place_id))
        self.units = [unit for unit, _ in rows]
        self.shapes = np.array([shape for _, shape in rows], dtype=np.object_)
        self._countries = np.array([unit.country or "" for unit in self.units], dtype=np.str_)
        self._tree = shapely.STRtree(self.shapes)
        shapely.prepare(self.shapes)

    def find(
        self, lons: ArrayLike, lats: ArrayLike, countries: Sequence[str | None] | None = None, *, near_m: float = NEAR_M
    ) -> _Indices:
        """For each point the index in ``units`` of the unit it lies in, -1 for none.

        That is the smallest unit of the point's own country whose polygon holds it, edge included; else the nearest
        one of that country not more than ``near_m`` away; else the smallest of another country that holds it. Where
        the country of the point or of the unit is not known, it is no other. A first-order unit without a GeoNames
        code comes after those that have one: the zone of the UN observers lies on Quneitra governorate.

        Args:
            lons: degrees.
            lats: degrees, as many.
            countries: ISO 3166 two-letter codes, as many; None where not known.
            near_m: metres; 0 takes only polygons that hold the point.
        """
        x, y = np.atleast_1d(np.asarray(lons, np.float64)), np.atleast_1d(np.asarray(lats, np.float64))
        own = np.array([""] * len(x) if countries is None else [code or "" for code in countries], dtype=np.str_)
        found = np.full(len(x), -1, dtype=np.int64)
        if len(self.units) == 0 or len(x) == 0:
            return found
        points, units = self._holding(x, y)
        foreign = self._foreign(own[points], units)
        _take_first(found, points[~foreign], units[~foreign])
        if near_m > 0:
            self._take_nearest(found, x, y, own, near_m)
        _take_first(found, points[foreign], units[foreign])
        return found

    def one(self, lon: float, lat: float, country: str | None = None) -> Unit | None:
        """The unit that one point lies in; see `find`."""
        index = int(self.find([lon], [lat], [country])[0])
        return self.units[index] if index >= 0 else None

    def _foreign(self, own: NDArray[np.str_], units: _Indices) -> NDArray[np.bool_]:
        theirs = self._countries[units]
        return np.asarray((own != "") & (theirs != "") & (own != theirs))

    def _holding(self, x: _Floats, y: _Floats) -> tuple[_Indices, _Indices]:
        """Pairs of a point and a unit whose polygon holds it; the boxes are asked first, then the prepared polygons."""
        points, units = self._tree.query(shapely.points(x, y))
        held = shapely.intersects_xy(self.shapes[units], x[points], y[points])
        return points[held], units[held]

    def _take_nearest(self, found: _Indices, x: _Floats, y: _Floats, own: NDArray[np.str_], near_m: float) -> None:
        """Give each point that has no unit the nearest of its country within ``near_m``."""
        # Near a pole a metre is many degrees of longitude, and a polygon in degrees says nothing.
        left = np.flatnonzero((found < 0) & (np.abs(y) < MAX_LATITUDE))
        reach = 1.01 * near_m / _METRES_PER_DEGREE / np.cos(np.radians(y[left]))
        rows, units = self._tree.query(shapely.points(x[left], y[left]), predicate="dwithin", distance=reach)
        best = np.full(len(left), np.inf)
        domestic = ~self._foreign(own[left[rows]], units)
        for row, unit in zip(rows[domestic], units[domestic], strict=True):
            away = _metres_to(self.shapes[unit], float(x[left[row]]), float(y[left[row]]), near_m)
            if away <= near_m and away < best[row]:
                best[row], found[left[row]] = away, unit


def _take_first(found: _Indices, points: _Indices, units: _Indices) -> None:
    """Write into ``found`` the least of the units of each point that has none yet."""
    order = np.lexsort((units, points))
    firsts, where = np.unique(points[order], return_index=True)
    free = found[firsts] < 0
    found[firsts[free]] = units[order][where[free]]


def _metres_to(shape: BaseGeometry, lon: float, lat: float, reach_m: float) -> float:
    """The distance in metres from a point outside ``shape`` to it; infinite where it is beyond ``reach_m``.

    The nearest point is sought on a plane that is true to scale at (lon, lat): within some kilometres that and the
    ellipsoid differ by less than a metre in where it is. Its distance is geodesic.
    """
    part = shapely.clip_by_rect(shape, *bounds_of(lon, lat, 1.01 * reach_m))
    if part.is_empty:
        return math.inf
    scale = np.array([math.cos(math.radians(lat)), 1.0])
    flat = shapely.transform(part, lambda xy: xy * scale)
    _, nearest = shapely.get_coordinates(shapely.shortest_line(shapely.Point(np.array([lon, lat]) * scale), flat))
    return float(geod().inv(lon, lat, nearest[0] / scale[0], nearest[1])[2])


def refresh_units(session: Session, *, progress: Progress | None = None) -> int:
    """Work out again which governorate, district and subdistrict each place lies in; see `UnitLayer.find`.

    A unit is only given those above it: a district its governorate, by its representative point. A place in no unit
    has no row. Withdrawn places and units do not count. Call it at the end of every import of places or areas.

    Args:
        session: an open write session.
        progress: called with the number of places judged.

    Returns:
        The number of places that lie in a unit.

    Raises:
        InputError: ``read_session``.
    """
    change_set_id(session)
    session.flush()
    session.execute(sa.delete(_PLACE_UNIT))
    layers = {kind: UnitLayer(session, kind) for kind in LEVELS}
    if all(len(layer.units) == 0 for layer in layers.values()):
        return 0
    columns = (_PLACE.c.id, _PLACE.c.kind, _PLACE.c.country, _PLACE.c.lon, _PLACE.c.lat)
    query = sa.select(*columns).where(
        _PLACE.c.withdrawn.is_(False), _PLACE.c.kind.not_in([PlaceKind.COUNTRY, PlaceKind.ADM1])
    )
    judged = written = 0
    for rows in session.execute(query).partitions(_AT_ONCE):
        found = _unit_rows(rows, layers)
        if len(found) > 0:
            session.connection().execute(sa.insert(_PLACE_UNIT), found)
        judged, written = judged + len(rows), written + len(found)
        if progress is not None:
            progress(judged)
    return written


def _unit_rows(
    rows: Sequence[sa.Row[tuple[int, PlaceKind, str | None, float, float]]], layers: dict[PlaceKind, UnitLayer]
) -> list[dict[str, int | None]]:
    """The rows of ``place_unit`` for some places."""
    ids, kinds, countries, lons, lats = zip(*rows, strict=True)
    depths = np.array([_UNITS.get(kind, len(_UNITS)) for kind in kinds])
    columns: dict[str, list[int | None]] = {}
    for kind, layer in layers.items():
        found = np.where(depths > _UNITS[kind], layer.find(lons, lats, countries), -1)
        columns[f"{kind.value}_id"] = [layer.units[index].place_id if index >= 0 else None for index in found]
    values = zip(*columns.values(), strict=True)
    return [
        {"place_id": place_id, **dict(zip(columns, units, strict=True))}
        for place_id, units in zip(ids, values, strict=True)
        if any(unit is not None for unit in units)
    ]
