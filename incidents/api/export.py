"""Everything that answers as one stream: what ``incidents export`` writes, sent as it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from db.reader import Reader
from incidents.answers import Match
from incidents.api.access import Reading
from incidents.api.asked import AllQuery, Filtered, parameters_of
from incidents.api.crs import only_degrees
from incidents.api.pages import GEOJSON, GEOJSON_SEQ, Form, answered, chosen_form
from incidents.api.problems import PROBLEMS
from incidents.columns import Columns
from incidents.exports.fragments import written_features
from incidents.exports.geojson import geojson_chunks
from incidents.exports.geojsonseq import RECORD_SEPARATOR
from incidents.exports.selection import Selection
from incidents.query import Query, find, walk

router = APIRouter(prefix="/api/collections/incidents", tags=["incidents"], responses=PROBLEMS)

AT_ONCE = 200
"""Features in a piece: larger ones are sent slower, and keep other questions waiting."""
FORMS = (GEOJSON, GEOJSON_SEQ)
ENDINGS = {GEOJSON: "geojson", GEOJSON_SEQ: "geojsonl"}


@router.get(
    "/export", summary="All incidents that answer", openapi_extra=parameters_of(Filtered, *FORMS),
    responses=answered(*FORMS), response_class=Response,
)  # fmt: skip
async def export(request: Request, caller: Reading, asked: AllQuery) -> StreamingResponse:
    """All that answer in one file, which begins at once and takes no more memory for more incidents.

    As GeoJSON it is the file of ``incidents export``: the members beside the features hold organisations, reports and
    totals. Those that answer as they stand when it begins are sent, in the order of their time.
    """
    form = chosen_form(request, FORMS)
    only_degrees(asked.crs)
    reader: Reader = request.app.state.reader
    with ExitStack() as opened:
        session = opened.enter_context(reader.session(limited=False))
        with reader.step(session):
            query = asked.query(session, caller, request.app.state.columns)
            keys, matches = _found(session, query, asked, request.app.state.columns)
        wanted = Selection(session, (), query.tier, asked.rule, query.as_of, asked.areas, matches)
        pieces = _pieces(form, wanted, keys)
        kept = opened.pop_all()
    headers = {"Content-Disposition": f'attachment; filename="incidents.{ENDINGS[form]}"'}
    return StreamingResponse(_sent(reader, session, pieces, kept), media_type=form.media_type, headers=headers)


async def _sent(reader: Reader, session: Session, pieces: Iterator[bytes], opened: ExitStack) -> AsyncIterator[bytes]:
    with opened:
        while True:
            with reader.step(session):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece
            # Others are answered between two pieces, whether or not the client takes them as fast as they come.
            await asyncio.sleep(0)


def _found(
    session: Session, query: Query, asked: Filtered, columns: Columns
) -> tuple[Iterator[int], dict[int, Match] | None]:
    """The incidents that answer, and how they do where an area is asked for."""
    if query.area is None:
        return walk(session, query), None
    wanted = asked.matches() or {Match.SURELY, Match.POSSIBLY}
    answer = find(session, query, columns=columns).match_of()
    matches = {key: match for key, match in answer.items() if match in wanted}
    return iter(matches), matches


def _pieces(form: Form, wanted: Selection, keys: Iterator[int]) -> Iterator[bytes]:
    if form == GEOJSON_SEQ:
        while len(some := list(islice(keys, AT_ONCE))) > 0:
            features = written_features(replace(wanted, keys=some))
            yield b"".join(RECORD_SEPARATOR + feature + b"\n" for feature in features)
        return
    chunks = geojson_chunks(
        wanted.session, keys, tier=wanted.tier, rule=wanted.rule, as_of=wanted.as_of, areas=wanted.areas,
        matches=wanted.matches, at_once=AT_ONCE,
    )  # fmt: skip
    yield from (chunk for _, chunk in chunks)
