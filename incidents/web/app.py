"""The pages as a part of an application: their routes and their files."""

from __future__ import annotations

from importlib.resources import files

from fastapi import FastAPI, Request, Response
from fastapi.staticfiles import StaticFiles
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Scope

from db.errors import ResourceError
from incidents.api.pages import wants_html
from incidents.api.problems import problem, status_of
from incidents.held import Held
from incidents.suggestions.held import HeldSuggestions
from incidents.web import routes, work
from incidents.web.pages import page

STATIC = files("incidents.web") / "static"
"""What ``scripts/build_web.py`` makes; without it the pages can be read, but have no map and no style."""


def add_pages(app: FastAPI) -> None:
    """Add the pages to ``app``, whose state holds the ``database``."""
    app.state.held = Held(app.state.database, app.state.columns)
    app.state.suggestions = HeldSuggestions(app.state.database)
    for router in (routes.router, work.router):
        app.include_router(router)
    app.add_exception_handler(ResourceError, _of_resource)
    files_of_pages = _Files(directory=str(STATIC), check_dir=False)
    # The map's program is two megabytes; packed as fast as can be, a quarter of that.
    app.mount("/static", GZipMiddleware(files_of_pages, compresslevel=1), name="static")


async def _of_resource(request: Request, error: Exception) -> Response:
    """What cannot be done now, such as a question that takes too long: on a page of these for who reads them."""
    assert isinstance(error, ResourceError)  # noqa: S101 - for the type checker: it is registered for these
    if not hasattr(request.state, "caller") or not wants_html(request):
        return problem(request, error)
    return page(request, "refused.html", status=status_of(error, request.method), error=error)


class _Files(StaticFiles):
    """Files that a browser keeps and asks about: they hold nothing of the incidents, and change with the product."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or that it is the same still."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        # The map's worker reads the base map under the policy of its own file.
        response.headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
        return response
