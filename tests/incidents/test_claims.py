from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, func, select

from db.errors import AtlasError, ConflictError, InputError, NotFoundError
from db.tables import Claim, ClaimIncident
from db.vocabulary import Bound, Category, Scope
from incidents.claims import find_claim, withdraw_claim
from tests.incidents.factories import basics, claim, end_of, incident

FIGURES: dict[str, Any] = {"words": None, "bound": "exact", "minimum": 33, "maximum": 33}


@pytest.fixture(autouse=True)
def school(session: Session) -> None:
    basics(session)
    incident(session, "school")
    incident(session, "market")


def count_claims(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Claim)).one()


@pytest.mark.input
@pytest.mark.parametrize(
    ("words", "bound", "minimum", "maximum"),
    [
        ("at least 33", Bound.AT_LEAST, 33, None),
        ("more than 100", Bound.MORE_THAN, 101, None),
        ("up to 30", Bound.AT_MOST, None, 30),
        ("almost 1000", Bound.ALMOST, None, 1000),
        ("around 200", Bound.AROUND, 200, 200),
        ("dozens", Bound.UNQUANTIFIED, None, None),
        ("unknown", Bound.UNKNOWN, None, None),
        ("none (denied)", Bound.NONE_DENIED, 0, 0),
        ("0", Bound.EXACT, 0, 0),
        ("٣٤", Bound.EXACT, 34, 34),
    ],
)
def test_words_are_read_and_kept_and_open_ends_stay_open(
    session: Session, words: str, bound: Bound, minimum: int | None, maximum: int | None
) -> None:
    row = claim(session, "school", words)
    session.refresh(row)
    assert (row.bound, row.minimum, row.maximum, row.words) == (bound, minimum, maximum, words)


def test_words_that_are_not_plain_are_kept_beside_the_figures(session: Session) -> None:
    row = claim(session, "school", **(FIGURES | {"words": "thirty-three bodies, says the imam"}))
    assert (row.minimum, row.words) == (33, "thirty-three bodies, says the imam")


@pytest.mark.input
@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"bound": "between", "minimum": 9, "maximum": 1}, "range_reversed", id="B16"),
        pytest.param({"minimum": -1, "maximum": -1}, "negative_count", id="B17"),
        pytest.param({"minimum": 10**9, "maximum": 10**9}, "count_too_large", id="B18"),
        pytest.param({"minimum": 100_000, "maximum": 100_000}, "large_count_unconfirmed", id="B18 unconfirmed"),
        pytest.param({"bound": None, "minimum": None, "maximum": None, "words": "100000"}, "large_count_unconfirmed",
                     id="B18 words, unconfirmed"),
        pytest.param({"minimum": 10**30, "maximum": 10**30}, "count_too_large", id="B19"),
        pytest.param({"minimum": float("nan")}, "not_finite", id="B20 NaN"),
        pytest.param({"maximum": float("inf")}, "not_finite", id="B20 infinity"),
        pytest.param({"minimum": True}, "not_an_integer", id="B21 true"),
        pytest.param({"minimum": 3.0}, "not_an_integer", id="B21 3.0"),
        pytest.param({"minimum": "33"}, "not_an_integer", id="B21 text"),
        pytest.param({"minimum": "1_000"}, "not_an_integer", id="B21 underscore"),
        pytest.param({"minimum": "٣٤"}, "not_an_integer", id="B22 in a number field"),
        pytest.param({"minimum": "up to 30"}, "not_an_integer", id="B23 words in a number field"),
        pytest.param({"bound": "at_least"}, "bound_mismatch", id="at least has no maximum"),
        pytest.param({"bound": "none_denied"}, "bound_mismatch", id="a denial is 0"),
        pytest.param({"bound": None}, "missing_bound", id="figures without a bound"),
        pytest.param({"bound": None, "minimum": None, "maximum": None}, "missing_count", id="no figure at all"),
        pytest.param({"bound": "plenty"}, "unknown_value", id="a bound that is none"),
        pytest.param({"bound": None, "minimum": None, "maximum": None, "words": "36,19"}, "decimal_comma", id="B25"),
        pytest.param({"bound": None, "minimum": None, "maximum": None, "words": "half"}, "unreadable_count",
                     id="a share"),
        pytest.param({"incident": "shool"}, "unknown_incident", id="unknown incident"),
        pytest.param({"incident": None}, "scope_needs_incident", id="an incident's claim without one"),
        pytest.param({"incidents": ["market"]}, "scope_needs_incident", id="an incident's claim about two"),
        pytest.param({"scope": "period"}, "scope_without_incident", id="a period total on an incident"),
        pytest.param({"scope": "incident_set"}, "scope_without_incident", id="a total of several on one"),
        pytest.param({"scope": "period", "incident": None, "incidents": ["school"]}, "scope_without_incident",
                     id="a period total that lists incidents"),
        pytest.param({"scope": "incident_set", "incident": None, "incidents": ["school", "nowhere"]},
                     "unknown_incident", id="a total with an unknown incident"),
        pytest.param({"scope": "war"}, "unknown_value", id="a scope that is none"),
        pytest.param({"source": "nobody", "report": "monitor-1"}, "unknown_organisation", id="unknown source"),
        pytest.param({"perpetrator": "nobody"}, "unknown_organisation", id="unknown perpetrator"),
        pytest.param({"side": "nobody"}, "unknown_organisation", id="unknown side"),
        pytest.param({"report": "monitor-9"}, "unknown_report", id="unknown report"),
        pytest.param({"subset_of": "c0"}, "unknown_claim", id="a part of nothing"),
        pytest.param({"supersedes": "c0"}, "unknown_claim", id="a successor of nothing"),
        pytest.param({"stated": "2017-02-30"}, "impossible_date", id="B26"),
        pytest.param({"as_of": "24/03/2017"}, "slashed_date", id="B28"),
        pytest.param({"period": "2017-03-27/2017-03-24"}, "end_before_start", id="B30"),
        pytest.param({"words": "a\x00"}, "control_character", id="B06"),
        pytest.param({"code": "c\u200b1"}, "invisible_character", id="B58"),
        pytest.param({"outcome": "dead"}, "unknown_value", id="an outcome that is none"),
        pytest.param({"toll": 3}, "unknown_field", id="B14"),
    ],
)  # fmt: skip
def test_a_bad_claim_is_refused_and_not_recorded(session: Session, given: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        claim(session, **({"about": "school"} | FIGURES | given))
    assert caught.value.code == code
    assert count_claims(session) == 0
    assert session.exec(select(func.count()).select_from(ClaimIncident)).one() == 0


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ({"incident": "shool"}, "school"),
        ({"source": "montor", "report": "monitor-1"}, "Monitor"),
        ({"report": "montor-1"}, "monitor-1"),
        ({"supersedes": "school-c2"}, "school-c1"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(session: Session, given: dict[str, Any], near: str) -> None:
    claim(session, "school", "33")
    with pytest.raises(NotFoundError, match=f"Nearest: .*{near}"):
        claim(session, **({"about": "school", "words": "33"} | given))


@pytest.mark.parametrize("given", [{"bound": "exact", "minimum": 100_000, "maximum": 100_000}, {"words": "100000"}])
def test_a_large_figure_is_stored_once_confirmed(session: Session, given: dict[str, Any]) -> None:  # B18
    assert claim(session, "school", confirm_large=True, **given).maximum == 100_000


def test_dates_are_kept_as_given_and_as_bounds(session: Session) -> None:
    row = claim(session, "school", "33", stated="2017-03-24/2017-03-27", as_of="2017-03")
    assert (row.stated, row.as_of) == ("2017-03-24/2017-03-27", "2017-03")
    assert (row.stated_end, row.as_of_end) == (end_of("2017-03-27"), end_of("2017-03-31"))


def test_a_period_total_is_attached_to_no_incident(session: Session) -> None:
    row = claim(session, None, "260", scope="period", area="Syria", period="2017-03", period_words="in March")
    assert (row.incident_id, row.scope, row.period_end) == (None, Scope.PERIOD, end_of("2017-03-31"))
    assert row.code == "period-c1"


def test_a_total_of_several_incidents_names_each_once(session: Session) -> None:
    row = claim(session, None, "at least 84", scope="incident_set", incidents=["school", "market", "School"])
    held = session.exec(select(ClaimIncident.incident_id).where(ClaimIncident.claim_id == row.id)).all()
    assert (row.incident_id, sorted(held)) == (None, [1, 2])


def test_codes_are_numbered_for_each_incident_and_never_given_twice(session: Session) -> None:
    first, second = claim(session, "school", "33"), claim(session, "school", "34")
    withdraw_claim(session, first.code, on="2018-01-01", why="Counted twice.")
    third, other = claim(session, "school", "35"), claim(session, "market", "1")
    assert [row.code for row in (first, second, third, other)] == ["school-c1", "school-c2", "school-c3", "market-c1"]


def test_a_code_given_by_hand_is_stepped_over(session: Session) -> None:
    claim(session, "school", "33", code="school-c2")
    assert [claim(session, "school", "34").code for _ in range(2)] == ["school-c3", "school-c4"]


def test_a_code_that_is_the_start_of_another_incidents_does_not_disturb_it(session: Session) -> None:
    incident(session, "schoo_")
    claim(session, "school", "33")
    assert claim(session, "schoo_", "34").code == "schoo_-c1"


def test_the_longest_incident_code_still_gets_claims(session: Session) -> None:
    incident(session, "x" * 100)
    codes = [claim(session, "x" * 100, "33").code for _ in range(2)]
    assert codes == ["x" * 90 + "-c1", "x" * 90 + "-c2"]


def test_a_taken_code_is_refused(session: Session) -> None:
    claim(session, "school", "33", code="c1")
    with pytest.raises(ConflictError) as caught:
        claim(session, "market", "33", code="c1")
    assert caught.value.code == "duplicate_code"


def test_a_successor_leaves_the_other_in_place(session: Session) -> None:
    old = claim(session, "school", "42", code="first")
    new = claim(session, "school", "49", supersedes="first")
    assert (new.supersedes_id, find_claim(session, "first").minimum, old.version) == (old.id, 42, 1)


@pytest.mark.parametrize(
    "given",
    [
        {"about": "market"},
        {"source": "observatory"},
        {"outcome": "injured"},
        {"category": "total_people"},
        {"side": "coalition"},
        {"about": None, "scope": "period", "area": "Syria"},
    ],
)
def test_a_claim_supersedes_only_one_that_counts_the_same(session: Session, given: dict[str, Any]) -> None:
    claim(session, "school", "42", code="first")
    with pytest.raises(ConflictError) as caught:
        claim(session, **({"about": "school", "words": "49", "supersedes": "first"} | given))
    assert caught.value.code == "not_a_successor"
    assert count_claims(session) == 1


def test_a_claim_has_one_successor_at_most(session: Session) -> None:
    claim(session, "school", "42", code="first")
    claim(session, "school", "46", code="second", supersedes="first")
    with pytest.raises(ConflictError) as caught:
        claim(session, "school", "49", supersedes="first")
    assert "Supersede second instead" in str(caught.value)


@pytest.mark.parametrize(
    ("whole", "parts", "fits"),
    [
        pytest.param("38", [("child", "5")], True, id="a part"),
        pytest.param("38", [("child", "39")], False, id="B24 a part above its whole"),
        pytest.param("up to 30", [("child", "at least 31")], False, id="B24 bounds"),
        pytest.param("at least 33", [("child", "99")], True, id="a whole without a maximum"),
        pytest.param("38", [("child", "up to 99")], True, id="a part without a minimum"),
        pytest.param("38", [("child", "20"), ("woman", "18")], True, id="children and women fill it"),
        pytest.param("38", [("child", "20"), ("woman", "19")], False, id="B24 children and women above it"),
        pytest.param("38", [("child", "20"), ("combatant", "20")], True, id="a child may be a combatant"),
        pytest.param("38", [("child", "30"), ("child", "30")], True, id="two figures on the same children"),
        pytest.param("38", [("civilian", "30"), ("combatant", "9")], False, id="B24 civilians and combatants above it"),
    ],
)
def test_parts_do_not_exceed_their_whole(
    session: Session, whole: str, parts: list[tuple[str, str]], *, fits: bool
) -> None:
    claim(session, "school", whole, code="whole", category="total_people")
    *before, (category, words) = parts
    for earlier, figure in before:
        claim(session, "school", figure, category=earlier, subset_of="whole")
    if fits:
        assert claim(session, "school", words, category=category, subset_of="whole").subset_of_id == 1
        return
    with pytest.raises(InputError) as caught:
        claim(session, "school", words, category=category, subset_of="whole")
    assert caught.value.code == "part_exceeds_whole"
    assert "claim whole" in str(caught.value)
    assert count_claims(session) == len(parts)


def test_a_part_that_was_replaced_or_withdrawn_is_not_added_up(session: Session) -> None:
    claim(session, "school", "38", code="whole", category="total_people")
    claim(session, "school", "30", code="children", category="child", subset_of="whole")
    claim(session, "school", "5", code="fewer", category="child", subset_of="whole", supersedes="children")
    claim(session, "school", "30", code="women", category="woman", subset_of="whole")
    withdraw_claim(session, "women", on="2018-01-01", why="Wrong place.")
    assert claim(session, "school", "33", category="man", subset_of="whole").minimum == 33


@pytest.mark.parametrize("given", [{"about": "market"}, {"outcome": "injured"}])
def test_a_part_counts_the_same_outcome_of_the_same_incident(session: Session, given: dict[str, Any]) -> None:
    claim(session, "school", "38", code="whole")
    with pytest.raises(InputError) as caught:
        claim(session, **({"about": "school", "words": "5", "category": "child", "subset_of": "whole"} | given))
    assert caught.value.code == "not_a_part"


def test_a_withdrawal_says_when_and_why_and_keeps_the_claim(session: Session) -> None:
    row = claim(session, "school", "33")
    found = withdraw_claim(session, row.code, on="2018-02-03", why="Counted twice.", version=1)
    assert (found.withdrawn, found.withdrawn_on, found.withdrawn_why) == (True, end_of("2018-02-03"), "Counted twice.")
    assert (found.minimum, found.version) == (33, 2)


@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        ({"on": "2018-02-30"}, InputError, "impossible_date"),
        ({"on": "2018-02-03/.."}, InputError, "open_window"),
        ({"why": "  "}, InputError, "why_missing"),
        ({"version": 7}, ConflictError, "stale_version"),
        ({"code": "nothing"}, NotFoundError, "unknown_claim"),
    ],
)
def test_a_bad_withdrawal_is_refused(
    session: Session, given: dict[str, Any], error: type[AtlasError], code: str
) -> None:
    claim(session, "school", "33", code="c1")
    with pytest.raises(error) as caught:
        withdraw_claim(session, **({"code": "c1", "on": "2018-02-03", "why": "Twice."} | given))
    assert caught.value.code == code
    session.expire_all()
    assert not find_claim(session, "c1").withdrawn


def test_a_claim_is_withdrawn_once(session: Session) -> None:
    claim(session, "school", "33", code="c1")
    withdraw_claim(session, "c1", on="2018-02-03", why="Twice.")
    with pytest.raises(ConflictError) as caught:
        withdraw_claim(session, "c1", on="2018-02-03", why="Twice.")
    assert caught.value.code == "withdrawn_already"


def test_each_category_is_stored_by_its_word(session: Session) -> None:
    for category in Category:
        row = claim(session, "school", "1", category=category.value)
        session.refresh(row)
        assert row.category is category
