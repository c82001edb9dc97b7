"""The door of the gazetteer: a text as a person wrote it in, an honest answer out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session, col, select

from db.tables import Place, PlaceName
from db.vocabulary import LocationMethod, NameKind, PlaceKind, PrecisionLevel
from gazetteer.coordinates import Coordinates, parse_coordinates
from gazetteer.search.answer import Answer, Candidate, PlaceVerdict
from gazetteer.search.candidates import find_candidates
from gazetteer.search.phrases import Relation
from gazetteer.search.question import Question, ask
from gazetteer.search.relative import relative_answer
from gazetteer.search.verdict import PRECISION_OF_KIND, answer_of, area_or_none, extent_m, weigh

LONGEST = 300
"""Characters of the longest text that is looked up; the longest place text in the data at hand has 70."""


def locate(
    session: Session, text: str, *, country: str | None = None, admin1: str | None = None, admin2: str | None = None,
    near: Sequence[str] | tuple[float, float] = (), language: str | None = None, limit: int = 10,
) -> Answer:  # fmt: skip
    """Where ``text`` is, how sure that is, and what else it could be. Nothing is picked silently.

    Args:
        session: an open session.
        text: a name, a phrase ("5 km north-east of Idlib"), coordinates in any notation, or ``source:key``.
        country: ISO 3166 two-letter code or a name.
        admin1: governorate as the source spells it.
        admin2: district as the source spells it.
        near: names of places that the same text names, or a point (longitude, latitude) in degrees.
        language: ISO 639-1 code: of a place's names, one of that language is shown where it has one.
        limit: most candidates to return, at least 1.

    Returns:
        The answer; a unit that is given but not known is said in its notes, and nothing is sure then.

    Raises:
        InputError: ``text`` looks like coordinates but is malformed or could mean two places (the codes of
            `gazetteer.coordinates.parse_coordinates`).
    """
    written = text.strip()
    if written == "" or len(written) > LONGEST:
        why = (
            "The text is empty." if written == "" else f"The text has {len(written):,} characters; {LONGEST} are read."
        )
        return Answer(text, PlaceVerdict.NOT_FOUND, (), notes=(why,))
    point = parse_coordinates(written, where="place text")
    if point is not None:
        return _of_coordinates(text, point)
    question = ask(session, written, country=country, admin1=admin1, admin2=admin2, near=near)
    answer = _keyed(session, question) or _looked_up(session, question, max(1, limit))
    answer = replace(answer, text=text)
    return answer if language is None else _in_language(session, answer, language)


def _looked_up(session: Session, question: Question, limit: int) -> Answer:
    phrase = question.phrase
    if phrase.relation is not Relation.AT:
        return relative_answer(session, question, limit)
    readings = (*phrase.readings, *phrase.names)
    found = find_candidates(session, question.index, question.wanted(readings, phrase.kinds), question.context)
    return answer_of(session, question, weigh(question, found), limit)


def _of_coordinates(text: str, point: Coordinates) -> Answer:
    """The answer to a text that is coordinates: the point, as exact as its digits."""
    method = LocationMethod.MGRS if point.notation == "mgrs" else LocationMethod.SOURCE_COORDINATES
    level = PrecisionLevel.EXACT if point.radius_m <= 25 else PrecisionLevel.WITHIN_100M
    if point.radius_m > 100:
        level = PrecisionLevel.SETTLEMENT if point.radius_m <= 5_000 else PrecisionLevel.NEAR_SETTLEMENT
    return Answer(
        text, PlaceVerdict.SURE, (), point.lon, point.lat, point.radius_m, None, level, method,
        notes=(f"Read as coordinates ({point.notation}).",),
    )  # fmt: skip


def _keyed(session: Session, question: Question) -> Answer | None:
    """The answer to ``source:key``, which names one entry; None where the text is no such call."""
    source, colon, key = question.phrase.text.strip().partition(":")
    if not colon or not source.isalpha() or key == "" or " " in key:
        return None
    query = select(Place.id).where(Place.source == source, Place.source_key == key, ~col(Place.withdrawn))
    place_id = session.exec(query).first()
    index = question.index
    row = None if place_id is None else index.row_of_place(place_id)
    if row is None:
        return None
    extent, kind = extent_m(session, index, row), PlaceKind(index.kind[row])
    only = Candidate(
        index.place_id[row], index.source[row], index.source_key[row], index.name[row], kind, float(index.lon[row]),
        float(index.lat[row]), extent, extent, PRECISION_OF_KIND[kind], index.name[row], None, index.hierarchy(row),
        index.countries[row], index.population[row], 0.0, 1.0, ("named by its key",), index.area_id[row],
    )  # fmt: skip
    area = area_or_none(session, index, only.area_id)
    return Answer(
        question.phrase.text, PlaceVerdict.SURE, (only,), only.lon, only.lat, extent, area, only.precision,
        LocationMethod.GAZETTEER,
    )  # fmt: skip


def _in_language(session: Session, answer: Answer, language: str) -> Answer:
    """The answer with each candidate's name in ``language``, where it has one."""
    ids = [candidate.place_id for candidate in answer.candidates if candidate.place_id is not None]
    query = (
        select(PlaceName.place_id, PlaceName.name)
        .where(col(PlaceName.place_id).in_(ids), PlaceName.language == language, ~col(PlaceName.withdrawn))
        .order_by(col(PlaceName.kind) != NameKind.PREFERRED, col(PlaceName.id).desc())
    )
    names = dict(reversed(session.exec(query).all()))
    candidates = tuple(
        candidate if candidate.place_id not in names else replace(candidate, name=names[candidate.place_id])
        for candidate in answer.candidates
    )
    return replace(answer, candidates=candidates)
