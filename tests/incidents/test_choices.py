"""What the pages offer to choose from."""

from __future__ import annotations

from sqlmodel import Session

from incidents.choices import belligerents, sources
from incidents.tiers import Tier
from tests.incidents.factories import basics, claim, incident, report


def test_only_sources_that_a_tier_may_know_of_are_offered(session: Session) -> None:
    basics(session)
    report(session, "closed", visibility="restricted")
    incident(session, "one")
    claim(session, "one", "3")
    claim(session, "one", "4", source="observatory", report="closed")
    assert sources(session, Tier.PUBLIC) == [("monitor", "Monitor")]
    assert [code for code, _ in sources(session, Tier.INTERNAL)] == ["monitor", "observatory"]
    assert belligerents(session, Tier.INTERNAL) == []
