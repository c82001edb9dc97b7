"""Held answers are those of the search, whatever the window, and are made anew when the database changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import shapely
from sqlmodel import text

from db.engine import Database
from db.errors import ResourceError
from db.session import read_session, write_session
from incidents.columns import Columns
from incidents.held import MOST_QUESTIONS, Held
from incidents.query import Match, Query, find
from incidents.tiers import Tier
from tests.incidents.factories import incident, point

AREA = shapely.box(38, 36, 38.3, 36.6)
WINDOW = {"start": datetime(2017, 3, 18, tzinfo=UTC), "end": datetime(2017, 3, 21, tzinfo=UTC)}


@pytest.fixture
def held(ledger: Database) -> Iterator[Held]:
    columns = Columns(ledger)
    yield Held(ledger, columns)
    columns.close()


@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize("asked", [{}, {"area": AREA}, {"text": "market"}, {"area": AREA, "source": "monitor"}])
@pytest.mark.parametrize("window", [{}, WINDOW, {"end": WINDOW["end"]}], ids=["any time", "window", "until"])
def test_the_answers_are_those_of_the_search(
    ledger: Database, held: Held, tier: Tier, asked: dict[str, object], window: dict[str, datetime]
) -> None:
    query = Query(**asked, **window, tier=tier)  # type: ignore[arg-type]  # the cases are of several types
    with read_session(ledger) as session:
        whole, searched = held.answer(session, query), find(session, query)
        found = whole.within(query.start, query.end)
        assert found.roster.keys[found.numbers].tolist() == searched.ids.tolist()
        assert found.sure is None if query.area is None else found.sure is not None
        if found.sure is not None:
            assert found.sure.tolist() == [hit.match is Match.SURELY for hit in searched.hits]
        assert found.roster.keys[found.unlocated].tolist() == [hit.key for hit in searched.unlocated]


def test_a_change_is_seen(ledger: Database, held: Held) -> None:
    with read_session(ledger) as session:
        before = held.answer(session, Query())
        assert held.answer(session, Query(**WINDOW)) is before, "the window is not part of what is held"
        assert held.keep(session, "a key", object) is held.keep(session, "a key", object)
        kept = held.keep(session, "a key", object)
    with write_session(ledger, who="tester", why="one more") as session:
        point(session, incident(session, "more", start="2020-01-01"), 38.0, 36.0, source="monitor", report="monitor-1")
    with read_session(ledger) as session:
        after = held.answer(session, Query())
        assert len(after.numbers) == len(before.numbers) + 1
        assert held.keep(session, "a key", object) is not kept
        span = after.span()
        assert span is not None
        assert datetime.fromtimestamp(span[1] / 1_000_000, UTC).date().isoformat() == "2020-01-01"


def test_only_so_many_are_held(ledger: Database, held: Held) -> None:
    with read_session(ledger) as session:
        first = held.answer(session, Query(killed_min=0))
        for number in range(1, MOST_QUESTIONS):
            held.answer(session, Query(killed_min=number))
        assert held.answer(session, Query(killed_min=0)) is first
        held.answer(session, Query(killed_min=MOST_QUESTIONS))
        assert held.answer(session, Query(killed_min=0)) is not first


def test_without_what_the_places_are_found_by_the_list_goes_on(ledger: Database, held: Held) -> None:
    with read_session(ledger) as session:
        assert held.has_places(session)
        listed = held.answer(session, Query())
    _touch(ledger)
    with read_session(ledger) as session:
        assert not held.has_places(session)
        found = held.answer(session, Query())
        assert found.roster.keys.tolist() == listed.roster.keys.tolist()
        assert held.answer(session, Query(area=AREA)).numbers.size > 0
        with pytest.raises(ResourceError, match="out of date"):
            held.markers(session, Query())


def _touch(database: Database) -> None:
    """Leave the derived rows out of date, as a change by raw SQL does."""
    with database.writer().begin() as connection:
        connection.execute(text("INSERT INTO touched (incident_id) VALUES (1)"))
