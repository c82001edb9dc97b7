from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from db.tables import Attribution, Incident
from db.vocabulary import Category, InvestigationState
from incidents.attributions import AttributionInput, GradingInput, add_attribution, add_grading
from incidents.claims import withdraw_claim
from incidents.dossiers import dossier, dossiers
from incidents.locations import withdraw_location
from incidents.ranges import Rule, death_range
from incidents.records import IncidentEdit, StatementInput, add_statement, edit_incident, find_incident, link_report
from incidents.reports import find_report
from incidents.tiers import Tier
from incidents.views import Dossier
from tests.incidents.factories import (
    basics,
    claim,
    end_of,
    incident,
    location,
    organisation,
    point,
    report,
    same,
    step,
)

EVERYTHING = (Tier.INTERNAL, Tier.RESTRICTED, Tier.PUBLIC)


@pytest.fixture(autouse=True)
def school(session: Session) -> Incident:
    basics(session)
    report(session, "closed", visibility="restricted")
    report(session, "kept", may_export=False)
    report(session, "undated", published=None)
    report(session, "late", published="2018-06-28")
    return incident(session, "school")


def read(session: Session, code: str = "school", tier: Tier = Tier.PUBLIC, as_of: str | None = None) -> Dossier:
    day = None if as_of is None else end_of(as_of)
    found = dossier(session, find_incident(session, code).key, tier=tier, as_of=day)
    assert found is not None
    return found


def codes(rows: Any) -> list[str]:
    return [row.code for row in rows]


def killed(one: Dossier, rule: Rule = Rule.ENVELOPE) -> str:
    return death_range(one.event_claims, category=Category.CIVILIAN, rule=rule).text()


def blame(session: Session, **given: Any) -> Attribution:
    data = {"organisation": "coalition", "strength": "alleged", "by": "monitor", "report": "monitor-1"} | given
    row = add_attribution(session, find_incident(session, "school"), AttributionInput.model_validate(data))
    session.flush()
    return row


def test_a_dossier_holds_everything_said_of_the_incident(session: Session, school: Incident) -> None:
    point(session, school, 38.75, 35.8)
    claim(session, "school", "33", code="c1")
    blame(session)
    add_grading(session, school, GradingInput.model_validate({"grading": "fair", "by": "monitor", "why": "Two."}))
    saying = {"by": "coalition", "report": "coalition-1", "words": "We look into it."}
    add_statement(session, school, StatementInput.model_validate(saying))
    step(session, school, "open", "2017-03-22", report="coalition-1")
    link_report(session, school, find_report(session, "observatory-1"))
    one = read(session)
    assert codes(one.claims) == codes(one.event_claims) == ["c1"]
    assert [len(part) for part in (one.locations, one.attributions, one.gradings, one.statements, one.threads)] == [
        1
    ] * 5
    assert codes(one.reports) == ["monitor-1", "observatory-1", "coalition-1"]
    assert (one.event, one.same_as, one.event_code) == (None, (), "school")


def test_dossiers_come_in_the_order_asked_for_and_unknown_ids_are_passed_over(session: Session) -> None:
    keys = [incident(session, code).key for code in ("b", "a", "c")]
    asked = [keys[2], 999, keys[0], keys[1]]
    assert codes(dossiers(session, asked, tier=Tier.PUBLIC)) == ["c", "b", "a"]
    assert list(dossiers(session, [], tier=Tier.PUBLIC)) == []


@pytest.mark.parametrize(
    ("visibility", "sees"),
    [("public", EVERYTHING), ("restricted", EVERYTHING[:2]), ("internal", EVERYTHING[:1])],
)
def test_an_incident_is_seen_by_its_tiers_only(session: Session, visibility: str, sees: tuple[Tier, ...]) -> None:
    key = incident(session, "other", visibility=visibility).key
    assert {tier for tier in Tier if dossier(session, key, tier=tier) is not None} == set(sees)


@pytest.mark.parametrize(
    ("cited", "sees"), [("monitor-1", EVERYTHING), ("closed", EVERYTHING[:2]), ("kept", EVERYTHING[:1])]
)
@pytest.mark.parametrize("tier", list(Tier))
def test_what_a_report_says_is_seen_where_the_report_is(
    session: Session, school: Incident, cited: str, sees: tuple[Tier, ...], tier: Tier
) -> None:
    claim(session, "school", "33", report=cited)
    claim(session, None, "84", report=cited, scope="incident_set", incidents=["school"])
    point(session, school, 38.75, 35.8, report=cited)
    blame(session, report=cited)
    given = {"grading": "fair", "by": "monitor", "why": "Two.", "report": cited}
    add_grading(session, school, GradingInput.model_validate(given))
    add_statement(session, school, StatementInput(by="monitor", report=cited, words="Said."))
    step(session, school, "open", "2017-03-22", report=cited)
    link_report(session, school, find_report(session, cited))
    one = read(session, tier=tier)
    parts = (
        one.claims, one.event_claims, one.set_claims, one.locations, one.attributions, one.gradings, one.statements,
        one.threads, one.reports,
    )  # fmt: skip
    assert [len(part) for part in parts] == [1 if tier in sees else 0] * 9


def test_who_recorded_a_step_is_seen_inside_only(session: Session, school: Incident) -> None:
    step(session, school, "open", "2017-03-22")
    names = {tier: read(session, tier=tier).threads[0].steps[0].recorded_by for tier in Tier}
    assert names == {Tier.PUBLIC: None, Tier.RESTRICTED: None, Tier.INTERNAL: "tester"}


@pytest.mark.parametrize(("geoprivacy", "shown"), [("exact", True), ("reduced", False), ("hidden", False)])
def test_a_lowered_place_shows_neither_its_point_nor_its_words(
    session: Session, school: Incident, geoprivacy: str, *, shown: bool
) -> None:
    point(session, school, 38.756471, 35.816292, geoprivacy=geoprivacy, place_words="by the well", note="x", radius_m=3)
    (seen,) = read(session).locations
    assert (seen.lon == 38.756471) is shown
    assert (seen.radius_m == 3) is shown
    assert ((seen.place_words, seen.note) == ("by the well", "x")) is shown
    (inside,) = read(session, tier=Tier.INTERNAL).locations
    assert (inside.lon, inside.lat, inside.radius_m, inside.place_words) == (38.756471, 35.816292, 3, "by the well")


def test_a_place_with_an_area_comes_as_its_polygon(session: Session, school: Incident) -> None:
    ring = [[38.2, 36.1], [38.3, 36.1], [38.3, 36.2], [38.2, 36.2], [38.2, 36.1]]
    location(session, school, area={"type": "Polygon", "coordinates": [ring]}, precision="adm3")
    (seen,) = read(session).locations
    assert seen.area is not None
    assert seen.area.bounds == (38.2, 36.1, 38.3, 36.2)


def test_the_place_that_stands_for_an_incident_is_the_marked_else_the_finest(
    session: Session, school: Incident
) -> None:
    point(session, school, 38.0, 35.0, precision="adm1")
    fine = point(session, school, 38.1, 35.1, precision="street")
    first = read(session).primary()
    assert first is not None
    assert first.key == fine.key
    marked = point(session, school, 38.2, 35.2, precision="country", is_primary=True)
    second = read(session).primary()
    assert second is not None
    assert second.key == marked.key


def test_withdrawn_and_superseded_places_are_no_longer_shown(session: Session, school: Incident) -> None:
    old = point(session, school, 38.0, 35.0)
    new = point(session, school, 38.1, 35.1, supersedes=old.key)
    gone = point(session, school, 38.2, 35.2, source="coalition")
    withdraw_location(session, gone.key)
    assert [row.key for row in read(session).locations] == [new.key]


def test_a_place_is_not_replaced_by_one_that_the_tier_may_not_see(session: Session, school: Incident) -> None:
    old = point(session, school, 38.0, 35.0)
    new = point(session, school, 38.1, 35.1, supersedes=old.key, report="closed")
    assert [row.key for row in read(session).locations] == [old.key]
    assert [row.key for row in read(session, tier=Tier.RESTRICTED).locations] == [new.key]


def test_a_claim_is_not_replaced_by_one_that_the_tier_may_not_see(session: Session) -> None:
    claim(session, "school", "33", code="old")
    claim(session, "school", "77", code="secret-new", supersedes="old", report="closed")
    assert killed(read(session)) == "33"
    assert read(session).claims[0].superseded_by is None
    assert killed(read(session, tier=Tier.INTERNAL)) == "77"


def test_the_code_of_a_claim_that_is_not_shown_leaves_through_no_other(session: Session) -> None:
    claim(session, "school", "33", code="secret-old", report="closed")
    claim(session, "school", "49", supersedes="secret-old")
    claim(session, "school", "5", category="child", subset_of="secret-old")
    claim(session, "school", "7", source="observatory", subset_of="secret-old")
    one = read(session)
    assert "secret-old" not in repr(one)
    assert "secret-old" in repr(read(session, tier=Tier.RESTRICTED))


def test_a_total_of_several_is_not_replaced_by_a_hidden_one_and_is_by_a_seen_one(session: Session) -> None:
    incident(session, "market")
    several = {"scope": "incident_set", "incidents": ["school", "market"]}
    claim(session, None, "84", code="first", **several)
    claim(session, None, "99", code="second", supersedes="first", report="closed", **several)
    assert [row.superseded_by for row in read(session).set_claims] == [None]
    claim(session, None, "90", code="one", source="observatory", **several)
    claim(
        session,
        None,
        "91",
        code="two",
        source="observatory",
        supersedes="one",
        scope="incident_set",
        incidents=["market"],
    )
    assert {row.code: row.superseded_by for row in read(session).set_claims} == {"first": None, "one": "two"}


def test_totals_of_several_stand_apart_and_in_no_range(session: Session) -> None:
    incident(session, "market")
    claim(session, None, "at least 84", scope="incident_set", incidents=["school", "market"])
    one = read(session)
    assert (one.claims, one.event_claims) == ([], [])
    assert len(one.set_claims) == 1
    assert killed(one) == "unknown"


def test_claims_of_siblings_make_the_range_of_the_event(session: Session) -> None:
    incident(session, "named-so")
    same(session, "school", "named-so")
    claim(session, "school", "42", code="a")
    claim(session, "named-so", "at least 47", code="b")
    for code in ("school", "named-so"):
        one = read(session, code)
        assert codes(one.event_claims) == ["a", "b"]
        assert killed(one) == "42–47+"
        assert one.event_code == "school"
    assert codes(read(session, "named-so").claims) == ["b"]
    assert [row.incident for row in read(session).event_claims] == ["school", "named-so"]
    assert (read(session).same_as, read(session, "named-so").same_as) == (("named-so",), ("school",))


@pytest.mark.parametrize("first", ["hidden-one", "school"], ids=["hidden recorded last", "hidden recorded first"])
def test_a_hidden_sibling_never_leaks(session: Session, first: str) -> None:
    incident(session, "hidden-one", visibility="restricted")
    incident(session, "market")
    middle, seen = ("hidden-one", "school") if first == "hidden-one" else ("hidden-one", "market")
    same(session, middle, seen)
    claim(session, "hidden-one", "77771", code="hidden-claim")
    claim(session, seen, "33")
    text = repr(read(session, seen))
    assert "hidden" not in text
    assert "77771" not in text
    assert read(session, seen).event is None
    assert killed(read(session, seen, tier=Tier.RESTRICTED)) == "33–77771"


def test_records_joined_through_a_hidden_one_are_one_event_without_it(session: Session) -> None:
    incident(session, "hidden-one", visibility="restricted")
    incident(session, "market")
    same(session, "school", "hidden-one")
    same(session, "hidden-one", "market")
    for code in ("school", "market"):
        one = read(session, code)
        assert one.event_code == "school"
        assert one.event is not None
        assert len(one.event.incident_ids) == 2
        assert "hidden" not in repr(one)


def test_a_withdrawn_sibling_counts_no_longer(session: Session) -> None:
    incident(session, "twin")
    same(session, "school", "twin")
    claim(session, "school", "33")
    claim(session, "twin", "99")
    edit_incident(session, "twin", IncidentEdit(withdrawn=True))
    assert killed(read(session)) == "33"
    assert read(session).same_as == ()
    assert (read(session, "twin").withdrawn, killed(read(session, "twin"))) == (True, "99")


def test_what_the_accused_say_is_official_and_what_others_say_is_not(session: Session) -> None:
    organisation(session, "task-force", belongs_to=[{"group": "coalition", "kind": "part"}])
    blame(session)
    claim(session, "school", "420")
    claim(session, "school", "40", source="coalition")
    claim(session, "school", "41", source="task-force", report="coalition-1")
    assert killed(read(session), Rule.OFFICIAL) == "40–41"


@pytest.mark.parametrize(
    "given",
    [
        {"strength": "denied"},
        {"strength": "unattributed"},
        {"role": "target"},
        {"role": "side"},
        {"report": "closed"},
    ],
)
def test_who_is_not_accused_says_nothing_official(session: Session, given: dict[str, Any]) -> None:
    blame(session, **given)
    claim(session, "school", "40", source="coalition")
    assert killed(read(session), Rule.OFFICIAL) == "unknown"


def test_a_withdrawn_accusation_accuses_no_longer(session: Session) -> None:
    row = blame(session)
    row.withdrawn = True
    session.flush()
    claim(session, "school", "40", source="coalition")
    assert killed(read(session), Rule.OFFICIAL) == "unknown"
    assert read(session).attributions == []


def test_an_accusation_in_a_sibling_accuses_in_the_whole_event(session: Session) -> None:
    incident(session, "twin")
    same(session, "school", "twin")
    blame(session)
    claim(session, "twin", "40", source="coalition")
    assert killed(read(session, "twin"), Rule.OFFICIAL) == "40"


def test_as_of_leaves_out_what_was_said_later_and_what_has_no_date(session: Session, school: Incident) -> None:
    claim(session, "school", "33", code="dated", stated="2017-03-22", report="undated")
    claim(session, "school", "34", code="by its report")
    claim(session, "school", "40", code="late", report="late")
    claim(session, "school", "41", code="undated", report="undated")
    claim(session, "school", "42", code="stated late", stated="2018-01-01")
    assert codes(read(session, as_of="2017-03-23").claims) == ["dated"]
    assert codes(read(session, as_of="2017-03-24").claims) == ["dated", "by its report"]
    assert len(read(session).claims) == 5


def test_as_of_a_claim_stands_until_its_successor_was_said(session: Session) -> None:
    claim(session, "school", "42", code="old", stated="2017-03-17")
    claim(session, "school", "49", code="new", stated="2017-03-21", supersedes="old")
    assert killed(read(session, as_of="2017-03-20")) == "42"
    assert killed(read(session, as_of="2017-03-21")) == "49"


def test_as_of_a_claim_stands_until_it_was_taken_back(session: Session) -> None:
    claim(session, "school", "42", code="old", stated="2017-03-17")
    withdraw_claim(session, "old", on="2017-05-01", why="Counted twice.")
    assert killed(read(session, as_of="2017-04-30")) == "42"
    assert killed(read(session, as_of="2017-05-01")) == "unknown"
    assert (read(session).claims[0].withdrawn, read(session).claims[0].withdrawn_why) == (True, "Counted twice.")


def test_as_of_keeps_places_without_a_date_and_leaves_out_later_ones(session: Session, school: Incident) -> None:
    kept = point(session, school, 38.0, 35.0, report="undated")
    old = point(session, school, 38.1, 35.1, source="coalition")
    new = point(session, school, 38.2, 35.2, source="coalition", report="late", supersedes=old.key)
    assert [row.key for row in read(session, as_of="2017-08-01").locations] == [kept.key, old.key]
    assert [row.key for row in read(session).locations] == [kept.key, new.key]


def test_as_of_leaves_out_later_steps_statements_gradings_accusations_and_reports(
    session: Session, school: Incident
) -> None:
    step(session, school, "open", "2017-03-22")
    step(session, school, "credible", "2018-06-28")
    for grading, day in (("fair", "2017-04-01"), ("confirmed", "2018-06-28"), ("weak", None)):
        given = {"grading": grading, "by": "monitor", "why": "Its method.", "graded": day}
        add_grading(session, school, GradingInput.model_validate(given))
    for day in ("2017-03-28", "2018-06-28"):
        add_statement(session, school, StatementInput(by="monitor", report="late", words="Said.", stated=day))
        blame(session, report="late", stated=day)
    link_report(session, school, find_report(session, "late"))
    link_report(session, school, find_report(session, "undated"))
    one = read(session, as_of="2017-08-01")
    assert one.threads[0].state(one.as_of) is InvestigationState.OPEN
    assert len(one.threads[0].steps) == 1
    assert [row.grading.value for row in one.current_gradings()] == ["fair"]
    assert (len(one.statements), len(one.attributions)) == (1, 1)
    late = read(session)
    assert [row.grading.value for row in late.current_gradings()] == ["confirmed"]
    assert (len(late.gradings), len(late.statements), len(late.attributions)) == (3, 2, 2)
    linked_only = incident(session, "linked")
    link_report(session, linked_only, find_report(session, "late"))
    assert read(session, "linked", as_of="2017-08-01").reports == []


def test_an_undated_grading_of_a_later_report_is_the_later_one(session: Session, school: Incident) -> None:
    for given in ({"grading": "confirmed", "report": "late"}, {"grading": "fair", "graded": "2017-04-01"}):
        plain = {"by": "monitor", "why": "Its method."}
        add_grading(session, school, GradingInput.model_validate(plain | given))
    assert [row.grading.value for row in read(session).current_gradings()] == ["confirmed"]


@contextmanager
def noted(session: Session) -> Iterator[list[str]]:
    """The statements that are run inside the block."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    session.flush()
    sa.event.listen(session.connection(), "before_cursor_execute", note)
    yield statements
    sa.event.remove(session.connection(), "before_cursor_execute", note)


def say(session: Session, row: Incident, numbers: range) -> None:
    """One of everything that may be said of an incident for each number."""
    for number in numbers:
        claim(session, "school", "33", code=f"c{number}", report="late", subset_of=f"c{number - 1}" if number else None)
        point(session, row, 38.0 + number / 100, 35.0)
        words = f"Something, said {number} times."
        add_statement(session, row, StatementInput(by="monitor", report="monitor-1", words=words))
        blame(session)


def test_the_number_of_statements_does_not_grow_with_what_is_said(session: Session, school: Incident) -> None:
    """``show`` of an incident with one of everything and an event in common with another, and of one with forty."""
    other = incident(session, "other")
    with noted(session) as bare:
        read(session)
    say(session, school, range(1))
    step(session, school, "open", "2017-03-22")
    claim(session, None, "90", scope="incident_set", incidents=["school", "other"])
    same(session, "school", "other")
    assert other.code in read(session).same_as
    with noted(session) as few:
        read(session)
    say(session, school, range(1, 40))
    for state, taken in (("credible", "2017-04-22"), ("open", "2017-05-22")):
        step(session, school, state, taken)
    with noted(session) as full:
        one = read(session)
    assert (len(one.claims), len(one.locations), len(one.statements), len(one.set_claims)) == (40, 40, 40, 1)
    assert len(bare) < len(few) == len(full) <= 25  # nothing is asked for what a bare one has nothing of


def test_the_number_of_statements_does_not_grow_with_the_incidents(session: Session) -> None:
    """A ledger in which every incident has everything, and a third share an event."""
    rows = [incident(session, f"n{number}") for number in range(300)]
    for number, row in enumerate(rows):
        claim(session, row.code, "33", code=f"{row.code}-first")
        claim(session, row.code, "34", supersedes=f"{row.code}-first")
        point(session, row, 38.0 + number / 1000, 35.0)
        step(session, row, "open", "2017-03-22")
        if number % 3 == 1:
            same(session, rows[number - 1].code, row.code)
    counts = {}
    for size in (1, 10, 300):
        with noted(session) as statements:
            assert len(list(dossiers(session, [row.key for row in rows[:size]], tier=Tier.PUBLIC))) == size
        counts[size] = len(statements)
    assert len(set(counts.values())) == 1, counts
    assert counts[1] <= 25
