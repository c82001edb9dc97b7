"""What a row without a code is known by, so that a second load finds it again.

For each kind there is the key of one row of a data file, and the keys of all rows that are recorded, read in
one query. Rows that a person withdrew, corrected or undid keep their key and are not added again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from db.tables import (
    Attribution,
    GradingRow,
    Incident,
    Investigation,
    InvestigationStep,
    Judgement,
    Location,
    Organisation,
    Report,
    Statement,
)
from db.vocabulary import LocationMethod
from incidents.attributions import AttributionInput, GradingInput
from incidents.investigations import StepInput
from incidents.locations import LocationInput
from incidents.records import StatementInput
from incidents.same_event import JudgementInput

Key = tuple[Any, ...]
Keys = set[Key]


def attribution(incident: str, data: AttributionInput) -> Key:
    """Incident, actor, role, who says so, and where."""
    return incident, data.organisation, data.role, data.by, data.report


def attributions(session: Session) -> Keys:
    """The keys of all recorded attributions."""
    actor, by = aliased(Organisation), aliased(Organisation)
    query = (
        sa.select(col(Incident.code), col(actor.code), col(Attribution.role), col(by.code), col(Report.code))
        .join(Attribution, col(Attribution.incident_id) == col(Incident.id))
        .join(actor, col(Attribution.organisation_id) == col(actor.id))
        .join(by, col(Attribution.by_id) == col(by.id))
        .join(Report, col(Attribution.report_id) == col(Report.id))
    )
    return {tuple(row) for row in session.execute(query)}


def grading(incident: str, data: GradingInput) -> Key:
    """Incident, who graded, the grade, and the report."""
    return incident, data.by, data.grading, data.report


def gradings(session: Session) -> Keys:
    """The keys of all recorded gradings."""
    query = (
        sa.select(col(Incident.code), col(Organisation.code), col(GradingRow.grading), col(Report.code))
        .join(GradingRow, col(GradingRow.incident_id) == col(Incident.id))
        .join(Organisation, col(GradingRow.by_id) == col(Organisation.id))
        .outerjoin(Report, col(GradingRow.report_id) == col(Report.id))
    )
    return {tuple(row) for row in session.execute(query)}


def statement(incident: str, data: StatementInput) -> Key:
    """Incident, who said it, where, and the words."""
    return incident, data.by, data.report, data.words


def statements(session: Session) -> Keys:
    """The keys of all recorded statements."""
    query = (
        sa.select(col(Incident.code), col(Organisation.code), col(Report.code), col(Statement.words))
        .join(Statement, col(Statement.incident_id) == col(Incident.id))
        .join(Organisation, col(Statement.organisation_id) == col(Organisation.id))
        .join(Report, col(Statement.report_id) == col(Report.id))
    )
    return {tuple(row) for row in session.execute(query)}


def step(incident: str, data: StepInput) -> Key:
    """Incident, authority, process, the state after it, and its date as written."""
    return incident, data.authority, data.process, data.state, data.taken


def steps(session: Session) -> Keys:
    """The keys of all recorded steps."""
    query = (
        sa.select(
            col(Incident.code),
            col(Organisation.code),
            col(Investigation.process),
            col(InvestigationStep.state),
            col(InvestigationStep.taken),
        )
        .join(Investigation, col(Investigation.incident_id) == col(Incident.id))
        .join(Organisation, col(Investigation.authority_id) == col(Organisation.id))
        .join(InvestigationStep, col(InvestigationStep.investigation_id) == col(Investigation.id))
    )
    return {tuple(row) for row in session.execute(query)}


def location(incident: str, data: LocationInput) -> Key:
    """Incident, source, report, precision, method, the words, and the point as given.

    The point of an MGRS square is computed, so the square is known by the words, which repeat it.
    """
    words = data.place_words if data.mgrs is None else data.mgrs
    return incident, data.source, data.report, data.precision, data.method, words, data.lon, data.lat


def locations(session: Session) -> dict[Key, int]:
    """The keys of all recorded locations, with their ids."""
    query = (
        sa.select(
            col(Incident.code), col(Organisation.code), col(Report.code), col(Location.precision), col(Location.method),
            col(Location.place_words), col(Location.lon), col(Location.lat), col(Location.id),
        )
        .join(Location, col(Location.incident_id) == col(Incident.id))
        .join(Organisation, col(Location.source_id) == col(Organisation.id))
        .join(Report, col(Location.report_id) == col(Report.id))
    )  # fmt: skip
    found: dict[Key, int] = {}
    for *key, lon, lat, number in session.execute(query):
        point = (None, None) if LocationMethod.MGRS in key else (lon, lat)
        found[*key, *point] = number
    return found


def judgement(data: JudgementInput) -> Key:
    """The pair, in the order of the alphabet, and the verdict."""
    return *sorted((data.first, data.second)), data.verdict


def judgements(session: Session) -> Keys:
    """The keys of all recorded judgements, those that were undone too."""
    low, high = aliased(Incident), aliased(Incident)
    query = (
        sa.select(col(low.code), col(high.code), col(Judgement.verdict))
        .join(Judgement, col(Judgement.low_id) == col(low.id))
        .join(high, col(Judgement.high_id) == col(high.id))
    )
    return {(*sorted(pair), verdict) for *pair, verdict in session.execute(query)}
