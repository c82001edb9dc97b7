"""Somebody else's file as rows, each turned into the properties that an export of ours carries.

What differs from one source to the next is a :class:`Format`; reading, recording, comparing with what is recorded,
rejected rows and the dry run are the same for all of them: see :mod:`.foreign_run`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from db.errors import InputError
from db.strictjson import read_json
from db.textfile import BadRow, read_table
from incidents.exports.records import Record
from incidents.importers.carried import records
from incidents.importers.foreign_cells import Row


class Flag(NamedTuple):
    """Why a row that is taken needs a person's look."""

    reason: str
    message: str


@dataclass(frozen=True)
class Described:
    """A row as an import sees it.

    Attributes:
        record: the properties; organisations and reports stand in it under the texts of the row.
        page: code of the report that a new incident is cited from.
        reports: inputs of the reports that it cites and that may not be recorded yet, the page first.
        also: other codes of the incident under which it may be recorded, in the order to look.
        stamp: when the source last changed the row, as text that sorts by time; None where it does not say.
        flags: what a person should look at.
    """

    record: Record
    page: str
    reports: tuple[Record, ...] = ()
    also: tuple[str, ...] = ()
    stamp: str | None = None
    flags: tuple[Flag, ...] = ()


class Others:
    """The columns of a file that a format does not know, met as its rows are read.

    Attributes:
        kept: those whose cells are kept word for word in the note.
        left: those that are not kept, because they may name private persons.
    """

    def __init__(self, known: Callable[[str], bool], private: Callable[[str], bool]) -> None:
        self._known = known
        self._private = private
        self._names: dict[str, bool] = {}
        self.kept: dict[str, None] = {}
        self.left: dict[str, None] = {}

    def of(self, row: Row) -> list[str]:
        """The unknown columns of a row that hold something and are kept."""
        found = []
        for name in row:
            if name not in self._names:
                self._names[name] = self._private(name) or not self._known(name)
            if not self._names[name] or row[name] in (None, "", [], {}):
                continue
            if self._private(name):
                self.left[name] = None
            else:
                self.kept[name] = None
                found.append(name)
        return found


@dataclass(frozen=True)
class Format:
    """One source's files.

    Attributes:
        name: of the format; also the code of the organisation, the scheme of its codes and the start of ours.
        title: what the organisation is called.
        needed: columns without which a CSV is not read.
        known: whether a column is one that the format reads.
        private: whether a column may name private persons: it is neither read nor kept.
        describe: a row as it is to be recorded; raises InputError.
        code: the code of the incident that a row is about; empty where the row has none.
        stamp: a note's line as :attr:`Described.stamp`, by the note of the incident.
        report: members of the report that stands for a file with changes, beside code, title and publisher.
    """

    name: str
    title: str
    needed: tuple[str, ...]
    known: Callable[[str], bool]
    private: Callable[[str], bool]
    describe: Callable[[Row, Others], Described]
    code: Callable[[Row], str]
    stamp: Callable[[str | None], str | None]
    report: Mapping[str, Any] = field(default_factory=dict)


class Numbered(NamedTuple):
    """A row with its line (or its number, in JSON) and its text; ``error`` where it cannot be read."""

    line: int
    values: Row
    raw: str
    error: InputError | None = None


def read_rows(path: Path, form: Format, names: Mapping[str, str], encoding: str | None = None) -> Iterator[Numbered]:
    """The rows of a CSV, or the objects of a JSON array.

    A CSV is read as it is taken, in memory that does not grow with it; JSON is read whole (at most 100 MB).

    Args:
        path: the file; one whose name ends in ``.json`` is JSON.
        form: of which source.
        names: the source's own column name for one that the file calls otherwise.
        encoding: of a CSV; by default the byte order mark's, else UTF-8.

    Raises:
        InputError: as :func:`db.textfile.read_table` and :func:`db.strictjson.read_json`; ``unknown_field``, a mapping
            names no column of the source; ``missing_column``, or none of the file; ``duplicate_column``.
    """
    _check_names(form, names)
    if path.suffix.lower() == ".json":
        for number, item in enumerate(records(read_json(path), path.name), start=1):
            yield Numbered(number, _renamed(item, names), json.dumps(item, ensure_ascii=False))
        return
    theirs = {ours: given for given, ours in names.items()}
    required = [*(theirs.get(name, name) for name in form.needed), *names]
    table = read_table(path, required=list(dict.fromkeys(required)), known=None, encoding=encoding)
    ours = [names.get(name, name) for name in table.header]
    twice = [name for name in ours if ours.count(name) > 1]
    if len(twice) > 0:
        raise InputError("duplicate_column", "Two columns stand for one.", where=f"{path.name}, header", got=twice[0])
    for row in table:
        if isinstance(row, BadRow):
            yield Numbered(row.line, {}, row.raw, row.error)
        else:
            yield Numbered(row.line, _renamed(row.values, names), row.raw)


def _check_names(form: Format, names: Mapping[str, str]) -> None:
    wrong = [ours for ours in names.values() if not form.known(ours)]
    if len(wrong) > 0:
        why = f"The mapping names no column of {form.title} that is read here."
        raise InputError("unknown_field", why, got=wrong[0], fix="docs/formats.md lists them.")


def _renamed(row: Row, names: Mapping[str, str]) -> Row:
    return {names.get(name, name): value for name, value in row.items()} if len(names) > 0 else row
