"""``incidents export``: files and standard output, areas, claims, tiers."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from db.engine import Database
from incidents.exports.formats import BY_SUFFIX, FileFormat


def test_a_file_by_its_name(there: Any, tmp_path: Path) -> None:
    result = there("export", tmp_path / "all.geojson")
    assert result.stdout == ""
    assert result.stderr == f"{tmp_path / 'all.geojson'}: 4 incidents, tier public\n"
    content = json.loads((tmp_path / "all.geojson").read_text(encoding="utf-8"))
    assert content["features"][0]["id"] == "aleppo-mosque"
    there("export", tmp_path / "all.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 4
    assert sorted(path.name for path in tmp_path.iterdir() if "all" in path.name) == ["all.csv", "all.geojson"]


def test_standard_output_carries_the_file_alone(there: Any, tmp_path: Path) -> None:
    there("export", tmp_path / "all.geojson")
    result = there("export", "-")
    assert result.stdout == (tmp_path / "all.geojson").read_text(encoding="utf-8")
    assert result.stderr == "-: 4 incidents, tier public\n"


def test_claims_have_a_row_each(there: Any) -> None:
    result = there("export", "-", "--format", "claims")
    rows = list(csv.DictReader(io.StringIO(result.stdout, newline="")))
    assert f"-: {len(rows)} claims, tier public" in result.stderr
    assert len(rows) > 70
    assert {row["incident"] for row in rows} >= {"al-jinah", "raqqa-school"}


def test_areas_are_drawn_instead_of_points(there: Any) -> None:
    place = ("--near", "Al Jinah", "--radius", "5km")
    points = json.loads(there("export", "-", *place).stdout)["features"]
    areas = json.loads(there("export", "-", *place, "--areas").stdout)["features"]
    assert [one["geometry"]["type"] for one in points] == ["Point"]
    assert [one["geometry"]["type"] for one in areas] == ["MultiPolygon"]


def test_those_without_a_place_are_told(there: Any) -> None:
    result = there("export", "-", "--near", "Al Jinah", "--radius", "5km")
    assert result.stderr == "-: 1 incident, tier public; left out, without a place: 1\n"


def test_the_public_tier_is_the_default(there: Any) -> None:
    there("edit", "al-jinah", "--visibility", "restricted", "--why", "a test")
    assert len(json.loads(there("export", "-").stdout)["features"]) == 3
    assert len(json.loads(there("export", "-", "--tier", "internal").stdout)["features"]) == 4


@pytest.mark.parametrize("name", ["all.xml", "all", ".csv.gz", "all.xml.zst"])
def test_a_name_that_says_no_format_is_refused(there: Any, tmp_path: Path, name: str) -> None:
    result = there("export", tmp_path / name, exits=2)
    assert "[unknown_format]" in result.stderr
    assert "--format" in result.stderr
    assert not (tmp_path / name).exists()


def test_an_export_that_fails_leaves_the_old_file(there: Any, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    file.write_text("old")
    there("export", file, "--in", "Nowhere at all", exits=2)
    assert file.read_text() == "old"
    assert "[no_folder]" in there("export", tmp_path / "none" / "all.csv", exits=2).stderr


def test_every_format_that_a_name_stands_for_can_be_written() -> None:
    assert set(FileFormat) - set(BY_SUFFIX.values()) == {FileFormat.CLAIMS}


def test_an_internal_export_goes_back_in(there: Any, tmp_path: Path) -> None:
    there("export", tmp_path / "all.geojson", "--tier", "internal")
    result = there("import", "geojson", tmp_path / "all.geojson")
    assert " 0 added, " in result.stdout
    assert " 0 rejected" in result.stdout


@pytest.mark.parametrize("suffix", [suffix for suffix in BY_SUFFIX if suffix not in {".geojson", ".json", ".csv"}])
def test_each_format_takes_every_option_of_the_query(there: Any, tmp_path: Path, suffix: str) -> None:
    place = ("--near", "Al Jinah", "--radius", "5km", "--from", "2017-03-01", "--to", "2017-03-31", "--areas")
    more = ("--tier", "internal", "--rule", "official", "--as-of", "2019-01-01", "--killed-min", "1")
    file = tmp_path / f"some{suffix}"
    assert there("export", file, *place, *more).stderr == f"{file}: 1 incident, tier internal\n"
    assert file.stat().st_size > 1_000


def test_a_folder_of_partitions(there: Any, tmp_path: Path) -> None:
    out = tmp_path / "parts"
    assert there("export", out, "--partition-by", "country,year").stderr == f"{out}: 4 incidents, tier public\n"
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.parquet")) == [
        "country=IQ/year=2017/part-0.parquet",
        "country=SY/year=2017/part-0.parquet",
    ]
    there("export", out, "--partition-by", "year")
    assert [path.name for path in out.iterdir()] == ["year=2017"]
    assert "[unknown_partition]" in there("export", out, "--partition-by", "month", exits=2).stderr
    assert "[not_partitioned]" in there("export", out, "--partition-by", "year", "--format", "csv", exits=2).stderr


@pytest.mark.parametrize("form", ["geojson", "geoparquet", "release"])
def test_a_reader_that_has_seen_enough_ends_it_quietly(world: Database, form: str) -> None:
    code = "from incidents.cli.main import main; main()"
    command = [sys.executable, "-c", code, "export", "-", "--format", form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
    assert world.state().exists
