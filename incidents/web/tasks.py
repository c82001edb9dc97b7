"""The forms of the work pages: what their fields become, and the functions of the product that they call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from db.errors import AtlasError, InputError
from db.tables import Incident
from gazetteer.points import parse_number
from incidents.claims import ClaimInput, add_claim
from incidents.inputs import validated
from incidents.investigations import StepInput, add_step
from incidents.locations import LocationInput, add_location
from incidents.organisations import find_organisation
from incidents.reports import ReportInput, add_report
from incidents.same_event import JudgementInput, judge

FIELD_OF_CODE = {
    "illegal_move": "state",
    "open_date": "taken",
    "correction_names_step": "corrects",
    "correction_too_early": "corrects",
    "unknown_step": "corrects",
    "unknown_report": "report",
    "unknown_place": "place",
    "ambiguous_place": "place",
    "one_place": "place",
    "located_unknown": "precision",
    "precision_too_fine": "precision",
    "unknown_claim": "supersedes",
    "not_a_successor": "supersedes",
    "superseded_already": "supersedes",
    "missing_count": "words",
    "unknown_incident": "second",
    "same_record": "second",
    "contradicting_judgement": "verdict",
    "duplicate_code": "report",
    "why_missing": "why",
}
"""The field that an error is about, where the error itself names none of the form."""
NEW_REPORT = {"report_title": "title", "report_url": "url", "report_published": "published"}


@dataclass(frozen=True)
class Task:
    """A kind of work: its fields, and what records them.

    ``organisations`` are the fields that name one: each is looked up by itself, so that the error names the field.
    """

    name: str
    fields: tuple[str, ...]
    organisations: tuple[str, ...]
    record: Callable[[Session, Incident, dict[str, Any]], None]


def _step(session: Session, incident: Incident, data: dict[str, Any]) -> None:
    if "corrects" in data:
        data["corrects"] = _whole(data["corrects"], "corrects")
    add_step(session, incident, validated(StepInput, data, where="step"))


def _claim(session: Session, incident: Incident, data: dict[str, Any]) -> None:
    data.pop("why")
    add_claim(session, validated(ClaimInput, data | {"incident": incident.code}, where="claim"))


def _place(session: Session, incident: Incident, data: dict[str, Any]) -> None:
    data.pop("why")
    for name in ("lon", "lat", "radius_m"):
        if name in data:
            data[name] = parse_number(data[name], where=name)
    if "supersedes" in data:
        data["supersedes"] = _whole(data["supersedes"], "supersedes")
    data["is_primary"] = "is_primary" in data
    data.setdefault("method", "gazetteer" if "place" in data else "geolocated")
    add_location(session, incident, validated(LocationInput, data, where="location"))


def _same(session: Session, incident: Incident, data: dict[str, Any]) -> None:
    data["evidence"] = data.pop("why")
    judge(session, validated(JudgementInput, data | {"first": incident.code}, where="judgement"))


def _whole(text: str, field: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InputError("not_a_number", "This is no number of the list.", where=field, got=text)
    return int(text)


TASKS = {
    task.name: task
    for task in (
        Task(
            "step",
            ("authority", "process", "state", "taken", "reason", "report", "corrects", "duplicate_of", "note", "why"),
            ("authority",),
            _step,
        ),
        Task(
            "claim",
            ("source", "report", "outcome", "category", "words", "stated", "supersedes", "locator", "note", "why"),
            ("source",),
            _claim,
        ),
        Task(
            "place",
            (
                "source",
                "report",
                "place",
                "lon",
                "lat",
                "precision",
                "radius_m",
                "is_primary",
                "supersedes",
                "place_words",
                "note",
                "why",
            ),
            ("source",),
            _place,
        ),
        Task("same", ("second", "verdict", "why"), (), _same),
    )
}


def record(session: Session, task: Task, incident: Incident, given: Mapping[str, str]) -> None:
    """Record what a form says.

    Args:
        session: a write session.
        task: what is recorded.
        incident: of which.
        given: the fields that were filled in, as text.

    Raises:
        AtlasError: as the function that the command line calls for it.
    """
    data = {name: given[name] for name in task.fields if name in given}
    data.setdefault("why", "")
    if data["why"] == "":
        raise InputError("why_missing", "Every change says why.", where="why")
    for name in task.organisations:
        if name in data:
            try:
                data[name] = find_organisation(session, data[name]).code
            except AtlasError as error:
                raise error.at(name) from error
    _new_report(session, given, data)
    task.record(session, incident, data)


def _new_report(session: Session, given: Mapping[str, str], data: dict[str, Any]) -> None:
    """Record the report that a figure or place is cited from, where the form describes a new one."""
    new = {field: given[name] for name, field in NEW_REPORT.items() if name in given}
    publisher = data.get("source") or data.get("authority")
    if len(new) > 0:
        if "report" not in data:
            raise InputError("missing_field", "Give the new report a code of its own.", where="report")
        add_report(
            session, validated(ReportInput, new | {"code": data["report"], "publisher": publisher}, where="report")
        )


def field_of(error: AtlasError, task: Task) -> str:
    """The field that ``error`` is to be said beside; ``form`` where it is about none of them."""
    fields = {*task.fields, *NEW_REPORT}
    parts = [part.split(" ")[0] for part in reversed((error.where or "").split(", "))]
    by_title = {field: name for name, field in NEW_REPORT.items()}
    for part in parts:
        name = by_title.get(part, part)
        if name in fields:
            return name
    return FIELD_OF_CODE.get(error.code, "form")
