"""Airwars' incidents in: one row, or one JSON object, an incident, with Airwars' own column names."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from sqlmodel import Session

from incidents.exports.records import Record
from incidents.importers.airwars_rows import properties_of, record_airwars
from incidents.importers.foreign import Row, read_rows, take_rows
from incidents.importers.rows import Outcome, Rows
from incidents.importers.sources import Sources

FILE_FORMAT = "airwars"


def import_airwars(
    session: Session,
    path: Path,
    *,
    names: Mapping[str, str] | None = None,
    retrieved: str | None = None,
    encoding: str | None = None,
    partial: bool = False,
) -> Outcome:
    """Record the incidents of a file with Airwars' columns.

    The same file again adds nothing; an incident that is recorded with other content is refused.

    Args:
        session: a write session; the import is one change set.
        path: CSV, or JSON (``.json``): an array of objects.
        names: Airwars' column name for one that the file calls otherwise.
        retrieved: the day the file was fetched, ``YYYY-MM-DD``.
        encoding: of a CSV; by default the byte order mark's, else UTF-8.
        partial: keep the good rows of a file with bad ones; the others are kept in the run.

    Raises:
        InputError: the file cannot be read, or some rows are bad; then nothing may be kept, see
            :class:`incidents.importers.rows.Rows`.
        ConflictError: ``different_content``, naming the property.
    """
    rows = Rows(session, FILE_FORMAT, path, partial=partial)
    record_airwars(session)
    sources = Sources(session, create=True)
    read = functools.partial(_read, session, sources, retrieved)
    take_rows(session, rows, read_rows(path, ("code",), names or {}, encoding), read)
    return rows.finish()


def _read(session: Session, sources: Sources, retrieved: str | None, row: Row) -> Record:
    return properties_of(session, row, sources, retrieved)
