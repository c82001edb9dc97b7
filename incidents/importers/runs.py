"""Import runs: what they came to, and the rows they kept for a person to look at."""

from __future__ import annotations

from sqlmodel import Session, col, select

from db.errors import NotFoundError
from db.tables import ImportRow, ImportRun


def summary(run: ImportRun) -> str:
    """What became of a file's rows, on one line."""
    return (
        f"{run.file_name}: {run.rows_read:,} read, {run.rows_added:,} added, {run.rows_unchanged:,} unchanged, "
        f"{run.rows_superseded:,} superseded, {run.rows_flagged:,} flagged, {run.rows_rejected:,} rejected"
        + (f" (see: incidents import log {run.id})" if run.rows_flagged + run.rows_rejected > 0 else "")
        + ("" if run.finished_at is not None else " – not finished; run it again")
    )


def list_runs(session: Session) -> list[ImportRun]:
    """Every import run, oldest first."""
    return list(session.exec(select(ImportRun).order_by(col(ImportRun.id))).all())


def find_run(session: Session, run_id: int) -> ImportRun:
    """The import run with the number ``run_id``.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(ImportRun, run_id)
    if found is None:
        raise NotFoundError(
            "unknown_run",
            "There is no import run with this number.",
            got=run_id,
            fix="List them with: incidents import log",
        )
    return found


def kept_rows(session: Session, run_id: int) -> list[ImportRow]:
    """The rows that a run rejected or flagged, by line.

    Raises:
        NotFoundError: there is no such run.
    """
    find_run(session, run_id)
    query = select(ImportRow).where(ImportRow.import_run_id == run_id)
    return list(session.exec(query.order_by(col(ImportRow.line), col(ImportRow.id))).all())
