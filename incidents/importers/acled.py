"""ACLED's events in: one row of its own CSV an incident.

ACLED's terms let a user work with the file and not pass it on. So the report that everything is cited from may not
be exported, and each incident is internal: its name and its day are ACLED's too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlmodel import Session

from db.errors import ConflictError
from incidents.importers.acled_rows import ACLED, TERMS, code_of, describe, is_known, is_private, stamp_of
from incidents.importers.foreign import Format
from incidents.importers.foreign_run import import_foreign
from incidents.importers.rows import Outcome
from incidents.reports import reports_called

FORMAT = Format(
    name=ACLED,
    title="ACLED",
    needed=("event_id_cnty", "event_date", "time_precision", "country", "location", "latitude", "longitude",
            "geo_precision", "fatalities"),
    known=is_known,
    private=is_private,
    describe=describe,
    code=code_of,
    stamp=stamp_of,
    report=TERMS,
)  # fmt: skip


def import_acled(
    session: Session,
    path: Path,
    *,
    names: Mapping[str, str] | None = None,
    encoding: str | None = None,
    partial: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Record the events of a file as ACLED gives it out; what a newer file changes supersedes what it said before.

    Args:
        session: a write session; the import is one change set.
        path: CSV, or JSON (``.json``): an array of objects.
        names: ACLED's column name for one that the file calls otherwise.
        encoding: of a CSV; by default the byte order mark's, else UTF-8.
        partial: keep the good rows of a file with bad ones; the others are kept in the run.
        progress: told after each batch how many bytes of the file are read, of how many.

    Raises:
        InputError: the file cannot be read, or some rows are bad; then nothing may be kept, see
            :class:`incidents.importers.rows.Rows`.
        ConflictError: ``different_content``, an event that nobody imported from ACLED says something else;
            ``may_be_exported``, somebody recorded a report of this code that may leave.
    """
    if any(report.may_export for report in reports_called(session, ACLED)):
        fix = "Give that report another code."
        raise ConflictError("may_be_exported", "ACLED's rows may not be passed on.", where="report", got=ACLED, fix=fix)
    return import_foreign(session, path, FORMAT, names or {}, encoding=encoding, partial=partial, progress=progress)
