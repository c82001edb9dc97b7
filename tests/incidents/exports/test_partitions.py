"""The partitioned folder: every incident in one place, and the same totals in DuckDB and Dask as here."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from incidents.exports import partitions
from incidents.exports.partitions import write_partitioned
from incidents.exports.selection import PartitionKey, Selection

pytestmark = pytest.mark.sqlite  # the rows are those of test_arrow.py, whatever database they come from

Wanted = Callable[..., Selection]
Expected = Callable[..., list[dict[str, Any]]]
BOTH = (PartitionKey.COUNTRY, PartitionKey.YEAR)
NONE = "__HIVE_DEFAULT_PARTITION__"


def test_unknown_countries_and_years_have_a_place_of_their_own(wanted: Wanted, tmp_path: Path) -> None:
    assert write_partitioned(wanted(), tmp_path / "all", BOTH) == 5
    files = sorted(str(path.relative_to(tmp_path / "all")) for path in tmp_path.rglob("*.parquet"))
    assert files == [
        "country=IQ/year=2016/part-0.parquet",
        "country=SY/year=2017/part-0.parquet",
        f"country={NONE}/year=2017/part-0.parquet",
        f"country={NONE}/year={NONE}/part-0.parquet",
    ]


def test_duckdb_reads_it_in_place(
    wanted: Wanted, expected: Expected, tmp_path: Path, duck: duckdb.DuckDBPyConnection
) -> None:
    write_partitioned(wanted(), tmp_path / "all", BOTH)
    columns = "code, country, year, killed_civilian_low, killed_child_low, killed_combatant_denied, geometry IS NULL"
    found = duck.execute(f"SELECT {columns} FROM read_parquet('{tmp_path}/all/**/*.parquet', hive_partitioning = true)")
    rows = [
        (
            row["code"],
            row["country"],
            None if row["start_utc"] is None else row["start_utc"].year,
            row["killed_civilian_low"],
            row["killed_child_low"],
            row["killed_combatant_denied"],
            row["geometry"] is None,
        )
        for row in expected()
    ]
    assert sorted(found.fetchall()) == sorted(rows)


DASK = """
import json, sys
import dask_geopandas, pyarrow as pa
from dask.distributed import Client, LocalCluster

if __name__ == "__main__":
    # Without a schema Dask asks each file alone what a year is, and that of the unknown ones cannot say.
    keys = {"flavor": "hive", "schema": pa.schema([("country", pa.string()), ("year", pa.int64())])}
    workers = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "local_directory": "."}
    with LocalCluster(**workers) as cluster, Client(cluster):
        frame = dask_geopandas.read_parquet(sys.argv[1], dataset={"partitioning": keys})
        totals = frame[json.loads(sys.argv[2])].sum().compute()
        print(json.dumps([len(frame), int(frame.geometry.notnull().sum().compute()), *map(int, totals)]))
"""


def test_dask_on_two_workers_finds_our_totals(wanted: Wanted, expected: Expected, tmp_path: Path) -> None:
    write_partitioned(wanted(), tmp_path / "all", BOTH)
    script = tmp_path / "totals.py"
    script.write_text(DASK)
    names = ["killed_civilian_low", "killed_civilian_high", "injured_total_people_low"]
    # Another process: the workers talk over the loopback, which tests may not.
    done = subprocess.run(
        [sys.executable, script, tmp_path / "all", json.dumps(names)],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    rows = expected()
    placed = sum(row["geometry"] is not None for row in rows)
    assert json.loads(done.stdout) == [len(rows), placed, *(sum(row[name] or 0 for row in rows) for name in names)]


def test_few_rows_wait_and_few_files_are_open(
    wanted: Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, duck: duckdb.DuckDBPyConnection
) -> None:
    monkeypatch.setattr("incidents.exports.arrow.BATCH", 2)
    monkeypatch.setattr(partitions, "MAX_PENDING", 1)
    monkeypatch.setattr(partitions, "MAX_OPEN", 1)
    chosen = wanted()
    twice = Selection(chosen.session, [*chosen.keys, *chosen.keys])
    assert write_partitioned(twice, tmp_path / "all", BOTH) == 10
    assert (tmp_path / "all" / "country=IQ" / "year=2016" / "part-1.parquet").exists()
    query = f"SELECT count(*), count(DISTINCT code) FROM '{tmp_path}/all/**/*.parquet'"
    assert duck.execute(query).fetchone() == (10, 5)
