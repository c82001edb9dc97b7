"""What a newer file of Airwars or ACLED changes, and what a person changed in between; all rows are made up."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from acled_files import MADE_UP as ACLED
from acled_files import write_changed
from ged_files import contents
from sqlmodel import Session, select

from db.engine import Database
from db.errors import ConflictError
from db.session import read_session, write_session
from db.tables import Attribution, Change, Claim, GradingRow, ImportRow, Incident, Location, Report
from incidents.claims import ClaimInput, add_claim, withdraw_claim
from incidents.dossiers import dossier
from incidents.exports.geojson import write_geojson
from incidents.importers import foreign_run
from incidents.importers.acled import import_acled
from incidents.importers.airwars import import_airwars
from incidents.importers.own_geojson import import_geojson
from incidents.importers.rows import Outcome
from incidents.query import Query, find
from incidents.records import IncidentEdit, IncidentInput, add_incident, edit_incident, find_incident
from incidents.tiers import Tier
from tests.conftest import ROOT

AIRWARS = ROOT / "tests" / "fixtures" / "airwars" / "made_up.json"

Change_ = Callable[..., Path]


def airwars(database: Database, path: Path = AIRWARS) -> Outcome:
    with write_session(database, who="tester", why="an import") as session:
        return import_airwars(session, path)


def acled(database: Database, path: Path = ACLED) -> Outcome:
    with write_session(database, who="tester", why="an import") as session:
        return import_acled(session, path)


def counts(outcome: Outcome) -> tuple[int, int, int]:
    return outcome.added, outcome.unchanged, outcome.superseded


@pytest.fixture
def newer(tmp_path: Path) -> Change_:
    """Writes the made-up file of Airwars as it is a year later, with other values in its first incident."""

    def to_file(party: dict[str, Any] | None = None, keep: int = 2, **values: Any) -> Path:
        rows = json.loads(AIRWARS.read_text("utf-8"))[:keep]
        rows[0] |= {"post_modified": "2020-06-07 10:00:00"} | values
        rows[0]["belligerents"][0] |= party or {}
        path = tmp_path / f"newer-{len(list(tmp_path.iterdir()))}.json"
        path.write_text(json.dumps(rows), "utf-8")
        return path

    return to_file


@pytest.fixture
def events(tmp_path: Path) -> Change_:
    """Writes the made-up file of ACLED as it is later, with other values in its first event."""

    return functools.partial(write_changed, tmp_path / "newer.csv")


def claims(session: Session, code: str = "airwars-CS9001") -> dict[str, Claim]:
    key = find_incident(session, code).key
    rows = session.exec(select(Claim).where(Claim.incident_id == key)).all()
    return {row.code.removeprefix(f"{code}-"): row for row in rows}


def records(session: Session, table: Any, code: str = "airwars-CS9001") -> list[Any]:
    key = find_incident(session, code).key
    return list(session.exec(select(table).where(table.incident_id == key).order_by(table.id)).all())


def steps(session: Session, code: str = "airwars-CS9001") -> list[tuple[str, str, str]]:
    one = dossier(session, find_incident(session, code).key, tier=Tier.INTERNAL)
    assert one is not None
    (thread,) = one.threads
    return [(step.kind.value, step.state.value, step.taken) for step in thread.steps]


def test_a_changed_figure_is_a_claim_of_the_new_file_that_supersedes(database: Database, newer: Change_) -> None:
    airwars(database)
    file = newer(civilian_non_combatants_killed_max=11)
    assert counts(airwars(database, file)) == (0, 1, 1)
    with read_session(database) as session:
        found = claims(session)
        old, new = found["civilian-killed"], found["civilian-killed-2"]
        assert (old.minimum, old.maximum, new.minimum, new.maximum) == (4, 9, 4, 11)
        assert (new.supersedes_id, old.withdrawn) == (old.id, False)
        report = session.get_one(Report, new.report_id)
        assert report.code.startswith("airwars-file-")
        assert (file.name in report.title, report.sha256 is not None) == (True, True)
        # What did not change was not said again.
        assert "child-killed-2" not in found
        assert len(records(session, Location)) == 2
    before = contents(database)
    assert counts(airwars(database, file)) == (0, 2, 0)
    assert contents(database) == before


def test_how_many_rows_go_together_makes_no_difference(
    database: Database, edition: Any, newer: Change_, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = edition.empty()
    try:
        files = [AIRWARS, newer({"assessment_slug": "non_credible"}, civilian_non_combatants_killed_max=11)]
        told: list[tuple[int, int]] = []
        for one, size in ((database, 500), (other, 1)):
            monkeypatch.setattr(foreign_run, "BATCH", size)
            for file in files:
                with write_session(one, who="tester", why="an import") as session:
                    import_airwars(session, file, progress=lambda done, whole: told.append((done, whole)))
        assert exported(other) == exported(database)
        sizes = [file.stat().st_size for file in files]
        assert [told[1][0], told[3][0], told[6][0], told[9][0]] == sizes * 2
        assert all(done <= whole for done, whole in told)
    finally:
        edition.remove(other)


def test_a_third_file_supersedes_the_second(database: Database, newer: Change_) -> None:
    airwars(database)
    for most in (11, 12):
        airwars(database, newer(civilian_non_combatants_killed_max=most))
    with read_session(database) as session:
        found = claims(session)
        assert found["civilian-killed-3"].supersedes_id == found["civilian-killed-2"].id


def test_a_figure_that_is_no_longer_given_is_withdrawn_and_may_come_back(database: Database, newer: Change_) -> None:
    airwars(database)
    gone = newer(children_killed_min=None, children_killed_max=None)
    assert airwars(database, gone).superseded == 1
    with read_session(database) as session:
        claim = claims(session)["child-killed"]
        assert (claim.withdrawn, claim.withdrawn_on is not None) == (True, True)
        assert "no longer gives it: newer-" in str(claim.withdrawn_why)
    assert airwars(database, newer()).superseded == 1
    with read_session(database) as session:
        again = claims(session)["child-killed-2"]
        assert (again.minimum, again.withdrawn) == (2, False)


def test_null_and_zero_are_two_changes(database: Database, newer: Change_) -> None:
    airwars(database)
    airwars(database, newer(women_killed_min=0, women_killed_max=0))
    with read_session(database) as session:
        assert (claims(session)["woman-killed"].minimum, claims(session)["woman-killed"].maximum) == (0, 0)
    airwars(database, newer())
    with read_session(database) as session:
        assert claims(session)["woman-killed"].withdrawn


def test_a_place_that_moved_supersedes_the_old_one(database: Database, newer: Change_) -> None:
    airwars(database)
    airwars(database, newer(latitude="35.6", geolocation_accuracy_name="Exact location (via Airwars)"))
    with read_session(database) as session:
        village, square, exact = records(session, Location)
        assert (exact.supersedes_id, exact.lat, exact.radius_m) == (village.id, 35.6, 25.0)
        assert not square.withdrawn


def test_status_and_window_are_edited_through_the_journal(database: Database, newer: Change_) -> None:
    airwars(database)
    airwars(database, newer(strike_status_slug="likely-strike", strike_status_name="Likely strike", date="2017-03-01"))
    with read_session(database) as session:
        row = find_incident(session, "airwars-CS9001")
        assert (row.strike_status, row.edtf, row.version) == ("likely", "[2017-03-01..2017-03-03]", 2)
        change = session.exec(select(Change).where(Change.table_name == "incident")).one()
        assert '"strike_status":"declared"' in change.old


def test_a_changed_grading_is_added_behind_the_old_one(database: Database, newer: Change_) -> None:
    airwars(database)
    airwars(database, newer(civilian_harm_status_slug="fair", civilian_harm_status_name="Fair"))
    airwars(database, newer(civilian_harm_status_slug=None, civilian_harm_status_name=None))
    with read_session(database) as session:
        assert [row.grading.value for row in records(session, GradingRow)] == ["confirmed", "fair", "ungraded"]


ASSESSED = {
    "non_credible": [("corrected", "non_credible", "2019-05-06/2020-06-07")],
    "open_incident": [("reopened", "open", "2019-05-06/2020-06-07")],
    "not_yet_assessed": [("withdrawn", "not_assessed", "2019-05-06/2020-06-07")],
    "credible": [],
}


@pytest.mark.parametrize("state", ASSESSED)
def test_a_changed_assessment_is_a_step_between_the_two_files(database: Database, newer: Change_, state: str) -> None:
    airwars(database)
    file = newer({"assessment_slug": state})
    airwars(database, file)
    with read_session(database) as session:
        first = [("opened", "open", "2017-03-02/2019-05-06"), ("concluded", "credible", "2017-03-02/2019-05-06")]
        assert steps(session) == first + ASSESSED[state]
    before = contents(database)
    assert airwars(database, file).unchanged == 2
    assert contents(database) == before


def test_a_changed_attribution_is_withdrawn_and_the_new_one_added(database: Database, newer: Change_) -> None:
    airwars(database)
    airwars(database, newer({"type": "suspected"}))
    with read_session(database) as session:
        found = [(row.strength.value, row.withdrawn) for row in records(session, Attribution)]
        assert found == [("confirmed", True), ("alleged", False), ("alleged", False), ("alleged", False)]


def test_an_older_file_changes_nothing_and_says_so(database: Database, newer: Change_) -> None:
    airwars(database, newer(civilian_non_combatants_killed_max=11))
    before = {name: rows for name, rows in contents(database).items() if name not in {"change_set", "import_run"}}
    outcome = airwars(database)
    assert (counts(outcome), outcome.flagged) == ((0, 2, 0), 1)
    after = contents(database)
    assert {name: after[name] for name in ("incident", "claim", "location")} == {
        name: before[name] for name in ("incident", "claim", "location")
    }
    with read_session(database) as session:
        assert [row.reason for row in session.exec(select(ImportRow))] == ["older_row"]


def test_rows_that_vanished_are_named_and_left(database: Database, newer: Change_) -> None:
    airwars(database)
    outcome = airwars(database, newer(keep=1))
    assert (outcome.missing, outcome.missing_count) == (("airwars-CS9003",), 1)
    with read_session(database) as session:
        assert not find_incident(session, "airwars-CS9003").withdrawn
        assert not claims(session, "airwars-CS9003")["civilian-killed"].withdrawn


def test_an_incident_that_got_another_code_stays_one(database: Database, newer: Change_) -> None:
    airwars(database)
    outcome = airwars(database, newer(code="CS9100", previous_codes="CS9001 S901"))
    assert (counts(outcome), outcome.flagged, outcome.missing) == ((0, 1, 1), 1, ())
    with read_session(database) as session:
        assert find_incident(session, "CS9100").code == "airwars-CS9001"
        assert len(session.exec(select(Incident)).all()) == 2


def test_a_former_code_that_is_another_rows_is_no_bridge(database: Database, tmp_path: Path) -> None:
    airwars(database)
    rows = json.loads(AIRWARS.read_text("utf-8"))
    rows.insert(0, {"code": "CS9200", "previous_codes": "CS9003", "date": "2017-03-05", "country_name": "Iraq"})
    path = tmp_path / "split.json"
    path.write_text(json.dumps(rows), "utf-8")
    assert counts(airwars(database, path)) == (1, 2, 0)


def test_the_same_incident_twice_in_a_file_is_refused(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "twice.json"
    path.write_text(json.dumps(json.loads(AIRWARS.read_text("utf-8"))[1:] * 2), "utf-8")
    for _ in range(2):
        with write_session(database, who="tester", why="an import") as session:
            outcome = import_airwars(session, path, partial=True)
        assert [one.error.code for one in outcome.rejected] == ["duplicate_id"]


def test_what_a_person_made_of_it_stands(database: Database, newer: Change_) -> None:
    airwars(database)
    with write_session(database, who="editor", why="better known") as session:
        edit_incident(
            session, "airwars-CS9001", IncidentEdit(name="The village", start="2017-03-02", tz="Asia/Damascus")
        )
        withdraw_claim(session, "airwars-CS9001-child-killed", on="2019-06-01", why="a mistake")
        correction = {"code": "mine", "incident": "airwars-CS9001", "source": "airwars", "report": "airwars-CS9001",
                      "outcome": "killed", "category": "civilian", "bound": "exact", "minimum": 7, "maximum": 7,
                      "locator": "civilian_non_combatants", "supersedes": "airwars-CS9001-civilian-killed"}  # fmt: skip
        add_claim(session, ClaimInput.model_validate(correction))
    before = contents(database)
    assert counts(airwars(database)) == (0, 2, 0)
    assert contents(database) == before
    outcome = airwars(database, newer(civilian_non_combatants_killed_max=11, date="2017-03-01"))
    assert (outcome.superseded, outcome.flagged) == (1, 1)
    with read_session(database) as session:
        assert find_incident(session, "airwars-CS9001").edtf == "2017-03-02"
        assert claims(session)["civilian-killed-2"].supersedes_id is None
        assert claims(session)["child-killed"].withdrawn
        (flag,) = session.exec(select(ImportRow)).all()
        assert (flag.reason, "claim" in flag.message) == ("edited_here", True)


def test_what_no_import_recorded_is_compared_and_never_changed(
    database: Database, edition: Any, tmp_path: Path
) -> None:
    with write_session(database, who="editor", why="by hand") as session:
        add_incident(session, IncidentInput(code="airwars-CS9003", name="Mine", country="IQ"))
    with pytest.raises(ConflictError, match="CS9003 is recorded already"):
        airwars(database)
    # A copy by way of our own export says what the file says.
    other, copy = edition.empty(), edition.empty()
    try:
        airwars(other)
        path = tmp_path / "all.geojson"
        path.write_bytes(exported(other))
        with write_session(copy, who="tester", why="a copy") as session:
            import_geojson(session, path)
        assert counts(airwars(copy)) == (0, 2, 0)
    finally:
        edition.remove(other)
        edition.remove(copy)


def exported(database: Database) -> bytes:
    out = io.BytesIO()
    with read_session(database) as session:
        write_geojson(session, find(session, Query(tier=Tier.INTERNAL)).keys(), out, tier=Tier.INTERNAL)
    return out.getvalue()


def test_a_changed_event_of_acled_is_superseded_and_stays_inside(database: Database, events: Change_) -> None:
    acled(database)
    file = events(fatalities="6", geo_precision="2", timestamp="1600000000")
    assert counts(acled(database, file)) == (0, 2, 1)
    with read_session(database) as session:
        found = claims(session, "acled-SYR900001")
        assert (found["fatalities-2"].minimum, found["fatalities-2"].supersedes_id) == (6, found["fatalities"].id)
        report = session.get_one(Report, found["fatalities-2"].report_id)
        assert (report.may_export, report.licence) == (False, "ACLED's terms: not to be passed on")
        town, near = records(session, Location, "acled-SYR900001")
        assert (near.supersedes_id, near.source_code) == (town.id, "2")
    before = contents(database)
    assert counts(acled(database, file)) == (0, 3, 0)
    assert contents(database) == before


def test_a_later_change_of_something_else_does_not_widen_the_window(database: Database, tmp_path: Path) -> None:
    acled(database)
    text = ACLED.read_text("utf-8").replace("1489968000", "1600000000")  # of the event of precision 3
    path = tmp_path / "touched.csv"
    path.write_text(text, "utf-8")
    assert counts(acled(database, path)) == (0, 2, 1)
    with read_session(database) as session:
        row = find_incident(session, "acled-IRQ900003")
        assert row.edtf == "[2017-03-01..2017-03-20]"
        assert "timestamp: 1600000000" in str(row.note)
