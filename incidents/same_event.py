"""Same event: judgements on pairs of records, and the events that follow from them.

Two records judged *same* keep all their rows; the event is derived. A judgement is undone by a later one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from db.errors import ConflictError, InputError
from db.tables import Incident, Judgement, JudgementReport
from db.vocabulary import Verdict
from incidents.inputs import Input, Line, Paragraph
from incidents.records import find_incident
from incidents.reports import find_report

Pair = tuple[int, int]


class JudgementInput(Input):
    """Whether two incidents are one event, with the evidence and the reports that show it."""

    first: Line
    second: Line
    verdict: Verdict
    evidence: Paragraph
    reports: tuple[Line, ...] = ()


def judge(session: Session, data: JudgementInput) -> Judgement:
    """Record a judgement; the latest of a pair stands, ``undecided`` undoes the one before.

    Raises:
        InputError: both are one incident.
        ConflictError: the judgement contradicts others; names the path.
    """
    first, second = find_incident(session, data.first), find_incident(session, data.second)
    if first.id == second.id:
        raise InputError("same_record", "An incident is not judged against itself.", got=first.code)
    low, high = sorted((first.key, second.key))
    _check_consistent(session, (low, high), data.verdict)
    reports = dict.fromkeys(find_report(session, report).key for report in data.reports)
    row = Judgement(low_id=low, high_id=high, verdict=data.verdict, evidence=data.evidence)
    session.add(row)
    session.flush()
    session.add_all(JudgementReport(judgement_id=row.key, report_id=key) for key in reports)
    session.flush()
    return row


def current_judgements(session: Session) -> dict[Pair, Verdict]:
    """The standing verdict of every pair that was ever judged."""
    latest = select(func.max(Judgement.id)).group_by(col(Judgement.low_id), col(Judgement.high_id))
    rows = session.exec(select(Judgement).where(col(Judgement.id).in_(latest))).all()
    return {(row.low_id, row.high_id): row.verdict for row in rows}


def _check_consistent(session: Session, pair: Pair, verdict: Verdict) -> None:
    """Refuse a *same* that would join records judged *different*, and a *different* inside one event."""
    if verdict not in {Verdict.SAME, Verdict.DIFFERENT}:
        return
    standing = {key: found for key, found in current_judgements(session).items() if key != pair}
    same = [key for key, found in standing.items() if found is Verdict.SAME]
    if verdict is Verdict.DIFFERENT:
        path = _path(same, pair[0], pair[1])
        if path is not None:
            raise _contradiction(session, path, "They are one event by a chain of judgements")
        return
    # What stands is consistent, so only the event that this judgement makes can hold a contradiction.
    joined = next(group for group in _components([*same, pair]) if pair[0] in group)
    for low, high in sorted(key for key, found in standing.items() if found is Verdict.DIFFERENT):
        if low in joined and high in joined:
            path = _path([*same, pair], low, high) or [low, high]
            raise _contradiction(session, path, "The chain would join records that were judged different")


def _path(links: Sequence[Pair], start: int, goal: int) -> list[int] | None:
    """The shortest chain of ``links`` from ``start`` to ``goal``, or None."""
    neighbours: dict[int, list[int]] = {}
    for low, high in links:
        neighbours.setdefault(low, []).append(high)
        neighbours.setdefault(high, []).append(low)
    queue, came_from = deque([start]), {start: start}
    while len(queue) > 0:
        here = queue.popleft()
        if here == goal:
            return _walk_back(came_from, start, goal)
        for there in neighbours.get(here, []):
            if there not in came_from:
                came_from[there] = here
                queue.append(there)
    return None


def _walk_back(came_from: dict[int, int], start: int, goal: int) -> list[int]:
    path = [goal]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]


def _contradiction(session: Session, path: list[int], why: str) -> ConflictError:
    rows = session.exec(select(Incident.id, Incident.code).where(col(Incident.id).in_(path))).all()
    codes = dict(rows)
    return ConflictError(
        "contradicting_judgement",
        f"{why}: {' – '.join(str(codes[key]) for key in path)}.",
        fix="Undo one of them first: incidents same A B --verdict undecided",
    )


@dataclass(frozen=True)
class Event:
    """Records that are one event. ``code`` is that of the record first recorded."""

    code: str
    incident_ids: tuple[int, ...]


def events(session: Session) -> dict[int, Event]:
    """For each incident id that shares an event with another: the event.

    An incident that is not among the keys is an event of its own.
    """
    same = [pair for pair, verdict in current_judgements(session).items() if verdict is Verdict.SAME]
    groups = [sorted(group) for group in _components(same)]
    firsts = [group[0] for group in groups]
    rows = session.exec(select(Incident.id, Incident.code).where(col(Incident.id).in_(firsts))).all()
    codes = dict(rows)
    return {key: Event(codes[group[0]], tuple(group)) for group in groups for key in group}


def _components(links: Sequence[Pair]) -> list[set[int]]:
    neighbours: dict[int, set[int]] = {}
    for low, high in links:
        joined = neighbours.get(low, {low}) | neighbours.get(high, {high})
        for key in joined:
            neighbours[key] = joined
    return list({id(group): group for group in neighbours.values()}.values())
