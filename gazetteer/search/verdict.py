"""From weighed candidates to an answer: who is first, how probable, how far off at most, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from db.vocabulary import LocationMethod, PlaceKind
from gazetteer.geodesy import distances_m as geodesic_m
from gazetteer.precision import DEFAULT_RADIUS_M, PRECISION_OF_KIND, settlement_radius_m
from gazetteer.search.answer import Answer, Candidate, PlaceVerdict
from gazetteer.search.candidates import COLUMN, NO_NAME, Found, namesakes
from gazetteer.search.context import distance_km
from gazetteer.search.index import NO_UNIT, UNIT_KINDS, Floats, PlaceIndex
from gazetteer.search.model import NEAR_M, choice, distances_m, model, near_mass, order
from gazetteer.search.question import Question
from gazetteer.sources.names import match_key

CREDIBLE = 0.85
SAME_PLACE_M = 2_000.0
LEAST_PROBABILITY = 0.02  # of being the very place, for a candidate that is shown beside others
LEAST_SURE = 0.8  # probability below which nothing is sure, however well such answers did together
OUTLYING = frozenset([
    "dam", "lake", "field", "fields", "base", "airport", "airbase", "airfield", "hill", "hills", "mountain",
    "mountains", "mount", "farm", "farms", "crossing", "station", "refinery", "plant", "junction", "valley", "river",
    "island", "desert", "silos", "reservoir", "سد", "حقل", "مطار", "قاعدة", "مزرعة", "معبر", "جبل", "بحيرة",
])  # fmt: skip
"""Words for things that are called after a place and lie outside of it; in the labels a dam 11, an oil field 22 km."""
LEAST_NAMED = 0.5  # of the choice, on named places, for a text to be ambiguous rather than only as fine as its unit
NOWHERE_M = 580_000.0  # how far off an unknown place may be: a country, see gazetteer.precision


@dataclass(frozen=True, slots=True)
class Weighed:
    """Candidates with their probabilities, in the order of an answer.

    Attributes:
        found: the candidates.
        order: positions in ``found``, best first.
        own: probability of being the very place; shape (n,), by position.
        mass: the same of all candidates within 10 km of each, before calibration; shape (n,).
        probability: calibrated, of being within 10 km of the truth; shape (n,).
        apart: distances in metres; shape (n, n).
    """

    found: Found
    order: NDArray[np.int64]
    own: Floats
    mass: Floats
    probability: Floats
    apart: Floats


def weigh(question: Question, found: Found) -> Weighed:
    """Give each candidate its probability."""
    index, ranker = question.index, model()
    own = choice(ranker.scores(found.features))[:-1]
    apart = distances_m(index.lon[found.rows], index.lat[found.rows])
    mass = near_mass(own, apart)
    ordered = order(own, mass, apart)
    probability = ranker.calibrated(mass, question.evidence)
    if len(ordered) > 0:
        # The table is for first answers. What is far from the first shares what the first leaves.
        first = ordered[0]
        left = (1 - probability[first]) / max(1e-9, 1 - mass[first])
        others = np.minimum(mass * min(1.0, left), probability[first])
        probability = np.where(apart[first] > NEAR_M, others, probability)
    return Weighed(found, ordered, own, mass, probability, apart)


def answer_of(session: Session, question: Question, weighed: Weighed, limit: int) -> Answer:
    """The answer to a question about a place itself (no relation)."""
    candidates = shown(session, question, weighed, limit)
    verdict, notes = judge(question, weighed)
    text, notes = question.phrase.text, (*question.notes, *notes)
    if verdict is PlaceVerdict.COARSE:
        return _coarse(session, question, weighed, candidates, notes)
    if verdict is not PlaceVerdict.SURE:
        return Answer(text, verdict, candidates, notes=notes)
    first = candidates[0]
    return Answer(
        text, verdict, candidates, first.lon, first.lat, first.radius_m,
        area_or_none(session, question.index, first.area_id),
        first.precision, LocationMethod.GAZETTEER, notes=notes,
    )  # fmt: skip


def judge(question: Question, weighed: Weighed) -> tuple[PlaceVerdict, tuple[str, ...]]:
    """How far the candidates settle the text, with what speaks against more."""
    index, found, context = question.index, weighed.found, question.context
    if len(weighed.order) == 0:
        return _without_candidates(question), ()
    first = int(weighed.order[0])
    probability = float(weighed.probability[first])
    named = found.names != NO_NAME
    is_unit = index.unit[found.rows[first]] != NO_UNIT
    against = _against_sure(question, weighed, first)
    likely = weighed.mass[first] >= model().sure_at[question.evidence] and probability >= LEAST_SURE
    if likely and named[first] and len(against) == 0:
        return PlaceVerdict.COARSE if is_unit else PlaceVerdict.SURE, ()
    if is_unit and question.phrase.kinds & set(UNIT_KINDS) and _only_unit(index, found, first):
        return PlaceVerdict.COARSE, ()
    if float(weighed.own[named].sum()) >= LEAST_NAMED:
        return PlaceVerdict.AMBIGUOUS, against
    if len(context.adm1) > 0 or len(context.adm2) > 0:
        return PlaceVerdict.COARSE, against
    possible = probability >= 0.2 and named[first]
    return PlaceVerdict.AMBIGUOUS if possible else PlaceVerdict.NOT_FOUND, against


def _without_candidates(question: Question) -> PlaceVerdict:
    stated = len(question.context.adm1) > 0 or len(question.context.adm2) > 0
    return PlaceVerdict.COARSE if stated else PlaceVerdict.NOT_FOUND


def _only_unit(index: PlaceIndex, found: Found, first: int) -> bool:
    """Whether the text names one unit only, to the sound."""
    same = namesakes(found)
    return first in same and len({int(index.unit[found.rows[position]]) for position in same}) == 1


def _against_sure(question: Question, weighed: Weighed, first: int) -> tuple[str, ...]:
    """Reasons, whatever the probability, for which the first candidate is not sure."""
    index, found, context = question.index, weighed.found, question.context
    notes = []
    if question.unknown:
        notes.append("A part of what was said was not understood, so nothing is sure.")
    said, row = question.phrase.kinds, found.rows[first]
    if not said.isdisjoint(UNIT_KINDS) and index.unit[row] == NO_UNIT and index.kind[row] not in said:
        notes.append("The text says district or governorate, and the likeliest place is neither.")
    outlying = sorted(OUTLYING.intersection(question.phrase.landmark.lower().split()))
    if len(outlying) > 0 and not _is_whole(question, weighed, first):
        notes.append(
            f"The text names a {outlying[0]}, which may lie some kilometres from the place it is called after."
        )
    if len(context.adm1) == 0 and len(context.adm2) == 0 and len(context.near) == 0:
        count = _far_namesakes(index, found, first, context.country)
        if count > 0:
            notes.append(f"At least {count + 1} places are called so and nothing says which: give its governorate.")
    same = namesakes(found)
    units = [position for position in same if index.unit[found.rows[position]] != NO_UNIT]
    bare = len(question.phrase.kinds) == 0 and len(context.adm1) == 0
    if bare and len(units) > 0 and index.unit[found.rows[first]] == NO_UNIT:
        notes.append("A governorate or district is called so too: say town, city, district or governorate.")
    return tuple(notes)


def _is_whole(question: Question, weighed: Weighed, first: int) -> bool:
    """Whether the first candidate is called by the whole text, landmark and all: "Tabqa dam" itself."""
    name = int(weighed.found.names[first])
    return name != NO_NAME and question.index.folded[name] == match_key(question.phrase.whole)


def _far_namesakes(index: PlaceIndex, found: Found, first: int, country: str | None) -> int:
    """How many other settlements, farther than 10 km, have the name that matched, or one that sounds as the text."""
    name, row = int(found.names[first]), int(found.rows[first])
    if name == NO_NAME:
        return 0
    alike = index.names_sounding([index.sound[name]])
    rows = {index.place_of_name[other] for other in alike if index.folded[other] == index.folded[name]}
    rows |= {int(found.rows[position]) for position in namesakes(found)}
    others = np.array([
        other for other in sorted(rows)
        if index.unit[other] == NO_UNIT and index.kind[other] != PlaceKind.COUNTRY
        and country in (None, index.countries[other])
    ])  # fmt: skip
    if len(others) == 0:
        return 0
    apart = distance_km(index.lon[others], index.lat[others], (float(index.lon[row]), float(index.lat[row])))
    return int((apart > NEAR_M / 1000).sum())


def _coarse(
    session: Session, question: Question, weighed: Weighed, candidates: tuple[Candidate, ...], notes: tuple[str, ...]
) -> Answer:
    """The answer that only a unit is certain: the unit that the text names, else the finest that was stated."""
    index, context = question.index, question.context
    row = None
    if len(weighed.order) > 0:
        first = int(weighed.found.rows[weighed.order[0]])
        if index.unit[first] != NO_UNIT and candidates[0].probability >= LEAST_NAMED:
            row = index.area_row(int(index.unit[first])) or first
    for unit in (*sorted(context.adm2), *sorted(context.adm1)) if row is None else ():
        row = index.area_row(unit)
        row = index.rows_of_unit[unit][0] if row is None else row
        break
    if row is None:
        return Answer(question.phrase.text, PlaceVerdict.NOT_FOUND, candidates, notes=notes)
    area = area_or_none(session, index, index.area_id[row])
    lon, lat, radius_m = _middle(index, row, area)
    precision = PRECISION_OF_KIND[PlaceKind(index.kind[row])]
    notes = (*notes, f"Only the unit is certain: {index.name[row]} ({index.kind[row]}); the area is the answer.")
    return Answer(
        question.phrase.text, PlaceVerdict.COARSE, candidates, lon, lat, radius_m, area, precision,
        LocationMethod.GAZETTEER, notes=notes,
    )  # fmt: skip


def _middle(index: PlaceIndex, row: int, area: BaseGeometry | None) -> tuple[float, float, float]:
    """A point in the unit and the metres from it to its farthest corner; the default of its level without polygon."""
    if area is None:
        default = DEFAULT_RADIUS_M[PRECISION_OF_KIND[PlaceKind(index.kind[row])]]
        return float(index.lon[row]), float(index.lat[row]), default if default is not None else NOWHERE_M
    point = area.representative_point()
    return point.x, point.y, reach_m(area, point.x, point.y)


def reach_m(area: BaseGeometry, lon: float, lat: float) -> float:
    """Metres from a point to the farthest vertex of an area, geodesic, rounded up."""
    return _farthest_corner_m(shapely.get_coordinates(area.convex_hull), lon, lat)


def _farthest_corner_m(corners: Floats, lon: float, lat: float) -> float:
    return float(np.ceil(geodesic_m(corners[:, 0], corners[:, 1], lon, lat).max()))


def area_or_none(session: Session, index: PlaceIndex, area_id: int | None) -> BaseGeometry | None:
    """The polygon with this id; None without one."""
    return None if area_id is None else index.area(session, area_id)


def shown(session: Session, question: Question, weighed: Weighed, limit: int) -> tuple[Candidate, ...]:
    """The candidates of an answer, best first; another source's entry for the same place is left out."""
    kept: list[int] = []
    for position in weighed.order.tolist():
        if len(kept) >= limit:
            break
        if len(kept) > 0 and weighed.own[position] < LEAST_PROBABILITY:
            continue
        if not any(_same_place(question.index, weighed, position, other) for other in kept):
            kept.append(position)
    return tuple(_candidate(session, question, weighed, position) for position in kept)


def _same_place(index: PlaceIndex, weighed: Weighed, one: int, other: int) -> bool:
    rows = weighed.found.rows
    if weighed.apart[one, other] > SAME_PLACE_M or index.kind[rows[one]] != index.kind[rows[other]]:
        same_unit = index.unit[rows[one]] != NO_UNIT and index.unit[rows[one]] == index.unit[rows[other]]
        return bool(same_unit)
    return bool(index.source[rows[one]] != index.source[rows[other]])


def _candidate(session: Session, question: Question, weighed: Weighed, position: int) -> Candidate:
    index, row = question.index, int(weighed.found.rows[position])
    name = int(weighed.found.names[position])
    kind = PlaceKind(index.kind[row])
    extent = extent_m(session, index, row)
    return Candidate(
        index.place_id[row], index.source[row], index.source_key[row], index.name[row], kind, float(index.lon[row]),
        float(index.lat[row]), max(extent, _credible_m(session, question, weighed, position)), extent,
        PRECISION_OF_KIND[kind], "" if name == NO_NAME else index.text[name],
        None if name == NO_NAME else index.language[name], index.hierarchy(row), index.countries[row],
        index.population[row], float(np.log(max(weighed.own[position], 1e-12))), float(weighed.probability[position]),
        reasons(weighed.found.features[position], index, row, question), index.area_id[row],
    )  # fmt: skip


def entry_candidate(session: Session, index: PlaceIndex, row: int, reason: str) -> Candidate:
    """The candidate of an entry that is meant without doubt.

    Args:
        session: an open session.
        index: of the entry.
        row: of the place.
        reason: why it is meant.
    """
    kind, extent = PlaceKind(index.kind[row]), extent_m(session, index, row)
    return Candidate(
        index.place_id[row], index.source[row], index.source_key[row], index.name[row], kind, float(index.lon[row]),
        float(index.lat[row]), extent, extent, PRECISION_OF_KIND[kind], index.name[row], None, index.hierarchy(row),
        index.countries[row], index.population[row], 0.0, 1.0, (reason,), index.area_id[row],
    )  # fmt: skip


def extent_m(session: Session, index: PlaceIndex, row: int) -> float:
    """Metres round the point of a place that hold it."""
    kind = PlaceKind(index.kind[row])
    if index.unit[row] != NO_UNIT or kind is PlaceKind.COUNTRY:
        hull = index.hull_of_unit(session, int(index.unit[row])) if index.unit[row] != NO_UNIT else None
        if hull is not None:
            return _farthest_corner_m(hull, float(index.lon[row]), float(index.lat[row]))
        return DEFAULT_RADIUS_M[PRECISION_OF_KIND[kind]] or NOWHERE_M
    radius = index.radius_m[row]
    if radius is not None:
        return radius
    if kind is PlaceKind.SETTLEMENT:
        return settlement_radius_m(index.population[row])
    return DEFAULT_RADIUS_M[PRECISION_OF_KIND[kind]] or NOWHERE_M


def _credible_m(session: Session, question: Question, weighed: Weighed, position: int) -> float:
    """Metres round a candidate that hold :data:`CREDIBLE` of the probability.

    What is within 10 km has the calibrated probability; the rest lies with the other candidates in proportion, and
    with "none of these" as far as the stated unit reaches.
    """
    apart, own = weighed.apart[position], weighed.own
    near, probability = apart <= NEAR_M, float(weighed.probability[position])
    if probability >= CREDIBLE:
        return 0.0
    far = own[~near]
    nothing = max(0.0, 1.0 - float(own.sum()))
    scale = (1.0 - probability) / max(1e-9, float(far.sum()) + nothing)
    ordered = np.argsort(apart[~near])
    reached = probability + np.cumsum(far[ordered]) * scale
    enough = np.flatnonzero(reached >= CREDIBLE)
    if len(enough) > 0:
        return float(np.ceil(apart[~near][ordered[enough[0]]]))
    row = weighed.found.rows[position]
    return _farthest_m(session, question, float(question.index.lon[row]), float(question.index.lat[row]))


def _farthest_m(session: Session, question: Question, lon: float, lat: float) -> float:
    """How far from a point a place can be that is none of the candidates: to the end of the stated unit."""
    for units in (question.context.adm2, question.context.adm1):
        hulls = [hull for unit in sorted(units) if (hull := question.index.hull_of_unit(session, unit)) is not None]
        if len(hulls) > 0:
            return max(_farthest_corner_m(hull, lon, lat) for hull in hulls)
    return NOWHERE_M


def reasons(features: Floats, index: PlaceIndex, row: int, question: Question) -> tuple[str, ...]:
    """What speaks for and against a candidate, in words."""
    value = {name: float(features[column]) for name, column in COLUMN.items()}
    found = [_name_reason(value)]
    if value["attested"]:
        found.append("a person confirmed this name")
    found += _unit_reasons(value, question)
    if len(question.context.near) > 0:
        found.append(f"{10 * np.expm1(value['near']):.0f} km from the neighbour")
    if value["off_heading"]:
        found.append("not in the stated direction")
    if value["minor"]:
        found.append("an abandoned or minor place")
    people = index.population[row]
    if people:
        found.append(f"{people:,} people")
    return tuple(reason for reason in found if reason)


def _name_reason(value: dict[str, float]) -> str:
    if value["same_spelling"]:
        return "the same name" if value["main_name"] else "another name of it is the same"
    if value["same_sound"]:
        return "sounds the same"
    if value["letters_apart"] or value["share_apart"]:
        return f"sounds like it ({value['letters_apart']:.1f} letters apart)"
    return "the main town there; the name itself is not known"


def _unit_reasons(value: dict[str, float], question: Question) -> list[str]:
    context, found = question.context, []
    for level, units, word in (("admin1", context.adm1, "governorate"), ("admin2", context.adm2, "district")):
        if len(units) > 0:
            km = float(np.expm1(value[f"outside_{level}"]))
            if value[f"in_{level}"]:
                found.append(f"in the stated {word}")
            elif km > 0:  # 0 where no polygon says
                found.append(f"{km:.0f} km outside the stated {word}")
    return found
