"""Same event: judgements on pairs of records, and the events that follow from them.

Two records judged *same* keep all their rows; the event is derived. A judgement is undone by a later one.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from db.errors import ConflictError, InputError
from db.tables import Incident, Judgement, JudgementReport
from db.vocabulary import Verdict
from incidents.inputs import Input, Line, Paragraph
from incidents.records import find_incident
from incidents.reports import find_report
from incidents.standing import Contradiction, Pair, Ruling, Standing


class JudgementInput(Input):
    """Whether two incidents are one event, or the first part of the second, with the evidence and its reports."""

    first: Line
    second: Line
    verdict: Verdict
    evidence: Paragraph
    reports: tuple[Line, ...] = ()


def judge(session: Session, data: JudgementInput) -> Judgement:
    """Record a judgement; the latest of a pair stands, ``undecided`` undoes the one before.

    Raises:
        InputError: both are one incident.
        ConflictError: what would stand contradicts itself (see :mod:`incidents.standing`); names the path. An undoing
            is refused too where others rest on it.
    """
    first, second = find_incident(session, data.first), find_incident(session, data.second)
    if first.id == second.id:
        raise InputError("same_record", "An incident is not judged against itself.", got=first.code)
    low, high = sorted((first.key, second.key))
    ruling = Ruling(data.verdict, first.key if data.verdict is Verdict.PART_OF else None)
    against = standing(session).after((low, high), ruling).contradiction()
    if against is not None:
        raise _refusal(session, against)
    reports = dict.fromkeys(find_report(session, report).key for report in data.reports)
    row = Judgement(low_id=low, high_id=high, verdict=data.verdict, part_id=ruling.part, evidence=data.evidence)
    session.add(row)
    session.flush()
    session.add_all(JudgementReport(judgement_id=row.key, report_id=key) for key in reports)
    session.flush()
    return row


_LATEST = select(func.max(Judgement.id)).group_by(col(Judgement.low_id), col(Judgement.high_id))
_STANDING = sa.select(
    col(Judgement.low_id), col(Judgement.high_id), col(Judgement.verdict), col(Judgement.part_id)
).where(col(Judgement.id).in_(_LATEST))  # fmt: skip


def standing(session: Session) -> Standing:
    """What stands of all judgements."""
    rows = session.execute(_STANDING).all()
    return Standing({(low, high): Ruling(verdict, part) for low, high, verdict, part in rows})


def current_judgements(session: Session) -> dict[Pair, Verdict]:
    """The standing verdict of every pair that was ever judged."""
    return {pair: ruling.verdict for pair, ruling in standing(session).rulings.items()}


def _refusal(session: Session, against: Contradiction) -> ConflictError:
    return ConflictError(
        "contradicting_judgement",
        f"{against.why}: {against.told(_codes(session, against.path))}.",
        fix="Undo one of them first: incidents same judge A B --verdict undecided",
    )


def _codes(session: Session, keys: tuple[int, ...] | list[int]) -> dict[int, str]:
    if len(keys) == 0:
        return {}
    query = sa.select(col(Incident.id), col(Incident.code)).where(col(Incident.id).in_(keys))
    return {row.id: row.code for row in session.execute(query)}


@dataclass(frozen=True)
class Event:
    """Records that are one event. ``code`` is that of the record first recorded."""

    code: str
    incident_ids: tuple[int, ...]


def events(session: Session) -> dict[int, Event]:
    """For each incident id that shares an event with another: the event.

    An incident that is not among the keys is an event of its own.
    """
    groups = standing(session).groups
    codes = _codes(session, [group[0] for group in groups])
    return {key: Event(codes[group[0]], tuple(group)) for group in groups for key in group}
