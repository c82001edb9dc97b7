"""Investigations: one thread for each authority and process, with steps that are only ever added."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import LINE, PARAGRAPH, SHORT, Recorded, enum_field, limit, text_field, time_field
from db.vocabulary import InvestigationState, Process, StepKind, StepReason


class Investigation(Recorded, table=True):
    """A thread: what one authority does about one incident in one process."""

    __tablename__ = "investigation"
    __table_args__ = (sa.UniqueConstraint("incident_id", "authority_id", "process"),)

    incident_id: int = Field(foreign_key="incident.id")
    authority_id: int = Field(foreign_key="organisation.id", index=True)
    process: Process = enum_field(Process, "process")


class InvestigationStep(Recorded, table=True):
    """One step: what happened, when, and the state of the thread after it.

    The date is kept as given (``taken``) and as UTC bounds. ``corrects_id`` names the step that a
    correction restates. Who recorded it, and when, is the change set's.
    """

    __tablename__ = "investigation_step"
    __table_args__ = (
        sa.CheckConstraint("taken_start <= taken_end", name="taken_order"),
        sa.CheckConstraint("(kind = 'corrected') = (corrects_id IS NOT NULL)", name="correction_names_step"),
        limit("why", PARAGRAPH),
        sa.Index("ix_investigation_step_order", "investigation_id", "taken_start", "id"),
    )

    investigation_id: int = Field(foreign_key="investigation.id")
    kind: StepKind = enum_field(StepKind, "kind")
    state: InvestigationState = enum_field(InvestigationState, "state")
    taken: str = text_field(SHORT)
    taken_start: datetime = time_field()
    taken_end: datetime = time_field()
    reason: StepReason = enum_field(StepReason, "reason", default=StepReason.NONE_GIVEN)
    report_id: int | None = Field(default=None, foreign_key="report.id", index=True)
    corrects_id: int | None = Field(default=None, foreign_key="investigation_step.id")
    why: str = text_field(PARAGRAPH)
    note: str | None = text_field(PARAGRAPH, nullable=True)
    duplicate_of: str | None = text_field(LINE, nullable=True)
