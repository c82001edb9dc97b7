"""What a second, or a newer, file of UCDP GED changes; and what a person changed in between."""

from __future__ import annotations

from pathlib import Path

from ged_files import FEW, claims_of, contents, incident, load_hama, locations_of, put, write_file
from sqlmodel import select

from db.engine import Database
from db.session import read_session, write_session
from db.tables import Attribution, Change, Incident, Report
from db.vocabulary import Category, EventKind, LocationMethod, Outcome, PrecisionLevel
from incidents.claims import ClaimInput, add_claim, withdraw_claim
from incidents.locations import LocationInput, add_location
from incidents.records import IncidentEdit, edit_incident, find_incident

SYRIA = FEW / "syria_few.csv"


def test_boundaries_loaded_later_supersede_the_radius_in_the_next_import(database: Database) -> None:
    put(database, SYRIA)
    area = load_hama(database)
    assert put(database, SYRIA).superseded == 1
    with read_session(database) as session:
        old, new = locations_of(session, "ucdp-216112")
        assert (old.radius_m, new.area_id, new.supersedes_id) == (195_000.0, area, old.id)


def test_importing_again_changes_nothing(database: Database) -> None:
    put(database, SYRIA)
    before = contents(database)
    counts = put(database, SYRIA)
    assert (counts.added, counts.unchanged, counts.superseded) == (0, 7, 0)
    assert contents(database) == before


def test_changed_counts_are_new_claims_that_supersede(database: Database, tmp_path: Path) -> None:
    put(database, SYRIA)
    newer = write_file(tmp_path / "newer.csv", changes={"244276": {"best": "55", "deaths_civilians": "55"}})
    counts = put(database, newer)
    assert (counts.added, counts.unchanged, counts.superseded) == (0, 6, 1)
    with read_session(database) as session:
        claims = claims_of(session, "ucdp-244276")
        old, new = claims["best"], claims["best-2"]
        assert (old.minimum, new.minimum, new.supersedes_id) == (50, 55, old.id)
        assert claims["civilians-2"].subset_of_id == new.id
        # One estimate: what did not change is said again, by the same report.
        assert {claims[end].report_id for end in ("best-2", "low-2", "high-2")} == {new.report_id}
        assert new.report_id != old.report_id
        assert len(locations_of(session, "ucdp-244276")) == 1
    before = contents(database)
    assert put(database, newer).unchanged == 7
    assert contents(database) == before


def test_a_third_version_supersedes_the_second(database: Database, tmp_path: Path) -> None:
    put(database, SYRIA)
    for number in ("60", "61"):
        put(database, write_file(tmp_path / f"{number}.csv", changes={"244276": {"high": number}}))
    with read_session(database) as session:
        claims = claims_of(session, "ucdp-244276")
        assert claims["high-3"].supersedes_id == claims["high-2"].id
        assert (claims["high-2"].maximum, claims["high-3"].maximum) == (60, 61)


def test_a_changed_place_is_a_location_that_supersedes(database: Database, tmp_path: Path) -> None:
    put(database, SYRIA)
    put(database, write_file(tmp_path / "moved.csv", changes={"244276": {"latitude": "36.2", "where_prec": "2"}}))
    with read_session(database) as session:
        old, new = locations_of(session, "ucdp-244276")
        assert (new.supersedes_id, new.lat, new.precision) == (old.id, 36.2, PrecisionLevel.NEAR_SETTLEMENT)


def test_changed_dates_edit_the_incident_through_the_journal(database: Database, tmp_path: Path) -> None:
    put(database, SYRIA)
    changes = {"244276": {"date_end": "2017-03-17", "date_prec": "2"}}
    put(database, write_file(tmp_path / "dates.csv", changes=changes))
    with read_session(database) as session:
        row = incident(session, "ucdp-244276")
        assert (row.version, row.edtf) == (2, "[2017-03-16..2017-03-17]")
        change = session.exec(select(Change).where(Change.table_name == "incident")).one()
        assert (change.row_id, '"edtf":"2017-03-16"' in change.old) == (row.id, True)
        assert find_incident(session, "Al Jinah village, 2017-03-16 (UCDP 244276)").id == row.id
        assert find_incident(session, row.name).id == row.id


def test_a_changed_side_is_withdrawn_and_the_new_one_added(database: Database, tmp_path: Path) -> None:
    put(database, SYRIA)
    put(database, write_file(tmp_path / "sides.csv", changes={"244276": {"side_b": "HTS"}}))
    with read_session(database) as session:
        row = incident(session, "ucdp-244276")
        found = session.exec(select(Attribution).where(Attribution.incident_id == row.id)).all()
        assert [(item.note, item.withdrawn) for item in found] == [
            ("side_a", False), ("side_b", True), ("side_b", False),
        ]  # fmt: skip


def test_a_count_that_is_no_longer_made_is_withdrawn(database: Database, tmp_path: Path) -> None:
    put(database, SYRIA)
    changes = {"244276": {"type_of_violence": "3", "side_b": "Civilians"}}
    put(database, write_file(tmp_path / "kind.csv", changes=changes))
    with read_session(database) as session:
        claims = claims_of(session, "ucdp-244276")
        assert claims["side-b"].withdrawn
        assert "side-b-2" not in claims


def test_events_that_a_newer_file_leaves_out_are_left_alone(database: Database, tmp_path: Path) -> None:
    put(database, write_file(tmp_path / "more.csv", copies=2))
    before = contents(database)
    put(database, write_file(tmp_path / "fewer.csv"))
    after = contents(database)
    for name in ("incident", "claim", "location"):
        assert after[name] == before[name]


def test_what_a_person_made_of_a_record_stands_when_the_same_file_comes_again(database: Database) -> None:
    put(database, SYRIA)
    with write_session(database, who="editor", why="better known") as session:
        edit_incident(session, "ucdp-244276", IncidentEdit(name="Al Jinah mosque", start="2017-03-16T18:55", tz="UTC"))
        withdraw_claim(session, "ucdp-244276-high", on="2017-06-01", why="a mistake")
    before = contents(database)
    assert put(database, SYRIA).unchanged == 7
    assert contents(database) == before


def test_a_persons_edit_stands_against_a_newer_file_and_is_flagged(database: Database, tmp_path: Path) -> None:
    put(database, SYRIA)
    with write_session(database, who="editor", why="better known") as session:
        edit_incident(session, "ucdp-244276", IncidentEdit(start="2017-03-16T18:55", tz="Asia/Damascus"))
    changes = {"244276": {"date_start": "2017-03-15", "date_end": "2017-03-15"}}
    counts = put(database, write_file(tmp_path / "dates.csv", changes=changes))
    assert counts.flags["edited_here"] == 1
    with read_session(database) as session:
        row = incident(session, "ucdp-244276")
        assert row.edtf == "2017-03-16T18:55"
        assert row.name == "Al Jinah village, 2017-03-15 (UCDP 244276)"


def test_an_event_recorded_by_hand_under_the_same_code_is_not_rewritten(database: Database) -> None:
    with write_session(database, who="editor", why="by hand") as session:
        session.add(Incident(code="ucdp-244276", name="Mine", kind=EventKind.AIRSTRIKE))
    counts = put(database, SYRIA)
    assert (counts.added, counts.superseded) == (6, 1)
    with read_session(database) as session:
        assert incident(session, "ucdp-244276").name == "Mine"
        assert claims_of(session, "ucdp-244276")["best"].minimum == 50


def test_a_persons_correction_of_a_claim_or_place_is_not_superseded(database: Database, tmp_path: Path) -> None:
    put(database, SYRIA)
    with write_session(database, who="editor", why="read the article") as session:
        (report,) = {claim.report_id for claim in claims_of(session, "ucdp-244276").values()}
        correction = ClaimInput(
            code="mine", incident="ucdp-244276", source="ucdp", report=session.get_one(Report, report).code,
            outcome=Outcome.KILLED, category=Category.TOTAL_PEOPLE, words="51", supersedes="ucdp-244276-best",
        )  # fmt: skip
        add_claim(session, correction)
        (place,) = locations_of(session, "ucdp-244276")
        session.add(Report(code="walk", publisher_id=place.source_id, title="A walk"))
        session.flush()
        nearer = LocationInput(
            source="ucdp", report="walk", lon=36.8, lat=36.1, precision=PrecisionLevel.EXACT,
            method=LocationMethod.GEOLOCATED, supersedes=place.key,
        )  # fmt: skip
        add_location(session, find_incident(session, "ucdp-244276"), nearer)
    before = contents(database)
    assert put(database, SYRIA).unchanged == 7
    assert contents(database) == before
    changes = {"244276": {"best": "55", "deaths_civilians": "55", "latitude": "36.2"}}
    counts = put(database, write_file(tmp_path / "newer.csv", changes=changes))
    assert counts.flags["edited_here"] == 1
    with read_session(database) as session:
        claims = claims_of(session, "ucdp-244276")
        assert claims["best-2"].supersedes_id is None
        assert claims["low-2"].supersedes_id == claims["low"].id
        assert locations_of(session, "ucdp-244276")[-1].supersedes_id is None
