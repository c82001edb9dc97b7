"""Real clients read the server: GDAL, pyogrio and OWSLib, each in a process of its own, as this one has no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.engine import Database
from db.session import read_session, write_session
from incidents.exports.geojson import write_geojson
from incidents.locations import LocationInput, add_location
from incidents.query import Query, find
from incidents.records import IncidentInput, add_incident
from incidents.tiers import Tier
from tests.conftest import missing
from tests.editions import Edition

pytestmark = [pytest.mark.sqlite, pytest.mark.xdist_group("a server for clients")]

START = "from incidents.cli.main import main; main()"
MANY = 230
"""More than two pages of a hundred."""
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


def fill(database: Database) -> None:
    """The ledger and a few hundred incidents more, some at one point."""
    from tests.incidents.conftest import fill as fill_ledger

    fill_ledger(database)
    with write_session(database, who="tester", why="several pages") as session:
        for number in range(MANY):
            day = f"2017-{4 + number % 9:02}-{1 + number % 28:02}"
            kind = "shelling" if number % 10 == 0 else "unknown"
            row = add_incident(session, IncidentInput(code=f"n{number:03}", name=f"N {number}", start=day, kind=kind))
            place = {"lon": 38 + number // 3 / 100, "lat": 36.15, "precision": "exact", "method": "geolocated"}
            usual = {"source": "monitor", "report": "monitor-1"}
            add_location(session, row, LocationInput.model_validate(usual | place))


@pytest.fixture(scope="module")
def filled(edition: Edition) -> Database:
    """The database that the server reads."""
    return edition.prepared("served to clients", fill)


@pytest.fixture(scope="module")
def server(filled: Database, edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that shows the public tier, in a process of its own."""
    environment = os.environ | {
        "INCIDENTS_DATABASE_URL": edition.url(filled),
        "XDG_STATE_HOME": str(tmp_path_factory.mktemp("state")),
    }
    command = [sys.executable, "-c", START, "serve", "--port", "0", "--public-read"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[0]
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@pytest.fixture(scope="module")
def codes(filled: Database) -> list[str]:
    """The codes of the features of our own export."""
    import io

    out = io.BytesIO()
    with read_session(filled) as session:
        write_geojson(session, find(session, Query(tier=Tier.PUBLIC)).keys(), out)
    return sorted(one["id"] for one in json.loads(out.getvalue())["features"])


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
