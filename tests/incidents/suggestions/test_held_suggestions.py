"""The suggestions of a server follow what is recorded, and are those of a look at everything."""

from __future__ import annotations

from collections.abc import Callable
from threading import enumerate as enumerate_threads

import pytest
from sqlmodel import Session, select

import incidents.suggestions.held as module
from db.engine import Database
from db.session import read_session, write_session
from db.tables import Organisation, Report
from incidents.attributions import AttributionInput, add_attribution
from incidents.inputs import validated
from incidents.records import find_incident
from incidents.suggestions.accounts import Account
from incidents.suggestions.held import HeldSuggestions
from incidents.suggestions.proposals import suggest
from incidents.tiers import Tier
from tests.incidents.factories import basics, claim, incident, point, same

Found = dict[Account, float]


@pytest.fixture
def told(database: Database) -> Database:
    """Two tellings of a strike on one school, and one of a strike next to it two days later."""
    with write_session(database, who="tester", why="three tellings") as session:
        basics(session)
        for number, (code, lon, name) in enumerate(
            (("school", 38.75, "Mansoura school"), ("school-2", 38.76, "Mansura school"), ("market", 38.8, "Market"))
        ):
            tell(session, code, lon, name, ("monitor", "observatory", "coalition")[number])
    return database


def tell(session: Session, code: str, lon: float, name: str, source: str) -> None:
    row = incident(session, code, name=name, country="SY", kind="airstrike", tz="Asia/Damascus")
    point(session, row, lon, 35.8, source=source, report=f"{source}-1")
    claim(session, code, "33", source=source)


def attributed(session: Session, code: str) -> None:
    data = {"organisation": "observatory", "strength": "alleged", "by": "monitor", "report": "monitor-1"}
    add_attribution(session, find_incident(session, code), validated(AttributionInput, data, where="attribution"))


def asked(session: Session, found: HeldSuggestions, tier: Tier = Tier.INTERNAL) -> Found:
    """The other records with what is compared of them, and the probability, for the record of the school."""
    key = find_incident(session, "school").key
    listed = found.suggest(session, key, tier=tier, least=0.0, judged=True)
    return {(one.second if one.first.code == "school" else one.first): one.probability for one in listed}


def held(found: HeldSuggestions, database: Database, tier: Tier = Tier.INTERNAL) -> Found:
    with read_session(database) as session:
        return asked(session, found, tier)


def test_nothing_changed_is_what_all_are_scored_as(told: Database) -> None:
    with read_session(told) as session:
        whole = suggest(session, tier=Tier.INTERNAL, least=0.0, judged=True)
    expected = {
        (one.second if one.first.code == "school" else one.first): pytest.approx(one.probability)
        for one in whole
        if "school" in (one.first.code, one.second.code)
    }
    assert held(HeldSuggestions(told), told) == expected != {}


def organisation_named(session: Session, name: str) -> None:
    session.exec(select(Organisation).where(Organisation.code == "observatory")).one().name = name


def hide(session: Session) -> None:
    session.exec(select(Report).where(Report.code == "observatory-1")).one().may_export = False


CHANGES: dict[str, Callable[[Session], object]] = {
    "a record": lambda session: tell(session, "school-3", 38.755, "Mansoura school", "monitor"),
    "a claim": lambda session: claim(session, "school-2", "40 to 50", source="monitor"),
    "a place": lambda session: point(
        session, find_incident(session, "market"), 38.75, 35.8, source="monitor", report="monitor-1"
    ),
    "a withdrawal": lambda session: setattr(find_incident(session, "school-2"), "withdrawn", True),
    "a name": lambda session: setattr(find_incident(session, "school-2"), "name", "Clinic"),
    "an actor": lambda session: attributed(session, "school-2"),
    "an organisation": lambda session: organisation_named(session, "Another name"),
    "a report": hide,
}


@pytest.mark.parametrize("tier", [Tier.INTERNAL, Tier.PUBLIC])
@pytest.mark.parametrize("name", CHANGES)
def test_what_is_recorded_meanwhile_is_taken_in(told: Database, name: str, tier: Tier) -> None:
    with write_session(told, who="tester", why="an actor whose name may change") as session:
        attributed(session, "market")
    found = HeldSuggestions(told)
    before = held(found, told, tier)
    with write_session(told, who="tester", why=name) as session:
        CHANGES[name](session)
    after = held(found, told, tier)
    # The accounts themselves; the numbers differ a little, since words stay as rare as they were.
    assert set(after) == set(held(HeldSuggestions(told), told, tier))
    assert (set(after) == set(before)) == (name == "a report" and tier is Tier.INTERNAL)
    assert held(found, told, tier) == after


def test_a_reader_who_does_not_see_the_last_change_is_told_nothing_of_it(told: Database) -> None:
    found = HeldSuggestions(told)
    with read_session(told) as session:
        before = asked(session, found)
        with write_session(told, who="tester", why="one more") as writing:
            CHANGES["a record"](writing)
        assert len(held(found, told)) == len(before) + 1
        assert set(asked(session, found)) == set(before)


def test_many_are_looked_at_by_a_thread_and_answered_from_their_days_until_then(
    told: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEW", 0)
    found = HeldSuggestions(told)
    before = held(found, told)
    for thread in enumerate_threads():
        if thread.name == "suggestions-internal":
            thread.join()
    monkeypatch.setattr(module, "suggest", None)  # it is not asked again
    assert held(found, told) == pytest.approx(before)


@pytest.mark.parametrize("many", [0, 1])
def test_after_many_changes_everything_is_looked_at_anew(
    told: Database, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MANY", many)
    found = HeldSuggestions(told)
    held(found, told)
    for name in ("a record", "a claim", "a name"):
        with write_session(told, who="tester", why=name) as session:
            CHANGES[name](session)
        assert set(held(found, told)) == set(held(HeldSuggestions(told), told))
    assert held(found, told) == pytest.approx(held(HeldSuggestions(told), told))


def test_more_than_can_be_kept_are_answered_from_their_days(told: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FEW", "MOST_KEPT"):
        monkeypatch.setattr(module, name, 0)
    monkeypatch.setattr(module, "Kept", None)
    assert len(held(HeldSuggestions(told), told)) == 2


def test_the_queue_holds_what_is_to_judge_by_deaths_times_probability(
    told: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with write_session(told, who="tester", why="more dead at the market") as session:
        claim(session, "market", "at least 400", source="coalition")
    found = HeldSuggestions(told)
    with read_session(told) as session:
        queue = found.queue(session, tier=Tier.INTERNAL, least=0.0)
        alike = suggest(session, tier=Tier.INTERNAL, least=0.0)
    assert queue is not None
    assert [one.weight for one in queue] == sorted((one.weight for one in queue), reverse=True)
    assert {one.keys for one in queue} == {one.keys for one in alike}
    assert len(queue) > 1
    with write_session(told, who="tester", why="judged") as session:
        same(session, queue[0].first.code, queue[0].second.code, "different")
    with read_session(told) as session:
        left = found.queue(session, tier=Tier.INTERNAL, least=0.0)
        assert left is not None
        assert queue[0].keys not in [one.keys for one in left]
        monkeypatch.setattr(module, "MOST_QUEUED", 2)
        assert found.queue(session, tier=Tier.INTERNAL) is None  # more than are listed while somebody waits
