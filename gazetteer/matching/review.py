"""What a person has to decide: the distinct texts that the gazetteer does not settle, and their decisions read back."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from sqlmodel import Session

from db.cells import clean_text, neutralise_cell, restore_cell
from db.errors import ConflictError, InputError, NotFoundError, ResourceError
from db.tables.base import LINE
from db.textfile import BadRow, Row, read_table
from gazetteer.attested import Attestation, AttestCounts, attest_many
from gazetteer.coordinates.cleaning import may_be_coordinates
from gazetteer.locate import LONGEST, locate
from gazetteer.matching.matcher import UNIT_KINDS, Found, Spot, asked, found_of_choice
from gazetteer.search.answer import Candidate, PlaceVerdict
from gazetteer.search.phrases import Relation, parse_phrase
from gazetteer.sources.names import clean_name

REVIEW_COLUMNS = (
    "name", "admin1", "admin2", "country", "rows", "verdict", "candidates", "notes", "choice", "note",
)  # fmt: skip
"""The columns of a review file; a person fills the last two."""

SEARCHED = 20  # candidates among which a choice is looked for
_OPEN = (PlaceVerdict.AMBIGUOUS.value, PlaceVerdict.NOT_FOUND.value)
_CREATE = """
    CREATE TABLE spot (name TEXT, admin1 TEXT, admin2 TEXT, country TEXT, verdict TEXT, candidates TEXT, notes TEXT,
                       rows INTEGER, UNIQUE (name, admin1, admin2, country))
"""
_ADD = """
    INSERT INTO spot VALUES (?, ?, ?, ?, ?, ?, ?, 1)
    ON CONFLICT (name, admin1, admin2, country) DO UPDATE SET rows = rows + 1
"""
_REVIEW = """
    SELECT name, admin1, admin2, country, rows, verdict, candidates, notes FROM spot
    WHERE verdict IN (?, ?) AND name <> '' AND length(name) <= ? ORDER BY rows DESC, rowid
"""


class Tally:
    """The distinct texts of a table with their rows and verdicts, in a temporary file that SQLite keeps.

    A table may have as many distinct texts as rows; they must not fill the memory. Use it in a ``with`` block.
    """

    def __init__(self) -> None:
        # An empty name is a private database on disk, deleted when it is closed; most of a small one stays in memory.
        self._file = sqlite3.connect("", isolation_level=None)
        with _translated():
            self._file.execute("PRAGMA journal_mode = OFF")
            self._file.execute("PRAGMA synchronous = OFF")
            self._file.execute(_CREATE)
            self._file.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, spot: Spot, found: Found) -> None:
        """Count one more row that says ``spot``.

        Raises:
            ResourceError: ``disk_full``, the temporary folder has no room.
        """
        is_open = found.verdict in _OPEN
        candidates, notes = (found.cells.get("candidates", ""), " ".join(found.notes)) if is_open else ("", "")
        with _translated():
            self._file.execute(_ADD, (*spot, found.verdict, candidates, notes))

    def distinct(self) -> int:
        """How many different texts there are."""
        return int(self._file.execute("SELECT count(*) FROM spot").fetchone()[0])

    def write(self, stream: BinaryIO) -> int:
        """Write the review: one line per ambiguous or unknown text, the most frequent first.

        Rows without a name, and with one too long to be looked up, are not in it.

        Args:
            stream: where it goes; UTF-8 with a byte order mark, by which spreadsheets know Arabic.

        Returns:
            The number of lines below the header.
        """
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
        count = 0
        try:
            writer = csv.writer(text, lineterminator="\r\n")
            writer.writerow(REVIEW_COLUMNS)
            for row in self._file.execute(_REVIEW, (*_OPEN, LONGEST)):
                count += 1
                writer.writerow([cell if isinstance(cell, int) else neutralise_cell(cell) for cell in (*row, "", "")])
        finally:
            text.detach()  # closing the wrapper would close the caller's stream
        return count


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        fix = "Free some space in the folder for temporary files."
        raise ResourceError("disk_full", f"The texts cannot be kept meanwhile: {error}.", fix=fix) from error


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a filled review file.

    Attributes:
        spot: what the rows say.
        key: the chosen ``source:key``.
        note: what the person noted.
        where: file and line, for errors.
    """

    spot: Spot
    key: str
    note: str
    where: str


def read_choices(path: Path, *, encoding: str | None = None) -> list[Choice]:
    """The lines of a review file that have a choice.

    Args:
        path: a review file as `Tally.write` writes it, with the column ``choice`` filled where a person decided.
        encoding: by default that of the byte order mark, else UTF-8.

    Raises:
        InputError: what is wrong with a line, because a decision must not be lost; those of
            `db.textfile.read_table`.
        ConflictError: ``two_choices``, one text has two.
    """
    found: dict[Spot, Choice] = {}
    required = ("name", "admin1", "admin2", "country", "choice")
    for row in read_table(path, required=required, known=None, encoding=encoding):
        if isinstance(row, BadRow):
            raise row.error
        choice = _choice(row, f"{path.name}, line {row.line}")
        if choice is None:
            continue
        other = found.setdefault(choice.spot, choice)
        if other.key != choice.key:
            why = f"The same text has another choice on {other.where}: {other.key}."
            raise ConflictError("two_choices", why, where=choice.where, got=choice.key, fix="Leave one of them.")
    return list(found.values())


def _choice(row: Row, where: str) -> Choice | None:
    cells = {name: restore_cell(value.strip()) for name, value in row.values.items()}
    key = clean_text(cells["choice"], f"{where}, choice", identifier=True, max_length=LINE)
    if key == "":
        return None
    source, colon, rest = key.partition(":")
    if not colon or source == "" or rest == "":
        fix = "Copy the beginning of a candidate, for example geonames:170063."
        raise InputError("bad_choice", "A choice is source:key.", where=f"{where}, choice", got=key, fix=fix)
    note = clean_text(cells.get("note", ""), f"{where}, note", max_length=LINE)
    return Choice(Spot(cells["name"], cells["admin1"], cells["admin2"], cells["country"]), key, note, where)


def chosen(session: Session, choices: list[Choice]) -> dict[Choice, Candidate]:
    """The place of each choice.

    Args:
        session: an open session.
        choices: from `read_choices`.

    Raises:
        NotFoundError: ``unknown_place``, no entry has the key, and no candidate of the text either.
    """
    return {choice: _candidate(session, choice) for choice in choices}


def _candidate(session: Session, choice: Choice) -> Candidate:
    # Computed places ("5 km north of ...") have no entry; they are candidates of their own text only.
    if not choice.key.startswith("computed:"):
        found = locate(session, choice.key, limit=1).candidates
    else:
        found = asked(session, choice.spot, limit=SEARCHED).candidates
    for candidate in found:
        if candidate.key == choice.key:
            return candidate
    fix = "Copy the key of a candidate, or ask for one: incidents place find NAME"
    raise NotFoundError(
        "unknown_place", "No entry of the gazetteer has this key.", where=f"{choice.where}, choice", got=choice.key,
        fix=fix,
    )  # fmt: skip


def learn(session: Session, places: Mapping[Choice, Candidate], *, file: str) -> AttestCounts:
    """Make each chosen text a name of its place, known from then on; the session's change set says who chose.

    Args:
        session: an open write session.
        places: from `chosen`; computed places teach no name.
        file: name of the table in which the texts are; kept as where they were read, with the person's note.

    Returns:
        How many became names; a text that names no place of its own is left out.
    """
    return attest_many(session, [
        Attestation(
            choice.spot.name, place.lon, place.lat, f"{file}: {choice.note}"[:LINE] if choice.note else file,
            place.country, choice.spot.admin1 or None, place.key, place.precision,
        )
        for choice, place in places.items() if place.place_id is not None and teaches(choice.spot.name, place)
    ])  # fmt: skip


def teaches(text: str, place: Candidate) -> bool:
    """Whether a text chosen to mean a place is a name of it, and not only words about where it is.

    Who places "5 km north of A", "between A and B" or "A/B" at C does not say that C is called A. Who places
    "A governorate" at a town does not say that the town is called A.

    Args:
        text: as the rows have it.
        place: that a person chose for it.
    """
    if may_be_coordinates(text):
        return False
    said = parse_phrase(clean_name(text))
    whole = said.landmark != "" or said.relation in (Relation.PART, Relation.RURAL)
    if not whole and (said.relation is not Relation.AT or len(said.names) != 1):
        return False
    return len(said.kinds & set(UNIT_KINDS)) == 0 or place.kind in UNIT_KINDS


def found_of_choices(places: Mapping[Choice, Candidate], by: str) -> dict[Spot, Found]:
    """What each chosen text came to, for `gazetteer.matching.Matcher`.

    Args:
        places: from `chosen`.
        by: who chose.
    """
    return {choice.spot: found_of_choice(place, by) for choice, place in places.items()}
