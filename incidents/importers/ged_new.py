"""The rows that an event of UCDP GED becomes, collected for writing in bulk.

UCDP's seven counts are seven claims, each with its own words: ``best`` is exact, ``low`` at least, ``high`` at most;
civilians, the dead of unknown status, and the combatants of each side are exact and parts of ``best``. A zero is
UCDP's count of none, not a denial and not unknown.

Who did it: in state-based and non-state violence both sides are recorded with the role ``side`` and the strength
``alleged``, because UCDP codes between whom the conflict is, not who killed: the strike on Mosul of 17 March 2017
stands there as Government of Iraq against IS. In one-sided violence side A is the perpetrator, ``likely``; side B is
"Civilians", no organisation, and has neither a row nor a count of fallen fighters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from db.tables.base import LINE
from db.vocabulary import (
    AttributionRole,
    AttributionStrength,
    Bound,
    Category,
    EventKind,
    Geoprivacy,
    LocationMethod,
    Outcome,
    PlaceKind,
    Scope,
    YesNoUnknown,
)
from gazetteer.folding import fold, script_of
from gazetteer.precision import default_radius_m
from gazetteer.units import UnitAreas
from incidents.importers.ged_actors import Organisations, Side
from incidents.importers.ged_articles import Article, bounds
from incidents.importers.ged_rows import CIVILIANS, Event
from incidents.locations import Spot
from incidents.records import window_columns

Columns = dict[str, Any]

ORDER = ("report", "incident", "incident_name", "claim", "location", "attribution", "incident_report")
"""The tables written in bulk, each after those it points to."""

UNITS = {"3": (PlaceKind.ADM2, "adm_2"), "4": (PlaceKind.ADM1, "adm_1"), "6": (PlaceKind.COUNTRY, "country_name")}
"""For which ``where_prec`` the polygon of a unit is looked for, and where its name stands."""

POINT_CODES = frozenset({"1", "2"})
"""The ``where_prec`` whose coordinates are a place; those of the others are the middle of an area."""


class Part(NamedTuple):
    """One count of an event, ready to be a claim; ``suffix`` is the end of its code."""

    suffix: str
    words: str
    category: Category
    bound: Bound
    number: int
    side_id: int | None = None

    @property
    def minimum(self) -> int | None:
        """The least that it says."""
        return None if self.bound is Bound.AT_MOST else self.number

    @property
    def maximum(self) -> int | None:
        """The most that it says."""
        return None if self.bound is Bound.AT_LEAST else self.number

    def said(self) -> tuple[Any, ...]:
        """What it says, to compare with a recorded claim."""
        return self.category, self.bound, self.minimum, self.maximum, self.side_id


BEST = "best"
SUFFIXES = frozenset({BEST, "low", "high", "civilians", "unknown", "side-a", "side-b"})
"""The ends of the codes of an event's claims."""


@dataclass
class Places:
    """The extents of places: polygons of loaded units where one of the name holds the point, else radii."""

    _units: dict[str, UnitAreas] = field(default_factory=dict)
    _found: dict[tuple[Any, ...], tuple[int, BaseGeometry] | None] = field(default_factory=dict)

    def unit(self, session: Session, event: Event) -> tuple[int, BaseGeometry] | None:
        """Id and polygon of the unit that ``event`` is placed in; read once for each country."""
        if event.where_prec not in UNITS or event.country is None:
            return None
        kind, column = UNITS[event.where_prec]
        key = (event.country, kind, getattr(event, column), event.lon, event.lat)
        if key not in self._found:
            if event.country not in self._units:
                self._units[event.country] = UnitAreas(session, event.country)
            self._found[key] = self._units[event.country].find(*key[1:])
        return self._found[key]

    def columns(self, session: Session, event: Event) -> Columns:
        """The columns of the event's location that say where it is; UCDP's own words and code stay beside."""
        unit = self.unit(session, event)
        if unit is None:
            place = disc_columns(event.lon, event.lat, default_radius_m(event.precision) or 0.0)
        else:
            own = {"lon": event.lon, "lat": event.lat, "radius_m": None, "area_id": unit[0]}
            place = _extent(own, unit[1].bounds)
        words = "; ".join(part for part in (event.place, event.adm_2, event.adm_1) if part)
        at_point = event.where_prec in POINT_CODES
        return {
            **place,
            "precision": event.precision,
            "method": LocationMethod.SOURCE_COORDINATES if at_point else LocationMethod.CENTROID,
            "place_name": event.place or None,
            "place_words": words[:LINE] or None,
            "source_code": event.where_prec,
            "geoprivacy": Geoprivacy.EXACT,
        }


@lru_cache(maxsize=8192)
def disc_columns(lon: float, lat: float, radius_m: float) -> Columns:
    """The columns that hold a point with a radius in metres, of which nothing is hidden."""
    own = {"lon": lon, "lat": lat, "radius_m": radius_m, "area_id": None}
    return _extent(own, Spot(lon, lat, radius_m).box())


def _extent(own: Columns, box: tuple[float, ...]) -> Columns:
    """The columns of :func:`incidents.locations.place_columns`, for a place of which nothing is hidden."""
    public = {f"public_{name}": value for name, value in own.items()}
    return own | public | dict(zip(("west", "south", "east", "north"), box, strict=True))


def parts_of(event: Event, side_a: Side | None, side_b: Side | None) -> list[Part]:
    """The counts of the event, ``best`` first, because the others may be parts of it."""
    figures = event.figures
    total = Category.TOTAL_PEOPLE
    found = [
        Part(BEST, "best estimate", total, Bound.EXACT, figures.best),
        Part("low", "low estimate", total, Bound.AT_LEAST, figures.low),
        Part("high", "high estimate", total, Bound.AT_MOST, figures.high),
        Part("civilians", "deaths of civilians", Category.CIVILIAN, Bound.EXACT, figures.civilians),
        Part("unknown", "deaths of unknown status", Category.UNDETERMINED_STATUS, Bound.EXACT, figures.unknown),
    ]
    for suffix, side, number in (("side-a", side_a, figures.side_a), ("side-b", side_b, figures.side_b)):
        # Fighters of "Civilians" cannot be counted; a number there is kept, and the row flagged.
        if side is not None or number > 0:
            words = f"deaths of side {suffix[-1].upper()}"
            whole = None if side is None else side.whole
            found.append(Part(suffix, words, Category.COMBATANT, Bound.EXACT, number, whole))
    return found


def is_part(part: Part, event: Event) -> bool:
    """Whether the claim is recorded as a part of ``best``: one greater than its whole is not."""
    return part.category is not Category.TOTAL_PEOPLE and part.number <= event.figures.best


def sides_of(event: Event, organisations: Organisations) -> tuple[Side | None, Side | None]:
    """The sides that are organisations."""
    side_a, side_b = (
        None if name in {"", CIVILIANS} else organisations.side(name) for name in (event.side_a, event.side_b)
    )
    return side_a, side_b


Actor = tuple[int, AttributionRole, AttributionStrength, str]
"""An organisation, its role, how firmly that is said, and the column that names it."""


def actors_of(event: Event, side_a: Side | None, side_b: Side | None) -> Iterator[Actor]:
    """Each organisation of the sides with its part in the event; see the module for the rule."""
    for column, side in (("side_a", side_a), ("side_b", side_b)):
        blamed = event.kind is EventKind.ONE_SIDED_VIOLENCE and column == "side_a"
        role = AttributionRole.PERPETRATOR if blamed else AttributionRole.SIDE
        strength = AttributionStrength.LIKELY if blamed else AttributionStrength.ALLEGED
        for member in () if side is None else side.members:
            yield member, role, strength, column


def incident_columns(event: Event) -> Columns:
    """The columns of the incident that an import fills in."""
    return {
        "name": event.name,
        "kind": event.kind,
        "country": event.country,
        **window_columns(event.window),
        # No civilian counted is not the same as none harmed.
        "civilian_harm_reported": YesNoUnknown.YES if event.figures.civilians > 0 else YesNoUnknown.UNKNOWN,
        "note": event.note or None,
    }


def name_columns(incident_id: int, name: str) -> Columns:
    """A name of the incident, with the key it is found by."""
    return {"incident_id": incident_id, "name": name, "folded": fold(name), "script": script_of(name)}


def claim_columns(event: Event, part: Part, incident_id: int, source_id: int, report_id: int) -> Columns:
    """One count as a claim, without the claims it points to."""
    return {
        "incident_id": incident_id,
        "source_id": source_id,
        "report_id": report_id,
        "outcome": Outcome.KILLED,
        "category": part.category,
        "bound": part.bound,
        "minimum": part.minimum,
        "maximum": part.maximum,
        "words": part.words,
        "scope": Scope.INCIDENT,
        "side_id": part.side_id,
        "locator": str(event.key),
    }


def report_columns(article: Article, publisher_id: int) -> Columns:
    """An article as a report; UCDP gives its headline and day, not its address."""
    published, start, end = bounds(article)
    return {
        "code": article.code,
        "publisher_id": publisher_id,
        "title": article.title,
        "published": published,
        "published_start": start,
        "published_end": end,
        "note": article.note,
    }
