"""The GeoPackage: GDAL and geopandas read what was written, QGIS finds the columns described."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyogrio
import pytest

from incidents.exports.geopackage import write_geopackage
from incidents.exports.selection import Selection
from tests.conftest import missing

pytestmark = pytest.mark.sqlite  # the rows are those of test_arrow.py, whatever database they come from

Wanted = Callable[..., Selection]
Expected = Callable[..., list[dict[str, Any]]]


def read(path: Path) -> list[dict[str, Any]]:
    """The rows as GDAL gives them."""
    with pyogrio.open_arrow(path, use_pyarrow=True) as (_, reader):
        rows: list[dict[str, Any]] = reader.read_all().to_pylist()
    return [{("geometry" if name == "geom" else name): value for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("areas", [False, True])
def test_unknown_zero_ranges_and_times_come_back_as_they_were(
    wanted: Wanted, expected: Expected, tmp_path: Path, areas: bool
) -> None:
    path = tmp_path / "all.gpkg"
    assert write_geopackage(wanted(areas=areas), path) == 5
    assert read(path) == expected(areas=areas)


def test_columns_are_described_and_the_layer_is_indexed(wanted: Wanted, tmp_path: Path) -> None:
    path = tmp_path / "all.gpkg"
    write_geopackage(wanted(), path)
    with closing(sqlite3.connect(path)) as connection:
        about = dict(connection.execute("SELECT column_name, description FROM gpkg_data_columns").fetchall())
        assert about["killed_civilian_low"] == "lowest number; null is unknown, 0 is zero (people)"
        assert connection.execute("SELECT count(*) FROM rtree_incidents_geom").fetchone() == (2,)


def test_debians_gdal_reads_it(wanted: Wanted, tmp_path: Path) -> None:
    ogrinfo = shutil.which("ogrinfo") or missing("no ogrinfo")
    path = tmp_path / "all.gpkg"
    write_geopackage(wanted(), path)
    done = subprocess.run(
        [ogrinfo, "-ro", "-al", path, "-where", "killed_child_low = 0"], check=True, capture_output=True, text=True
    )
    assert "Feature Count: 2" in done.stdout
    assert "killed_woman_low (Integer64) = (null)" in done.stdout
    assert "killed_combatant_denied (Integer(Boolean)) = 1" in done.stdout
    assert "tier=public" in done.stdout
