"""The board of investigations, and the months of an authority."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from db.engine import Database
from db.errors import InputError
from db.session import read_session
from db.vocabulary import InvestigationState, Process
from incidents.board import BoardRow, Month, Move, board, month_of, months, threads
from incidents.tiers import Tier
from tests.incidents.factories import basics, incident, step

STATES = list(InvestigationState)


def row(*moves: tuple[str, str]) -> BoardRow:
    """A thread with the moves (state, day)."""
    made = tuple(
        Move(InvestigationState(state), day, datetime.fromisoformat(f"{day}T23:59:59Z")) for state, day in moves
    )
    return BoardRow("one", "One", "The Authority", "authority", Process.CREDIBILITY_ASSESSMENT, made)


def test_a_board_narrowed_and_in_the_order_of_change(session: Session) -> None:
    basics(session)
    one, two = incident(session, "one"), incident(session, "two")
    step(session, one, "open", "2017-03-20", authority="coalition")
    step(session, one, "credible", "2017-06-01", authority="coalition")
    step(session, two, "open", "2017-04-01", authority="observatory")
    rows = threads(session, Tier.INTERNAL)
    assert [found.incident for found in board(rows)] == ["one", "two"]
    assert [found.incident for found in board(rows, state=InvestigationState.OPEN)] == ["two"]
    assert [found.incident for found in board(rows, authority="coalition")] == ["one"]
    since = datetime(2017, 5, 1, tzinfo=UTC)
    assert [found.incident for found in board(rows, since=since)] == ["one"]
    (found,) = board(rows, authority="coalition")
    assert (found.since.taken, found.days_open(datetime(2018, 1, 1, tzinfo=UTC))) == ("2017-06-01", None)


def test_what_a_tier_may_not_see_is_on_no_board(ledger: Database) -> None:
    with read_session(ledger) as session:
        assert len(threads(session, Tier.PUBLIC)) == 2
        assert {found.incident for found in threads(session, Tier.PUBLIC)} == {"market"}


def test_days_open_count_from_the_first_step_after_the_last_finding() -> None:
    thread = row(("open", "2017-01-01"), ("credible", "2017-02-01"), ("open", "2017-03-01"), ("open", "2017-03-05"))
    assert thread.days_open(datetime(2017, 3, 12, tzinfo=UTC)) == 10
    assert thread.since.taken == "2017-03-01"


def test_a_month_as_the_coalition_reports_it() -> None:
    rows = [
        row(("reported", "2017-02-10"), ("open", "2017-02-20"), ("non_credible", "2017-03-05")),
        row(("reported", "2017-03-01")),
        row(("credible", "2017-01-01"), ("open", "2017-03-09")),
        row(("reported", "2017-02-01"), ("not_assessed", "2017-03-02")),
    ]
    closed = {InvestigationState.NON_CREDIBLE: 1}
    assert month_of(rows, "2017-03") == Month("2017-03", 2, 1, 1, closed, 1, 2)
    assert [month.month for month in months(rows)] == ["2017-03", "2017-02", "2017-01"]


def test_no_steps_have_no_months() -> None:
    assert months([]) == []


@pytest.mark.parametrize("text", ["2017", "2017-03-01", "March", "2017-13"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        month_of([], text)


DAYS = st.dates(date(2017, 1, 1), date(2017, 4, 30))
THREADS = st.lists(st.lists(st.tuples(st.sampled_from(STATES), DAYS), min_size=1, max_size=6), max_size=6)


@given(THREADS)
def test_every_month_adds_up_and_begins_where_the_last_one_ended(
    drawn: list[list[tuple[InvestigationState, date]]],
) -> None:
    rows = [row(*((state.value, str(day)) for state, day in moves)) for moves in drawn]
    found = months(rows)[::-1]
    after = 0
    for month in found:
        assert month.before == after
        after = month.before + month.received + month.reopened - sum(month.closed.values()) - month.withdrawn
        assert month.after == after
