"""A person's table row by row: every cell stays as it is, byte for byte, and ours come after it.

The text of each row is copied, not written anew, so that quotes, blanks and numbers stay as they were. The copy is
UTF-8, because the names that are added may have letters that the encoding of the file lacks.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from db.cells import neutralise_cell, restore_cell
from db.encoding import bom_encoding, read_bytes, reopen_text
from db.errors import InputError
from db.import_log import Progress
from db.textfile import SHOWN_RAW, BadRow, Row, Table, read_table
from gazetteer.coordinates import Coordinates, Notation
from gazetteer.coordinates.point import Degrees, Given
from gazetteer.matching.columns import Columns, find_columns
from gazetteer.matching.matcher import COLUMNS, ERROR, Found, Matcher, Spot, compare, in_one_line
from gazetteer.matching.review import Tally
from gazetteer.points import parse_number

PREFIX = "match_"
BATCH = 500  # rows written together
_PREFIX = re.compile(r"\w[\w.\- ]{0,39}")
_END = re.compile(r"[\r\n]+\Z")


@dataclass(frozen=True, slots=True)
class MatchTable:
    """A table whose header is settled and whose columns are known.

    Attributes:
        table: its rows.
        columns: which are read.
        header: text of the header, as it is in the file.
        prefix: of our column names.
        marked: whether the file starts with a byte order mark; the copy then does too.
        country: of rows that say none; may be empty.
    """

    table: Table
    columns: Columns
    header: str
    prefix: str
    marked: bool
    country: str = ""

    @property
    def name(self) -> str:
        """Name of the file, without its folder."""
        return self.table.path.name

    def heading(self) -> str:
        """The header of the copy, without its line end."""
        ours = [f"{self.prefix}{name}" for name in COLUMNS]
        return _END.sub("", self.header) + self.table.delimiter + joined(ours, self.table.delimiter)

    def line_end(self) -> str:
        """The line end of the header, which a last row without one gets."""
        found = _END.search(self.header)
        return "\r\n" if found is None or found[0].startswith("\r\n") else found[0][0]


@dataclass
class MatchCounts:
    """What became of the rows.

    Attributes:
        rows: all of them.
        verdicts: rows by verdict; each row has one.
        distinct: different place texts with their units.
        chosen: rows whose place a person chose.
        unreadable: lines of rows that are no rows of the table; part of the errors.
        compared: rows whose own coordinates could be set beside a named place.
        far: of these, those that lie elsewhere (``far_from_name``), the swapped ones among them.
        swapped: of these, those nearer with longitude and latitude exchanged.
        bad_coordinates: rows whose own coordinates cannot be read.
        formulas: rows with a cell of the user's that a spreadsheet takes for a formula; it stays as it is.
        unterminated: the last row has no line end: the file may have been cut off.
    """

    rows: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    distinct: int = 0
    chosen: int = 0
    unreadable: list[int] = field(default_factory=list)
    compared: int = 0
    far: int = 0
    swapped: int = 0
    bad_coordinates: int = 0
    formulas: int = 0
    unterminated: bool = False


def open_match(
    path: Path, given: Mapping[str, str], *, prefix: str = PREFIX, encoding: str | None = None,
    delimiter: str | None = None, country: str = "",
) -> MatchTable:  # fmt: skip
    """A table with its encoding proven, its header checked and its columns known; no row is read yet.

    Args:
        path: a delimited file with a header.
        given: column name by field (`gazetteer.matching.columns.FIELDS`), as the user names them; empty for none.
        prefix: of the columns that are added.
        encoding: by default that of the byte order mark, else UTF-8.
        delimiter: by default the one of comma, semicolon and tab that shows the named, or most, columns.
        country: ISO 3166 two-letter code or name, of rows that say none.

    Raises:
        InputError: ``bad_prefix``; ``column_taken``, the file has a column of one of our names; those of
            `db.textfile.read_table` and `find_columns`.
    """
    if _PREFIX.fullmatch(prefix) is None:
        why = "A prefix starts with a letter or digit and has at most 40 letters, digits, _ - . and blanks."
        raise InputError("bad_prefix", why, got=prefix, fix="Give another --prefix, for example match_.")
    named = [column for column in given.values() if column != ""]
    table = read_table(path, required=named, known=None, encoding=encoding, delimiter=delimiter)
    columns = find_columns(table.header, given, file=path.name)
    ours = {f"{prefix}{name}".casefold() for name in COLUMNS}
    taken = [column for column in table.header if column.casefold() in ours]
    if len(taken) > 0:
        why = f"The file has a column {taken[0]!r} already, which would be added."
        fix = "Give our columns another beginning: --prefix NAME_"
        raise InputError("column_taken", why, where=f"{path.name}, header", got=", ".join(taken), fix=fix)
    marked = bom_encoding(read_bytes(path, limit=4)) is not None
    return MatchTable(table, columns, _header_text(table), prefix, marked, country)


def _header_text(table: Table) -> str:
    """The header as it is in the file; blank lines before it are no part of it."""
    text = ""
    with reopen_text(table.path, table.encoding) as stream:
        for line in islice(stream.lines(), table.first):
            text = text + line if text.strip() else line
    return text


def match_table(
    source: MatchTable, stream: BinaryIO, matcher: Matcher, tally: Tally, *, progress: Progress | None = None
) -> MatchCounts:
    """Copy a table, each row with what its place text came to; rows stream in constant memory.

    A row that is no row of the table is kept too, with the reason: where it only lacks cells at its end it gets empty
    ones; where its cells cannot be told apart its text is in the notes.

    Args:
        source: from `open_match`.
        stream: where the copy goes, UTF-8.
        matcher: looks the texts up.
        tally: remembers the distinct texts, for the review.
        progress: called with the number of rows done.

    Returns:
        What became of the rows.

    Raises:
        InputError: ``unclosed_quote`` and the like, where a row cannot be kept whole.
    """
    counts, work = MatchCounts(), iter(source.table)
    end = source.line_end()
    stream.write(f"{source.heading()}{end}".encode("utf-8-sig" if source.marked else "utf-8"))
    while batch := list(islice(work, BATCH)):
        lines = [_line(row, source, matcher, tally, counts) + end_of(row.raw, end) for row in batch]
        # A half surrogate pair, which a row is refused for, has no bytes: its code is written.
        stream.write("".join(lines).encode("utf-8", "backslashreplace"))
        if progress is not None:
            progress(counts.rows)
    counts.distinct, counts.unterminated = tally.distinct(), source.table.unterminated
    return counts


def end_of(raw: str, default: str) -> str:
    """The line end of a row, ``default`` where it has none."""
    found = _END.search(raw)
    return default if found is None else found[0]


def _line(row: Row | BadRow, source: MatchTable, matcher: Matcher, tally: Tally, counts: MatchCounts) -> str:
    """The text of a row with our cells, without a line end."""
    counts.rows += 1
    if isinstance(row, BadRow):
        counts.verdicts[ERROR] += 1
        counts.unreadable.append(row.line)
        return _kept(row, source.table)
    spot = _spot(row.values, source)
    found = matcher.find(spot)
    tally.add(spot, found)
    counts.verdicts[found.verdict] += 1
    counts.chosen += found.by is not None
    counts.formulas += any(_is_formula(cell) for cell in row.values.values())
    ours = found.row(_coordinate_notes(row.values, source, found, counts))
    delimiter = source.table.delimiter
    return _END.sub("", row.raw) + delimiter + joined(ours, delimiter)


def _spot(values: Mapping[str, str], source: MatchTable) -> Spot:
    """What a row says of its place, without blanks around it and without the apostrophe of an export of ours."""
    cells = {field: restore_cell(values[column].strip()) for field, column in source.columns.by_field.items()}
    country = cells.get("country", "") or source.country
    return Spot(cells["name"], cells.get("admin1", ""), cells.get("admin2", ""), country)


def _is_formula(cell: str) -> bool:
    if cell[:1].isalnum() or neutralise_cell(cell) == cell:
        return False
    try:
        Decimal(cell)
    except InvalidOperation:
        return True
    return False


def _coordinate_notes(
    values: Mapping[str, str], source: MatchTable, found: Found, counts: MatchCounts
) -> tuple[str, ...]:
    """What is to be said of the row's own coordinates; they stay as they are."""
    columns = source.columns.by_field
    if "lon" not in columns:
        return ()
    lon, lat = values[columns["lon"]].strip(), values[columns["lat"]].strip()
    if lon == "" and lat == "":
        return ()
    try:
        own = read_point(lon, lat)
    except InputError as error:
        counts.bad_coordinates += 1
        return (f"The row's own coordinates cannot be read: {in_one_line(error)}",)
    notes = compare(found, own)
    counts.compared += len(found.points) > 0
    counts.far += any(note.startswith("[far_from_name]") for note in notes)
    counts.swapped += any(note.startswith("[maybe_swapped]") for note in notes)
    return notes


def read_point(lon: str, lat: str) -> Coordinates:
    """The point of two cells in decimal degrees, as fine as its digits.

    Args:
        lon: longitude as written.
        lat: latitude as written.

    Raises:
        InputError: ``half_a_point``, one of them is empty; those of `parse_number`; ``out_of_range``,
            ``maybe_swapped``, ``null_island``.
    """
    if lon == "" or lat == "":
        why = f"There is no {'longitude' if lon == '' else 'latitude'}."
        raise InputError("half_a_point", why, where="coordinates", fix="Give both, or none.")
    x, y = parse_number(lon, where="longitude"), parse_number(lat, where="latitude")
    given = Given(f"{lon}, {lat}", "coordinates")
    return given.point(Degrees(x, _half(lon)), Degrees(y, _half(lat)), Notation.DECIMAL)


def _half(text: str) -> float:
    """Half the unit of the last digit, degrees."""
    exponent = Decimal(text.strip()).as_tuple().exponent
    return 0.5 * 10.0 ** min(exponent, 0) if isinstance(exponent, int) else 0.0


def _kept(row: BadRow, table: Table) -> str:
    """A row that cannot be trusted, with the reason: its own cells where they can be told apart.

    Raises:
        InputError: its own error, where it is not held whole: further rows may be in it.
    """
    if row.error.code == "unclosed_quote" or len(row.raw) >= SHOWN_RAW:
        raise row.error
    wanted, body = len(table.header), _END.sub("", row.raw)
    if row.error.code in ("row_length", "control_character", "bad_unicode"):
        cells = next(csv.reader(io.StringIO(row.raw, newline=""), delimiter=table.delimiter), [])
        if len(cells) <= wanted:
            missing = table.delimiter * (wanted - len(cells))
            ours = Found(ERROR, {}, (in_one_line(row.error),)).row()
            return body + missing + table.delimiter + joined(ours, table.delimiter)
    note = f"Line {row.line} is no row of this table. {in_one_line(row.error)} As it stands: {body}"
    ours = Found(ERROR, {}, (note,)).row()
    return table.delimiter * wanted + joined(ours, table.delimiter)


def joined(cells: Sequence[str], delimiter: str) -> str:
    """Cells as CSV text without a line end."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(cells)
    return text.getvalue().removesuffix("\r\n")
