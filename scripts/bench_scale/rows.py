"""Blocks of incidents as rows of the two CSV files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bench_scale.happenings import BLOCK, WHAT, Block, incident_code, is_rich
from bench_scale.places import REGIONAL, Places
from bench_scale.sources import SOURCES, belligerent_code, report_code, source_code

INCIDENT_HEADER = (
    "code", "name", "names", "codes", "kind", "country", "edtf", "tz", "part_of_day", "civilian_harm_reported",
    "strike_status", "visibility", "lon", "lat", "radius_m", "precision", "method", "geoprivacy", "public_decimals",
    "place_name", "place_words", "location_source", "location_report", "confirmed",
)  # fmt: skip
CLAIM_HEADER = (
    "code", "incident", "source", "report", "outcome", "category", "bound", "minimum", "maximum", "words", "stated",
    "perpetrator", "strength", "subset_of", "supersedes", "withdrawn_on", "withdrawn_why",
)  # fmt: skip

FINE = {"exact", "within_100m", "landmark", "street"}
ARABIC_SHARE = 1 / 3
LARGEST = 5_000
Row = tuple[Any, ...]


def names_of(block: Block, index: int, places: Places) -> list[str]:
    """The names of an incident: one in Latin letters, and for a third one in Arabic letters."""
    latin, arabic, _ = WHAT[block.what[index]]
    place = int(block.place[index])
    day = str(block.first[index])
    found = [f"{places.names[place]} {latin} {block.kind[index].replace('_', ' ')}, {day}"]
    if (block.chance[index] * 97) % 1 < ARABIC_SHARE:
        found.append(f"{arabic} {places.arabic[place]} {day}")
    return found


def edtf_of(block: Block, index: int) -> str:
    """The window as EDTF; empty where no time is known."""
    first, last = str(block.first[index]), str(block.last[index])
    match block.window[index]:
        case "moment":
            return f"[{first}..{last}]"
        case "lasted":
            return f"{first}/{last}"
        case "month":
            return first[:7]
        case "minute":
            spread = int(block.chance[index] * 1_000)
            return f"{first}T{4 + spread % 18:02}:{spread % 60:02}"
        case "none":
            return ""
        case _:
            return first


def zone_of(place: int, places: Places) -> str:
    """The IANA zone that times are said in."""
    if place >= REGIONAL:
        return "UTC"
    return "Asia/Damascus" if places.countries[place] == "SY" else "Asia/Baghdad"


def incident_rows(block: Block, places: Places, reports: int) -> Iterator[Row]:
    """One row of ``INCIDENT_HEADER`` an incident, but for the rich ones."""
    lons, lats, radii = block.lons.tolist(), block.lats.tolist(), block.radii_m.tolist()
    located, chances = block.located.tolist(), block.chance.tolist()
    for index, number in enumerate(block.numbers.tolist()):
        if is_rich(number):
            continue
        chance, place = chances[index], int(block.place[index])
        source, level = int(chance * SOURCES), block.level[index]
        edtf = edtf_of(block, index)
        names = names_of(block, index, places)
        where: Row = (lons[index], lats[index], radii[index], level, _method(level), *_lowered(chance))
        if not located[index]:
            where = ("", "", "", "unknown", "", "exact", "")
        yield (
            incident_code(number), names[0], " | ".join(names) if len(names) > 1 else "",
            f"desk:{number}" if number % 5 == 0 else "", block.kind[index], places.countries[place], edtf,
            zone_of(place, places) if edtf != "" else "",
            "morning" if block.window[index] == "day" and number % 7 == 0 else "",
            "unknown" if number % 7 == 3 else "yes", ("", "likely", "contested", "", "declared")[number % 5],
            _visibility(chance), *where, places.names[place] if located[index] else "",
            "near the old road" if number % 11 == 0 or not located[index] else "", source_code(source),
            report_code(source, number % reports), "yes" if located[index] else "",
        )  # fmt: skip


def _method(level: str) -> str:
    if level in FINE:
        return "geolocated"
    return "centroid" if level.startswith("adm") else "gazetteer"


def _lowered(chance: float) -> tuple[str, str]:
    """Geoprivacy and, for a lowered place, its grid."""
    part = (chance * 1_013) % 1
    if part < 0.03:
        return "reduced", "1"
    return ("hidden", "") if part < 0.04 else ("exact", "")


def _visibility(chance: float) -> str:
    part = (chance * 1_543) % 1
    if part < 0.015:
        return "restricted"
    return "internal" if part < 0.02 else "public"


def claim_rows(block: Block, rng: np.random.Generator, reports: int) -> Iterator[tuple[int, Row]]:
    """The claims of a block, three an incident on average: the number of the incident and a row of ``CLAIM_HEADER``."""
    # For a whole block even where it is cut short: a smaller set is the beginning of a larger one.
    counts = rng.choice([1, 2, 3, 4, 5], BLOCK, p=[0.12, 0.2, 0.36, 0.2, 0.12])
    tolls = np.minimum(rng.pareto(1.1, BLOCK) * 3, LARGEST).astype(int)
    draws = iter(rng.random((int(counts.sum()), 6)).tolist())
    stated = np.where(np.array([window == "month" for window in block.window]), block.first + 40, block.last)
    for index, number in enumerate(block.numbers.tolist()):
        before: _Claim | None = None
        for order in range(int(counts[index])):
            draw = next(draws)
            before = _claim(number, order, draw, int(tolls[index]), before)
            yield number, before.row(reports, str(stated[index] + int(draw[5] * 30)))


class _Claim:
    """One claim; the next of the same incident may be a part of it, or replace it."""

    def __init__(self, number: int, order: int) -> None:
        self.incident = incident_code(number)
        self.code = f"{self.incident}-c{order + 1}"
        self.number = number
        self.source = 0
        self.outcome, self.category = "killed", "civilian"
        self.bound, self.least, self.most, self.words = "exact", "", "", ""
        self.subset_of = self.supersedes = ""
        self.chance = 0.0

    def row(self, reports: int, stated: str) -> Row:
        """The cells."""
        report = report_code(self.source, self.number % reports)
        blamed = self.chance < 0.12
        withdrawn = 0.5 < self.chance < 0.505
        return (
            self.code, self.incident, source_code(self.source), report, self.outcome, self.category, self.bound,
            self.least, self.most, self.words, stated,
            belligerent_code(self.number % 5) if blamed else "", "alleged" if blamed else "", self.subset_of,
            self.supersedes, stated if withdrawn else "", "taken back by the desk" if withdrawn else "",
        )  # fmt: skip


def _claim(number: int, order: int, draw: list[float], toll: int, before: _Claim | None) -> _Claim:
    found = _Claim(number, order)
    found.chance = draw[4]
    found.source = int(draw[0] * SOURCES)
    if before is not None and draw[1] < 0.04:
        found.source, found.outcome, found.category = before.source, before.outcome, before.category
        found.supersedes = before.code
    elif before is not None and draw[1] < 0.08 and (before.outcome, before.category) == ("killed", "civilian"):
        found.category, found.subset_of = "child", before.code
        found.least = found.most = "1" if before.most not in ("", "0") else "0"
        return found
    elif draw[1] > 0.9:
        found.outcome = "injured"
    elif draw[1] > 0.6:
        found.category = "total_people"
    _count(found, draw[2], int(toll * (0.5 + draw[3])))
    return found


def _count(found: _Claim, draw: float, number: int) -> None:
    """The bound and the numbers that it has."""
    least, most = str(number), str(number)
    if draw < 0.37:
        found.bound = "exact"
    elif draw < 0.62:
        found.bound, least, most = "at_least", str(max(1, number)), ""
    elif draw < 0.77:
        found.bound, most = "between", str(number + 1 + number // 2)
    elif draw < 0.85:
        found.bound, least = "at_most", ""
    elif draw < 0.9:
        found.bound = "around"
    elif draw < 0.95:
        found.bound, least, most = "unknown", "", ""
    elif draw < 0.97:
        found.bound, least, most, found.words = "unquantified", "", "", "dozens"
    else:
        found.bound, least, most = "none_denied", "0", "0"
    found.least, found.most = least, most
