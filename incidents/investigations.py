"""Investigations: threads of steps that are only ever added, and the state they stand in on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session, select

from db.errors import IllegalMoveError, InputError, NotFoundError
from db.tables import Incident, Investigation, InvestigationStep, Organisation
from db.vocabulary import CONCLUDED_STATES, LEGAL_MOVES, InvestigationState, Process, StepKind, StepReason
from incidents.inputs import Dates, Input, Line, Paragraph, RowNumber, span
from incidents.organisations import find_organisation
from incidents.reports import find_report


class Taken(Protocol):
    """A step, as a row or as a view: its state and the last instant (UTC) it may have been taken at."""

    @property
    def state(self) -> InvestigationState:
        """The state after the step."""

    @property
    def taken_end(self) -> datetime:
        """The last instant of its date."""


class StepInput(Input):
    """A step of an investigation.

    ``kind`` is worked out from the state before and ``state`` unless it is given; a correction names the
    step it restates by its id in ``corrects``.
    """

    authority: Line
    process: Process = Process.CREDIBILITY_ASSESSMENT
    state: InvestigationState
    taken: Dates
    kind: StepKind | None = None
    reason: StepReason = StepReason.NONE_GIVEN
    report: Line | None = None
    corrects: RowNumber | None = None
    duplicate_of: Line | None = None
    why: Paragraph
    note: Paragraph | None = None


def add_step(session: Session, incident: Incident, data: StepInput) -> InvestigationStep:
    """Add a step to the thread of its authority and process; the first one starts the thread.

    A step may be dated before others, as old documents turn up: it must be legal after the step before it
    in time, and leave the one after it legal.

    Raises:
        IllegalMoveError: the state before, or after, does not allow it; names what is legal.
        InputError: the date is open, or a correction names no step of this thread or is dated before it.
        NotFoundError: the authority or the report is not recorded.
    """
    own = step_columns(data)
    start: datetime = own["taken_start"]
    authority = find_organisation(session, data.authority)
    thread = _thread(session, incident, authority, data.process)
    steps = [] if thread is None else steps_of(session, thread.key)
    before = [step for step in steps if step.taken_start <= start]
    after = [step for step in steps if step.taken_start > start]
    state = before[-1].state if len(before) > 0 else InvestigationState.NOT_ASSESSED
    kind = data.kind or kind_of(state, data.state, corrects=data.corrects is not None)
    where = f"{incident.code}, {data.authority}, {data.process.value}"
    _check_move(kind, state, data.state, where=where)
    if len(after) > 0:
        _check_move(after[0].kind, data.state, after[0].state, where=f"{where}, the step of {after[0].taken}")
    _check_correction(kind, data.corrects, before, steps, where=where)
    report_id = None if data.report is None else find_report(session, data.report).key
    row = InvestigationStep(
        investigation_id=(thread or _new_thread(session, incident, authority, data.process)).key,
        kind=kind,
        report_id=report_id,
        corrects_id=data.corrects,
        **own,
    )
    session.add(row)
    session.flush()
    return row


def step_columns(data: StepInput) -> dict[str, Any]:
    """The columns of the step table without its kind and what it points to.

    Raises:
        InputError: ``open_date``: the date has an open end.
    """
    start, end = span(data.taken)
    if start is None or end is None:
        raise InputError("open_date", "A step has a day, or an interval with both ends.", where="taken", got=data.taken)
    found = {name: getattr(data, name) for name in ("state", "taken", "reason", "why", "note", "duplicate_of")}
    return found | {"taken_start": start, "taken_end": end}


def _thread(session: Session, incident: Incident, authority: Organisation, process: Process) -> Investigation | None:
    query = select(Investigation).where(
        Investigation.incident_id == incident.id,
        Investigation.authority_id == authority.id,
        Investigation.process == process,
    )
    return session.exec(query).first()


def _new_thread(session: Session, incident: Incident, authority: Organisation, process: Process) -> Investigation:
    row = Investigation(incident_id=incident.key, authority_id=authority.key, process=process)
    session.add(row)
    session.flush()
    return row


def steps_of(session: Session, thread_id: int) -> list[InvestigationStep]:
    """The steps of a thread in the order they were taken; those of one day in the order recorded."""
    query = select(InvestigationStep).where(InvestigationStep.investigation_id == thread_id)
    return sorted(session.exec(query).all(), key=lambda step: (step.taken_start, step.key))


def kind_of(before: InvestigationState, state: InvestigationState, *, corrects: bool = False) -> StepKind:
    """The kind of step that leads from ``before`` to ``state`` in the ordinary course.

    >>> kind_of(InvestigationState.NON_CREDIBLE, InvestigationState.OPEN).value
    'reopened'
    """
    if corrects:
        return StepKind.CORRECTED
    if state is InvestigationState.OPEN:
        return StepKind.REOPENED if before in CONCLUDED_STATES else StepKind.OPENED
    return StepKind.CONCLUDED if state in CONCLUDED_STATES else StepKind.RECEIVED


def _check_move(kind: StepKind, before: InvestigationState, state: InvestigationState, *, where: str) -> None:
    sources, targets = LEGAL_MOVES[kind]
    if before in sources and state in targets:
        return
    raise IllegalMoveError(
        "illegal_move",
        f"It stands at {before.value}; it cannot be {kind.value} to {state.value}.",
        where=where,
        fix=f"Legal from {before.value}: {'; '.join(legal_moves(before))}.",
    )


def legal_moves(before: InvestigationState) -> list[str]:
    """The moves that ``before`` allows, as ``kind to state, state``."""
    return [
        f"{kind.value} to {', '.join(sorted(state.value for state in targets))}"
        for kind, (sources, targets) in LEGAL_MOVES.items()
        if before in sources
    ]


def _check_correction(
    kind: StepKind,
    corrects: int | None,
    before: Sequence[InvestigationStep],
    steps: Sequence[InvestigationStep],
    *,
    where: str,
) -> None:
    if (kind is StepKind.CORRECTED) != (corrects is not None):
        raise InputError(
            "correction_names_step",
            "A correction, and nothing else, names the step it restates.",
            where=where,
            fix="Give --corrects with the number shown by: incidents status history",
        )
    if corrects is not None and corrects not in {step.id for step in steps}:
        raise NotFoundError("unknown_step", "This thread has no such step.", where=where, got=corrects)
    if corrects is not None and corrects not in {step.id for step in before}:
        raise InputError("correction_too_early", "The correction is dated before the step.", where=where, got=corrects)


def state_on(steps: Iterable[Taken], as_of: datetime | None) -> InvestigationState:
    """The state of a thread at the end of ``as_of``.

    Args:
        steps: the thread's steps in the order taken.
        as_of: an instant in UTC; None means now. A step counts once the last day it may have been
            taken on has passed, so that the answer never knows more than was certain by then.
    """
    state = InvestigationState.NOT_ASSESSED
    for step in steps:
        if as_of is None or step.taken_end <= as_of:
            state = step.state
    return state
