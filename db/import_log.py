"""The record of an import: the file that was read, what became of its rows, and the rows kept for a person.

Shared by every importer. The log can outlive a session: an import in several batches saves it in each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.cells import clean_text
from db.encoding import read_bytes
from db.errors import AtlasError
from db.session import change_set_id
from db.tables import ImportRow, ImportRun
from db.tables.base import LINE, PAGE, SHORT
from db.types import utc_now
from db.vocabulary import RowVerdict

NUL_SHOWN = "\u2400"
"""What stands for U+0000 in a kept row: PostgreSQL holds no text with it, and both editions keep the same."""

Progress = Callable[[int], None]
"""Called with the number of rows read so far."""


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, hexadecimal.

    Raises:
        InputError: ``not_a_file``; NotFoundError: ``file_not_found``; ResourceError: ``unreadable_file``.
    """
    read_bytes(path, limit=1)
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class ImportLog:
    """The counts of one import under way, and its kept rows that are not saved yet.

    Make it with :func:`start_import`; count in ``read``, ``added``, ``unchanged`` and ``superseded``, keep rows
    with :meth:`reject` and :meth:`flag`, and :meth:`save` in every batch, which bounds the memory.
    """

    run_id: int
    read: int = 0
    added: int = 0
    unchanged: int = 0
    superseded: int = 0
    flagged: int = 0
    rejected: int = 0
    _kept: list[dict[str, Any]] = field(default_factory=list, repr=False)

    def reject(self, line: int, error: AtlasError, raw: str) -> None:
        """Keep a row that is not taken.

        Args:
            line: physical line on which the row starts, from 1.
            error: why; its code becomes the reason.
            raw: the row as it stood.
        """
        self.rejected += 1
        self._keep(RowVerdict.REJECTED, line, error.code, _message(error), raw)

    def flag(self, line: int, reason: str, message: str, raw: str) -> None:
        """Keep a row that was taken and needs a person's look.

        Args:
            line: physical line on which the row starts, from 1.
            reason: stable snake_case code.
            message: one sentence.
            raw: the row as it stood.
        """
        self.flagged += 1
        self._keep(RowVerdict.FLAGGED, line, reason, message, raw)

    def _keep(self, verdict: RowVerdict, line: int, reason: str, message: str, raw: str) -> None:
        self._kept.append({
            "import_run_id": self.run_id, "verdict": verdict, "line": line, "reason": reason[:SHORT],
            "message": message[:LINE], "raw": raw.rstrip("\r\n").replace("\x00", NUL_SHOWN)[:PAGE],
        })  # fmt: skip

    def save(self, session: Session) -> None:
        """Write the kept rows in bulk.

        Args:
            session: an open write session, the one that made the run or one that continues its change set.
        """
        if len(self._kept) > 0:
            change_set = change_set_id(session)
            session.execute(sa.insert(ImportRow), [row | {"change_set_id": change_set} for row in self._kept])
            self._kept.clear()

    def save_counts(self, session: Session) -> ImportRun:
        """Write the kept rows, and the counts so far into the run; an interrupted import keeps them."""
        self.save(session)
        run = session.get_one(ImportRun, self.run_id)
        run.rows_read, run.rows_added, run.rows_unchanged = self.read, self.added, self.unchanged
        run.rows_superseded, run.rows_flagged, run.rows_rejected = self.superseded, self.flagged, self.rejected
        session.flush()
        return run

    def finish(self, session: Session) -> ImportRun:
        """Write all that is left, and that the file was read to its end.

        Returns:
            The run with its final counts.
        """
        session.get_one(ImportRun, self.run_id).finished_at = utc_now()
        return self.save_counts(session)


def start_import(session: Session, file_format: str, path: Path) -> ImportLog:
    """Record that the file ``path`` is being read, and open its log.

    Args:
        session: an open write session.
        file_format: stable name of the format, for example ``geonames``.
        path: the file; only its name and the SHA-256 of its bytes are kept.

    Raises:
        InputError: ``invisible_character`` and the like in the file's name (B58), and, as NotFoundError and
            ResourceError, those of :func:`file_sha256`.
    """
    name = clean_text(path.name, "file name", identifier=True, max_length=LINE)
    run = ImportRun(file_format=file_format, file_name=name, sha256=file_sha256(path), started_at=utc_now())
    session.add(run)
    session.flush()
    return ImportLog(run.key)


def _message(error: AtlasError) -> str:
    got = "" if error.got is None else f" Got: {error.got}"
    return f"{error.why}{got}"
