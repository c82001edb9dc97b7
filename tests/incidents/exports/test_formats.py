"""What holds for every format: whole or not there, the same bytes twice, constant memory, and what is missing named."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from db.errors import InputError, ResourceError
from db.sqlite import SqliteDatabase
from incidents.exports.formats import BY_SUFFIX, FileFormat, format_of, write_export
from incidents.exports.selection import PartitionKey, Selection, partition_keys

pytestmark = pytest.mark.sqlite  # the rows are those of test_arrow.py, whatever database they come from

Wanted = Callable[..., Selection]
BY_NAME = {form: suffix for suffix, form in BY_SUFFIX.items()} | {FileFormat.CLAIMS: ".csv"}
WITH_A_TIME = {FileFormat.GEOPACKAGE}
"""Formats that hold the time they were written at."""


@pytest.mark.parametrize("form", list(FileFormat))
def test_two_exports_are_equal_and_compressed_ones_hold_the_same(
    wanted: Wanted, tmp_path: Path, form: FileFormat
) -> None:
    first, second, packed = (tmp_path / f"{name}{BY_NAME[form]}" for name in ("a", "b", "c"))
    count = write_export(form, first, wanted())
    assert count == write_export(form, second, wanted()) > 0
    assert form in WITH_A_TIME or first.read_bytes() == second.read_bytes()
    write_export(form, packed.with_suffix(f"{packed.suffix}.zst"), wanted())
    assert sorted(path.name[0] for path in tmp_path.iterdir() if path.name[0] in "abc.") == ["a", "b", "c"]


@pytest.mark.parametrize("form", list(FileFormat))
def test_every_format_goes_to_standard_output(
    wanted: Wanted, monkeypatch: pytest.MonkeyPatch, form: FileFormat
) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
    assert write_export(form, Path("-"), wanted()) > 0
    assert len(out.getvalue()) > 1_000


KILLED = """
import importlib, sys, threading, time
from pathlib import Path
from db.sqlite import SqliteDatabase
from db.session import read_session
from incidents.exports.formats import FileFormat, write_export
from incidents.exports.selection import PartitionKey, Selection
from incidents.query import Query, find

for name in ("dossiers", "exports.arrow", "exports.geojson", "exports.csvfile"):
    importlib.import_module(f"incidents.{name}").BATCH = 1  # something is written before the middle
reached = threading.Semaphore(0)

class Middle(list):
    def __iter__(self):
        yield from super().__iter__()
        reached.release()
        time.sleep(600)

def export(form, by):
    with read_session(SqliteDatabase(Path(sys.argv[1]))) as session:
        keys = Middle(find(session, Query()).keys())
        write_export(form, Path(sys.argv[2]) / ("parts" if by else form.value), Selection(session, keys), by)

jobs = [(form, ()) for form in FileFormat] + [(FileFormat.GEOPARQUET, tuple(PartitionKey))]
for job in jobs:
    threading.Thread(target=export, args=job, daemon=True).start()
for _ in jobs:
    reached.acquire()
print("ready", flush=True)
time.sleep(600)
"""


def test_a_killed_export_leaves_no_file_that_looks_complete(ledger: SqliteDatabase, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "csv").write_text("before")
    command = [sys.executable, "-c", KILLED, str(ledger.path), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.kill()
    assert (folder / "csv").read_text() == "before"
    left = {path.name for path in folder.iterdir()} - {"csv"}
    assert len(left) == len(FileFormat) + 1
    assert all(name.startswith(".") and name.endswith(".part") for name in left)


MEMORY = """
import os, resource, sys
from pathlib import Path
import pyarrow as pa, shapely
from incidents.exports import arrow, flatgeobuf, geopackage, geoparquet, partitions
from incidents.exports.output import atomic_output
from incidents.exports.selection import PartitionKey, Selection

wanted, rows, batches = Selection(None, []), 200, 40
schema = arrow.incident_schema(wanted)
plain = {"geometry": [shapely.Point(36, 35).wkb] * rows, "country": ["SY"] * rows}
geoparquet.ROW_GROUP = partitions.MAX_PENDING = 400

def made(_):
    for _ in range(batches):
        columns = plain | {"note": [os.urandom(10_000).hex() for _ in range(rows)]}
        arrays = [pa.array(columns.get(field.name, [None] * rows), field.type) for field in schema]
        yield pa.record_batch(arrays, schema=schema)

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

for module in (flatgeobuf, geopackage, geoparquet, partitions):
    module.incident_batches = made
for batches in (5, batches):
    for module, name in ((geopackage, "a.gpkg"), (flatgeobuf, "a.fgb")):
        write = getattr(module, "write_" + module.__name__.rpartition(".")[2])
        write(wanted, Path(f"{batches}-{name}"))
    with atomic_output(f"{batches}.parquet") as stream:
        geoparquet.write_geoparquet(wanted, stream)
    partitions.write_partitioned(wanted, Path("parts"), (PartitionKey.COUNTRY,))
    print(peak(), sum(file.stat().st_size for file in Path().glob(f"{batches}*")) / 2**20, flush=True)
"""


def test_the_memory_of_a_flat_format_does_not_grow_with_its_rows(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True, cwd=tmp_path)
    (few, _), (many, written) = (map(float, line.split()) for line in done.stdout.splitlines())
    assert written > 350  # MiB, in three files
    assert many - few < 60


def test_a_missing_library_is_named_with_the_extra_that_brings_it(
    wanted: Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(("incidents.exports.geo", "incidents.exports.arrow"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ResourceError, match="extra_missing") as raised:
        write_export(FileFormat.GEOPARQUET, tmp_path / "all.parquet", wanted())
    assert "incident-atlas[formats]" in str(raised.value)
    assert list(tmp_path.glob("*all*")) == []


def test_the_name_says_the_format_but_for_what_is_asked() -> None:
    assert format_of(Path("x.GPKG"), None) is FileFormat.GEOPACKAGE
    assert format_of(Path("x.parquet.zst"), None) is FileFormat.GEOPARQUET
    assert format_of(Path("x.csv"), FileFormat.CLAIMS) is FileFormat.CLAIMS
    assert format_of(Path("folder"), None, (PartitionKey.YEAR,)) is FileFormat.GEOPARQUET
    with pytest.raises(InputError, match="not_partitioned"):
        format_of(Path("folder"), FileFormat.CSV, (PartitionKey.YEAR,))


@pytest.mark.parametrize("text", ["month", "", "country,", "year,year"])
def test_a_key_that_files_are_not_partitioned_by_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="unknown_partition"):
        partition_keys(text)
