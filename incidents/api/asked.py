"""The parameters of a question, and the query that they make."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import Session

from db.errors import InputError
from db.vocabulary import Category, Grading, InvestigationState
from incidents.answers import Cursor, Match
from incidents.api.access import Caller
from incidents.api.crs import Crs, plain_box
from incidents.api.pages import Form, names_of
from incidents.areas import query_area
from incidents.columns import Columns
from incidents.cql import Language, cql_condition
from incidents.intervals import read_interval
from incidents.query import Query as IncidentQuery
from incidents.query import QueryArea
from incidents.ranges import Rule
from incidents.records import code_of, key_of_code
from incidents.tiers import Tier

LIMIT, MOST = 100, 10_000


class MatchAsked(StrEnum):
    """How surely an incident has to lie in the area."""

    SURELY = "surely"
    POSSIBLY = "possibly"
    ALL = "all"


class Unlocated(StrEnum):
    """What becomes of incidents without a place where an area is asked for."""

    INCLUDE = "include"
    EXCLUDE = "exclude"


class One(BaseModel):
    """As what one incident is shown; unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    as_of: str | None = Field(
        default=None, max_length=100, description="Only what was certainly said by this day.", examples=["2020-12-31"]
    )
    tier: Tier | None = Field(default=None, description="What may be seen; public unless a token allows more.")
    rule: Rule = Field(default=Rule.ENVELOPE, description="What the ranges are made by.")
    areas: bool = Field(default=False, description="Draw it as the area it lies in, not as a point.")
    crs: Crs = Field(default=Crs.CRS84, description="The reference system of the geometries.")
    f: str | None = Field(default=None, description="The form of the answer.")


class Filtered(One):
    """Which incidents are asked for."""

    bbox: str | None = Field(
        default=None,
        max_length=200,
        description="west,south,east,north in degrees, or as bbox-crs orders its axes; six numbers with heights.",
        examples=["36.5,35.8,43.5,36.6"],
    )
    bbox_crs: Crs = Field(default=Crs.CRS84, alias="bbox-crs", description="The reference system of bbox.")
    datetime: str | None = Field(
        default=None,
        max_length=100,
        description="A day, a moment, or an interval a/b with .. for an open end; the incident's window overlaps it.",
        examples=["2017-03-01/2017-03-31"],
    )
    place: str | None = Field(default=None, max_length=200, description="A place of the gazetteer with a boundary.")
    near: str | None = Field(default=None, max_length=200, description="A place of the gazetteer, with radius.")
    radius: str | None = Field(default=None, max_length=30, description="Round near: 5km, 500m.", examples=["5km"])
    match: MatchAsked = Field(default=MatchAsked.ALL, description="How surely it has to lie in the area.")
    unlocated: Unlocated = Field(
        default=Unlocated.EXCLUDE, description="Whether those without a place answer where an area is asked for."
    )
    status: InvestigationState | None = Field(default=None, description="Some investigation stands here.")
    grading: Grading | None = Field(default=None, description="Some body's current grading.")
    source: str | None = Field(default=None, max_length=500, description="An organisation that made a claim.")
    belligerent: str | None = Field(default=None, max_length=500, description="Named as perpetrator or side.")
    category: Category | None = Field(default=None, description="Some source makes a claim about these people.")
    killed_min: int | None = Field(default=None, ge=0, le=10_000_000, description="Some source says so many killed.")
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$", description="ISO 3166 code of two letters.")
    q: str | None = Field(default=None, max_length=500, description="Words of names, codes, places and claims.")
    filter: str | None = Field(
        default=None, max_length=8000, description="CQL2 over the queryables.", examples=["killed >= 10"]
    )
    filter_lang: Language = Field(default=Language.TEXT, alias="filter-lang", description="How filter is written.")
    filter_crs: Literal[Crs.CRS84] = Field(default=Crs.CRS84, alias="filter-crs")

    def query(self, session: Session, caller: Caller, columns: Columns | None = None) -> IncidentQuery:
        """What is asked, as :func:`incidents.query.find` takes it.

        Raises:
            InputError: a part of it is not acceptable, or ``forbidden``.
        """
        start, end = (None, None) if self.datetime is None else read_interval(self.datetime)
        query = IncidentQuery(
            area=self.area(session),
            start=start,
            end=end,
            status=self.status,
            grading=self.grading,
            source=self.source,
            belligerent=self.belligerent,
            category=self.category,
            killed_min=self.killed_min,
            country=self.country,
            text=self.q,
            as_of=None if self.as_of is None else read_interval(self.as_of)[1],
            tier=caller.seen(self.tier),
        )
        if self.filter is None:
            return query
        condition = cql_condition(session, self.filter, self.filter_lang, query, columns=columns)
        return replace(query, where=condition)

    def area(self, session: Session) -> QueryArea | None:
        """The area that is asked for.

        Raises:
            InputError: it is none; AmbiguousError: several places have the name.
        """
        bbox = None if self.bbox is None else plain_box(self.bbox, self.bbox_crs)
        return query_area(session, inside=self.place, near=self.near, radius=self.radius, bbox=bbox)

    def matches(self) -> set[Match] | None:
        """The ways to answer that are wanted; None for all but those without a place."""
        wanted = {Match.SURELY, Match.POSSIBLY} if self.match is MatchAsked.ALL else {Match(self.match.value)}
        if self.unlocated is Unlocated.INCLUDE:
            wanted.add(Match.UNLOCATED)
        return None if wanted == {Match.SURELY, Match.POSSIBLY} else wanted


class Asked(Filtered):
    """A page of the incidents that are asked for."""

    limit: int = Field(default=LIMIT, ge=1, description=f"Features a page; above {MOST} it is {MOST}.")
    after: str | None = Field(default=None, max_length=300, description="Where a page ended: what its next link says.")

    def most(self) -> int:
        """Features a page: a limit above the greatest is no error (OGC 17-069r4, 7.15.2)."""
        return min(self.limit, MOST)


Parameters = TypeVar("Parameters", bound=One)


def _read(request: Request, model: type[Parameters]) -> Parameters:
    # Not by FastAPI's own parameter models: to look through their fields takes it half as long as the search.
    pairs = request.query_params.multi_items()
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError("duplicate_parameter", "A parameter is given once.", where=twice)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        raise RequestValidationError([one | {"loc": ("query", *one["loc"])} for one in problems]) from error


async def asked(request: Request) -> Asked:
    """What the request asks of the incidents.

    Raises:
        RequestValidationError: a parameter is unknown, or not acceptable.
        InputError: ``duplicate_parameter``.
    """
    return _read(request, Asked)


async def asked_for_all(request: Request) -> Filtered:
    """Which incidents the request asks for, all of them; raises as :func:`asked`."""
    return _read(request, Filtered)


async def asked_of_one(request: Request) -> One:
    """As what the request asks to be shown one incident; raises as :func:`asked`."""
    return _read(request, One)


def parameters_of(model: type[One], *forms: Form) -> dict[str, Any]:
    """The part of a route's description that says what its parameters are; ``f`` names the ``forms`` of its answer."""
    schema = model.model_json_schema()
    schema["properties"]["f"]["enum"] = names_of(forms)
    kinds = schema.get("$defs", {})
    found = [
        {
            "name": name, "in": "query", "required": False, "description": one.get("description", ""),
            "schema": _without_references(one, kinds),
        }
        for name, one in schema["properties"].items()
    ]  # fmt: skip
    return {"parameters": found}


def _without_references(schema: Any, kinds: dict[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_without_references(one, kinds) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        rest = {name: value for name, value in schema.items() if name != "$ref"}
        return kinds[schema["$ref"].rpartition("/")[2]] | rest
    return {name: _without_references(value, kinds) for name, value in schema.items()}


AskedQuery = Annotated[Asked, Depends(asked)]
AllQuery = Annotated[Filtered, Depends(asked_for_all)]
OneQuery = Annotated[One, Depends(asked_of_one)]


def cursor_text(session: Session, cursor: Cursor) -> str:
    """Where a page ends, for a link. By the code, not the row: the gaps between rows would count what is hidden."""
    text = f"{cursor.start}:{code_of(session, cursor.key)}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor_text(session: Session, text: str | None) -> Cursor | None:
    """What :func:`cursor_text` wrote.

    Raises:
        InputError: ``bad_cursor``.
    """
    if text is None:
        return None
    try:
        start, _, code = (
            base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode().partition(":")
        )
        found = key_of_code(session, code)
        if found is not None and -(2**63) <= int(start) < 2**63:
            return Cursor(int(start), found)
    except (binascii.Error, ValueError):
        pass  # said below, as for any other text
    raise InputError(
        "bad_cursor", "It does not say where a page ended.", where="after", got=text, fix="Follow the next link."
    )
