"""Records as plain lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import read_session
from db.vocabulary import Category
from incidents.cli import text
from incidents.dossiers import dossier
from incidents.ranges import Rule
from incidents.records import find_incident
from incidents.tiers import Tier
from incidents.views import Dossier


def shown(session: Session, code: str) -> Dossier:
    """The dossier of an incident as a terminal shows it."""
    found = dossier(session, find_incident(session, code).key, tier=Tier.INTERNAL)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("length", "expected"), [(0.0, "0 m"), (72.4, "72 m"), (999.0, "999 m"), (1000.0, "1.0 km"), (25000.0, "25.0 km")]
)
def test_lengths(length: float, expected: str) -> None:
    assert text.metres(length) == expected


def test_the_day_is_that_of_the_zone() -> None:
    moment = datetime(2017, 3, 16, 22, 30, tzinfo=UTC)
    assert text.local_day(moment, "Asia/Damascus") == "2017-03-17"
    assert text.local_day(moment, None) == "2017-03-16"


def test_singular_and_plural() -> None:
    assert [text.counted(n, "event") for n in (0, 1, 2)] == ["0 events", "1 event", "2 events"]


def test_an_incident_of_which_nothing_is_known_claims_nothing(ledger: Database) -> None:
    with read_session(ledger) as session:
        road = shown(session, "road")
    assert text.when(road) == "unknown"
    assert text.day(road) == "unknown"
    assert text.where(road) == "no place"
    assert text.killed(road, Category.CIVILIAN, Rule.ENVELOPE) == ""
    assert text.status(road) == "not assessed"
    assert text.grading(road) == "ungraded"
    lines = list(text.sheet(road, rule=Rule.ENVELOPE, explain=False))
    assert any("no point unknown" in line for line in lines)
    assert not any(line.startswith("Ranges") for line in lines)


def test_figures_that_cannot_all_be_right_are_marked(ledger: Database) -> None:
    with read_session(ledger) as session:
        market = shown(session, "market")
    assert text.killed(market, Category.CIVILIAN, Rule.ENVELOPE).endswith(" !")
    assert text.killed(market, Category.CHILD, Rule.ENVELOPE) == "0"
    assert text.killed(market, Category.WOMAN, Rule.ENVELOPE) == "unknown"
    assert text.killed(market, Category.COMBATANT, Rule.ENVELOPE) == "denied"
    lines = list(text.sheet(market, rule=Rule.ENVELOPE, explain=True))
    assert any("denied by The Coalition" in line for line in lines)
    assert any("left out" in line and "taken-back" in " ".join(lines) for line in lines)


def test_a_short_interval_names_the_year_once(ledger: Database) -> None:
    with read_session(ledger) as session:
        assert text.day(shown(session, "market")) == "2017-03-20..03-21"
        assert text.day(shown(session, "clinic")) == "2017-03-01..03-31"
