"""Summaries: the flat row of each incident for the default export, kept as typed columns.

The formats with typed columns write a million of them without a dossier. They are part of the derived read model
(:mod:`incidents.derived`): written in the transaction that changes an incident, never a source of truth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.derived import among
from db.tables import metadata
from incidents.exports.csvfile import flat_row, join
from incidents.exports.kinds import LISTS
from incidents.exports.masks import Mask
from incidents.exports.records import Record
from incidents.views import Dossier

_SUMMARY = metadata.tables["summary"]
READY = tuple(column.name for column in _SUMMARY.columns)
"""The columns of :func:`ready_rows`."""
_LISTS = tuple(name for name in READY if name in LISTS)
# As stored: converting forty flags a row would take longer than reading them.
_READ = sa.select(*(sa.type_coerce(column, sa.types.NULLTYPE) for column in _SUMMARY.columns))


def ready_rows(session: Session, keys: Sequence[int]) -> list[Sequence[Any]]:
    """The stored rows of the public ones of the incidents ``keys``, in that order; the derived rows are fresh."""
    found = session.execute(_READ.where(among(_SUMMARY.c.incident_id, sorted(keys))))
    rows: dict[int, Sequence[Any]] = {row[0]: row for row in found.all()}
    return [rows[key] for key in keys if key in rows]


def held_summaries(session: Session, keys: Sequence[int]) -> set[tuple[Any, ...]]:
    """What is stored of the incidents ``keys``, as :func:`summary_row` makes it."""
    found = session.execute(sa.select(_SUMMARY).where(among(_SUMMARY.c.incident_id, keys)))
    return {tuple(row) for row in found}


def summary_row(one: Dossier, properties: Record, mask: Mask) -> tuple[Any, ...]:
    """The values of :data:`READY` of an incident; ``properties`` are those of its default feature."""
    row = flat_row(one, properties, mask, {})
    row |= {name: join(row[name]) for name in _LISTS}
    row |= {"incident_id": one.key, "start_utc": one.start_utc, "end_utc": one.end_utc}
    return tuple(map(row.get, READY))
