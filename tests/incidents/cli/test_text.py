"""Records as plain lines."""

from __future__ import annotations

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


def test_singular_and_plural() -> None:
    assert [text.counted(n, "event") for n in (0, 1, 2)] == ["0 events", "1 event", "2 events"]


def test_an_incident_of_which_nothing_is_known_claims_nothing(ledger: Database) -> None:
    with read_session(ledger) as session:
        road = shown(session, "road")
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
