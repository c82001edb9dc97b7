"""The landing page, what the server conforms to, and its description as OpenAPI."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from incidents.api.access import COOKIE, Reading
from incidents.api.bodies import body_schemas
from incidents.api.links import Link, at, link, own_links
from incidents.api.pages import HTML, JSON, OPENAPI, Form, answered, chosen_form, html_page
from incidents.api.problems import PROBLEM_SCHEMA, PROBLEMS

router = APIRouter(prefix="/api", tags=["server"], responses=PROBLEMS, default_response_class=Response)

CONFORMS_TO = (
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
)
FormQuery = Annotated[
    str | None, Query(alias="f", description="The form of the answer.", json_schema_extra={"enum": ["json", "html"]})
]
SIGNING_IN: dict[str, Any] = {
    "token": {"type": "http", "scheme": "bearer"},
    "password": {"type": "http", "scheme": "basic", "description": "The token as the password of any user."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "What /login gives a browser."},
}
"""The ways to say who asks, as the document names them."""


def described(form: Form, title: str, record: dict[str, Any], properties: dict[str, Any] | None = None) -> Response:
    """A resource that is links and a few words: as JSON, or as the page of it."""
    if form != HTML:
        return Response(orjson.dumps(record), media_type=form.media_type)
    values = {
        "title": title,
        "description": record.get("description"),
        "properties": properties,
        "links": record.get("links", []),
    }
    return html_page("resource.html", values)


@router.get("", summary="The landing page", responses=answered(JSON, HTML))
async def landing(request: Request, _caller: Reading, _form: FormQuery = None) -> Response:
    """Where everything is."""
    form = chosen_form(request, (JSON, HTML))
    links = [
        *own_links(request, "", (JSON, HTML), form),
        link(at(request, "/openapi"), "service-desc", OPENAPI, "The API as OpenAPI"),
        link(at(request, "/openapi", {"f": "html"}), "service-doc", HTML, "The API, for people"),
        link(at(request, "/conformance"), "conformance", JSON, "What the server conforms to"),
        link(at(request, "/collections"), "data", JSON, "The collections"),
    ]
    record = {"title": request.app.title, "description": request.app.description, "links": links}
    return described(form, request.app.title, record)


@router.get("/conformance", summary="What the server conforms to", responses=answered(JSON, HTML))
async def conformance(request: Request, _caller: Reading, _form: FormQuery = None) -> Response:
    """The classes of the standards that the server conforms to."""
    form = chosen_form(request, (JSON, HTML))
    record = {"conformsTo": list(CONFORMS_TO), "links": own_links(request, "/conformance", (JSON, HTML), form)}
    shown = {"Conforms to": ", ".join(CONFORMS_TO)}
    return described(form, "What the server conforms to", record, shown)


@router.get("/openapi", summary="The API", responses=answered(OPENAPI, HTML))
async def openapi(request: Request, _caller: Reading, _form: FormQuery = None) -> Response:
    """The API as an OpenAPI document."""
    form = chosen_form(request, (OPENAPI, JSON, HTML))
    document = _document(request)
    if form != HTML:
        return Response(orjson.dumps(document), media_type=form.media_type)
    operations = {
        f"{method.upper()} {path}": operation.get("summary", "")
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    links: list[Link] = own_links(request, "/openapi", (OPENAPI, HTML), form)
    return described(form, "The API", {"links": links}, operations)


def _document(request: Request) -> dict[str, Any]:
    """FastAPI's document with the schemas of the bodies, which FastAPI does not read, and who may ask."""
    document: dict[str, Any] = request.app.openapi()
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(body_schemas() | {"Problem": PROBLEM_SCHEMA})
    components["securitySchemes"] = SIGNING_IN
    nobody: list[dict[str, Any]] = [{}] if request.app.state.access.public_read else []
    return document | {"security": nobody + [{name: []} for name in SIGNING_IN]}


@router.get("/style.css", include_in_schema=False)
async def style() -> Response:
    """The looks of the pages."""
    return Response(_style(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


@cache
def _style() -> str:
    return files("incidents.api").joinpath("templates/style.css").read_text(encoding="utf-8")
