"""Places, claims, areas and events as GeoJSON features, each with the records of the documented export."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from incidents.dossiers import dossiers
from incidents.exports.features import point_record
from incidents.exports.masks import mask_for
from incidents.exports.properties import ranges
from incidents.exports.records import Record, claim_record, geometry_record, location_record
from incidents.parts import Part, PartRow, area_shapes
from incidents.ranges import Rule
from incidents.tiers import Tier
from incidents.views import Dossier, LocationView


def part_features(
    session: Session, part: Part, rows: Sequence[PartRow], *, tier: Tier, rule: Rule, as_of: datetime | None
) -> list[Record]:
    """The features of ``rows``, in their order.

    Args:
        session: an open session.
        part: what the rows are.
        rows: of :func:`incidents.parts.part_page`, of the same tier and day.
        tier: what may be seen.
        rule: what the ranges of events are made by.
        as_of: an instant in UTC; what was said later is left out.
    """
    if part is Part.AREAS:
        shapes = area_shapes(session, [row.key for row in rows])
        return [_feature(row.key, geometry_record(shapes[row.key]), {"area": row.key}) for row in rows]
    keys = dict.fromkeys(key for row in rows for key in row.incidents)
    found = {one.key: one for one in dossiers(session, keys, tier=tier, as_of=as_of)}
    mask = mask_for(session, tier)
    made = []
    for row in rows:
        members = [found[key] for key in row.incidents if key in found]
        if part is Part.EVENTS:
            made.append(_event(members, rule))
        elif part is Part.CLAIMS:
            one, claim = next((one, view) for one in members for view in one.claims if view.key == row.key)
            shown = frozenset(view.code for view in one.claims)
            properties = {"incident": one.code, "version": claim.version} | claim_record(claim, mask, shown)
            made.append(_feature(claim.code, point_record(one.primary()), properties))
        else:
            one, place = next((one, view) for one in members for view in one.locations if view.key == row.key)
            properties = {"incident": one.code, "version": place.version} | location_record(place, mask, None)
            made.append(_feature(place.key, _shape(place), properties))
    return made


def _feature(key: int | str, geometry: Record | None, properties: Record) -> Record:
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": properties}


def _shape(place: LocationView) -> Record | None:
    return point_record(place) if place.area is None else geometry_record(place.area)


def _event(members: list[Dossier], rule: Rule) -> Record:
    """Records of one event: all have the ranges of all their claims."""
    first = members[0]
    places = [place for one in members if (place := point_record(one.primary())) is not None]
    properties = {
        "event": first.event_code,
        "names": [one.name for one in members],
        "incidents": [one.code for one in members],
        "rule": rule.value,
        "ranges": ranges(first, rule),
    }
    return _feature(first.event_code, places[0] if len(places) > 0 else None, properties)
