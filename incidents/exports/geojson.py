"""GeoJSON (RFC 7946) out: one feature per incident, written as it is read, in constant memory.

Longitude first, shells counter-clockwise, no ``crs`` member, ``id`` is the incident's code. An incident
without a place that the tier may see has a null geometry: it is in the file, and nowhere on the map.

With ``areas`` each incident is drawn as the area it lies in instead of a point that looks exact: one
MultiPolygon, the union of the areas of all its current places, which ``locations`` lists one by one. Not a
GeometryCollection, which QGIS and most web maps skip; not one part per rival, because parts that overlap make
an invalid MultiPolygon (OGC 06-103r4) and many tools drop or mend those.

The members beside ``features`` say how the file was made and hold the organisations, reports, judgements and
totals of several incidents that the features refer to; with them an import rebuilds the incidents.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson
from sqlmodel import Session

from db.session import TOOL
from incidents.dossiers import dossiers
from incidents.exports.masks import Mask, mask_for
from incidents.exports.properties import properties
from incidents.exports.records import Record, geometry_record, instant
from incidents.exports.tables import References, licences, public_decimals
from incidents.ranges import Rule
from incidents.tiers import Tier
from incidents.views import Dossier, LocationView

if TYPE_CHECKING:
    from incidents.query import Match

FORMAT = "incident-atlas/1"
"""The ``format`` member: the layout of the members beside ``features`` and of the properties."""

BATCH = 200
Box = tuple[float, float, float, float]


def write_geojson(
    session: Session,
    keys: Iterable[int],
    stream: BinaryIO,
    *,
    tier: Tier = Tier.PUBLIC,
    rule: Rule = Rule.ENVELOPE,
    as_of: datetime | None = None,
    areas: bool = False,
    matches: Mapping[int, Match] | None = None,
) -> int:
    """Write the incidents ``keys`` as one FeatureCollection.

    The same database and arguments give the same bytes: no time of export is written.

    Args:
        session: an open session.
        keys: incident ids, in the order of the features.
        stream: a binary stream, see :func:`incidents.exports.output.atomic_output`.
        tier: what may be seen; hidden incidents are left out.
        rule: what the ranges are made by.
        as_of: an instant in UTC; what was said later is left out.
        areas: draw areas instead of points.
        matches: by incident id, how it answered a place query; becomes the property ``match``.

    Returns:
        The number of features.
    """
    mask = mask_for(session, tier)
    references = References(session, mask)
    head = {"format": FORMAT, "generator": TOOL, "tier": tier.value, "rule": rule.value, "as_of": instant(as_of)}
    stream.write(b'{"type":"FeatureCollection",' + orjson.dumps(head | {"areas": areas})[1:-1] + b',"features":[')
    count, extent = 0, None
    for one, feature in features(session, keys, mask=mask, rule=rule, as_of=as_of, areas=areas, matches=matches):
        stream.write(b"\n" if count == 0 else b",\n")
        stream.write(orjson.dumps(feature))
        references.add(one)
        extent = _joined(extent, _box(feature))
        count += 1
    stream.write(b"\n]")
    _write_tables(stream, references, extent)
    return count


def features(
    session: Session,
    keys: Iterable[int],
    *,
    mask: Mask,
    rule: Rule,
    as_of: datetime | None,
    areas: bool,
    matches: Mapping[int, Match] | None,
) -> Iterator[tuple[Dossier, Record]]:
    """Each incident with its feature; arguments as :func:`write_geojson`, ``mask`` stands for the tier."""
    found = dossiers(session, keys, tier=mask.tier, as_of=as_of)
    for one, decimals in _with_decimals(session, found, mask.tier):
        feature = _feature(one, mask, rule, decimals, areas=areas)
        if matches is not None and one.key in matches:
            feature["properties"]["match"] = matches[one.key].value
        yield one, feature


def _write_tables(stream: BinaryIO, references: References, extent: Box | None) -> None:
    """The members after ``features``; the box comes last, as it is known only then."""
    # In this order: each may cite what the next one lists.
    for name, table in (("judgements", references.judgements()), ("claims", references.claims())):
        stream.write(b',\n"%s":' % name.encode() + orjson.dumps(table))
    under: Counter[str | None] = Counter()
    stream.write(b',\n"reports":[')
    for number, report in enumerate(references.reports()):
        stream.write((b",\n" if number > 0 else b"\n") + orjson.dumps(report))
        under[report["licence"]] += 1
    stream.write(b'],\n"organisations":' + orjson.dumps(references.organisations()))
    stream.write(b',\n"licences":' + orjson.dumps(licences(under)))
    if extent is not None:
        stream.write(b',\n"bbox":' + orjson.dumps(extent))
    stream.write(b"}\n")


def _with_decimals(session: Session, found: Iterator[Dossier], tier: Tier) -> Iterator[tuple[Dossier, dict[int, int]]]:
    """Each dossier with the grids of its reduced places, looked up for many at once."""
    while len(batch := list(islice(found, BATCH))) > 0:
        decimals = public_decimals(session, batch, tier)
        for one in batch:
            yield one, decimals


def _feature(one: Dossier, mask: Mask, rule: Rule, decimals: dict[int, int], *, areas: bool) -> Record:
    feature: Record = {"type": "Feature", "id": one.code, "geometry": None}
    if areas:
        from incidents.exports.drawn import drawn_area

        shape = drawn_area(one.locations)
        if shape is not None:
            feature["geometry"] = geometry_record(shape)
            feature["bbox"] = shape.bounds
    else:
        feature["geometry"] = point_record(one.primary())
    feature["properties"] = properties(one, mask, rule, decimals)
    return feature


def point_record(place: LocationView | None) -> Record | None:
    """The point of the place that stands for an incident; None where it has none."""
    if place is None or place.lon is None or place.lat is None:
        return None
    return {"type": "Point", "coordinates": (place.lon, place.lat)}


def _box(feature: Record) -> Box | None:
    """West, south, east, north of a feature's geometry."""
    geometry: Any = feature["geometry"]
    if geometry is None:
        return None
    if "bbox" in feature:
        box: Box = feature["bbox"]
        return box
    lon, lat = geometry["coordinates"]
    return lon, lat, lon, lat


def _joined(first: Box | None, second: Box | None) -> Box | None:
    if first is None or second is None:
        return second if first is None else first
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])
