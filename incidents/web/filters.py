"""What the address of the map page asks for: read field by field, so that what is wrong can be said beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import nan
from typing import TypeVar
from urllib.parse import urlencode

from sqlmodel import Session

from db.errors import AtlasError, InputError
from db.vocabulary import Category, Grading, InvestigationState
from gazetteer.geometry import read_geometry
from gazetteer.locate import locate
from gazetteer.points import parse_bbox, parse_distance
from gazetteer.search.answer import Answer, Candidate, PlaceVerdict
from incidents.areas import stored_area
from incidents.organisations import find_organisation
from incidents.query import Disc, Query, QueryArea
from incidents.tiers import Tier
from incidents.windows import day_span

FIELDS = (
    "text", "place", "at", "radius", "bbox", "polygon", "from", "to", "status", "grading", "source", "belligerent",
    "category", "killed_min", "unlocated", "stack", "skip",
)  # fmt: skip
DEFAULT_RADIUS = "10km"
ROUNDED = 5e-7
"""Degrees, by which what the address names may differ from where it lies."""
LONGEST_VALUE = 20_000
"""Characters; a polygon of five hundred corners has about ten thousand."""

Found = TypeVar("Found")


@dataclass(frozen=True)
class Asked:
    """What the page asks for.

    Attributes:
        given: the fields as they were given, empty ones left out.
        query: what is asked of the incidents.
        errors: by field, what is wrong with it; with any of them nothing is searched.
        candidates: the places that the text of ``place`` may mean, where one has to be chosen.
        place: the chosen or only place.
    """

    given: dict[str, str]
    query: Query
    errors: dict[str, AtlasError] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    place: Candidate | None = None

    def address(self, **changes: str | None) -> str:
        """The query string of the page with ``changes``; None takes a field out."""
        kept = {name: value for name, value in (self.given | changes).items() if value is not None}
        return urlencode(kept)

    @property
    def stack(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the places whose incidents are listed; a box that holds nothing if unread.

        The address names a point, or a box, to a tenth of a metre.
        """
        try:
            west, south, *rest = map(float, self.given.get("stack", "").split(","))
            east, north = rest or (west, south)
        except ValueError:
            west = south = east = north = nan
        return west - ROUNDED, south - ROUNDED, east + ROUNDED, north + ROUNDED

    def has(self, *fields: str) -> bool:
        """Whether any of ``fields`` is given."""
        return any(name in self.given for name in fields)

    @property
    def ready(self) -> bool:
        """Whether there is something to search for: nothing is wrong, and the place is settled."""
        return len(self.errors) == 0 and len(self.candidates) == 0


class _Reader:
    """Reads fields one by one and keeps what is wrong."""

    def __init__(self, given: dict[str, str]) -> None:
        self.given = given
        self.errors: dict[str, AtlasError] = {}

    def read(self, name: str, parse: Callable[[str], Found]) -> Found | None:
        text = self.given.get(name)
        if text is None:
            return None
        try:
            return parse(text)
        except AtlasError as error:
            self.errors[name] = error
        except ValueError:
            self.errors[name] = InputError("unknown_value", "This is none of the choices.", got=text)
        return None


def read_filters(session: Session, params: Mapping[str, str], *, tier: Tier, language: str) -> Asked:
    """The fields of an address as a query; see :class:`Asked` for what is wrong with them."""
    given = {name: params[name].strip()[:LONGEST_VALUE] for name in FIELDS if params.get(name, "").strip()}
    reader = _Reader(given)
    asked = Asked(given, Query(tier=tier), reader.errors)
    asked = _place(session, reader, asked, language)
    area = _drawn(reader) if asked.query.area is None else asked.query.area
    if "place" in given and ("bbox" in given or "polygon" in given):
        reader.errors["place"] = InputError(
            "one_area", "Ask for one place at a time.", fix="Clear the name of the place, or what was drawn."
        )
    query = replace(
        asked.query,
        area=area,
        start=reader.read("from", lambda text: day_span(text, allow_open=False)[0]),
        end=reader.read("to", lambda text: day_span(text, allow_open=False)[1]),
        status=reader.read("status", InvestigationState),
        grading=reader.read("grading", Grading),
        source=reader.read("source", lambda text: find_organisation(session, text).code),
        belligerent=reader.read("belligerent", lambda text: find_organisation(session, text).code),
        category=reader.read("category", Category),
        killed_min=reader.read("killed_min", _whole),
        text=given.get("text"),
    )
    return replace(asked, query=query)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 8:
        raise InputError("not_a_number", "This is no whole number.", got=text, fix="For example 10.")
    return int(text)


def _place(session: Session, reader: _Reader, asked: Asked, language: str) -> Asked:
    """The place named in the address; several are candidates to choose from, the one chosen is named in ``at``."""
    answer = reader.read("place", lambda text: locate(session, text, language=language))
    radius_m = reader.read("radius", parse_distance) or parse_distance(DEFAULT_RADIUS)
    if answer is None:
        return asked
    chosen = next((one for one in answer.candidates if one.key == asked.given.get("at")), None)
    if chosen is None and answer.verdict is PlaceVerdict.SURE and len(answer.candidates) > 0:
        chosen = answer.candidates[0]
    area = reader.read("place", lambda _: _area(session, answer, chosen, radius_m))
    if area is not None:
        return replace(asked, query=replace(asked.query, area=area), place=chosen)
    if len(answer.candidates) > 0:
        return replace(asked, candidates=answer.candidates)
    reader.errors["place"] = InputError(
        "unknown_place",
        "The gazetteer has no such place.",
        got=answer.text,
        fix=" ".join(answer.notes) or "Try another spelling, or draw the place on the map.",
    )
    return asked


def _area(session: Session, answer: Answer, chosen: Candidate | None, radius_m: float) -> QueryArea | None:
    """The polygon of the place where it has one and no radius is asked for, else a disc round it."""
    if chosen is not None:
        if chosen.area_id is not None:
            return stored_area(session, chosen.area_id)
        return Disc(chosen.lon, chosen.lat, radius_m)
    if answer.verdict is PlaceVerdict.AMBIGUOUS or answer.lon is None or answer.lat is None:
        return None
    return answer.area or Disc(answer.lon, answer.lat, max(radius_m, answer.radius_m or 0.0))


def _drawn(reader: _Reader) -> QueryArea | None:
    """The box or polygon drawn on the map."""
    polygon = reader.read("polygon", polygon_of)
    return reader.read("bbox", parse_bbox) if polygon is None else polygon


def polygon_of(text: str) -> QueryArea:
    """The polygon with the corners ``lon,lat;lon,lat;...``, degrees.

    Raises:
        InputError: ``bad_polygon``, or those of :func:`gazetteer.geometry.read_geometry`.
    """
    try:
        corners = [[float(number) for number in corner.split(",")] for corner in text.split(";")]
    except ValueError as error:
        raise InputError(
            "bad_polygon",
            "A polygon is three corners and more, each with longitude and latitude.",
            got=text,
            fix="For example 38.9,35.9;39.1,35.9;39.0,36.0",
        ) from error
    return read_geometry({"type": "Polygon", "coordinates": [[*corners, corners[0]]]}, where="polygon")
