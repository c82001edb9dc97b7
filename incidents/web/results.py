"""What the map page lists, and the columns that its map draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from db.vocabulary import Category, PlaceKind
from gazetteer.geodesy import circle
from gazetteer.signposts import boundaries, signposts
from incidents.areas import stored_area
from incidents.dossiers import dossiers
from incidents.markers import Markers, markers
from incidents.query import Answer, Disc, Match, find
from incidents.ranges import Range, Rule, death_range
from incidents.totals.sums import Total
from incidents.views import Dossier
from incidents.web.filters import Asked

SHOWN = 30
MOST_TOTALLED = 500
"""The total of more incidents takes seconds to work out, so a page does without it."""
SIMPLIFIED_DEGREES = 0.003
"""Boundaries are drawn without bends of less than about 300 m."""


@dataclass(frozen=True)
class Row:
    """An incident in the list, with how surely it lies in the place asked for."""

    one: Dossier
    match: Match

    def killed(self, category: Category) -> Range | None:
        """The range of the killed; None where no claim is about the category."""
        found = death_range(self.one.event_claims, category=category)
        return None if len(found.used) + len(found.left_out) == 0 else found


@dataclass(frozen=True)
class Results:
    """A page of the answer, and what there is beside it.

    ``total`` is None where so many were found that it would take long; ``more`` is the first of the next page.
    """

    rows: tuple[Row, ...]
    incidents: int
    surely: int
    possibly: int
    unlocated: int
    untimed: int
    total: Total | None
    first: int
    more: int | None


def results(session: Session, asked: Asked) -> Results:
    """The incidents that answer, a page of them.

    Raises:
        InputError: the words searched for are blank.
    """
    answer = find(session, asked.query)
    matches = answer.match_of()
    keys = _listed(session, answer, asked)
    first = min(int(asked.given.get("skip", "0") or 0), len(keys)) if asked.given.get("skip", "0").isdigit() else 0
    shown = keys[first : first + SHOWN]
    found = dossiers(session, shown, tier=asked.query.tier)
    rows = tuple(Row(one, matches[one.key]) for one in found)
    more = first + SHOWN if first + SHOWN < len(keys) else None
    verdicts = [matches[key] for key in keys]
    return Results(
        rows, len(keys), verdicts.count(Match.SURELY), verdicts.count(Match.POSSIBLY),
        len(answer.unlocated) if asked.query.area is not None else 0, answer.untimed,
        _total(session, keys, asked), first, more,
    )  # fmt: skip


def _listed(session: Session, answer: Answer, asked: Asked) -> list[int]:
    """The incidents of the list: all that answer, or those at one place of the map."""
    keys = answer.keys(unlocated="unlocated" in asked.given)
    stack = asked.given.get("stack")
    if stack is None:
        return keys
    found = markers(session, keys, tier=asked.query.tier)
    at = {index for index, spot in enumerate(found.places) if spot_name(spot[0], spot[1]) == stack}
    here = {key for place, members in zip(found.place, found.members, strict=True) if place in at for key in members}
    return [key for key in keys if key in here]


def spot_name(lon: float, lat: float) -> str:
    """A place of the map as the address names it: longitude and latitude to a tenth of a metre."""
    return f"{lon:.6f},{lat:.6f}"


def _total(session: Session, keys: Sequence[int], asked: Asked) -> Total | None:
    if len(keys) > MOST_TOTALLED:
        return None
    counted = Total(Category.CIVILIAN, rule=Rule.ENVELOPE)
    for one in dossiers(session, keys, tier=asked.query.tier):
        counted.add(one)
    return counted


def map_columns(session: Session, asked: Asked) -> dict[str, Any]:
    """The markers of the answer as plain columns, with the polygons that they need.

    The map hides by time what the list leaves out, so the window is not part of what is asked here.
    """
    answer = find(session, asked.query)
    found = markers(session, answer.keys(), tier=asked.query.tier)
    return {
        "lon": [round(spot[0], 6) for spot in found.places],
        "lat": [round(spot[1], 6) for spot in found.places],
        "radius_m": [spot[2] for spot in found.places],
        "area": [spot[3] for spot in found.places],
        "place": found.place,
        "incidents": [len(members) for members in found.members],
        "first": found.first,
        "last": found.last,
        "rivals": [[rival.marker, rival.place, round(rival.metres)] for rival in found.rivals],
        "areas": _outlines(session, found),
        "asked": _asked_area(asked),
    }


def _asked_area(asked: Asked) -> dict[str, Any] | None:
    area = asked.query.area
    if area is None:
        return None
    return simplified(area) if not isinstance(area, Disc) else mapping(circle(area.lon, area.lat, area.radius_m))


def _outlines(session: Session, found: Markers) -> dict[str, Any]:
    """By id, the polygons as GeoJSON, drawn more simply than they are stored."""
    keys = {spot[3] for spot in found.places if spot[3] is not None}
    return {str(key): _outline(session, key) for key in sorted(keys)}


def _outline(session: Session, key: int) -> dict[str, Any]:
    return simplified(stored_area(session, key))


def simplified(shape: BaseGeometry) -> dict[str, Any]:
    """A polygon as a GeoJSON geometry, drawn more simply than it is known."""
    found: dict[str, Any] = mapping(shapely.set_precision(shape.simplify(SIMPLIFIED_DEGREES), 1e-5))
    return found


def extent_of(asked: Asked) -> str | None:
    """West, south, east and north of the area asked for, in degrees, for the map to show."""
    area = asked.query.area
    if area is None:
        return None
    bounds = area.box() if isinstance(area, Disc) else area.bounds
    return ",".join(f"{side:.5f}" for side in bounds)


SIZES = {PlaceKind.COUNTRY: (15, 3.0), PlaceKind.ADM1: (12, 5.5)}
"""Of the names of units: size in pixels, and the zoom they are shown from."""
SETTLEMENT_ZOOMS = ((500_000, 4.5), (100_000, 6.5), (30_000, 8.0), (0, 9.5))
"""From so many people, the zoom that a settlement's name is shown from."""


def map_context(session: Session, language: str) -> dict[str, Any]:
    """The names and boundaries that the gazetteer has for orientation, as two GeoJSON collections."""
    names = [
        _feature(
            {"type": "Point", "coordinates": [post.lon, post.lat]},
            name=post.name,
            size=SIZES[post.kind][0] if post.kind in SIZES else 12,
            from_zoom=SIZES[post.kind][1] if post.kind in SIZES else _from_zoom(post.population),
            rank=rank,
        )
        for rank, post in enumerate(signposts(session, language=language))
    ]
    units = [_feature(simplified(shape)) for shape in boundaries(session, PlaceKind.ADM1)]
    return {"units": _collection(units), "names": _collection(names)}


def _from_zoom(population: int) -> float:
    return next(zoom for least, zoom in SETTLEMENT_ZOOMS if population >= least)


def _feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}
