"""Attributions and gradings: who is said to have done it, and how well the reporting stands."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator
from sqlmodel import Session

from db.tables import Attribution, GradingRow, Incident
from db.vocabulary import GRADING_ALIASES, AttributionRole, AttributionStrength, Grading
from incidents.inputs import Dates, Input, Line, Paragraph, span
from incidents.organisations import find_organisation
from incidents.reports import find_report

ACCUSING = frozenset(AttributionStrength) - {AttributionStrength.DENIED, AttributionStrength.UNATTRIBUTED}
"""The strengths that name an actor; a denial of a role, and a strike nobody is named for, do not."""


class AttributionInput(Input):
    """What one source (``by``) said of an actor's part in the incident."""

    organisation: Line
    role: AttributionRole = AttributionRole.PERPETRATOR
    strength: AttributionStrength
    by: Line
    report: Line
    stated: Dates | None = None
    note: Paragraph | None = None


def add_attribution(session: Session, incident: Incident, data: AttributionInput) -> Attribution:
    """Record an attribution; rival ones stand side by side.

    Raises:
        NotFoundError: an organisation or the report is not recorded.
    """
    row = Attribution(
        incident_id=incident.key,
        organisation_id=find_organisation(session, data.organisation).key,
        by_id=find_organisation(session, data.by).key,
        report_id=find_report(session, data.report).key,
        **attribution_columns(data),
    )
    session.add(row)
    return row


def attribution_columns(data: AttributionInput) -> dict[str, Any]:
    """The columns of the attribution table without what it points to."""
    start, end = span(data.stated)
    found = {"role": data.role, "strength": data.strength, "note": data.note}
    return found | {"stated": data.stated, "stated_start": start, "stated_end": end}


class GradingInput(Input):
    """One body's grading of the reporting; ``disproved`` is read as ``discounted``, Airwars' word."""

    grading: Grading
    by: Line
    report: Line | None = None
    graded: Dates | None = None
    why: Paragraph

    @field_validator("grading", mode="before")
    @classmethod
    def _alias(cls, value: object) -> object:
        return GRADING_ALIASES.get(value.strip().casefold(), value) if isinstance(value, str) else value


def add_grading(session: Session, incident: Incident, data: GradingInput) -> GradingRow:
    """Record a grading; earlier ones of the same body stay in the history.

    Raises:
        NotFoundError: the organisation or the report is not recorded.
    """
    row = GradingRow(
        incident_id=incident.key,
        by_id=find_organisation(session, data.by).key,
        report_id=None if data.report is None else find_report(session, data.report).key,
        **grading_columns(data),
    )
    session.add(row)
    return row


def grading_columns(data: GradingInput) -> dict[str, Any]:
    """The columns of the grading table without what it points to."""
    start, end = span(data.graded)
    found = {"grading": data.grading, "why": data.why}
    return found | {"graded": data.graded, "graded_start": start, "graded_end": end}
