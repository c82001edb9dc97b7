"""The application: one database, what it lets in, and the routers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from db.engine import Database
from db.reader import Reader
from incidents.api import collections, export, items, landing, login, parts, tiles, writes
from incidents.api.access import Access
from incidents.api.problems import add_problems
from incidents.api.shield import Shield
from incidents.columns import Columns

MAX_BODY_BYTES = 2_000_000
LIMIT_S = 10.0


def create_app(database: Database, access: Access, *, limit_s: float | None = LIMIT_S) -> FastAPI:
    """An application on ``database``.

    Args:
        database: where.
        access: what is let in.
        limit_s: how long one statement of a question may take, seconds; None for any time.
    """
    app = FastAPI(
        title="Incident Atlas",
        description="Incidents of civilian harm, what each source said, and where every investigation stands.",
        version="0.1.0",
        lifespan=_lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.database = database
    app.state.access = access
    app.state.reader = Reader(database, limit_s)
    app.state.columns = Columns(database)
    add_problems(app)
    for module in (login, landing, collections, export, items, parts, tiles, writes):
        app.include_router(module.router)
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY_BYTES)
    app.add_middleware(Shield, hosts=access.hosts)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.reader.close()
    app.state.columns.close()
