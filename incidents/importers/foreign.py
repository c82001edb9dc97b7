"""Rows of somebody else's file, each turned into the properties that an export of ours carries, and recorded.

Reading one format is then a function from a row to properties: recording, comparing with what is recorded,
rejected rows and the dry run are the same for all of them.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlmodel import Session, select

from db.errors import InputError
from db.strictjson import read_json
from db.tables import Incident
from db.textfile import BadRow, read_table
from db.vocabulary import Bound
from incidents.counts import parse_cell
from incidents.dossiers import dossier
from incidents.exports.masks import Mask
from incidents.exports.properties import properties
from incidents.exports.records import Record
from incidents.importers.carried import carried, difference, mapping, plain, records, refuse_difference
from incidents.importers.feature import add_feature
from incidents.importers.rows import Rows
from incidents.ranges import Rule
from incidents.tiers import Tier

NOTHING = frozenset({"", "null", "none", "nan"})
"""Cells that say nothing: they are neither zero nor a denial."""

Row = Mapping[str, Any]


class Numbered(NamedTuple):
    """A row with its line (or its number, in JSON) and its text; ``error`` where it cannot be read."""

    line: int
    values: Row
    raw: str
    error: InputError | None = None


def read_rows(
    path: Path, required: tuple[str, ...], names: Mapping[str, str], encoding: str | None = None
) -> Iterator[Numbered]:
    """The rows of a CSV, or the objects of a JSON array.

    Args:
        path: the file; one whose name ends in ``.json`` is JSON.
        required: columns without which a CSV is not read.
        names: the source's own column name for one that the file calls otherwise.
        encoding: of a CSV; by default the byte order mark's, else UTF-8.

    Raises:
        InputError: as :func:`db.textfile.read_table` and :func:`db.strictjson.read_json`.
    """
    if path.suffix.lower() == ".json":
        for number, item in enumerate(records(read_json(path), path.name), start=1):
            yield Numbered(number, _renamed(item, names), json.dumps(item, ensure_ascii=False))
        return
    theirs = {ours: given for given, ours in names.items()}
    table = read_table(path, required=[theirs.get(name, name) for name in required], known=None, encoding=encoding)
    for row in table:
        if isinstance(row, BadRow):
            yield Numbered(row.line, {}, row.raw, row.error)
        else:
            yield Numbered(row.line, _renamed(row.values, names), row.raw)


def _renamed(row: Row, names: Mapping[str, str]) -> Row:
    return {names.get(name, name): value for name, value in row.items()}


def take_rows(session: Session, rows: Rows, found: Iterator[Numbered], read: Callable[[Row], Record]) -> None:
    """Take every row: ``read`` gives its properties; a row that is refused leaves nothing behind."""
    for row in found:
        if row.error is not None:
            rows.refuse(row.line, row.error, row.raw)
            continue
        raw, record = functools.partial(str, row.raw), functools.partial(_take_row, session, row.values, read)
        rows.take(row.line, f"line {row.line}", raw, record)
    rows.save()


def _take_row(session: Session, row: Row, read: Callable[[Row], Record]) -> bool:
    return take(session, read(row))


def take(session: Session, found: Record) -> bool:
    """Record the incident that ``found`` describes, or find it recorded; returns whether it is new.

    More records than the row has are no contradiction: a person may have added them.

    Raises:
        InputError: some part is not acceptable. ConflictError: ``different_content``, naming the property.
    """
    row = session.exec(select(Incident).where(Incident.code == found["code"])).first()
    if row is None:
        add_feature(session, found)
        return True
    one = dossier(session, row.key, tier=Tier.INTERNAL)
    if one is not None:
        held: Record = plain(carried(properties(one, Mask(Tier.INTERNAL), Rule.ENVELOPE)))
        field = unsaid(found, held)
        if field is not None:
            raise refuse_difference(row.code, field)
    return False


def unsaid(found: Record, held: Record) -> str | None:
    """The first property of ``found`` that ``held`` does not say, as ``claims 2``; None where it says all."""
    for name, value in found.items():
        if not isinstance(value, list):
            if difference(value, held.get(name)) is not None:
                return name
            continue
        for number, item in enumerate(value, start=1):
            if not any(difference(item, one) is None for one in held.get(name) or []):
                return f"{name} {number}"
    return None


def cell(row: Row, *names: str) -> str | None:
    """The text of the first of these columns that says something; None where none does."""
    for name in names:
        value = row.get(name)
        if value is None or isinstance(value, list | dict):
            continue
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value).strip()
        if text.casefold() not in NOTHING:
            return text
    return None


def objects(row: Row, name: str) -> list[Record]:
    """The objects of a cell: a JSON array, or one written as text in a cell of a CSV; an empty cell has none.

    Raises:
        InputError: ``not_json`` and others of :func:`db.strictjson.read_json`; ``php_serialised``.
    """
    value = row.get(name)
    if isinstance(value, str):
        text = value.strip()
        if text.casefold() in NOTHING:
            return []
        if text.startswith(("a:", "O:")):
            fix = "Export the table as JSON, or write the cell as JSON."
            raise InputError("php_serialised", "A cell serialised by PHP is not read.", where=name, got=text, fix=fix)
        value = read_json(text.encode(), where=name)
    return [mapping(value, name)] if isinstance(value, dict) else records(value, name)


def figure(row: Row, least: str, most: str) -> Record | None:
    """The bound and the numbers of a range in two columns; None where both are empty, which is not zero.

    Raises:
        InputError: as :func:`incidents.counts.parse_cell`.
    """
    low, high = (None if text is None else parse_cell(text, where=name)
                 for name, text in ((least, cell(row, least)), (most, cell(row, most))))  # fmt: skip
    if low is None and high is None:
        return None
    if low is None or high is None:
        bound = Bound.AT_MOST if low is None else Bound.AT_LEAST
    else:
        bound = Bound.EXACT if low == high else Bound.BETWEEN
    return {"bound": bound.value, "minimum": low, "maximum": high}


def kept(row: Row, names: tuple[str, ...]) -> str | None:
    """What these columns hold, one a line and word for word; None where they hold nothing."""
    said = [(name, cell(row, name)) for name in names]
    return "\n".join(f"{name}: {text}" for name, text in said if text is not None) or None
