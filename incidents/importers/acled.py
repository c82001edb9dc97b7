"""ACLED's events in: one row of its own CSV an incident.

ACLED's terms let a user work with the file and not pass it on. So the report that everything is cited from may not
be exported, and each incident is internal: its name and its day are ACLED's too.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from sqlmodel import Session

from db.errors import ConflictError, NotFoundError
from incidents.exports.records import Record
from incidents.importers.acled_rows import ACLED, properties_of
from incidents.importers.foreign import Row, read_rows, take_rows
from incidents.importers.rows import Outcome, Rows
from incidents.importers.sources import Sources
from incidents.organisations import OrganisationInput, add_organisation, find_organisation
from incidents.reports import ReportInput, add_report, reports_called

FILE_FORMAT = "acled"
NEEDED = ("event_id_cnty", "event_date", "time_precision", "country", "location", "latitude", "longitude",
          "geo_precision", "fatalities")  # fmt: skip
"""Columns without which the file is not read."""


def import_acled(
    session: Session,
    path: Path,
    *,
    names: Mapping[str, str] | None = None,
    encoding: str | None = None,
    partial: bool = False,
) -> Outcome:
    """Record the events of a file as ACLED gives it out.

    The same file again adds nothing; an event that is recorded with other content is refused.

    Args:
        session: a write session; the import is one change set.
        path: CSV, or JSON (``.json``): an array of objects.
        names: ACLED's column name for one that the file calls otherwise.
        encoding: of a CSV; by default the byte order mark's, else UTF-8.
        partial: keep the good rows of a file with bad ones; the others are kept in the run.

    Raises:
        InputError: the file cannot be read, or some rows are bad; then nothing may be kept, see
            :class:`incidents.importers.rows.Rows`.
        ConflictError: ``different_content``, naming the property; ``may_be_exported``, somebody recorded a report
            of this code that may leave.
    """
    rows = Rows(session, FILE_FORMAT, path, partial=partial)
    _record_report(session)
    read = functools.partial(_read, Sources(session, create=True))
    take_rows(session, rows, read_rows(path, NEEDED, names or {}, encoding), read)
    return rows.finish()


def _read(sources: Sources, row: Row) -> Record:
    return properties_of(row, sources)


def _record_report(session: Session) -> None:
    """Record ACLED and the report that its rows are cited from, if they are not recorded."""
    try:
        find_organisation(session, ACLED)
    except NotFoundError:
        data = {"code": ACLED, "name": "ACLED", "kind": "casualty_monitor", "independence_group": "compilers"}
        add_organisation(session, OrganisationInput.model_validate(data))
    found = reports_called(session, ACLED)
    if any(report.may_export for report in found):
        fix = "Give that report another code."
        raise ConflictError("may_be_exported", "ACLED's rows may not be passed on.", where="report", got=ACLED, fix=fix)
    if len(found) == 0:
        own = {"code": ACLED, "publisher": ACLED, "title": "Armed Conflict Location & Event Data, own download"}
        terms = {"url": "https://acleddata.com", "licence": "ACLED's terms: not to be passed on", "may_export": False}
        add_report(session, ReportInput.model_validate(own | terms))
