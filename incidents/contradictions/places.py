"""Places that cannot both be right: two sources' areas for one event that do not touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.keys import one_of
from db.tables import Location, Organisation, Report
from gazetteer.geodesy import distance_m
from incidents.contradictions.clash import Clash, Kind
from incidents.criteria import Query, current_places
from incidents.tiers import Tier, as_seen


def places_of(session: Session, keys: Collection[int], tier: Tier) -> dict[int, list[Any]]:
    """By incident, the current places with a point and a radius, as ``tier`` sees them: one statement."""
    lon, lat, radius_m, _ = as_seen(tier)
    location: Any = Location
    source: Any = Organisation
    query = (
        sa.select(
            location.id, location.incident_id, location.source_id, location.report_id, lon.label("lon"),
            lat.label("lat"), radius_m.label("radius_m"), source.name.label("source"),
        )
        .join(Report, _c(Report).id == location.report_id)
        .join(Organisation, source.id == location.source_id)
        .where(
            one_of(location.incident_id, sorted(keys)), lon.is_not(None), radius_m.is_not(None),
            *current_places(Query(tier=tier)),
        )
    )  # fmt: skip
    found: dict[int, list[Any]] = defaultdict(list)
    for row in sorted(session.execute(query).all(), key=lambda row: int(row.id)):
        found[row.incident_id].append(row)
    return found


def _c(table: Any) -> Any:
    """A table class as what its attributes are in SQL; SQLModel types them as plain values."""
    return table


def of_places(about: str, places: Sequence[Any]) -> Iterator[Clash]:
    """One clash of all the pairs of an event's places that lie further apart than their radii, if there are any."""
    apart: list[tuple[float, Any, Any]] = []
    for one, other in combinations(places, 2):
        away = distance_m(one.lon, one.lat, other.lon, other.lat)
        if away > one.radius_m + other.radius_m and (one.source_id, one.report_id) != (
            other.source_id,
            other.report_id,
        ):
            apart.append((away, one, other))
    if len(apart) == 0:
        return
    apart.sort(key=lambda pair: (-pair[0], pair[1].id, pair[2].id))
    told = "; ".join(
        f"{one.source} (#{one.id}, within {one.radius_m:,.0f} m) and {other.source} (#{other.id}, within "
        f"{other.radius_m:,.0f} m) lie {away:,.0f} m apart"
        for away, one, other in apart
    )
    numbers = dict.fromkeys(f"#{place.id}" for _, *pair in apart for place in pair)
    yield Clash(Kind.PLACES_APART, about, told, tuple(numbers))
