"""What incidents are made of, page by page: their places, their claims, the areas drawn for them, and their events.

Each list is of the incidents that answer to a query, and holds only what its tier may see of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from db.keys import one_of
from db.tables import Area, Claim, Incident, Location, Report
from db.vocabulary import Scope
from incidents.columns import Columns
from incidents.criteria import Query, citable_claim, conditions, current_places, in_time
from incidents.query import find
from incidents.same_event import events
from incidents.tiers import as_seen


class Part(StrEnum):
    """What an incident has several of, or shares with others."""

    LOCATIONS = "locations"
    CLAIMS = "claims"
    AREAS = "areas"
    EVENTS = "events"


@dataclass(frozen=True)
class PartRow:
    """One of them: its number, and the incidents that it is of."""

    key: int
    incidents: tuple[int, ...]


@dataclass(frozen=True)
class PartPage:
    """A page in the order of the numbers; ``next`` is the last of them where more follow, ``total`` counts all."""

    rows: tuple[PartRow, ...]
    next: int | None
    total: int


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def part_page(
    session: Session, part: Part, query: Query, limit: int, after: int = 0, *, columns: Columns | None = None
) -> PartPage:
    """The next ``limit`` of the parts of the incidents that answer to ``query``.

    Args:
        session: an open session.
        part: what is listed.
        query: what is asked of the incidents.
        limit: how many at most.
        after: the number where the page before ended.
        columns: the spots in memory, where a process answers many questions.

    Raises:
        As :func:`incidents.query.find`.
    """
    if part is Part.EVENTS:
        return _events(session, _answering(session, query, columns), limit, after)
    rows, key = _rows(part, query, _answering(session, query, columns))
    total = session.execute(sa.select(sa.func.count()).select_from(rows.subquery())).scalar_one()
    page = session.execute(rows.where(key > after).order_by(key).limit(limit + 1)).all()
    found = [PartRow(row[0], () if row[1] is None else (row[1],)) for row in page[:limit]]
    return PartPage(tuple(found), found[-1].key if len(page) > limit else None, int(total))


def part_row(session: Session, part: Part, query: Query, key: int) -> PartRow | None:
    """The part with the number ``key``; None where there is none that may be seen."""
    if part is Part.EVENTS:
        event = events(session).get(key)
        members = () if event is None else event.incident_ids
        return _event(members, _answering_among(session, _answering(session, query, None), members))
    found = part_page(session, part, query, 1, key - 1)
    return found.rows[0] if len(found.rows) > 0 and found.rows[0].key == key else None


def _answering(session: Session, query: Query, columns: Columns | None) -> Callable[[Any], Any]:
    """Makes SQL of a column of incidents: it is one that answers."""
    if query.area is None:
        answering = sa.select(_c(Incident.id)).where(*conditions(session, query), *in_time(query))
        return lambda column: column.in_(answering)
    keys = find(session, query, columns=columns).keys()
    return lambda column: one_of(column, keys)


def _rows(part: Part, query: Query, answers: Callable[[Any], Any]) -> tuple[Any, Any]:
    """The query of the numbers with their incidents, and the column of the numbers."""
    if part is Part.CLAIMS:
        key, incident = _c(Claim.id), _c(Claim.incident_id)
        rows = sa.select(key, incident).join(Report, _c(Report.id) == Claim.report_id)
        return rows.where(_c(Claim.scope) == Scope.INCIDENT, answers(incident), *citable_claim(query)), key
    *_, area = as_seen(query.tier)
    key, incident = _c(Location.id), _c(Location.incident_id)
    rows = sa.select(key, incident).join(Report, _c(Report.id) == Location.report_id)
    rows = rows.where(answers(incident), *current_places(query))
    if part is Part.LOCATIONS:
        return rows, key
    shown = sa.select(area).where(_c(Location.id).in_(rows.with_only_columns(key)), area.is_not(None))
    return sa.select(_c(Area.id), sa.null()).where(_c(Area.id).in_(shown)), _c(Area.id)


def _events(session: Session, answers: Callable[[Any], Any], limit: int, after: int) -> PartPage:
    """Groups of records that are one event, of which two or more answer; numbered by the first of these."""
    joined = {event.incident_ids: event for event in events(session).values()}
    known = _answering_among(session, answers, [key for members in joined for key in members])
    groups = {row.key: row for members in joined if (row := _event(members, known)) is not None}
    order = sorted(groups)
    begin = int(np.searchsorted(order, after, side="right"))
    shown = order[begin : begin + limit]
    more = begin + limit < len(order)
    return PartPage(tuple(groups[key] for key in shown), shown[-1] if more else None, len(order))


def _answering_among(session: Session, answers: Callable[[Any], Any], keys: Sequence[int]) -> set[int]:
    key = _c(Incident.id)
    return set(session.execute(sa.select(key).where(one_of(key, keys), answers(key))).scalars())


def _event(members: Sequence[int], known: set[int]) -> PartRow | None:
    seen = tuple(key for key in members if key in known)
    return PartRow(seen[0], seen) if len(seen) > 1 else None


def area_shapes(session: Session, keys: Sequence[int]) -> dict[int, BaseGeometry]:
    """The polygons with the numbers ``keys``."""
    rows = session.execute(sa.select(_c(Area.id), _c(Area.wkb)).where(one_of(_c(Area.id), keys))).all()
    return {key: shapely.from_wkb(wkb) for key, wkb in rows}


def areas_touching(session: Session, box: tuple[float, float, float, float]) -> list[int]:
    """The numbers of the polygons whose boxes touch ``box`` (degrees), whoever may see them."""
    west, south, east, north = box
    touching = (_c(Area.west) <= east, _c(Area.east) >= west, _c(Area.south) <= north, _c(Area.north) >= south)
    return list(session.execute(sa.select(_c(Area.id)).where(*touching).order_by(_c(Area.id))).scalars())
