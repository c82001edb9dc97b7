"""One feature of our own GeoJSON recorded as an incident, through the functions that a command calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session

from db.errors import InputError
from db.tables import Incident
from db.vocabulary import Geoprivacy
from incidents.attributions import AttributionInput, GradingInput, add_attribution, add_grading
from incidents.claims import ClaimInput, add_claim, withdraw_claim
from incidents.exports.records import Record
from incidents.importers.carried import placed, records, texts, without_nulls
from incidents.inputs import Input, validated
from incidents.investigations import StepInput, add_step
from incidents.locations import LocationInput, add_location
from incidents.records import (
    IncidentEdit,
    IncidentInput,
    StatementInput,
    add_incident,
    add_statement,
    edit_incident,
    link_report,
)
from incidents.reports import find_report

OWN = ("code", "name", "kind", "country", "edtf", "tz", "time_precision", "part_of_day", "time_words",
       "civilian_harm_reported", "strike_status", "visibility", "names", "codes", "note")  # fmt: skip
"""The properties that are the incident's own; the others are records beside it."""

WITHDRAWAL = frozenset({"withdrawn", "withdrawn_on", "withdrawn_why"})


def add_feature(session: Session, found: Record) -> Incident:
    """Record the incident that the carried properties ``found`` describe.

    Raises:
        InputError, ConflictError: as the functions that record each part; names the part by its place.
    """
    own = {name: found[name] for name in OWN if found.get(name) is not None}
    incident = add_incident(session, validated(IncidentInput, own, where="properties"))
    for where, record in _each(found, "locations"):
        with placed(where):
            add_location(session, incident, location_input(record, where))
    for where, record in _each(found, "claims"):
        with placed(where):
            add_own_claim(session, record | {"incident": incident.code})
    for where, record in _each(found, "attributions"):
        with placed(where):
            add_attribution(session, incident, _read(AttributionInput, record))
    for where, record in _each(found, "gradings"):
        with placed(where):
            add_grading(session, incident, _read(GradingInput, record))
    for where, record in _each(found, "investigations"):
        with placed(where):
            _add_thread(session, incident, record)
    for where, record in _each(found, "statements"):
        with placed(where):
            add_statement(session, incident, _read(StatementInput, record))
    _link_reports(session, incident, found)
    if found.get("withdrawn") is True:
        edit_incident(session, incident.code, IncidentEdit(withdrawn=True))
    session.flush()
    return incident


def _each(found: Record, name: str) -> Iterator[tuple[str, Record]]:
    """The records of one list, each with its place for a message."""
    for number, record in enumerate(records(found.get(name), name), start=1):
        yield f"{name} {number}", record


def _read(model: type[Any], record: Record, drop: frozenset[str] = frozenset()) -> Any:
    checked: Input = validated(model, without_nulls(record, drop), where="members")
    return checked


def location_input(record: Record, where: str) -> LocationInput:
    """The input that records a place again.

    What was confirmed when it was first recorded (a point at 0, 0 or far from its name, an area larger than the
    country) is not asked again.

    Raises:
        InputError: as the model; ``missing_grid``, a reduced place without ``public_decimals``.
    """
    if record.get("geoprivacy") == Geoprivacy.REDUCED.value and record.get("public_decimals") is None:
        raise InputError(
            "missing_grid",
            "A reduced place needs the grid it is shown on.",
            where=where,
            fix="Give public_decimals, 0 to 4: 1 shows a cell of about 11 km.",
        )
    drop = frozenset({"lon", "lat", "radius_m"}) if record.get("area") is not None else frozenset[str]()
    confirmed = {"confirm_null_island": True, "confirm_far": True, "confirm_large_area": True}
    read: LocationInput = _read(LocationInput, record | confirmed, drop)
    return read


def add_own_claim(session: Session, record: Record) -> None:
    """Record a claim of an export again, withdrawn if it is.

    Raises:
        InputError: as :func:`incidents.claims.add_claim`; ``missing_withdrawal``, withdrawn without day or reason.
    """
    row = add_claim(session, _read(ClaimInput, record | {"confirm_large": True}, WITHDRAWAL))
    if record.get("withdrawn") is not True:
        return
    on, why = record.get("withdrawn_on"), record.get("withdrawn_why")
    if not isinstance(on, str) or not isinstance(why, str):
        raise InputError("missing_withdrawal", "A withdrawn claim has withdrawn_on and withdrawn_why.", got=row.code)
    withdraw_claim(session, row.code, on=on, why=why)


def _add_thread(session: Session, incident: Incident, thread: Record) -> None:
    """Record the steps in the order they were first recorded, in which every move was legal."""
    shared = {name: thread.get(name) for name in ("authority", "process")}
    keys: dict[int, int] = {}
    steps = records(thread.get("steps"), "steps")
    for number, step in sorted(((_number(step), step) for step in steps), key=lambda pair: pair[0]):
        with placed(f"step {number}"):
            if number in keys:
                raise InputError("duplicate_step", "Two steps have the same number.", got=number)
            corrects = step.get("corrects")
            # A number that is none, such as [], cannot be looked up at all.
            if corrects is not None and not (isinstance(corrects, int) and corrects in keys):
                raise InputError("unknown_step", "A correction names a step recorded before it.", got=corrects)
            known = {"corrects": None if corrects is None else keys[corrects]}
            data = _read(StepInput, shared | step | known, frozenset({"number"}))
            keys[number] = add_step(session, incident, data).key


def _number(step: Record) -> int:
    number = step.get("number")
    if not isinstance(number, int) or isinstance(number, bool):
        raise InputError("missing_field", "A step has a number: its place in the order recorded.", got=number)
    return number


def _link_reports(session: Session, incident: Incident, found: Record) -> None:
    """Link the reports that are listed and that nothing else of the feature cites."""
    cited = {record.get("report") for name in ("locations", "claims", "attributions", "gradings", "statements")
             for record in found.get(name) or []}  # fmt: skip
    cited |= {step.get("report") for thread in found.get("investigations") or [] for step in thread.get("steps") or []}
    for code in texts(found.get("reports"), "reports"):
        if code not in cited:
            link_report(session, incident, find_report(session, code))
