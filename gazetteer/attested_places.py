"""Which place of the gazetteer a confirmed text means: one attested under it before, or one near with such a name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from rapidfuzz import fuzz
from sqlmodel import Session

from db.errors import NotFoundError
from db.tables import metadata
from db.vocabulary import NameKind, PlaceKind
from gazetteer.folding import script_of
from gazetteer.geodesy import distance_m, geod
from gazetteer.search.sound import skeleton_of, sound_key

LIKE_M = 2_000.0
"""How far from the confirmed point a place with a name like it may lie."""

REACH_M = 10_000.0
"""How far a place with the very name may lie: the radius of a city."""

LIKENESS = 0.8
"""Least similarity of two sound keys (normalised indel similarity, rapidfuzz)."""

_PLACE, _NAME = metadata.tables["place"].c, metadata.tables["place_name"].c
_COLUMNS = (
    _PLACE.id, _PLACE.lon, _PLACE.lat, _PLACE.radius_m, _PLACE.country, _PLACE.admin1, _PLACE.admin1_name,
)  # fmt: skip
_UNITS = (PlaceKind.COUNTRY, PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3)
_READ = 10_000  # values in one statement: under SQLite's 32,766 variables
_LEAST_SKELETON = 3
_METRES_PER_DEGREE = 110_000.0  # less than any degree of latitude has


@dataclass(eq=False, slots=True)
class AttestedText:
    """Names that a text gives a place, and where the place is.

    Attributes:
        names: best first.
        lon: degrees.
        lat: degrees.
        country: ISO 3166 two-letter code.
        admin1: code of the governorate, where it is known.
        admin1_name: governorate as the source writes it.
    """

    names: tuple[str, ...]
    lon: float
    lat: float
    country: str | None
    admin1: str | None
    admin1_name: str | None
    sounds: tuple[str, ...] = field(init=False)
    skeletons: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Work out the keys that are compared."""
        self.sounds = tuple(_in_one_word(sound_key(name)) for name in self.names)
        self.skeletons = tuple(skeleton_of(sound) for sound in self.sounds)

    def sounds_like(self, other: AttestedText) -> bool:
        """Whether the two lie within 2 km and have names that sound alike."""
        if distance_m(self.lon, self.lat, other.lon, other.lat) > LIKE_M:
            return False
        return any(_alike(one, two) for one in self.sounds for two in other.sounds)


def unit_key(code: str | None, name: str | None) -> str:
    """What tells a governorate from another: its code where it is known, else how its name sounds; may be empty."""
    return code if code is not None else sound_key(name or "")


@dataclass(slots=True)
class _Near:
    """A place near a confirmed point, with the sounds of its names."""

    row: sa.Row[Any]
    sounds: set[str]
    arabic: set[str]


class PlacesNear:
    """The places that a number of confirmed texts can mean, read at once.

    Args:
        session: an open session.
        texts: with the points that the places are near to.
    """

    def __init__(self, session: Session, texts: Sequence[AttestedText]) -> None:
        self._session = session
        self._rows = self._read_places(texts)
        self._near = self._pairs(texts)
        sounds = {sound for text in texts for sound in text.sounds}
        self._places: dict[int, _Near] = self._read_names({row for rows in self._near.values() for row in rows})
        self._attested = self._read_attested({sound_key(name) for text in texts for name in text.names}, sounds)
        self._keys: dict[str, tuple[int | None, bool]] = {}

    def keyed(self, key: str) -> int | None:
        """The id of the entry ``source:source_key``; None where there is none in force."""
        if key not in self._keys:
            source, _, source_key = key.strip().partition(":")
            query = sa.select(*_COLUMNS, _PLACE.withdrawn)
            row = self._session.execute(query.where(_PLACE.source == source, _PLACE.source_key == source_key)).first()
            self._keys[key] = (None, False) if row is None else (row.id, bool(row.withdrawn))
            if row is not None:
                self._rows.setdefault(row.id, row)
        place_id, withdrawn = self._keys[key]
        return None if withdrawn else place_id

    def unknown(self, key: str) -> NotFoundError:
        """Why :meth:`keyed` finds nothing."""
        why = "The entry was withdrawn." if self._keys[key][1] else "No entry has this key."
        return NotFoundError("unknown_place", why, got=key, fix="Ask for its key: incidents place find NAME")

    def attested(self, text: AttestedText) -> int | None:
        """The nearest place that has the text as an attested name, not more than 10 km away, in its governorate."""
        best: tuple[bool, bool, float, int] | None = None
        for row in (row for sound in text.sounds for row in self._attested.get(sound, ())):
            away, own = distance_m(text.lon, text.lat, row.lon, row.lat), _same_unit(text, row)
            # The very spelling first, or learning a row again could give its name to a second place.
            way = (row.name not in text.names, not own, away, row.id)
            if away <= REACH_M and (away <= LIKE_M or own) and (best is None or way < best):
                best = way
        return None if best is None else best[3]

    def like(self, text: AttestedText) -> int | None:
        """The place that a name of the text is another spelling of: of one sound first, then the nearest."""
        best: tuple[bool, float, int] | None = None
        for place_id, away in self._near.get(id(text), {}).items():
            place = self._places[place_id]
            exact = not place.sounds.isdisjoint(text.sounds)
            if not exact and (away > LIKE_M or not _like(text, place)):
                continue
            if away > LIKE_M and not (away <= (place.row.radius_m or 0.0) and _same_unit(text, place.row)):
                continue
            if best is None or (not exact, away, place_id) < best:
                best = (not exact, away, place_id)
        return None if best is None else best[2]

    def nearest(self, text: AttestedText, places: Iterable[int], reach_m: float) -> int | None:
        """The nearest of ``places`` that were found before, not more than ``reach_m`` metres away."""
        rows = [self._rows[key] for key in places]
        ways = [(distance_m(text.lon, text.lat, row.lon, row.lat), row.id) for row in rows]
        away, found = min(ways, default=(reach_m + 1, None))
        return found if away <= reach_m else None

    def _read_places(self, texts: Sequence[AttestedText]) -> dict[int, sa.Row[Any]]:
        """The places between the latitudes of the texts, by id."""
        if len(texts) == 0:
            return {}
        south, north = min(text.lat for text in texts) - 0.2, max(text.lat for text in texts) + 0.2
        query = sa.select(*_COLUMNS)
        query = query.where(_PLACE.lat.between(south, north), ~_PLACE.withdrawn, _PLACE.kind.not_in(_UNITS))
        return {row.id: row for row in self._session.execute(query)}

    def _pairs(self, texts: Sequence[AttestedText]) -> dict[int, dict[int, float]]:
        """For each text (by identity) the places within 10 km with the distance in metres."""
        found: dict[int, dict[int, float]] = {}
        if len(self._rows) == 0 or len(texts) == 0:
            return found
        ids = np.fromiter(self._rows, dtype=np.int64)
        points = np.array([(row.lon, row.lat) for row in self._rows.values()], dtype=np.float64)
        x, y = np.array([text.lon for text in texts]), np.array([text.lat for text in texts])
        reach = REACH_M / _METRES_PER_DEGREE / np.maximum(np.cos(np.radians(y)), 0.01)
        tree = shapely.STRtree(np.array(shapely.points(points), dtype=np.object_))
        rows, places = tree.query(shapely.points(x, y), predicate="dwithin", distance=reach)
        _, _, metres = geod().inv(x[rows], y[rows], points[places, 0], points[places, 1])
        for row, place, away in zip(rows, places, metres, strict=True):
            if away <= REACH_M:
                found.setdefault(id(texts[row]), {})[int(ids[place])] = float(away)
        return found

    def _read_names(self, places: Collection[int]) -> dict[int, _Near]:
        found = {key: _Near(self._rows[key], set(), set()) for key in places}
        ids = sorted(places)
        for start in range(0, len(ids), _READ):
            query = sa.select(_NAME.place_id, _NAME.name, _NAME.sound).where(
                _NAME.place_id.in_(ids[start : start + _READ]), ~_NAME.withdrawn, _NAME.kind != NameKind.CODE
            )
            for place_id, name, sound in self._session.execute(query):
                key = _in_one_word(sound_key(name) if sound is None else sound)
                found[place_id].sounds.add(key)
                if script_of(name) == "Arab":
                    found[place_id].arabic.add(skeleton_of(key))
        return found

    def _read_attested(self, keys: Collection[str], sounds: Collection[str]) -> dict[str, list[sa.Row[Any]]]:
        """The places that have one of the sounds as an attested name, by the sound in one word."""
        found: dict[str, list[sa.Row[Any]]] = {}
        wanted = sorted(keys)
        for start in range(0, len(wanted), _READ):
            query = sa.select(*_COLUMNS, _NAME.name, _NAME.sound).join(
                _NAME.place_id.table, _NAME.place_id == _PLACE.id
            )
            query = query.where(
                _NAME.sound.in_(wanted[start : start + _READ]), _NAME.kind == NameKind.ATTESTED, ~_NAME.withdrawn,
                ~_PLACE.withdrawn,
            )  # fmt: skip
            for row in self._session.execute(query):
                key = _in_one_word(row.sound)
                self._rows.setdefault(row.id, row)
                if key in sounds:
                    found.setdefault(key, []).append(row)
        return found


def _same_unit(text: AttestedText, place: sa.Row[Any]) -> bool:
    """Whether the governorates of the two can be one; what is not known is no other."""
    if text.country is not None and place.country is not None and text.country != place.country:
        return False
    if text.admin1 is not None and place.admin1 is not None:
        return bool(text.admin1 == place.admin1)
    mine, theirs = sound_key(text.admin1_name or ""), sound_key(place.admin1_name or "")
    return mine == "" or theirs == "" or mine == theirs


def _like(text: AttestedText, place: _Near) -> bool:
    if any(_alike(mine, theirs) for mine in text.sounds for theirs in place.sounds):
        return True
    # Arabic does not write short vowels: across the scripts only the consonants can be compared.
    return any(
        len(mine) >= _LEAST_SKELETON and _alike(mine, theirs) for mine in text.skeletons for theirs in place.arabic
    )


def _alike(one: str, other: str) -> bool:
    return one != "" and fuzz.ratio(one, other, score_cutoff=100 * LIKENESS) > 0


def _in_one_word(sound: str) -> str:
    return sound.replace(" ", "")
