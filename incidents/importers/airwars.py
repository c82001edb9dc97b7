"""Airwars' incidents in: one row, or one JSON object, an incident, with Airwars' own column names."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from sqlmodel import Session

from incidents.importers.airwars_rows import CLOSED, SCHEME, code_of, describe, is_known, is_private, stamp_of
from incidents.importers.foreign import Format
from incidents.importers.foreign_run import import_foreign
from incidents.importers.rows import Outcome

FORMAT = Format(
    name=SCHEME,
    title="Airwars",
    needed=("code",),
    known=is_known,
    private=is_private,
    describe=describe,
    code=code_of,
    stamp=stamp_of,
)


def import_airwars(
    session: Session,
    path: Path,
    *,
    names: Mapping[str, str] | None = None,
    retrieved: str | None = None,
    licence: str | None = None,
    encoding: str | None = None,
    partial: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Record the incidents of a file with Airwars' columns; what a newer file changes supersedes what it said before.

    Args:
        session: a write session; the import is one change set.
        path: CSV, or JSON (``.json``): an array of objects.
        names: Airwars' column name for one that the file calls otherwise.
        retrieved: the day the file was fetched, ``YYYY-MM-DD``.
        licence: under which the file may be passed on. Without one it is not known, and nothing of the file leaves
            below the internal tier; a later import with one opens what earlier ones recorded.
        encoding: of a CSV; by default the byte order mark's, else UTF-8.
        partial: keep the good rows of a file with bad ones; the others are kept in the run.
        progress: told after each batch how many bytes of the file are read, of how many.

    Raises:
        InputError: the file cannot be read, or some rows are bad; then nothing may be kept, see
            :class:`incidents.importers.rows.Rows`.
        ConflictError: ``different_content``, an incident that nobody imported from Airwars says something else.
    """
    terms = CLOSED if licence is None else {"licence": licence}
    read = functools.partial(describe, retrieved=retrieved, terms=terms)
    form = replace(FORMAT, describe=read, report=terms)
    return import_foreign(session, path, form, names or {}, encoding=encoding, partial=partial, progress=progress)
