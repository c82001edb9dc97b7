"""Rows of an import taken one by one, each as a whole; and all of them together, or, on request, the good ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from db.cells import DECEPTIVE
from db.errors import AtlasError, ConflictError, InputError
from db.import_log import start_import

SHOWN = 20
"""So many bad rows are listed in the message; all of them are counted."""


@dataclass(frozen=True)
class Rejected:
    """A row that was not taken: its line (or number) in the file, and why, with the place in the file."""

    line: int
    error: AtlasError


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    ``added`` and ``unchanged`` count rows; ``rejected`` rows are kept in the run ``run_id`` (table import_row).
    ``ignored`` names the columns that hold values and are worked out, not read. ``flagged`` rows were taken and
    hold characters that make a text look like another (B58); they are kept beside the rejected ones.
    """

    run_id: int
    read: int
    added: int
    unchanged: int
    rejected: tuple[Rejected, ...] = ()
    ignored: tuple[str, ...] = ()
    flagged: int = 0


class Rows:
    """Takes the rows of one file; a bad row leaves nothing behind and does not stop the reading.

    Args:
        session: a write session.
        file_format: stable name of the format.
        path: the file.
        partial: keep the good rows of a file that has bad ones.
    """

    def __init__(self, session: Session, file_format: str, path: Path, *, partial: bool) -> None:
        self._session = session
        self._partial = partial
        self._name = path.name
        self._log = start_import(session, file_format, path)
        self._rejected: list[Rejected] = []

    def take(self, line: int, where: str, raw: Callable[[], str], record: Callable[[], bool]) -> None:
        """Take one row.

        Args:
            line: its line or number in the file, from 1.
            where: what to call it in a message.
            raw: gives the row as it stood.
            record: writes it; returns whether anything was new.
        """
        self._log.read += 1
        try:
            with self._session.begin_nested():
                new = record()
        except AtlasError as error:
            self._reject(line, error.at(f"{self._name}, {where}"), raw())
            return
        if new:
            self._flag(line, raw())
        self._log.added += int(new)
        self._log.unchanged += int(not new)

    @property
    def read(self) -> int:
        """How many rows were read so far."""
        return self._log.read

    def took(self, lines: Sequence[int], raws: Sequence[str]) -> None:
        """Count rows that were recorded together, all of them new.

        Args:
            lines: the line of each.
            raws: each as it stood.
        """
        self._log.read += len(lines)
        self._log.added += len(lines)
        if DECEPTIVE.search("".join(raws)) is not None:
            for line, raw in zip(lines, raws, strict=True):
                self._flag(line, raw)

    def save(self) -> None:
        """Write the rows kept so far, so that they take no memory."""
        self._log.save(self._session)

    def refuse(self, line: int, error: AtlasError, raw: str) -> None:
        """Note a row that could not even be read; ``error`` names the file and line already."""
        self._log.read += 1
        self._reject(line, error, raw)

    def _reject(self, line: int, error: AtlasError, raw: str) -> None:
        # Its traceback would keep what every step of the failed work had in hand.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        self._rejected.append(Rejected(line, error))
        self._log.reject(line, error, raw)

    def _flag(self, line: int, raw: str) -> None:
        """Keep a row that is taken and whose texts may not read as they look."""
        found = DECEPTIVE.search(raw)
        if found is not None:
            why = f"The row has the invisible character U+{ord(found[0]):04X}; it was kept, and is shown as its code."
            self._log.flag(line, "invisible_character", why, raw)

    def finish(self, ignored: tuple[str, ...] = ()) -> Outcome:
        """End the reading.

        Raises:
            InputError: some rows are bad and ``partial`` was not asked for; lists the first 20. The session
                must then be rolled back, which ``write_session`` does when the error passes through it.
            ConflictError: likewise, where every bad row contradicts what is recorded.
        """
        if len(self._rejected) > 0 and not self._partial:
            raise self._refusal()
        run = self._log.finish(self._session)
        counts = (self._log.read, self._log.added, self._log.unchanged)
        return Outcome(run.key, *counts, tuple(self._rejected), ignored, self._log.flagged)

    def _refusal(self) -> AtlasError:
        errors = [one.error for one in self._rejected]
        if len(errors) == 1:
            return errors[0]
        codes = {error.code for error in errors}
        kind = ConflictError if all(isinstance(error, ConflictError) for error in errors) else InputError
        lines = [f"\n  - {error}" for error in errors[:SHOWN]]
        more = f"\n  and {len(errors) - SHOWN} more" if len(errors) > SHOWN else ""
        return kind(
            codes.pop() if len(codes) == 1 else "bad_rows",
            f"{len(errors)} of {self._log.read} rows are bad; nothing was written.{''.join(lines)}{more}",
            where=self._name,
            fix="Correct them, or take the good rows with --partial.",
        )
