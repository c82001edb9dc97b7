"""Markers: where a map draws the incidents that were asked for, one marker an event, and the other places of each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session

from db.keys import one_of
from db.spatial import Floats, Integers
from db.tables import Area, Location, Report
from gazetteer.geodesy import EQUATOR_M, distance_m
from incidents.columns import Rows, Spots
from incidents.criteria import Query, current_places
from incidents.placed import first_of_each
from incidents.roster import Roster
from incidents.same_event import events
from incidents.screening import Places
from incidents.spots import TIER_BITS
from incidents.tiers import Tier, as_seen
from incidents.views import FINENESS

AT_ONCE = 10_000
"""Fewer bound values than SQLite's limit of 32,766."""
NORTHERNMOST = 85.0511287798066
"""Where the square of the web map ends, degrees."""

Spot = tuple[float, float, float, int]
"""Degrees, longitude first; radius in metres and id of the polygon, 0 for none."""


@dataclass(frozen=True)
class Layout:
    """Where everything lies that a tier may see.

    Attributes:
        roster: the incidents.
        places: the distinct places.
        points: the places on the square of the web map, as :func:`on_square` has them.
        reaches: how far each place reaches on that square: its radius, or half the diagonal of its polygon.
        main: by number in the roster, the place that stands for the incident; -1 for none.
        others: by number, the further places of an incident that has several, the most telling one first.
        events: by number, the number of the record first recorded of the same event, where it is seen; of incidents
            that share their event alone.
    """

    roster: Roster
    places: Places
    points: Floats
    reaches: Floats
    main: Rows
    others: dict[int, tuple[int, ...]]
    events: dict[int, int]


def layout(session: Session, spots: Spots, roster: Roster, tier: Tier) -> Layout:
    """The layout of the incidents in ``roster``, which was made of the same ``spots`` for the same ``tier``."""
    rows = np.flatnonzero(spots.tiers & TIER_BITS[tier])
    rows = rows[np.argsort(spots.keys[rows], kind="stable")]
    keys, firsts = spots.keys[rows], np.flatnonzero(first_of_each(spots.keys[rows]))
    main = np.full(len(roster.keys), -1, dtype=np.int32)
    main[roster.by_key[roster.located[roster.by_key]]] = spots.place_of[rows[firsts]]
    several = keys[firsts[np.diff(np.append(firsts, len(keys))) > 1]]
    others = {}
    for number, places in _ranked(session, spots, roster, several, tier).items():
        main[number], *rest = places
        others[number] = tuple(rest)
    points = on_square(spots.places.lons, spots.places.lats)
    reaches = _reaches(session, spots.places)
    return Layout(roster, spots.places, points, reaches, main, others, _events(session, roster))


def on_square(lons: Floats, lats: Floats) -> Floats:
    """Points on the square of the web map, from 0 to 1: how far to the east, and, in a second row, to the south."""
    level = np.radians(np.clip(lats, -NORTHERNMOST, NORTHERNMOST))
    return np.stack(((lons + 180) / 360, (1 - np.arcsinh(np.tan(level)) / np.pi) / 2))


@dataclass(frozen=True)
class Rival:
    """The incident (by number) that also has the place ``other``, ``metres`` from the ``place`` of its marker."""

    number: int
    place: int
    other: int
    metres: float


@dataclass(frozen=True)
class Markers:
    """The markers of some incidents.

    Attributes:
        numbers: the incidents that have a place, by number in the roster, ascending.
        place: for each, the place of its marker: that of the event's first record among them.
        rivals: the other places of the events, each once.
    """

    numbers: Integers
    place: Rows
    rivals: tuple[Rival, ...]


def markers(layout: Layout, numbers: Integers) -> Markers:
    """The markers of the incidents ``numbers``, ascending; those without a place have none."""
    numbers = numbers[layout.main[numbers] >= 0]
    place = layout.main[numbers]
    chosen = set(numbers[np.isin(numbers, np.array([*layout.others, *layout.events], dtype=np.int64))].tolist())
    groups: dict[int, list[int]] = defaultdict(list)
    for number in chosen:
        groups[layout.events.get(number, number)].append(number)
    rivals: list[Rival] = []
    for group in groups.values():
        group.sort(key=lambda number: int(layout.roster.keys[number]))
        own = int(layout.main[group[0]])
        place[np.searchsorted(numbers, group)] = own
        rivals += _rivals(layout, group, own)
    return Markers(numbers, place, tuple(rivals))


def _rivals(layout: Layout, group: list[int], own: int) -> list[Rival]:
    found = {}
    for number in group:
        for other in (int(layout.main[number]), *layout.others.get(number, ())):
            if other != own and other not in found:
                lons, lats = layout.places.lons, layout.places.lats
                away = distance_m(lons[own], lats[own], lons[other], lats[other])
                found[other] = Rival(number, own, other, away)
    return list(found.values())


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def _ranked(session: Session, spots: Spots, roster: Roster, keys: Integers, tier: Tier) -> dict[int, list[int]]:
    """By number, the places of each of the incidents ``keys``, the one that stands for it first."""
    if len(keys) == 0:
        return {}
    lon, lat, radius_m, area = as_seen(tier)
    precision = sa.type_coerce(_c(Location.precision), sa.String())
    key = _c(Location.incident_id)
    query = sa.select(_c(Location.id), key, lon, lat, radius_m, area, _c(Location.is_primary), precision)
    query = query.join(Report, _c(Report.id) == Location.report_id)
    query = query.where(lon.is_not(None), *current_places(Query(tier=tier)))
    fineness: dict[str, int] = {level.value: rank for level, rank in FINENESS.items()}
    found: dict[int, list[tuple[tuple[bool, int, int], Spot]]] = defaultdict(list)
    for at in range(0, len(keys), AT_ONCE):
        for row in session.execute(query.where(key.in_(keys[at : at + AT_ONCE].tolist()))):
            number, key_, lon_, lat_, radius, area_id, is_primary, level = row
            spot = (lon_, lat_, radius or 0.0, area_id or 0)
            found[key_].append(((not is_primary, fineness[level], number), spot))
    index = _index(spots, keys)
    by_number = dict(zip(keys.tolist(), roster.numbers_of(keys).tolist(), strict=True))
    return {
        by_number[key_]: list(dict.fromkeys(index[spot] for _, spot in sorted(rows, key=lambda row: row[0])))
        for key_, rows in found.items()
    }


def _index(spots: Spots, keys: Integers) -> dict[Spot, int]:
    """The places of the incidents ``keys`` by where they are."""
    places = np.unique(spots.place_of[spots.of(keys.tolist())[0]])
    own = spots.places.only(places.astype(np.int64))
    spots_of = zip(own.lons.tolist(), own.lats.tolist(), own.radii_m.tolist(), own.area_ids.tolist(), strict=True)
    return dict(zip(spots_of, places.tolist(), strict=True))


def _events(session: Session, roster: Roster) -> dict[int, int]:
    joined = events(session)
    keys = np.array(sorted(joined), dtype=np.int64)
    keys = keys[np.isin(keys, roster.keys)]
    first: dict[int, int] = {}
    return {
        number: first.setdefault(joined[key].incident_ids[0], number)
        for key, number in zip(keys.tolist(), roster.numbers_of(keys).tolist(), strict=True)
    }


def _reaches(session: Session, places: Places) -> Floats:
    """How far each place reaches on the square of the web map."""
    drawn = np.flatnonzero(places.area_ids)
    sides = (_c(Area.west), _c(Area.south), _c(Area.east), _c(Area.north))
    wanted = np.unique(places.area_ids[drawn]).tolist()
    rows = session.execute(sa.select(_c(Area.id), *sides).where(one_of(_c(Area.id), wanted))).all()
    reach = {key: distance_m(*box) / 2 for key, *box in rows}
    found: NDArray[np.float64] = places.radii_m.copy()
    found[drawn] = [reach[key] for key in places.area_ids[drawn].tolist()]
    level = np.cos(np.radians(np.minimum(np.abs(places.lats), NORTHERNMOST)))
    return np.asarray(found / (2 * np.pi * EQUATOR_M * level))
