"""Delimited text from outside, read strictly and streaming.

A table is never half understood: header, encoding and delimiter are settled before the first row; a row that
cannot be trusted comes out as a `BadRow` with its line, its original text and the reason, so that an importer
keeps it and goes on. Rules and codes follow the project's table of bad inputs (B01 to B15, B54).
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from db.cells import UNSAFE, clean_text, neutralise_cell, restore_cell
from db.encoding import MAX_LINE, TextStream, open_text, reopen_text
from db.errors import InputError
from db.recorder import Recorder

__all__ = [
    "BadRow",
    "Row",
    "Table",
    "TextStream",
    "clean_text",
    "neutralise_cell",
    "open_text",
    "read_table",
    "restore_cell",
]

MAX_CELL = 131_072  # characters: the stdlib csv module's own limit
MAX_NAME = 200  # characters of a column name
SHOWN_RAW = 10_000  # characters kept of a row whose end could not be found
DELIMITERS = (",", ";", "\t")
LINE_ENDS = ("\n", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """One good record.

    Args:
        line: physical line on which it starts, from 1.
        values: cell by column name, exactly as written.
        raw: the original text with its line end.
    """

    line: int
    values: dict[str, str]
    raw: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """One record that cannot be trusted.

    Args:
        line: physical line on which it starts, from 1.
        last_line: physical line on which it ends; an unclosed quote may swallow many.
        raw: the original text, cut to 10,000 characters.
        error: what is wrong, with file and line; ``row_length``, ``unclosed_quote``, ``bad_quote``,
            ``cell_too_long``, ``control_character`` or ``bad_unicode``.
    """

    line: int
    last_line: int
    raw: str
    error: InputError


class Table:
    """A delimited file whose header is settled; iterate it for its rows, as often as needed.

    Args:
        path: the file.
        encoding: canonical name, proven for the whole file.
        delimiter: one character.
        header: the column names, trimmed.
        first: how many physical lines come before the first record.
    """

    def __init__(self, path: Path, encoding: str, delimiter: str, header: Sequence[str], first: int) -> None:
        self.path = path
        self.encoding = encoding
        self.delimiter = delimiter
        self.header = tuple(header)
        self.first = first
        self.unterminated = False
        """After a full pass: the last row has no line end, so the file may have been cut inside its last cell."""
        between = re.escape(delimiter)
        cell = rf'(?:"(?:[^"]++|"")*+"|[^"{between}\r\n]*+)'
        self._well_quoted = re.compile(rf"{cell}(?:{between}{cell})*+[\r\n]*")

    def __iter__(self) -> Iterator[Row | BadRow]:
        """Each record in the order of the file; blank lines are passed over.

        Raises:
            InputError: ``cell_too_long``, one record of more than 16 million characters.
        """
        with reopen_text(self.path, self.encoding) as stream:
            lines = stream.lines()
            start = 1 + sum(1 for _ in islice(lines, self.first))
            yield from self.records(lines, start)

    def records(self, lines: Iterator[str], start: int) -> Iterator[Row | BadRow]:
        """The records of some of the file's lines.

        Args:
            lines: whole lines with their ends, from the start of a record on; no more are taken than are needed.
            start: number of the first of them, from 1.

        Raises:
            InputError: ``cell_too_long``, one record of more than 16 million characters.
        """
        recorder = Recorder(lines, self.path.name)
        recorder.start = start
        reader = csv.reader(recorder.lines(), delimiter=self.delimiter, strict=True)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._broken(recorder, error)
                continue
            line, raw = recorder.take()
            if cells:
                yield self._row(line, raw, cells)

    def split(self, lines: Sequence[str]) -> list[list[str]] | None:
        """The cells of some of the file's lines, if each is one good record or blank; a blank one has no cells.

        None asks for :meth:`records`, which says what is wrong; so does a record that goes over several lines.
        """
        if UNSAFE.search("".join(lines)) or not all(self._well_quoted.fullmatch(line) for line in lines if '"' in line):
            return None
        try:
            cells = list(csv.reader(lines, delimiter=self.delimiter, strict=True))
        except csv.Error:
            return None
        if len(cells) != len(lines) or not {len(one) for one in cells} <= {0, len(self.header)}:
            return None
        self.unterminated = not lines[-1].endswith(LINE_ENDS)
        return cells

    def _row(self, line: int, raw: str, cells: list[str]) -> Row | BadRow:
        """The record as a row, or the first reason against it."""
        ended = raw.endswith(LINE_ENDS)
        self.unterminated = not ended
        if UNSAFE.search(raw):
            return self._unsafe(line, raw, cells)
        if len(cells) != len(self.header):
            why = f"The row has {len(cells)} cells, the header {len(self.header)}."
            if not ended:
                why += " The file ends in this row: it may have been cut off."
            return self._bad(line, raw, "row_length", why)
        if '"' in raw and not self._well_quoted.fullmatch(raw):
            return self._bad(line, raw, "bad_quote", "A quote stands inside a cell that is not quoted.")
        # Reached only where another part of the program has raised the csv module's global limit.
        if len(raw) > MAX_CELL and max(map(len, cells)) > MAX_CELL:
            return self._bad(line, raw, "cell_too_long", f"A cell has more than {MAX_CELL} characters.")
        return Row(line, dict(zip(self.header, cells, strict=True)), raw)

    def _broken(self, recorder: Recorder, error: csv.Error) -> BadRow:
        """The record on which the csv module gave up; reading goes on after it."""
        line, raw = recorder.take()
        if "limit" in str(error):
            if recorder.skip(raw, self.delimiter):
                why = f"A cell has more than {MAX_CELL} characters."
                return self._bad(line, raw, "cell_too_long", why, last=recorder.start - 1)
            recorder.ended = True
        if recorder.ended:
            why = "A quote opened in this row is never closed; the rest of the file was not read."
            return self._bad(line, raw, "unclosed_quote", why, last=recorder.start - 1)
        last = recorder.start - 1
        if last > line:
            why = f"A quote opened in this row is closed on line {last}, in the middle of a cell."
            return self._bad(line, raw, "unclosed_quote", why, last=last)
        return self._bad(line, raw, "bad_quote", "Text follows the closing quote of a cell.", last=last)

    def _unsafe(self, line: int, raw: str, cells: list[str]) -> BadRow:
        """The record with the cell that holds a character no stored text may have."""
        where = f"{self.path.name}, line {line}"
        for number, cell in enumerate(cells):
            name = self.header[number] if number < len(self.header) else f"cell {number + 1}"
            try:
                clean_text(cell, f"{where}, {name}", max_length=MAX_LINE)
            except InputError as error:
                return BadRow(line, line + _breaks(raw), raw[:SHOWN_RAW], error)
        return self._bad(line, raw, "control_character", "The row has a control character between its cells.")

    def _bad(self, line: int, raw: str, code: str, why: str, *, last: int | None = None) -> BadRow:
        fix = "Quote the whole cell and double each quote inside it." if "quote" in code else None
        error = InputError(code, why, where=f"{self.path.name}, line {line}", got=raw, fix=fix)
        return BadRow(line, line + _breaks(raw) if last is None else last, raw[:SHOWN_RAW], error)


def _breaks(raw: str) -> int:
    """How many physical lines follow the first in ``raw``."""
    return len(re.findall(r"\r\n|[\r\n]", raw.rstrip("\r\n")))


def read_table(
    path: Path,
    *,
    required: Collection[str],
    known: Collection[str] | None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Table:
    r"""A table from a delimited file, its encoding proven and its header checked; rows are read on iteration.

    Args:
        path: a regular file.
        required: column names without which the file is not what the caller reads.
        known: all column names the caller reads; None accepts any.
        encoding: as the user names it; by default the byte order mark's, else UTF-8.
        delimiter: one character; by default the one of comma, semicolon and tab under which the required
            columns appear (B10).

    Raises:
        InputError: ``empty_file`` (nothing, or a header only), ``missing_column``, ``unknown_field``,
            ``duplicate_column``, ``blank_header``, ``bad_header``, ``bad_delimiter``, and those of `open_text`.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n '):
        raise InputError("bad_delimiter", "A delimiter is one character.", got=delimiter, fix="Use , ; or a tab.")
    with open_text(path, encoding) as stream:
        lines = stream.lines()
        text, first = _header_text(lines, path.name)
        has_rows = any(line.strip() for line in lines)
    names, found = _split_header(text, required, path.name, DELIMITERS if delimiter is None else (delimiter,))
    _check_header(names, required, known, path.name)
    if not has_rows:
        raise InputError("empty_file", "The file has a header and no rows.", where=path.name)
    return Table(path, stream.encoding, found, names, first)


def _header_text(lines: Iterator[str], name: str) -> tuple[str, int]:
    """The header record, and the number of physical lines up to its end.

    Raises:
        InputError: ``empty_file``, or ``unclosed_quote`` in the header.
    """
    text = ""
    for count, line in enumerate(lines, start=1):
        text = text + line if text.strip() else line
        if text.strip() and text.count('"') % 2 == 0:
            return text, count
        if len(text) > MAX_CELL:
            break
    if text.strip():
        raise InputError("unclosed_quote", "A quote opened in the header is never closed.", where=f"{name}, line 1")
    raise InputError("empty_file", "The file is empty.", where=name)


def _split_header(text: str, required: Collection[str], name: str, delimiters: Sequence[str]) -> tuple[list[str], str]:
    """The trimmed column names under the delimiter that shows most of ``required``, then most columns.

    Raises:
        InputError: ``bad_header``, its quotes are wrong under every delimiter.
    """
    choices: list[tuple[list[str], str]] = []
    for delimiter in delimiters:
        try:
            cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        choices.append(([cell.strip() for cell in cells], delimiter))
    best = max(choices, key=lambda one: (len(set(required).intersection(one[0])), len(one[0])), default=([], ""))
    # Under a delimiter that is not the file's, wrong quotes are plain text of one long name.
    if len(choices) < len(delimiters) and not set(required).issubset(best[0]):
        raise InputError("bad_header", "The quotes of the header cannot be read.", where=f"{name}, line 1", got=text)
    return best


def _check_header(names: list[str], required: Collection[str], known: Collection[str] | None, name: str) -> None:
    """Refuse a header in which a value could be lost or misread."""
    where = f"{name}, header"
    positions: dict[str, int] = {}
    for position, column in enumerate(names, start=1):
        clean_text(column, f"{where}, column {position}", identifier=True, max_length=MAX_NAME)
        if column == "":
            raise InputError("blank_header", f"Column {position} has no name.", where=where, fix="Name or remove it.")
        if column in positions:
            why = f"Columns {positions[column]} and {position} have the same name."
            raise InputError("duplicate_column", why, where=where, got=column, fix="Rename or remove one.")
        positions[column] = position
    missing = [column for column in required if column not in positions]
    if missing:
        why = f"The file lacks {len(missing)} needed column(s): {', '.join(missing)}."
        raise InputError("missing_column", why, where=where, got=", ".join(names), fix=_nearest(missing[0], names))
    unknown = [column for column in names if known is not None and column not in known]
    if unknown:
        why = f"Column {positions[unknown[0]]} is not one that is read here."
        fix = _nearest(unknown[0], known or ()) or "Remove or rename it."
        raise InputError("unknown_field", why, where=where, got=", ".join(unknown), fix=fix)


def _nearest(name: str, names: Collection[str]) -> str | None:
    """A suggestion for a column name that is not found."""
    close = difflib.get_close_matches(name, list(names), n=1)
    return f"Did you mean {close[0]!r}?" if close else None
