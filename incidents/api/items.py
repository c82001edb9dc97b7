"""The incidents as features: pages of them, and one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import orjson
from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from incidents.answers import Page
from incidents.api.access import Reading
from incidents.api.asked import Asked, AskedQuery, One, OneQuery, cursor_text, parameters_of, read_cursor_text
from incidents.api.crs import Crs, content_crs, feature_in, only_degrees
from incidents.api.links import Link, at, link, own_links
from incidents.api.pages import CSV, GEOJSON, GEOJSON_SEQ, HTML, Form, answered, chosen_form, html_page
from incidents.api.problems import PROBLEMS, missing
from incidents.api.reading import reading
from incidents.columns import Columns
from incidents.exports.csvfile import write_incidents_csv
from incidents.exports.fragments import written_features
from incidents.exports.geojsonseq import RECORD_SEPARATOR
from incidents.exports.selection import Selection
from incidents.intervals import read_interval
from incidents.query import Query, chosen_page, counted_page
from incidents.records import visible_incident

router = APIRouter(
    prefix="/api/collections/incidents/items", tags=["incidents"], responses=PROBLEMS, default_response_class=Response
)

FORMS = (GEOJSON, GEOJSON_SEQ, CSV, HTML)
PATH = "/collections/incidents/items"
SHOWN = ("name", "start_utc", "country", "kind", "status", "grading")


@router.get("", summary="Incidents", openapi_extra=parameters_of(Asked, *FORMS), responses=answered(*FORMS))
async def list_incidents(request: Request, caller: Reading, asked: AskedQuery) -> Response:
    """A page of the incidents that answer, in the order of their time; those without a time come last.

    ``numberMatched`` is exact. A page neither skips nor repeats what was there when the first was read.
    """
    form = chosen_form(request, FORMS)
    with reading(request) as session:
        query = asked.query(session, caller, request.app.state.columns)
        found = _page(session, query, asked, request.app.state.columns)
        keys = [hit.key for hit in found.hits]
        matches = None if query.area is None else {hit.key: hit.match for hit in found.hits}
        wanted = Selection(session, keys, query.tier, asked.rule, query.as_of, asked.areas, matches)
        links = own_links(request, PATH, FORMS, form)
        if found.next is not None:
            following = dict(request.query_params) | {"after": cursor_text(session, found.next)}
            links.append(link(at(request, PATH, following), "next", form, "The next page"))
        return _written(request, form, wanted, found, links, asked.crs)


@router.get(
    "/{code}", summary="One incident", openapi_extra=parameters_of(One, GEOJSON, HTML),
    responses=answered(GEOJSON, HTML),
)  # fmt: skip
async def one_incident(request: Request, code: str, caller: Reading, asked: OneQuery) -> Response:
    """One incident; one that may not be seen is answered as one that is not there."""
    form = chosen_form(request, (GEOJSON, HTML))
    tier = caller.seen(asked.tier)
    with reading(request) as session:
        row = visible_incident(session, code, tier)
        if row is None:
            raise missing("incident")
        as_of = None if asked.as_of is None else read_interval(asked.as_of)[1]
        wanted = Selection(session, [row.key], tier, asked.rule, as_of, asked.areas)
        feature = next(written_features(wanted), None)
        if feature is None:
            raise missing("incident")
        body = feature_in(feature, asked.crs)
        path = f"{PATH}/{row.code}"
        links = own_links(request, path, (GEOJSON, HTML), form)
        links.append(link(at(request, "/collections/incidents"), "collection", GEOJSON, "The collection"))
        version = row.version
    if form == HTML:
        properties = orjson.loads(body)["properties"]
        values = {
            "title": properties["name"], "description": None, "links": links,
            "properties": {name: cell(value) for name, value in properties.items()},
        }  # fmt: skip
        return html_page("resource.html", values, headers={"ETag": etag(version, body)})
    answer = body[:-1] + b',"links":' + orjson.dumps(links) + b"}"
    headers = {"ETag": etag(version, body)} | content_crs(asked.crs)
    return Response(answer, headers=headers, media_type=form.media_type)


def etag(version: int, body: bytes) -> str:
    """The version of the record, which an edit names, and a digest of all that is shown of it."""
    return f'"{version}-{blake2b(body, digest_size=8).hexdigest()}"'


def cell(value: Any) -> str:
    """A value as a cell of a page."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _page(session: Session, query: Query, asked: Asked, columns: Columns) -> Page:
    after, wanted = read_cursor_text(session, asked.after), asked.matches()
    if wanted is None or query.area is None:
        return counted_page(session, query, asked.most(), after, columns=columns)
    return chosen_page(session, query, asked.most(), after, matches=wanted, columns=columns)


def _written(request: Request, form: Form, wanted: Selection, found: Page, links: list[Link], crs: Crs) -> Response:
    if form == GEOJSON:
        return feature_collection(list(written_features(wanted)), found.total, links, crs)
    if form == HTML:
        return table(request, "Incidents", PATH, list(written_features(wanted)), found.total, links)
    # Links and counts stand in headers too: a sequence and a table have no place for them.
    headers = {
        "OGC-NumberMatched": str(found.total),
        "OGC-NumberReturned": str(len(found.hits)),
        "Link": ", ".join(f'<{one["href"]}>; rel="{one["rel"]}"; type="{one["type"]}"' for one in links),
    }
    if form == CSV:
        only_degrees(crs)
        out = io.BytesIO()
        write_incidents_csv(
            wanted.session, wanted.keys, out, tier=wanted.tier, rule=wanted.rule, as_of=wanted.as_of,
            matches=wanted.matches,
        )  # fmt: skip
        return Response(out.getvalue(), headers=headers, media_type=form.media_type)
    features = (feature_in(feature, crs) for feature in written_features(wanted))
    body = b"".join(RECORD_SEPARATOR + feature + b"\n" for feature in features)
    return Response(body, headers=headers | content_crs(crs), media_type=form.media_type)


def feature_collection(features: list[bytes], total: int | None, links: list[Link], crs: Crs) -> Response:
    """A page of features as GeoJSON, in ``crs``."""
    if crs is not Crs.CRS84:
        features = [feature_in(feature, crs) for feature in features]
    head = {
        "type": "FeatureCollection",
        "timeStamp": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "numberMatched": total,
        "numberReturned": len(features),
        "links": links,
    }
    body = orjson.dumps(head)[:-1] + b',"features":[' + b",\n".join(features) + b"]}"
    return Response(body, headers=content_crs(crs), media_type=GEOJSON.media_type)


def table(
    request: Request,
    title: str,
    path: str,
    features: list[bytes],
    total: int | None,
    links: list[Link],
    shown: tuple[str, ...] = SHOWN,
) -> Response:
    """A page of features as a table of some of their properties."""
    rows = []
    for feature in map(orjson.loads, features):
        properties: Mapping[str, Any] = feature["properties"]
        href = at(request, f"{path}/{feature['id']}", {"f": "html"})
        rows.append({"id": feature["id"], "href": href, "cells": [cell(properties[name]) for name in shown]})
    values = {"title": title, "returned": len(rows), "matched": total, "links": links, "rows": rows}
    return html_page("items.html", values | {"columns": ["id", *shown]})
