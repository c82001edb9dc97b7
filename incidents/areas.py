"""Query areas: what a person names or draws, as something that locations can be compared with."""

from __future__ import annotations

from pathlib import Path

from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from db.errors import InputError, NotFoundError
from db.tables import Area
from db.vocabulary import PlaceKind
from gazetteer.geometry import area_from_file, read_wkb
from gazetteer.places import area_of, one_place
from gazetteer.points import parse_bbox, parse_distance
from incidents.query import Disc, QueryArea


def query_area(
    session: Session,
    *,
    inside: str | None = None,
    near: str | None = None,
    radius: str | None = None,
    bbox: str | None = None,
    polygon: Path | None = None,
) -> QueryArea | None:
    """The area that a place query is about; None when no place is asked for.

    Args:
        session: an open session.
        inside: name of a place whose extent is the area.
        near: name of a place whose point is the centre of a disc.
        radius: radius of that disc, ``5km``, ``500 m`` or metres.
        bbox: west, south, east, north in degrees.
        polygon: a GeoJSON file.

    Raises:
        InputError: more than one is given, a radius is missing, or the place has no known extent.
        NotFoundError: no such place, or no such file.
        AmbiguousError: several places have the name; lists them.
    """
    given = [
        name
        for name, value in (("--in", inside), ("--near", near), ("--bbox", bbox), ("--polygon", polygon))
        if value is not None
    ]
    if len(given) > 1:
        raise InputError("one_area", "Ask for one place at a time.", got=" and ".join(given))
    if (near is None) != (radius is None):
        raise InputError(
            "near_needs_radius", "--near and --radius go together.", fix='For example: --near "Al Jinah" --radius 5km'
        )
    if near is not None and radius is not None:
        place = one_place(session, near)
        return Disc(place.lon, place.lat, parse_distance(radius))
    if bbox is not None:
        return parse_bbox(bbox)
    if polygon is not None:
        return area_from_file(polygon)
    return None if inside is None else _extent(session, inside)


def country_of(session: Session, name: str | None) -> str | None:
    """The ISO 3166 code of the country called ``name``, where no boundary of it is loaded; None for all else.

    Raises:
        NotFoundError: no such place.
        AmbiguousError: several places have the name; lists them.
    """
    if name is None:
        return None
    place = one_place(session, name)
    return place.country if place.kind is PlaceKind.COUNTRY and area_of(session, place) is None else None


def stored_area(session: Session, key: int) -> BaseGeometry:
    """The polygon with the id ``key``.

    Raises:
        NotFoundError: there is none.
    """
    row = session.get(Area, key)
    if row is None:
        raise NotFoundError("unknown_area", "There is no polygon with this number.", got=key)
    return read_wkb(row.wkb)


def _extent(session: Session, name: str) -> QueryArea:
    place = one_place(session, name)
    area = area_of(session, place)
    if area is None:
        raise InputError(
            "no_boundary",
            f"Where {place.name} ends is not known: no boundary of it is loaded.",
            got=name,
            fix=f"Run: incidents gazetteer import areas FILE --level {place.kind.value}; or use --near with --radius.",
        )
    return area
