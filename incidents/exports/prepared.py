"""What is kept ready for default exports, fragments and summaries, made in one pass: the dossiers take the time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import sqlalchemy as sa
from sqlmodel import Session

from db.bulk import insert_columns
from db.derived import among
from db.tables import metadata
from incidents.exports.fragments import default_features, held_fragments, organisations_by_id, packed_refs
from incidents.exports.masks import mask_for
from incidents.exports.packing import packed
from incidents.exports.summaries import READY, held_summaries, summary_row
from incidents.tiers import Tier

_FRAGMENT, _SUMMARY = metadata.tables["fragment"], metadata.tables["summary"]


def refresh_prepared(session: Session, keys: Sequence[int]) -> None:
    """Rewrite the fragments and summaries of the incidents ``keys``; one that is not public has none."""
    for table in (_FRAGMENT, _SUMMARY):
        session.execute(sa.delete(table).where(among(table.c.incident_id, keys)))
    fragments, summaries = [], []
    for (key, body, refs), summary in _made(session, keys):
        fragments.append((key, packed(body), refs))
        summaries.append(summary)
    if len(fragments) > 0:
        insert_columns(session, _FRAGMENT, dict(zip(_FRAGMENT.c.keys(), zip(*fragments, strict=True), strict=True)))
        insert_columns(session, _SUMMARY, dict(zip(READY, zip(*summaries, strict=True), strict=True)))


def differing_prepared(session: Session, keys: Sequence[int]) -> dict[str, set[int]]:
    """By table, those of the incidents ``keys`` whose row is wrong or too many; one that is missing is no fault."""
    fragments, summaries = held_fragments(session, keys), held_summaries(session, keys)
    held = sorted({row[0] for row in (*fragments, *summaries)})
    for fragment, summary in _made(session, held) if len(held) > 0 else ():
        fragments.discard(fragment)
        summaries.discard(summary)
    return {"fragment": {row[0] for row in fragments}, "summary": {row[0] for row in summaries}}


def _made(session: Session, keys: Sequence[int]) -> Iterator[tuple[tuple[int, bytes, bytes], tuple[Any, ...]]]:
    """The fragment, not yet compressed, and the summary of each public one of the incidents ``keys``."""
    organisations = {code: key for key, code in organisations_by_id(session).items()}
    mask = mask_for(session, Tier.PUBLIC)
    for one, feature in default_features(session, keys, mask):
        fragment = (one.key, orjson.dumps(feature), packed_refs(one, feature, organisations))
        yield fragment, summary_row(one, feature["properties"], mask)
