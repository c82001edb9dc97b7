"""What the gazetteer holds as a whole, beside the counts by source: names, and what people did to places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import metadata
from db.vocabulary import NameKind

_PLACE, _NAME, _ANSWER = (metadata.tables[name].c for name in ("place", "place_name", "service_answer"))


@dataclass(frozen=True, slots=True)
class Holdings:
    """Totals of the gazetteer.

    Attributes:
        names: names in force by kind, the most frequent first; ``attested`` are those that people confirmed.
        languages: names in force by ISO 639 code, None where it is not known; the most frequent first.
        corrected: places that a person corrected, the withdrawn ones not counted.
        withdrawn: places that answer to nothing any more.
        names_withdrawn: names that a person withdrew.
        service_answers: answers of online services that are kept.
    """

    names: Mapping[NameKind, int]
    languages: Mapping[str | None, int]
    corrected: int
    withdrawn: int
    names_withdrawn: int
    service_answers: int


def holdings(session: Session) -> Holdings:
    """The totals of the gazetteer.

    Args:
        session: an open session.
    """
    by_both = sa.select(_NAME.kind, _NAME.language, sa.func.count()).where(~_NAME.withdrawn)
    names: dict[NameKind, int] = {}
    languages: dict[str | None, int] = {}
    for kind, language, count in session.execute(by_both.group_by(_NAME.kind, _NAME.language)):
        names[kind] = names.get(kind, 0) + count
        languages[language] = languages.get(language, 0) + count
    return Holdings(
        dict(sorted(names.items(), key=lambda item: (-item[1], item[0]))),
        dict(sorted(languages.items(), key=lambda item: (-item[1], item[0] or ""))),
        _count(session, _PLACE.id, _PLACE.corrected & ~_PLACE.withdrawn), _count(session, _PLACE.id, _PLACE.withdrawn),
        _count(session, _NAME.id, _NAME.withdrawn), _count(session, _ANSWER.id, sa.true()),
    )  # fmt: skip


def _count(session: Session, column: sa.ColumnElement[int], condition: sa.ColumnElement[bool]) -> int:
    return int(session.execute(sa.select(sa.func.count(column)).where(condition)).scalar_one())
