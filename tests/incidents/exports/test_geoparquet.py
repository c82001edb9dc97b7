"""GeoParquet: version 1.1 to the letter, and the same rows in pyarrow, geopandas and DuckDB."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import geopandas
import pyarrow.parquet as pq
import pytest
import shapely

from incidents.exports import geoparquet
from incidents.exports.geoparquet import write_geoparquet
from incidents.exports.selection import Selection
from incidents.query import Match

Wanted = Callable[..., Selection]
Expected = Callable[..., list[dict[str, Any]]]


def write(wanted: Selection, path: Path) -> Path:
    with path.open("wb") as stream:
        write_geoparquet(wanted, stream)
    return path


@pytest.mark.parametrize("areas", [False, True])
def test_the_metadata_are_those_of_version_1_1(wanted: Wanted, expected: Expected, tmp_path: Path, areas: bool) -> None:
    file = pq.ParquetFile(write(wanted(areas=areas), tmp_path / "all.parquet"))
    geo = json.loads(file.metadata.metadata[b"geo"])
    column = geo["columns"]["geometry"]
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["MultiPolygon" if areas else "Point"])
    assert column["crs"]["id"] == {"authority": "OGC", "code": "CRS84"}
    assert column["covering"]["bbox"]["ymax"] == ["bbox", "ymax"]
    shapes = [shapely.from_wkb(row["geometry"]) for row in expected(areas=areas) if row["geometry"] is not None]
    assert column["bbox"] == list(shapely.total_bounds(shapes))
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_every_reader_finds_unknown_zero_and_ranges_as_they_were(
    wanted: Wanted, expected: Expected, tmp_path: Path, duck: duckdb.DuckDBPyConnection
) -> None:
    path = write(wanted(), tmp_path / "all.parquet")
    rows = expected()
    table = pq.read_table(path)
    assert table.drop_columns("bbox").to_pylist() == rows
    assert table.schema.field("killed_child_low").metadata[b"unit"] == b"people"
    names = [name for name in rows[0] if name != "geometry"]
    found = duck.execute(f"SELECT {', '.join(names)} FROM '{path}'").to_arrow_table()
    assert found.to_pylist() == [{name: row[name] for name in names} for row in rows]
    frame = geopandas.read_parquet(path)
    assert frame.crs == "OGC:CRS84"
    assert [None if shape is None else shape.wkb for shape in frame.geometry] == [row["geometry"] for row in rows]


def test_readers_find_what_lies_in_a_box(wanted: Wanted, tmp_path: Path, duck: duckdb.DuckDBPyConnection) -> None:
    path = write(wanted(), tmp_path / "all.parquet")
    assert geopandas.read_parquet(path, bbox=(38.2, 36.1, 38.3, 36.2)).code.tolist() == ["market"]
    inside = "ST_Within(geometry, ST_MakeEnvelope(38.2, 36.1, 38.3, 36.2))"
    assert duck.execute(f"SELECT code FROM '{path}' WHERE {inside}").fetchall() == [("market",)]
    assert duck.execute(f"SELECT count(*) FROM '{path}' WHERE geometry IS NULL AND bbox IS NULL").fetchone() == (3,)


def test_rows_are_written_in_groups_and_two_files_are_equal(
    wanted: Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geoparquet, "ROW_GROUP", 3)
    monkeypatch.setattr("incidents.exports.arrow.BATCH", 2)
    first = write(wanted(), tmp_path / "one.parquet")
    assert first.read_bytes() == write(wanted(), tmp_path / "two.parquet").read_bytes()
    metadata = pq.read_metadata(first)
    assert sum(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)) == 5
    assert metadata.num_row_groups == 2


def test_nothing_is_a_file_of_no_rows(wanted: Wanted, tmp_path: Path) -> None:
    nothing = Selection(wanted().session, [])
    frame = geopandas.read_parquet(write(nothing, tmp_path / "none.parquet"))
    assert len(frame) == 0
    assert frame.crs == "OGC:CRS84"


def test_a_file_that_was_not_finished_is_not_readable(wanted: Wanted) -> None:
    class Broken(dict[int, Match]):
        def get(self, *_: Any) -> Match:
            raise ZeroDivisionError

    out = io.BytesIO()
    with pytest.raises(ZeroDivisionError):
        write_geoparquet(wanted(matches=Broken()), out)
    assert out.getvalue() == b"PAR1"


def test_the_metadata_are_there_once_with_the_box(wanted: Wanted, tmp_path: Path) -> None:
    content = write(wanted(), tmp_path / "all.parquet").read_bytes()
    assert content.count(b'"version":"1.1.0"') == 1
