"""Judgements: whether two records are one event."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import PARAGRAPH, Recorded, enum_field, limit, text_field
from db.vocabulary import Verdict


class Judgement(Recorded, table=True):
    """A judgement on a pair of incidents; the latest of a pair stands, ``undecided`` undoes.

    ``low_id`` is the smaller incident id, so that a pair has one form.
    """

    __tablename__ = "judgement"
    __table_args__ = (
        sa.CheckConstraint("low_id < high_id", name="pair_order"),
        sa.Index("ix_judgement_pair", "low_id", "high_id", "id"),
        limit("evidence", PARAGRAPH),
    )

    low_id: int = Field(foreign_key="incident.id")
    high_id: int = Field(foreign_key="incident.id", index=True)
    verdict: Verdict = enum_field(Verdict, "verdict")
    evidence: str = text_field(PARAGRAPH)


class JudgementReport(Recorded, table=True):
    """A report that a judgement cites."""

    __tablename__ = "judgement_report"
    __table_args__ = (sa.UniqueConstraint("judgement_id", "report_id"),)

    judgement_id: int = Field(foreign_key="judgement.id")
    report_id: int = Field(foreign_key="report.id", index=True)
