"""The text search finds beginnings of words, in what the tier may know, on both editions alike."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from db.derived import refresh_touched
from incidents.query import Query, find
from incidents.records import find_incident
from incidents.tiers import Tier
from tests.incidents.factories import basics, claim, incident, point, report


@pytest.fixture
def ledger(session: Session) -> Session:
    basics(session)
    report(session, "closed", visibility="restricted")
    hospital = incident(session, "mosul-1", name="Strike near the Republican Hospital, Mosul")
    point(session, hospital, 43.1, 36.3, place_name="Al-Shifa")
    incident(session, "mosul-2", name="Mosul, old town")
    incident(session, "and-or", name="NEAR AND OR NOT 2017-03-17")
    claim(session, "mosul-2", "dozens")
    claim(session, "and-or", "hundreds", report="closed")
    return session


CASES = [
    ("mosul", ["mosul-1", "mosul-2"]),
    ("mosul hosp", ["mosul-1"]),  # in any order
    ("hosp mosul", ["mosul-1"]),
    ("mosul school", []),
    ("shif", ["mosul-1"]),  # a place
    ("dozen", ["mosul-2"]),  # words of a claim
    ("hundreds", ["and-or"]),
    ("osul", ["mosul-1", "mosul-2"]),  # inside a word, where no word begins so
    ("ublican hosp", ["mosul-1"]),
    ("old", ["mosul-2"]),  # a beginning: "town" inside a word would not count beside it
    ("near and or", ["and-or"]),  # words of the query language are words
    ("NOT mosul", []),
    ("mosul-2", ["mosul-2"]),
    ('mos" OR "x', []),
    ("17 03", ["and-or"]),
]


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize(("text", "codes"), CASES)
def test_the_words_of_a_text_begin_words(ledger: Session, text: str, codes: list[str], *, indexed: bool) -> None:
    if indexed:
        refresh_touched(ledger)
    keys = {find_incident(ledger, code).key for code in codes}
    assert set(find(ledger, Query(text=text)).keys()) == keys


@pytest.mark.parametrize("indexed", [False, True])
def test_what_a_tier_may_not_know_finds_nothing(ledger: Session, *, indexed: bool) -> None:
    if indexed:
        refresh_touched(ledger)
    assert find(ledger, Query(text="hundreds", tier=Tier.PUBLIC)).keys() == []
    assert len(find(ledger, Query(text="hundreds", tier=Tier.RESTRICTED)).keys()) == 1
