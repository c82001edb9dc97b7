"""The board: where every investigation stands, and how many were open, received and closed in a month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.errors import InputError
from db.tables import Incident, Investigation, InvestigationStep, Organisation, Report
from db.types import utc_now
from db.vocabulary import CONCLUDED_STATES, InvestigationState, Process
from incidents.tiers import Tier, citable_row, seen
from incidents.windows import day_span

UNSETTLED_STATES = frozenset({InvestigationState.REPORTED, InvestigationState.OPEN})
"""States in which an authority has a report before it and no finding yet."""


@dataclass(frozen=True)
class Move:
    """A step as the board counts it: the state after it, and the last day it may have been taken on."""

    state: InvestigationState
    taken: str
    taken_end: datetime


@dataclass(frozen=True)
class BoardRow:
    """A thread of an investigation with its steps in the order taken."""

    incident: str
    name: str
    authority: str
    authority_code: str
    process: Process
    moves: tuple[Move, ...]

    @property
    def state(self) -> InvestigationState:
        """Where it stands."""
        return self.moves[-1].state

    @property
    def since(self) -> Move:
        """The step that brought it to the state it stands in."""
        first = len(self.moves) - 1
        while first > 0 and self.moves[first - 1].state is self.state:
            first -= 1
        return self.moves[first]

    def days_open(self, now: datetime) -> int | None:
        """For how many days it has been unsettled: since the first step after the last finding; None if settled."""
        if self.state not in UNSETTLED_STATES:
            return None
        first = len(self.moves) - 1
        while first > 0 and self.moves[first - 1].state in UNSETTLED_STATES:
            first -= 1
        return max(0, (now - self.moves[first].taken_end).days)


@dataclass(frozen=True)
class Month:
    """A month of one authority as CJTF-OIR reports it: reports before it, received, closed, and left.

    ``reopened`` counts findings that were taken up again, ``withdrawn`` reports that were taken back without a
    finding; with them ``before + received + reopened - closed - withdrawn == after``.
    """

    month: str
    before: int
    received: int
    reopened: int
    closed: dict[InvestigationState, int]
    withdrawn: int
    after: int


def board(
    rows: Iterable[BoardRow],
    *,
    authority: str | None = None,
    state: InvestigationState | None = None,
    since: datetime | None = None,
) -> list[BoardRow]:
    """The threads of ``rows`` that are asked for, those that changed last first.

    Args:
        rows: of :func:`threads`.
        authority: code of the authority.
        state: where the thread stands.
        since: an instant in UTC; some step of the thread was taken after it.
    """
    found = [
        row
        for row in rows
        if authority in (None, row.authority_code)
        and state in (None, row.state)
        and (since is None or row.moves[-1].taken_end > since)
    ]
    return sorted(found, key=lambda row: (row.moves[-1].taken_end, row.incident, row.process), reverse=True)


def months(rows: Iterable[BoardRow]) -> list[Month]:
    """The months from the first to the last step of ``rows``, the latest first."""
    whole = list(rows)
    ends = [move.taken_end for row in whole for move in row.moves]
    if len(ends) == 0:
        return []
    found, month = [], min(ends).strftime("%Y-%m")
    while month <= max(ends).strftime("%Y-%m"):
        found.append(month_of(whole, month))
        month = (_last(month) + timedelta(days=1)).strftime("%Y-%m")
    return found[::-1]


def month_of(rows: Iterable[BoardRow], month: str) -> Month:
    """How ``rows`` stood before, in and after a month.

    A step counts in the month of the last day that it may have been taken on.

    Args:
        rows: whole threads: a board narrowed by state counts too few.
        month: ``2017-03``.

    Raises:
        InputError: ``month`` is none.
    """
    first, last = day_span(month, allow_open=False)
    if first is None or last is None or len(month) != 7:
        raise InputError("bad_month", "A month is written YYYY-MM.", got=month, fix="For example 2017-03.")
    counts = {"before": 0, "received": 0, "reopened": 0, "withdrawn": 0, "after": 0}
    closed: dict[InvestigationState, int] = {}
    for row in rows:
        state, before = InvestigationState.NOT_ASSESSED, True
        for end, move in _in_time(row.moves):
            if before and end >= first:
                counts["before"] += state in UNSETTLED_STATES
                before = False
            if end > last:
                break
            if not before:
                _count(counts, closed, state, move.state)
            state = move.state
        counts["before"] += before and state in UNSETTLED_STATES
        counts["after"] += state in UNSETTLED_STATES
    return Month(
        month, counts["before"], counts["received"], counts["reopened"], closed, counts["withdrawn"], counts["after"]
    )


def _count(
    counts: dict[str, int], closed: dict[InvestigationState, int], old: InvestigationState, new: InvestigationState
) -> None:
    """Count one move; one between two findings, or between reported and open, changes nothing that is counted."""
    if old not in UNSETTLED_STATES and new in UNSETTLED_STATES:
        counts["reopened" if old in CONCLUDED_STATES else "received"] += 1
    elif old in UNSETTLED_STATES and new in CONCLUDED_STATES:
        closed[new] = closed.get(new, 0) + 1
    elif old in UNSETTLED_STATES and new not in UNSETTLED_STATES:
        counts["withdrawn"] += 1


def _in_time(moves: Sequence[Move]) -> Iterator[tuple[datetime, Move]]:
    """Each move with the day it is counted on: never before that of the move it follows."""
    latest = None
    for move in moves:
        latest = move.taken_end if latest is None else max(latest, move.taken_end)
        yield latest, move


def _last(month: str) -> datetime:
    return day_span(month, allow_open=False)[1] or utc_now()


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def threads(session: Session, tier: Tier) -> list[BoardRow]:
    """The threads with a step that ``tier`` may see."""
    step = InvestigationStep
    asked = (
        sa.select(
            _c(step.investigation_id), _c(Incident.code), _c(Incident.name), _c(Organisation.name),
            _c(Organisation.code), _c(Investigation.process), _c(step.state), _c(step.taken), _c(step.taken_end),
        )
        .join_from(InvestigationStep, Investigation, _c(Investigation.id) == step.investigation_id)
        .join(Incident, _c(Incident.id) == Investigation.incident_id)
        .join(Organisation, _c(Organisation.id) == Investigation.authority_id)
        .outerjoin(Report, _c(Report.id) == step.report_id)
        .where(
            ~_c(Incident.withdrawn),
            _c(Incident.visibility).in_(seen(tier)),
            _c(step.report_id).is_(None) | citable_row(tier),
        )
        .order_by(_c(step.investigation_id), _c(step.taken_start), _c(step.id))
    )  # fmt: skip
    found: dict[int, list[Any]] = {}
    for row in session.execute(asked):
        found.setdefault(row[0], []).append(row)
    return [_row(rows) for rows in found.values()]


def _row(rows: Sequence[Any]) -> BoardRow:
    _, incident, name, authority, authority_code, process, *_ = rows[0]
    moves = tuple(Move(state, taken, taken_end) for *_, state, taken, taken_end in rows)
    return BoardRow(incident, name, authority, authority_code, process, moves)
