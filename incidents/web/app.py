"""The pages as a part of an application: their routes and their files."""

from __future__ import annotations

from importlib.resources import files

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from incidents.web import routes, work

STATIC = files("incidents.web") / "static"
"""What ``scripts/build_web.py`` makes; without it the pages can be read, but have no map and no style."""


def add_pages(app: FastAPI) -> None:
    """Add the pages to ``app``, whose state holds the ``database``."""
    for router in (routes.router, work.router):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=str(STATIC), check_dir=False), name="static")
