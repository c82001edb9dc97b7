"""Files that GDAL writes, fed with Arrow record batches; needs pyogrio, which the extra ``formats`` brings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyogrio.errors import DataLayerError, DataSourceError
from pyogrio.raw import write_arrow

from db.errors import ResourceError
from incidents.exports.arrow import GEOMETRY

LAYER = "incidents"
CRS = "EPSG:4326"
"""As GDAL knows it; geometries are longitude first as everywhere."""


class Batches:
    """Record batches that are counted, and whose error is kept: GDAL would only tell of a broken stream."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = batches
        self.count = 0
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches, in order."""
        try:
            for batch in self._batches:
                self.count += batch.num_rows
                yield batch
        except BaseException as error:
            self.error = error
            raise


def write_layer(
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    path: Path,
    *,
    driver: str,
    areas: bool,
    options: Mapping[str, str],
    metadata: Mapping[str, str] | None = None,
) -> int:
    """Write ``batches`` as the layer ``incidents`` of a new file.

    Args:
        batches: record batches with a WKB column ``geometry``; each is taken when it is written.
        schema: of the batches.
        path: the file.
        driver: GDAL's name of the format.
        areas: whether the geometries are MultiPolygons, not points.
        options: of the layer's creation.
        metadata: of the file, where the format has a place for it.

    Returns:
        The number of rows.

    Raises:
        ResourceError: ``cannot_write``, with what GDAL says.
        Whatever the batches raise.
    """
    source = Batches(batches)
    described = _described(schema)
    reader = pa.RecordBatchReader.from_batches(
        described, (pa.record_batch(batch.columns, schema=described) for batch in source)
    )
    settings: dict[str, Any] = {"driver": driver, "crs": CRS, "geometry_name": GEOMETRY, "layer": LAYER}
    try:
        write_arrow(
            reader,
            path,
            geometry_type="MultiPolygon" if areas else "Point",
            layer_options=dict(options),
            dataset_metadata=None if metadata is None else dict(metadata),
            **settings,
        )
    except (DataLayerError, DataSourceError, RuntimeError) as error:  # RuntimeError: of the stream of batches
        if source.error is not None:
            raise source.error from error
        raise ResourceError("cannot_write", f"GDAL cannot write the file: {error}.", where=str(path)) from error
    return source.count


def _described(schema: pa.Schema) -> pa.Schema:
    """``schema`` with descriptions and units where GDAL looks for them (it keeps them in gpkg_data_columns)."""
    for index, field in enumerate(schema):
        about = field.metadata or {}
        words, unit = about.get(b"description", b""), about.get(b"unit", b"")
        words += b"" if unit in words else b" (" + unit + b")"
        schema = schema.set(index, field.with_metadata(about | {b"GDAL:OGR:comment": words}))
    return schema
