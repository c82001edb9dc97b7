"""The units that a place is said to lie in: "Al Jinah, Aleppo province" or ``country="SY"``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import Place, metadata
from db.vocabulary import PlaceKind
from gazetteer.units import units_containing

ADMIN_KINDS = frozenset({PlaceKind.COUNTRY, PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3})
LONGEST_CODE = 3

_PLACE = metadata.tables["place"].c


@dataclass(frozen=True)
class Unit:
    """A country, governorate, district or subdistrict, by code and, where one is stored, as a place.

    Attributes:
        kind: its level.
        country: ISO 3166 two-letter code.
        admin1: GeoNames code of the first-order unit; None for a country.
        admin2: code of the second-order unit.
        place_id: of the entry with its polygon; None where there is no polygon.
    """

    kind: PlaceKind
    country: str | None
    admin1: str | None = None
    admin2: str | None = None
    place_id: int | None = None


def unit_of(place: Place) -> Unit:
    """The unit that an entry of an administrative kind stands for."""
    held = place.key if place.area_id is not None else None
    if place.kind is PlaceKind.COUNTRY:
        return Unit(place.kind, place.country, place_id=held)
    return Unit(place.kind, place.country, place.admin1, place.admin2, held)


def units_of_code(session: Session, code: str) -> list[Unit]:
    """The units with a bare code: the country "SY", the governorates "09" of any country that places lie in."""
    if len(code) == 2 and code.isalpha():
        found = session.execute(sa.select(_PLACE.country).where(_PLACE.country == code.upper()).limit(1)).first()
        return [] if found is None else [Unit(PlaceKind.COUNTRY, code.upper())]
    if len(code) > LONGEST_CODE:
        return []
    query = sa.select(_PLACE.country, _PLACE.admin1).where(_PLACE.admin1 == code).distinct()
    return [Unit(PlaceKind.ADM1, row.country, row.admin1) for row in session.execute(query.order_by(_PLACE.country))]


def lies_in(session: Session, place: Place, units: Iterable[Unit]) -> bool:
    """Whether ``place`` is in one of ``units``: by code, and where one has no code, by the unit's polygon."""
    return any(_is_in(session, place, unit) for unit in units)


def _is_in(session: Session, place: Place, unit: Unit) -> bool:
    if unit.kind is PlaceKind.COUNTRY:
        return place.country == unit.country if place.country is not None else _holds(session, unit, place)
    if unit.admin1 is None or place.admin1 is None:
        return _holds(session, unit, place)
    if (place.country, place.admin1) != (unit.country, unit.admin1):
        return False
    if unit.kind is PlaceKind.ADM1:
        return True
    if unit.kind is PlaceKind.ADM2 and unit.admin2 is not None and place.admin2 is not None:
        return place.admin2 == unit.admin2
    return _holds(session, unit, place)


def _holds(session: Session, unit: Unit, place: Place) -> bool:
    """Whether the unit has a polygon and the point of ``place`` lies in it."""
    return unit.place_id is not None and covers(session, unit.place_id, unit.kind, place)


def covers(session: Session, place_id: int, kind: PlaceKind, point: Place) -> bool:
    """Whether the polygon of the place ``place_id``, of ``kind``, holds the point of another place."""
    return place_id in {found.key for found in units_containing(session, point.lon, point.lat, kind=kind)}
