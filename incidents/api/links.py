"""Links between resources, absolute, as OGC API Features asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from fastapi import Request

from incidents.api.pages import HTML, Form

Link = dict[str, str]


def at(request: Request, path: str, query: Mapping[str, str] | None = None) -> str:
    """The address of ``path``, below ``/api``, of this server."""
    tail = "" if query is None or len(query) == 0 else f"?{urlencode(query)}"
    return f"{str(request.base_url).rstrip('/')}/api{path}{tail}"


def link(href: str, rel: str, form: Form, title: str) -> Link:
    """One link."""
    return {"href": href, "rel": rel, "type": form.media_type, "title": title}


def own_links(request: Request, path: str, forms: Sequence[Form], shown: Form) -> list[Link]:
    """A resource as ``self`` in the form that is shown, and as ``alternate`` in the others."""
    asked = {name: value for name, value in request.query_params.items() if name != "f"}
    found = []
    for form in forms:
        rel = "self" if form == shown else "alternate"
        title = "This page" if form == HTML else f"This as {form.name}"
        found.append(link(at(request, path, asked | {"f": form.name}), rel, form, title))
    return found
