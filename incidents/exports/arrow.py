"""Incidents and claims as Arrow record batches: the columns of our CSV with types, units and descriptions.

What the flat formats (GeoPackage, FlatGeobuf, GeoParquet) and the data frames of :mod:`incidents.frames` are
made of. Unknown is null, zero is 0 and *denied* is a flag of its own. Needs pyarrow, which the extras
``formats`` and ``analysis`` bring.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely

from db.derived import is_fresh
from incidents.dossiers import dossiers
from incidents.exports.csvfile import claim_rows, incident_row, join
from incidents.exports.drawn import drawn_area
from incidents.exports.kinds import CLAIM_TYPES, INCIDENT_TYPES, LISTS, Kind, Typed
from incidents.exports.masks import mask_for
from incidents.exports.records import Record
from incidents.exports.selection import Selection
from incidents.exports.summaries import FLAGS, HIGH, LOW, READY, SPOKEN_OF, SUBJECTS, ready_rows
from incidents.exports.tables import public_decimals

BATCH = 2_000
GEOMETRY = "geometry"
CRS = "OGC:CRS84"
"""Longitude first, degrees on WGS84."""

_RANGE = np.dtype([("low", "<i8"), ("high", "<i8"), ("flags", "u1")])
TYPES = {
    Kind.TEXT: pa.string(),
    Kind.WHOLE: pa.int64(),
    Kind.REAL: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.INSTANT: pa.timestamp("ms", tz="UTC"),
    Kind.DAY: pa.date32(),
}


def incident_schema(wanted: Selection) -> pa.Schema:
    """The columns of :func:`incident_batches`; metadata say how they were made, and each field what it holds."""
    return _schema(INCIDENT_TYPES, wanted).append(
        pa.field(
            GEOMETRY,
            pa.binary(),
            metadata={
                "description": "area that the incident lies in" if wanted.areas else "point that stands for it",
                "unit": "degrees",
                "ARROW:extension:name": "geoarrow.wkb",
                "ARROW:extension:metadata": orjson.dumps({"crs": CRS, "crs_type": "authority_code"}),
            },
        )
    )


def claim_schema(wanted: Selection) -> pa.Schema:
    """The columns of :func:`claim_batches`."""
    return _schema(CLAIM_TYPES, wanted)


def _schema(columns: Iterable[Typed], wanted: Selection) -> pa.Schema:
    return pa.schema(map(_field, columns), metadata={"incident_atlas": orjson.dumps(wanted.made_by())})


def _field(typed: Typed) -> pa.Field:
    about = typed.column.about.replace("empty is", "null is").replace("; empty where", "; null where")
    metadata = {"description": about} | ({} if typed.unit is None else {"unit": typed.unit})
    return pa.field(typed.column.name, TYPES[typed.kind], metadata=metadata)


def incident_batches(wanted: Selection) -> Iterator[pa.RecordBatch]:
    """The incidents of ``wanted`` in batches of at most :data:`BATCH` rows, in constant memory.

    ``geometry`` is WKB, longitude first: the point that stands for the incident or, with ``areas``, a
    MultiPolygon; null where the tier may see no place.
    """
    if wanted.default and is_fresh(wanted.session):
        return _ready_batches(wanted)
    return (batch for batch, _ in _made_batches(wanted, wanted.walk(), incident_schema(wanted)))


def _ready_batches(wanted: Selection) -> Iterator[pa.RecordBatch]:
    """Those of a default export, from the derived rows; an incident without one is read in full."""
    schema = incident_schema(wanted)
    keys = wanted.walk()
    while len(batch := list(islice(keys, BATCH))) > 0:
        rows = ready_rows(wanted.session, batch)
        parts = [_ready_batch(wanted, rows, schema)] if len(rows) > 0 else []
        order = [row[0] for row in rows]
        if len(rows) < len(batch):
            ready = set(order)
            for made, found in _made_batches(wanted, (key for key in batch if key not in ready), schema):
                parts.append(made)
                order += found
        if len(parts) > 1:
            place = {key: number for number, key in enumerate(order)}
            joined = pa.Table.from_batches(parts).take([place[key] for key in batch if key in place])
            parts = joined.combine_chunks().to_batches()
        yield from parts


def _ready_batch(wanted: Selection, rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    held = dict(zip(READY, zip(*rows, strict=True), strict=True))
    held["rule"] = (wanted.rule.value,) * len(rows)
    if wanted.matches is not None:
        found = map(wanted.matches.get, held["incident_id"])
        held["match"] = tuple(None if match is None else match.value for match in found)
    ranges = _ranges(held["ranges"])
    columns = [
        ranges[field.name] if field.name in ranges else _stored(held.get(field.name), field.type, len(rows))
        for field in schema
    ]
    return _with_points(pa.record_batch(columns, schema=schema))


def _ranges(packed: Sequence[bytes]) -> dict[str, pa.Array]:
    """The numbers and flags of the ranges, by column."""
    held = np.frombuffer(b"".join(packed), _RANGE).reshape(len(packed), len(SUBJECTS))
    columns = {}
    for number, subject in enumerate(SUBJECTS):
        flags = held["flags"][:, number]
        for part, known in (("low", LOW), ("high", HIGH)):
            values = np.ascontiguousarray(held[part][:, number])
            columns[f"{subject}_{part}"] = pa.array(values, mask=flags & known == 0)
        for part, bit in FLAGS.items():
            columns[f"{subject}_{part}"] = pa.array(flags & bit != 0, mask=flags & SPOKEN_OF == 0)
    return columns


def _stored(values: Sequence[Any] | None, kind: pa.DataType, count: int) -> pa.Array:
    """A column of stored values; SQLite has texts for instants."""
    if values is None:
        return pa.nulls(count, kind)
    if pa.types.is_timestamp(kind):
        return pa.array(values).cast(pa.timestamp("us")).cast(kind)
    return pa.array(values, kind)


def _made_batches(
    wanted: Selection, keys: Iterable[int], schema: pa.Schema
) -> Iterator[tuple[pa.RecordBatch, list[int]]]:
    """The incidents ``keys`` from their dossiers, with those ids that the tier may see."""
    mask = mask_for(wanted.session, wanted.tier)
    found = dossiers(wanted.session, keys, tier=wanted.tier, as_of=wanted.as_of)
    while len(batch := list(islice(found, BATCH))) > 0:
        decimals = public_decimals(wanted.session, batch, wanted.tier)
        rows = []
        for one in batch:
            match = None if wanted.matches is None else wanted.matches.get(one.key)
            rows.append(
                incident_row(one, mask, wanted.rule, decimals)
                | {"start_utc": one.start_utc, "end_utc": one.end_utc, "as_of": one.as_of}
                | {"match": None if match is None else match.value}
                | ({GEOMETRY: shapely.to_wkb(drawn_area(one.locations))} if wanted.areas else {})
            )
        made = _batch(rows, schema)
        yield made if wanted.areas else _with_points(made), [one.key for one in batch]


def claim_batches(wanted: Selection) -> Iterator[pa.RecordBatch]:
    """The claims of the incidents of ``wanted``, then the totals of several of them; batches as the incidents."""
    schema = claim_schema(wanted)
    found = claim_rows(wanted.session, wanted.walk(), tier=wanted.tier, as_of=wanted.as_of)
    while len(rows := list(islice(found, BATCH))) > 0:
        yield _batch([row | {"withdrawn_on": _day(row["withdrawn_on"])} for row in rows], schema)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _batch(rows: list[Record], schema: pa.Schema) -> pa.RecordBatch:
    return pa.record_batch([_column(rows, field) for field in schema], schema=schema)


def _column(rows: list[Record], field: pa.Field) -> pa.Array:
    values = [row.get(field.name) for row in rows]
    if field.name in LISTS:
        values = [value if value is None else join(value) for value in values]
    return pa.array(values, field.type)


def _with_points(batch: pa.RecordBatch) -> pa.RecordBatch:
    """``batch`` with the points of its columns ``lon`` and ``lat`` as geometry."""
    lon, lat = (batch[name].to_numpy(zero_copy_only=False) for name in ("lon", "lat"))
    shapes = shapely.to_wkb(np.where(np.isnan(lon), None, shapely.points(lon, lat)))
    index = batch.schema.get_field_index(GEOMETRY)
    return batch.set_column(index, batch.schema.field(index), pa.array(shapes, pa.binary()))
