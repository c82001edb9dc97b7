"""Vector tiles for maps."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from incidents.api.access import Reading
from incidents.api.pages import TILE, answered
from incidents.api.problems import PROBLEMS, missing
from incidents.api.reading import reading
from incidents.criteria import Query as IncidentQuery
from incidents.intervals import read_interval
from incidents.tiers import Tier
from incidents.tiles import Tile, is_tile, vector_tile

router = APIRouter(prefix="/api/tiles", tags=["tiles"], responses=PROBLEMS, default_response_class=Response)


class TileAsked(BaseModel):
    """What is asked of a tile."""

    model_config = ConfigDict(extra="forbid")

    tier: Tier | None = Field(default=None, description="What may be seen; public unless a token allows more.")
    datetime: str | None = Field(default=None, max_length=100, description="As of the items.")


@router.get("/{z}/{x}/{y}.mvt", summary="A vector tile", responses=answered(TILE))
async def tile(
    request: Request, z: str, x: str, y: str, caller: Reading, asked: Annotated[TileAsked, Query()]
) -> Response:
    """Incidents counted by cell far out and by point near by, and the areas of their places."""
    if not all(re.fullmatch("[0-9]{1,7}", one) for one in (z, x, y)) or not is_tile(int(z), int(x), int(y)):
        raise missing("tile")
    start, end = (None, None) if asked.datetime is None else read_interval(asked.datetime)
    query = IncidentQuery(start=start, end=end, tier=caller.seen(asked.tier))
    with reading(request) as session:
        body = vector_tile(session, request.app.state.columns.spots(), Tile(int(z), int(x), int(y)), query)
    return Response(body, media_type=TILE.media_type)
