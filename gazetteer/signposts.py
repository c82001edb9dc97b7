"""Signposts: names and boundaries of the gazetteer that tell a reader of a map where it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from db.tables import Area, Place, PlaceName
from db.vocabulary import NameKind, PlaceKind
from gazetteer.geometry import read_wkb

LEAST_POPULATION = 10_000
ARABIC = ("\u0621", "\u06ff")
"""Between these lie the texts that begin with an Arabic letter."""
APART_DEGREES = 0.05
"""Two sources' points for one place lie closer than this: one name is enough."""


@dataclass(frozen=True)
class Signpost:
    """A name on a map at (lon, lat), degrees; population in people, 0 where it is not known."""

    name: str
    kind: PlaceKind
    lon: float
    lat: float
    population: int


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def signposts(session: Session, *, language: str) -> list[Signpost]:
    """The countries, first-order units with a boundary and settlements of 10,000 people and more, the greatest first.

    Args:
        session: an open session.
        language: ISO 639-1 code; a place without a name in it is shown by its main name.
    """
    of_language = _c(PlaceName.language) == language
    if language == "ar":
        # Many sources do not say the language of a name; and some file Latin names as Arabic.
        of_language = (of_language | _c(PlaceName.language).is_(None)) & _c(PlaceName.name).between(*ARABIC)
    named = (
        sa.select(_c(PlaceName.name))
        .where(_c(PlaceName.place_id) == Place.id, of_language, ~_c(PlaceName.withdrawn))
        .order_by(_c(PlaceName.language).is_(None), _c(PlaceName.kind) != NameKind.PREFERRED, _c(PlaceName.id))
        .limit(1)
        .scalar_subquery()
    )
    great = (_c(Place.kind) == PlaceKind.SETTLEMENT) & (_c(Place.population) >= LEAST_POPULATION)
    units = (_c(Place.kind) == PlaceKind.COUNTRY) | (
        (_c(Place.kind) == PlaceKind.ADM1) & _c(Place.area_id).is_not(None)
    )
    population = sa.func.coalesce(Place.population, 0)
    query = (
        sa.select(sa.func.coalesce(named, Place.name), _c(Place.kind), _c(Place.lon), _c(Place.lat), population)
        .where(~_c(Place.withdrawn), great | units)
        .order_by(population.desc(), _c(Place.id))
    )
    found: dict[tuple[PlaceKind, int, int], Signpost] = {}
    for name, kind, lon, lat, people in session.execute(query):
        cell = (kind, round(lon / APART_DEGREES), round(lat / APART_DEGREES))
        found.setdefault(cell, Signpost(name, kind, lon, lat, people))
    return list(found.values())


def boundaries(session: Session, kind: PlaceKind) -> list[BaseGeometry]:
    """The polygons of the units of ``kind`` that are loaded, each once."""
    query = (
        sa.select(_c(Area.wkb))
        .join(Place, _c(Place.area_id) == Area.id)
        .where(_c(Place.kind) == kind, ~_c(Place.withdrawn))
        .distinct()
    )
    return [read_wkb(wkb) for wkb in session.execute(query).scalars()]
