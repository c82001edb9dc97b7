"""Reports: the pages and documents that claims, places and steps are cited from."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import (
    LINE,
    PARAGRAPH,
    SHORT,
    Versioned,
    enum_field,
    flag_field,
    limit,
    text_field,
    time_field,
)
from db.vocabulary import Visibility


class Report(Versioned, table=True):
    """A publication.

    ``published`` keeps the words or EDTF text given; ``published_start`` and ``published_end`` are the
    bounds it stands for in UTC. ``sha256`` is that of the captured bytes, where there is a capture.
    ``licence`` and ``may_export`` say whether what it holds may leave the product.
    """

    __tablename__ = "report"
    __table_args__ = (
        limit("code", SHORT),
        limit("title", LINE),
        sa.CheckConstraint("published_start <= published_end", name="published_order"),
        sa.CheckConstraint("sha256 IS NULL OR length(sha256) = 64", name="sha256_length"),
    )

    code: str = text_field(SHORT, unique=True)
    publisher_id: int = Field(foreign_key="organisation.id", index=True)
    title: str = text_field(LINE)
    url: str | None = text_field(PARAGRAPH, nullable=True)
    archive_url: str | None = text_field(PARAGRAPH, nullable=True)
    published: str | None = text_field(SHORT, nullable=True)
    published_start: datetime | None = time_field(nullable=True)
    published_end: datetime | None = time_field(nullable=True)
    retrieved_at: datetime | None = time_field(nullable=True)
    language: str | None = text_field(SHORT, nullable=True)
    sha256: str | None = text_field(64, nullable=True)
    licence: str | None = text_field(LINE, nullable=True)
    citation: str | None = text_field(PARAGRAPH, nullable=True)
    may_export: bool = flag_field("may_export_boolean", default=True)
    visibility: Visibility = enum_field(Visibility, "visibility", default=Visibility.PUBLIC)
    note: str | None = text_field(PARAGRAPH, nullable=True)
