"""The pages for reading: the map with its list, an incident, the board."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import BytesIO
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from db.engine import Database
from db.errors import AtlasError, InputError
from db.session import read_session
from db.tables import Incident
from db.types import utc_now
from db.vocabulary import Category, Grading, InvestigationState
from incidents.api.reading import reading as reading_at_once
from incidents.board import BoardRow, Month, board, months, threads
from incidents.choices import belligerents, sources
from incidents.clusters import View
from incidents.dossiers import dossier
from incidents.exports.csvfile import write_claims_csv, write_incidents_csv
from incidents.exports.geojson import write_geojson
from incidents.exports.masks import mask_for
from incidents.exports.records import source_record
from incidents.held import Held
from incidents.history import history_of
from incidents.ranges import Rule, all_ranges
from incidents.records import find_incident, visible_incident
from incidents.tiers import Tier, seen
from incidents.web.callers import caller_of, signed_in
from incidents.web.charts import chart, timeline
from incidents.web.filters import Asked, read_filters
from incidents.web.maps import asked_outline, days_of, extent_of, map_context, map_view, places_extent
from incidents.web.pages import language_of, page, security_headers
from incidents.web.places import placed
from incidents.web.results import SHOWN, results
from incidents.windows import day_span

router = APIRouter(include_in_schema=False, dependencies=[Depends(signed_in)])
SHOWN_THREADS = 200
EXPORTS: dict[str, tuple[Any, str, str]] = {
    "geojson": (write_geojson, "application/geo+json", "geojson"),
    "csv": (write_incidents_csv, "text/csv; charset=utf-8", "csv"),
    "claims": (write_claims_csv, "text/csv; charset=utf-8", "claims.csv"),
}
"""By the name in the address: what writes the file, its media type, and the end of its name."""


def database_of(request: Request) -> Database:
    """The database that the application serves."""
    found: Database = request.app.state.database
    return found


@contextmanager
def reading(request: Request) -> Iterator[Session]:
    """A read session within the time that the server allows.

    On a connection of its own: a page is made in a thread, and the connections that the API keeps are not for several.

    Raises:
        ResourceError: ``too_slow``.
    """
    with read_session(database_of(request), limit_s=request.app.state.reader.limit_s) as session:
        yield session


def held_of(request: Request) -> Held:
    """The answers that the application holds; not for several threads, so what asks for them is async."""
    found: Held = request.app.state.held
    return found


@router.get("/")
async def map_page(request: Request) -> Response:
    """The map and the list side by side."""
    caller, language, held = caller_of(request), language_of(request), held_of(request)
    with reading_at_once(request) as session:
        asked = read_filters(session, request.query_params, tier=caller.tier, language=language)
        return page(
            request,
            "map.html",
            status=200 if len(asked.errors) == 0 else 422,
            asked=asked,
            found=results(session, held, asked) if asked.ready else None,
            area=extent_of(asked),
            **_drawn(session, held, asked),
            mask=mask_for(session, caller.tier),
            sources_known=held.keep(session, ("sources", caller.tier), lambda: sources(session, caller.tier)),
            belligerents=held.keep(session, ("belligerents", caller.tier), lambda: belligerents(session, caller.tier)),
            statuses=list(InvestigationState),
            gradings=list(Grading),
            categories=[category for category in Category if category not in {Category.EVENT, Category.BRIDGE}],
            counted=[Category.CIVILIAN, Category.TOTAL_PEOPLE],
            shown=SHOWN,
        )


def _drawn(session: Session, held: Held, asked: Asked) -> dict[str, str | None]:
    """Where and when everything that was found is: the page itself tells the map, which need not ask for it."""
    if not asked.ready:
        return {"extent": None, "days": None}
    extent = places_extent(session, held, asked) if held.has_places(session) else None
    return {"extent": extent, "days": days_of(session, held, asked)}


@router.get("/incidents/{name:path}/export.{form}")
def export(request: Request, name: str, form: str) -> Response:
    """One incident as a file, as the public may see it."""
    write = EXPORTS.get(form)
    if write is None:
        return not_found(request, f"{name}/export.{form}")
    with reading(request) as session:
        key = find_key(session, name, Tier.PUBLIC)
        if key is None:
            return not_found(request, name)
        stream = BytesIO()
        write[0](session, [key], stream, tier=Tier.PUBLIC)
    headers = security_headers() | {"Content-Disposition": f'attachment; filename="incident.{write[2]}"'}
    return Response(stream.getvalue(), media_type=write[1], headers=headers)


@router.get("/incidents/{name:path}")
def incident_page(request: Request, name: str, rule: str = Rule.ENVELOPE, as_of: str = "") -> Response:
    """One incident, whole."""
    caller = caller_of(request)
    with reading(request) as session:
        key = find_key(session, name, caller.tier)
        if key is None:
            return not_found(request, name)
        errors: dict[str, AtlasError] = {}
        moment = _moment(as_of, errors)
        by = Rule(rule) if rule in set(Rule) else Rule.ENVELOPE
        one = dossier(session, key, tier=caller.tier, as_of=moment)
        if one is None:
            return not_found(request, name)
        mask = mask_for(session, caller.tier)
        return page(
            request,
            "incident.html",
            status=200 if len(errors) == 0 else 422,
            one=one,
            mask=mask,
            errors=errors,
            as_of=as_of,
            rule=by,
            rules=list(Rule),
            charts=[chart(found) for found in all_ranges(one.event_claims, by)],
            timeline=timeline(one.threads, utc_now()),
            places=placed(one),
            cited=[source_record(report, mask) for report in one.reports],
            history=history_of(session, key) if caller.tier is Tier.INTERNAL else [],
        )


@router.get("/board")
def board_page(request: Request) -> Response:
    """Where every investigation stands, and the months of an authority."""
    caller = caller_of(request)
    given = {
        name: text for name in ("authority", "state", "since") if (text := request.query_params.get(name, "").strip())
    }
    errors: dict[str, AtlasError] = {}
    since = _moment(given.get("since", ""), errors, "since")
    state = InvestigationState(given["state"]) if given.get("state") in set(InvestigationState) else None
    with reading(request) as session:
        everything = threads(session, caller.tier)
        mask = mask_for(session, caller.tier)
    authorities = {row.authority_code: row.authority for row in everything if row.authority_code not in mask.codes}
    of_authority = board(everything, authority=given.get("authority"))
    return page(
        request,
        "board.html",
        status=200 if len(errors) == 0 else 422,
        given=given,
        errors=errors,
        rows=board(of_authority, state=state, since=since),
        shown=SHOWN_THREADS,
        months=months_with_moves(of_authority),
        authorities=sorted(authorities.items(), key=lambda one: one[1]),
        states=list(InvestigationState),
        mask=mask,
        now=utc_now(),
    )


def months_with_moves(rows: list[BoardRow]) -> list[Month]:
    """The months in which something was received or closed, the latest first."""
    return [one for one in months(rows) if one.received + one.reopened + one.withdrawn + len(one.closed) > 0]


def find_key(session: Session, name: str, tier: Tier) -> int | None:
    """The id of the incident with the code or number ``name``; None where the tier may not see it, or there is none.

    Who sees everything may name it by any of its names. Others may not: that a name is taken twice would tell them of a
    record that they must not know of.
    """
    row = visible_incident(session, name, tier)
    if row is None and tier is Tier.INTERNAL:
        with suppress(InputError):
            row = find_incident(session, name)
    if row is None and name.isascii() and name.isdigit() and len(name) < 10:
        row = session.get(Incident, int(name))
    if row is None or row.visibility not in seen(tier) or (row.withdrawn and tier is not Tier.INTERNAL):
        return None
    return row.key


def _moment(text: str, errors: dict[str, AtlasError], field: str = "as_of") -> datetime | None:
    try:
        return None if text == "" else day_span(text, allow_open=False)[1]
    except AtlasError as error:
        errors[field] = error
        return None


def not_found(request: Request, name: str) -> Response:
    """The page that says there is no such incident; a hidden one answers with the same."""
    return page(request, "missing.html", status=404, name=name)


class ViewAsked(BaseModel):
    """What a map shows: degrees, beyond 180 where it crosses that line, and the zoom."""

    west: float = Field(ge=-720, le=720, allow_inf_nan=False)
    south: float = Field(ge=-90, le=90, allow_inf_nan=False)
    east: float = Field(ge=-720, le=720, allow_inf_nan=False)
    north: float = Field(ge=-90, le=90, allow_inf_nan=False)
    zoom: float = Field(ge=0, le=24, allow_inf_nan=False)


@router.get("/map/view")
async def view(request: Request, seen_now: Annotated[ViewAsked, Query()]) -> Response:
    """What the map shows of the answer."""
    params = {name: value for name, value in request.query_params.items() if name != "stack"}
    with reading_at_once(request) as session:
        asked = read_filters(session, params, tier=caller_of(request).tier, language=language_of(request))
        if not asked.ready:
            return _json(None)
        return _json(map_view(session, held_of(request), asked, View(**seen_now.model_dump())))


@router.get("/map/area")
async def asked_area(request: Request) -> Response:
    """The area that was asked for."""
    with reading_at_once(request) as session:
        params = request.query_params
        asked = read_filters(session, params, tier=caller_of(request).tier, language=language_of(request))
        return _json(asked_outline(asked))


@router.get("/map/context")
async def context(request: Request) -> Response:
    """Names and boundaries of the gazetteer, for the map."""
    language = language_of(request).value
    with reading_at_once(request) as session:
        return _json(held_of(request).keep(session, ("context", language), lambda: map_context(session, language)))


def _json(value: Any) -> Response:
    return Response(orjson.dumps(value), media_type="application/json", headers=security_headers())
