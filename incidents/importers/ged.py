"""UCDP GED, the Georeferenced Event Dataset: each event becomes an incident with UCDP's claims about it.

Read are the file of version 19.1 with 41 columns, the one with 45 and a row of HXL tags that humanitarian sites
publish, and the columns of later versions. Which rows are refused and which are taken and flagged is said in
:mod:`.ged_rows`, what an event becomes in :mod:`.ged_new`, what a second import changes in :mod:`.ged_changes`.

One import is one change set in several transactions, one a batch: an import that is killed leaves whole batches,
its run has no ``finished_at``, and running it again goes on where it ended. Events that are not in the file are
left alone.

The data are UCDP's, CC BY 4.0: Sundberg and Melander (2013), Högbladh (2019).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Protocol

from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import AtlasError, InputError, NotFoundError
from db.import_log import ImportLog, file_sha256, start_import
from db.session import change_set_id, write_session
from db.tables import Report
from db.textfile import BadRow, Row, Table, read_table
from incidents.importers.ged_actors import Organisations
from incidents.importers.ged_batch import Source, Written, write_batch
from incidents.importers.ged_changes import FILE_FORMAT
from incidents.importers.ged_rows import KNOWN, REQUIRED, Event, Flag, is_tag_row, read_event
from incidents.importers.rows import Effect, Ids
from incidents.reports import ReportInput, add_report, find_report

BATCH = 1_000
"""Rows of one transaction."""

REPORT_PREFIX = "ucdp-ged-"
LICENCE = "CC BY 4.0"
CITATION = (
    "Sundberg, Ralph, and Erik Melander (2013). Introducing the UCDP Georeferenced Event Dataset. Journal of Peace "
    "Research 50(4). Högbladh, Stina (2019). UCDP GED Codebook version 19.1. Department of Peace and Conflict "
    "Research, Uppsala University."
)


class Progress(Protocol):
    """What is told how far an import is; called after each batch."""

    def __call__(self, done_bytes: int, total_bytes: int, /) -> None:
        """How many bytes of the file are imported, of how many."""


@dataclass(frozen=True)
class GedCounts:
    """What became of a file.

    ``read`` counts every record, the ``tags`` row too; each other one is added, unchanged, superseded (something
    of it was replaced or added) or rejected. ``flagged`` counts rows; ``flags`` and ``rejections`` count
    reasons, and a row may have several flags.
    """

    run_id: int
    report: str
    read: int
    tags: int
    added: int
    unchanged: int
    superseded: int
    flagged: int
    rejected: int
    flags: dict[str, int]
    rejections: dict[str, int]


def import_ged(
    database: Database,
    path: Path,
    *,
    who: str,
    why: str | None = None,
    encoding: str | None = None,
    progress: Progress | None = None,
    batch: int = BATCH,
) -> GedCounts:
    """Record the events of a file of UCDP GED.

    Args:
        database: where.
        path: the file, CSV with a header.
        who: name of the person or program that imports.
        why: the reason; by default that this file was imported.
        encoding: by default the byte order mark's, else UTF-8.
        progress: told how far it is after each batch.
        batch: rows of one transaction, at least 1.

    Returns:
        What became of the rows. The rejected and flagged ones are kept under the run's id.

    Raises:
        InputError: the file is no table of GED; nothing was written. ``cell_too_long``: a row without end; the
            batches before it stand.
        ResourceError: the disk is full, or the database is read-only or locked; the batches before stand.
        StorageError: the database is of another schema.
    """
    if batch < 1:
        raise InputError("out_of_range", "A batch has at least one row.", where="batch", got=batch)
    table = read_table(path, required=REQUIRED, known=KNOWN, encoding=encoding)
    run = _Run(database, table, who, why if why is not None else f"Import of UCDP GED from {path.name}.")
    total = path.stat().st_size
    done = 0
    records = iter(table)
    while chunk := list(islice(records, batch)):
        run.write(chunk)
        done += sum(len(record.raw.encode(table.encoding, "replace")) for record in chunk)
        if progress is not None:
            progress(min(done, total), total)
    return run.finish()


@dataclass
class _Checked:
    """A batch, read and checked before the lock is taken."""

    events: list[Event] = field(default_factory=list)
    rejected: list[tuple[int, AtlasError, str]] = field(default_factory=list)


class _Run:
    """One import: it opens the change set with its first batch and goes on with it."""

    def __init__(self, database: Database, table: Table, who: str, why: str) -> None:
        self._database = database
        self._table = table
        self._who = who
        self._why = why
        self._change_set: int | None = None
        self._log = ImportLog(0)
        self._source = Source(0, 0, frozenset())
        self._report = ""
        self._seen = Ids()
        self._tags = 0
        self._flags: Counter[str] = Counter()
        self._rejections: Counter[str] = Counter()

    def write(self, records: list[Row | BadRow]) -> None:
        """Check the records, and write them in one transaction."""
        checked = self._check(records)
        with write_session(self._database, who=self._who, why=self._why, continues=self._change_set) as session:
            if self._change_set is None:
                self._start(session)
            self._log.read += len(records)
            for line, error, raw in checked.rejected:
                self._log.reject(line, error, raw)
                self._rejections[error.code] += 1
            for written in write_batch(session, checked.events, self._source):
                self._count(written)
            self._log.save_counts(session)

    def finish(self) -> GedCounts:
        """Record that the file was read to its end."""
        with write_session(self._database, who=self._who, why=self._why, continues=self._change_set) as session:
            self._log.finish(session)
        log = self._log
        return GedCounts(
            run_id=log.run_id,
            report=self._report,
            read=log.read,
            tags=self._tags,
            added=log.added,
            unchanged=log.unchanged,
            superseded=log.superseded,
            flagged=log.flagged,
            rejected=log.rejected,
            flags=dict(self._flags),
            rejections=dict(self._rejections),
        )

    def _start(self, session: Session) -> None:
        self._log = start_import(session, FILE_FORMAT, self._table.path)
        source_id = Organisations(session).source()
        report = _file_report(session, self._table.path)
        known = select(Report.id).where(
            Report.publisher_id == source_id, col(Report.code).startswith(REPORT_PREFIX, autoescape=True)
        )
        held = frozenset(key for key in session.exec(known) if key is not None)
        self._source = Source(source_id, report.key, held)
        self._report = report.code
        self._change_set = change_set_id(session)

    def _check(self, records: list[Row | BadRow]) -> _Checked:
        checked = _Checked()
        for record in records:
            if isinstance(record, BadRow):
                checked.rejected.append((record.line, record.error, record.raw))
                continue
            if self._log.read == 0 and record is records[0] and is_tag_row(record):
                self._tags += 1
                continue
            where = f"{self._table.path.name}, line {record.line}"
            try:
                event = read_event(record, where)
                self._see(event.key, where)
            except AtlasError as error:
                checked.rejected.append((record.line, error, record.raw))
            else:
                checked.events.append(event)
        return checked

    def _see(self, key: int, where: str) -> None:
        """Note an id.

        Raises:
            InputError: ``duplicate_id``: an earlier row of the file has it.
        """
        if not self._seen.add(key):
            why = "An earlier row of this file is the same event."
            raise InputError("duplicate_id", why, where=f"{where}, id", got=str(key), fix="Remove one of them.")

    def _count(self, written: Written) -> None:
        """Count an event, and keep its row where there is a flag."""
        event, log = written.event, self._log
        match written.effect:
            case Effect.ADDED:
                log.added += 1
            case Effect.UNCHANGED:
                log.unchanged += 1
            case Effect.SUPERSEDED:
                log.superseded += 1
        flags = [*event.flags]
        if len(written.kept) > 0:
            message = f"The file differs from an edit made here, which stands: {', '.join(written.kept)}."
            flags.append(Flag("edited_here", message))
        flagged = log.flagged + (len(flags) > 0)
        for flag in flags:
            log.flag(event.line, flag.reason, flag.message, event.raw)
            self._flags[flag.reason] += 1
        # The log counts reasons; the run counts rows.
        log.flagged = flagged


def _file_report(session: Session, path: Path) -> Report:
    """The report that stands for the file, by its content: GED's files do not say their version."""
    digest = file_sha256(path)
    code = f"{REPORT_PREFIX}{digest[:12]}"
    try:
        return find_report(session, code)
    except NotFoundError:
        data = ReportInput(
            code=code,
            publisher="UCDP",
            title=f"UCDP Georeferenced Event Dataset (GED), file {path.name}"[:500],
            sha256=digest,
            licence=LICENCE,
            citation=CITATION,
        )
        return add_report(session, data)
