"""Finding incidents by place, time, status and what was said; each answer says how sure it is.

An incident lies *surely* inside an area when every place any source gives for it does, as a whole;
*possibly* when some place overlaps it. Incidents without a place are counted and listed apart: they are
never silently in or out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session

from db.derived import is_fresh
from db.tables import Area, Incident, Location, Report, Spot
from db.tables.derived import NEVER
from incidents.answers import Answer, Cursor, Hit, Match, Page
from incidents.column_ground import ColumnGround
from incidents.columns import Columns
from incidents.criteria import Query, conditions, current_places, in_time, narrows
from incidents.placed import FEW, Found, Ground
from incidents.relations import Disc, QueryArea, relate
from incidents.spots import TIER_BITS, microseconds
from incidents.tiers import as_seen

__all__ = ["Answer", "Cursor", "Disc", "Hit", "Match", "Page", "Query", "QueryArea", "find", "page"]

AT_ONCE = 10_000
"""Fewer bound values than SQLite's limit of 32,766."""
FIRST_WALKED = 200
"""So many are read first where all are walked, so that the first is there soon."""
LONGEST_WALK = 60_000
"""So many spots are looked at in the order of the answer before all those near the area are read."""


def find(session: Session, query: Query, *, columns: Columns | None = None) -> Answer:
    """The incidents that answer to ``query``.

    Args:
        session: an open session.
        query: what is asked.
        columns: the spots in memory, where a process answers many questions.

    Raises:
        NotFoundError: the source or belligerent is not recorded.
        InputError: the text is blank.
    """
    asked = conditions(session, query)

    def untimed() -> int:
        return _untimed(session, query, asked)

    if query.area is None:
        return Answer(_ids(session, query, asked), None, list, untimed)
    if not _has_spots(session, query, columns):
        return _compared(session, query, query.area, asked, untimed)
    found = _ground(session, query, query.area, columns).near()
    chosen = (
        np.isin(found.keys, _ids(session, query, asked)) if narrows(query) else np.ones(len(found.keys), dtype=bool)
    )
    return Answer(
        found.keys[chosen],
        lambda: found.surely()[chosen],
        lambda: _without_place(session, query, asked),
        untimed,
    )


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def _ground(session: Session, query: Query, area: QueryArea, columns: Columns | None) -> Ground:
    if columns is None:
        return Ground(session, area, query.tier, query.start, query.end)
    return ColumnGround(session, columns.spots(), area, query.tier, query.start, query.end)


def _has_spots(session: Session, query: Query, columns: Columns | None) -> bool:
    """Whether the spots say what the query asks: they hold what stands now, for what is up to date."""
    return query.as_of is None and (is_fresh(session) if columns is None else columns.spots().fresh)


def _untimed(session: Session, query: Query, asked: list[Any]) -> int:
    if query.start is None and query.end is None:
        return 0
    lacking = sa.select(sa.func.count()).select_from(Incident).where(*asked, _c(Incident.start_utc).is_(None))
    return int(session.execute(lacking).scalar_one())


def _ids(session: Session, query: Query, asked: list[Any], *more: Any) -> NDArray[np.int64]:
    """The ids that pass everything but the place, in the order of the answer."""
    order = (_c(Incident.start_utc).is_(None), _c(Incident.start_utc), _c(Incident.id))
    found = sa.select(_c(Incident.id)).where(*asked, *in_time(query), *more).order_by(*order)
    # Past SQLAlchemy's rows, which cost twice as much as the search.
    rows: Any = session.connection().execute(found).cursor
    return np.fromiter(chain.from_iterable(rows), dtype=np.int64)


def _without_place(session: Session, query: Query, asked: list[Any]) -> list[int]:
    bit = TIER_BITS[query.tier]
    placed = sa.exists().where(_c(Spot.incident_id) == Incident.id, _c(Spot.tiers).bitwise_and(bit) != 0)
    return [int(key) for key in _ids(session, query, asked, ~placed)]


def _compared(session: Session, query: Query, area: QueryArea, asked: list[Any], untimed: Any) -> Answer:
    """The answer from the locations themselves, without spots: any day that ``as_of`` names."""
    keys = _ids(session, query, asked)
    relations = _relations(session, area, query)
    places = _location_query(query).subquery()
    located = session.execute(sa.select(places.c.incident_id).distinct()).scalars().all()
    found = keys[np.isin(keys, np.array(list(relations), dtype=np.int64))]
    return Answer(
        found,
        lambda: np.array([relations[key] for key in found.tolist()], dtype=bool),
        lambda: [int(key) for key in keys[~np.isin(keys, np.array(located, dtype=np.int64))]],
        untimed,
    )


def _location_query(query: Query) -> Any:
    lon, lat, radius_m, area = as_seen(query.tier)
    return (
        sa.select(
            _c(Location.id),
            _c(Location.incident_id),
            lon.label("lon"),
            lat.label("lat"),
            radius_m.label("radius_m"),
            _c(Area.wkb),
        )
        .join(Report, _c(Report.id) == Location.report_id)
        .outerjoin(Area, _c(Area.id) == area)
        .where(lon.is_not(None), *current_places(query))
    )


def _relations(session: Session, area: QueryArea, query: Query) -> dict[int, bool]:
    """Whether each incident with a place near ``area`` surely lies in it; those wholly outside are not among them."""
    rows = _rows_in_reach(session, area, query)
    inside, overlap = relate(area, rows)
    places: dict[int, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        places[row.incident_id].append(index)
    return {
        key: all(inside[index] for index in indexes)
        for key, indexes in places.items()
        if any(overlap[index] for index in indexes)
    }


def _rows_in_reach(session: Session, area: QueryArea, query: Query) -> list[Any]:
    """All places of the incidents that have one whose box touches that of ``area``."""
    west, south, east, north = area.box() if isinstance(area, Disc) else area.bounds
    reached = sa.select(_c(Location.incident_id)).where(
        _c(Location.west) <= east,
        _c(Location.east) >= west,
        _c(Location.south) <= north,
        _c(Location.north) >= south,
        ~_c(Location.withdrawn),
    )
    return list(session.execute(_location_query(query).where(_c(Location.incident_id).in_(reached))).all())


def page(
    session: Session, query: Query, limit: int, after: Cursor | None = None, *, columns: Columns | None = None
) -> Page:
    """The next ``limit`` incidents that answer to ``query``, those without a place left out.

    Rows that are added between two calls neither move nor repeat what was given before.

    Args:
        session: an open session.
        query: what is asked.
        limit: how many hits at most, 1 or more.
        after: where the page before ended.
        columns: the spots in memory, where a process answers many questions.

    Raises:
        NotFoundError: the source or belligerent is not recorded.
        InputError: the text is blank.
    """
    asked = conditions(session, query)
    if query.area is None:
        return _cut(limit, _in_order(session, query, asked, limit + 1, after), None)
    if not _has_spots(session, query, columns):
        return _page_of(session, find(session, query), limit, after)
    ground = _ground(session, query, query.area, columns)
    if columns is not None:
        return _cut(limit, _in_memory(session, query, ground, asked, limit + 1, after), ground.surely)
    return _cut(limit, _near(session, query, ground, asked, limit + 1, after), ground.surely)


def counted_page(
    session: Session, query: Query, limit: int, after: Cursor | None = None, *, columns: Columns | None = None
) -> Page:
    """As :func:`page`, with the number of all that answer."""
    if query.area is None or not _has_spots(session, query, columns):
        found = page(session, query, limit, after, columns=columns)
        if query.area is not None:
            return replace(found, total=len(find(session, query).ids))
        if columns is None or query.where is not None:
            return replace(found, total=_count(session, query))
        return replace(found, total=columns.count(query, lambda: _count(session, query)))
    near = _ground(session, query, query.area, columns).near()
    begin, many = near.after(after), len(near)
    part = np.arange(begin, min(begin + limit + 1, many))
    if narrows(query):
        chosen = np.flatnonzero(np.isin(near.keys, _ids(session, query, conditions(session, query))))
        many = len(chosen)
        part = chosen[chosen >= begin][: limit + 1]
    cursors = list(map(Cursor._make, near.at(part)))
    return replace(_cut(limit, cursors, lambda keys: near.surely(part[: len(keys)])), total=many)


def _count(session: Session, query: Query) -> int:
    asked = [*conditions(session, query), *in_time(query)]
    return int(session.execute(sa.select(sa.func.count()).select_from(Incident).where(*asked)).scalar_one())


def chosen_page(
    session: Session,
    query: Query,
    limit: int,
    after: Cursor | None = None,
    *,
    matches: Collection[Match],
    columns: Columns | None = None,
) -> Page:
    """As :func:`counted_page`, of the incidents that answer in one of the ways ``matches`` only.

    The whole answer is worked out for each page. With ``Match.UNLOCATED`` those without a place stand among the
    others, in the order of their time.
    """
    answer = find(session, query, columns=columns)
    wanted = {key: match for key, match in answer.match_of().items() if match in matches}
    found = _cursors(session, list(wanted))
    begin = 0 if after is None else bisect_right(found, after)
    shown = found[begin : begin + limit]
    more = begin + limit < len(found)
    hits = tuple(Hit(one.key, wanted[one.key]) for one in shown)
    return Page(hits, shown[-1] if more else None, len(found))


def walk(session: Session, query: Query) -> Iterator[int]:
    """The ids that pass everything but the place, in the order of the answer, read as they are taken.

    Raises:
        NotFoundError: the source or belligerent is not recorded.
        InputError: the text is blank.
    """
    return _walked(session, query, conditions(session, query))


def _walked(session: Session, query: Query, asked: list[Any]) -> Iterator[int]:
    size, after = FIRST_WALKED, None
    while len(rows := _rows_in_order(session, query, asked, size, after)) > 0:
        yield from (row[0] for row in rows)
        size, after = AT_ONCE, _as_cursors(rows[-1:])[0]


def _cursors(session: Session, keys: list[int]) -> list[Cursor]:
    """Where each of the incidents stands in the order of answers, in that order."""
    found: list[Cursor] = []
    start = sa.type_coerce(_c(Incident.start_utc), sa.types.NullType())
    for at in range(0, len(keys), AT_ONCE):
        some = sa.select(_c(Incident.id), start).where(_c(Incident.id).in_(keys[at : at + AT_ONCE]))
        rows = session.execute(some).all()
        found += map(Cursor, microseconds([row[1] for row in rows]).tolist(), [row[0] for row in rows])
    return sorted(found)


def _page_of(session: Session, answer: Answer, limit: int, after: Cursor | None) -> Page:
    """A page of an answer that was worked out as a whole."""
    found = [one for one in _cursors(session, answer.ids.tolist()) if after is None or one > after]
    matches = answer.match_of()
    shown = found[:limit]
    hits = tuple(Hit(one.key, matches[one.key]) for one in shown)
    return Page(hits, shown[-1] if len(found) > limit else None)


def _cut(limit: int, found: list[Cursor], surely: Callable[[list[int]], NDArray[np.bool_]] | None) -> Page:
    """The first ``limit`` of what was found; if there is one more, another page follows."""
    shown = found[:limit]
    keys = [one.key for one in shown]
    if surely is None:
        hits = tuple(Hit(key, Match.ANYWHERE) for key in keys)
    else:
        sure = surely(keys).tolist()
        hits = tuple(Hit(key, Match.SURELY if one else Match.POSSIBLY) for key, one in zip(keys, sure, strict=True))
    return Page(hits, shown[-1] if len(found) > limit else None)


def _in_order(session: Session, query: Query, asked: list[Any], most: int, after: Cursor | None) -> list[Cursor]:
    """The first incidents after ``after`` that pass everything but the place: the timed ones, then the others."""
    return _as_cursors(_rows_in_order(session, query, asked, most, after))


def _as_cursors(rows: list[Any]) -> list[Cursor]:
    starts = microseconds([row[1] for row in rows]).tolist()
    return [Cursor(start, row[0]) for start, row in zip(starts, rows, strict=True)]


def _rows_in_order(session: Session, query: Query, asked: list[Any], most: int, after: Cursor | None) -> list[Any]:
    """Id and start, as the driver gives it, of those that :func:`_in_order` finds."""
    key, start = _c(Incident.id), _c(Incident.start_utc)
    columns = sa.select(key, sa.type_coerce(start, sa.types.NullType())).where(*asked, *in_time(query))
    found: list[Any] = []
    if after is None or after.start < NEVER:
        timed = columns.where(start.is_not(None))
        if after is not None:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=after.start)
            timed = timed.where(sa.tuple_(start, key) > sa.tuple_(sa.literal(moment, start.type), after.key))
        found += _driver_rows(session, timed.order_by(start, key).limit(most))
        after = None
    if len(found) < most and query.start is None and query.end is None:
        rest = columns.where(start.is_(None), key > (after.key if after is not None else 0))
        found += _driver_rows(session, rest.order_by(key).limit(most - len(found)))
    return found


def _driver_rows(session: Session, statement: Any) -> list[Any]:
    """What the driver gives: SQLAlchemy's rows cost as much as the search."""
    cursor: Any = session.connection().execute(statement).cursor
    return list(cursor.fetchall())


def _in_memory(
    session: Session, query: Query, ground: Ground, asked: list[Any], most: int, after: Cursor | None
) -> list[Cursor]:
    """The first incidents after ``after`` with a place in the area, found in the columns."""
    found: list[Cursor] = []
    for block in ground.in_order(after):
        found += _passing(session, query, asked, block.keys, block.starts, most)
        if len(found) >= most:
            break
    return found[:most]


def _near(
    session: Session, query: Query, ground: Ground, asked: list[Any], most: int, after: Cursor | None
) -> list[Cursor]:
    """The first incidents after ``after`` with a place in the area, found in whichever way is the shorter.

    Where the area holds a good share of all, they are come upon soon in the order of the answer; where few places are
    near it, those are read and sorted.
    """
    found: list[Cursor] = []
    looked_at, tried = 0, False
    for block in ground.in_order(after):
        found += _passing(session, query, asked, block.keys, block.starts, most)
        if len(found) >= most:
            return found[:most]
        looked_at += block.looked_at
        if not tried:
            # So far the order has to be walked at this rate; to count what is near takes a tenth of walking past it.
            tried, walk = True, looked_at * (most - len(found)) // max(len(found), 1)
            if walk > FEW and ground.fewer_than(walk):
                return _from(session, query, asked, ground.near(), most, after)
        if looked_at > LONGEST_WALK:
            return _from(session, query, asked, ground.near(), most, after)
    return found


def _from(
    session: Session, query: Query, asked: list[Any], found: Found, most: int, after: Cursor | None
) -> list[Cursor]:
    """The first of ``found`` after ``after`` that pass the conditions."""
    begin = found.after(after)
    passed: list[Cursor] = []
    for at in range(begin, len(found.keys), max(most, 500)):
        part = slice(at, at + max(most, 500))
        passed += _passing(session, query, asked, found.keys[part], found.starts[part], most)
        if len(passed) >= most:
            break
    return passed[:most]


def _passing(
    session: Session, query: Query, asked: list[Any], keys: NDArray[np.int64], starts: NDArray[np.int64], most: int
) -> list[Cursor]:
    """The first ``most`` of ``keys`` that pass the conditions, in their order."""
    if narrows(query):
        passed: set[int] = set()
        for at in range(0, len(keys), AT_ONCE):
            some = sa.select(_c(Incident.id)).where(*asked, _c(Incident.id).in_(keys[at : at + AT_ONCE].tolist()))
            passed |= set(session.execute(some).scalars())
        chosen = np.isin(keys, np.array(sorted(passed), dtype=np.int64))
        keys, starts = keys[chosen], starts[chosen]
    return [Cursor(start, key) for start, key in zip(starts[:most].tolist(), keys[:most].tolist(), strict=True)]
