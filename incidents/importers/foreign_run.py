"""One import of somebody else's file: rows read as they come, checked, and written a batch at a time.

All of it is one transaction, kept or not as a whole. The same file again changes nothing. What a newer file says
otherwise supersedes what an earlier one said, as :mod:`.foreign_changes` tells; what it no longer has is counted, named
and left as it is.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, select

from db.errors import AtlasError
from db.import_log import file_sha256
from db.load import Load
from db.tables import Organisation, Report, metadata
from db.tables.base import LINE
from incidents.importers.foreign import Format, Numbered, Others, read_rows
from incidents.importers.foreign_batch import File, write_batch
from incidents.importers.foreign_cells import Row
from incidents.importers.foreign_names import Names
from incidents.importers.foreign_new import ORDER, PARTS, Checked, check
from incidents.importers.rows import Ids, Outcome, Rows
from incidents.importers.stored import import_sets
from incidents.inputs import validated
from incidents.organisations import OrganisationInput, add_organisation
from incidents.reports import ReportInput, own_columns

BATCH = 500
"""Rows read and written together."""

SHOWN = 20
"""So many codes that the file no longer has are named."""

COUNTED = ("incident", *PARTS, "investigation", "report")
"""The tables whose new rows are counted for the person who imports."""

NEEDED = tuple(f"ix_{table}_incident_id" for table in (*PARTS, "incident_code"))
"""The indexes by which what is recorded of an incident is looked up."""

_INCIDENT, _REPORT = metadata.tables["incident"], metadata.tables["report"]


def import_foreign(
    session: Session,
    path: Path,
    form: Format,
    names: Mapping[str, str],
    *,
    encoding: str | None = None,
    partial: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Record what a file of another source says.

    Args:
        session: a write session; the import is one change set.
        path: CSV, or JSON (``.json``): an array of objects.
        form: of which source.
        names: the source's own column name for one that the file calls otherwise.
        encoding: of a CSV; by default the byte order mark's, else UTF-8.
        partial: keep the good rows of a file with bad ones; the others are kept in the run.
        progress: told after each batch how many bytes of the file are read, of how many.

    Raises:
        InputError: the file cannot be read, or some rows are bad; then nothing may be kept, see
            :class:`incidents.importers.rows.Rows`.
        ConflictError: ``different_content``, an incident that no import of the source recorded says something else.
    """
    listed = functools.cache(lambda: {code for code in map(form.code, _values(path, form, names, encoding)) if code})
    run = _Run(session, path, form, Rows(session, form.name, path, partial=partial), lambda code: code in listed())
    found, total, done = read_rows(path, form, names, encoding), path.stat().st_size, 0
    while chunk := list(islice(found, BATCH)):
        run.take(chunk)
        done += sum(len(row.raw.encode(errors="replace")) for row in chunk)
        if progress is not None:
            progress(min(done, total), total)
    outcome = run.finish()
    if progress is not None:
        progress(total, total)
    return outcome


def _values(path: Path, form: Format, names: Mapping[str, str], encoding: str | None) -> Iterator[Row]:
    """The rows of the file once more."""
    return (row.values for row in read_rows(path, form, names, encoding))


class _Run:
    def __init__(self, session: Session, path: Path, form: Format, rows: Rows, listed: Callable[[str], bool]) -> None:
        self._session = session
        self._path = path
        self._form = form
        self._rows = rows
        self._others = Others(form.known, form.private)
        self._publisher_id = _record_source(session, form)
        self._load = Load(session, ORDER, NEEDED)
        self._first = {table: self._load.new.next_id(table) for table in COUNTED}
        self._names = Names(session, self._load.new)
        self._file = File(
            title=form.title,
            name=path.name,
            imports=import_sets(session, form.name),
            report=functools.cache(self._report),
            stamp=form.stamp,
            listed=listed,
            seen=Ids(),
        )

    def take(self, chunk: list[Numbered]) -> None:
        """Take some rows: all are checked before the first is written."""
        self._load.go_on()
        good: list[tuple[Numbered, Checked]] = []
        for row in chunk:
            try:
                if row.error is not None:
                    raise row.error
                good.append((row, check(self._form.describe(row.values, self._others))))
            except AtlasError as error:
                self._refuse(row, error)
        written = write_batch(self._session, [row for _, row in good], self._file, self._names, self._load.new)
        for (row, _), what in zip(good, written, strict=True):
            if what.error is not None:
                self._refuse(row, what.error)
            else:
                self._rows.count(row.line, row.raw, what.effect, what.flags)
        self._rows.save()
        # What the session has read of rows that were written past it takes memory, and is out of date.
        self._session.expire_all()

    def _refuse(self, row: Numbered, error: AtlasError) -> None:
        where = error if row.error is not None else error.at(f"{self._path.name}, line {row.line}")
        self._rows.refuse(row.line, where, row.raw)

    def finish(self) -> Outcome:
        """End the import.

        Raises:
            InputError, ConflictError: as :meth:`incidents.importers.rows.Rows.finish`.
        """
        new = self._load.new
        recorded = {table: new.next_id(table) - first for table, first in self._first.items()}
        missing = self._missing()
        self._license()
        self._load.finish()
        return replace(
            self._rows.finish(),
            kept=tuple(self._others.kept),
            left=tuple(self._others.left),
            recorded={table: count for table, count in recorded.items() if count > 0},
            missing=tuple(missing[:SHOWN]),
            missing_count=len(missing),
        )

    def _missing(self) -> list[str]:
        """The codes of incidents that earlier files of the source had and this one does not."""
        query = sa.select(_INCIDENT.c.id, _INCIDENT.c.code).where(
            _INCIDENT.c.change_set_id.in_(self._file.imports), ~_INCIDENT.c.withdrawn
        )
        found = self._session.execute(query.order_by(_INCIDENT.c.id)).yield_per(10_000)
        return [code for key, code in found if key not in self._file.seen]

    def _license(self) -> None:
        """Record the licence of this file for what earlier files of the source were cited from without one."""
        licence = self._form.report.get("licence")
        if licence is None or not self._form.report.get("may_export", True):
            return
        unlicensed = (_REPORT.c.publisher_id == self._publisher_id, _REPORT.c.licence.is_(None), ~_REPORT.c.may_export)
        # What a person has edited since stays as it is.
        ours = (_REPORT.c.change_set_id.in_(self._file.imports), _REPORT.c.version == 1)
        edit = sa.update(_REPORT).where(*unlicensed, *ours)
        self._session.execute(edit.values(licence=licence, may_export=True, version=_REPORT.c.version + 1))

    def _report(self) -> int:
        """The id of the report that stands for the file, by its content."""
        digest = file_sha256(self._path)
        code = f"{self._form.name}-file-{digest[:12]}"
        held = self._session.exec(select(Report.id).where(Report.code == code)).first()
        if held is not None:
            return held
        title = f"{self._form.title}, file {self._path.name}"[:LINE]
        data = {"code": code, "publisher": self._form.name, "title": title, "sha256": digest, **self._form.report}
        checked = validated(ReportInput, data, where="report of the file")
        return self._load.new.add("report", {"publisher_id": self._publisher_id} | own_columns(checked))


def _record_source(session: Session, form: Format) -> int:
    """The id of the organisation whose file it is, recorded if it is not."""
    held = session.exec(select(Organisation.id).where(Organisation.code == form.name)).first()
    if held is not None:
        return held
    data = {"code": form.name, "name": form.title, "kind": "casualty_monitor", "independence_group": "compilers"}
    return add_organisation(session, OrganisationInput.model_validate(data)).key
