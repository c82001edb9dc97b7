"""Making a page: templates, the words of its language, and the headers that keep it harmless."""

from __future__ import annotations

from functools import cache, partial
from importlib.resources import files
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from db.cells import visible
from db.settings import settings
from incidents import phrases
from incidents.web.callers import caller_of
from incidents.web.languages import COOKIE, Language, chosen, translate, word

YEAR_S = 31_536_000


@cache
def environment() -> Environment:
    """The templates. Everything that is put into one is escaped, and what would deceive the eye shown as its code."""
    made = Environment(
        loader=FileSystemLoader(str(files("incidents.web") / "templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    made.globals |= {"phrases": phrases}
    return made


def _shown(value: Any) -> Any:
    """A value as it is printed: no word for nothing, no character that hides or turns others (B58)."""
    if value is None:
        return ""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def language_of(request: Request) -> Language:
    """The language that the reader asks for, chose before, or has set in the browser."""
    headers = request.headers.get("accept-language")
    return chosen(request.query_params.get("lang"), request.cookies.get(COOKIE), headers)


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The page that ``template`` makes of ``values``, in the reader's language."""
    language = language_of(request)
    text = environment().get_template(template).render(
        t=partial(translate, language=language),
        word=lambda value: word(str(value), language),
        words_of=lambda values: [(value, word(str(value), language)) for value in values],
        language=language,
        other=Language.ENGLISH if language is Language.ARABIC else Language.ARABIC,
        path=request.url.path,
        in_language=lambda code: request.url.include_query_params(lang=code).query,
        reader=caller_of(request),
        tiles=settings().tile_url,
        **values,
    )  # fmt: skip
    response = HTMLResponse(text, status_code=status, headers=security_headers())
    if "lang" in request.query_params:
        response.set_cookie(COOKIE, language.value, max_age=YEAR_S, samesite="lax", httponly=True)
    return response


def security_headers() -> dict[str, str]:
    """What a page may load and run: its own files, and map tiles where a server of them is set."""
    tiles = _origin(settings().tile_url)
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; worker-src 'self'; "
            f"img-src 'self' data:{tiles}; connect-src 'self'{tiles}; form-action 'self'; base-uri 'none'; "
            f"frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        # With no-referrer a browser sends the forms of these pages under the origin "null".
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def _origin(url: str) -> str:
    """The origin of a tile address as a source of the policy, with a blank in front; empty where none is set."""
    scheme, found, rest = url.partition("://")
    return f" {scheme}://{rest.partition('/')[0]}" if found else ""
