"""What is known of a place beside its name: the units it is said to lie in, and the places it is said to be near."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import shapely
import sqlalchemy as sa
from rapidfuzz import fuzz, process
from sqlmodel import Session

from db.tables import metadata
from db.vocabulary import PlaceKind
from gazetteer.folding import fold, strip_feature_words
from gazetteer.search.index import NO_UNIT, Floats, Memory, PlaceIndex
from gazetteer.search.likeness import distances
from gazetteer.search.sound import skeleton_of, sound_of_folded
from gazetteer.sources.store import match_key

LEAST_LIKENESS = 70.0  # of two sounds, in percent, for a unit's name to be taken for another spelling of it
MOST_KEPT = 10_000  # spellings whose meaning is remembered
MOST_APART = 0.2  # of the letters of a unit's name, in the weights of `likeness`
_UNIT_WORDS = frozenset([
    "markaz", "mintaqat", "mintaqah", "qada", "qadaa", "caza", "nahiyat", "nahiyah", "muhafazat", "mohafazat",
    "mohafazah", "governorate", "district", "province", "subdistrict", "county", "region", "rural", "city", "of",
    "center", "centre",
])  # fmt: skip
_METRES_PER_DEGREE = 111_195.0
_PLACE, _NAME = metadata.tables["place"], metadata.tables["place_name"]


@dataclass(frozen=True, slots=True)
class Context:
    """The units and neighbours that a search is told of.

    Attributes:
        country: ISO 3166 two-letter code, or None.
        adm1: numbers of the first-order units; empty where none is given or none is known.
        adm2: numbers of the second-order units.
        near: points (longitude, latitude) that the place is said to be near.
        heading: degrees clockwise from north and half the sector, from the first of ``near``; None where not said.
        unknown: unit names that the gazetteer does not have.
    """

    country: str | None = None
    adm1: frozenset[int] = frozenset()
    adm2: frozenset[int] = frozenset()
    near: tuple[tuple[float, float], ...] = ()
    heading: tuple[float, float] | None = None
    unknown: tuple[str, ...] = ()


@dataclass(slots=True)
class UnitNames:
    """The names of the units of an index by level and sound, and what each asked spelling came to.

    Attributes:
        index: of the units.
        country: ISO 3166 two-letter code: only its units, though the index may hold those of others; None for all.
    """

    index: PlaceIndex
    country: str | None = None
    _tables: dict[str, dict[str, set[int]]] = field(default_factory=dict)
    _whole: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    _found: dict[tuple[str, str, frozenset[int]], frozenset[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        index = self.index
        for name, row in enumerate(index.place_of_name):
            if index.unit[row] != NO_UNIT and self.country in (None, index.countries[row]):
                kind, folded, unit = index.kind[row], index.folded[name], int(index.unit[row])
                self._tables.setdefault(kind, {}).setdefault(_unit_fold(folded), set()).add(unit)
                self._whole.setdefault((kind, strip_feature_words(folded)), set()).add(unit)

    def find(self, text: str, kind: PlaceKind, *, within: frozenset[int] = frozenset()) -> frozenset[int]:
        """The units of ``kind`` that ``text`` names, whatever its spelling; empty where it names none.

        Args:
            text: as a source writes it: "Deir Ezzor", "Mintaqat Markaz Homs district".
            kind: the level.
            within: first-order units of which the found ones must lie in one; empty does not care.
        """
        key = (text, kind.value, within)
        if key not in self._found:
            if len(self._found) > MOST_KEPT:
                self._found.clear()  # a long run over a file of noise must not fill the memory
            self._found[key] = self._look_up(text, kind.value, within)
        return self._found[key]

    def has_name(self, text: str) -> bool:
        """Whether a unit is called just ``text``, letter for letter after folding: "North Darfur"."""
        folded = strip_feature_words(fold(text))
        return any((kind.value, folded) in self._whole for kind in (PlaceKind.ADM1, PlaceKind.ADM2))

    def is_rather(self, text: str, kind: PlaceKind, units: frozenset[int]) -> bool:
        """Whether ``text`` is only a further name of ``units`` and names a unit of ``kind``: Mosul, of Nineveh."""
        # By consonants: الرقة is the main name of Ar-Raqqah in other letters.
        asked = skeleton_of(sound_of_folded(_unit_fold(fold(text))).replace(" ", ""))
        rows = (row for unit in units for row in self.index.rows_of_unit[unit])
        main = any(skeleton_of(self.index.main_sound(row)) == asked for row in rows)
        return not main and len(self.find(text, kind)) > 0

    def _look_up(self, text: str, kind: str, within: frozenset[int]) -> frozenset[int]:
        # "Rural Damascus" is a governorate, and not that of Damascus; "Rural Manbij" is the district of Manbij.
        whole = self._inside(self._whole.get((kind, strip_feature_words(fold(text))), set()), within)
        if len(whole) > 0:
            return whole
        table = self._tables.get(kind, {})
        wanted = _unit_fold(fold(text))
        if wanted == "":
            return frozenset()
        exact = self._inside(table.get(wanted, set()), within)
        if len(exact) > 0:
            return exact
        likely = self._likely(wanted, {name for name in table if self._inside(table[name], within)})
        return self._inside(set().union(*(table[name] for name in likely)) if likely else set(), within)

    def _likely(self, wanted: str, names: set[str]) -> list[str]:
        """The names nearest in sound, if they are near enough."""
        sounds: dict[str, list[str]] = {}
        for name in sorted(names):
            sounds.setdefault(sound_of_folded(name).replace(" ", ""), []).append(name)
        sound = sound_of_folded(wanted).replace(" ", "")
        close = [found for found, _, _ in process.extract(
            sound, sounds.keys(), scorer=fuzz.ratio, limit=8, score_cutoff=LEAST_LIKENESS
        )]  # fmt: skip
        close += [other for other in sounds if skeleton_of(other) == skeleton_of(sound) and other not in close]
        candidates = [name for found in close for name in sounds[found]]
        if len(candidates) == 0:
            return []
        apart = distances(wanted, candidates)
        least = float(apart.min())
        if least > MOST_APART * len(sound):
            return []
        return [name for name, cost in zip(candidates, apart, strict=True) if cost <= least + 0.01]

    def _inside(self, units: set[int], within: frozenset[int]) -> frozenset[int]:
        if len(within) == 0:
            return frozenset(units)
        index = self.index
        return frozenset(
            unit for unit in units if unit in within
            or any(int(index.adm1[row]) in within for row in index.rows_of_unit[unit])
        )  # fmt: skip


def distance_outside_km(session: Session, index: PlaceIndex, units: frozenset[int], lon: Floats, lat: Floats) -> Floats:
    """How far points lie outside units, roughly (kilometres, for ranking); 0 inside, and where no polygon is known.

    Args:
        session: an open session, for polygons not yet read.
        index: of the units.
        units: numbers of units; the nearest counts.
        lon: degrees, shape (n,).
        lat: degrees, shape (n,).
    """
    shapes = [shape for unit in sorted(units) if (shape := index.shape_of_unit(session, unit)) is not None]
    if len(shapes) == 0 or len(lon) == 0:
        return np.zeros(len(lon))
    points = shapely.points(lon, lat)
    apart = np.min([shapely.distance(shape, points) for shape in shapes], axis=0)
    found: Floats = apart * _METRES_PER_DEGREE / 1000 * np.cos(np.radians(lat) / 2)
    return found


def distance_km(lon: Floats, lat: Floats, point: tuple[float, float]) -> Floats:
    """Rough distances in kilometres (equirectangular, for ranking) from points to one (longitude, latitude)."""
    east = (lon - point[0]) * math.cos(math.radians(point[1]))
    found: Floats = np.hypot(east, lat - point[1]) * (_METRES_PER_DEGREE / 1000)
    return found


def country_of_text(session: Session, memory: Memory, text: str) -> str | None:
    """The ISO 3166 two-letter code of a country given by code or name; None where the gazetteer has no such country."""
    if text not in memory.countries:
        if len(memory.countries) > MOST_KEPT:
            memory.countries.clear()
        memory.countries[text] = _country_of_text(session, text)
    return memory.countries[text]


def _country_of_text(session: Session, text: str) -> str | None:
    if len(text.strip()) == 2 and text.strip().isascii():
        known = sa.select(_PLACE.c.country).where(_PLACE.c.country == text.strip().upper()).limit(1)
        return session.execute(known).scalar()
    named = (
        sa.select(_PLACE.c.country)
        .join(_NAME, _NAME.c.place_id == _PLACE.c.id)
        .where(_PLACE.c.kind == PlaceKind.COUNTRY, _NAME.c.folded == match_key(text), ~_PLACE.c.withdrawn)
        .distinct()
    )
    found = session.execute(named).scalars().all()
    return found[0] if len(found) == 1 else None


def _unit_fold(folded: str) -> str:
    """A folded unit name without the words that only say it is a unit; itself where nothing would be left."""
    words = strip_feature_words(folded).split()
    return " ".join([word for word in words if word not in _UNIT_WORDS] or words)
