"""Places that cannot both be right: two sources' areas for one event that do not touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import Any

import shapely
import sqlalchemy as sa
from sqlmodel import Session

from db.keys import one_of
from db.tables import Area, Location, Organisation, Report
from gazetteer.geodesy import area_km2, distance_m, gap_m
from gazetteer.geometry import read_wkb
from incidents.contradictions.clash import Clash, Kind
from incidents.criteria import Query, current_places
from incidents.tiers import Tier, as_seen


def places_of(session: Session, keys: Collection[int], tier: Tier) -> dict[int, list[Any]]:
    """By incident, the current places with a point and a radius or a polygon, as ``tier`` sees them: one statement."""
    lon, lat, radius_m, area_id = as_seen(tier)
    location: Any = Location
    source: Any = Organisation
    query = (
        sa.select(
            location.id, location.incident_id, location.source_id, location.report_id, lon.label("lon"),
            lat.label("lat"), radius_m.label("radius_m"), _c(Area).wkb, source.name.label("source"),
        )
        .join(Report, _c(Report).id == location.report_id)
        .join(Organisation, source.id == location.source_id)
        .outerjoin(Area, _c(Area).id == area_id)
        .where(
            one_of(location.incident_id, sorted(keys)), lon.is_not(None),
            radius_m.is_not(None) | area_id.is_not(None), *current_places(Query(tier=tier)),
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
    """One clash of all the pairs of an event's places that do not reach each other, if there are any."""
    apart: list[tuple[float, Any, Any]] = []
    for one, other in combinations(places, 2):
        away = _away_m(one, other)
        if away > _radius_m(one) + _radius_m(other) and (one.source_id, one.report_id) != (
            other.source_id,
            other.report_id,
        ):
            apart.append((away, one, other))
    if len(apart) == 0:
        return
    apart.sort(key=lambda pair: (-pair[0], pair[1].id, pair[2].id))
    told = "; ".join(f"{_told(one)} and {_told(other)} lie {away:,.0f} m apart" for away, one, other in apart)
    numbers = dict.fromkeys(f"#{place.id}" for _, *pair in apart for place in pair)
    yield Clash(Kind.PLACES_APART, about, told, tuple(numbers))


def _radius_m(place: Any) -> float:
    return 0.0 if place.wkb is not None else float(place.radius_m)


def _away_m(one: Any, other: Any) -> float:
    """From point to point, and of an area from its edge."""
    if one.wkb is None and other.wkb is None:
        return distance_m(one.lon, one.lat, other.lon, other.lat)
    return gap_m(_shape(one), _shape(other))


def _shape(place: Any) -> shapely.Geometry:
    return shapely.Point(place.lon, place.lat) if place.wkb is None else read_wkb(place.wkb)


def _told(place: Any) -> str:
    if place.wkb is None:
        extent = f"within {place.radius_m:,.0f} m"
    else:
        extent = f"an area of {area_km2(_shape(place)):,.4g} km²"
    return f"{place.source} (#{place.id}, {extent})"
