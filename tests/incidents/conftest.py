"""A small ledger of invented incidents in which every case that an export must keep apart occurs once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import write_session
from db.tables import Incident
from incidents.attributions import AttributionInput, GradingInput, add_attribution, add_grading
from incidents.claims import ClaimInput, add_claim, withdraw_claim
from incidents.investigations import StepInput, add_step
from incidents.locations import LocationInput, add_location
from incidents.organisations import OrganisationInput, add_organisation
from incidents.records import IncidentInput, StatementInput, add_incident, add_statement, link_report
from incidents.reports import ReportInput, add_report, find_report
from incidents.same_event import JudgementInput, judge
from tests.editions import Edition

ORGANISATIONS: tuple[dict[str, Any], ...] = (
    {"code": "coalition", "name": "The Coalition", "kind": "coalition", "aliases": ["التحالف"]},
    {
        "code": "air-arm",
        "name": "Air Arm",
        "kind": "military",
        "belongs_to": [{"group": "coalition", "kind": "part", "start_date": "2014-06-01"}],
    },
    {"code": "monitor", "name": "The Monitor", "kind": "casualty_monitor", "note": "An internal word."},
    {"code": "echo", "name": "Echo News", "kind": "local_media", "independence_group": "monitor"},
    {"code": "mrs-x", "name": "Mrs X of the street", "kind": "witness"},
)
REPORTS: tuple[dict[str, Any], ...] = (
    {
        "code": "monitor-1",
        "publisher": "monitor",
        "title": "What the Monitor found",
        "url": "https://monitor.example/1",
        "archive_url": "https://archive.example/1",
        "published": "2017-03-24",
        "licence": "CC BY 4.0",
        "citation": "The Monitor (2017)",
        "language": "en",
        "sha256": "a" * 64,
        "retrieved_at": "2018-01-02T03:04:05Z",
    },
    {"code": "coalition-1", "publisher": "coalition", "title": "Monthly report", "published": "2017-07"},
    {
        "code": "closed-1",
        "publisher": "monitor",
        "title": "Sealed list",
        "url": "https://sealed.example/list",
        "visibility": "restricted",
    },
    {"code": "kept-1", "publisher": "echo", "title": "Sealed list, kept back", "may_export": False},
    {"code": "voice-1", "publisher": "mrs-x", "title": "Mrs X speaks", "url": "https://voice.example/mrs-x"},
)
INCIDENTS: tuple[dict[str, Any], ...] = (
    {
        "code": "market",
        "name": "=Market <img src=x onerror=alert(1)>",
        "kind": "airstrike",
        "country": "SY",
        "edtf": "[2017-03-20..2017-03-21]",
        "tz": "Asia/Damascus",
        "part_of_day": "during_the_night",
        "time_words": "the night of 20 March",
        "civilian_harm_reported": "yes",
        "strike_status": "declared",
        "names": [{"name": "السوق", "language": "ar"}, {"name": "+The | market"}],
        "codes": [{"scheme": "airwars", "code": "CS1"}, {"scheme": "airwars", "code": "S1", "former": True}],
        "note": "A working note.",
    },
    {"code": "shelter", "name": "The shelter", "start": "2017-03-21T02:30", "tz": "Asia/Damascus"},
    {"code": "clinic", "name": "The clinic", "start": "2017-03", "window_kind": "duration"},
    {"code": "road", "name": "The road"},
    {"code": "secret", "name": "A record of Mrs X", "visibility": "restricted", "start": "2017-03-21"},
)
LOCATIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "market": (
        {"lon": 38.25, "lat": 36.125, "precision": "within_100m", "method": "geolocated", "is_primary": True},
        {
            "area": {
                "type": "Polygon",  # wound clockwise on purpose (B44)
                "coordinates": [[[38.2, 36.1], [38.2, 36.2], [38.3, 36.2], [38.3, 36.1], [38.2, 36.1]]],
            },
            "precision": "adm3",
            "method": "gazetteer",
            "source": "coalition",
            "report": "coalition-1",
            "place_words": "@the district",
        },
    ),
    "shelter": (
        {
            "lon": 37.987654,
            "lat": 36.543217,
            "precision": "exact",
            "method": "geolocated",
            "geoprivacy": "reduced",
            "public_decimals": 1,
            "place_words": "the house of Mrs X",
            "note": "37.987654 36.543217",
        },
    ),
    "clinic": (
        {"lon": 38.111222, "lat": 35.333444, "precision": "exact", "method": "geolocated", "geoprivacy": "hidden"},
    ),
    "road": ({"precision": "unknown", "method": "gazetteer", "place_words": "somewhere on the road"},),
    "secret": ({"lon": 38.111222, "lat": 35.333444, "precision": "exact", "method": "geolocated"},),
}
CLAIMS: tuple[dict[str, Any], ...] = (
    {"category": "civilian", "words": "at least 33", "stated": "2017-03-22", "locator": "p. 2", "note": "see map"},
    {"category": "civilian", "words": "up to 30", "source": "echo"},
    {"category": "civilian", "words": "between 37 and 62", "source": "monitor", "code": "market-late"},
    {"category": "civilian", "words": "none (denied)", "source": "coalition", "report": "coalition-1"},
    {"category": "total_people", "words": "more than 100"},
    {"category": "total_people", "words": "fewer than 200"},
    {"category": "total_people", "words": "almost 150"},
    {"category": "total_people", "words": "around 140"},
    {"category": "child", "bound": "exact", "minimum": 0, "maximum": 0, "subset_of": "market-late"},
    {"category": "woman", "words": "unknown"},
    {"category": "man", "words": "dozens", "source": "mrs-x", "report": "voice-1"},
    {"category": "combatant", "words": "none (denied)", "source": "coalition", "report": "coalition-1"},
    {"category": "total_people", "outcome": "injured", "words": "12", "perpetrator": "coalition", "strength": "likely"},
    {"category": "civilian", "words": "77771", "report": "closed-1", "code": "sealed-count"},
    {"category": "civilian", "words": "77771 or more", "report": "kept-1", "source": "echo"},
    {"category": "civilian", "words": "about 40", "supersedes": "sealed-count", "as_of": "2017-04"},
)


def build_ledger(session: Session) -> None:
    """Record everything above through the functions that a command calls."""
    for organisation in ORGANISATIONS:
        add_organisation(session, OrganisationInput.model_validate(organisation))
    for report in REPORTS:
        add_report(session, ReportInput.model_validate(report))
    rows = {data["code"]: add_incident(session, IncidentInput.model_validate(data)) for data in INCIDENTS}
    usual = {"source": "monitor", "report": "monitor-1"}
    for code, places in LOCATIONS.items():
        for place in places:
            add_location(session, rows[code], LocationInput.model_validate(usual | place))
    for claim in CLAIMS:
        add_claim(session, ClaimInput.model_validate({"incident": "market", "outcome": "killed"} | usual | claim))
    _add_more_claims(session, usual)
    _add_status(session, rows["market"], usual)
    link_report(session, rows["road"], find_report(session, "coalition-1"))
    judge(
        session,
        JudgementInput(first="shelter", second="market", verdict="same", evidence="One night.", reports=("monitor-1",)),
    )
    judge(session, JudgementInput(first="clinic", second="road", verdict="unsure", evidence="Both in March."))


def _add_more_claims(session: Session, usual: dict[str, str]) -> None:
    shared = {"outcome": "killed", "category": "civilian"} | usual
    add_claim(session, ClaimInput.model_validate({"incident": "shelter", "words": "41", "code": "taken-back"} | shared))
    withdraw_claim(session, "taken-back", on="2018-02-03", why="Counted twice.")
    add_claim(session, ClaimInput.model_validate({"incident": "clinic", "words": "5", "side": "coalition"} | shared))
    add_claim(session, ClaimInput.model_validate({"incident": "secret", "words": "77771"} | shared))
    for code, members in (("both", ["market", "clinic"]), ("with-secret", ["market", "secret"])):
        total = {"code": code, "scope": "incident_set", "incidents": members, "words": "90"}
        add_claim(session, ClaimInput.model_validate(total | shared))


def _add_status(session: Session, incident: Incident, usual: dict[str, str]) -> None:
    blamed = {"organisation": "coalition", "strength": "likely", "by": "monitor", "report": "monitor-1"}
    add_attribution(session, incident, AttributionInput.model_validate(blamed | {"stated": "2017-03-24"}))
    by_witness = {"organisation": "coalition", "strength": "alleged", "by": "mrs-x", "report": "voice-1"}
    add_attribution(session, incident, AttributionInput.model_validate(by_witness))
    for grading, graded in (("fair", "2017-04-01"), ("confirmed", "2018-06-28")):
        add_grading(session, incident, GradingInput(grading=grading, by="monitor", graded=graded, why="Its method."))
    thread = {"authority": "coalition", "why": "Its own report.", "report": "coalition-1"}
    add_step(session, incident, StepInput.model_validate(thread | {"state": "open", "taken": "2017-03-22"}))
    found = add_step(
        session, incident, StepInput.model_validate(thread | {"state": "non_credible", "taken": "2017-07-07"})
    )
    correction = {"state": "credible", "taken": "2018-06-28", "corrects": found.key, "note": "An internal remark."}
    add_step(session, incident, StepInput.model_validate(thread | correction))
    other = {"authority": "air-arm", "process": "command_investigation", "why": "Named.", "state": "reported"}
    add_step(session, incident, StepInput.model_validate(other | {"taken": "2017-03-23", "reason": "self_report"}))
    saying = {"by": "mrs-x", "report": "voice-1", "words": "There was a second strike.", "uncertain_target": True}
    add_statement(session, incident, StatementInput.model_validate(saying))
    session.flush()


def fill(database: Database) -> None:
    """Record the ledger in ``database``."""
    with write_session(database, who="tester", why="an invented ledger") as session:
        build_ledger(session)


@pytest.fixture
def ledger(edition: Edition) -> Iterator[Database]:
    """A database of this test's own that holds the ledger."""
    made = edition.copy(edition.prepared("ledger", fill))
    yield made
    edition.remove(made)
