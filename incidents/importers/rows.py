"""Rows of an import taken one by one, each as a whole; and all of them together, or, on request, the good ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from sqlmodel import Session

from db.cells import DECEPTIVE
from db.errors import AtlasError, ConflictError, InputError
from db.import_log import start_import

SHOWN = 20
"""So many bad rows are listed in the message; all of them are counted."""


class Effect(StrEnum):
    """What became of a row."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"


class Ids:
    """The ids met so far, one bit each: a file of a million rows must fit in little memory."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, key: int) -> bool:
        """Note an id; returns whether it is new."""
        new = key not in self
        page, rest = divmod(key, 8 * 1024)
        self._pages.setdefault(page, bytearray(1024))[rest // 8] |= 1 << rest % 8
        return new

    def __contains__(self, key: int) -> bool:
        """Whether the id was noted."""
        page, rest = divmod(key, 8 * 1024)
        return page in self._pages and bool(self._pages[page][rest // 8] >> rest % 8 & 1)


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
    hold characters that make a text look like another (B58), or are flagged by their reader; they are kept beside the
    rejected ones. ``superseded`` rows changed something of what an earlier file said.

    Of somebody else's file, ``kept`` names the columns that are not read and whose cells stand in the notes, ``left``
    those that are neither read nor kept, ``recorded`` counts the new rows by table, and ``missing`` are codes recorded
    from an earlier file that this one does not have (20 at most, of ``missing_count``); they are left as they are.
    """

    run_id: int
    read: int
    added: int
    unchanged: int
    rejected: tuple[Rejected, ...] = ()
    ignored: tuple[str, ...] = ()
    flagged: int = 0
    superseded: int = 0
    kept: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    recorded: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    missing_count: int = 0


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

    def count(self, line: int, raw: str, effect: Effect, flags: Iterable[tuple[str, str]] = ()) -> None:
        """Count a row that was taken, with the reasons and messages for a person to look at it."""
        self._log.read += 1
        self._log.added += effect is Effect.ADDED
        self._log.unchanged += effect is Effect.UNCHANGED
        self._log.superseded += effect is Effect.SUPERSEDED
        if effect is not Effect.UNCHANGED:
            self._flag(line, raw)
        for reason, message in flags:
            self._log.flag(line, reason, message, raw)

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
        return Outcome(run.key, *counts, tuple(self._rejected), ignored, self._log.flagged, self._log.superseded)

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
