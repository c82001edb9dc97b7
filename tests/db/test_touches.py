"""Raw SQL too says which incidents it concerned: the triggers list them in ``touched``."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.sqlite

Insert = Callable[..., None]
NewRow = Callable[..., dict[str, Any]]

CONCERNED = {
    "incident": {4},
    "incident_name": {1},
    "incident_code": {1},
    "incident_report": {3},
    "statement": {1},
    "location": {1},
    "claim": {1},
    "claim_incident": {3},
    "attribution": {1},
    "grading": {1},
    "investigation": {1},
    "investigation_step": {1},
    "judgement": {1, 2},
    "organisation_membership": {1},  # attribution 1 accuses organisation 1, the group
    "organisation": set(),
    "report": set(),
    "place": set(),
}


@pytest.fixture
def calm(opened: sqlite3.Connection) -> sqlite3.Connection:
    """A change set under way, and nothing touched yet."""
    opened.execute("DELETE FROM touched")
    return opened


def touched(raw: sqlite3.Connection) -> set[int]:
    return {row[0] for row in raw.execute("SELECT incident_id FROM touched")}


@pytest.mark.parametrize("table", sorted(CONCERNED))
def test_a_new_row_touches_its_incidents(calm: sqlite3.Connection, insert: Insert, new_row: NewRow, table: str) -> None:
    insert(calm, table, new_row(table))
    assert touched(calm) == CONCERNED[table]


@pytest.mark.parametrize("verb", ["INSERT OR FAIL", "INSERT OR IGNORE", "REPLACE"])
def test_the_verb_does_not_matter_nor_does_a_second_time(
    calm: sqlite3.Connection, insert: Insert, new_row: NewRow, verb: str
) -> None:
    insert(calm, "claim", new_row("claim"), verb)
    insert(calm, "claim", new_row("claim", code="fourth"), verb)
    assert touched(calm) == {1}


def test_a_claim_that_moves_touches_both_incidents(calm: sqlite3.Connection) -> None:
    calm.execute("UPDATE claim SET incident_id = 2, version = version + 1 WHERE id = 1")
    assert touched(calm) == {1, 2}


def test_a_total_touches_what_it_counts(calm: sqlite3.Connection, insert: Insert, new_row: NewRow) -> None:
    insert(calm, "claim", new_row("claim", scope="incident_set", incident_id=None))
    assert touched(calm) == set()
    insert(calm, "claim_incident", new_row("claim_incident", claim_id=3, incident_id=2))
    calm.execute("DELETE FROM touched")
    calm.execute("UPDATE claim SET note = 'a total', version = version + 1 WHERE id = 3")
    assert touched(calm) == {2}


@pytest.mark.parametrize("table", ["report", "organisation"])
def test_an_edit_touches_the_incidents_that_cite_it(calm: sqlite3.Connection, table: str) -> None:
    calm.execute(f"UPDATE {table} SET note = 'new', version = version + 1 WHERE id = 1")
    assert touched(calm) == {1, 2}


def test_a_member_of_a_group_that_nobody_accuses_touches_nothing(
    calm: sqlite3.Connection, insert: Insert, new_row: NewRow
) -> None:
    insert(calm, "organisation", new_row("organisation", id=7, code="seventh"))
    calm.execute("DELETE FROM touched")
    insert(calm, "organisation_membership", new_row("organisation_membership", member_id=2, group_id=7))
    assert touched(calm) == set()
