"""Import runs: which file was read, what became of it, and each row kept for a person to look at."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from db.tables.base import LINE, PAGE, SHORT, Recorded, Versioned, enum_field, limit, text_field, time_field
from db.vocabulary import RowVerdict


class ImportRun(Versioned, table=True):
    """One reading of one file. ``finished_at`` stays empty when the run was interrupted."""

    __tablename__ = "import_run"
    __table_args__ = (limit("file_name", LINE),)

    file_format: str = text_field(SHORT)
    file_name: str = text_field(LINE)
    sha256: str = text_field(64)
    started_at: datetime = time_field()
    finished_at: datetime | None = time_field(nullable=True)
    rows_read: int = 0
    rows_added: int = 0
    rows_unchanged: int = 0
    rows_superseded: int = 0
    rows_flagged: int = 0
    rows_rejected: int = 0


class ImportRow(Recorded, table=True):
    """A row that an import rejected, or took and flagged: its line, the reason, and the row as it stood."""

    __tablename__ = "import_row"

    import_run_id: int = Field(foreign_key="import_run.id", index=True)
    line: int
    verdict: RowVerdict = enum_field(RowVerdict, "verdict")
    reason: str = text_field(SHORT)
    message: str = text_field(LINE)
    raw: str = text_field(PAGE)
