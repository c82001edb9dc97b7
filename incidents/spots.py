"""The spots: where the current places of incidents lie, for each tier, as narrow rows in the order of a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlmodel import Session

from db.spatial import Floats, Integers, cells_of
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
    """Rewrite the spots of the incidents ``keys``, at most 30,000."""
    rows = spot_rows(session, keys)
    session.execute(sa.delete(_SPOT).where(_SPOT.c.incident_id.in_(keys)))
    if len(rows) > 0:
        session.execute(sa.insert(_SPOT), rows)


def spot_rows(session: Session, keys: Sequence[int]) -> list[dict[str, Any]]:
    """The spots that the incidents ``keys`` should have, by cell, start and incident."""
    found = session.execute(_places(keys)).all()
    if len(found) == 0:
        return []
    by_name = dict(zip(found[0]._fields, zip(*found, strict=True), strict=True))
    sides = [_floats(by_name[side]) for side in _SIDES]
    cells = cells_of(_floats(by_name["lon"]), _floats(by_name["lat"]), *sides)
    starts, stops = microseconds(by_name["start"]), microseconds(by_name["stop"])
    rows = []
    for row, cell, start, stop in zip(found, cells.tolist(), starts.tolist(), stops.tolist(), strict=True):
        shared = {"cell": cell, "start": start, "stop": stop, "incident_id": row.incident_id, "location_id": row.id}
        rows += [shared | view for view in _views(row)]
    _count_places(rows)
    return sorted(rows, key=lambda row: (row["cell"], row["start"], row["incident_id"], row["location_id"]))


def _places(keys: Sequence[int]) -> Any:
    """SQL: the located places of the incidents, with the tiers that may see each."""
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
        .where(_c(Location.incident_id).in_(keys), _c(Location.lon).is_not(None), ~_c(Incident.withdrawn))
    )


def _shown(tier: Tier) -> list[Any]:
    return [_c(Incident.visibility).in_(seen(tier)), citable_row(tier), current_location(tier)]


def _floats(values: Sequence[float]) -> Floats:
    return np.array(values, dtype=np.float64)


def microseconds(values: Sequence[Any]) -> Integers:
    """Instants as the driver gives them, in microseconds since 1970, UTC; ``NEVER`` for None."""
    instants = np.array(values, dtype="datetime64[us]")
    return np.where(np.isnat(instants), NEVER, instants.astype(np.int64))


def _views(row: Any) -> list[dict[str, Any]]:
    """The coordinates of a place as the tiers that may see it see it: one view, two, or none."""
    true = {"lon": row.lon, "lat": row.lat, "radius_m": row.radius_m, "area_id": row.area_id}
    lowered = {
        "lon": row.public_lon,
        "lat": row.public_lat,
        "radius_m": row.public_radius_m,
        "area_id": row.public_area_id,
    }
    if true == lowered:
        views = [(row.tiers, true)]
    else:
        hidden = row.public_lon is None
        views = [(row.tiers & ~_LOWERED, true), (0 if hidden else row.tiers & _LOWERED, lowered)]
    return [{"tiers": tiers, **view} for tiers, view in views if tiers != 0]


def _count_places(rows: list[dict[str, Any]]) -> None:
    """Give each row the number of places of its incident for each tier."""
    counts: dict[int, int] = {}
    for row in rows:
        ones = sum(1 << COUNT_BITS * place for place, bit in enumerate(TIER_BITS.values()) if row["tiers"] & bit)
        counts[row["incident_id"]] = counts.get(row["incident_id"], 0) + ones
    for row in rows:
        row["places"] = counts[row["incident_id"]]
