"""GeoNames' alternate names: further names of its places, each with language and use.

Layout after the readme of the GeoNames export: alternateNameId, geonameid, isolanguage, name, four flags, and in
``alternateNamesV2.txt`` the years from and to (10 columns; the older ``alternateNames.txt`` has 8). There is no
header, and nothing is quoted. In place of a language stand also codes for links, identifiers and the like. The file of
the world has millions of rows: it is read in batches, and only names of places that are loaded are looked at closely.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa
from sqlmodel import Session

from db.cells import UNSAFE, clean_text
from db.errors import AtlasError, InputError
from db.import_log import ImportLog, Progress
from db.tables import metadata
from db.tables.base import LINE
from db.vocabulary import NameKind
from gazetteer.folding import script_of
from gazetteer.sources.names import Named, NameRecord, NameWriter, clean_name, match_key
from gazetteer.sources.store import BATCH, GEONAMES_IDS
from gazetteer.sources.tallies import Tallies

WIDTHS = (10, 8)
"""Columns of the present and of the older layout."""

_PLACE = metadata.tables["place"].c
_CODES = frozenset({"wkdt", "unlc", "iata", "icao", "faac", "tcid", "uicn", "nuts"})
_MEANINGS = {"abbr": (None, NameKind.SHORT), "piny": ("zh", NameKind.NAME), "fr_1793": ("fr", NameKind.FORMER)}
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_YEAR = re.compile(r"\d{3,4}")
ARABIC = frozenset({"ar", "ara", "arz", "apc", "acm", "ajp", "ary", "arq", "afb"})
"""Arabic and its varieties that GeoNames uses (ISO 639)."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One line, taken apart."""

    number: int
    line: str
    geonames_id: str
    language: str
    name: str
    flags: tuple[str, str, str, str]
    ended: bool


def is_alternate(cells: Sequence[str]) -> bool:
    """Whether the cells of a line are a row of alternate names."""
    return len(cells) in WIDTHS and all(cell.isascii() and cell.isdigit() for cell in cells[:2])


def not_arabic(name: str, language: str | None) -> bool:
    """Whether ``name`` is called Arabic and is written in other letters; GeoNames and others have many of them."""
    return (language or "").partition("-")[0] in ARABIC and script_of(name) not in ("Arab", "Zyyy")


def import_alternate_names(
    session: Session, name: str, lines: Iterator[tuple[int, str]], log: ImportLog, progress: Progress | None, *,
    source: str,
) -> None:  # fmt: skip
    """Add the names of places that are here, and complete those they have with language and kind.

    Identifiers (Wikidata, UN/LOCODE, IATA and the like) are taken as codes. Links, postal codes and notations that
    are no names are passed over and counted in one flagged row each. Of a name called Arabic that is not written in
    Arabic letters the language is dropped (flagged ``not_arabic``). Rows of places that are not here are only counted
    as read.

    Args:
        session: an open write session.
        name: of the file, for messages.
        lines: each with its number, from 1.
        log: where rows are counted and kept; ``superseded`` counts the names that were completed.
        progress: called with the number of rows read.
        source: who gives the names, for places of other sources.
    """
    writer, tallies = NameWriter(session), Tallies()
    while batch := list(islice(lines, BATCH)):
        rows = list(_rows(batch, name, log))
        held = _held(session, {row.geonames_id for row in rows})
        records = []
        for row in rows:
            if row.geonames_id in held:
                place_id, of_source = held[row.geonames_id]
                record = _record(row, place_id, None if of_source == source else source, name, log, tallies)
                records += [] if record is None else [record]
        verdicts = writer.write(records)
        log.added += verdicts.count(Named.ADDED)
        log.superseded += verdicts.count(Named.COMPLETED)
        log.unchanged += verdicts.count(Named.UNCHANGED) + verdicts.count(Named.WITHDRAWN)
        log.save(session)
        if progress is not None:
            progress(log.read)
    tallies.save(log)


def _rows(batch: Sequence[tuple[int, str]], name: str, log: ImportLog) -> Iterator[_Row]:
    """The rows of a batch that have the file's shape; the others are rejected."""
    for number, line in batch:
        if line.strip() == "":
            continue
        log.read += 1
        cells = line.rstrip("\r\n").split("\t")
        where = f"{name}, line {number}"
        if len(cells) not in WIDTHS:
            why = f"The row has {len(cells)} columns, a file of alternate names 10."
            log.reject(number, InputError("row_length", why, where=where), line)
        elif not is_alternate(cells):
            why = "The first two columns are no GeoNames ids."
            log.reject(number, InputError("bad_geonames_id", why, where=where, got=line), line)
        else:
            ended = len(cells) > 9 and _YEAR.search(cells[9]) is not None
            yield _Row(number, line, cells[1], cells[2], cells[3], (cells[4], cells[5], cells[6], cells[7]), ended)


def _held(session: Session, ids: Collection[str]) -> dict[str, tuple[int, str]]:
    """The place with each GeoNames id and its source; of several sources GeoNames itself."""
    query = sa.select(_PLACE.source_key, _PLACE.id, _PLACE.source)
    query = query.where(_PLACE.source.in_(GEONAMES_IDS), _PLACE.source_key.in_(sorted(ids)))
    rows = sorted(session.execute(query), key=lambda row: GEONAMES_IDS.index(row.source), reverse=True)
    return {row.source_key: (row.id, row.source) for row in rows}


def _record(
    row: _Row, place_id: int, source: str | None, file: str, log: ImportLog, tallies: Tallies
) -> NameRecord | None:
    """The name of a row; None where it is none, or was rejected."""
    meaning = _meaning(row)
    if meaning is None:
        reason, what = ("link", "web links") if row.language == "link" else ("no_name", "postal codes and notations")
        tallies.add(f"{reason}_skipped", row.number, row.line, f"{what} are no names and were not taken.")
        return None
    language, kind = meaning
    try:
        name = _name(row, f"{file}, line {row.number}")
    except AtlasError as error:
        log.reject(row.number, error, row.line)
        return None
    if not_arabic(name, language):
        log.flag(row.number, "not_arabic", "The name is called Arabic and has other letters: taken without.", row.line)
        language = None
    return NameRecord(place_id, name, language, kind, source)


def _meaning(row: _Row) -> tuple[str | None, NameKind] | None:
    """Language and kind of a row; None where it is no name."""
    if row.language in _CODES:
        return None, NameKind.CODE
    if row.language in _MEANINGS:
        return _MEANINGS[row.language]
    if row.language and _LANGUAGE.fullmatch(row.language) is None:
        return None
    preferred, short, colloquial, historic = (flag == "1" for flag in row.flags)
    kinds = (
        (historic or row.ended, NameKind.FORMER), (colloquial, NameKind.COLLOQUIAL), (short, NameKind.SHORT),
        (preferred, NameKind.PREFERRED),
    )  # fmt: skip
    return row.language or None, next((kind for holds, kind in kinds if holds), NameKind.NAME)


def _name(row: _Row, where: str) -> str:
    if UNSAFE.search(row.line):
        clean_text(row.line.rstrip("\r\n"), where, max_length=len(row.line))
    name = clean_name(row.name)
    if match_key(name) == "":
        raise InputError("empty_name", "The row has no name.", where=where, got=row.name)
    if len(name) > LINE:
        raise InputError("too_long", f"The name has {len(name)} characters; {LINE} fit.", where=where, got=name)
    return name
