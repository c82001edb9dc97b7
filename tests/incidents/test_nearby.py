"""Records that may be the same event as another."""

from __future__ import annotations

from sqlmodel import Session

from db.vocabulary import Verdict
from incidents.choices import belligerents, sources
from incidents.dossiers import dossier
from incidents.nearby import nearby
from incidents.tiers import Tier
from tests.incidents.factories import basics, claim, incident, point, report, same


def test_what_is_near_in_place_and_time_is_listed_with_its_judgement(session: Session) -> None:
    basics(session)
    places = {"one": 38.0, "close": 38.02, "far": 38.5, "later": 38.0}
    rows = {code: incident(session, code, start="2017-04-17" if code == "later" else "2017-03-17") for code in places}
    for code, lon in places.items():
        point(session, rows[code], lon, 36.0)
    incident(session, "nowhere")
    same(session, "one", "close", "unsure")
    one = dossier(session, rows["one"].key, tier=Tier.INTERNAL)
    assert one is not None
    found = {other.code: verdict for other, verdict in nearby(session, one, tier=Tier.INTERNAL)}
    assert found == {"close": Verdict.UNSURE, "nowhere": None}


def test_only_sources_that_a_tier_may_know_of_are_offered(session: Session) -> None:
    basics(session)
    report(session, "closed", visibility="restricted")
    incident(session, "one")
    claim(session, "one", "3")
    claim(session, "one", "4", source="observatory", report="closed")
    assert sources(session, Tier.PUBLIC) == [("monitor", "Monitor")]
    assert [code for code, _ in sources(session, Tier.INTERNAL)] == ["monitor", "observatory"]
    assert belligerents(session, Tier.INTERNAL) == []
