"""``incidents gazetteer`` and ``incidents place``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def test_loading_again_adds_nothing(there: Any) -> None:
    assert there("gazetteer", "load").stdout.startswith("gazetteer: 0 added, ")


def test_a_place_is_found_with_its_governorate(there: Any) -> None:
    shown = there("place", "find", "Al Jinah, Aleppo").stdout
    assert shown.count("\n") == 1
    assert "Jinah" in shown


def test_an_ambiguous_place_ends_with_an_error_unless_a_list_is_wanted(there: Any) -> None:
    result = there("place", "find", "Aleppo", exits=2)
    assert (result.stdout, result.stderr.count("\n  - ")) == ("", 2)
    listed = there("place", "find", "Aleppo", "--list")
    assert len(listed.stdout.splitlines()) == 2
    assert listed.stderr == ""


def test_boundaries_are_read_and_queries_use_them(there: Any, tmp_path: Path) -> None:
    ring = [[38, 35], [40, 35], [40, 37], [38, 37], [38, 35]]
    feature = {
        "type": "Feature",
        "properties": {"name": "Raqqa"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    file = tmp_path / "units.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert "[no_boundary]" in there("find", "--in", "Raqqa governorate", exits=2).stderr
    done = there("gazetteer", "import", "areas", file, "--level", "adm1", "--country", "SY")
    assert done.stdout.startswith("units.geojson: 1 read, 1 added")
    assert "raqqa-school" in there("find", "--in", "Raqqa governorate").stdout
    assert "adm1" in there("gazetteer", "info").stdout


def test_a_geonames_dump_is_read(there: Any, tmp_path: Path) -> None:
    cells = ["999", "Testville", "Testville", "", "35.5", "38.5", "P", "PPL", "SY", "", "04", "", "", "", "900", "", "",
             "Asia/Damascus", "2020-01-01"]  # fmt: skip
    file = tmp_path / "SY.txt"
    file.write_text("\t".join(cells) + "\n", encoding="utf-8")
    assert there("gazetteer", "import", "geonames", file).stdout.startswith("SY.txt: 1 read, 1 added, 0 unchanged")
    assert there("gazetteer", "import", "geonames", file).stdout.startswith("SY.txt: 1 read, 0 added, 1 unchanged")
    assert "Testville" in there("place", "find", "testville").stdout


@pytest.mark.parametrize("kind", ["geonames", "areas"])
def test_a_missing_file_is_told(there: Any, kind: str) -> None:
    more = ["--level", "adm1"] if kind == "areas" else []
    assert "[file_not_found]" in there("gazetteer", "import", kind, "missing.txt", *more, exits=2).stderr
