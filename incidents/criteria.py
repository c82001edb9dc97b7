"""What is asked of the incidents, and the SQL of everything in it but the place and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session

from db.tables import (
    Attribution,
    Claim,
    GradingRow,
    Incident,
    Investigation,
    InvestigationStep,
    Report,
)
from db.vocabulary import AttributionRole, Category, Grading, InvestigationState, Outcome, Scope
from incidents.attributions import ACCUSING
from incidents.organisations import find_organisation, with_parts
from incidents.relations import QueryArea
from incidents.tiers import Tier, citable_row, current_location, known_place, seen
from incidents.words import ids_with_text


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
        category: some source makes a claim about this category of people.
        killed_min: some source names this number of killed or more.
        country: ISO 3166 code of two letters.
        text: words that begin words of the names, code, places and claims, or a part of a name, place or code
            where none do; case, marks and Arabic letter forms do not matter.
        as_of: an instant in UTC; what was said later does not count, nor does what has no date, but for places.
        tier: what may be seen; places are matched as the tier sees them.
        where: SQL over the incident, made by :func:`incidents.cql.cql_condition` for the same tier and day.
    """

    area: QueryArea | None = None
    start: datetime | None = None
    end: datetime | None = None
    status: InvestigationState | None = None
    grading: Grading | None = None
    source: str | None = None
    belligerent: str | None = None
    category: Category | None = None
    killed_min: int | None = None
    country: str | None = None
    text: str | None = None
    as_of: datetime | None = None
    tier: Tier = Tier.INTERNAL
    where: sa.ColumnElement[bool] | None = None


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def conditions(session: Session, query: Query) -> list[Any]:
    """SQL over the incident: everything that is asked for but the place and the time.

    Raises:
        NotFoundError: the source or belligerent is not recorded.
        InputError: the text is blank.
    """
    found: list[Any] = [~_c(Incident.withdrawn), _c(Incident.visibility).in_(seen(query.tier))]
    if query.text is not None:
        found.append(_c(Incident.id).in_(ids_with_text(session, query.text, query.tier, query.as_of)))
    if query.source is not None:
        found.append(_has_claim(query, _c(Claim.source_id) == find_organisation(session, query.source).key))
    if query.category is not None:
        found.append(_has_claim(query, _c(Claim.category) == query.category))
    if query.killed_min is not None:
        found.append(_has_claim(query, _reaches(query.killed_min)))
    if query.where is not None:
        found.append(query.where)
    if query.country is not None:
        found.append(_c(Incident.country) == query.country)
    if query.belligerent is not None:
        found.append(_blamed(session, query))
    if query.status is not None:
        found.append(_in_state(query))
    if query.grading is not None:
        found.append(_graded(query))
    return found


def narrows(query: Query) -> bool:
    """Whether more is asked than the place, the time and the tier."""
    asked = (
        query.text, query.source, query.category, query.killed_min, query.country, query.belligerent, query.status,
        query.grading, query.where,
    )  # fmt: skip
    return any(one is not None for one in asked)


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


def citable_claim(query: Query) -> list[Any]:
    """SQL: the claim's joined report may be cited, and the claim was certainly said by the day."""
    return _said(Claim.stated_end, query)


def in_time(query: Query) -> list[Any]:
    """SQL: the window of the incident overlaps that of the query."""
    found = []
    if query.start is not None:
        found.append(_c(Incident.end_utc) >= query.start)
    if query.end is not None:
        found.append(_c(Incident.start_utc) <= query.end)
    return found


def current_places(query: Query) -> list[Any]:
    """SQL: the location stands for the query, and its joined report may be cited and known of."""
    return [
        current_location(query.tier, query.as_of),
        citable_row(query.tier),
        known_place(Report, query.as_of),
    ]


def _in_state(query: Query) -> Any:
    """SQL: some thread of the incident stands in the state asked for, at ``as_of``."""
    step, later = aliased(InvestigationStep), aliased(InvestigationStep)
    report, its_report = aliased(Report), aliased(Report)
    after = (_c(later.taken_start) > step.taken_start) | (
        (_c(later.taken_start) == step.taken_start) & (_c(later.id) > step.id)
    )
    overtaken = sa.exists(
        sa.select(_c(later.id))
        .outerjoin(its_report, _c(its_report.id) == later.report_id)
        .where(_c(later.investigation_id) == step.investigation_id, after, *_taken(query, later, its_report))
    )
    return sa.exists(
        sa.select(_c(step.id))
        .join(Investigation, _c(Investigation.id) == step.investigation_id)
        .outerjoin(report, _c(report.id) == step.report_id)
        .where(
            _c(Investigation.incident_id) == Incident.id,
            _c(step.state) == query.status,
            ~overtaken,
            *_taken(query, step, report),
        )
    )


def _taken(query: Query, step: Any, report: Any) -> list[Any]:
    """SQL: the step may be cited, and was certainly taken by ``as_of``."""
    found = [step.report_id.is_(None) | citable_row(query.tier, report)]
    return found if query.as_of is None else [*found, step.taken_end <= query.as_of]


def _graded(query: Query) -> Any:
    """SQL: some body's last grading of the incident, at ``as_of``, is the one asked for."""
    row, later = aliased(GradingRow), aliased(GradingRow)
    report, its_report = aliased(Report), aliased(Report)
    given, then = _given(row, report), _given(later, its_report)
    after = (
        (then > given)
        | (given.is_(None) & then.is_not(None))
        | (((then == given) | (given.is_(None) & then.is_(None))) & (_c(later.id) > row.id))
    )
    overtaken = sa.exists(
        sa.select(_c(later.id))
        .outerjoin(its_report, _c(its_report.id) == later.report_id)
        .where(
            _c(later.incident_id) == row.incident_id,
            _c(later.by_id) == row.by_id,
            after,
            *_known(query, later, its_report),
        )
    )
    return sa.exists(
        sa.select(_c(row.id))
        .outerjoin(report, _c(report.id) == row.report_id)
        .where(
            _c(row.incident_id) == Incident.id,
            _c(row.grading) == query.grading,
            ~overtaken,
            *_known(query, row, report),
        )
    )


def _given(row: Any, report: Any) -> Any:
    return sa.func.coalesce(row.graded_end, report.published_end)


def _known(query: Query, row: Any, report: Any) -> list[Any]:
    """SQL: the grading may be cited, and was certainly given by ``as_of``."""
    found = [row.report_id.is_(None) | citable_row(query.tier, report)]
    return found if query.as_of is None else [*found, _given(row, report) <= query.as_of]
