"""The benchmark runs, and its peer writes the same rows; how fast is not asserted."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import Session

from incidents.importers.own_csv import import_csv
from incidents.importers.own_geojson import import_geojson
from tests.conftest import missing

ROOT = Path(__file__).parent.parent
FEW = ROOT / "tests" / "fixtures" / "ged" / "iraq_few.csv"


def test_the_benchmark_of_ged_measures_an_import_beside_its_peer_and_its_growth() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "bench.py"), "ged", str(FEW), "--json"]
    done = subprocess.run([*command, "--repeat", "1", "--growth", "1,3"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    (file,) = found["files"]
    assert (file["events"], file["rejected"]) == (5, 0)
    assert (file["rows"]["incident"], file["rows"]["claim"]) == (5, 34)
    assert file["ratio"] > 0
    assert [(row["copies"], row["events"]) for row in found["growth"]] == [(1, 5), (3, 15)]


FEW_MADE_UP = 60
"""Enough for one that CSV cannot carry."""


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The packages of the benchmark can be imported."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))


@pytest.mark.usefixtures("scripts")
def test_a_made_up_set_has_the_same_bytes_again_and_begins_a_larger_one(tmp_path: Path) -> None:
    from bench_scale.generate import write_files

    written = {}
    for name, size in (("first", FEW_MADE_UP), ("again", FEW_MADE_UP), ("larger", 2 * FEW_MADE_UP)):
        (tmp_path / name).mkdir()
        files = write_files(tmp_path / name, size)
        paths = (files.sources, files.incidents, files.claims, *files.rich)
        written[name] = {path.name: path.read_bytes() for path in paths}
    assert written["first"] == written["again"]
    for name in ("incidents.csv", "claims.csv"):
        assert written["larger"][name].startswith(written["first"][name])
    rows = written["first"]["incidents.csv"].decode().splitlines()
    assert len(rows) == FEW_MADE_UP  # a header, and all but the one that CSV cannot carry
    assert any("سوق" in row or "مزرعة" in row for row in rows)


@pytest.mark.usefixtures("scripts")
def test_a_made_up_set_is_imported_without_a_bad_row(tmp_path: Path, session: Session) -> None:
    from bench_scale.generate import write_files

    files = write_files(tmp_path, FEW_MADE_UP)
    import_geojson(session, files.sources)
    found = import_csv(session, files.incidents, files.claims)
    assert found.incidents is not None
    assert found.claims is not None
    assert (found.incidents.added, found.incidents.rejected, found.claims.rejected) == (FEW_MADE_UP - 1, (), ())
    assert found.claims.added > 2 * FEW_MADE_UP
    assert [import_geojson(session, path).added for path in files.rich] == [1]


def test_the_benchmark_of_a_made_up_set_measures_every_part(tmp_path: Path) -> None:
    if shutil.which("ogr2ogr") is None:
        missing("ogr2ogr is not installed (Debian: gdal-bin)")
    if shutil.which("wrk") is None:
        missing("wrk is not installed (Debian: wrk)")
    out = tmp_path / "figures.json"
    command = [sys.executable, str(ROOT / "scripts" / "bench.py"), "scale", "--editions", "sqlite", "--without-server"]
    options = ["--sizes", str(FEW_MADE_UP), "--repeat", "1", "--json", str(out), "--keep", str(tmp_path / "kept")]
    subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    found = json.loads(out.read_text("utf-8"))
    assert {"date", "processors", "memory"} <= set(found["machine"])
    measures = found["measures"]
    assert {one["name"] for one in measures} == {"load", "places", "text", "show", "geojson", "geoparquet", "http"}
    differing = [one["ours"] for one in measures if one["work"].endswith("ids that differ")]
    assert len(differing) == 18  # on disk, and with columns in the process
    assert set(differing) == {0}
    assert {one["size"] for one in measures} == {FEW_MADE_UP}
    again = subprocess.run([*command, "--from", str(out)], capture_output=True, text=True, check=True)
    assert "full GeoJSON export" in again.stdout


@pytest.mark.parametrize(("child", "figures"), [("ours", {"seconds", "peak_rss_mb"}), ("one", {"p50_ms", "p95_ms"})])
def test_the_benchmark_of_same_events_measures_all_and_one_more(child: str, figures: set[str]) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "bench.py"), "same", "--child", child, "--reports", "300"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert figures <= set(found)
    assert all(found[name] > 0 for name in figures)
