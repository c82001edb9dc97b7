"""GeoParquet out as a folder of files, partitioned in Hive's way.

A partitioned folder holds ``country=SY/year=2017/part-0.parquet`` and so on, which DuckDB, Dask and Spark read
in place; where country or year are unknown the folder is ``__HIVE_DEFAULT_PARTITION__``, which they read as
null. As everywhere in Hive's way, the columns of the folders are not in the files.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Self

import pyarrow as pa
import pyarrow.compute as pc

from incidents.exports.arrow import incident_batches, incident_schema
from incidents.exports.geoparquet import GeoParquetFile
from incidents.exports.output import atomic_folder
from incidents.exports.selection import Partition, PartitionKey, Selection

MAX_PENDING = 50_000
"""Rows of a partitioned export that may wait for more of their partition."""

MAX_OPEN = 100
"""Files open at once, well below the usual limit of 1,024; a partition closed early goes on in a further file."""

UNKNOWN = "__HIVE_DEFAULT_PARTITION__"
OURS = "part-*.parquet"


def write_partitioned(wanted: Selection, out: Path, by: Partition) -> int:
    """Write ``wanted`` as a folder of files partitioned by ``by``, outermost first.

    The year is that of ``start_utc``. A folder of the same name that an earlier export wrote is replaced, as a
    whole, when this one is complete.

    Returns:
        The number of incidents.

    Raises:
        As :func:`incidents.exports.output.atomic_folder`.
    """
    count = 0
    schema = incident_schema(wanted)
    with atomic_folder(out, OURS) as folder, _Partitions(folder, schema, by, areas=wanted.areas) as parts:
        for batch in incident_batches(wanted):
            parts.add(batch)
            count += batch.num_rows
    return count


Place = tuple[str | int | None, ...]
"""The values of the keys that a partition stands for."""


class _Partitions:
    """The files of a partitioned folder, so many open and so many rows waiting at a time."""

    def __init__(self, folder: Path, schema: pa.Schema, by: Partition, *, areas: bool) -> None:
        self._folder = folder
        self._by = by
        self._kept = [name for name in schema.names if name not in set(by)]
        self._schema = pa.schema([schema.field(name) for name in self._kept], metadata=schema.metadata)
        self._areas = areas
        self._pending: defaultdict[Place, list[pa.RecordBatch]] = defaultdict(list)
        self._open: OrderedDict[Place, tuple[BinaryIO, GeoParquetFile]] = OrderedDict()
        self._made: defaultdict[Place, int] = defaultdict(int)

    def add(self, batch: pa.RecordBatch) -> None:
        rows: defaultdict[Place, list[int]] = defaultdict(list)
        columns = [self._values(batch, key) for key in self._by]
        for row, place in enumerate(zip(*columns, strict=True)):
            rows[place].append(row)
        for place, indexes in rows.items():
            self._pending[place].append(batch.select(self._kept).take(pa.array(indexes)))
        while sum(map(_rows, self._pending.values())) > MAX_PENDING:
            self._write(max(self._pending, key=lambda place: _rows(self._pending[place])))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            for place in list(self._pending):
                self._write(place)
            while len(self._open) > 0:
                self._close_oldest()
        for stream, file in self._open.values():
            file.abandon()
            stream.close()

    @staticmethod
    def _values(batch: pa.RecordBatch, key: PartitionKey) -> list[str | int | None]:
        column = batch[key.value] if key is PartitionKey.COUNTRY else pc.year(batch["start_utc"])
        values: list[str | int | None] = column.to_pylist()
        return values

    def _write(self, place: Place) -> None:
        if place not in self._open:
            if len(self._open) == MAX_OPEN:
                self._close_oldest()
            self._open[place] = self._new_file(place)
        self._open.move_to_end(place)
        for batch in self._pending.pop(place):
            self._open[place][1].add(batch)

    def _new_file(self, place: Place) -> tuple[BinaryIO, GeoParquetFile]:
        names = [f"{key}={UNKNOWN if value is None else value}" for key, value in zip(self._by, place, strict=True)]
        folder = self._folder.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        stream = (folder / f"part-{self._made[place]}.parquet").open("xb")
        self._made[place] += 1
        return stream, GeoParquetFile(stream, self._schema, areas=self._areas)

    def _close_oldest(self) -> None:
        _, (stream, file) = self._open.popitem(last=False)
        with stream:
            file.close()


def _rows(batches: Iterable[pa.RecordBatch]) -> int:
    return sum(batch.num_rows for batch in batches)
