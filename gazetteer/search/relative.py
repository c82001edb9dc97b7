"""Texts that name a place only to describe another: "5 km north-east of Idlib", "between X and Y", "rural Raqqa".

Each named place is looked up by itself; the area then follows by the point-radius method
(`gazetteer.search.point_radius`). The probability of a candidate is that of its named place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from sqlmodel import Session

from db.errors import InputError
from db.vocabulary import LocationMethod, PlaceKind, PrecisionLevel
from gazetteer.search.answer import Answer, Candidate, PlaceVerdict
from gazetteer.search.candidates import Wanted, find_candidates
from gazetteer.search.context import country_of_text
from gazetteer.search.index import PlaceIndex
from gazetteer.search.phrases import Phrase, Relation
from gazetteer.search.point_radius import Footprint, NamedPlace, footprint
from gazetteer.search.question import Question, unit_names
from gazetteer.search.verdict import answer_of, area_or_none, entry_candidate, judge, shown, weigh

SOURCE = "computed"
UNIT_REASON = "the unit of this name"
TWO_ENDED = frozenset({Relation.BETWEEN, Relation.ROAD, Relation.BORDER})
ENDS = 10  # candidates of each end that are tried
_FAR_KM = 100.0  # two ends of a phrase are rarely farther apart; namesakes are weighed by it
LEAST_NAMED = 0.3  # probability of a named place, for an area to be drawn from it
_POINTS = frozenset({PlaceKind.SETTLEMENT, PlaceKind.NEIGHBOURHOOD, PlaceKind.LANDMARK, PlaceKind.OTHER})
_AREAS = frozenset({
    PrecisionLevel.ADM1, PrecisionLevel.ADM2, PrecisionLevel.ADM3, PrecisionLevel.REGION, PrecisionLevel.COUNTRY,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _End:
    """A named place of a relation: its candidates, and how far the text settles it."""

    candidates: tuple[Candidate, ...]
    verdict: PlaceVerdict
    notes: tuple[str, ...]

    @property
    def known(self) -> bool:
        """Whether the gazetteer has a place, or several, that the name can well be."""
        settled = len(self.candidates) > 0 and self.candidates[0].probability >= LEAST_NAMED
        return settled or (len(self.candidates) > 0 and self.verdict is PlaceVerdict.AMBIGUOUS)


def relative_answer(session: Session, question: Question, limit: int) -> Answer:
    """The answer to a relation; a text that the gazetteer has as a name is that place.

    Args:
        session: an open session.
        question: with a phrase whose relation is not AT.
        limit: most candidates.
    """
    phrase = question.phrase
    whole = _as_a_name(session, question, limit)
    if whole is not None:
        return whole
    ends = [_end(session, question, name, max(limit, ENDS)) for name in _named(phrase)]
    notes = tuple(dict.fromkeys((*question.notes, *(note for end in ends for note in end.notes))))
    missing = [name for name, end in zip(_named(phrase), ends, strict=True) if not end.known]
    if len(missing) > 0:
        notes = (*notes, *(f"The gazetteer has no place {name!r}." for name in missing))
        return Answer(phrase.text, PlaceVerdict.NOT_FOUND, (), relation=phrase.relation.value, notes=notes)
    try:
        candidates = _placed(session, question, ends, limit)
    except InputError as error:
        notes = (*notes, error.why)
        return Answer(phrase.text, PlaceVerdict.NOT_FOUND, (), relation=phrase.relation.value, notes=notes)
    return _answer(phrase, ends, candidates, notes)


def _named(phrase: Phrase) -> tuple[str, ...]:
    return phrase.names[:2] if phrase.relation in TWO_ENDED else phrase.names[:1]


def _as_a_name(session: Session, question: Question, limit: int) -> Answer | None:
    """The answer where the whole text is a name ("Eastern Ghouta"): only where the gazetteer has just this spelling."""
    readings = question.phrase.readings
    if len(readings) == 0:
        return None
    wanted = replace(question.wanted(readings, frozenset()), landmark=False)
    weighed = weigh(question, find_candidates(session, question.index, wanted, question.context))
    if len(weighed.order) == 0 or not any(
        reason in ("the same name", "another name of it is the same")
        for reason in shown(session, question, weighed, 1)[0].reasons
    ):
        return None
    return answer_of(session, question, weighed, limit)


def _end(session: Session, question: Question, name: str, limit: int) -> _End:
    """One named place; a country or a unit where the relation is between such or rural."""
    phrase = question.phrase
    if phrase.relation in (Relation.RURAL, Relation.BORDER):
        unit = _unit(session, question, name)
        if unit is not None:
            return _End((unit,), PlaceVerdict.SURE, ())
    kinds = phrase.kinds or _POINTS
    wanted = Wanted((name,), frozenset(), kinds)
    plain = replace(question, phrase=replace(phrase, kinds=kinds), notes=())
    weighed = weigh(plain, find_candidates(session, question.index, wanted, question.context))
    if len(weighed.order) == 0:
        return _End((), PlaceVerdict.NOT_FOUND, ())
    candidates = tuple(found for found in shown(session, plain, weighed, limit) if found.matched)
    return _End(candidates, *judge(plain, weighed))


def _unit(session: Session, question: Question, name: str) -> Candidate | None:
    """The one country, governorate or district called ``name``; None where there is none or several."""
    index = question.index
    code = country_of_text(session, question.memory, name)
    if code is not None:
        rows = [
            row for row, kind in enumerate(index.kind) if kind == PlaceKind.COUNTRY and index.countries[row] == code
        ]
        return None if len(rows) == 0 else entry_candidate(session, index, _with_area(index, rows), UNIT_REASON)
    names = unit_names(index, question.context.country)
    for kind in (PlaceKind.ADM1, PlaceKind.ADM2):
        units = names.find(name, kind, within=question.context.adm1)
        if len(units) == 1:
            row = _with_area(index, index.rows_of_unit[next(iter(units))])
            return entry_candidate(session, index, row, UNIT_REASON)
    return None


def _with_area(index: PlaceIndex, rows: list[int]) -> int:
    return next((row for row in rows if index.area_id[row] is not None), rows[0])


def _placed(session: Session, question: Question, ends: list[_End], limit: int) -> list[tuple[Candidate, Footprint]]:
    """The described place for each likely choice of named places, best first."""
    phrase, index = question.phrase, question.index
    if len(ends) == 1:
        chosen: list[tuple[Candidate, ...]] = [(one,) for one in ends[0].candidates[:limit]]
    else:
        pairs: list[tuple[Candidate, ...]] = [
            (one, other) for one in ends[0].candidates[:ENDS] for other in ends[1].candidates[:ENDS]
        ]
        chosen = sorted(pairs, key=_pair_weight, reverse=True)[:limit]
    placed = []
    for places in chosen:
        named = [NamedPlace(
            place.lon, place.lat, place.extent_m, area_or_none(session, index, place.area_id), place.precision
        ) for place in places]  # fmt: skip
        placed.append((_described(phrase, places, area := footprint(phrase, named)), area))
    return placed


def _pair_weight(pair: tuple[Candidate, ...]) -> float:
    one, other = pair
    east = (one.lon - other.lon) * np.cos(np.radians(one.lat))
    km = float(np.hypot(east, one.lat - other.lat)) * 111.2
    return one.probability * other.probability * float(np.exp(-km / _FAR_KM))


def _described(phrase: Phrase, places: tuple[Candidate, ...], area: Footprint) -> Candidate:
    first = places[0]
    return Candidate(
        None, SOURCE, "+".join(place.key for place in places), phrase.text, PlaceKind.OTHER,
        area.lon, area.lat, area.radius_m, area.radius_m, area.precision, " / ".join(place.matched for place in places),
        first.language, first.hierarchy, first.country, None, sum(place.score for place in places),
        float(np.prod([place.probability for place in places])), (area.method, *first.reasons),
    )  # fmt: skip


def _answer(
    phrase: Phrase, ends: list[_End], placed: list[tuple[Candidate, Footprint]], notes: tuple[str, ...]
) -> Answer:
    candidates, relation = tuple(candidate for candidate, _ in placed), phrase.relation.value
    settled = {PlaceVerdict.SURE, PlaceVerdict.COARSE}
    if not all(end.verdict in settled for end in ends):
        return Answer(phrase.text, PlaceVerdict.AMBIGUOUS, candidates, relation=relation, notes=notes)
    first, area = placed[0]
    verdict = PlaceVerdict.COARSE if area.precision in _AREAS else PlaceVerdict.SURE
    return Answer(
        phrase.text, verdict, candidates, first.lon, first.lat, first.radius_m, area.area, area.precision,
        LocationMethod.GAZETTEER, relation, notes,
    )  # fmt: skip
