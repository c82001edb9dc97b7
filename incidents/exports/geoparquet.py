"""GeoParquet 1.1 out, a row group at a time.

Geometries are WKB, longitude first (OGC:CRS84). The column ``bbox`` holds the box of each, and its statistics
let a reader that is asked for an area skip the row groups that lie elsewhere. An incident without a place that
the tier may see has neither.
"""

from __future__ import annotations

import io
from typing import Any, BinaryIO, Self, cast

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely

from incidents.exports.arrow import CRS, GEOMETRY, incident_batches, incident_schema
from incidents.exports.selection import Selection

VERSION = "1.1.0"
BBOX = "bbox"
SIDES = ("xmin", "ymin", "xmax", "ymax")
BOX = pa.struct([pa.field(side, pa.float64()) for side in SIDES])
ROW_GROUP = 20_000
"""Rows written together: a reader skips whole groups, and no more than one is held in memory."""


def write_geoparquet(wanted: Selection, stream: BinaryIO) -> int:
    """Write ``wanted`` as one file; returns the number of incidents."""
    count = 0
    with GeoParquetFile(stream, incident_schema(wanted), areas=wanted.areas) as file:
        for batch in incident_batches(wanted):
            file.add(batch)
            count += batch.num_rows
    return count


class _Sink(io.RawIOBase):
    """Passes on what is written until it is shut.

    pyarrow writes the end of a file whose writer is thrown away, and half a file would look like a whole one.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.shut = False

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        view = memoryview(cast("bytes", data))
        if not self.shut:
            self._stream.write(view)
        return view.nbytes


class GeoParquetFile:
    """One file that grows batch by batch; its box and kind of geometry are known, and written, at the end.

    A context manager: the end is written where the block ends without an error, and never otherwise.

    Args:
        stream: a binary stream; it is not closed.
        schema: of the batches; the column ``geometry`` is WKB.
        areas: whether the geometries are MultiPolygons, not points.
    """

    def __init__(self, stream: BinaryIO, schema: pa.Schema, *, areas: bool) -> None:
        schema = schema.append(pa.field(BBOX, BOX, metadata={"description": "box of the geometry", "unit": "degrees"}))
        self._kind = "MultiPolygon" if areas else "Point"
        self._box = np.array([np.inf, np.inf, -np.inf, -np.inf])
        # Dask takes the metadata from the schema, which is written first; close() writes them once more, with the box.
        self._schema = schema.with_metadata((schema.metadata or {}) | {b"geo": self._metadata()})
        self._sink = _Sink(stream)
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._pending: list[pa.RecordBatch] = []
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.close()
        finally:
            self.abandon()

    def add(self, batch: pa.RecordBatch) -> None:
        """Add rows; they are written a row group at a time."""
        self._pending.append(batch)
        self._rows += batch.num_rows
        if self._rows >= ROW_GROUP:
            self._flush()

    def close(self) -> None:
        """Write what is pending and the end of the file."""
        self._flush()
        self._writer.add_key_value_metadata({"geo": self._metadata()})
        self._writer.close()

    def abandon(self) -> None:
        """Write nothing more: what is there is not readable."""
        self._sink.shut = True
        self._writer.close()

    def _flush(self) -> None:
        if self._rows == 0:
            return
        table = pa.Table.from_batches(self._pending)
        boxes = shapely.bounds(shapely.from_wkb(table[GEOMETRY].to_numpy()))
        located = ~np.isnan(boxes[:, 0])
        if located.any():
            held = boxes[located]
            self._box = np.concatenate(
                [np.minimum(self._box[:2], held[:, :2].min(axis=0)), np.maximum(self._box[2:], held[:, 2:].max(axis=0))]
            )
        sides = [pa.array(boxes[:, side]) for side in range(len(SIDES))]
        column = pa.StructArray.from_arrays(sides, fields=list(BOX), mask=pa.array(~located))
        self._writer.write_table(
            pa.Table.from_arrays([*table.columns, pa.chunked_array([column])], schema=self._schema),
            row_group_size=ROW_GROUP,
        )
        self._pending, self._rows = [], 0

    def _metadata(self) -> bytes:
        """The ``geo`` metadata of GeoParquet."""
        column: dict[str, Any] = {
            "encoding": "WKB",
            "geometry_types": [self._kind],
            "crs": pyproj.CRS(CRS).to_json_dict(),
            "orientation": "counterclockwise",
            "edges": "planar",
            "covering": {BBOX: {side: [BBOX, side] for side in SIDES}},
        }
        if np.isfinite(self._box).all():
            column["bbox"] = self._box.tolist()
        return orjson.dumps({"version": VERSION, "primary_column": GEOMETRY, "columns": {GEOMETRY: column}})
