"""Our own CSV back in, and the template that anyone may fill: one file of incidents, one of claims.

The columns are those of :mod:`incidents.exports.columns`. An empty cell says nothing: it is neither zero nor a
contradiction. Derived columns are not read, and are named in the outcome where they hold something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from db.errors import ConflictError
from db.load import Load
from incidents.dates import DayOrder
from incidents.exports.columns import CLAIM_COLUMNS, INCIDENT_COLUMNS, Column, Role, named
from incidents.importers import plain_claims, plain_incidents
from incidents.importers.csv_file import CsvFile, Reading, Taker
from incidents.importers.rows import Outcome, Rows
from incidents.importers.sources import Sources

FILE_FORMAT = "incident-atlas-csv"
NEEDED = ("ix_claim_incident_id",)
"""The index by which a claim without a code is looked for."""


@dataclass(frozen=True)
class CsvOutcome:
    """What became of the two files."""

    incidents: Outcome | None
    claims: Outcome | None


def import_csv(
    session: Session,
    incidents: Path | None,
    claims: Path | None = None,
    *,
    partial: bool = False,
    create_sources: bool = False,
    keep_unknown: bool = False,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    day_order: DayOrder | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CsvOutcome:
    """Record the incidents of one file and the claims of another.

    The same files again add nothing; a code that is recorded with other content is refused. A claim without a
    code is the one recorded if source, report, figure, words and date are the same.

    Plain rows are read and written thousands at a time; any other row is taken alone, by the same rules.

    Args:
        session: a write session; the import is one change set.
        incidents: a file with the columns of ``INCIDENT_COLUMNS``; at least code and name.
        claims: a file with those of ``CLAIM_COLUMNS``; at least source, report and category.
        partial: keep the good rows of files with bad ones; the others are kept in the run.
        create_sources: record organisations and reports that are not recorded, by what the cell says.
        keep_unknown: keep columns that are not known in the note, each cell with its column's name; else they are
            refused, because a known column may be misspelt.
        mapping: our column name for a column of the files that has another name.
        encoding: of both files; by default the byte order mark's, else UTF-8.
        day_order: of days written 17/03/2017 in both files; None refuses them.
        progress: told after each batch how many bytes of the files are read, of how many.

    Raises:
        InputError: a file cannot be read, or some rows are bad; then nothing may be kept, see
            :class:`incidents.importers.rows.Rows`.
        ConflictError: ``different_content``, naming the column.
    """
    sources = Sources(session, create=create_sources)
    load = Load(session, (*plain_incidents.TABLES, *plain_claims.TABLES), NEEDED)
    how = Reading(mapping or {}, encoding, day_order, _Progress((incidents, claims), progress), keep_unknown)

    def take(path: Path, columns: tuple[Column, ...], taker: Taker) -> Outcome:
        rows = Rows(session, FILE_FORMAT, path, partial=partial)
        return CsvFile(path, columns, how, load).take(rows, taker)

    # Incidents first: the claims name them.
    first = second = None
    if incidents is not None:
        first = take(incidents, INCIDENT_COLUMNS, plain_incidents.IncidentRows(session, sources, load.new))
    if claims is not None:
        second = take(claims, CLAIM_COLUMNS, plain_claims.ClaimRows(session, sources, load.new))
    load.finish()
    return CsvOutcome(first, second)


def write_templates(folder: Path) -> tuple[Path, Path]:
    """Write a file of incidents and one of claims that hold the columns which an import reads, and no rows.

    Args:
        folder: is made if it is not there.

    Returns:
        The two files; a person fills them, in any program for tables.

    Raises:
        ConflictError: ``file_exists``, one of them is there already; then neither is written.
    """
    files = (folder / "incidents.csv", folder / "claims.csv")
    there = [file.name for file in files if file.exists()]
    if len(there) > 0:
        fix = "Name another folder: what is filled in there is not written over."
        raise ConflictError("file_exists", "The file is there already.", where=str(folder), got=there[0], fix=fix)
    folder.mkdir(parents=True, exist_ok=True)
    for file, columns in zip(files, (INCIDENT_COLUMNS, CLAIM_COLUMNS), strict=True):
        file.write_bytes((",".join(named(columns, Role.CARRIED, Role.TEMPLATE)) + "\r\n").encode())
    return files


class _Progress:
    """Adds up the bytes read of two files."""

    def __init__(self, paths: tuple[Path | None, ...], tell: Callable[[int, int], None] | None) -> None:
        self._tell = tell
        # A file that is missing is told of when its turn comes.
        self._whole = sum(path.stat().st_size for path in paths if path is not None and path.is_file())
        self._done = 0

    def __call__(self, read: int) -> None:
        """Note that ``read`` more bytes are read."""
        self._done += read
        if self._tell is not None:
            self._tell(min(self._done, self._whole), self._whole)
