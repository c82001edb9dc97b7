"""Totals: each event once, open bounds stay open, events without a figure are said."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from db.vocabulary import Category, Outcome
from incidents.claims import ClaimInput, add_claim
from incidents.dossiers import dossiers
from incidents.organisations import OrganisationInput, add_organisation
from incidents.ranges import Rule
from incidents.records import IncidentInput, add_incident
from incidents.reports import ReportInput, add_report
from incidents.same_event import JudgementInput, judge, standing
from incidents.tiers import Tier
from incidents.totals.sums import Total, total
from incidents.totals.tally import Amount, links_of

CODES = ("one", "two", "three", "four")


def record(session: Session, claims: dict[str, list[str]]) -> list[int]:
    """Four incidents, the last two of them one event, with ``claims`` in words; their ids."""
    add_organisation(session, OrganisationInput(code="monitor", name="The Monitor", kind="casualty_monitor"))
    add_report(session, ReportInput(code="r", publisher="monitor", title="A report"))
    keys = [add_incident(session, IncidentInput(code=code, name=code)).key for code in CODES]
    judge(session, JudgementInput(first="three", second="four", verdict="same", evidence="One place."))
    usual: dict[str, Any] = {"source": "monitor", "report": "r", "outcome": "killed", "category": "civilian"}
    for code, words in claims.items():
        for text in words:
            add_claim(session, ClaimInput.model_validate(usual | {"incident": code, "words": text}))
    return keys


def summed(database: Database, claims: dict[str, list[str]], only: slice = slice(None), **how: Any) -> Total:
    """The total of the incidents with ``claims``."""
    with write_session(database, who="tester", why="a test") as session:
        keys = record(session, claims)
    with read_session(database) as session:
        found = dossiers(session, keys[only], tier=Tier.INTERNAL)
        return total(found, **({"category": Category.CIVILIAN} | how))


def test_four_incidents_three_events_each_counted_once(database: Database) -> None:
    found = summed(database, {"one": ["10"], "two": ["5"], "three": ["20"], "four": ["20"]})
    assert (found.incidents, found.events, found.known) == (4, 3, 3)
    assert found.amount == Amount(35, 35, known=True)
    assert found.text() == "35"


def test_one_record_of_an_event_stands_for_the_claims_of_all(database: Database) -> None:
    found = summed(database, {"three": ["20"], "four": ["25"]}, slice(2, 3))
    assert (found.incidents, found.events) == (1, 1)
    assert found.text() == "20–25"


@pytest.mark.parametrize(
    ("claims", "text"),
    [
        ({"one": ["at least 10"], "two": ["5"], "three": ["20"]}, "35+"),
        ({"one": ["up to 10"], "two": ["5"], "three": ["20"]}, "≤35"),
        ({"one": ["10 to 12"], "two": ["5"], "three": ["20"]}, "35–37"),
        ({"one": ["0"], "two": ["0"], "three": ["0"]}, "0"),  # zero is a number
    ],
)
def test_open_bounds_stay_open(database: Database, claims: dict[str, list[str]], text: str) -> None:
    assert summed(database, claims).text() == text


def test_events_without_a_figure_leave_the_total_open(database: Database) -> None:
    found = summed(database, {"one": ["10"], "two": ["unknown"]})
    assert (found.events, found.known, found.amount.high_open) == (3, 1, True)
    assert found.text() == "10+"


def test_a_denial_is_no_zero(database: Database) -> None:
    found = summed(database, {"one": ["denied"]}, slice(0, 1))
    assert (found.known, found.text()) == (0, "unknown")


def test_no_incident_and_no_figure_are_unknown_not_zero(database: Database) -> None:
    assert total([], category=Category.CIVILIAN).text() == "unknown"
    found = summed(database, {})
    assert (found.known, found.text()) == (0, "unknown")


def test_categories_outcomes_and_rules_are_not_mixed(database: Database) -> None:
    found = summed(database, {"one": ["10", "12"]}, rule=Rule.CONSERVATIVE)
    assert (found.amount.low, found.amount.high) == (10, 10)
    with read_session(database) as session:
        every = list(dossiers(session, [1, 2, 3, 4], tier=Tier.INTERNAL))
    assert total(every, category=Category.CHILD).known == 0
    assert total(every, category=Category.CIVILIAN, outcome=Outcome.INJURED).known == 0


def test_a_part_is_not_added_to_its_whole_whichever_record_says_so(database: Database) -> None:
    with write_session(database, who="tester", why="a test") as session:
        keys = record(session, {"one": ["10"], "two": ["4"], "three": ["3"], "four": ["6"]})
        for part, verdict in (("two", "part_of"), ("four", "unsure")):
            judge(session, JudgementInput(first=part, second="one", verdict=verdict, evidence="Its own words."))
    with read_session(database) as session:
        links = links_of(standing(session))
        found = total(dossiers(session, keys, tier=Tier.INTERNAL), category=Category.CIVILIAN, links=links)
    assert found.text() == "4\u201316"
    assert (found.tally().different.total.text(), found.tally().same.total.text()) == ("13\u201316", "4\u201310")
