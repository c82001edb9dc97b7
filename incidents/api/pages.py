"""Which form of a resource a client asks for, and the small HTML pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from db.cells import visible
from db.errors import InputError


class Form(NamedTuple):
    """A form of a resource: its name in ``f=``, and its media type."""

    name: str
    media_type: str


JSON = Form("json", "application/json")
HTML = Form("html", "text/html")
GEOJSON = Form("json", "application/geo+json")
GEOJSON_SEQ = Form("geojsonseq", "application/geo+json-seq")
CSV = Form("csv", "text/csv; charset=utf-8")
SCHEMA = Form("json", "application/schema+json")
OPENAPI = Form("json", "application/vnd.oai.openapi+json;version=3.1")
TILE = Form("mvt", "application/vnd.mapbox-vector-tile")
ALIASES = {"geojson": "json"}

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    # An answer depends on who asks, and what is hidden later must not live on in a cache.
    "Cache-Control": "no-store",
    "Vary": "Accept, Authorization, Cookie",
}
"""The headers of every answer."""


def names_of(forms: Sequence[Form]) -> list[str]:
    """What ``f`` may be where ``forms`` are offered."""
    names = [form.name for form in forms]
    return names + [alias for alias, name in ALIASES.items() if name in names]


def answered(*forms: Form) -> dict[int | str, dict[str, Any]]:
    """What the description of a route says of its answer: the media types that it may have."""
    return {200: {"content": {form.media_type: {} for form in forms}}}


def chosen_form(request: Request, offered: Sequence[Form]) -> Form:
    """The form that the request asks for; the first of ``offered`` where it does not say.

    Raises:
        InputError: ``unknown_format``, or ``not_acceptable``.
    """
    asked = request.query_params.get("f")
    names = ", ".join(form.name for form in offered)
    if asked is not None:
        wanted = ALIASES.get(asked, asked)
        found = next((form for form in offered if form.name == wanted), None)
        if found is None:
            raise InputError(
                "unknown_format", "This resource has no such form.", where="f", got=asked, fix=f"Ask for {names}."
            )
        return found
    accepted = _accepted(request.headers.get("accept", "*/*"))
    for kind in accepted:
        for form in offered:
            if _fits(kind, form.media_type.partition(";")[0]):
                return form
    raise InputError(
        "not_acceptable", "This resource has no form that is accepted.", where="Accept", fix=f"Ask for {names}."
    )


def wants_html(request: Request) -> bool:
    """Whether a person with a browser asks."""
    asked = request.query_params.get("f")
    if asked is not None:
        return asked == HTML.name
    return _accepted(request.headers.get("accept", "*/*"))[:1] == ["text/html"]


def _accepted(header: str) -> list[str]:
    """The media types of an Accept header, the most wanted first; those with q=0 are left out."""
    found = []
    for number, part in enumerate(header.split(",")):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            quality = float(weight)
        except ValueError:
            quality = 0.0
        if kind != "" and quality > 0:
            found.append((-quality, number, kind))
    return [kind for *_, kind in sorted(found)]


def _fits(kind: str, media_type: str) -> bool:
    if kind in {"*/*", media_type}:
        return True
    if kind == "application/json" and media_type == GEOJSON.media_type:
        return True
    return kind.endswith("/*") and media_type.startswith(kind[:-1])


@cache
def _environment() -> Environment:
    found = Environment(
        loader=PackageLoader("incidents.api"), autoescape=select_autoescape(), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.filters["visible"] = lambda value: visible(str(value))
    return found


def html_page(
    template: str, values: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """The page that ``template`` makes of ``values``; every value is escaped."""
    return HTMLResponse(_environment().get_template(template).render(values), status, headers)
