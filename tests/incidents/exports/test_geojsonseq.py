"""The text sequence: RFC 8142, the same features as the GeoJSON, readable by GDAL."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pyogrio
import pytest

from db.engine import Database
from db.session import read_session
from incidents.exports.geojson import write_geojson
from incidents.exports.geojsonseq import write_geojsonseq
from incidents.exports.selection import Selection
from incidents.query import Query, find
from incidents.tiers import Tier


@pytest.mark.parametrize("areas", [False, True])
def test_the_features_are_those_of_the_geojson(ledger: Database, tmp_path: Path, areas: bool) -> None:
    whole, out = io.BytesIO(), io.BytesIO()
    with read_session(ledger) as session:
        keys = find(session, Query(tier=Tier.INTERNAL)).keys()
        write_geojson(session, keys, whole, areas=areas)
        count = write_geojsonseq(Selection(session, keys, areas=areas), out)
    first, *texts = out.getvalue().split(b"\x1e")
    assert first == b""
    assert all(text.endswith(b"}\n") and text.count(b"\n") == 1 for text in texts)
    assert [json.loads(text) for text in texts] == json.loads(whole.getvalue())["features"]
    file = tmp_path / "all.geojsons"
    file.write_bytes(out.getvalue())
    assert pyogrio.read_info(file)["features"] == count == 4
