"""The GeoJSON that leaves: RFC 7946, readable by Shapely and GDAL, and silent on what is hidden."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from db.tables import Incident
from db.vocabulary import EventKind
from incidents.claims import ClaimInput, add_claim
from incidents.exports.columns import CLAIM_COLUMNS, INCIDENT_COLUMNS
from incidents.exports.csvfile import write_claims_csv, write_incidents_csv
from incidents.exports.drawn import drawn_area
from incidents.exports.geojson import write_geojson
from incidents.exports.properties import CARRIED, DERIVED
from incidents.query import Disc, Query, find
from incidents.ranges import Rule
from incidents.records import IncidentEdit, IncidentInput, add_incident, edit_incident
from incidents.same_event import JudgementInput, judge
from incidents.tiers import Tier
from tests.conftest import missing

SECRETS = ("37.98765", "36.54321", "38.11122", "35.33344", "Sealed", "sealed", "77771", "Mrs X", "mrs-x", "secret",
           "working note", "internal remark", "internal word", "see map")  # fmt: skip
"""What no public export of the ledger may hold: true points, closed reports and their figures, a person, notes."""


def written(session: Session, **options: Any) -> bytes:
    out = io.BytesIO()
    keys = find(session, Query(tier=Tier.INTERNAL)).keys()
    write_geojson(session, keys, out, **options)
    return out.getvalue()


def parsed(database: Database, **options: Any) -> dict[str, Any]:
    with read_session(database) as session:
        found: dict[str, Any] = json.loads(written(session, **options))
    return found


def properties(document: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["features"] if one["id"] == code)["properties"]
    return found


@pytest.mark.parametrize("tier", [Tier.PUBLIC, Tier.RESTRICTED])
@pytest.mark.parametrize("areas", [False, True])
def test_no_public_file_holds_what_is_hidden_and_two_are_byte_equal(ledger: Database, tier: Tier, areas: bool) -> None:
    with read_session(ledger) as session:
        keys = find(session, Query(tier=Tier.INTERNAL)).keys()
        files = []
        for write in (write_incidents_csv, write_claims_csv):
            out = io.BytesIO()
            write(session, keys, out)
            files.append(out.getvalue())
        geojson = written(session, tier=tier, areas=areas)
        assert geojson == written(session, tier=tier, areas=areas)
    public = [*files, geojson] if tier is Tier.PUBLIC else []
    for content in public:
        for secret in SECRETS:
            assert secret.encode() not in content, secret
    # A partner sees restricted records, and the true place and the name of a witness no more than the public.
    for secret in ("37.98765", "36.54321", "Mrs X of the street", "working note"):
        assert secret.encode() not in geojson
    with read_session(ledger) as session:
        assert b"37.987654" in written(session, tier=Tier.INTERNAL), "the test would not find a leak"


def test_the_point_of_a_reduced_record_is_its_stored_public_point(ledger: Database) -> None:
    document = parsed(ledger)
    shelter = next(one for one in document["features"] if one["id"] == "shelter")
    assert shelter["geometry"] == {"type": "Point", "coordinates": [37.95, 36.55]}
    # Not "exact within 7 km": the reader knows a cell, and no finer.
    assert (shelter["properties"]["precision"], shelter["properties"]["method"]) == ("region", "centroid")
    assert shelter["properties"]["geoprivacy"] == "reduced"


def test_the_collection_follows_rfc_7946(ledger: Database) -> None:
    document = parsed(ledger, tier=Tier.INTERNAL)
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    located = [one["geometry"]["coordinates"] for one in document["features"] if one["geometry"] is not None]
    lons, lats = zip(*located, strict=True)
    assert document["bbox"] == [min(lons), min(lats), max(lons), max(lats)]
    # Longitude first: Syria lies at 36 to 42 east, 32 to 37 north.
    assert all(lon > 37.9 > lat for lon, lat in located)
    assert [one["id"] for one in document["features"]] == ["clinic", "market", "secret", "shelter", "road"]
    assert all(one["properties"]["code"] == one["id"] for one in document["features"])


def test_areas_are_valid_counterclockwise_multipolygons_with_a_box(ledger: Database) -> None:
    document = parsed(ledger, areas=True)
    drawn = {one["id"]: one for one in document["features"] if one["geometry"] is not None}
    assert sorted(drawn) == ["market", "shelter"]
    for one in drawn.values():
        shape = shapely.geometry.shape(one["geometry"])
        assert one["geometry"]["type"] == "MultiPolygon"
        assert shape.is_valid
        assert all(part.exterior.is_ccw for part in shapely.get_parts(shape))
        assert tuple(one["bbox"]) == shape.bounds
    # The point lies in the polygon of its rival, so the two are one part; each is still listed.
    market = drawn["market"]
    assert len(market["geometry"]["coordinates"]) == 1
    assert len(market["properties"]["locations"]) == 2


def test_a_clockwise_shell_and_its_hole_leave_rewound(ledger: Database) -> None:  # B44
    area = properties(parsed(ledger), "market")["locations"][1]["area"]
    assert shapely.Polygon(area["coordinates"][0]).exterior.is_ccw


def test_an_unlocated_or_hidden_incident_has_a_null_geometry(ledger: Database) -> None:
    document = parsed(ledger)
    shapes = {one["id"]: one["geometry"] for one in document["features"]}
    assert shapes["road"] is None
    assert shapes["clinic"] is None


def test_an_empty_export_is_a_whole_collection(database: Database) -> None:
    document = parsed(database)
    assert (document["features"], "bbox" in document) == ([], False)


@pytest.mark.parametrize("areas", [False, True])
def test_gdal_reads_every_feature_with_its_geometry_and_properties(
    ledger: Database, tmp_path: Path, areas: bool
) -> None:
    path = tmp_path / "out.geojson"
    with read_session(ledger) as session:
        path.write_bytes(written(session, areas=areas))
    document = json.loads(path.read_bytes())
    info = pyogrio.read_info(path)
    assert (info["features"], info["driver"], info["encoding"]) == (4, "GeoJSON", "UTF-8")
    meta, _, shapes, columns = pyogrio.raw.read(path)
    table = dict(zip(meta["fields"], columns, strict=True))
    assert list(table["code"]) == [one["id"] for one in document["features"]]
    assert list(table["name"]) == [one["properties"]["name"] for one in document["features"]]
    for wkb, one in zip(shapes, document["features"], strict=True):
        expected = None if one["geometry"] is None else shapely.geometry.shape(one["geometry"])
        assert (None if wkb is None else shapely.from_wkb(wkb)) == expected
    ranges = json.loads(
        next(text for code, text in zip(table["code"], table["ranges"], strict=True) if code == "market")
    )
    assert ranges["killed_child"]["low"] == 0


def test_ogr2ogr_converts_the_file(ledger: Database, tmp_path: Path) -> None:
    program = shutil.which("ogr2ogr")
    if program is None:
        missing("ogr2ogr is not installed (Debian: gdal-bin); GDAL itself is tested through pyogrio")
    path = tmp_path / "out.geojson"
    with read_session(ledger) as session:
        path.write_bytes(written(session))
    subprocess.run([program, str(tmp_path / "out.gpkg"), str(path)], check=True, timeout=60)
    assert pyogrio.read_info(tmp_path / "out.gpkg")["features"] == 4


def test_a_name_that_is_markup_or_a_formula_is_kept_exactly(ledger: Database) -> None:  # B15, B60
    name = properties(parsed(ledger), "market")["name"]
    assert name == "=Market <img src=x onerror=alert(1)>"


def test_zero_unknown_denied_and_not_assessed_stay_four_things(ledger: Database) -> None:
    market = properties(parsed(ledger), "market")
    ranges = market["ranges"]

    def said(name: str) -> tuple[Any, ...]:
        return tuple(ranges[name][part] for part in ("low", "high", "text", "denied"))

    assert said("killed_child") == (0, 0, "0", False)
    assert said("killed_woman") == (None, None, "unknown", False)
    assert said("killed_man") == (None, None, "unknown", False)  # dozens: said, but no number
    assert said("killed_combatant") == (None, None, "denied", True)
    assert "killed_undetermined_status" not in ranges  # nobody spoke of them
    assert properties(parsed(ledger), "road")["status"] == []  # no investigation is recorded
    assert market["civilian_harm_reported"] == "yes"
    assert properties(parsed(ledger), "road")["civilian_harm_reported"] == "unknown"


def test_a_contradiction_and_open_ends_are_not_smoothed(ledger: Database) -> None:
    civilians = properties(parsed(ledger), "market")["ranges"]["killed_civilian"]
    assert (civilians["text"], civilians["contradictory"], civilians["denied"]) == ("≤30–62", True, True)


def test_two_records_of_one_event_show_one_range_under_one_event_code(ledger: Database) -> None:
    document = parsed(ledger)
    market, shelter = (properties(document, code) for code in ("market", "shelter"))
    assert market["ranges"] == shelter["ranges"]
    assert {found["event"] for one in (market, shelter) for found in one["ranges"].values()} == {"market"}
    assert (market["event"], market["same_as"]) == ("market", ["shelter"])
    assert (shelter["event"], shelter["same_as"]) == ("market", ["market"])


def test_the_code_of_a_hidden_record_does_not_leave_as_the_event(ledger: Database) -> None:
    with write_session(ledger, who="tester", why="one event") as session:
        edit_incident(session, "market", IncidentEdit(visibility="restricted"))
    shelter = properties(parsed(ledger), "shelter")
    assert (shelter["event"], shelter["same_as"]) == ("shelter", [])
    assert "market" not in json.dumps(shelter)


def test_status_names_the_state_and_since_when_and_follows_as_of(ledger: Database) -> None:
    now = properties(parsed(ledger), "market")
    assert now["status"] == [
        {"authority": "The Coalition", "process": "credibility_assessment", "state": "credible", "since": "2018-06-28"},
        {"authority": "Air Arm", "process": "command_investigation", "state": "reported", "since": "2017-03-23"},
    ]
    document = parsed(ledger, as_of=datetime(2017, 8, 1, 23, 59, 59, tzinfo=UTC))
    then = properties(document, "market")
    assert then["status"][0]["state"] == "non_credible"
    assert then["as_of"] == document["as_of"] == "2017-08-01T23:59:59Z"
    assert [grading["grading"] for grading in then["grading"]] == ["fair"]


def test_every_property_is_documented_and_every_feature_has_all(ledger: Database) -> None:
    for one in parsed(ledger, tier=Tier.INTERNAL)["features"]:
        assert set(one["properties"]) == {*CARRIED, *DERIVED} - {"match"}


def test_sources_carry_licence_and_citation(ledger: Database) -> None:
    document = parsed(ledger)
    source = properties(document, "market")["sources"][0]
    assert (source["report"], source["licence"], source["citation"]) == ("monitor-1", "CC BY 4.0", "The Monitor (2017)")
    assert document["licences"] == [{"licence": "CC BY 4.0", "reports": 1}, {"licence": None, "reports": 2}]


def test_a_witness_is_called_witness_below_internal(ledger: Database) -> None:
    public = parsed(ledger)
    assert {claim["source_name"] for claim in properties(public, "market")["claims"] if claim["words"] == "dozens"} == {
        "witness"
    }
    inside = properties(parsed(ledger, tier=Tier.INTERNAL), "market")
    assert "Mrs X of the street" in {claim["source_name"] for claim in inside["claims"]}


def test_a_total_stands_only_where_all_its_incidents_are(ledger: Database) -> None:
    assert [total["code"] for total in parsed(ledger)["claims"]] == ["both"]
    assert [total["code"] for total in parsed(ledger, tier=Tier.INTERNAL)["claims"]] == ["both", "with-secret"]


def test_how_sure_the_place_query_was_is_said(ledger: Database) -> None:
    with read_session(ledger) as session:
        answer = find(session, Query(area=Disc(38.25, 36.125, 3_000), tier=Tier.PUBLIC))
        out = io.BytesIO()
        write_geojson(session, answer.keys(unlocated=True), out, matches=answer.match_of())
    document = json.loads(out.getvalue())
    assert properties(document, "market")["match"] == "possibly"  # its rival polygon reaches further
    assert properties(document, "road")["match"] == "unlocated"


@pytest.mark.parametrize("rule", list(Rule))
def test_the_rule_is_named_beside_every_range(ledger: Database, rule: Rule) -> None:
    document = parsed(ledger, rule=rule)
    ranges = properties(document, "market")["ranges"].values()
    assert {document["rule"], *(found["rule"] for found in ranges)} == {rule.value}


def test_nothing_to_draw_gives_no_shape() -> None:
    assert drawn_area([]) is None


def test_the_memory_of_an_export_does_not_grow_with_its_features(database: Database) -> None:
    class Sink(io.BytesIO):
        def write(self, data: Any) -> int:
            return len(data)

    peaks = []
    for first, last in ((0, 400), (400, 1600)):
        with write_session(database, who="tester", why="many") as session:
            change_set = session.info["change_set_id"]
            session.add_all(
                Incident(
                    code=f"i{number}",
                    name="N" * 400,
                    note="n" * 3_000,
                    kind=EventKind.UNKNOWN,
                    change_set_id=change_set,
                )
                for number in range(first, last)
            )
        with read_session(database) as session:
            keys = find(session, Query()).keys()
            assert len(keys) == last
            tracemalloc.start()
            write_geojson(session, keys, Sink(), tier=Tier.INTERNAL)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert peaks[1] < 2 * peaks[0]


def test_a_judgement_that_cites_a_closed_report_stays_inside(ledger: Database) -> None:
    with write_session(ledger, who="tester", why="evidence") as session:
        add_incident(session, IncidentInput(code="other", name="Other"))
        evidence = "Both are on the sealed list."
        judge(
            session,
            JudgementInput(first="road", second="other", verdict="same", evidence=evidence, reports=("closed-1",)),
        )
        add_claim(
            session,
            ClaimInput(
                incident="other", source="monitor", report="closed-1", outcome="killed", category="civilian", words="8"
            ),
        )
    document = parsed(ledger)
    assert evidence not in json.dumps(document)
    assert properties(document, "road")["same_as"] == ["other"]
    assert properties(document, "other")["ranges"] == {}


def test_columns_and_properties_share_their_words() -> None:
    names = {column.name for column in (*INCIDENT_COLUMNS, *CLAIM_COLUMNS)}
    assert {"start_utc", "time_precision", "event", "geoprivacy"} <= names & {*CARRIED, *DERIVED}
