"""From the readings of a name to the places that it may mean, and what speaks for and against each.

Names are found by sound, from strict to loose: the same sound key, the same consonants, the consonants that are often
confused, and, where none of these is close, the most similar of the stated governorate (or of all). Each place found
is then described by the numbers of :data:`FEATURES`, which `gazetteer.search.model` weighs.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from sqlmodel import Session

from db.vocabulary import NameKind, PlaceKind
from gazetteer.folding import fold, strip_feature_words
from gazetteer.search.context import Context, distance_km, distance_outside_km
from gazetteer.search.index import NO_UNIT, UNIT_KINDS, Floats, PlaceIndex
from gazetteer.search.likeness import distances
from gazetteer.search.sound import coarse_of, skeleton_of, sound_of_folded

MOST_CANDIDATES = 30
USUAL_DISTANCE_KM = 30.0  # between a place and the one that the same sentence names beside it
SIMILAR = 25  # most names taken by similarity alone
LEAST_SIMILARITY = 55.0  # percent, of two sounds in one governorate
LIKELY_SIMILARITY = 82.0  # percent; where the stated governorate has nothing so similar, all others are tried
LEAST_SKELETON_SIMILARITY = 72.0  # percent, of two skeletons among all
CLOSE = 0.06  # letters: what two spellings of one sound differ by
FARTHEST = 4.0  # letters: beyond, nothing is learned from more
_ATTACHED = ("al", "el")  # an article written as one word with the name: alraqqa, elbab
_SHORTEST_ATTACHED = 5
_SEATS = frozenset({"PPLC", "PPLA", "PPLA2", "PPLA3"})
_MINOR = frozenset({"PPLQ", "PPLL", "PPLF", "PPLW"})

FEATURES = (
    "letters_apart", "letters_apart_squared", "share_apart", "same_spelling", "same_sound", "shared_words", "main_name",
    "main_spelling", "attested", "in_admin1", "outside_admin1", "in_admin2", "outside_admin2", "population", "names",
    "seat", "minor", "town_population", "town_names", "village_seat", "unit", "neighbourhood", "stated_neighbourhood",
    "stated_unit", "near", "off_heading", "main_town_admin2", "main_town_admin1", "landmark_main_town_admin2",
    "landmark_main_town_admin1", "nothing", "nothing_letters_apart", "nothing_same_sound", "nothing_admin1",
    "nothing_admin2", "nothing_namesakes", "nothing_length",
)  # fmt: skip
"""What the columns of :attr:`Found.features` are; distances are log(1 + km), population log10(1 + people)."""
COLUMN = {name: column for column, name in enumerate(FEATURES)}
NO_NAME = -1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for.

    Attributes:
        readings: ways to read the name, best first; each a name as written.
        words: the whole text in small letters, for words like "town" or "village".
        kinds: kinds of place that the text says; empty where it says none.
        landmark: whether the text names a thing in the place rather than the place.
    """

    readings: tuple[str, ...]
    words: frozenset[str] = frozenset()
    kinds: frozenset[PlaceKind] = frozenset()
    landmark: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Places that a name may mean.

    Attributes:
        rows: of the places in the index; shape (n,).
        names: the name of each that matched; -1 for a main town that was not named.
        features: shape (n + 1, len(FEATURES)); the last row stands for "none of these".
    """

    rows: NDArray[np.int64]
    names: NDArray[np.int64]
    features: Floats


@dataclass(slots=True)
class _Match:
    """The best name of one place."""

    name: int
    apart: float
    share: float
    spelled: bool
    shared: float


def find_candidates(session: Session, index: PlaceIndex, wanted: Wanted, context: Context) -> Found:
    """The places of ``index`` that ``wanted`` may mean, at most some dozens, with their features.

    Args:
        session: an open session, for polygons not yet read.
        index: the index of the context's country, or of all.
        wanted: the name and what the text says of the place.
        context: units and neighbours.
    """
    matches = _matches(index, wanted, context)
    if len(wanted.kinds) == 0:
        matches = _without_units_of_seats(index, matches)
    rows = sorted(matches, key=lambda row: _rank(index, context, row, matches[row]))[:MOST_CANDIDATES]
    towns = [town for town in _main_towns(index, context) if town not in matches]
    every = np.array([*rows, *towns], dtype=np.int64)
    names = np.array([*(matches[row].name for row in rows), *(NO_NAME for _ in towns)], dtype=np.int64)
    features = np.zeros((len(every) + 1, len(FEATURES)))
    _describe_names(features, index, [matches[row] for row in rows], rows)
    _describe_places(features[: len(rows)], index, rows, wanted)
    _describe_position(session, features, index, every, context)
    _describe_main_towns(features[:-1], index, every, context, landmark=wanted.landmark)
    _describe_nothing(features[-1], [matches[row].apart for row in matches], context, wanted)
    return Found(every, names, features)


def namesakes(found: Found) -> NDArray[np.int64]:
    """Positions in ``found`` of the places whose name is the text's, to the sound."""
    close = found.features[:-1, COLUMN["same_sound"]] > 0
    return np.flatnonzero(close & (found.names != NO_NAME))


def _matches(index: PlaceIndex, wanted: Wanted, context: Context) -> dict[int, _Match]:
    """The best matching name of each place in question."""
    forms: dict[str, float] = {}
    for reading in wanted.readings:
        for number, folded in enumerate(_forms(reading)):
            forms.setdefault(folded, 0.1 * number)
    best: dict[int, _Match] = {}
    for folded, penalty in forms.items():
        names = _names_like(index, folded, wanted, context)
        likeness = _compared(folded, dict.fromkeys(index.folded[name] for name in names), penalty)
        for name in names:
            row, (apart, share, spelled, shared) = index.place_of_name[name], likeness[index.folded[name]]
            if not spelled and index.name_kind[name] == NameKind.CODE:
                continue  # a code is no word: "123" is not Q123, however alike they sound
            held = best.get(row)
            if held is None or (apart, not spelled) < (held.apart, not held.spelled):
                best[row] = _Match(name, apart, share, spelled, shared)
    return best


def _without_units_of_seats(index: PlaceIndex, matches: dict[int, _Match]) -> dict[int, _Match]:
    """``matches`` without districts called like a settlement in them: a text that means the district says so."""
    seats = {
        int(index.adm2[row]) for row, match in matches.items() if match.apart < CLOSE and index.unit[row] == NO_UNIT
    }
    return {
        row: match
        for row, match in matches.items()
        if index.kind[row] == PlaceKind.ADM1 or index.unit[row] == NO_UNIT or int(index.unit[row]) not in seats
    }


def _forms(reading: str) -> list[str]:
    """The folded name, and the same without articles that are written as one word with it.

    Of a name written in two scripts ("Raqqa الرقة") each half is a form too, if both sound alike.
    """
    folded = strip_feature_words(fold(reading))
    words = folded.split()
    bare = " ".join(
        word[2:] if word.startswith(_ATTACHED) and len(word) >= _SHORTEST_ATTACHED else word for word in words
    )
    latin = " ".join(word for word in words if word.isascii())
    other = " ".join(word for word in words if not word.isascii())
    halves = (latin, other) if latin and other and _rough(latin) == _rough(other) else ()
    return [form for form in dict.fromkeys((folded, fold(bare), *halves)) if form]


def _rough(folded: str) -> str:
    return coarse_of(skeleton_of(sound_of_folded(folded)))


def _names_like(index: PlaceIndex, folded: str, wanted: Wanted, context: Context) -> list[int]:
    """Names that sound like ``folded``, of places that may be meant at all."""
    sound = sound_of_folded(folded).replace(" ", "")
    if sound == "":
        return []
    sounds = dict.fromkeys([sound, *index.sounds_of_skeleton.get(skeleton_of(sound), ())])
    names = _allowed(index, index.names_sounding(sounds), wanted, context)
    if _is_settled(index, names, sound, context):
        return names
    looser, best = _similar_in_units(index, sound, context.adm1)
    looser |= _confused(index, sound)
    if best < LIKELY_SIMILARITY:
        looser |= _similar_anywhere(index, sound)
    # Sorted: of names that are equally near the first counts, and the order of a set changes with each process.
    return names + _allowed(index, index.names_sounding(sorted(looser - sounds.keys())), wanted, context)


def _confused(index: PlaceIndex, sound: str) -> set[str]:
    """The sounds with the consonants of ``sound``, those that are often confused taken for one."""
    skeleton = skeleton_of(sound)
    if len(skeleton) < 2:
        return set()
    others = index.skeletons_of_coarse.get(coarse_of(skeleton), ())
    return {found for other in others for found in index.sounds_of_skeleton[other]}


def _is_settled(index: PlaceIndex, names: Iterable[int], sound: str, context: Context) -> bool:
    """Whether a place in the stated governorate, or anywhere where none is stated, has just this sound."""
    return any(
        index.sound[name] == sound
        and (len(context.adm1) == 0 or int(index.adm1[index.place_of_name[name]]) in context.adm1)
        for name in names
    )


def _similar_in_units(index: PlaceIndex, sound: str, units: Iterable[int]) -> tuple[set[str], float]:
    """The sounds most similar to ``sound`` in first-order units, and how similar the best is, in percent."""
    found: set[str] = set()
    best = 0.0
    for unit in units:
        pool = index.sounds_of_unit.get(unit, [])
        close = process.extract(sound, pool, scorer=fuzz.ratio, limit=SIMILAR, score_cutoff=LEAST_SIMILARITY)
        found.update(other for other, _, _ in close)
        best = max([best, *(score for _, score, _ in close)])
    return found, best


def _similar_anywhere(index: PlaceIndex, sound: str) -> set[str]:
    """The sounds whose consonants are most similar to those of ``sound``."""
    skeleton, found = skeleton_of(sound), set[str]()
    for length in range(len(skeleton) - 1, len(skeleton) + 2):
        close = process.extract(
            skeleton, index.skeletons_of_length.get(length, ()), scorer=fuzz.ratio, limit=SIMILAR // 2,
            score_cutoff=LEAST_SKELETON_SIMILARITY,
        )  # fmt: skip
        for other, _, _ in close:
            found.update(index.sounds_of_skeleton[other])
    return found


def _allowed(index: PlaceIndex, names: Iterable[int], wanted: Wanted, context: Context) -> list[int]:
    """The names of places in the stated country that are of a kind the text can mean; no country is a candidate."""
    units_only = len(wanted.kinds) > 0 and wanted.kinds <= set(UNIT_KINDS)
    no_units = len(wanted.kinds) > 0 and wanted.kinds.isdisjoint(UNIT_KINDS)
    kept = []
    for name in names:
        row = index.place_of_name[name]
        if context.country is not None and index.countries[row] != context.country:
            continue
        if index.kind[row] == PlaceKind.COUNTRY or (units_only and index.kind[row] not in wanted.kinds):
            continue
        # A place is not the unit that it is said to be in.
        unit = int(index.unit[row])
        if unit != NO_UNIT and (no_units or unit in context.adm1 or unit in context.adm2):
            continue
        kept.append(name)
    return kept


def _compared(folded: str, spellings: Collection[str], penalty: float) -> dict[str, tuple[float, float, bool, float]]:
    """How far each spelling is from ``folded``: in letters, as a share, whether it is the same, the share of words."""
    words, letters = frozenset(folded.split()), max(2, len(folded.replace(" ", "")))
    found = {}
    for spelled, cost in zip(spellings, distances(folded, list(spellings)).tolist(), strict=True):
        others = _words_of(spelled)
        apart = cost + penalty
        found[spelled] = (apart, apart / letters, spelled == folded, len(words & others) / len(words | others))
    return found


@lru_cache(maxsize=16_384)
def _words_of(folded: str) -> frozenset[str]:
    return frozenset(folded.split())


def _rank(index: PlaceIndex, context: Context, row: int, match: _Match) -> tuple[float, int]:
    """The order in which candidates are kept: by likeness, those outside the stated governorate later."""
    outside = len(context.adm1) > 0 and int(index.adm1[row]) not in context.adm1
    return match.apart + 0.8 * outside, row


def _main_towns(index: PlaceIndex, context: Context) -> list[int]:
    """The main towns of the stated units: where a thing or quarter that no gazetteer has most often is."""
    towns = [index.main_town.get((2, unit)) for unit in sorted(context.adm2)]
    towns += [index.main_town.get((1, unit)) for unit in sorted(context.adm1)]
    return list(dict.fromkeys(town for town in towns if town is not None))


def _describe_names(features: Floats, index: PlaceIndex, matches: Sequence[_Match], rows: Sequence[int]) -> None:
    for position, (match, row) in enumerate(zip(matches, rows, strict=True)):
        apart = min(match.apart, FARTHEST)
        main = index.sound[match.name] == index.main_sound(row)
        features[position, :9] = (
            apart, apart * apart, min(match.share, 1.0), match.spelled, match.apart < CLOSE, match.shared,
            main, main and match.spelled, index.is_attested(match.name),
        )  # fmt: skip


def _describe_places(features: Floats, index: PlaceIndex, rows: Sequence[int], wanted: Wanted) -> None:
    town = bool(wanted.words & {"town", "city"})
    village = "village" in wanted.words
    quarter = PlaceKind.NEIGHBOURHOOD in wanted.kinds
    for position, row in enumerate(rows):
        people, names = math.log10(1 + (index.population[row] or 0)), math.log(max(1, int(index.names_count[row])))
        seat = index.feature_code[row] in _SEATS
        is_quarter = index.kind[row] == PlaceKind.NEIGHBOURHOOD
        features[position, COLUMN["population"] : COLUMN["stated_unit"] + 1] = (
            people, names, seat, index.feature_code[row] in _MINOR, people * town, names * town, seat and village,
            index.unit[row] != NO_UNIT, is_quarter, is_quarter and quarter,
            index.unit[row] != NO_UNIT and index.kind[row] in wanted.kinds,
        )  # fmt: skip


def _describe_position(
    session: Session, described: Floats, index: PlaceIndex, rows: NDArray[np.int64], context: Context
) -> None:
    features, nothing = described[:-1], described[-1]
    lon, lat = index.lon[rows], index.lat[rows]
    if len(context.adm1) > 0:
        features[:, COLUMN["in_admin1"]] = _among(index.adm1[rows], context.adm1)
        features[:, COLUMN["outside_admin1"]] = np.log1p(distance_outside_km(session, index, context.adm1, lon, lat))
    if len(context.adm2) > 0:
        features[:, COLUMN["in_admin2"]] = _among(index.adm2[rows], context.adm2)
        features[:, COLUMN["outside_admin2"]] = np.log1p(distance_outside_km(session, index, context.adm2, lon, lat))
    if len(context.near) > 0:
        # What is in no gazetteer is as likely as a place at this distance.
        nothing[COLUMN["near"]] = math.log1p(USUAL_DISTANCE_KM / 10)
        apart = np.min([distance_km(lon, lat, point) for point in context.near], axis=0)
        features[:, COLUMN["near"]] = np.log1p(apart / 10)
    if context.heading is not None and len(context.near) > 0:
        features[:, COLUMN["off_heading"]] = _off_heading(lon, lat, context.near[0], *context.heading)


def _among(values: NDArray[Any], wanted: Collection[int]) -> NDArray[np.bool_]:
    """Which values are among a few wanted ones; `numpy.isin` takes ten times as long for so few."""
    found = np.zeros(len(values), dtype=bool)
    for value in wanted:
        found |= values == value
    return found


def _off_heading(
    lon: Floats, lat: Floats, anchor: tuple[float, float], heading: float, half_sector: float
) -> NDArray[np.bool_]:
    """Whether points do not lie in the stated direction from ``anchor``, with half as much again for carelessness."""
    east = (lon - anchor[0]) * math.cos(math.radians(anchor[1]))
    bearing = np.degrees(np.arctan2(east, lat - anchor[1]))
    turned = np.abs((bearing - heading + 180.0) % 360.0 - 180.0)
    off: NDArray[np.bool_] = turned > 1.5 * half_sector
    return off


def _describe_main_towns(
    features: Floats, index: PlaceIndex, rows: NDArray[np.int64], context: Context, *, landmark: bool
) -> None:
    for level, units in ((2, context.adm2), (1, context.adm1)):
        towns = [town for unit in units if (town := index.main_town.get((level, unit))) is not None]
        is_main = _among(rows, towns)
        features[:, COLUMN[f"main_town_admin{level}"]] = is_main
        features[:, COLUMN[f"landmark_main_town_admin{level}"]] = is_main & landmark


def _describe_nothing(features: Floats, apart: Sequence[float], context: Context, wanted: Wanted) -> None:
    least = min(apart, default=FARTHEST)
    start = COLUMN["nothing"]
    features[start : start + 7] = (
        1.0, min(least, FARTHEST), least < CLOSE, len(context.adm1) > 0,
        len(context.adm2) > 0, math.log1p(sum(cost < CLOSE for cost in apart)),
        math.log1p(max(len(reading) for reading in wanted.readings)),
    )  # fmt: skip
