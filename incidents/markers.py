"""Markers: what a map needs of many incidents at once, as columns instead of features.

Twenty-four thousand incidents as GeoJSON features take ten times the bytes, and most of them share their point with
others: a map draws places, and counts what lies at each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session

from db.spatial import Integers
from db.tables import Incident, Location, Report
from db.tables.derived import NEVER
from gazetteer.geodesy import distance_m
from incidents.criteria import Query, current_places
from incidents.same_event import events
from incidents.spots import microseconds
from incidents.tiers import Tier, as_seen
from incidents.views import FINENESS

DAY_US = 86_400_000_000
NO_DAY = -(2**31)
"""The first and last day of an incident without a time."""

Spot = tuple[float, float, float | None, int | None]
"""Degrees, longitude first; radius in metres; id of the polygon, which has no radius."""


@dataclass(frozen=True)
class Rival:
    """A second place of an event: its index in ``places``, and how far it is from the marker, in metres."""

    marker: int
    place: int
    metres: float


@dataclass(frozen=True)
class Markers:
    """Events on a map: one marker an event, at the place that stands for the record first recorded.

    Attributes:
        places: the distinct places.
        place: for each marker, the index of its place.
        members: for each marker, the ids of its incidents that were asked for.
        first, last: for each marker, the first and last day (UTC) of its incidents' windows, counted from
            1970-01-01; ``NO_DAY`` where no time is known.
        rivals: the other places of the markers.
    """

    places: list[Spot]
    place: list[int]
    members: list[tuple[int, ...]]
    first: list[int]
    last: list[int]
    rivals: list[Rival]


def markers(session: Session, keys: Sequence[int], *, tier: Tier, as_of: datetime | None = None) -> Markers:
    """The markers of the incidents ``keys``; those without a place that ``tier`` may see have none.

    Args:
        session: an open session.
        keys: ids of incidents that the tier may see.
        tier: as whom the places are seen.
        as_of: an instant in UTC; places of reports that date from after it do not count.
    """
    located = _located(session, set(keys), tier, as_of)
    spans = _spans(session, set(located))
    made = Markers([], [], [], [], [], [])
    index: dict[Spot, int] = {}
    for members in _groups(session, located):
        spots = list(dict.fromkeys(spot for key in members for spot in located[key]))
        numbers = [index.setdefault(spot, len(index)) for spot in spots]
        for number, spot in zip(numbers[1:], spots[1:], strict=True):
            away = distance_m(spots[0][0], spots[0][1], spot[0], spot[1])
            made.rivals.append(Rival(len(made.place), number, away))
        made.place.append(numbers[0])
        made.members.append(members)
        days = [spans[key] for key in members if spans[key][0] != NO_DAY]
        made.first.append(min((first for first, _ in days), default=NO_DAY))
        made.last.append(max((last for _, last in days), default=NO_DAY))
    made.places.extend(index)
    return made


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def _located(session: Session, keys: set[int], tier: Tier, as_of: datetime | None) -> dict[int, list[Spot]]:
    """The places of each incident that has any, the one that stands for it first."""
    lon, lat, radius_m, area = as_seen(tier)
    precision = sa.type_coerce(_c(Location.precision), sa.String())
    query = (
        sa.select(_c(Location.incident_id), lon, lat, radius_m, area, _c(Location.is_primary), precision)
        .join(Report, _c(Report.id) == Location.report_id)
        .where(lon.is_not(None), *current_places(Query(tier=tier, as_of=as_of)))
        .order_by(_c(Location.id))
    )
    found: dict[int, list[tuple[tuple[bool, int], Spot]]] = {}
    fineness: dict[str, int] = {level.value: rank for level, rank in FINENESS.items()}
    for key, lon_, lat_, radius, area_id, is_primary, level in session.execute(query):
        if key in keys:
            spot = (lon_, lat_, None if area_id is not None else radius, area_id)
            found.setdefault(key, []).append(((not is_primary, fineness[level]), spot))
    for spots in found.values():
        spots.sort(key=lambda one: one[0])  # stable: of equals the one recorded first
    return {key: [spot for _, spot in spots] for key, spots in found.items()}


def _spans(session: Session, keys: set[int]) -> dict[int, tuple[int, int]]:
    """The first and last day of each incident's window."""
    start, end = (
        sa.type_coerce(column, sa.types.NullType()) for column in (_c(Incident.start_utc), _c(Incident.end_utc))
    )
    rows = session.execute(sa.select(_c(Incident.id), start, end)).all()
    firsts, lasts = (_days(microseconds([row[at] for row in rows])) for at in (1, 2))
    found = zip((row[0] for row in rows), firsts.tolist(), lasts.tolist(), strict=True)
    return {key: (first, last) for key, first, last in found if key in keys}


def _days(instants: Integers) -> NDArray[np.int64]:
    return np.where(instants == NEVER, NO_DAY, instants // DAY_US)


def _groups(session: Session, located: dict[int, list[Spot]]) -> list[tuple[int, ...]]:
    """The located incidents, those of one event together, in the order recorded."""
    joined = events(session)
    found: dict[int, list[int]] = {}
    for key in sorted(located):
        first = joined[key].incident_ids[0] if key in joined else key
        found.setdefault(first, []).append(key)
    return [tuple(group) for group in found.values()]
