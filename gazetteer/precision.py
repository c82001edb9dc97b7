"""How large each level of precision is, and how it translates to and from other data sets' codes.

The levels and their default radii are this project's own proposal; the codes follow the UCDP GED codebook
(``where_prec``), the ACLED codebook (``geo_precision``) and the GTD codebook (``specificity``). Code 1 of all
three covers everything from one metre to a city, so a translation there loses information: the code of the
source is kept beside the level, never instead of it.

Radii of administrative levels are only used where no polygon is loaded. They were measured on the polygons of
Syria and Iraq (Mesoshapes, CC0, through Who's On First): for each unit in force, the largest geodesic distance
from its centroid to its boundary on the WGS84 ellipsoid.

* 171 districts: median 42.4 km, 95th percentile 93.4 km, largest 256.7 km (Rutba) -> ADM2 95 km.
* 33 governorates: median 110.3 km, 95th percentile 191.9 km, largest 286.4 km (Al Anbar) -> ADM1 195 km.
* 2 countries: 422.5 km for Syria, 579.2 km for Iraq -> COUNTRY 580 km.
* REGION, a part of a country larger than one governorate, takes the largest governorate, rounded up: 290 km.
* ADM3 has no polygons here; a subdistrict lies in a district, so it takes the radius of ADM2.
* WATER was not measured; an estimate out at sea is taken to be no finer than a country.

One unit in twenty is larger than its level's radius: load boundaries where that matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from db.errors import InputError
from db.vocabulary import PlaceKind, PrecisionLevel

VILLAGE_RADIUS_M: Final = 2_000.0
TOWN_RADIUS_M: Final = 5_000.0
CITY_RADIUS_M: Final = 10_000.0
TOWN_POPULATION: Final = 10_000
CITY_POPULATION: Final = 100_000

DEFAULT_RADIUS_M: Final[Mapping[PrecisionLevel, float | None]] = {
    PrecisionLevel.EXACT: 25.0,
    PrecisionLevel.WITHIN_100M: 100.0,
    PrecisionLevel.LANDMARK: 250.0,
    PrecisionLevel.STREET: 500.0,
    PrecisionLevel.NEIGHBOURHOOD: 1_000.0,
    PrecisionLevel.SETTLEMENT: TOWN_RADIUS_M,
    PrecisionLevel.NEAR_SETTLEMENT: 25_000.0,
    PrecisionLevel.ADM3: 95_000.0,
    PrecisionLevel.ADM2: 95_000.0,
    PrecisionLevel.ADM1: 195_000.0,
    PrecisionLevel.REGION: 290_000.0,
    PrecisionLevel.COUNTRY: 580_000.0,
    PrecisionLevel.WATER: 580_000.0,
    PrecisionLevel.UNKNOWN: None,
}
"""Metres; None where nothing is located. The module docstring says how the large ones were measured."""

FROM_UCDP: Final[Mapping[int, PrecisionLevel]] = {
    1: PrecisionLevel.SETTLEMENT,
    2: PrecisionLevel.NEAR_SETTLEMENT,
    3: PrecisionLevel.ADM2,
    4: PrecisionLevel.ADM1,
    5: PrecisionLevel.REGION,
    6: PrecisionLevel.COUNTRY,
    7: PrecisionLevel.WATER,
}
"""UCDP GED ``where_prec``."""

FROM_ACLED: Final[Mapping[int, PrecisionLevel]] = {
    1: PrecisionLevel.SETTLEMENT,
    2: PrecisionLevel.NEAR_SETTLEMENT,
    3: PrecisionLevel.ADM1,
}
"""ACLED ``geo_precision``; 3 is a "larger region" and is read as the governorate, the coarser of its readings."""

FROM_GTD: Final[Mapping[int, PrecisionLevel]] = {
    1: PrecisionLevel.SETTLEMENT,
    2: PrecisionLevel.ADM2,
    3: PrecisionLevel.ADM2,
    4: PrecisionLevel.ADM1,
    5: PrecisionLevel.UNKNOWN,
}
"""GTD ``specificity``; 2 and 3 both give the centroid of the smallest subnational region."""

_POINTS: Final = (
    PrecisionLevel.EXACT,
    PrecisionLevel.WITHIN_100M,
    PrecisionLevel.LANDMARK,
    PrecisionLevel.STREET,
    PrecisionLevel.NEIGHBOURHOOD,
    PrecisionLevel.SETTLEMENT,
)

TO_UCDP: Final[Mapping[PrecisionLevel, int | None]] = dict.fromkeys(_POINTS, 1) | {
    PrecisionLevel.NEAR_SETTLEMENT: 2,
    PrecisionLevel.ADM3: 3,
    PrecisionLevel.ADM2: 3,
    PrecisionLevel.ADM1: 4,
    PrecisionLevel.REGION: 5,
    PrecisionLevel.COUNTRY: 6,
    PrecisionLevel.WATER: 7,
    PrecisionLevel.UNKNOWN: None,
}
"""UCDP has no code for an unlocated event."""

TO_ACLED: Final[Mapping[PrecisionLevel, int | None]] = dict.fromkeys(_POINTS, 1) | {
    PrecisionLevel.NEAR_SETTLEMENT: 2,
    PrecisionLevel.ADM3: 2,
    PrecisionLevel.ADM2: 3,
    PrecisionLevel.ADM1: 3,
    PrecisionLevel.REGION: 3,
    PrecisionLevel.COUNTRY: 3,
    PrecisionLevel.WATER: 3,
    PrecisionLevel.UNKNOWN: None,
}
"""A subdistrict is ACLED's "small part of a region" (2), a district already a "larger region" (3)."""

TO_GTD: Final[Mapping[PrecisionLevel, int]] = dict.fromkeys(_POINTS, 1) | {
    PrecisionLevel.NEAR_SETTLEMENT: 3,
    PrecisionLevel.ADM3: 3,
    PrecisionLevel.ADM2: 3,
    PrecisionLevel.ADM1: 4,
    PrecisionLevel.REGION: 5,
    PrecisionLevel.COUNTRY: 5,
    PrecisionLevel.WATER: 5,
    PrecisionLevel.UNKNOWN: 5,
}
"""Areas become 3, not 2: GTD's 2 says that it was in a city, which an area does not."""


PRECISION_OF_KIND: Final[Mapping[PlaceKind, PrecisionLevel]] = {
    PlaceKind.COUNTRY: PrecisionLevel.COUNTRY, PlaceKind.ADM1: PrecisionLevel.ADM1, PlaceKind.ADM2: PrecisionLevel.ADM2,
    PlaceKind.ADM3: PrecisionLevel.ADM3, PlaceKind.SETTLEMENT: PrecisionLevel.SETTLEMENT,
    PlaceKind.NEIGHBOURHOOD: PrecisionLevel.NEIGHBOURHOOD, PlaceKind.LANDMARK: PrecisionLevel.LANDMARK,
    PlaceKind.OTHER: PrecisionLevel.SETTLEMENT,
}  # fmt: skip
"""How fine a place is known by naming a gazetteer entry of each kind."""


def default_radius_m(level: PrecisionLevel) -> float | None:
    """The radius in metres of a place known to ``level`` without a polygon; None for ``unknown``."""
    return DEFAULT_RADIUS_M[level]


def settlement_radius_m(population: int | None) -> float:
    """The radius in metres of a settlement of so many people.

    Args:
        population: inhabitants; None where not known (GeoNames writes 0), which is treated as a town, because
            a city's quarter must not fall outside only because nobody counted.

    Returns:
        2 km below 10,000 people, 5 km below 100,000 and where unknown, else 10 km.
    """
    if population is None:
        return TOWN_RADIUS_M
    if population < TOWN_POPULATION:
        return VILLAGE_RADIUS_M
    return TOWN_RADIUS_M if population < CITY_POPULATION else CITY_RADIUS_M


def from_ucdp(code: int) -> PrecisionLevel:
    """The level of UCDP GED's ``where_prec`` 1 to 7; `InputError` ``unknown_precision_code`` for others."""
    return _level("where_prec of UCDP", FROM_UCDP, code)


def from_acled(code: int) -> PrecisionLevel:
    """The level of ACLED's ``geo_precision`` 1 to 3; `InputError` ``unknown_precision_code`` for others."""
    return _level("geo_precision of ACLED", FROM_ACLED, code)


def from_gtd(code: int) -> PrecisionLevel:
    """The level of GTD's ``specificity`` 1 to 5; `InputError` ``unknown_precision_code`` for others."""
    return _level("specificity of GTD", FROM_GTD, code)


def to_ucdp(level: PrecisionLevel) -> int | None:
    """The ``where_prec`` for ``level``; None for ``unknown``, which UCDP cannot say."""
    return TO_UCDP[level]


def to_acled(level: PrecisionLevel) -> int | None:
    """The ``geo_precision`` for ``level``; None for ``unknown``, which ACLED cannot say."""
    return TO_ACLED[level]


def to_gtd(level: PrecisionLevel) -> int:
    """The ``specificity`` for ``level``."""
    return TO_GTD[level]


def _level(name: str, table: Mapping[int, PrecisionLevel], code: int) -> PrecisionLevel:
    if code not in table:
        raise InputError(
            "unknown_precision_code",
            f"The {name} is one of {min(table)} to {max(table)}.",
            got=code,
            fix="Correct the code in the file.",
        )
    return table[code]
