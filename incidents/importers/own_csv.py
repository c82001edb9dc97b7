"""Our own CSV back in, and the template that anyone may fill: one file of incidents, one of claims.

The columns are those of :mod:`incidents.exports.columns`. An empty cell says nothing: it is neither zero nor a
contradiction. Derived columns are not read, and are named in the outcome where they hold something.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlmodel import Session

from db.cells import restore_cell
from db.errors import InputError
from db.textfile import BadRow, Row, Table, read_table
from incidents.dates import DayOrder, iso_day
from incidents.exports.columns import CLAIM_COLUMNS, INCIDENT_COLUMNS, Column, Role, named
from incidents.importers.csv_claims import take_claim
from incidents.importers.csv_incidents import take_incident
from incidents.importers.recorded import Recorded
from incidents.importers.rows import Outcome, Rows
from incidents.importers.sources import Sources

FILE_FORMAT = "incident-atlas-csv"
Cells = dict[str, str]
"""The cells of a row that hold something, by our column names, as they were before neutralising."""
Take = Callable[[Cells], bool]
"""Records a row; says whether it is new."""

BATCH = 500
DAYS = frozenset({"start", "end", "stated", "as_of", "period", "withdrawn_on"})
"""The columns of both files that may hold a day."""


@dataclass(frozen=True)
class CsvOutcome:
    """What became of the two files."""

    incidents: Outcome | None
    claims: Outcome | None


@dataclass(frozen=True)
class _Reading:
    """How both files are to be read."""

    mapping: Mapping[str, str]
    encoding: str | None
    day_order: DayOrder | None

    def days(self, cells: Cells) -> Cells:
        """``cells`` with their days as ``YYYY-MM-DD``, where the order was said."""
        if self.day_order is None:
            return cells
        return {name: iso_day(text, self.day_order) if name in DAYS else text for name, text in cells.items()}


def import_csv(
    session: Session,
    incidents: Path | None,
    claims: Path | None = None,
    *,
    partial: bool = False,
    create_sources: bool = False,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    day_order: DayOrder | None = None,
) -> CsvOutcome:
    """Record the incidents of one file and the claims of another.

    The same files again add nothing; a code that is recorded with other content is refused. A claim without a
    code is the one recorded if source, report, figure, words and date are the same.

    Args:
        session: a write session; the import is one change set.
        incidents: a file with the columns of ``INCIDENT_COLUMNS``; at least code and name.
        claims: a file with those of ``CLAIM_COLUMNS``; at least source, report and category.
        partial: keep the good rows of files with bad ones; the others are kept in the run.
        create_sources: record organisations and reports that are not recorded, by what the cell says.
        mapping: our column name for a column of the files that has another name.
        encoding: of both files; by default the byte order mark's, else UTF-8.
        day_order: of days written 17/03/2017 in both files; None refuses them.

    Raises:
        InputError: a file cannot be read, or some rows are bad; then nothing may be kept, see
            :class:`incidents.importers.rows.Rows`.
        ConflictError: ``different_content``, naming the column.
    """
    sources = Sources(session, create=create_sources)
    how = _Reading(mapping or {}, encoding, day_order)
    take = functools.partial(_take, session, how, partial=partial)

    def incident(batch: list[Cells]) -> Take:
        recorded = Recorded(session, [cells.get("code", "").strip() for cells in batch])
        return functools.partial(take_incident, session, sources, recorded)

    def claim(_batch: list[Cells]) -> Take:
        return functools.partial(take_claim, session, sources)

    # Incidents first: the claims name them.
    first = None if incidents is None else take(incidents, INCIDENT_COLUMNS, incident)
    return CsvOutcome(first, None if claims is None else take(claims, CLAIM_COLUMNS, claim))


def _take(
    session: Session,
    how: _Reading,
    path: Path,
    columns: tuple[Column, ...],
    prepare: Callable[[list[Cells]], Take],
    *,
    partial: bool,
) -> Outcome:
    """Take the rows of one file, a batch at a time; ``prepare`` looks up what is recorded of a batch."""
    rows = Rows(session, FILE_FORMAT, path, partial=partial)
    derived = set(named(columns, Role.DERIVED))
    ignored: set[str] = set()
    table = iter(open_table(path, columns, how.mapping, how.encoding))
    while len(batch := list(islice(table, BATCH))) > 0:
        cells = {row.line: how.days(cells_of(row, columns, how.mapping)) for row in batch if isinstance(row, Row)}
        ignored |= derived & {name for one in cells.values() for name in one}
        known = {line: {name: one[name] for name in one if name not in derived} for line, one in cells.items()}
        record = prepare(list(known.values()))
        for row in batch:
            if isinstance(row, BadRow):
                rows.refuse(row.line, row.error, row.raw)
            else:
                work = functools.partial(record, known[row.line])
                rows.take(row.line, f"line {row.line}", functools.partial(str, row.raw), work)
    return rows.finish(tuple(name for name in named(columns, Role.DERIVED) if name in ignored))


def open_table(
    path: Path, columns: tuple[Column, ...], mapping: Mapping[str, str], encoding: str | None = None
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
    table = read_table(path, required=required, known=names | set(mapping), encoding=encoding)
    ours = [here.get(name, name) for name in table.header]
    twice = [name for name in ours if ours.count(name) > 1]
    if len(twice) > 0:
        raise InputError("duplicate_column", "Two columns stand for one.", where=f"{path.name}, header", got=twice[0])
    return table


def cells_of(row: Row, columns: tuple[Column, ...], mapping: Mapping[str, str]) -> Cells:
    """The cells that hold something, under our names; apostrophes of our own export are taken off again."""
    text = {column.name: column.text for column in columns}
    renamed = {mapping.get(name, name): value for name, value in row.values.items()}
    return {
        name: restore_cell(value) if text[name] else value.strip()
        for name, value in renamed.items()
        if name in text and value.strip() != ""
    }
