"""Real clients read the server: GDAL, pyogrio and OWSLib, each in a process of its own, as this one has no network."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from db.engine import Database
from incidents.query import Query
from incidents.tiers import Tier
from tests.conftest import missing
from tests.incidents.api.conftest import MANY, Listening, exported

pytestmark = [pytest.mark.sqlite, pytest.mark.xdist_group("a server for clients")]

BOX = ("38.2", "36.1", "38.45", "36.2")
PYOGRIO = """
import json, sys
import pyogrio
_, table = pyogrio.read_arrow(f"OAPIF:{sys.argv[1]}", layer="incidents", columns=["code"])
print(json.dumps(sorted(table.column("code").to_pylist())))
"""
OWSLIB = """
import json, sys
from owslib.ogcapi.features import Features
service = Features(sys.argv[1])
assert "incidents" in service.feature_collections(), service.feature_collections()
assert any("ogcapi-features-1" in one for one in service.conformance()["conformsTo"])
assert "kind" in service.collection_queryables("incidents")["properties"]
seen, after = [], {}
while True:
    found = service.collection_items("incidents", limit=100, **after)
    seen += [one["id"] for one in found["features"]]
    assert found["numberMatched"] == int(sys.argv[2])
    following = [one["href"] for one in found["links"] if one["rel"] == "next"]
    if not following:
        break
    after = {"after": following[0].partition("after=")[2].partition("&")[0]}
boxed = service.collection_items("incidents", bbox=[float(one) for one in sys.argv[3].split(",")], limit=1000)
timed = service.collection_items("incidents", datetime_="2017-04-01/2017-04-10", limit=1000)
filtered = service.collection_items("incidents", filter="kind = 'shelling'", limit=1000)
answers = [[one["id"] for one in found["features"]] for found in (boxed, timed, filtered)]
print(json.dumps([sorted(seen), *map(sorted, answers)]))
"""


@pytest.fixture(scope="module")
def server(listening: Listening) -> str:
    """The address of the server."""
    return listening.address


@pytest.fixture(scope="module")
def codes(several_pages: Database) -> list[str]:
    """The codes of the features of our own export."""
    return sorted(exported(several_pages, Query(tier=Tier.PUBLIC)))


def run(*command: str) -> str:
    if shutil.which(command[0]) is None:
        missing(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read_by_gdal(server: str, folder: Path, *options: str) -> list[str]:
    """The codes that ogr2ogr reads."""
    out = folder / "read.geojson"
    run("ogr2ogr", "-f", "GeoJSON", str(out), f"OAPIF:{server}", "incidents", "-select", "code", *options)
    return sorted(one["properties"]["code"] for one in json.loads(out.read_text())["features"])


def test_gdal_lists_the_collections(server: str) -> None:
    shown = run("ogrinfo", "-ro", "-q", f"OAPIF:{server}")
    assert all(name in shown for name in ("incidents", "locations", "claims", "areas", "events"))


def test_gdal_reads_every_feature_through_the_pages(server: str, codes: list[str], tmp_path: Path) -> None:
    assert len(codes) == MANY + 4
    assert read_by_gdal(server, tmp_path, "-oo", "PAGE_SIZE=100") == codes


def test_gdal_asks_for_a_box(server: str, tmp_path: Path) -> None:
    boxed = read_by_gdal(server, tmp_path, "-spat", *BOX)
    assert "market" in boxed
    assert {"n060", "n061", "n062"} <= set(boxed)
    assert "n000" not in boxed


def test_pyogrio_reads_every_feature(server: str, codes: list[str]) -> None:
    assert json.loads(run(sys.executable, "-c", PYOGRIO, server)) == codes


def test_owslib_pages_and_asks(server: str, codes: list[str]) -> None:
    text = run(sys.executable, "-c", OWSLIB, server, str(len(codes)), ",".join(BOX))
    whole, boxed, timed, filtered = json.loads(text)
    assert whole == codes
    assert {"market", "n060"} <= set(boxed)
    assert timed == [code for code in codes if code[0] == "n" and int(code[1:]) % 9 == 0 and int(code[1:]) % 28 < 10]
    assert filtered == [code for code in codes if code[0] == "n" and int(code[1:]) % 10 == 0]
