"""Attributions and gradings: who is said to have done it, and how well the reporting stands."""

from __future__ import annotations

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
    start, end = span(data.stated)
    row = Attribution(
        incident_id=incident.key,
        organisation_id=find_organisation(session, data.organisation).key,
        role=data.role,
        strength=data.strength,
        by_id=find_organisation(session, data.by).key,
        report_id=find_report(session, data.report).key,
        stated=data.stated,
        stated_start=start,
        stated_end=end,
        note=data.note,
    )
    session.add(row)
    return row


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
    start, end = span(data.graded)
    row = GradingRow(
        incident_id=incident.key,
        grading=data.grading,
        by_id=find_organisation(session, data.by).key,
        report_id=None if data.report is None else find_report(session, data.report).key,
        graded=data.graded,
        graded_start=start,
        graded_end=end,
        why=data.why,
    )
    session.add(row)
    return row
