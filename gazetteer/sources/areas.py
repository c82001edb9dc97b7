"""Boundary polygons from GeoJSON: governorates, districts, towns, with their names in any script.

Files of several providers are read as they are: Who's On First, geoBoundaries, GADM and the OCHA common
operational datasets. Which unit lies in which is computed from the polygons, because the hierarchies that files
state have gaps.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from shapely.geometry import MultiPolygon, Polygon
from sqlmodel import Session, select

from db.errors import AtlasError, InputError
from db.import_log import ImportLog, Progress, start_import
from db.session import change_set_id
from db.strictjson import read_json
from db.tables import Area, ImportRun, metadata
from db.vocabulary import PlaceKind
from gazetteer.geometry import MAX_AREA_VERTICES, read_geometry, right_hand_rule, write_wkb
from gazetteer.sources.fields import country_of, feature_key, geonames_id, in_force, names_of
from gazetteer.sources.known_units import KnownUnits
from gazetteer.sources.store import PlaceRecord, PlaceWriter, Written
from gazetteer.units import units_containing

SOURCE = "areas"
_AREA = metadata.tables["area"]
LEVELS = (
    PlaceKind.COUNTRY, PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3, PlaceKind.SETTLEMENT, PlaceKind.NEIGHBOURHOOD,
)  # fmt: skip
BATCH = 50  # features; each may be a megabyte


@dataclass(frozen=True)
class _File:
    """What holds for all features of a file."""

    name: str
    crs: Mapping[str, Any]
    level: PlaceKind
    name_field: str | None
    country: str | None
    licence: str | None
    repair: bool


def import_areas(
    session: Session, path: Path, *, level: PlaceKind, name_field: str | None = None, country: str | None = None,
    licence: str | None = None, repair: bool = False, progress: Progress | None = None,
) -> ImportRun:  # fmt: skip
    """Read the polygons of a GeoJSON feature collection into the gazetteer.

    Each becomes a place of kind ``level`` with its polygon; a second reading adds nothing, a changed polygon
    supersedes. A unit that is superseded, deprecated or not current is not taken: it is kept as a rejected row
    ``not_in_force``. A unit gets GeoNames' code from its GeoNames id, else from its name among the known units.

    Args:
        session: an open write session; the whole file is one change set.
        path: the file, at most 100 MB, longitude first on WGS84.
        level: country, adm1, adm2, adm3, settlement or neighbourhood.
        name_field: property with the main name; by default the usual ones are tried (`gazetteer.sources.fields`).
        country: ISO 3166 two-letter code of all features; by default what the features say, and where one says
            nothing, the only country that the others name.
        licence: of the file.
        repair: take self-intersecting polygons made valid; they are flagged.
        progress: called with the number of features read.

    Returns:
        The run with its counts; ``line`` of a kept row is the number of the feature, from 1.

    Raises:
        InputError: ``bad_level``, ``not_a_feature_collection``, ``empty_file``, and those of `db.strictjson.read_json`.
    """
    if level not in LEVELS:
        raise InputError("bad_level", "Areas are of another level.", got=level, fix=f"Use one of {', '.join(LEVELS)}.")
    features, crs = _features(path)
    country = country.upper() if country is not None else _only_country(features)
    log = start_import(session, f"areas {level.value}", path)
    file = _File(path.name, crs, level, name_field, country, licence, repair)
    writer, units = PlaceWriter(session), KnownUnits(session)
    for start in range(0, len(features), BATCH):
        _import_batch(session, file, features[start : start + BATCH], start + 1, writer, units, log)
        if progress is not None:
            progress(log.read)
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


def _features(path: Path) -> tuple[list[Any], Mapping[str, Any]]:
    """The features of the file, and its ``crs`` member, if it has one."""
    value = read_json(path)
    features = value.get("features") if isinstance(value, dict) else None
    if not isinstance(value, dict) or value.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise InputError(
            "not_a_feature_collection", "The file is no GeoJSON feature collection.", where=path.name,
            fix="Convert it first, for example: ogr2ogr -f GeoJSON -t_srs OGC:CRS84 out.geojson in.shp",
        )  # fmt: skip
    if len(features) == 0:
        raise InputError("empty_file", "The file has no features.", where=path.name)
    return features, {"crs": value["crs"]} if "crs" in value else {}


def _only_country(features: Sequence[Any]) -> str | None:
    """The country that all features which name one agree on."""
    named = Counter(country_of(_properties(feature)) for feature in features)
    named.pop(None, None)
    return next(iter(named)) if len(named) == 1 else None


def _properties(feature: Any) -> Mapping[str, Any]:
    properties = feature.get("properties") if isinstance(feature, Mapping) else None
    return properties if isinstance(properties, Mapping) else {}


def _import_batch(
    session: Session, file: _File, features: Sequence[Any], first: int, writer: PlaceWriter, units: KnownUnits,
    log: ImportLog,
) -> None:  # fmt: skip
    records, numbers = [], []
    for number, feature in enumerate(features, start=first):
        log.read += 1
        where = f"{file.name}, feature {number}"
        try:
            record, repaired = _record(session, file, feature, where, units)
        except AtlasError as error:
            log.reject(number, error, _raw(feature))
            continue
        if repaired:
            log.flag(number, "repaired_polygon", "The polygon was not valid and was made so.", _raw(feature))
        records.append(record)
        numbers.append(number)
    for number, record, verdict in zip(numbers, records, writer.write(records), strict=True):
        if verdict is Written.REPEATED:
            why = f"The file has another feature with the key {record.source_key}."
            log.reject(number, InputError("duplicate_key", why), record.name)
        log.added += verdict is Written.ADDED
        log.unchanged += verdict is Written.UNCHANGED
        log.superseded += verdict is Written.SUPERSEDED
    log.save(session)


def _record(session: Session, file: _File, feature: Any, where: str, units: KnownUnits) -> tuple[PlaceRecord, bool]:
    """The place of a feature, and whether its polygon was repaired.

    Raises:
        InputError: what keeps the feature out.
    """
    properties = _properties(feature)
    reason = in_force(properties)
    if reason is not None:
        raise InputError("not_in_force", f"The unit is not in force: {reason}.", where=where)
    name, others = names_of(properties, file.level, file.name_field, where)
    shape, repaired = _shape(file, feature.get("geometry"), where)
    inside = shape.representative_point()
    record = PlaceRecord(
        source=SOURCE, source_key=feature_key(feature, properties, file.level, shape), name=name, kind=file.level,
        lon=inside.x, lat=inside.y, names=others, country=country_of(properties) or file.country,
        area_id=store_area(session, shape), licence=file.licence,
    )  # fmt: skip
    return _placed(session, record, geonames_id(properties), units), repaired


def _shape(file: _File, geometry: Any, where: str) -> tuple[Polygon | MultiPolygon, bool]:
    """The polygon of a feature with the winding of RFC 7946, and whether it was repaired."""
    whole = {**geometry, **file.crs} if isinstance(geometry, Mapping) else geometry
    repaired = False
    try:
        shape = read_geometry(whole, where=where, max_vertices=MAX_AREA_VERTICES)
    except InputError as error:
        if not file.repair or error.code not in ("self_intersecting", "invalid_polygon"):
            raise
        shape, repaired = read_geometry(whole, where=where, max_vertices=MAX_AREA_VERTICES, repair=True), True
    if not isinstance(shape, Polygon | MultiPolygon):
        raise InputError("not_an_area", "Only polygons make an area.", where=where, got=shape.geom_type)
    oriented = right_hand_rule(shape)
    return oriented if isinstance(oriented, Polygon | MultiPolygon) else shape, repaired


def _placed(session: Session, record: PlaceRecord, gn_id: str | None, units: KnownUnits) -> PlaceRecord:
    """``record`` with the codes of the units it is, or lies in."""
    if record.kind is PlaceKind.COUNTRY:
        return record
    if record.country is None:
        holding = units_containing(session, record.lon, record.lat, kind=PlaceKind.COUNTRY)
        record = replace(record, country=holding[0].country if holding else None)
    if record.kind is PlaceKind.ADM1:
        return units.coded(record, gn_id)
    holding = units_containing(session, record.lon, record.lat, kind=PlaceKind.ADM1)
    first = next((unit for unit in holding if unit.admin1 is not None), None)
    if first is not None:
        record = replace(record, country=record.country or first.country, admin1=first.admin1, admin1_name=first.name)
    if record.kind is PlaceKind.ADM2:
        return units.coded(record, gn_id)
    second = next(iter(units_containing(session, record.lon, record.lat, kind=PlaceKind.ADM2)), None)
    return record if second is None else replace(record, admin2=second.admin2, admin2_name=second.name)


def _raw(feature: Any) -> str:
    """A feature without its coordinates, for a person to look at."""
    if not isinstance(feature, Mapping):
        return json.dumps(feature, ensure_ascii=False)[:10_000]
    return json.dumps({key: value for key, value in feature.items() if key != "geometry"}, ensure_ascii=False)
