"""The door of the gazetteer: a text as a person wrote it in, an honest answer out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sqlmodel import Session, col, select

from db.tables import Place, PlaceName
from db.vocabulary import LocationMethod, NameKind, PlaceKind, PrecisionLevel
from gazetteer.coordinates import Coordinates, parse_coordinates
from gazetteer.reverse import places_at
from gazetteer.search.answer import Answer, PlaceVerdict
from gazetteer.search.candidates import find_candidates
from gazetteer.search.context import country_of_text, distance_outside_km
from gazetteer.search.phrases import Relation
from gazetteer.search.question import Question, ask
from gazetteer.search.relative import relative_answer
from gazetteer.search.verdict import answer_of, area_or_none, entry_candidate, reach_m, weigh
from gazetteer.sources.store import match_key

OUTSIDE_KM = 5.0
"""How far coordinates may lie outside the stated unit before it is said; boundaries of several sources differ."""
_CODE = re.compile(r"[A-Za-z]{2}[A-Za-z0-9-]*\d[A-Za-z0-9-]*")  # begins with the letters of its country: SY020003
SAME_NAME = ("the same name", "another name of it is the same")
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
        answer = _of_coordinates(text, point)
        return replace(answer, notes=(*answer.notes, *_misfits(session, point, country, admin1, admin2)))
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
    answer = answer_of(session, question, weigh(question, found), limit)
    return _country(session, question, answer) or answer


def _country(session: Session, question: Question, answer: Answer) -> Answer | None:
    """The answer that only the country is certain; None where the text is no country's name or a place is called so."""
    text, index = question.phrase.text.strip(), question.index
    settled = answer.verdict in (PlaceVerdict.SURE, PlaceVerdict.COARSE)
    # Two letters are read as a code, and a name of two letters is more often a word.
    code = None if settled or len(text) <= 2 else country_of_text(session, question.memory, text)
    if code is None or question.context.country not in (None, code):
        return None
    named = any(reason in SAME_NAME for one in answer.candidates for reason in one.reasons)
    rows = [row for row, kind in enumerate(index.kind) if kind == PlaceKind.COUNTRY and index.countries[row] == code]
    if named or len(rows) == 0:
        return None
    row = next((row for row in rows if index.area_id[row] is not None), rows[0])
    only = entry_candidate(session, index, row, "the country of this name")
    area = area_or_none(session, index, only.area_id)
    reach = only.extent_m if area is None else reach_m(area, only.lon, only.lat)
    note = f"Only the country is certain: {only.name}."
    return Answer(
        text, PlaceVerdict.COARSE, (), only.lon, only.lat, reach, area, only.precision, LocationMethod.GAZETTEER,
        notes=(note, *question.notes),
    )  # fmt: skip


def _misfits(
    session: Session, point: Coordinates, country: str | None, admin1: str | None, admin2: str | None
) -> list[str]:
    """What speaks against coordinates: units that are not known, and those that the point lies outside of."""
    if country is None and admin1 is None and admin2 is None:
        return []
    question = ask(session, "", country=country, admin1=admin1, admin2=admin2)
    notes, lon, lat = list(question.notes), np.array([point.lon]), np.array([point.lat])
    for said, units in ((admin1, question.context.adm1), (admin2, question.context.adm2)):
        away = float(distance_outside_km(session, question.index, units, lon, lat)[0])
        if away > OUTSIDE_KM + point.radius_m / 1000:
            notes.append(f"The coordinates lie {away:.0f} km outside {said}.")
    code, found = question.context.country, places_at(session, point.lon, point.lat).country
    if code is not None and found is not None and found.country not in (None, code):
        notes.append(f"The coordinates lie in {found.name}, not in {country}.")
    return notes


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
    """The answer to ``source:key`` or an official code, which name one entry; None where the text is neither."""
    text, index = question.phrase.text.strip(), question.index
    place = _place_of_key(session, text) or _place_of_code(session, text)
    if place is None:
        return None
    if place.withdrawn:
        why = f"The entry was withdrawn. To take it back: incidents place restore {text}"
        return Answer(question.phrase.text, PlaceVerdict.NOT_FOUND, (), notes=(why,))
    row = None if place.id is None else index.row_of_place(place.id)
    if row is None:
        return None
    only = entry_candidate(session, index, row, "named by its key")
    area = area_or_none(session, index, only.area_id)
    return Answer(
        question.phrase.text, PlaceVerdict.SURE, (only,), only.lon, only.lat, only.extent_m, area, only.precision,
        LocationMethod.GAZETTEER,
    )  # fmt: skip


def _place_of_key(session: Session, text: str) -> Place | None:
    source, colon, key = text.partition(":")
    if not colon or not source.isalpha() or key == "" or " " in key:
        return None
    return session.exec(select(Place).where(Place.source == source, Place.source_key == key)).first()


def _place_of_code(session: Session, text: str) -> Place | None:
    """The one place with this code (a P-code); None where several have it, or none."""
    if _CODE.fullmatch(text) is None:
        return None
    named = select(PlaceName.place_id).where(
        PlaceName.folded == match_key(text), PlaceName.kind == NameKind.CODE, ~col(PlaceName.withdrawn)
    )
    query = select(Place).where(col(Place.id).in_(named), ~col(Place.withdrawn)).limit(2)
    found = session.exec(query).all()
    return found[0] if len(found) == 1 else None


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
