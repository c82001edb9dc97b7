"""The spots: where the current places of incidents lie, for each tier, as narrow rows in the order of a search."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session

from db.bulk import insert_columns
from db.derived import among
from db.spatial import Integers, cells_of
from db.tables import Incident, Location, Report, metadata
from db.tables.derived import NEVER
from incidents.tiers import Tier, citable_row, current_location, seen

TIER_BITS = {Tier.PUBLIC: 1, Tier.RESTRICTED: 2, Tier.INTERNAL: 4}
COUNT_BITS = 20
COUNT_MASK = (1 << COUNT_BITS) - 1
_LOWERED = TIER_BITS[Tier.PUBLIC] | TIER_BITS[Tier.RESTRICTED]
_SPOT = metadata.tables["spot"]
_SIDES = ("west", "south", "east", "north")


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def refresh_spots(session: Session, keys: Sequence[int]) -> None:
    """Rewrite the spots of the incidents ``keys``, ascending, at most 30,000."""
    columns = spot_columns(session, keys)
    session.execute(sa.delete(_SPOT).where(among(_SPOT.c.incident_id, keys)))
    insert_columns(session, _SPOT, columns)


def differing_spots(session: Session, keys: Sequence[int]) -> set[int]:
    """Those of ``keys``, ascending, whose spots are not those that they should have."""
    columns = spot_columns(session, keys)
    should = set(zip(*columns.values(), strict=True))
    stored = sa.select(*(_SPOT.c[name] for name in columns)).where(among(_SPOT.c.incident_id, keys))
    at = list(columns).index("incident_id")
    return {row[at] for row in {tuple(row) for row in session.execute(stored)} ^ should}


def spot_columns(session: Session, keys: Sequence[int]) -> dict[str, list[Any]]:
    """The spots that the incidents ``keys`` should have, by column name, in the order they are stored."""
    cursor = session.connection().execute(_places().where(among(_c(Location.incident_id), keys))).cursor
    found = [] if cursor is None else cursor.fetchall()
    if len(found) == 0:
        return {column.name: [] for column in _SPOT.columns}
    by_column = (np.array(column, dtype=object) for column in zip(*found, strict=True))
    (
        ids, incidents, lons, lats, radii, areas, shown_lons, shown_lats, shown_radii, shown_areas,
        west, south, east, north, starts, stops, tiers,
    ) = by_column  # fmt: skip
    numbers = [column.astype(np.float64) for column in (lons, lats, west, south, east, north)]
    tiers = tiers.astype(np.int64)
    shared = [
        cells_of(*numbers), microseconds(starts), incidents.astype(np.int64), ids.astype(np.int64),
        microseconds(stops),
    ]  # fmt: skip
    true, shown = (lons, lats, radii, areas), (shown_lons, shown_lats, shown_radii, shown_areas)
    same = np.logical_and.reduce([np.equal(one, other).astype(bool) for one, other in zip(true, shown, strict=True)])
    # One view of a place that was not lowered, two of one that was, one of a hidden one.
    seen_true = np.where(same, tiers, tiers & ~_LOWERED)
    seen_shown = np.where(same | np.array([lon is None for lon in shown_lons], dtype=bool), 0, tiers & _LOWERED)
    parts = [
        [*(column[bits != 0] for column in (*shared, bits, *view))]
        for bits, view in ((seen_true, true), (seen_shown, shown))
    ]
    cell, start, incident, key, stop, bits, lon, lat, radius, area = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    order = np.lexsort((bits, key, incident, start, cell))
    columns = {
        "cell": cell, "start": start, "incident_id": incident, "location_id": key, "tiers": bits, "stop": stop,
        "places": _counts(incident, bits), "lon": lon, "lat": lat, "radius_m": radius, "area_id": area,
    }  # fmt: skip
    return {name: column[order].tolist() for name, column in columns.items()}


def _counts(incidents: Integers, bits: Integers) -> Integers:
    """For each row, the number of places of its incident for each tier."""
    _, back = np.unique(incidents, return_inverse=True)
    counts = np.zeros(back.max(initial=-1) + 1, dtype=np.int64)
    for place, bit in enumerate(TIER_BITS.values()):
        np.add.at(counts, back[bits & bit != 0], np.int64(1) << COUNT_BITS * place)
    return counts[back]


@cache  # putting it together takes longer than to run it for one incident, and each change asks for it
def _places() -> Any:
    """SQL: the located places of incidents, with the tiers that may see each."""
    tiers = sum(
        (sa.case((sa.and_(*_shown(tier)), bit), else_=0) for tier, bit in TIER_BITS.items()), start=sa.literal(0)
    )
    names = "id incident_id lon lat radius_m area_id public_lon public_lat public_radius_m public_area_id"
    return (
        sa.select(
            *(getattr(Location, name) for name in (*names.split(), *_SIDES)),
            # Untyped: numpy reads the text of SQLite and the instants of PostgreSQL much faster than SQLAlchemy.
            sa.type_coerce(_c(Incident.start_utc), sa.types.NullType()).label("start"),
            sa.type_coerce(_c(Incident.end_utc), sa.types.NullType()).label("stop"),
            tiers.label("tiers"),
        )
        .join(Incident, _c(Incident.id) == Location.incident_id)
        .join(Report, _c(Report.id) == Location.report_id)
        .where(_c(Location.lon).is_not(None), ~_c(Incident.withdrawn))
    )


def _shown(tier: Tier) -> list[Any]:
    return [_c(Incident.visibility).in_(seen(tier)), citable_row(tier), current_location(tier)]


def microseconds(values: Any) -> Integers:
    """Instants as the driver gives them, in microseconds since 1970, UTC; ``NEVER`` for None."""
    instants = np.array(list(values), dtype="datetime64[us]")
    return np.where(np.isnat(instants), NEVER, instants.astype(np.int64))
