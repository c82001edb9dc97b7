"""Boundary polygons into the gazetteer: governorates, districts, towns, with their names and P-codes.

Files of several providers and formats are read as they are (`gazetteer.sources.boundary_file`,
`gazetteer.sources.fields`). Which unit lies in which is computed from the polygons, because the hierarchies that
files state have gaps.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from shapely.geometry import MultiPolygon, Point, Polygon
from sqlmodel import Session, col, select

from db.cells import clean_text
from db.errors import AtlasError, InputError
from db.import_log import ImportLog, Progress, file_sha256, start_import
from db.session import change_set_id
from db.tables import Area, ImportRun, Place, metadata
from db.tables.base import LINE
from db.types import utc_now
from db.vocabulary import PlaceKind
from gazetteer.geometry import MAX_AREA_VERTICES, read_geometry, right_hand_rule, write_wkb
from gazetteer.overlaps import overlaps
from gazetteer.sources.boundary_file import BoundaryFile, open_boundaries, parts_of
from gazetteer.sources.fields import (
    country_of,
    feature_key,
    geonames_id,
    in_force,
    level_of,
    level_stated,
    population_of,
    stated_key,
)
from gazetteer.sources.known_units import KnownUnits, UnitsAbove
from gazetteer.sources.labels import Labels, labels_of
from gazetteer.sources.store import PlaceRecord, PlaceWriter, count_written
from gazetteer.units import refresh_units

SOURCE = "areas"
LEVELS = (
    PlaceKind.COUNTRY, PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3, PlaceKind.SETTLEMENT, PlaceKind.NEIGHBOURHOOD,
)  # fmt: skip
BATCH = 50  # features; each may be a megabyte

_AREA = metadata.tables["area"]
_POINTS = (PlaceKind.SETTLEMENT, PlaceKind.NEIGHBOURHOOD)  # of these a file may only know the point
_OVERLAPPING = (PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3)
_REMARKS = {
    "not_arabic": "Latin strings in fields for a language written in Arabic letters, kept without a language",
    "invisible_marks": "Names with invisible marks, which were taken out",
    "quoted_code": "Features whose code had a spreadsheet's apostrophe, which was taken off",
    "other_level": "Features of another level, passed over",
}


@dataclass(frozen=True)
class _Options:
    """What the user says of all features of a file."""

    level: PlaceKind | None
    name_field: str | None
    code_field: str | None
    country: str | None
    licence: str | None
    repair: bool


@dataclass
class _Remark:
    """Something odd that is said once for a file: the first feature that has it, how often, and an example."""

    number: int
    example: str
    count: int = 0


def import_areas(
    session: Session, path: Path, *, level: PlaceKind | None = None, name_field: str | None = None,
    code_field: str | None = None, country: str | None = None, licence: str | None = None, repair: bool = False,
    layer: str | None = None, encoding: str | None = None, progress: Progress | None = None,
) -> ImportRun:  # fmt: skip
    """Read the polygons of a boundary file into the gazetteer.

    A second reading adds nothing, a changed polygon supersedes. A unit that is superseded, deprecated or not current
    is kept as a rejected row ``not_in_force``, and the place that an earlier file gave it is withdrawn. A unit gets
    GeoNames' code from its GeoNames id, else from its name among the known units. At the end `refresh_units` runs.

    Flagged are ``repaired_polygon`` and ``overlapping_units`` (more than 1% of the smaller of two current units of
    one level, country and provider), and once for the file ``not_arabic``, ``invisible_marks``, ``quoted_code``,
    ``other_level`` and ``no_crs``.

    Args:
        session: an open write session; the whole file is one change set.
        path: any file or folder that `open_boundaries` reads; GeoJSON has at most 100 MB.
        level: country, adm1, adm2, adm3, settlement or neighbourhood; None takes what each feature says. Features
            that say another level than this one are passed over.
        name_field: property with the main name; by default the usual ones are tried.
        code_field: property with the P-code, which becomes a name; by default the usual ones are tried.
        country: ISO 3166 two-letter code of all; by default what each says, else the only one that others say.
        licence: of the file.
        repair: take self-intersecting polygons made valid; they are flagged.
        layer: of a file with several layers or a zip with several files.
        encoding: of the texts of a shapefile that does not say it; UTF-8 by default.
        progress: called with the number of features read.

    Returns:
        The run with its counts; ``line`` of a kept row is the number of the feature, from 1.

    Raises:
        InputError: ``bad_level``, and those of `gazetteer.sources.boundary_file.open_boundaries`.
    """
    if level is not None and level not in LEVELS:
        raise InputError("bad_level", "Areas are of another level.", got=level, fix=f"Use one of {', '.join(LEVELS)}.")
    with open_boundaries(path, layer=layer, encoding=encoding) as file:
        country = country.upper() if country is not None else _only_country(file)
        log = _start(session, path, level)
        options = _Options(level, name_field, code_field, country, licence, repair)
        importer = _Importer(session, file, options, log)
        for batch in _batches(file.features()):
            importer.take(batch)
            if progress is not None:
                progress(log.read)
    importer.flag_remarks()
    importer.flag_overlaps()
    refresh_units(session)
    return log.finish(session)


def store_area(session: Session, shape: Polygon | MultiPolygon) -> int:
    """The id of the stored polygon; the same coordinates are stored once.

    Args:
        session: an open write session.
        shape: longitude and latitude, degrees.
    """
    wkb = write_wkb(shape)
    digest = hashlib.sha256(wkb).hexdigest()
    held = session.exec(select(Area.id).where(Area.sha256 == digest)).first()
    if held is not None:
        return held
    west, south, east, north = shape.bounds
    values = {"change_set_id": change_set_id(session), "sha256": digest, "wkb": wkb}
    box = {"west": west, "south": south, "east": east, "north": north}
    result = session.execute(sa.insert(_AREA).returning(_AREA.c.id), values | box)
    return int(result.scalar_one())


def _only_country(file: BoundaryFile) -> str | None:
    """The country that all features which name one agree on."""
    named = Counter(file.countries())
    named.pop(None, None)
    return next(iter(named)) if len(named) == 1 else None


def _start(session: Session, path: Path, level: PlaceKind | None) -> ImportLog:
    """The log of the import; the hash of several files is that of their names and hashes."""
    file_format = "areas" if level is None else f"areas {level.value}"
    parts = parts_of(path)
    if parts == [path]:
        return start_import(session, file_format, path)
    lines = "".join(f"{file_sha256(part)} {part.relative_to(path.parent).as_posix()}\n" for part in parts)
    digest = hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
    name = clean_text(path.name, "file name", identifier=True, max_length=LINE)
    run = ImportRun(file_format=file_format, file_name=name, sha256=digest, started_at=utc_now())
    session.add(run)
    session.flush()
    return ImportLog(run.key)


def _batches(features: Iterator[tuple[int, Any]]) -> Iterator[list[tuple[int, Any]]]:
    while batch := list(islice(features, BATCH)):
        yield batch


def _properties(feature: Any) -> Mapping[str, Any]:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    return properties if isinstance(properties, Mapping) else {}


@dataclass
class _Importer:
    """One import under way."""

    session: Session
    file: BoundaryFile
    options: _Options
    log: ImportLog
    _numbers: dict[str, int] = field(default_factory=dict)
    _remarks: dict[str, _Remark] = field(default_factory=dict)
    _levels: set[PlaceKind] = field(default_factory=set)
    _taken: list[tuple[int, PlaceRecord]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._writer, self._units = PlaceWriter(self.session), KnownUnits(self.session)
        self._above = UnitsAbove(self.session)
        if self.file.note is not None:
            self.log.flag(1, "no_crs", self.file.note, self.file.name)

    def take(self, batch: Sequence[tuple[int, Any]]) -> None:
        """Write the places of some features, and keep aside what is wrong with the others."""
        for number, feature in batch:
            self.log.read += 1
            try:
                record = self._record(number, feature)
            except AtlasError as error:
                self.log.reject(number, error, _raw(feature))
                continue
            if record is not None:
                self._taken.append((number, record))
                self._numbers.setdefault(record.source_key, number)
        self._write()
        self.log.save(self.session)

    def _write(self) -> None:
        verdicts = self._writer.write([record for _, record in self._taken])
        rows = [
            (number, record.name, record, done) for (number, record), done in zip(self._taken, verdicts, strict=True)
        ]
        count_written(self.log, rows, file=self.file.name, line="feature")
        self._taken.clear()

    def flag_remarks(self) -> None:
        """Say once what was odd in the file, and how often."""
        for reason, remark in self._remarks.items():
            why = f"{_REMARKS[reason]}: {remark.count}, the first is {remark.example}."
            self.log.flag(remark.number, reason, why, remark.example)

    def flag_overlaps(self) -> None:
        """Flag the units of this file that claim the ground of another current unit of the level and country."""
        for level in sorted(self._levels & set(_OVERLAPPING)):
            query = (
                select(Place.name, Place.country, Place.source_key, Area.wkb)
                .join(Area, col(Place.area_id) == col(Area.id))
                .where(Place.source == SOURCE, Place.kind == level, col(Place.withdrawn).is_(False))
                .order_by(col(Place.id))
            )
            groups: dict[tuple[str | None, str], list[tuple[str, str, bytes]]] = {}
            for name, country, key, wkb in self.session.exec(query):
                groups.setdefault((country, key.partition(":")[0]), []).append((name, key, wkb))
            for units in groups.values():
                self._flag_overlaps_of(units)

    def _flag_overlaps_of(self, units: Sequence[tuple[str, str, bytes]]) -> None:
        if not any(key in self._numbers for _, key, _ in units):
            return
        shapes = np.array([shapely.from_wkb(wkb) for _, _, wkb in units], dtype=np.object_)
        for found in overlaps(shapes):
            pair = units[found.first], units[found.second]
            number = max(self._numbers.get(key, 0) for _, key, _ in pair)
            if number > 0:
                names = " and ".join(name for name, _, _ in pair)
                why = f"{names} overlap: {found.km2:,.1f} km², {found.share:.1%} of the smaller."
                self.log.flag(number, "overlapping_units", why, ", ".join(key for _, key, _ in pair))

    def _remark(self, reason: str, number: int, example: str, count: int = 1) -> None:
        self._remarks.setdefault(reason, _Remark(number, example)).count += count

    def _record(self, number: int, feature: Any) -> PlaceRecord | None:
        """The place of a feature; None where it is of a level not asked for.

        Raises:
            AtlasError: what keeps the feature out.
        """
        if isinstance(feature, AtlasError):
            raise feature
        where, properties = f"{self.file.name}, feature {number}", _properties(feature)
        level = self._level(number, properties, where)
        if level is None:
            return None
        if len(self._taken) > 0 and self._taken[-1][1].kind is not level:
            self._write()  # what follows may lie in it
        reason = in_force(properties)
        if reason is not None:
            withdrawn = self._withdraw(stated_key(feature, properties, level, self.options.code_field))
            raise InputError("not_in_force", f"The unit is not in force: {reason}.{withdrawn}", where=where)
        labels = labels_of(
            properties, level, where, name_field=self.options.name_field, code_field=self.options.code_field
        )
        shape = self._shape(number, feature, level, where)
        key = feature_key(feature, properties, level, shape, self.options.code_field)
        self._remark_labels(number, labels)
        return self._placed(self._unplaced(labels, level, key, shape, properties), geonames_id(properties))

    def _unplaced(
        self, labels: Labels, level: PlaceKind, key: str, shape: Point | Polygon | MultiPolygon,
        properties: Mapping[str, Any],
    ) -> PlaceRecord:  # fmt: skip
        inside = shape.representative_point()
        return PlaceRecord(
            source=SOURCE, source_key=key, name=labels.name, kind=level, lon=inside.x, lat=inside.y,
            names=labels.others, codes=labels.codes, languages=labels.languages, kinds=labels.kinds,
            country=country_of(properties) or self.options.country, licence=self.options.licence,
            area_id=None if isinstance(shape, Point) else store_area(self.session, shape),
            population=population_of(properties) if isinstance(shape, Point) else None,
        )  # fmt: skip

    def _level(self, number: int, properties: Mapping[str, Any], where: str) -> PlaceKind | None:
        wanted, stated = self.options.level, level_stated(properties)
        if wanted is not None and stated not in (None, wanted):
            self._remark("other_level", number, f"{stated}")
            return None
        level = wanted if wanted is not None else level_of(properties)
        if level is None:
            fix = f"Say it with --level: {', '.join(LEVELS)}."
            raise InputError("no_level", "The feature does not say its level.", where=where, fix=fix)
        self._levels.add(level)
        return level

    def _remark_labels(self, number: int, labels: Labels) -> None:
        for reason, names in (("not_arabic", labels.latin), ("invisible_marks", labels.marked)):
            if len(names) > 0:
                self._remark(reason, number, names[0], len(names))
        if labels.quoted:
            self._remark("quoted_code", number, ", ".join(labels.codes))

    def _withdraw(self, key: str | None) -> str:
        """Withdraw the place that an earlier file gave a unit no longer in force; what to say of it."""
        query = select(Place).where(Place.source == SOURCE, Place.source_key == key, col(Place.withdrawn).is_(False))
        place = self.session.exec(query).first() if key is not None and key not in self._numbers else None
        if place is None or place.corrected:
            return ""
        place.withdrawn = True
        self.session.flush()
        return " The place it had was withdrawn."

    def _shape(self, number: int, feature: Any, level: PlaceKind, where: str) -> Point | Polygon | MultiPolygon:
        """The polygon of a feature with the winding of RFC 7946; of a town also its point."""
        geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
        whole: Any = {**geometry, **self.file.crs} if isinstance(geometry, Mapping) else geometry
        try:
            shape = read_geometry(whole, where=where, max_vertices=MAX_AREA_VERTICES)
        except InputError as error:
            if not self.options.repair or error.code not in ("self_intersecting", "invalid_polygon"):
                raise
            shape = read_geometry(whole, where=where, max_vertices=MAX_AREA_VERTICES, repair=True)
            why = "The polygon was not valid and was made so."
            self.log.flag(number, "repaired_polygon", why, _raw(feature))
        if isinstance(shape, Point) and level in _POINTS:
            return shape
        if not isinstance(shape, Polygon | MultiPolygon):
            raise InputError("not_an_area", "Only polygons make an area.", where=where, got=shape.geom_type)
        oriented = right_hand_rule(shape)
        return oriented if isinstance(oriented, Polygon | MultiPolygon) else shape

    def _placed(self, record: PlaceRecord, gn_id: str | None) -> PlaceRecord:
        """``record`` with the codes of the units it is, or lies in."""
        if record.kind is PlaceKind.COUNTRY:
            return record
        record = self._above.place(record)
        return self._units.coded(record, gn_id) if record.kind in (PlaceKind.ADM1, PlaceKind.ADM2) else record


def _raw(feature: Any) -> str:
    """A feature without its coordinates, for a person to look at."""
    if not isinstance(feature, Mapping):
        return json.dumps(feature, ensure_ascii=False, default=str)[:10_000]
    return json.dumps({key: value for key, value in feature.items() if key != "geometry"}, ensure_ascii=False)
