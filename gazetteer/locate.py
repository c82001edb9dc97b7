"""The door of the gazetteer: a text as a person wrote it in, an honest answer out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from db.vocabulary import PlaceVerdict
from gazetteer.search.answer import Answer


def locate(
    session: Session, text: str, *, country: str | None = None, admin1: str | None = None, admin2: str | None = None,
    near: Sequence[str] | tuple[float, float] = (), language: str | None = None, limit: int = 10,
) -> Answer:  # fmt: skip
    """Where ``text`` is, how sure that is, and what else it could be.

    Args:
        session: an open session.
        text: a name, a phrase ("5 km north-east of Idlib") or coordinates in any notation.
        country: ISO 3166 two-letter code or a name.
        admin1: governorate as the source spells it.
        admin2: district as the source spells it.
        near: names of places that the same text names, or a point (longitude, latitude) in degrees.
        language: ISO 639-1 code; names of that language are preferred among equals.
        limit: most candidates to return.
    """
    return Answer(text, PlaceVerdict.NOT_FOUND, ())
