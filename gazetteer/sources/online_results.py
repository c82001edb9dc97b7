"""A record of an online service as a candidate: what kind of place it is, how large, and what it lies in.

Nominatim: nominatim.org/release-docs/latest/api/Output; Photon: github.com/komoot/photon (GeoJSON);
GeoNames: geonames.org/export/geonames-search.html.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from db.errors import InputError
from db.tables.base import LINE
from db.vocabulary import PlaceKind
from gazetteer.geodesy import Box, distance_m
from gazetteer.points import check_point
from gazetteer.precision import PRECISION_OF_KIND, default_radius_m, settlement_radius_m
from gazetteer.search.answer import Candidate
from gazetteer.sources.names import clean_name

NO_PROBABILITY = "no probability: an online service's answer"
ONLY_EXTENT = "the radius is that of the place itself; whether it is the place meant is not in it"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_OSM_KINDS = {
    PlaceKind.COUNTRY: ("country",),
    PlaceKind.ADM1: ("state", "province", "region"),
    PlaceKind.ADM2: ("county", "state_district", "district"),
    PlaceKind.ADM3: ("municipality",),
    PlaceKind.SETTLEMENT: ("city", "town", "village", "hamlet", "isolated_dwelling", "farm"),
    PlaceKind.NEIGHBOURHOOD: ("suburb", "neighbourhood", "quarter", "city_district", "borough", "city_block"),
    PlaceKind.LANDMARK: ("amenity", "building", "office", "shop", "tourism", "historic", "man_made", "military",
                         "aeroway", "railway", "leisure", "craft", "house"),
}  # fmt: skip
"""Values of Nominatim's ``addresstype`` and of OpenStreetMap's ``place``, and main tags of single things."""
_KIND_OF = {word: kind for kind, words in _OSM_KINDS.items() for word in words}
_GEONAMES_CODES = {
    "ADM1": PlaceKind.ADM1, "ADM2": PlaceKind.ADM2, "ADM3": PlaceKind.ADM3, "PPLX": PlaceKind.NEIGHBOURHOOD,
}  # fmt: skip
_GEONAMES_CLASSES = {"P": PlaceKind.SETTLEMENT, "S": PlaceKind.LANDMARK}
_UNITS = frozenset({PlaceKind.COUNTRY, PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3})


@dataclass(frozen=True)
class _Facts:
    """What a record says, whichever service it is of; ``within`` from the country down, ``box`` in degrees."""

    key: str
    name: Any
    lon: Any
    lat: Any
    kind: PlaceKind
    within: Sequence[Any]
    country: Any
    box: Box | None = None
    population: Any = None
    score: Any = None


def candidate_of(service: str, result: Any, licence: str, asked_at: datetime) -> Candidate | None:
    """The candidate that a record of ``service`` stands for; None where it has no name, key or point.

    Args:
        service: ``nominatim``, ``photon`` or ``geonames``.
        result: the record, as the service gave it.
        licence: of the data; among the reasons, so that it goes with the candidate.
        asked_at: when the service was asked, UTC.
    """
    if not isinstance(result, Mapping):
        return None
    facts = {"nominatim": _nominatim, "photon": _photon, "geonames": _geonames}[service](result)
    name = _text(facts.name)
    try:
        lon, lat = check_point(_number(facts.lon), _number(facts.lat), where=service)
    except InputError:
        return None
    if name == "" or facts.key == "":
        return None
    within = tuple(dict.fromkeys(unit for unit in map(_text, facts.within) if unit not in ("", name)))
    population = facts.population if isinstance(facts.population, int) and facts.population > 0 else None
    extent = _extent_m(facts.kind, lon, lat, facts.box, population)
    asked = f"{service} was asked on {asked_at:%Y-%m-%d}"
    return Candidate(
        place_id=None, source=service, source_key=facts.key, name=name, kind=facts.kind, lon=lon, lat=lat,
        radius_m=extent, extent_m=extent, precision=PRECISION_OF_KIND[facts.kind],
        matched=name, language=None, hierarchy=within, country=_text(facts.country).upper() or None,
        population=population, score=_score(facts.score), probability=0.0,
        reasons=(NO_PROBABILITY, ONLY_EXTENT, asked, f"licence: {licence}"),
    )  # fmt: skip


def _nominatim(result: Mapping[str, Any]) -> _Facts:
    address = _mapping(result.get("address"))
    names = [address.get(level) for level in ("country", "state", "province", "county", "state_district", "district")]
    kind = _osm_kind(result.get("addresstype"), result.get("type"), result.get("class") or result.get("category"))
    name = result.get("name") or _text(result.get("display_name")).partition(",")[0]
    box = _box(result.get("boundingbox"), (2, 0, 3, 1))  # south, north, west, east
    key = _osm_key(result.get("osm_type"), result.get("osm_id"))
    return _Facts(
        key, name, result.get("lon"), result.get("lat"), kind, names, address.get("country_code"), box,
        score=result.get("importance"),
    )  # fmt: skip


def _photon(result: Mapping[str, Any]) -> _Facts:
    facts = _mapping(result.get("properties"))
    point = _mapping(result.get("geometry")).get("coordinates")
    lon, lat = point[:2] if isinstance(point, list) and len(point) >= 2 else (None, None)
    names = [facts.get(level) for level in ("country", "state", "county")]
    kind = _osm_kind(facts.get("osm_value"), facts.get("type"), facts.get("osm_key"))
    box = _box(facts.get("extent"), (0, 3, 2, 1))  # west, north, east, south
    key = _osm_key(facts.get("osm_type"), facts.get("osm_id"))
    return _Facts(key, facts.get("name"), lon, lat, kind, names, facts.get("countrycode"), box)


def _geonames(result: Mapping[str, Any]) -> _Facts:
    code = _text(result.get("fcode"))
    kind = _GEONAMES_CODES.get(code) or _GEONAMES_CLASSES.get(_text(result.get("fcl")), PlaceKind.OTHER)
    names = [result.get("countryName"), result.get("adminName1")]
    return _Facts(
        _text(str(result.get("geonameId") or "")), result.get("name") or result.get("toponymName"), result.get("lng"),
        result.get("lat"), PlaceKind.COUNTRY if code.startswith("PCL") else kind, names, result.get("countryCode"),
        population=result.get("population"),
    )  # fmt: skip


def _osm_kind(*words: Any) -> PlaceKind:
    """The kind that the first word which says one stands for."""
    return next((_KIND_OF[word] for word in words if isinstance(word, str) and word in _KIND_OF), PlaceKind.OTHER)


def _osm_key(kind: Any, number: Any) -> str:
    """``node/1``, whether the service writes ``node`` or ``N``."""
    kinds = {"n": "node", "w": "way", "r": "relation"}
    word = kinds.get(_text(kind)[:1].lower(), "")
    return f"{word}/{number}" if word and str(number).isdigit() else ""


def _extent_m(kind: PlaceKind, lon: float, lat: float, box: Box | None, population: int | None) -> float:
    """Metres round the point that hold the place: its whole box, and never less than is usual for its kind.

    A unit's own box counts alone, because the usual radius of its level is that of a very large one.
    """
    usual = default_radius_m(PRECISION_OF_KIND[kind]) or 0.0
    if kind is PlaceKind.SETTLEMENT:
        usual = settlement_radius_m(population)
    if box is None:
        return usual
    west, south, east, north = box
    reach = max(distance_m(lon, lat, x, y) for x, y in product((west, east), (south, north)))
    return reach if kind in _UNITS and reach > 0 else max(usual, reach)


def _box(value: Any, order: tuple[int, int, int, int]) -> Box | None:
    """West, south, east, north of four numbers; ``order`` says where each of them stands."""
    if not isinstance(value, list) or len(value) != 4:
        return None
    numbers = [_number(value[index]) for index in order]
    try:
        west, south = check_point(numbers[0], numbers[1], where="box")
        east, north = check_point(numbers[2], numbers[3], where="box")
    except InputError:
        return None
    return (west, south, east, north) if west <= east and south <= north else None


def _score(value: Any) -> float:
    score = _number(value)
    return score if math.isfinite(score) else 0.0


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: Any) -> float:
    """``value`` as a number; NaN, which no check lets through, where it is none."""
    try:
        return float(value) if isinstance(value, str | int | float) else float("nan")
    except (ValueError, OverflowError):
        return float("nan")


def _text(value: Any) -> str:
    """``value`` as a name fit to be shown: on one line, without control marks; empty where it is no text."""
    return clean_name(_CONTROL.sub(" ", value))[:LINE] if isinstance(value, str) else ""
