"""``incidents gazetteer``: loading, reading, fetching, learning, and what there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gazetteer.sources.localweb import LOOPBACK, LocalWeb, Reply, local_web, zipped

RING = [[38, 35], [40, 35], [40, 37], [38, 37], [38, 35]]
CELLS = ["999", "Testville", "Testville", "", "35.5", "38.5", "P", "PPL", "SY", "", "04", "", "", "", "900", "", "",
         "Asia/Damascus", "2020-01-01"]  # fmt: skip
DUMP = "\t".join(CELLS) + "\n"
NAMES = "1\t999\tar\tتستفيل\t1\t\t\t\t\t\n2\t1000\tar\tأخرى\t\t\t\t\t\t\n"


def feature(**properties: Any) -> dict[str, Any]:
    """A square in the governorate of Raqqa."""
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [RING]}}


def collection(path: Path, *features: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_loading_again_adds_nothing(there: Any) -> None:
    assert there("gazetteer", "load").stdout.startswith("gazetteer: 0 added, ")


def test_boundaries_are_read_and_queries_use_them(there: Any, tmp_path: Path) -> None:
    file = collection(tmp_path / "units.geojson", feature(name="Raqqa"))
    assert "[no_boundary]" in there("find", "--in", "Raqqa governorate", exits=2).stderr
    done = there("gazetteer", "import", "areas", file, "--level", "adm1", "--country", "SY")
    assert done.stdout.startswith("units.geojson: 1 read, 1 added")
    assert "raqqa-school" in there("find", "--in", "Raqqa governorate").stdout
    assert "adm1" in there("gazetteer", "info").stdout
    line = there("place", "at", "39", "36").stdout.splitlines()[2]
    assert line.startswith("governorate  ")
    assert "Raqqa" in line


def test_name_and_code_of_a_boundary_are_taken_from_the_fields_named(there: Any, tmp_path: Path) -> None:
    file = collection(tmp_path / "units.geojson", feature(name="wrong", LABEL="Testland", PCODE="SY9901"))
    words = ("gazetteer", "import", "areas", file, "--level", "adm2", "--country", "SY")
    there(*words, "--name-field", "LABEL", "--code-field", "PCODE", "--licence", "CC0")
    shown = there("place", "find", "SY9901", "--list").stdout
    assert "Testland" in shown
    assert "wrong" not in shown


def test_a_level_that_no_boundary_has_is_asked_for(there: Any, tmp_path: Path) -> None:
    file = collection(tmp_path / "units.geojson", feature(name="Raqqa"))
    done = there("gazetteer", "import", "areas", file)
    assert done.stdout.startswith("units.geojson: 1 read, 0 added, 0 unchanged, 0 superseded, 0 flagged, 1 rejected")
    assert "no_level" in there("import", "log", "1").stdout


def test_a_layer_that_is_not_there_is_told(there: Any, tmp_path: Path) -> None:
    pyogrio = pytest.importorskip("pyogrio", reason="pyogrio is not installed")
    gpkg = tmp_path / "units.gpkg"
    plain = collection(tmp_path / "units.geojson", feature(name="Raqqa"))
    meta, _, geometry, columns = pyogrio.raw.read(plain)
    written = {"geometry": geometry, "field_data": columns, "fields": meta["fields"], "geometry_type": "Polygon"}
    pyogrio.raw.write(gpkg, **written, crs="EPSG:4326", layer="units")
    words = ("gazetteer", "import", "areas", gpkg, "--level", "adm1", "--country", "SY", "--layer")
    assert "[no_such_layer]" in there(*words, "roads", exits=2).stderr
    assert there(*words, "units").stdout.startswith("units.gpkg: 1 read, 1 added")


def test_a_folder_of_whos_on_first_is_read(there: Any, tmp_path: Path) -> None:
    folder = tmp_path / "whosonfirst-data-admin-sy"
    folder.mkdir()
    properties = {
        "wof:id": 85678347, "wof:name": "Testland", "wof:placetype": "region", "wof:country": "SY", "mz:is_current": 1,
        "name:ara_x_preferred": ["تستلاند"],
    }  # fmt: skip
    (folder / "85678347.geojson").write_text(json.dumps(feature(**properties)), encoding="utf-8")
    assert there("gazetteer", "import", "wof", folder).stdout.startswith("whosonfirst-data-admin-sy: 1 read, 1 added")
    assert "Testland (تستلاند)" in there("place", "find", "محافظة تستلاند", "--list").stdout


def test_a_geonames_dump_and_its_names_are_read(there: Any, tmp_path: Path) -> None:
    file, names = tmp_path / "SY.txt", tmp_path / "alternateNamesV2.txt"
    file.write_text(DUMP, encoding="utf-8")
    names.write_text(NAMES, encoding="utf-8")
    assert there("gazetteer", "import", "geonames", file).stdout.startswith("SY.txt: 1 read, 1 added, 0 unchanged")
    assert there("gazetteer", "import", "geonames", file).stdout.startswith("SY.txt: 1 read, 0 added, 1 unchanged")
    assert "Testville" in there("place", "find", "testville, Raqqa", "--list").stdout
    assert there("gazetteer", "import", "names", names).stdout.startswith("alternateNamesV2.txt: 2 read, 1 added")
    assert "geonames:999" in there("place", "find", "تستفيل", "--list").stdout
    error = there("gazetteer", "import", "names", file, exits=2).stderr
    assert error.startswith("[not_names] SY.txt: ")


def test_an_own_table_of_places_is_read(there: Any, tmp_path: Path) -> None:
    file = tmp_path / "quarters.csv"
    file.write_text("QUARTER,lon,lat\nHay at Test,39.01,35.95\nNowhere,200,35\n", encoding="utf-8")
    words = ("gazetteer", "import", "places", file, "--source", "ocha", "--licence", "CC BY-IGO (OCHA)")
    done = there(*words, "--country", "SY", "--kind", "neighbourhood", "--column", "name=QUARTER")
    assert done.stdout.startswith("quarters.csv: 2 read, 1 added, 0 unchanged, 0 superseded, 0 flagged, 1 rejected")
    assert "neighbourhood" in there("place", "find", "Hay at Test", "--list").stdout
    assert "CC BY-IGO (OCHA)" in there("gazetteer", "info").stdout
    assert "[bad_column]" in there(*words, "--column", "name:QUARTER", exits=2).stderr


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("geonames", []),
        ("names", []),
        ("areas", ["--level", "adm1"]),
        ("wof", []),
        ("places", ["--source", "own", "--licence", "own"]),
    ],
)
def test_a_missing_file_is_told(there: Any, kind: str, more: list[str]) -> None:
    assert "[file_not_found]" in there("gazetteer", "import", kind, "missing.txt", *more, exits=2).stderr


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """A server with the places of Syria and no polygons."""
    with local_web() as running:
        running.put("/dump/SY.zip", zipped(SY__txt=DUMP.encode()))
        running.put("/dump/alternatenames/SY.zip", zipped(SY__txt=NAMES.encode()))
        running.put("/dump/admin1CodesASCII.txt", b"SY.04\tRaqqa\tRaqqa\t172412\n")
        running.put("/dump/admin2Codes.txt", b"SY.09.170061\tMenbij District\tMenbij District\t170061\n")
        yield running


@pytest.mark.allow_hosts(LOOPBACK)
def test_a_country_is_fetched_and_read(there: Any, web: LocalWeb, tmp_path: Path) -> None:
    urls = ("--geonames-url", f"{web.address}/dump", "--geoboundaries-url", f"{web.address}/gb")
    done = there("gazetteer", "fetch", "SY", "--folder", tmp_path / "files", *urls)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("SY.zip (downloaded; CC BY 4.0 (GeoNames)): SY.txt: 1 read, 1 added")
    # What is not published is told and is no failure.
    assert [line.split(":")[0] for line in lines if "[not_published]" in line] == ["SY ADM0", "SY ADM1", "SY ADM2"]
    assert "geonames:999" in there("place", "find", "تستفيل", "--list").stdout


@pytest.mark.allow_hosts(LOOPBACK)
def test_a_file_that_cannot_be_read_ends_with_an_error_after_the_others(
    there: Any, web: LocalWeb, tmp_path: Path
) -> None:
    web.put("/dump/admin2Codes.txt", Reply(b"<html>come back later</html>"))
    urls = ("--geonames-url", f"{web.address}/dump", "--geoboundaries-url", f"{web.address}/gb")
    done = there("gazetteer", "fetch", "SY", "--folder", tmp_path / "files", *urls, exits=5)
    assert "SY.txt: 1 read, 1 added" in done.stdout
    assert done.stderr.startswith("[fetch_incomplete] 1 of 7 files ")
    assert "admin2Codes.txt" in done.stderr


def test_a_country_that_is_none_is_told_before_anything_is_fetched(there: Any) -> None:
    assert "[bad_country]" in there("gazetteer", "fetch", "XX", exits=2).stderr


def test_learning_from_the_incidents_is_told_and_done_once(there: Any) -> None:
    first = there("gazetteer", "learn").stdout.splitlines()
    assert first[0].startswith("learned from ")
    assert " 0 gave or confirmed a name" not in first[0]
    assert "attested" in there("gazetteer", "info").stdout
    again = there("gazetteer", "learn").stdout.splitlines()
    assert " 0 gave or confirmed a name, 0 added a place," in again[0]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--source", "nobody"), "unknown_organisation"),
        (("--after", "2018", "--before", "2017"), "end_before_start"),
        (("--before", "17/03/2017"), "slashed_date"),
    ],
    ids=["unknown source", "no time between", "slashed date"],
)
def test_what_cannot_be_learned_from_is_told(there: Any, words: tuple[str, ...], code: str) -> None:
    assert f"[{code}]" in there("gazetteer", "learn", *words, exits=2).stderr


def test_an_empty_gazetteer_says_how_to_fill_it(run: Any, elsewhere: Path) -> None:
    run("db", "upgrade")
    assert run("gazetteer", "info").stdout == "The gazetteer is empty. To fill it: incidents gazetteer load\n"


def test_info_sums_up_countries_and_counts_what_people_did(there: Any) -> None:
    there("place", "correct", "recorded:173695", "--radius", "1km", "--why", "imagery")
    there("place", "withdraw", "recorded:8559276", "--why", "twice")
    there("place", "name", "withdraw", "recorded:173695", "Al Jeineh", "--why", "another village")
    lines = there("gazetteer", "info").stdout.splitlines()
    assert sum(" country " in line for line in lines) == 1
    # The entry that another source has for the withdrawn place goes with it.
    assert lines[-1].startswith("places: 1 corrected by hand, 2 withdrawn; names: 1 withdrawn; ")
