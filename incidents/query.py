"""Finding incidents by place, time, status and what was said; each answer says how sure it is.

An incident lies *surely* inside an area when every place any source gives for it does, as a whole;
*possibly* when some place overlaps it. Incidents without a place are counted and listed apart: they are
never silently in or out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session

from db.errors import InputError
from db.tables import (
    Area,
    Attribution,
    Claim,
    GradingRow,
    Incident,
    IncidentCode,
    IncidentName,
    Investigation,
    InvestigationStep,
    Location,
    Report,
)
from db.vocabulary import AttributionRole, Geoprivacy, Grading, InvestigationState, Outcome, Scope
from gazetteer.folding import fold
from incidents.attributions import ACCUSING
from incidents.organisations import find_organisation, with_parts
from incidents.relations import Disc, QueryArea, relate
from incidents.tiers import Tier, as_seen, citable_row, current_location, known_place, seen

__all__ = ["Answer", "Disc", "Hit", "Match", "Query", "QueryArea", "find"]


class Match(StrEnum):
    """How an incident answers to a place query."""

    SURELY = "surely"
    POSSIBLY = "possibly"
    UNLOCATED = "unlocated"
    ANYWHERE = "anywhere"


@dataclass(frozen=True)
class Query:
    """What is asked; every part that is not None narrows the answer.

    Attributes:
        area: a disc or a polygon (degrees, longitude first).
        start, end: instants in UTC; the incident's window overlaps them, closed at both ends.
        status: some investigation stands in this state (at ``as_of``); one that nobody recorded is in none.
        grading: some body's current grading is this one.
        source: code or name of an organisation that made a claim.
        belligerent: code or name of an actor that some source names as perpetrator, or as a side; its parts
            count, the members of a coalition do not, and a denial names nobody.
        killed_min: some source names this number of killed or more.
        text: part of a name, place or code; case, marks and Arabic letter forms do not matter.
        as_of: an instant in UTC; what was said later does not count, nor does what has no date, but for places.
        tier: what may be seen; places are matched as the tier sees them.
    """

    area: QueryArea | None = None
    start: datetime | None = None
    end: datetime | None = None
    status: InvestigationState | None = None
    grading: Grading | None = None
    source: str | None = None
    belligerent: str | None = None
    killed_min: int | None = None
    text: str | None = None
    as_of: datetime | None = None
    tier: Tier = Tier.INTERNAL


@dataclass(frozen=True)
class Hit:
    """An incident that answers, and how."""

    key: int
    match: Match


@dataclass(frozen=True)
class Answer:
    """What a query found, ordered by time and code.

    ``unlocated`` holds those that have no place to compare; ``untimed`` counts those that a query by time
    leaves out because they have no time.
    """

    hits: tuple[Hit, ...]
    unlocated: tuple[Hit, ...]
    untimed: int = 0

    def keys(self, *, unlocated: bool = False) -> list[int]:
        """The incident ids, those without a place last if they are asked for."""
        return [hit.key for hit in (*self.hits, *(self.unlocated if unlocated else ()))]

    def match_of(self) -> dict[int, Match]:
        """How each incident answers."""
        return {hit.key: hit.match for hit in (*self.hits, *self.unlocated)}


def find(session: Session, query: Query) -> Answer:
    """The incidents that answer to ``query``.

    Raises:
        NotFoundError: the source or belligerent is not recorded.
        InputError: the text is blank.
    """
    keys, untimed = _matching(session, query)
    if query.area is None:
        return Answer(tuple(Hit(key, Match.ANYWHERE) for key in keys), (), untimed)
    located = _located(session, query)
    found = _relations(session, query.area, query)
    hits = [Hit(key, found[key]) for key in keys if key in found]
    return Answer(tuple(hits), tuple(Hit(key, Match.UNLOCATED) for key in keys if key not in located), untimed)


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def _matching(session: Session, query: Query) -> tuple[list[int], int]:
    """The ids that pass everything but the place, in the order of the answer, and how many lack only a time."""
    conditions = _conditions(session, query)
    timed: list[Any] = []
    if query.start is not None:
        timed.append(_c(Incident.end_utc) >= query.start)
    if query.end is not None:
        timed.append(_c(Incident.start_utc) <= query.end)
    untimed = 0
    if len(timed) > 0:
        lacking = sa.select(sa.func.count()).where(*conditions, _c(Incident.start_utc).is_(None))
        untimed = session.execute(lacking).scalar_one()
    order = (_c(Incident.start_utc).is_(None), _c(Incident.start_utc), _c(Incident.code))
    found = sa.select(_c(Incident.id)).where(*conditions, *timed).order_by(*order)
    return list(session.execute(found).scalars()), untimed


def _conditions(session: Session, query: Query) -> list[Any]:
    """SQL: everything that is asked for but the place and the time."""
    conditions: list[Any] = [~_c(Incident.withdrawn), _c(Incident.visibility).in_(seen(query.tier))]
    if query.text is not None:
        conditions.append(_text(session, query.text, query))
    if query.source is not None:
        conditions.append(_has_claim(query, _c(Claim.source_id) == find_organisation(session, query.source).key))
    if query.killed_min is not None:
        conditions.append(_has_claim(query, _reaches(query.killed_min)))
    if query.belligerent is not None:
        conditions.append(_blamed(session, query))
    if query.status is not None:
        conditions.append(_c(Incident.id).in_(_in_state(session, query)))
    if query.grading is not None:
        conditions.append(_c(Incident.id).in_(_graded(session, query)))
    return conditions


def _said(end: Any, query: Query, report: Any = Report) -> list[Any]:
    """SQL: the joined ``report`` may be cited, and the thing was certainly said by ``as_of``."""
    conditions = [citable_row(query.tier, report)]
    if query.as_of is not None:
        conditions.append(sa.func.coalesce(end, report.published_end) <= query.as_of)
    return conditions


def _has_claim(query: Query, condition: Any) -> Any:
    """SQL: the incident has a claim, current for the tier on the day, that meets ``condition``."""
    later, report = aliased(Claim), aliased(Report)
    superseded = sa.exists().where(
        _c(later.supersedes_id) == Claim.id,
        _c(report.id) == later.report_id,
        *_said(later.stated_end, query, report),
    )
    withdrawn = _c(Claim.withdrawn)
    if query.as_of is not None:
        withdrawn &= _c(Claim.withdrawn_on).is_(None) | (_c(Claim.withdrawn_on) <= query.as_of)
    return sa.exists(
        sa.select(_c(Claim.id))
        .join(Report, _c(Report.id) == Claim.report_id)
        .where(
            _c(Claim.incident_id) == Incident.id,
            _c(Claim.scope) == Scope.INCIDENT,
            ~withdrawn,
            ~superseded,
            condition,
            *_said(Claim.stated_end, query),
        )
    )


def _reaches(number: int) -> Any:
    return (_c(Claim.outcome) == Outcome.KILLED) & (sa.func.coalesce(Claim.maximum, Claim.minimum) >= number)


def _blamed(session: Session, query: Query) -> Any:
    actors = with_parts(session, find_organisation(session, query.belligerent or ""))
    return sa.exists(
        sa.select(_c(Attribution.id))
        .join(Report, _c(Report.id) == Attribution.report_id)
        .where(
            _c(Attribution.incident_id) == Incident.id,
            ~_c(Attribution.withdrawn),
            _c(Attribution.organisation_id).in_(actors),
            _c(Attribution.role).in_([AttributionRole.PERPETRATOR, AttributionRole.SIDE]),
            _c(Attribution.strength).in_(ACCUSING),
            *_said(Attribution.stated_end, query),
        )
    )


def _text(session: Session, text: str, query: Query) -> Any:
    """SQL: a code, a name or the name of a place holds ``text``."""
    if len(text.strip()) == 0:
        raise InputError("blank", "The text to search for is blank.")
    coded = sa.select(_c(IncidentCode.incident_id)).where(_c(IncidentCode.code) == text)
    condition = _c(Incident.code).contains(text, autoescape=True) | _c(Incident.id).in_(coded)
    pattern = fold(text)
    if pattern == "":
        # Nothing but signs: as a pattern it would find every name.
        return condition
    named = sa.select(_c(IncidentName.incident_id)).where(_c(IncidentName.folded).contains(pattern, autoescape=True))
    places = [name for name in session.execute(sa.select(_c(Location.place_name)).distinct()).scalars() if name]
    held = [name for name in places if pattern in fold(name)]
    placed = (
        sa.select(_c(Location.incident_id))
        .join(Report, _c(Report.id) == Location.report_id)
        .where(_c(Location.place_name).in_(held), *_current(query))
    )
    if query.tier is not Tier.INTERNAL:
        # The name of a lowered place would let a reader search for what was hidden.
        placed = placed.where(_c(Location.geoprivacy) == Geoprivacy.EXACT)
    return condition | _c(Incident.id).in_(named) | _c(Incident.id).in_(placed)


def _current(query: Query) -> list[Any]:
    """SQL: the location stands, and its joined report may be cited and known of."""
    return [
        current_location(query.tier, query.as_of),
        citable_row(query.tier),
        known_place(Report, query.as_of),
    ]


def _in_state(session: Session, query: Query) -> list[int]:
    """Incidents of which some thread stands in the state asked for, at ``as_of``."""
    ranked = (
        sa.select(
            _c(Investigation.incident_id).label("incident_id"),
            _c(InvestigationStep.state).label("state"),
            sa.func.row_number()
            .over(
                partition_by=_c(InvestigationStep.investigation_id),
                order_by=(_c(InvestigationStep.taken_start).desc(), _c(InvestigationStep.id).desc()),
            )
            .label("place"),
        )
        .join(Investigation, _c(Investigation.id) == InvestigationStep.investigation_id)
        .outerjoin(Report, _c(Report.id) == InvestigationStep.report_id)
        .where(_c(InvestigationStep.report_id).is_(None) | citable_row(query.tier))
    )
    if query.as_of is not None:
        ranked = ranked.where(_c(InvestigationStep.taken_end) <= query.as_of)
    last = ranked.subquery()
    return list(
        session.execute(sa.select(last.c.incident_id).where(last.c.place == 1, last.c.state == query.status)).scalars()
    )


def _graded(session: Session, query: Query) -> list[int]:
    """Incidents of which some body's last grading, at ``as_of``, is the one asked for."""
    given = sa.func.coalesce(GradingRow.graded_end, Report.published_end)
    ranked = (
        sa.select(
            _c(GradingRow.incident_id).label("incident_id"),
            _c(GradingRow.grading).label("grading"),
            sa.func.row_number()
            .over(
                partition_by=(_c(GradingRow.incident_id), _c(GradingRow.by_id)),
                order_by=(given.desc().nulls_last(), _c(GradingRow.id).desc()),
            )
            .label("place"),
        )
        .outerjoin(Report, _c(Report.id) == GradingRow.report_id)
        .where(_c(GradingRow.report_id).is_(None) | citable_row(query.tier))
    )
    if query.as_of is not None:
        ranked = ranked.where(given <= query.as_of)
    last = ranked.subquery()
    return list(
        session.execute(
            sa.select(last.c.incident_id).where(last.c.place == 1, last.c.grading == query.grading)
        ).scalars()
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
        .where(lon.is_not(None), *_current(query))
    )


def _located(session: Session, query: Query) -> set[int]:
    found = _location_query(query).subquery()
    return set(session.execute(sa.select(found.c.incident_id).distinct()).scalars())


def _relations(session: Session, area: QueryArea, query: Query) -> dict[int, Match]:
    """How each incident with a place near ``area`` lies to it; those wholly outside are not among the keys."""
    rows = _rows_in_reach(session, area, query)
    inside, overlap = relate(area, rows)
    places: dict[int, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        places[row.incident_id].append(index)
    return {
        key: Match.SURELY if all(inside[index] for index in indexes) else Match.POSSIBLY
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
