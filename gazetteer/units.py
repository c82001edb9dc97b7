"""Administrative units by their polygons: which unit holds a point, which polygon a unit's name stands for."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session, col, select

from db.tables import Area, Place, PlaceName
from db.vocabulary import PlaceKind
from gazetteer.folding import fold, strip_feature_words


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
        .where(Place.kind == kind, Area.west <= lon, Area.east >= lon, Area.south <= lat, Area.north >= lat)
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
