"""Incidents as GeoJSON features: a point or a drawn area, and the documented properties."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from incidents.dossiers import dossiers
from incidents.exports.masks import Mask
from incidents.exports.properties import properties
from incidents.exports.records import Record, geometry_record
from incidents.exports.tables import public_decimals
from incidents.ranges import Rule
from incidents.tiers import Tier
from incidents.views import Dossier, LocationView

if TYPE_CHECKING:
    from incidents.query import Match

BATCH = 200
Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


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
    """Each incident with its feature.

    Arguments as :func:`incidents.exports.geojson.write_geojson`; ``mask`` stands for the tier.
    """
    found = dossiers(session, keys, tier=mask.tier, as_of=as_of)
    for one, decimals in _with_decimals(session, found, mask.tier):
        feature = _feature(one, mask, rule, decimals, areas=areas)
        if matches is not None and one.key in matches:
            feature["properties"]["match"] = matches[one.key].value
        yield one, feature


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


def box_of(feature: Record) -> Box | None:
    """West, south, east, north of a feature's geometry."""
    geometry: Any = feature["geometry"]
    if geometry is None:
        return None
    if "bbox" in feature:
        box: Box = feature["bbox"]
        return box
    lon, lat = geometry["coordinates"]
    return lon, lat, lon, lat


def joined(first: Box | None, second: Box | None) -> Box | None:
    """The box that holds both."""
    if first is None or second is None:
        return second if first is None else first
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])
