"""The collections: what each holds, and how its items are reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from incidents.api.access import Reading
from incidents.api.crs import Crs
from incidents.api.landing import FormQuery, described
from incidents.api.links import at, link, own_links
from incidents.api.pages import CSV, GEOJSON, GEOJSON_SEQ, HTML, JSON, SCHEMA, answered, chosen_form
from incidents.api.problems import PROBLEMS, missing
from incidents.cql import QUERYABLES, Queryable
from incidents.parts import Part

router = APIRouter(prefix="/api/collections", tags=["collections"], responses=PROBLEMS, default_response_class=Response)

WORLD = [-180.0, -90.0, 180.0, 90.0]


@dataclass(frozen=True)
class Collection:
    """A collection: its name in addresses, what it is called, and what it holds."""

    name: str
    title: str
    description: str


COLLECTIONS = {
    found.name: found
    for found in (
        Collection(
            "incidents",
            "Incidents",
            "One feature an incident: its names, its window in time, the place that stands for it, every claim "
            "with its source, gradings and investigations. The point is the middle of an area: radius_m says how large."
            " A question with a bbox leaves out incidents without a place unless unlocated=include.",
        ),
        Collection(
            Part.LOCATIONS.value,
            "Locations",
            "One feature for each place that a source gives for an incident that answers; rivals stand side by side.",
        ),
        Collection(
            Part.CLAIMS.value,
            "Claims",
            "One feature for each figure that a source gave of an incident that answers, at the place of the incident.",
        ),
        Collection(
            Part.AREAS.value, "Areas", "The polygons that places of the incidents that answer are drawn by, each once."
        ),
        Collection(
            Part.EVENTS.value,
            "Events",
            "Incidents that answer and were judged to be one event, with the ranges that all their claims make.",
        ),
    )
}


@router.get("", summary="The collections", responses=answered(JSON, HTML))
async def list_collections(request: Request, _caller: Reading, _form: FormQuery = None) -> Response:
    """Every collection."""
    form = chosen_form(request, (JSON, HTML))
    found = [_record(request, one) for one in COLLECTIONS.values()]
    links = own_links(request, "/collections", (JSON, HTML), form)
    record: dict[str, Any] = {"links": links, "collections": found}
    if form == HTML:
        links = [
            link(at(request, f"/collections/{one.name}", {"f": "html"}), "item", HTML, one.title)
            for one in COLLECTIONS.values()
        ]
        return described(form, "Collections", {"links": links})
    return described(form, "Collections", record)


@router.get("/{collection}", summary="A collection", responses=answered(JSON, HTML))
async def one_collection(request: Request, collection: str, _caller: Reading, _form: FormQuery = None) -> Response:
    """What a collection holds."""
    form = chosen_form(request, (JSON, HTML))
    found = known(collection)
    record = _record(request, found)
    record["links"] = own_links(request, f"/collections/{found.name}", (JSON, HTML), form) + record["links"]
    return described(form, found.title, record)


@router.get("/{collection}/queryables", summary="What a filter may name", responses=answered(SCHEMA, HTML))
async def queryables(request: Request, collection: str, _caller: Reading, _form: FormQuery = None) -> Response:
    """The names that ``filter`` may use, as JSON Schema; in each collection those of the incidents."""
    form = chosen_form(request, (SCHEMA, HTML))
    found = known(collection)
    path = f"/collections/{found.name}/queryables"
    record = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": at(request, path),
        "type": "object",
        "title": found.title,
        "properties": {name: _schema_of(found) for name, found in QUERYABLES.items()},
        "additionalProperties": False,
    }
    if form == HTML:
        shown = {name: found.about for name, found in QUERYABLES.items()}
        links = own_links(request, path, (SCHEMA, HTML), form)
        return described(form, "What a filter may name", {"links": links}, shown)
    return described(form, "What a filter may name", record)


def _schema_of(one: Queryable) -> dict[str, Any]:
    found: dict[str, Any] = {"description": one.about}
    if one.kind == "geometry":
        return found | {"format": "geometry-any"}
    if one.kind == "date-time":
        return found | {"type": "string", "format": "date-time"}
    return found | {"type": one.kind} | ({} if one.words is None else {"enum": [word.value for word in one.words]})


def known(name: str) -> Collection:
    """The collection called ``name``.

    Raises:
        InputError: ``not_found``.
    """
    if name not in COLLECTIONS:
        raise missing("collection")
    return COLLECTIONS[name]


def _record(request: Request, one: Collection) -> dict[str, Any]:
    items = f"/collections/{one.name}/items"
    forms = [(GEOJSON, "GeoJSON"), (HTML, "a page")]
    if one.name == "incidents":
        forms += [(GEOJSON_SEQ, "a GeoJSON text sequence"), (CSV, "CSV")]
    return {
        "id": one.name,
        "title": one.title,
        "description": one.description,
        "itemType": "feature",
        "crs": list(Crs),
        "storageCrs": Crs.CRS84,
        # The extent of the data would tell where hidden places lie.
        "extent": {"spatial": {"bbox": [WORLD], "crs": Crs.CRS84}, "temporal": {"interval": [[None, None]]}},
        "links": [
            *(
                link(at(request, items, {"f": form.name}), "items", form, f"The items as {name}")
                for form, name in forms
            ),
            link(
                at(request, f"/collections/{one.name}/queryables"),
                "http://www.opengis.net/def/rel/ogc/1.0/queryables",
                SCHEMA,
                "What a filter may name",
            ),
        ],
    }
