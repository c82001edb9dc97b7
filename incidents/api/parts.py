"""The other collections: places, claims, areas and events of the incidents that answer."""

from __future__ import annotations

import base64
import binascii
import re

import orjson
from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response

from db.errors import InputError
from incidents.api.access import Caller, Reading
from incidents.api.asked import Asked, AskedQuery, One, OneQuery, parameters_of
from incidents.api.crs import content_crs, feature_in
from incidents.api.items import cell, feature_collection, table
from incidents.api.links import at, link, own_links
from incidents.api.pages import GEOJSON, HTML, answered, chosen_form, html_page
from incidents.api.problems import PROBLEMS, missing
from incidents.api.reading import reading
from incidents.claims import key_of_claim
from incidents.exports.part_features import part_features
from incidents.intervals import read_interval
from incidents.parts import Part, PartRow, part_page, part_row
from incidents.query import Query
from incidents.records import key_of_code

router = APIRouter(prefix="/api/collections", tags=["parts"], responses=PROBLEMS, default_response_class=Response)

FORMS = (GEOJSON, HTML)
COLUMNS: dict[Part, tuple[str, ...]] = {
    Part.LOCATIONS: ("incident", "source_name", "precision", "radius_m", "place_name", "place_words"),
    Part.CLAIMS: ("incident", "source_name", "outcome", "category", "words", "minimum", "maximum", "stated"),
    Part.AREAS: (),
    Part.EVENTS: ("incidents", "names"),
}


def _add(part: Part) -> None:
    """The routes of one collection."""
    path = f"/collections/{part.value}/items"

    async def listed(request: Request, caller: Reading, asked: AskedQuery) -> Response:
        return await _list(request, caller, asked, part, path)

    async def one(request: Request, key: str, caller: Reading, asked: OneQuery) -> Response:
        return await _show(request, caller, asked, part, f"{path}/{key}", key)

    listed.__doc__ = f"The {part.value} of the incidents that answer, in the order recorded."
    one.__doc__ = "One of them; one that may not be seen is answered as one that is not there."
    name = part.value.capitalize()
    router.add_api_route(
        f"/{part.value}/items", listed, methods=["GET"], summary=name, name=f"list_{part.value}",
        openapi_extra=parameters_of(Asked, *FORMS), responses=answered(*FORMS),
    )  # fmt: skip
    router.add_api_route(
        f"/{part.value}/items/{{key}}", one, methods=["GET"], summary=f"One of the {part.value}",
        name=f"show_{part.value}", openapi_extra=parameters_of(One, *FORMS), responses=answered(*FORMS),
    )  # fmt: skip


async def _list(request: Request, caller: Caller, asked: Asked, part: Part, path: str) -> Response:
    form = chosen_form(request, FORMS)
    columns = request.app.state.columns
    with reading(request) as session:
        query = asked.query(session, caller, columns)
        found = part_page(session, part, query, asked.most(), _read_cursor(asked.after), columns=columns)
        made = part_features(session, part, found.rows, tier=query.tier, rule=asked.rule, as_of=query.as_of)
    links = own_links(request, path, FORMS, form)
    if found.next is not None:
        after = base64.urlsafe_b64encode(str(found.next).encode()).decode().rstrip("=")
        following = dict(request.query_params) | {"after": after}
        links.append(link(at(request, path, following), "next", form, "The next page"))
    features = [orjson.dumps(one) for one in made]
    if form == HTML:
        return table(request, part.value.capitalize(), path, features, found.total, links, COLUMNS[part])
    return feature_collection(features, found.total, links, asked.crs)


async def _show(request: Request, caller: Caller, asked: One, part: Part, path: str, key: str) -> Response:
    form = chosen_form(request, FORMS)
    as_of = None if asked.as_of is None else read_interval(asked.as_of)[1]
    query = Query(tier=caller.seen(asked.tier), as_of=as_of)
    with reading(request) as session:
        row = _row(session, part, query, key)
        if row is None:
            raise missing(part.value.removesuffix("s"))
        made = part_features(session, part, [row], tier=query.tier, rule=asked.rule, as_of=as_of)[0]
    if str(made["id"]) != key:
        raise missing(part.value.removesuffix("s"))
    links = own_links(request, path, FORMS, form)
    links.append(link(at(request, f"/collections/{part.value}"), "collection", GEOJSON, "The collection"))
    version = made["properties"].get("version")
    headers = content_crs(asked.crs) | ({} if version is None else {"ETag": f'"{version}"'})
    if form == HTML:
        properties = {name: cell(value) for name, value in made["properties"].items()}
        values = {"title": key, "description": None, "links": links, "properties": properties}
        return html_page("resource.html", values, headers=headers)
    body = feature_in(orjson.dumps(made | {"links": links}), asked.crs)
    return Response(body, headers=headers, media_type=form.media_type)


def _row(session: Session, part: Part, query: Query, key: str) -> PartRow | None:
    if part in {Part.CLAIMS, Part.EVENTS}:
        number = key_of_claim(session, key) if part is Part.CLAIMS else key_of_code(session, key)
    else:
        number = int(key) if re.fullmatch("[1-9][0-9]{0,8}", key) else None
    return None if number is None else part_row(session, part, query, number)


def _read_cursor(text: str | None) -> int:
    if text is None:
        return 0
    try:
        number = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        number = ""
    if re.fullmatch("[0-9]{1,9}", number) is None:
        fix = "Follow the next link."
        raise InputError("bad_cursor", "It does not say where a page ended.", where="after", got=text, fix=fix)
    return int(number)


for _part in Part:
    _add(_part)
