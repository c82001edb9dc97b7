"""Plain functions that record an invented incident and what is said of it, for tests of the core."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from db.tables import Claim, Incident, Investigation, InvestigationStep, Judgement, Location, Organisation, Report
from db.vocabulary import Bound, Category, Outcome, PlaceKind, Process, Scope
from gazetteer.sources.areas import store_area
from gazetteer.sources.store import PlaceRecord, PlaceWriter
from incidents.claims import ClaimInput, add_claim
from incidents.inputs import validated
from incidents.investigations import StepInput, add_step
from incidents.locations import LocationInput, add_location
from incidents.organisations import OrganisationInput, add_organisation
from incidents.ranges import Figure
from incidents.records import IncidentInput, add_incident
from incidents.reports import ReportInput, add_report
from incidents.same_event import JudgementInput, judge

SOURCES = ("monitor", "observatory", "coalition")


def organisation(session: Session, code: str, **given: Any) -> Organisation:
    """An organisation; a monitor unless told."""
    data = {"code": code, "name": code.title(), "kind": "casualty_monitor"} | given
    return add_organisation(session, validated(OrganisationInput, data, where="organisation"))


def report(session: Session, code: str, **given: Any) -> Report:
    """A report of the monitor, published on 24 March 2017 unless told."""
    data = {"code": code, "publisher": "monitor", "title": code, "published": "2017-03-24"} | given
    return add_report(session, validated(ReportInput, data, where="report"))


def basics(session: Session) -> None:
    """Three sources and a report of each (``monitor-1`` ...), published on 24 March 2017."""
    for code in SOURCES:
        organisation(session, code)
        report(session, f"{code}-1", publisher=code)


def incident(session: Session, code: str, **given: Any) -> Incident:
    """An incident of 17 March 2017 in Baghdad's zone unless told."""
    data = {"code": code, "name": code.title(), "start": "2017-03-17", "tz": "Asia/Baghdad"} | given
    return add_incident(session, validated(IncidentInput, data, where="incident"))


def claim(session: Session, about: str | None, words: str | None = None, **given: Any) -> Claim:
    """A claim of the monitor on civilians killed unless told; cites the report of its source."""
    data: dict[str, Any] = {"incident": about, "words": words, "source": "monitor"} | given
    data = {"report": f"{data['source']}-1", "outcome": "killed", "category": "civilian"} | data
    return add_claim(session, validated(ClaimInput, data, where="claim"))


def location(session: Session, about: Incident, **given: Any) -> Location:
    """A location of the monitor: an exact point unless told."""
    data = {"source": "monitor", "report": "monitor-1", "precision": "exact", "method": "geolocated"} | given
    return add_location(session, about, validated(LocationInput, data, where="location"))


def point(session: Session, about: Incident, lon: float, lat: float, **given: Any) -> Location:
    """A location at (lon, lat)."""
    return location(session, about, lon=lon, lat=lat, **given)


def step(session: Session, about: Incident, state: str, taken: str, **given: Any) -> InvestigationStep:
    """A step of the coalition's credibility assessment unless told."""
    data = {"authority": "coalition", "state": state, "taken": taken, "why": "Its own statement."} | given
    return add_step(session, about, validated(StepInput, data, where="step"))


def same(session: Session, first: str, second: str, verdict: str = "same", **given: Any) -> Judgement:
    """A judgement on two incidents."""
    data = {"first": first, "second": second, "verdict": verdict, "evidence": "One place, one night."} | given
    return judge(session, validated(JudgementInput, data, where="judgement"))


def bare_thread(session: Session, about: Incident) -> Investigation:
    """A thread without steps, for statements that bypass the functions."""
    found = Investigation(incident_id=about.key, authority_id=1, process=Process.COURT)
    session.add(found)
    session.flush()
    return found


def end_of(day: str) -> datetime:
    """The last second of a day, UTC."""
    return datetime.fromisoformat(f"{day}T23:59:59").replace(tzinfo=UTC)


def figure(
    key: int, bound: Bound = Bound.EXACT, minimum: int | None = None, maximum: int | None = None, **given: Any
) -> Figure:
    """A figure on civilians killed, of a source, report and group of its own unless told."""
    plain: dict[str, Any] = {
        "code": f"c{key}",
        "outcome": Outcome.KILLED,
        "category": Category.CIVILIAN,
        "words": None,
        "source": f"source {key}",
        "source_id": key,
        "report_id": key,
        "group": f"group-{key}",
        "known_from": None,
        "official": False,
        "scope": Scope.INCIDENT,
    }
    return Figure(key=key, bound=bound, minimum=minimum, maximum=maximum, **(plain | given))


def place(
    session: Session, name: str, lon: float, lat: float, *, kind: PlaceKind = PlaceKind.SETTLEMENT, **given: Any
) -> None:
    """A gazetteer entry of source ``test``; ``polygon`` is its area."""
    polygon = given.pop("polygon", None)
    if polygon is not None:
        given["area_id"] = store_area(session, polygon)
    record = PlaceRecord(source="test", source_key=f"{name}-{lon}", name=name, kind=kind, lon=lon, lat=lat, **given)
    PlaceWriter(session).write([record])
    session.flush()
