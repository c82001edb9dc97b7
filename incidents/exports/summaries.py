"""Summaries: the flat row of each incident for the default export, kept as typed columns.

The formats with typed columns write a million of them without a dossier. They are part of the derived read model
(:mod:`incidents.derived`): written in the transaction that changes an incident, never a source of truth.

``ranges`` holds for each of :data:`SUBJECTS` the lowest and the highest number, as integers of eight bytes, and a byte
of flags, all little-endian: a bit for each of :data:`FLAGS`, then whether anybody speaks of it, and whether low and
high are known.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.derived import among
from db.keys import one_of
from db.tables import metadata
from incidents.exports.columns import RANGED
from incidents.exports.csvfile import flat_row, join
from incidents.exports.kinds import LISTS
from incidents.exports.masks import Mask
from incidents.exports.records import Record
from incidents.views import Dossier

SUBJECTS = tuple(f"{outcome.value}_{category.value}" for outcome, category in RANGED)
FLAGS = {"low_open": 1, "high_open": 2, "denied": 4, "contradictory": 8}
SPOKEN_OF, LOW, HIGH = 16, 32, 64
_PACK = struct.Struct("<" + "qqB" * len(SUBJECTS)).pack
_SUMMARY = metadata.tables["summary"]
READY = tuple(column.name for column in _SUMMARY.columns)
"""The columns of :func:`ready_rows`."""
_LISTS = tuple(name for name in READY if name in LISTS)
# As stored: texts of instants are converted a column at a time.
_READ = sa.select(*(sa.type_coerce(column, sa.types.NULLTYPE) for column in _SUMMARY.columns)).where(
    one_of(_SUMMARY.c.incident_id)
)


def ready_rows(session: Session, keys: Sequence[int]) -> list[Sequence[Any]]:
    """The stored rows of the public ones of the incidents ``keys``, in that order; the derived rows are fresh."""
    found: Any = session.connection().execute(_READ, {"keys": keys}).cursor  # its rows need no conversion
    rows: dict[int, Sequence[Any]] = {row[0]: row for row in found}
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
    row["ranges"] = _packed(properties["ranges"])
    return tuple(map(row.get, READY))


def _packed(ranges: Mapping[str, Record]) -> bytes:
    """What ``ranges`` holds of an incident."""
    values: list[int] = []
    for subject in SUBJECTS:
        about = ranges.get(subject)
        if about is None:
            values += (0, 0, 0)
            continue
        low, high = about["low"], about["high"]
        flags = SPOKEN_OF | (0 if low is None else LOW) | (0 if high is None else HIGH)
        values += (low or 0, high or 0, flags | sum(bit for name, bit in FLAGS.items() if about[name]))
    return _PACK(*values)
