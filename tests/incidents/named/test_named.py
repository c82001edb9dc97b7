"""The load of the named incidents: complete, idempotent, cited, and careful of what people did since."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import asdict

import pytest
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import AtlasError
from db.session import write_session
from db.tables import (
    Attribution,
    Claim,
    GradingRow,
    Incident,
    IncidentReport,
    InvestigationStep,
    JudgementReport,
    Location,
    Report,
    Statement,
)
from incidents import named as package
from incidents.claims import find_claim, withdraw_claim
from incidents.named import File, NamedCounts, data_files, load_named
from incidents.organisations import find_organisation
from incidents.records import find_incident
from incidents.same_event import JudgementInput, events, judge

FOUR = {"mosul-2017-03-17", "raqqa-school", "al-jinah", "aleppo-mosque"}


def test_the_load_adds_every_row_of_the_data_files(loaded: tuple[Database, NamedCounts]) -> None:
    expected: Counter[str] = Counter(incidents=4)
    for file in data_files():
        for kind, rows in file.content.items():
            if kind != "incident":
                expected[kind] += len(rows)
    assert asdict(loaded[1]) == {"names": 0, **expected}
    assert min(expected.values()) >= 1


def test_the_four_incidents_are_recorded_as_they_were_named(named: Session) -> None:
    assert set(named.exec(select(Incident.code))) == FOUR


def test_a_second_load_adds_nothing(own_named: Session) -> None:
    assert load_named(own_named).total == 0


def test_a_newer_file_adds_what_is_new_in_it(own_named: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    newer = deepcopy(data_files())
    school = next(file for file in newer if file.name == "raqqa-school.toml").content
    school["incident"]["names"].append({"name": "Mansoura shelter"})
    school["incident"]["codes"].append({"scheme": "other", "code": "X1"})
    school["claims"].append(school["claims"][-1] | {"code": "school-un-later", "stated": "2018-04"})
    school["statements"].append(school["statements"][0] | {"words": "Something else."})
    organisations = next(file for file in newer if file.name == "organisations.toml").content
    organisations["organisations"][0]["aliases"].append("Anti-ISIS coalition")
    monkeypatch.setattr(package, "data_files", lambda: newer)
    assert load_named(own_named) == NamedCounts(names=3, claims=1, statements=1)
    assert find_incident(own_named, "X1").code == "raqqa-school"
    assert find_organisation(own_named, "anti-isis coalition").code == "us-led-coalition"


def test_a_load_leaves_what_people_did_since(own_named: Session) -> None:
    withdraw_claim(own_named, "jinah-fact-75", on="2018-01-01", why="taken back")
    judge(own_named, JudgementInput(first="al-jinah", second="aleppo-mosque", verdict="undecided", evidence="a doubt"))
    own_named.flush()
    assert load_named(own_named).total == 0
    assert find_claim(own_named, "jinah-fact-75").withdrawn
    assert events(own_named) == {}


def test_an_error_names_the_file_and_the_row(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = deepcopy(data_files())
    next(file for file in broken if file.name == "al-jinah.toml").content["claims"][2]["minimum"] = -1
    monkeypatch.setattr(package, "data_files", lambda: broken)
    with pytest.raises(AtlasError) as caught, write_session(database, who="tester", why="a test") as session:
        load_named(session)
    assert caught.value.where is not None
    assert caught.value.where.startswith("al-jinah.toml, claims 3")


def test_a_misspelt_label_names_the_file_and_the_row(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = deepcopy(data_files())
    next(file for file in broken if file.name == "al-jinah.toml").content["locations"][-1]["supersedes"] = "nowhere"
    monkeypatch.setattr(package, "data_files", lambda: broken)
    with pytest.raises(AtlasError) as caught, write_session(database, who="tester", why="a test") as session:
        load_named(session)
    assert caught.value.code == "unknown_label"
    assert caught.value.where == "al-jinah.toml, locations 5"


def test_what_is_said_of_an_incident_needs_a_file_about_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = {"statements": [{"by": "sohr", "report": "seed-000", "words": "Something."}]}
    whole = [*data_files(), File("stray.toml", stray)]
    monkeypatch.setattr(package, "data_files", lambda: whole)
    with pytest.raises(AtlasError) as caught, write_session(database, who="tester", why="a test") as session:
        load_named(session)
    assert caught.value.code == "no_incident"


# Citation


def test_every_row_of_the_data_files_cites_a_report_and_organisations_by_code() -> None:
    files = data_files()
    reports = {row["code"] for file in files for row in file.content.get("reports", [])}
    organisations = {row["code"] for file in files for row in file.content.get("organisations", [])}
    for file in files:
        for kind in ("locations", "claims", "attributions", "gradings", "statements", "steps"):
            for row in file.content.get(kind, []):
                assert row["report"] in reports, (file.name, kind, row)
                names = {
                    row.get(field) for field in ("source", "by", "organisation", "authority", "perpetrator", "side")
                }
                assert names - {None} <= organisations, (file.name, kind, row)


def test_every_step_and_grading_that_is_stored_has_its_report(named: Session) -> None:
    assert named.exec(select(InvestigationStep).where(col(InvestigationStep.report_id).is_(None))).all() == []
    assert named.exec(select(GradingRow).where(col(GradingRow.report_id).is_(None))).all() == []


def test_every_report_is_cited_by_something(named: Session) -> None:
    cited: set[int | None] = set()
    for column in (
        Claim.report_id, Location.report_id, Attribution.report_id, Statement.report_id, InvestigationStep.report_id,
        JudgementReport.report_id,
    ):  # fmt: skip
        cited |= set(named.exec(select(column)))
    uncited = {row.code for row in named.exec(select(Report)) if row.id not in cited}
    assert uncited == set()


def test_the_reports_of_an_incident_are_linked_to_it(named: Session) -> None:
    query = select(Report.code).join(IncidentReport).where(
        IncidentReport.incident_id == find_incident(named, "raqqa-school").key
    )  # fmt: skip
    assert {"airwars-cs598", "hrw-2017-09-24", "cjtf-oir-2018-06-28"} <= set(named.exec(query))
