"""GeoNames files: country dumps, alternate names and the two tables of administrative codes.

Layout after the readme of the GeoNames export (download.geonames.org/export/dump): 19 tab-separated columns in
a dump; code, name, ASCII name and id in the code tables. None has a header and none is quoted, so the shape of
the first lines tells which it is.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlmodel import Session

from db.cells import UNSAFE, clean_text
from db.encoding import open_text
from db.errors import AtlasError, InputError
from db.import_log import ImportLog, Progress, start_import
from db.tables import ImportRun
from db.tables.base import LINE
from db.vocabulary import PlaceKind, PrecisionLevel
from gazetteer.geometry import check_point
from gazetteer.precision import CITY_RADIUS_M, VILLAGE_RADIUS_M, default_radius_m, settlement_radius_m
from gazetteer.sources.alternate_names import WIDTHS, import_alternate_names, is_alternate
from gazetteer.sources.codes import AdminNames, import_codes
from gazetteer.sources.store import BATCH, PlaceRecord, PlaceWriter, clean_name, count_written, match_key
from gazetteer.units import refresh_units

SOURCE = "geonames"
LICENCE = "CC BY 4.0 (GeoNames)"
COLUMNS = 19
_FORMATS = {COLUMNS: "geonames", 10: "geonames_names", 8: "geonames_names", 4: "geonames_codes"}
LOOK_AT = 20  # lines from which the shape of a file is told

_ADMIN_KINDS = {
    "PCLI": PlaceKind.COUNTRY, "PCLS": PlaceKind.COUNTRY, "PCLF": PlaceKind.COUNTRY, "PCLD": PlaceKind.COUNTRY,
    "PCL": PlaceKind.COUNTRY, "PCLIX": PlaceKind.COUNTRY, "ADM1": PlaceKind.ADM1, "ADM2": PlaceKind.ADM2,
    "ADM3": PlaceKind.ADM3,
}  # fmt: skip
_CITY_CODES = frozenset({"PPLC", "PPLA"})  # capitals of a country or of a first-order unit
_VILLAGE_CODES = frozenset({"PPLF", "PPLL"})  # farm village; populated locality
# A numeric column with gaps comes back from a data frame as "9166649.0"; the shared Iraqi file has it.
_FLOAT_CODE = re.compile(r"\d+\.0")
_CODE = re.compile(r"[A-Z]{2}(\.[^.\s]+){1,2}")


def import_geonames(
    session: Session, path: Path, *, encoding: str | None = None, progress: Progress | None = None
) -> ImportRun:
    """Read a GeoNames file of any of the four kinds into the gazetteer.

    A row that cannot be trusted is kept with line and reason, the others go in. A second reading adds nothing; a
    newer dump edits what differs, but not what a person corrected. Administrative codes are read by
    `gazetteer.sources.codes.import_codes`, alternate names by `gazetteer.sources.alternate_names`.

    Args:
        session: an open write session; the whole file is one change set.
        path: a country dump, ``allCountries.txt``, ``alternateNamesV2.txt``, a country's file of alternate names,
            ``admin1CodesASCII.txt`` or ``admin2Codes.txt``.
        encoding: by default the byte order mark's, else UTF-8.
        progress: called with the number of rows read.

    Returns:
        The run with its counts. Of a code table and of alternate names, rows of countries and places that are not
        here are only counted as read.

    Raises:
        InputError: ``not_geonames`` (another shape), or the file is no text of that encoding;
            NotFoundError: ``file_not_found``.
    """
    width = _shape(path, encoding)
    log = start_import(session, _FORMATS[width], path)
    with open_text(path, encoding) as stream:
        lines = enumerate(stream.lines(), start=1)
        if width == COLUMNS:
            _import_dump(session, path.name, lines, log, progress)
        elif width in WIDTHS:
            import_alternate_names(session, path.name, lines, log, progress, source=SOURCE)
        else:
            import_codes(session, path.name, lines, log, progress, source=SOURCE, licence=LICENCE)
    if width not in WIDTHS:
        refresh_units(session)
    return log.finish(session)


def _shape(path: Path, encoding: str | None) -> int:
    """How many columns the file has: 19, 10, 8 or 4, as most of its first lines."""
    with open_text(path, encoding) as stream:
        first = [line.rstrip("\r\n").split("\t") for line in islice(stream.lines(), LOOK_AT)]
    rows = [cells for cells in first if any(cell.strip() for cell in cells)]
    if len(rows) == 0:
        raise InputError("empty_file", "The file is empty.", where=path.name)
    widths = Counter(len(cells) for cells in rows if _is_geonames(cells)).most_common(1)
    if len(widths) == 0 or widths[0][1] * 2 < len(rows):
        raise InputError(
            "not_geonames", "This is no GeoNames file: a dump has 19 tab-separated columns and no header, a file of "
            "alternate names 10, a code table 4.", where=path.name, got="\t".join(rows[0]),
            fix="Take a country's file from the GeoNames export, unpacked.",
        )  # fmt: skip
    return widths[0][0]


def _is_geonames(cells: Sequence[str]) -> bool:
    if len(cells) == 4:
        return _CODE.fullmatch(cells[0]) is not None
    return len(cells) == COLUMNS or is_alternate(cells)


def _import_dump(
    session: Session, name: str, lines: Iterator[tuple[int, str]], log: ImportLog, progress: Progress | None
) -> None:
    writer, names = PlaceWriter(session), AdminNames(session)
    while batch := list(islice(lines, BATCH)):
        rows = []
        for number, line in batch:
            if line.strip() == "":
                continue
            log.read += 1
            try:
                rows.append((number, line, _record(line, f"{name}, line {number}", names)))
            except AtlasError as error:
                log.reject(number, error, line)
        _write(writer, rows, log, name)
        log.save(session)
        if progress is not None:
            progress(log.read)


def _write(writer: PlaceWriter, rows: Sequence[tuple[int, str, PlaceRecord]], log: ImportLog, name: str) -> None:
    verdicts = writer.write([record for _, _, record in rows])
    written = ((*row, verdict) for row, verdict in zip(rows, verdicts, strict=True))
    count_written(log, written, file=name)


def _record(line: str, where: str, names: AdminNames) -> PlaceRecord:
    """The place of one line of a dump.

    Raises:
        InputError: what makes the row untrustworthy.
    """
    if UNSAFE.search(line):
        clean_text(line.rstrip("\r\n"), where, max_length=len(line))
    cells = line.rstrip("\r\n").split("\t")
    if len(cells) != COLUMNS:
        raise InputError("row_length", f"The row has {len(cells)} columns, a GeoNames dump has 19.", where=where)
    key, name, ascii_name, alternates, latitude, longitude, feature_class, feature, country = cells[:9]
    if not (key.isascii() and key.isdigit()):
        raise InputError("bad_geonames_id", "The first column is no GeoNames id.", where=where, got=key)
    lon, lat = check_point(_number(longitude, where, "longitude"), _number(latitude, where, "latitude"), where=where)
    kind = _kind(feature_class, feature)
    population = _population(cells[14], where)
    country_code = _country(country, where)
    admin1, admin2 = _code(cells[10]), _code(cells[11])
    return PlaceRecord(
        source=SOURCE, source_key=key, name=_name(name, where), kind=kind, lon=lon, lat=lat,
        names=_other_names(name, ascii_name, alternates),
        feature_code=feature or None, country=country_code, admin1=admin1, admin2=admin2,
        admin1_name=names.admin1(country_code, admin1), admin2_name=names.admin2(country_code, admin1, admin2),
        radius_m=_radius_m(kind, feature, population), population=population, licence=LICENCE,
    )  # fmt: skip


def _other_names(name: str, ascii_name: str, alternates: str) -> list[str]:
    """The alternate names; the ASCII name only where it is found by another key than the name."""
    others = alternates.split(",")
    return others if match_key(ascii_name) == match_key(name) else [ascii_name, *others]


def _name(text: str, where: str) -> str:
    name = clean_name(text)
    if match_key(name) == "":
        raise InputError("empty_name", "The place has no name.", where=where, got=text)
    if len(name) > LINE:
        raise InputError("too_long", f"The name has {len(name)} characters; {LINE} fit.", where=where, got=name)
    return name


def _number(text: str, where: str, column: str) -> float:
    try:
        number = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError("not_a_number", f"The {column} is no number.", where=where, got=text)
    return number


def _population(text: str, where: str) -> int | None:
    """Inhabitants; GeoNames writes 0 where it does not know."""
    if text != "" and not (text.isascii() and text.isdigit()):
        raise InputError("not_a_number", "The population is no whole number.", where=where, got=text)
    return int(text or "0") or None


def _country(text: str, where: str) -> str | None:
    if text != "" and re.fullmatch(r"[A-Z]{2}", text) is None:
        raise InputError("bad_country", "The country is no two-letter ISO 3166 code.", where=where, got=text)
    return text or None


def _code(text: str) -> str | None:
    """An administrative code; "00" is GeoNames' word for unknown."""
    code = text.removesuffix(".0") if _FLOAT_CODE.fullmatch(text) else text
    return None if code in ("", "00") else code


def _kind(feature_class: str, feature: str) -> PlaceKind:
    """What kind of place a GeoNames feature is; historical units (ADM1H and the like) are ``other``."""
    if feature in _ADMIN_KINDS:
        return _ADMIN_KINDS[feature]
    if feature == "PPLX":
        return PlaceKind.NEIGHBOURHOOD
    return {"P": PlaceKind.SETTLEMENT, "S": PlaceKind.LANDMARK}.get(feature_class, PlaceKind.OTHER)


def _radius_m(kind: PlaceKind, feature: str, population: int | None) -> float | None:
    """The extent in metres; None for units (which need a polygon) and for hills, rivers and the like."""
    if kind is PlaceKind.SETTLEMENT:
        if population is None and feature in _CITY_CODES:
            return CITY_RADIUS_M
        return VILLAGE_RADIUS_M if population is None and feature in _VILLAGE_CODES else settlement_radius_m(population)
    if kind is PlaceKind.NEIGHBOURHOOD:
        return default_radius_m(PrecisionLevel.NEIGHBOURHOOD)
    return default_radius_m(PrecisionLevel.LANDMARK) if kind is PlaceKind.LANDMARK else None
