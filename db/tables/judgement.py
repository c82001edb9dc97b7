"""Judgements: whether two records are one event, or one is part of the other."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import PARAGRAPH, Recorded, enum_field, limit, text_field
from db.vocabulary import Verdict


class Judgement(Recorded, table=True):
    """A judgement on a pair of incidents; the latest of a pair stands, ``undecided`` undoes.

    ``low_id`` is the smaller incident id, so that a pair has one form; ``part_id`` is that of the two which is part of
    the other, where the verdict is ``part_of``.
    """

    __tablename__ = "judgement"
    __table_args__ = (
        sa.CheckConstraint("low_id < high_id", name="pair_order"),
        sa.CheckConstraint("(verdict = 'part_of') = (part_id IS NOT NULL)", name="part_named"),
        sa.CheckConstraint("part_id IN (low_id, high_id)", name="part_in_pair"),
        sa.Index("ix_judgement_pair", "low_id", "high_id", "id"),
        limit("evidence", PARAGRAPH),
    )

    low_id: int = Field(foreign_key="incident.id")
    high_id: int = Field(foreign_key="incident.id", index=True)
    verdict: Verdict = enum_field(Verdict, "verdict")
    evidence: str = text_field(PARAGRAPH)
    part_id: int | None = Field(default=None, foreign_key="incident.id", index=True)


class JudgementReport(Recorded, table=True):
    """A report that a judgement cites."""

    __tablename__ = "judgement_report"
    __table_args__ = (sa.UniqueConstraint("judgement_id", "report_id"),)

    judgement_id: int = Field(foreign_key="judgement.id")
    report_id: int = Field(foreign_key="report.id", index=True)
