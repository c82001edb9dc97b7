"""QGIS, headless and in a process of its own, opens the layers of a server by its address and reads what we export."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from db.engine import Database
from gazetteer.points import parse_bbox
from incidents.intervals import read_interval
from incidents.query import Query
from incidents.tiers import Tier
from tests.conftest import missing
from tests.incidents.api.conftest import MANY, Listening, exported

pytestmark = [pytest.mark.sqlite, pytest.mark.xdist_group("a server for clients")]

PYTHON = "/usr/bin/python3"
"""Debian's own, which its QGIS is built for."""
READER = Path(__file__).with_name("qgis_reader.py")
BOX = [38.2, 36.1, 38.45, 36.2]
DAYS = "\"start_utc\" >= '2017-04-01' AND \"start_utc\" <= '2017-04-10'"


def ask_qgis(server: Listening, home: Path, password: str, *asked: dict[str, Any]) -> dict[str, Any]:
    """What QGIS reads with an empty profile, the token given as the password of a connection."""
    if subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode != 0:
        missing("QGIS for Python (python3-qgis) is not installed")
    questions = {"address": server.address, "user": "qgis", "password": password, "asked": asked}
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(home), "QT_QPA_PLATFORM": "offscreen",
        "LANG": "C.UTF-8", "TZ": "UTC",
    }  # fmt: skip
    home.chmod(0o700)
    command = [PYTHON, str(READER), json.dumps(questions)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.fixture(scope="module")
def token(listening: Listening) -> str:
    """The token of this machine."""
    return listening.token.read_text().strip()


@pytest.fixture(scope="module")
def read(listening: Listening, token: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What QGIS answers."""
    asked = [
        *({"layer": "Incidents"}, {"layer": "Incidents", "box": BOX}, {"layer": "Incidents", "subset": DAYS}),
        *({"layer": name} for name in ("Locations", "Claims", "Events")),
    ]
    return ask_qgis(listening, tmp_path_factory.mktemp("home"), token, *asked)


def codes(answer: dict[str, Any]) -> list[str]:
    return sorted(one["values"]["code"] for one in answer["features"])


def within(point: list[float]) -> bool:
    return BOX[0] <= point[0] <= BOX[2] and BOX[1] <= point[1] <= BOX[3]


def test_it_lists_the_collections_under_a_connection(read: dict[str, Any]) -> None:
    assert read["layers"] == ["Areas", "Claims", "Events", "Incidents", "Locations"]


def test_it_reads_every_feature_through_the_pages_as_we_export_it(
    read: dict[str, Any], several_pages: Database
) -> None:
    expected = exported(several_pages, Query(tier=Tier.PUBLIC))
    whole = read["answers"][0]
    assert (whole["valid"], whole["crs"], whole["count"]) == (True, "EPSG:4326", MANY + 4)
    assert codes(whole) == sorted(expected), "none is skipped, none read twice"
    read_as_they_are = set()
    for found in whole["features"]:
        feature = expected[found["values"]["code"]]
        assert found["geometry"] == feature["geometry"]
        assert found["values"].keys() == feature["properties"].keys() | {"id"}
        for name, value in feature["properties"].items():
            # QGIS 3.22 has no field for a list of objects, nor for one that is empty on the first page.
            allowed = [value, None] if isinstance(value, list) else [value]
            assert found["values"][name] in allowed, (feature["id"], name)
        read_as_they_are.update(name for name, value in found["values"].items() if value is not None)
    assert {"name", "start_utc", "radius_m", "precision", "ranges", "reports", "event"} <= read_as_they_are


def test_it_asks_for_a_box(read: dict[str, Any], several_pages: Database) -> None:
    area = parse_bbox(",".join(map(str, BOX)))
    possibly = exported(several_pages, Query(area=area, tier=Tier.PUBLIC))
    # It draws, and so counts, those whose point lies there; the server gives those too whose circle reaches in.
    expected = sorted(code for code, one in possibly.items() if within(one["geometry"]["coordinates"]))
    assert {"market", "n060", "n061", "n062"} <= set(expected)
    assert codes(read["answers"][1]) == expected


def test_it_asks_for_days(read: dict[str, Any], several_pages: Database) -> None:
    start, end = read_interval("2017-04-01/2017-04-10")
    expected = sorted(exported(several_pages, Query(start=start, end=end, tier=Tier.PUBLIC)))
    assert len(expected) > 5
    assert codes(read["answers"][2]) == expected


def test_it_reads_the_other_collections(read: dict[str, Any]) -> None:
    for answer in read["answers"][3:]:
        assert answer["valid"]
        assert len(answer["features"]) == answer["count"] > 0


def test_a_wrong_token_shows_it_nothing(listening: Listening, tmp_path: Path) -> None:
    assert ask_qgis(listening, tmp_path, "iat_wrong")["layers"] == []
