"""Incidents: what happened, under which names and codes, and when. No death toll stands here."""

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
from db.vocabulary import (
    EventKind,
    PartOfDay,
    StrikeStatus,
    TimePrecision,
    Visibility,
    WindowKind,
    YesNoUnknown,
)


class Incident(Versioned, table=True):
    """One named event.

    The window is closed at both ends, in UTC, with the zone it was given in; ``window_kind`` says whether
    it holds one moment or lasted from start to end; ``time_words`` keeps the words it was read from.
    Both ends are empty where no time is known.
    """

    __tablename__ = "incident"
    __table_args__ = (
        limit("code", SHORT),
        limit("name", LINE),
        sa.CheckConstraint("start_utc <= end_utc", name="window_order"),
        sa.CheckConstraint("(start_utc IS NULL) = (end_utc IS NULL)", name="window_ends"),
        sa.CheckConstraint("start_utc IS NULL OR time_precision IS NOT NULL", name="window_precision"),
        sa.Index("ix_incident_window", "start_utc", "end_utc"),
        sa.Index("ix_incident_order", "start_utc", "id"),
    )

    code: str = text_field(SHORT, unique=True)
    name: str = text_field(LINE)
    kind: EventKind = enum_field(EventKind, "kind")
    country: str | None = text_field(2, nullable=True, index=True)
    start_utc: datetime | None = time_field(nullable=True)
    end_utc: datetime | None = time_field(nullable=True)
    tz: str | None = text_field(SHORT, nullable=True)
    time_precision: TimePrecision | None = enum_field(TimePrecision, "time_precision", nullable=True)
    window_kind: WindowKind | None = enum_field(WindowKind, "window_kind", nullable=True)
    part_of_day: PartOfDay | None = enum_field(PartOfDay, "part_of_day", nullable=True)
    edtf: str | None = text_field(SHORT, nullable=True)
    time_words: str | None = text_field(LINE, nullable=True)
    civilian_harm_reported: YesNoUnknown = enum_field(
        YesNoUnknown, "civilian_harm_reported", default=YesNoUnknown.UNKNOWN
    )
    strike_status: StrikeStatus | None = enum_field(StrikeStatus, "strike_status", nullable=True)
    visibility: Visibility = enum_field(Visibility, "visibility", default=Visibility.PUBLIC)
    note: str | None = text_field(PARAGRAPH, nullable=True)
    withdrawn: bool = flag_field("withdrawn_boolean", default=False)


class IncidentCode(Recorded, table=True):
    """A code that somebody else gave to the incident, now or formerly (Airwars CS598, before that S526)."""

    __tablename__ = "incident_code"
    __table_args__ = (
        sa.UniqueConstraint("scheme", "code", "incident_id"),
        limit("scheme", SHORT),
        limit("code", SHORT),
    )

    incident_id: int = Field(foreign_key="incident.id", index=True)
    scheme: str = text_field(SHORT)
    code: str = text_field(SHORT, index=True)
    former: bool = flag_field("former_boolean", default=False)


class IncidentName(Recorded, table=True):
    """A name of the incident in any script; ``folded`` is the key it is found by."""

    __tablename__ = "incident_name"
    __table_args__ = (sa.UniqueConstraint("incident_id", "name"), limit("name", LINE))

    incident_id: int = Field(foreign_key="incident.id")
    name: str = text_field(LINE)
    folded: str = text_field(LINE, index=True)
    language: str | None = text_field(SHORT, nullable=True)
    script: str = text_field(4)


class IncidentReport(Recorded, table=True):
    """A report that is about the incident, whether or not a claim cites it."""

    __tablename__ = "incident_report"
    __table_args__ = (sa.UniqueConstraint("incident_id", "report_id"),)

    incident_id: int = Field(foreign_key="incident.id")
    report_id: int = Field(foreign_key="report.id", index=True)


class Statement(Recorded, table=True):
    """What somebody said of the incident that is neither a figure nor a step of an investigation.

    ``uncertain_target`` marks a statement that may be about another incident.
    """

    __tablename__ = "statement"
    __table_args__ = (
        limit("words", PARAGRAPH),
        sa.CheckConstraint("stated_start <= stated_end", name="stated_order"),
    )

    incident_id: int = Field(foreign_key="incident.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    stated: str | None = text_field(SHORT, nullable=True)
    stated_start: datetime | None = time_field(nullable=True)
    stated_end: datetime | None = time_field(nullable=True)
    words: str = text_field(PARAGRAPH)
    uncertain_target: bool = flag_field("uncertain_target_boolean", default=False)
