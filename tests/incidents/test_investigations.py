from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, func, select

from db.errors import IllegalMoveError, InputError, NotFoundError
from db.session import write_session
from db.tables import Incident, Investigation, InvestigationStep
from db.types import UtcDateTime
from db.vocabulary import CONCLUDED_STATES, LEGAL_MOVES, InvestigationState, Process, StepKind
from incidents.investigations import kind_of, legal_moves, state_on, steps_of
from incidents.records import find_incident
from tests.editions import Edition
from tests.incidents.factories import bare_thread, basics, end_of, incident, organisation, step

State = InvestigationState
NUMBERS = itertools.count()


@pytest.fixture
def school(session: Session) -> Incident:
    basics(session)
    return incident(session, "school")


@pytest.fixture(scope="module")
def scratch(edition: Edition) -> Iterator[Session]:
    """One session for many generated walks, each on an incident of its own."""
    with write_session(edition.empty(), who="tester", why="walks") as opened:
        basics(opened)
        yield opened


def steps_in(session: Session, about: Incident) -> list[InvestigationStep]:
    threads = session.exec(select(Investigation).where(Investigation.incident_id == about.id)).all()
    return [found for thread in threads for found in steps_of(session, thread.key)]


def walk_to(session: Session, about: Incident, state: State) -> None:
    """Lead the thread to ``state`` by legal steps on the first days of March 2017."""
    paths: dict[State, list[dict[str, Any]]] = {
        State.NOT_ASSESSED: [],
        State.REPORTED: [{"state": "reported"}],
        State.OPEN: [{"state": "open"}],
    }
    path = paths.get(state, [{"state": "open"}, {"state": state.value}])
    for number, given_step in enumerate(path, start=1):
        step(session, about, taken=f"2017-03-0{number}", **given_step)


@pytest.mark.parametrize("target", list(State))
@pytest.mark.parametrize("kind", list(StepKind))
@pytest.mark.parametrize("before", list(State))
def test_every_move_is_taken_or_refused_by_the_table(
    scratch: Session, before: State, kind: StepKind, target: State
) -> None:
    about = incident(scratch, f"{before.value}-{kind.value}-{target.value}")
    walk_to(scratch, about, before)
    corrects = (
        steps_in(scratch, about)[-1].key if kind is StepKind.CORRECTED and before is not State.NOT_ASSESSED else None
    )
    given_step: dict[str, Any] = {
        "state": target.value,
        "taken": "2017-03-09",
        "kind": kind.value,
        "corrects": corrects,
    }
    sources, targets = LEGAL_MOVES[kind]
    if before in sources and target in targets and not (kind is StepKind.CORRECTED and corrects is None):
        assert step(scratch, about, **given_step).state is target
    else:
        with pytest.raises(InputError):
            step(scratch, about, **given_step)


def test_an_illegal_step_names_the_legal_ones_and_leaves_no_empty_thread(session: Session, school: Incident) -> None:
    with pytest.raises(IllegalMoveError) as caught:
        step(session, school, "credible", "2017-03-22")
    text = str(caught.value)
    assert caught.value.code == "illegal_move"
    assert "It stands at not_assessed; it cannot be concluded to credible." in text
    for move in ("received to reported", "opened to open"):
        assert move in text
    assert session.exec(select(func.count()).select_from(Investigation)).one() == 0


@pytest.mark.parametrize("state", list(State))
def test_the_legal_moves_of_a_state_are_those_of_the_table(state: State) -> None:
    kinds = {line.partition(" to ")[0] for line in legal_moves(state)}
    assert kinds == {kind.value for kind, (sources, _) in LEGAL_MOVES.items() if state in sources}


@pytest.mark.parametrize("missing", ["why", "state", "taken", "authority"])
def test_a_step_without_its_reason_or_another_part_is_refused(
    session: Session, school: Incident, missing: str
) -> None:  # B64
    given_step: dict[str, Any] = {"state": "open", "taken": "2017-03-22", missing: None}
    with pytest.raises(InputError) as caught:
        step(session, school, **given_step)
    assert missing in str(caught.value)


def test_a_blank_reason_is_refused(session: Session, school: Incident) -> None:  # B64
    with pytest.raises(InputError, match="blank"):
        step(session, school, "open", "2017-03-22", why="  ")


@pytest.mark.input
@pytest.mark.parametrize(
    ("given_step", "code"),
    [
        ({"taken": "2017-03-22/.."}, "open_date"),
        ({"taken": "2017-02-30"}, "impossible_date"),
        ({"taken": "22/03/2017"}, "slashed_date"),
        ({"taken": "2999-01-01"}, "future_date"),
        ({"authority": "nobody"}, "unknown_organisation"),
        ({"report": "no-report"}, "unknown_report"),
        ({"state": "confirmed"}, "unknown_value"),
        ({"process": "inquest"}, "unknown_value"),
        ({"corrects": True}, "invalid_value"),
        ({"kind": "corrected"}, "correction_names_step"),
        ({"corrects": 99}, "unknown_step"),
    ],
)
def test_a_bad_step_is_refused_and_nothing_is_recorded(
    session: Session, school: Incident, given_step: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        step(session, school, **({"state": "open", "taken": "2017-03-22"} | given_step))
    assert caught.value.code == code
    assert session.exec(select(func.count()).select_from(Investigation)).one() == 0


def school_path(session: Session, about: Incident) -> list[InvestigationStep]:
    step(session, about, "open", "2017-03-22")
    step(session, about, "non_credible", "2017-07-07", reason="insufficient_evidence")
    step(session, about, "open", "2017-09-24/2018-06-28", reason="new_evidence")
    step(session, about, "credible", "2018-06-28")
    return steps_in(session, about)


def test_the_path_of_the_school_is_read_from_its_steps(session: Session, school: Incident) -> None:
    steps = school_path(session, school)
    assert [found.kind for found in steps] == [
        StepKind.OPENED,
        StepKind.CONCLUDED,
        StepKind.REOPENED,
        StepKind.CONCLUDED,
    ]
    assert [found.state.value for found in steps] == ["open", "non_credible", "open", "credible"]


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2017-03-21", State.NOT_ASSESSED),
        ("2017-03-22", State.OPEN),
        ("2017-07-06", State.OPEN),
        ("2017-07-07", State.NON_CREDIBLE),
        ("2017-08-01", State.NON_CREDIBLE),
        ("2017-10-01", State.NON_CREDIBLE),  # reopened some day until June 2018: not certain yet
        ("2018-06-27", State.NON_CREDIBLE),
        ("2018-06-28", State.CREDIBLE),
    ],
)
def test_the_state_on_a_day_knows_no_more_than_was_certain_by_then(
    session: Session, school: Incident, day: str, state: State
) -> None:
    assert state_on(school_path(session, school), end_of(day)) is state


def test_the_state_now_is_that_of_the_last_step(session: Session, school: Incident) -> None:
    assert state_on(school_path(session, school), None) is State.CREDIBLE
    assert state_on([], None) is State.NOT_ASSESSED


def test_a_step_may_be_dated_before_others_where_both_neighbours_stay_legal(session: Session, school: Incident) -> None:
    step(session, school, "open", "2017-03-22")
    step(session, school, "reported", "2017-03-21")
    assert [found.state for found in steps_in(session, school)] == [State.REPORTED, State.OPEN]


def test_a_step_dated_before_others_must_leave_the_next_one_legal(session: Session, school: Incident) -> None:
    step(session, school, "open", "2017-03-22")
    step(session, school, "non_credible", "2017-07-07")
    with pytest.raises(IllegalMoveError) as caught:
        step(session, school, "inconclusive", "2017-05-01")
    assert "the step of 2017-07-07" in str(caught.value)
    with pytest.raises(IllegalMoveError):
        step(session, school, "open", "2017-03-01")  # the opening of 22 March would open what is open


def test_steps_of_one_day_stand_in_the_order_recorded(session: Session, school: Incident) -> None:
    step(session, school, "open", "2017-06-28")
    step(session, school, "credible", "2017-06-28")
    assert [found.state for found in steps_in(session, school)] == [State.OPEN, State.CREDIBLE]
    with pytest.raises(IllegalMoveError):
        step(session, school, "reported", "2017-06-28")


def test_two_processes_of_one_authority_are_two_threads(session: Session, school: Incident) -> None:
    step(session, school, "open", "2017-03-20")
    step(session, school, "open", "2017-03-20", process="command_investigation")
    step(session, school, "credible", "2017-06-07", process="command_investigation")
    threads = session.exec(select(Investigation).order_by(Investigation.process)).all()
    states = {thread.process: state_on(steps_of(session, thread.key), None) for thread in threads}
    assert states == {Process.CREDIBILITY_ASSESSMENT: State.OPEN, Process.COMMAND_INVESTIGATION: State.CREDIBLE}


def test_two_authorities_are_two_threads(session: Session, school: Incident) -> None:
    organisation(session, "ministry")
    step(session, school, "open", "2017-03-20")
    step(session, school, "reported", "2017-03-20", authority="ministry")
    assert session.exec(select(func.count()).select_from(Investigation)).one() == 2


def test_a_correction_names_a_step_and_leaves_it_in_place(session: Session, school: Incident) -> None:
    step(session, school, "open", "2017-03-22")
    wrong = step(session, school, "non_credible", "2017-07-07")
    found = step(session, school, "credible", "2017-07-20", corrects=wrong.key)
    assert found.kind is StepKind.CORRECTED
    assert [row.key for row in steps_in(session, school)][-2:] == [wrong.key, found.key]
    assert state_on(steps_in(session, school), end_of("2017-07-10")) is State.NON_CREDIBLE


def test_a_correction_cannot_name_a_step_of_another_thread(session: Session, school: Incident) -> None:
    step(session, school, "open", "2017-03-22")
    other = step(session, school, "open", "2017-03-22", process="court")
    with pytest.raises(NotFoundError) as caught:
        step(session, school, "credible", "2017-07-20", corrects=other.key)
    assert caught.value.code == "unknown_step"


def test_a_correction_cannot_be_dated_before_the_step(session: Session, school: Incident) -> None:
    opened = step(session, school, "open", "2017-03-22")
    with pytest.raises(InputError) as caught:
        step(session, school, "reported", "2017-03-21", corrects=opened.key)
    assert caught.value.code in {"correction_too_early", "illegal_move"}
    concluded = step(session, school, "credible", "2017-07-07")
    with pytest.raises(InputError) as caught:
        step(session, school, "open", "2017-04-01", corrects=concluded.key)
    assert caught.value.code == "correction_too_early"


def test_only_a_correction_names_a_step(session: Session, school: Incident) -> None:
    opened = step(session, school, "open", "2017-03-22")
    with pytest.raises(InputError) as caught:
        step(session, school, "credible", "2017-07-07", kind="concluded", corrects=opened.key)
    assert caught.value.code == "correction_names_step"


@pytest.mark.parametrize("before", list(State))
@pytest.mark.parametrize("state", sorted(CONCLUDED_STATES))
def test_a_finding_is_a_conclusion_in_the_ordinary_course(before: State, state: State) -> None:
    assert kind_of(before, state) is StepKind.CONCLUDED
    assert kind_of(before, state, corrects=True) is StepKind.CORRECTED


def test_the_steps_of_a_thread_are_append_only_for_raw_sql(session: Session, school: Incident) -> None:
    found = step(session, school, "open", "2017-03-22")
    for sql in ("UPDATE investigation_step SET state = 'credible' WHERE id = :id", "DELETE FROM investigation_step"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(sa.text(sql), {"id": found.key} if ":id" in sql else {})


def raw_step(session: Session, thread: int, kind: StepKind, state: State, day: int) -> None:
    """A step by raw SQL, in a savepoint, with the open change set of the session."""
    first = "SELECT min(id) FROM investigation_step WHERE investigation_id = :thread"
    sql = sa.text(
        "INSERT INTO investigation_step (change_set_id, investigation_id, kind, state, taken, taken_start, taken_end, "
        "reason, why, corrects_id) SELECT change_set_id, :thread, :kind, :state, :taken, :start, :end, 'none_given', "
        f"'raw', {f'({first})' if kind is StepKind.CORRECTED else 'NULL'} FROM open_change_set"
    ).bindparams(sa.bindparam("start", type_=UtcDateTime()), sa.bindparam("end", type_=UtcDateTime()))
    start = datetime(2017, 3, day, tzinfo=UTC)
    times = {"taken": f"2017-03-{day:02}", "start": start, "end": start + timedelta(hours=23, minutes=59, seconds=59)}
    with session.begin_nested():
        session.execute(sql, {"thread": thread, "kind": kind.value, "state": state.value} | times)


MOVES = st.tuples(st.sampled_from(StepKind), st.sampled_from(State), st.integers(1, 20))


@settings(max_examples=60)
@given(st.lists(MOVES, min_size=1, max_size=8))
def test_the_functions_and_the_trigger_take_and_refuse_the_same_steps(
    scratch: Session, moves: list[tuple[StepKind, State, int]]
) -> None:
    """Each move is tried on one thread by the function and on its twin by raw SQL, back-dated ones included."""
    code = next(NUMBERS)
    ours, raw = incident(scratch, f"ours-{code}"), incident(scratch, f"raw-{code}")
    twin = bare_thread(scratch, raw)
    for kind, state, day in moves:
        mine = steps_in(scratch, ours)
        first = min((row.key for row in mine), default=None) if kind is StepKind.CORRECTED else None
        if kind is StepKind.CORRECTED and (first is None or mine[0].key != first or mine[0].taken_start.day > day):
            continue  # which step a correction names is checked by the function alone
        try:
            step(scratch, ours, state.value, f"2017-03-{day:02}", kind=kind.value, corrects=first)
            accepted = True
        except IllegalMoveError:
            accepted = False
        if accepted:
            raw_step(scratch, twin.key, kind, state, day)
            continue
        with pytest.raises(IntegrityError, match="illegal_move"):
            raw_step(scratch, twin.key, kind, state, day)
    pairs = [[(row.kind, row.state) for row in steps_in(scratch, about)] for about in (ours, raw)]
    assert pairs[0] == pairs[1]


@st.composite
def legal_walks(draw: st.DrawFn) -> list[tuple[StepKind, State]]:
    state = State.NOT_ASSESSED
    walk: list[tuple[StepKind, State]] = []
    for _ in range(draw(st.integers(1, 10))):
        options = [
            (kind, target)
            for kind, (sources, targets) in LEGAL_MOVES.items()
            for target in sorted(targets)
            if state in sources and kind is not StepKind.CORRECTED
        ]
        kind, state = draw(st.sampled_from(options))
        walk.append((kind, state))
    return walk


@settings(max_examples=40)
@given(legal_walks())
def test_a_legal_walk_is_always_accepted_and_ends_where_it_says(
    scratch: Session, walk: list[tuple[StepKind, State]]
) -> None:
    about = incident(scratch, f"walk-{next(NUMBERS)}")
    for day, (kind, state) in enumerate(walk, start=1):
        step(scratch, about, state.value, f"2017-03-{day:02}", kind=kind.value)
    assert state_on(steps_in(scratch, find_incident(scratch, about.code)), None) is walk[-1][1]
