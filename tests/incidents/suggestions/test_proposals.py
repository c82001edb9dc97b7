"""Suggestions out of a database: what is proposed, with reasons, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import Session

from db.session import read_session, write_session
from db.vocabulary import Verdict
from incidents.importers.ged import import_ged
from incidents.named import load_named
from incidents.records import find_incident
from incidents.suggestions.model import model
from incidents.suggestions.proposals import SAID, score, suggest
from incidents.suggestions.recorded import recorded
from incidents.tiers import Tier
from tests.editions import Edition
from tests.incidents.factories import basics, claim, incident, point, same

GED = Path(__file__).parents[4] / "shared" / "data" / "ucdp_ged"


@pytest.fixture
def told(session: Session) -> Session:
    """Two tellings of a strike on one school, and one of a strike far away on the same night."""
    basics(session)
    for number, (code, lon, name) in enumerate(
        (("school", 38.75, "Mansoura school"), ("school-2", 38.76, "Mansura school"), ("market", 36.8, "Idlib market"))
    ):
        row = incident(session, code, name=name, country="SY", kind="airstrike", tz="Asia/Damascus")
        source = ("monitor", "observatory", "coalition")[number]
        point(session, row, lon, 35.8, source=source, report=f"{source}-1")
        claim(session, code, "33", source=source)
    return session


def pairs(session: Session, **given: object) -> dict[frozenset[str], float]:
    found = suggest(session, tier=Tier.INTERNAL, least=0.0, **given)  # type: ignore[arg-type]  # options by name
    return {frozenset((one.first.code, one.second.code)): one.probability for one in found}


def test_two_tellings_of_one_strike_are_proposed_with_reasons(told: Session) -> None:
    found = suggest(told, tier=Tier.INTERNAL, least=0.0)
    assert [{one.first.code, one.second.code} for one in found] == [{"school", "school-2"}]
    assert found[0].judged is None
    assert found[0].killed == 33
    assert found[0].weight == pytest.approx(34 * found[0].probability)
    added = [abs(reason.added) for reason in found[0].reasons]
    assert added == sorted(added, reverse=True)
    assert all(reason.said in str(reason) for reason in found[0].reasons)


def test_what_is_added_and_said_of_any_pair_is_the_score(told: Session) -> None:
    scored = score(recorded(told, tier=Tier.INTERNAL).accounts, model())
    names, values, added, base = scored.added(model(), np.arange(len(scored.left)))
    assert values.shape == added.shape == (len(scored.left), len(names))
    assert set(names) == set(SAID)
    assert base + added.sum(axis=1) == pytest.approx(scored.weighed.scores, abs=1e-4)


def test_around_one_record_only_its_pairs_are_proposed(told: Session) -> None:
    market = find_incident(told, "market").key
    assert pairs(told, around=[market]) == {}
    school = find_incident(told, "school").key
    assert set(pairs(told, around=[school])) == {frozenset({"school", "school-2"})}


def test_what_was_judged_is_not_proposed_again_unless_asked_for(told: Session) -> None:
    same(told, "school", "school-2", "unsure")
    assert pairs(told) == {}
    found = suggest(told, tier=Tier.INTERNAL, least=0.0, judged=True)
    assert [one.judged for one in found] == [Verdict.UNSURE]
    same(told, "school", "school-2", "undecided")
    assert len(pairs(told)) == 1


def test_a_tier_is_told_nothing_of_what_it_may_not_see(told: Session) -> None:
    incident(told, "hidden", name="Mansoura school", country="SY", visibility="restricted")
    codes = {code for pair in pairs(told) for code in pair}
    public = suggest(told, tier=Tier.PUBLIC, least=0.0)
    assert "hidden" in codes
    assert "hidden" not in {code for one in public for code in (one.first.code, one.second.code)}


@pytest.fixture(scope="module")
def real(edition: Edition) -> Iterator[Session]:
    """UCDP's Syrian and Iraqi events of March 2017 and round it, and the named incidents."""
    files = [GED / f"ged_{country}.csv" for country in ("syria", "iraq")]
    if not all(file.is_file() for file in files):
        pytest.skip("../shared/data/ucdp_ged is not beside this checkout")
    database = edition.empty()
    with write_session(database, who="tester", why="real events") as opened:
        load_named(opened)
    for file in files:
        import_ged(database, file, who="tester", why="real events")
    with read_session(database) as opened:
        yield opened


TWINS = {"al-jinah": "ucdp-244276", "raqqa-school": "ucdp-245091", "mosul-2017-03-17": "ucdp-238475"}


@pytest.mark.long
@pytest.mark.sqlite
@pytest.mark.parametrize(("code", "twin"), TWINS.items())
def test_the_records_of_the_named_incidents_are_found_among_ucdp(real: Session, code: str, twin: str) -> None:
    key = find_incident(real, code).key
    found = suggest(real, tier=Tier.INTERNAL, around=[key])
    others = {side.code for one in found for side in (one.first, one.second)} - {code}
    assert twin in others
    assert twin in {side.code for one in found[:2] for side in (one.first, one.second)}
    # Another strike on the same town, five days before the school.
    assert "ucdp-254656" not in others
