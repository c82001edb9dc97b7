"""One CSV file of ours taken batch by batch: plain rows together, any other row by itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from db.cells import restore_cell
from db.errors import InputError
from db.load import Load
from db.textbatch import Batch, batches
from db.textfile import Table, read_table
from incidents.dates import DayOrder, iso_day
from incidents.exports.columns import CLAIM_COLUMNS, INCIDENT_COLUMNS, Column, Role, named
from incidents.importers.plain import Plain
from incidents.importers.rows import Outcome, Rows

Cells = dict[str, str]
"""The cells of a row that hold something, by our column names, as they were before neutralising."""

BATCH = 5_000
"""Rows read together."""

FEW, TIMES = 32, 4
"""After a row that had to be taken alone so many are tried together, then so many times more each time."""

DAYS = frozenset({"start", "end", "stated", "as_of", "period", "withdrawn_on"})
"""The columns of both files that may hold a day."""


@dataclass(frozen=True)
class Reading:
    """How a file is to be read.

    ``progress`` is told how many more bytes are read; ``keep`` has columns that are not known kept in the note.
    """

    mapping: Mapping[str, str]
    encoding: str | None
    day_order: DayOrder | None
    progress: Callable[[int], None]
    keep: bool = False


class Taker(Protocol):
    """Records the rows of one kind of file."""

    def read(self, plain: Plain) -> None:
        """Read the columns of a batch, and mark the rows that are not plain."""

    def write(self, start: int, stop: int) -> int:
        """Record rows from ``start`` on, before ``stop``, up to the first that is not plain or not new; how many."""

    def take(self, row: int, cells: Cells) -> bool:
        """Record a row of any kind, or find it recorded; whether it is new."""


class CsvFile:
    """A file of which ``columns`` are read."""

    def __init__(self, path: Path, columns: tuple[Column, ...], how: Reading, load: Load) -> None:
        self._table = open_table(path, columns, how.mapping, how.encoding, keep=how.keep)
        known = {column.name for column in columns}
        self._others = [name for name in self._table.header if how.mapping.get(name, name) not in known]
        self._how = how
        self._load = load
        self._derived = named(columns, Role.DERIVED)
        self._text = {column.name: column.text for column in columns if column.role is not Role.DERIVED}
        self._ignored: set[str] = set()

    def take(self, rows: Rows, taker: Taker) -> Outcome:
        """Take every row.

        Raises:
            InputError, ConflictError: as :meth:`incidents.importers.rows.Rows.finish`.
        """
        for batch in batches(self._table, BATCH):
            columns = self._columns(batch)
            plain = Plain({name: cells for name, cells in columns.items() if name in self._text}, len(batch))
            for row in batch.bad:
                plain.rows[row] = 0
            taker.read(plain)
            self._take_batch(batch, columns, rows, taker)
            rows.save()
            self._how.progress(len("".join(batch.raws).encode(self._table.encoding, "replace")))
        self._load.give_way()
        outcome = rows.finish(tuple(name for name in self._derived if name in self._ignored))
        return replace(outcome, kept=tuple(self._others))

    def _take_batch(self, batch: Batch, columns: Mapping[str, Sequence[str]], rows: Rows, taker: Taker) -> None:
        """Take the rows in their order: what is looked up for some is not outdated by a row between them."""
        row, several = 0, len(batch)
        while row < len(batch):
            self._load.go_on()
            together = taker.write(row, min(row + several, len(batch)))
            if together > 0:
                stop = row + together
                rows.took(batch.lines[row:stop], batch.raws[row:stop])
            row += together
            if together == several or row == len(batch):
                several *= TIMES
                continue
            self._load.give_way()
            self._take_one(row, batch, columns, rows, taker)
            row, several = row + 1, FEW

    def _take_one(self, row: int, batch: Batch, columns: Mapping[str, Sequence[str]], rows: Rows, taker: Taker) -> None:
        if row in batch.bad:
            bad = batch.bad[row]
            rows.refuse(bad.line, bad.error, bad.raw)
            return
        cells = {
            name: restore_cell(columns[name][row]) if text else columns[name][row].strip()
            for name, text in self._text.items()
            if name in columns and columns[name][row].strip() != ""
        }
        line = batch.lines[row]
        rows.take(
            line, f"line {line}", functools.partial(str, batch.raws[row]), functools.partial(taker.take, row, cells)
        )

    def _columns(self, batch: Batch) -> dict[str, Sequence[str]]:
        """The columns under our names, with days as ``YYYY-MM-DD`` where their order was said."""
        renamed = {self._how.mapping.get(name, name): cells for name, cells in batch.columns().items()}
        for name in self._derived:
            if name not in self._ignored and any(cell.strip() for cell in renamed.get(name, ())):
                self._ignored.add(name)
        if len(self._others) > 0:
            renamed["note"] = self._notes(renamed, len(batch))
        order = self._how.day_order
        if order is None:
            return renamed
        return {
            name: [iso_day(cell, order) for cell in cells] if name in DAYS else cells for name, cells in renamed.items()
        }

    def _notes(self, columns: Mapping[str, Sequence[str]], count: int) -> list[str]:
        """The notes of a batch, with a line for each cell of a column that is not known."""
        notes = list(columns.get("note", [""] * count))
        for name in self._others:
            for row, text in enumerate(columns[name]):
                if text.strip() != "":
                    notes[row] = f"{notes[row]}\n{name}: {restore_cell(text.strip())}".strip("\n")
        return notes


def open_table(
    path: Path,
    columns: tuple[Column, ...],
    mapping: Mapping[str, str],
    encoding: str | None = None,
    *,
    keep: bool = False,
) -> Table:
    """The file with its header checked.

    Raises:
        InputError: as :func:`db.textfile.read_table`; ``unknown_field``, the mapping names no column of ours;
            ``duplicate_column``, two columns stand for one of ours.
    """
    names = {column.name for column in columns}
    # A mapping serves both files: what is no column of this one may be one of the other.
    here = {theirs: ours for theirs, ours in mapping.items() if ours in names}
    every = {column.name for column in (*INCIDENT_COLUMNS, *CLAIM_COLUMNS)}
    wrong = [ours for ours in mapping.values() if ours not in every]
    if len(wrong) > 0:
        raise InputError("unknown_field", "The mapping names no column that is read here.", got=wrong[0])
    back = {ours: theirs for theirs, ours in here.items()}
    required = [back.get(column.name, column.name) for column in columns if column.required]
    table = read_table(path, required=required, known=None if keep else names | set(mapping), encoding=encoding)
    ours = [here.get(name, name) for name in table.header]
    twice = [name for name in ours if ours.count(name) > 1]
    if len(twice) > 0:
        raise InputError("duplicate_column", "Two columns stand for one.", where=f"{path.name}, header", got=twice[0])
    return table
