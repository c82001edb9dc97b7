"""Claims: each figure belongs to a source, with its words, its scope and its dates."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import (
    LINE,
    PARAGRAPH,
    SHORT,
    Recorded,
    Versioned,
    enum_field,
    flag_field,
    limit,
    text_field,
    time_field,
)
from db.vocabulary import AttributionRole, AttributionStrength, Bound, Category, Grading, Outcome, Scope

BOUND_AND_FIGURES = """CASE bound
 WHEN 'exact' THEN minimum IS NOT NULL AND maximum IS NOT NULL AND minimum = maximum
 WHEN 'at_least' THEN minimum IS NOT NULL AND maximum IS NULL
 WHEN 'more_than' THEN minimum IS NOT NULL AND maximum IS NULL
 WHEN 'at_most' THEN minimum IS NULL AND maximum IS NOT NULL
 WHEN 'less_than' THEN minimum IS NULL AND maximum IS NOT NULL
 WHEN 'almost' THEN minimum IS NULL AND maximum IS NOT NULL
 WHEN 'around' THEN minimum IS NOT NULL AND maximum IS NOT NULL
 WHEN 'between' THEN minimum IS NOT NULL AND maximum IS NOT NULL
 WHEN 'none_denied' THEN minimum IS NOT NULL AND maximum IS NOT NULL AND minimum = 0 AND maximum = 0
 ELSE minimum IS NULL AND maximum IS NULL END"""

SCOPE_AND_INCIDENT = "(scope = 'incident') = (incident_id IS NOT NULL)"


class Claim(Versioned, table=True):
    """One figure that one source gave.

    ``minimum`` and ``maximum`` are what the words bound the number to, both ends included; ``words`` keeps
    them as they stood. A figure for a period or for several incidents has no ``incident_id``: it is never
    attached to one. ``side_id`` names whose dead are counted, ``perpetrator_id`` whom the figure blames.
    Dates are kept as given (``stated``, ``as_of``, ``period``) and as UTC bounds.
    """

    __tablename__ = "claim"
    __table_args__ = (
        limit("code", SHORT),
        sa.CheckConstraint("minimum >= 0 AND minimum = CAST(minimum AS INTEGER)", name="minimum_count"),
        sa.CheckConstraint("maximum >= 0 AND maximum = CAST(maximum AS INTEGER)", name="maximum_count"),
        sa.CheckConstraint("minimum <= maximum", name="figure_order"),
        sa.CheckConstraint(BOUND_AND_FIGURES, name="bound_and_figures"),
        sa.CheckConstraint(SCOPE_AND_INCIDENT, name="scope_and_incident"),
        sa.CheckConstraint("subset_of_id <> id AND supersedes_id <> id", name="not_itself"),
        sa.CheckConstraint("period_start <= period_end", name="period_order"),
        sa.CheckConstraint("stated_start <= stated_end", name="stated_order"),
        sa.CheckConstraint("as_of_start <= as_of_end", name="as_of_order"),
    )

    code: str = text_field(SHORT, unique=True)
    incident_id: int | None = Field(default=None, foreign_key="incident.id", index=True)
    source_id: int = Field(foreign_key="organisation.id", index=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    outcome: Outcome = enum_field(Outcome, "outcome")
    category: Category = enum_field(Category, "category")
    bound: Bound = enum_field(Bound, "bound")
    minimum: int | None = None
    maximum: int | None = None
    words: str | None = text_field(LINE, nullable=True)
    scope: Scope = enum_field(Scope, "scope", default=Scope.INCIDENT)
    area: str | None = text_field(LINE, nullable=True)
    period: str | None = text_field(SHORT, nullable=True)
    period_start: datetime | None = time_field(nullable=True)
    period_end: datetime | None = time_field(nullable=True)
    period_words: str | None = text_field(LINE, nullable=True)
    stated: str | None = text_field(SHORT, nullable=True)
    stated_start: datetime | None = time_field(nullable=True)
    stated_end: datetime | None = time_field(nullable=True)
    as_of: str | None = text_field(SHORT, nullable=True)
    as_of_start: datetime | None = time_field(nullable=True)
    as_of_end: datetime | None = time_field(nullable=True)
    perpetrator_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    strength: AttributionStrength | None = enum_field(AttributionStrength, "strength", nullable=True)
    side_id: int | None = Field(default=None, foreign_key="organisation.id")
    subset_of_id: int | None = Field(default=None, foreign_key="claim.id", index=True)
    supersedes_id: int | None = Field(default=None, foreign_key="claim.id", index=True)
    locator: str | None = text_field(LINE, nullable=True)
    note: str | None = text_field(PARAGRAPH, nullable=True)
    withdrawn: bool = flag_field("withdrawn_boolean", default=False)
    withdrawn_on: datetime | None = time_field(nullable=True)
    withdrawn_why: str | None = text_field(PARAGRAPH, nullable=True)


class ClaimIncident(Recorded, table=True):
    """A claim about several incidents together counts this one among them."""

    __tablename__ = "claim_incident"
    __table_args__ = (sa.UniqueConstraint("claim_id", "incident_id"),)

    claim_id: int = Field(foreign_key="claim.id")
    incident_id: int = Field(foreign_key="incident.id", index=True)


class Attribution(Versioned, table=True):
    """What one source said of an actor's part in the incident, and how firmly."""

    __tablename__ = "attribution"
    __table_args__ = (sa.CheckConstraint("stated_start <= stated_end", name="stated_order"),)

    incident_id: int = Field(foreign_key="incident.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    role: AttributionRole = enum_field(AttributionRole, "role")
    strength: AttributionStrength = enum_field(AttributionStrength, "strength")
    by_id: int = Field(foreign_key="organisation.id", index=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    stated: str | None = text_field(SHORT, nullable=True)
    stated_start: datetime | None = time_field(nullable=True)
    stated_end: datetime | None = time_field(nullable=True)
    note: str | None = text_field(PARAGRAPH, nullable=True)
    withdrawn: bool = flag_field("withdrawn_boolean", default=False)


class GradingRow(Recorded, table=True):
    """One body's grading of the reporting, at one time; the latest of each body stands."""

    __tablename__ = "grading"
    __table_args__ = (sa.CheckConstraint("graded_start <= graded_end", name="graded_order"),)

    incident_id: int = Field(foreign_key="incident.id", index=True)
    grading: Grading = enum_field(Grading, "grading")
    by_id: int = Field(foreign_key="organisation.id", index=True)
    report_id: int | None = Field(default=None, foreign_key="report.id", index=True)
    graded: str | None = text_field(SHORT, nullable=True)
    graded_start: datetime | None = time_field(nullable=True)
    graded_end: datetime | None = time_field(nullable=True)
    why: str = text_field(PARAGRAPH)
