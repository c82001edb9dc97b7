"""The steps that a changed assessment of a newer file adds to an investigation.

A source that keeps only the present state of an assessment does not say how it came to be. Where the state it gives
follows from the one it gave before, the step is an ordinary one; where it does not, it is a correction: whether the
body assessed the report anew, or the source wrote it down wrong before, is not said. Steps are dated no finer than the
two files: between the last day of the earlier one and that of the later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlmodel import Session

from db.errors import AtlasError
from db.tables import Incident
from db.vocabulary import CONCLUDED_STATES, InvestigationState, StepKind
from incidents.importers.foreign_changes import Stored
from incidents.importers.foreign_new import Checked
from incidents.importers.stored import Row
from incidents.investigations import StepInput, add_step, kind_of
from incidents.phrases import local_day


def kind_of_new(steps: Sequence[StepInput], number: int) -> StepKind:
    """The kind of a step of a new investigation; ``number`` is its place, from 0."""
    before = InvestigationState.NOT_ASSESSED if number == 0 else steps[number - 1].state
    return kind_of(before, steps[number].state)


def changed_steps(stored: Stored, checked: Checked, organisation: Callable[[str], int]) -> list[list[StepInput]]:
    """What the row's assessments say otherwise than the last import, thread by thread.

    Args:
        stored: what is recorded of the row's incident.
        checked: the row.
        organisation: the id of an organisation by its text.
    """
    held = dict(stored.steps)
    found = []
    for authority, steps in checked.threads.items():
        last = held.pop((organisation(authority), steps[0].process), None)
        found.append(list(steps) if last is None else _following(steps[-1], last))
    gone = (last for last in held.values() if last["state"] is not InvestigationState.NOT_ASSESSED)
    found += [[_withdrawal(last, checked.described.stamp)] for last in gone]
    return [steps for steps in found if len(steps) > 0]


def add_steps(session: Session, incident: Incident, steps: Sequence[StepInput], report: str) -> str | None:
    """Add the steps of one thread, all of them or none.

    Args:
        session: a write session.
        incident: what is investigated.
        steps: in their order.
        report: code of the report that stands for the file.

    Returns:
        Why they cannot be added, where what a person recorded forbids it; else None.
    """
    try:
        with session.begin_nested():
            for step in steps:
                add_step(session, incident, step.model_copy(update={"report": report}))
    except AtlasError as error:
        return error.why
    return None


def _following(wanted: StepInput, last: Row) -> list[StepInput]:
    """The step that leads from the last one of an import to the state wanted; none where it says the same."""
    if (wanted.state, wanted.reason) == (last["state"], last["reason"]):
        return []
    both_concluded = last["state"] in CONCLUDED_STATES and wanted.state in CONCLUDED_STATES
    if not both_concluded and wanted.state is not last["state"]:
        return [*_opened(wanted, last), wanted.model_copy(update={"taken": _between(last, wanted.taken)})]
    before = f"{last['state'].value}, {last['reason'].value}"
    why = f"{wanted.why} An earlier file said {before}; why it changed is not said."
    correction = {"corrects": last["id"], "taken": _between(last, wanted.taken), "why": why}
    return [wanted.model_copy(update=correction)]


def _opened(wanted: StepInput, last: Row) -> list[StepInput]:
    """The opening of an investigation that was taken back and is concluded now."""
    if last["state"] is InvestigationState.OPEN or wanted.state is InvestigationState.OPEN:
        return []
    opened = {"state": InvestigationState.OPEN, "reason": wanted.reason, "taken": _between(last, wanted.taken)}
    return [wanted.model_copy(update=opened)]


def _withdrawal(last: Row, stamp: str | None) -> StepInput:
    """The step that takes an assessment back which the source no longer gives."""
    until = local_day(last["taken_end"], None) if stamp is None else stamp[:10]
    return StepInput(
        authority=last["authority"],
        process=last["process"],
        state=InvestigationState.NOT_ASSESSED,
        kind=StepKind.WITHDRAWN,
        taken=_between(last, until),
        why="A later file of the source gives no assessment.",
    )


def _between(last: Row, taken: str) -> str:
    """From the day by which the earlier file was made to that by which the later was."""
    first, until = local_day(last["taken_end"], None), taken.rpartition("/")[2]
    return until if until <= first else f"{first}/{until}"
