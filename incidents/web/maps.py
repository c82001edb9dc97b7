"""What the map draws, as plain columns and GeoJSON."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from db.vocabulary import PlaceKind
from gazetteer.geodesy import circle
from gazetteer.signposts import boundaries, signposts
from incidents.areas import stored_area
from incidents.clusters import Cluster, View, shown
from incidents.held import Held
from incidents.markers import Layout
from incidents.query import Disc
from incidents.web.filters import Asked

DAY_US = 86_400_000_000
KNOWN_M = 1_000
"""A place known to this is a point on the map; all others are rings."""
SIMPLIFIED_DEGREES = 0.003
"""Boundaries are drawn without bends of less than about 300 m."""


def map_view(session: Session, held: Held, asked: Asked, view: View) -> dict[str, Any]:
    """What the map shows of the answer in ``view``; each of ``clusters`` is as :func:`_cluster` says."""
    ground = held.layout(session, asked.query.tier)
    found = shown(ground, held.markers(session, asked.query), view, asked.query.start, asked.query.end)
    return {
        "incidents": found.incidents,
        "clusters": [_cluster(ground, one) for one in found.clusters],
        "areas": [_area(session, held, ground, place) for place in found.areas],
        "rivals": [
            [*_at(ground, one.place), *_at(ground, one.other), round(one.metres), _is_area(ground, one.other)]
            for one in found.rivals
        ],
    }


def _cluster(ground: Layout, one: Cluster) -> list[Any]:
    """Longitude, latitude, incidents, how many of them are of wider areas, what it is, and the box of its points.

    It is a ``point`` or an ``area`` where all are at one place, else ``many``.
    """
    kind = "many" if one.place is None else "area" if _is_area(ground, one.place) else "point"
    return [round(one.lon, 6), round(one.lat, 6), one.count, one.wide, kind, [round(side, 6) for side in one.box]]


def _at(ground: Layout, place: int) -> tuple[float, float]:
    return round(float(ground.places.lons[place]), 6), round(float(ground.places.lats[place]), 6)


def _is_area(ground: Layout, place: int) -> bool:
    return bool(ground.places.area_ids[place] != 0 or ground.places.radii_m[place] > KNOWN_M)


def _area(session: Session, held: Held, ground: Layout, place: int) -> Any:
    """A place as longitude, latitude and metres; one that has a polygon as that."""
    key = int(ground.places.area_ids[place])
    if key == 0:
        return [*_at(ground, place), float(ground.places.radii_m[place])]
    return held.keep(session, ("outline", key), lambda: simplified(stored_area(session, key)))


def asked_outline(asked: Asked) -> dict[str, Any] | None:
    """The area that was asked for, as a GeoJSON geometry."""
    area = asked.query.area
    if area is None:
        return None
    return simplified(area) if not isinstance(area, Disc) else mapping(circle(area.lon, area.lat, area.radius_m))


def simplified(shape: BaseGeometry) -> dict[str, Any]:
    """A polygon as a GeoJSON geometry, drawn more simply than it is known."""
    found: dict[str, Any] = mapping(shapely.set_precision(shape.simplify(SIMPLIFIED_DEGREES), 1e-5))
    return found


def extent_of(asked: Asked) -> str | None:
    """West, south, east and north of the area asked for, in degrees, for the map to show."""
    area = asked.query.area
    if area is None:
        return None
    return _sides(area.box() if isinstance(area, Disc) else area.bounds)


def places_extent(session: Session, held: Held, asked: Asked) -> str | None:
    """West, south, east and north of the places of all that was found, whatever the time; None without any."""
    marked, places = held.markers(session, asked.query), held.layout(session, asked.query.tier).places
    own = np.flatnonzero(np.bincount(marked.place, minlength=len(places.lons)))
    if len(own) == 0:
        return None
    lons, lats = places.lons[own], places.lats[own]
    return _sides((lons.min(), lats.min(), lons.max(), lats.max()))


def days_of(session: Session, held: Held, asked: Asked) -> str | None:
    """The first day and the last of all that was found, counted from 1970 (UTC); None where no time is known."""
    span = held.answer(session, asked.query).span()
    return None if span is None else f"{span[0] // DAY_US},{span[1] // DAY_US}"


def _sides(box: tuple[float, float, float, float]) -> str:
    return ",".join(f"{side:.5f}" for side in box)


SIZES = {PlaceKind.COUNTRY: (15, 3.0), PlaceKind.ADM1: (12, 5.5)}
"""Of the names of units: size in pixels, and the zoom they are shown from."""
SETTLEMENT_ZOOMS = ((500_000, 4.5), (100_000, 6.5), (30_000, 8.0), (0, 9.5))
"""From so many people, the zoom that a settlement's name is shown from."""


def map_context(session: Session, language: str) -> dict[str, Any]:
    """The names that the gazetteer has for orientation, the greatest first, and boundaries as GeoJSON."""
    names = [
        {
            "name": post.name,
            "at": [round(post.lon, 5), round(post.lat, 5)],
            "size": SIZES[post.kind][0] if post.kind in SIZES else 12,
            "from_zoom": SIZES[post.kind][1] if post.kind in SIZES else _from_zoom(post.population),
        }
        for post in signposts(session, language=language)
    ]
    units = [
        {"type": "Feature", "properties": {}, "geometry": simplified(shape)}
        for shape in boundaries(session, PlaceKind.ADM1)
    ]
    return {"units": {"type": "FeatureCollection", "features": units}, "names": names}


def _from_zoom(population: int) -> float:
    return next(zoom for least, zoom in SETTLEMENT_ZOOMS if population >= least)
