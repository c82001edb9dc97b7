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
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson
from sqlmodel import Session

from db.derived import is_fresh
from db.session import TOOL
from incidents.exports.features import Box, box_of, features, joined
from incidents.exports.fragments import BATCH, ready_features
from incidents.exports.masks import mask_for
from incidents.exports.records import Record, instant
from incidents.exports.tables import References, licences
from incidents.ranges import Rule
from incidents.tiers import Tier
from incidents.views import Dossier

if TYPE_CHECKING:
    from incidents.query import Match

FORMAT = "incident-atlas/1"
"""The ``format`` member: the layout of the members beside ``features`` and of the properties."""


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
    chunks = geojson_chunks(session, keys, tier=tier, rule=rule, as_of=as_of, areas=areas, matches=matches)
    count = 0
    for features_in, chunk in chunks:
        stream.write(chunk)
        count += features_in
    return count


def geojson_chunks(
    session: Session,
    keys: Iterable[int],
    *,
    tier: Tier = Tier.PUBLIC,
    rule: Rule = Rule.ENVELOPE,
    as_of: datetime | None = None,
    areas: bool = False,
    matches: Mapping[int, Match] | None = None,
    at_once: int = BATCH,
) -> Iterator[tuple[int, bytes]]:
    """What :func:`write_geojson` writes, piece by piece: how many features are in a piece, and the piece.

    The same database and arguments give the same bytes: no time of export is written.

    Args:
        session: an open session.
        keys: incident ids, in the order of the features; taken as they are written.
        tier: as of :func:`write_geojson`, as the others.
        rule: the same.
        as_of: the same.
        areas: the same.
        matches: the same.
        at_once: features that are read at once.
    """
    head = {"format": FORMAT, "generator": TOOL, "tier": tier.value, "rule": rule.value, "as_of": instant(as_of)}
    yield 0, b'{"type":"FeatureCollection",' + orjson.dumps(head | {"areas": areas})[1:-1] + b',"features":[\n'
    mask = mask_for(session, tier)
    references = References(session, mask, as_of)
    default = tier is Tier.PUBLIC and rule is Rule.ENVELOPE and as_of is None and not areas
    parts: Iterator[tuple[list[Any], Box | None]]
    if default and is_fresh(session):
        parts = ready_features(session, keys, references, mask, matches, at_once)
    else:
        parts = _made_features(
            references, features(session, keys, mask=mask, rule=rule, as_of=as_of, areas=areas, matches=matches)
        )
    count, extent = 0, None
    for written, box in parts:
        if len(written) > 0:
            yield len(written), (b"" if count == 0 else b",\n") + b",\n".join(written)
        count += len(written)
        extent = joined(extent, box)
    yield 0, b"\n]" if count > 0 else b"]"
    yield from ((0, chunk) for chunk in _tables(references, extent))


def _made_features(
    references: References, found: Iterable[tuple[Dossier, Record]]
) -> Iterator[tuple[list[bytes], Box | None]]:
    """Each feature with its box, as :func:`incidents.exports.fragments.ready_features` gives many."""
    for one, feature in found:
        references.add(one)
        yield [orjson.dumps(feature)], box_of(feature)


def _tables(references: References, extent: Box | None) -> Iterator[bytes]:
    """The members after ``features``; the box comes last, as it is known only then."""
    # In this order: each may cite what the next one lists.
    for name, table in (("judgements", references.judgements()), ("claims", references.claims())):
        yield b',\n"%s":' % name.encode() + orjson.dumps(table)
    under: Counter[str | None] = Counter()
    yield b',\n"reports":['
    for number, report in enumerate(references.reports()):
        yield (b",\n" if number > 0 else b"\n") + orjson.dumps(report)
        under[report["licence"]] += 1
    yield b'],\n"organisations":' + orjson.dumps(references.organisations())
    yield b',\n"licences":' + orjson.dumps(licences(under))
    if extent is not None:
        yield b',\n"bbox":' + orjson.dumps(extent)
    yield b"}\n"
