from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.vocabulary import Bound, Category, Outcome, Scope
from incidents.ranges import Figure, Range, Rule, all_ranges, contradictions, death_range, figure_text, number_text
from tests.incidents.factories import figure

CIVILIAN = Category.CIVILIAN


def exact(key: int, number: int, **given: Any) -> Figure:
    return figure(key, Bound.EXACT, number, number, **given)


def at_least(key: int, number: int, **given: Any) -> Figure:
    return figure(key, Bound.AT_LEAST, number, None, **given)


def up_to(key: int, number: int, **given: Any) -> Figure:
    return figure(key, Bound.AT_MOST, None, number, **given)


def between(key: int, low: int, high: int, **given: Any) -> Figure:
    return figure(key, Bound.BETWEEN, low, high, **given)


def around(key: int, number: int, **given: Any) -> Figure:
    return figure(key, Bound.AROUND, number, number, **given)


def denial(key: int, **given: Any) -> Figure:
    return figure(key, Bound.NONE_DENIED, 0, 0, **given)


def wordy(key: int, bound: Bound = Bound.UNQUANTIFIED, **given: Any) -> Figure:
    return figure(key, bound, None, None, **given)


def of(*figures: Figure, rule: Rule = Rule.ENVELOPE, category: Category = CIVILIAN) -> Range:
    return death_range(figures, category=category, rule=rule)


def day(number: int) -> datetime:
    return datetime(2017, 3, number, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        pytest.param((up_to(1, 30), at_least(2, 33)), "≤30–33+", id="the school: bounds that clash stay open"),
        pytest.param((at_least(1, 33),), "33+", id="at least stays open"),
        pytest.param((up_to(1, 30),), "≤30", id="up to stays open"),
        pytest.param((exact(1, 40),), "40", id="one figure"),
        pytest.param((between(1, 40, 420),), "40–420", id="a range of one source"),
        pytest.param((exact(1, 25), up_to(2, 30)), "25–30", id="a minimum below closes the low end"),
        pytest.param((exact(1, 30), up_to(2, 30)), "≤30", id="the same number leaves the low end open"),
        pytest.param((at_least(1, 30), up_to(2, 30)), "≤30–30+", id="open both ways at one number"),
        pytest.param((exact(1, 40), at_least(2, 10)), "10–40+", id="an open high end stays open"),
        pytest.param((around(1, 24),), "~24", id="a rough figure is not shown as a plain one"),
        pytest.param((around(1, 200), exact(2, 200)), "200", id="a plain figure beside the rough one"),
        pytest.param((around(1, 200), exact(2, 61)), "61–~200", id="a rough high end"),
        pytest.param((exact(1, 0),), "0", id="a counted zero"),
        pytest.param((denial(1),), "denied", id="only denials"),
        pytest.param((denial(1), denial(2)), "denied", id="two denials"),
        pytest.param((), "unknown", id="nothing"),
        pytest.param((wordy(1),), "unknown", id="dozens"),
        pytest.param((wordy(1, Bound.UNKNOWN),), "unknown", id="number unknown"),
        pytest.param((denial(1), wordy(2)), "unknown", id="dozens are no denial"),
        pytest.param((denial(1), wordy(2, Bound.UNKNOWN)), "unknown", id="an unknown number is no denial"),
        pytest.param((denial(1), exact(2, 0)), "0", id="a counted zero beside a denial"),
        pytest.param((denial(1), exact(2, 40)), "40", id="a denial is not averaged in"),
        pytest.param((denial(1), exact(2, 40, withdrawn=True)), "denied", id="what is withdrawn says nothing"),
        pytest.param((denial(1, partial="one building"),), "unknown", id="a denial of a part denies no whole"),
    ],
)
def test_the_text_of_an_envelope_says_what_the_claims_say(figures: tuple[Figure, ...], text: str) -> None:
    assert of(*figures).text() == text


def test_zero_denied_unknown_and_a_number_are_four_texts() -> None:
    texts = {of(exact(1, 0)).text(), of(denial(1)).text(), of().text(), of(exact(1, 1)).text()}
    assert len(texts) == 4


def test_clashing_bounds_are_reported_with_both_claims_and_not_smoothed() -> None:
    found = of(up_to(1, 30, words="up to 30"), at_least(2, 33, words="at least 33"))
    assert (found.low, found.high, found.low_open, found.high_open) == (30, 33, True, True)
    (pair,) = found.contradictions
    assert (pair.lower.key, pair.upper.key) == (1, 2)
    assert pair.text() == "“up to 30” (source 1) excludes “at least 33” (source 2)"


def test_contradictions_come_widest_apart_first() -> None:
    pairs = of(exact(1, 40), exact(2, 100), exact(3, 50)).contradictions
    assert [(pair.lower.key, pair.upper.key) for pair in pairs] == [(1, 2), (3, 2), (1, 3)]


def test_a_rough_figure_excludes_nothing() -> None:
    assert of(around(1, 200), exact(2, 210)).contradictions == ()


def test_overlapping_claims_are_no_contradiction() -> None:
    assert of(between(1, 40, 60), exact(2, 60), at_least(3, 33)).contradictions == ()


def test_low_best_and_high_of_one_report_are_no_contradiction_and_close_the_open_ends() -> None:
    one_report: dict[str, Any] = {"source_id": 7, "report_id": 7, "group": "ucdp"}
    found = of(at_least(1, 50, **one_report), exact(2, 50, **one_report), up_to(3, 62, **one_report))
    assert found.text() == "50–62"
    assert found.contradictions == ()


def test_low_best_and_high_that_are_one_number_are_that_number() -> None:
    one_report: dict[str, Any] = {"source_id": 7, "report_id": 7}
    assert of(at_least(1, 40, **one_report), exact(2, 40, **one_report), up_to(3, 40, **one_report)).text() == "40"


def test_a_lower_figure_of_the_same_report_closes_no_open_end() -> None:
    assert of(exact(1, 42, source_id=7, report_id=7), at_least(2, 47, source_id=7, report_id=7)).text() == "42–47+"


def test_another_report_of_the_same_source_closes_nothing() -> None:
    assert of(at_least(1, 33, source_id=7, report_id=1), exact(2, 40, source_id=7, report_id=2)).text() == "33–40+"


def test_a_denial_is_shown_beside_the_range_and_left_out_with_its_reason() -> None:
    found = of(denial(1), exact(2, 40))
    assert (found.low, found.high) == (40, 40)
    assert [claim.key for claim in found.denials] == [1]
    assert [(left.figure.key, left.why) for left in found.left_out] == [(1, "a denial, shown beside the range")]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"withdrawn": True}, "withdrawn by its source"),
        ({"superseded_by": "c9"}, "superseded by c9"),
        ({"scope": Scope.PERIOD}, "a total of scope period, not of this incident"),
        ({"scope": Scope.INCIDENT_SET}, "a total of scope incident_set, not of this incident"),
        ({"partial": "one of two buildings"}, "one of two buildings"),
        ({"bound": Bound.UNQUANTIFIED, "minimum": None, "maximum": None}, "names no number"),
    ],
)
@pytest.mark.parametrize("rule", list(Rule))
def test_a_claim_that_cannot_count_is_left_out_with_the_reason(change: dict[str, Any], reason: str, rule: Rule) -> None:
    out = dataclasses.replace(exact(1, 999, official=True), **change)
    found = of(out, exact(2, 40, official=True), exact(3, 40, official=True), rule=rule)
    assert (1, reason) in {(left.figure.key, left.why) for left in found.left_out}
    assert found.high == 40


def test_categories_and_outcomes_are_never_mixed() -> None:
    figures = (
        exact(1, 42, category=Category.TOTAL_PEOPLE),
        exact(2, 30),
        exact(3, 100, outcome=Outcome.INJURED),
        exact(4, 12, category=Category.CHILD),
    )
    found = of(*figures)
    assert (found.low, found.high) == (30, 30)
    assert {left.figure.key for left in found.left_out} == set()
    assert of(*figures, category=Category.CHILD).text() == "12"
    assert death_range(figures, outcome=Outcome.INJURED, category=CIVILIAN).text() == "100"
    assert [(one.outcome.value, one.category.value, one.text()) for one in all_ranges(figures, Rule.ENVELOPE)] == [
        ("killed", "total_people", "42"),
        ("killed", "civilian", "30"),
        ("killed", "child", "12"),
        ("injured", "civilian", "100"),
    ]


def test_corroboration_needs_a_second_independence_group() -> None:
    found = of(exact(1, 40, group="wire"), exact(2, 40, group="wire"), rule=Rule.CORROBORATED)
    assert found.text() == "unknown"
    assert of(exact(1, 40, group="wire"), exact(2, 40, group="other"), rule=Rule.CORROBORATED).text() == "40"


def test_a_claim_alone_beside_a_denial_is_not_denied() -> None:
    assert of(exact(1, 40), denial(2), rule=Rule.CORROBORATED).text() == "unknown"


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        pytest.param((at_least(1, 33), exact(2, 420)), "33+", id="at least 33 is backed by 420 and does not back it"),
        pytest.param((at_least(1, 33), at_least(2, 40)), "33+", id="the lower of two minimums is backed"),
        pytest.param((up_to(1, 30), exact(2, 12)), "≤30", id="up to 30 is backed by 12 and does not back it"),
        pytest.param((between(1, 40, 420), exact(2, 50)), "40–420", id="a figure in a range backs it and is backed"),
        pytest.param((exact(1, 35), exact(2, 40)), "unknown", id="figures that differ back nothing"),
        pytest.param((exact(1, 35), exact(2, 40), exact(3, 40)), "40", id="the one alone is left out"),
    ],
)
def test_a_claim_is_corroborated_when_another_group_names_a_number_it_allows(
    figures: tuple[Figure, ...], text: str
) -> None:
    assert of(*figures, rule=Rule.CORROBORATED).text() == text


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        pytest.param((exact(1, 40), exact(2, 33), between(3, 40, 420)), "33", id="the lowest figure"),
        pytest.param((between(1, 37, 62), exact(2, 40)), "37–62", id="the claim that names the lowest number"),
        pytest.param((at_least(1, 33), exact(2, 40)), "33+", id="an open lowest claim stays open"),
        pytest.param((at_least(1, 33), exact(2, 33)), "33", id="a plain figure stands for an open one"),
        pytest.param((denial(1), exact(2, 40)), "40", id="a denial is no lowest figure"),
        pytest.param((denial(1),), "denied", id="only a denial"),
    ],
)
def test_conservative_takes_the_lowest_figure(figures: tuple[Figure, ...], text: str) -> None:
    assert of(*figures, rule=Rule.CONSERVATIVE).text() == text


def test_latest_takes_the_last_claim_of_each_source_and_says_what_came_later() -> None:
    found = of(
        exact(1, 42, source_id=5, source="SOHR", known_from=day(16)),
        exact(2, 49, source_id=5, source="SOHR", known_from=day(21)),
        exact(3, 35, known_from=day(16)),
        rule=Rule.LATEST_PER_SOURCE,
    )
    assert found.text() == "35–49"
    assert [(left.figure.key, left.why) for left in found.left_out] == [(1, "SOHR said something later")]


def test_an_undated_claim_counts_as_the_earliest() -> None:
    figures = (exact(9, 99, source_id=5), exact(1, 42, source_id=5, known_from=day(16)))
    assert of(*figures, rule=Rule.LATEST_PER_SOURCE).text() == "42"


def test_claims_of_a_source_on_one_day_are_all_its_last() -> None:
    figures = (at_least(1, 50, source_id=5, known_from=day(16)), up_to(2, 62, source_id=5, known_from=day(16)))
    assert of(*figures, rule=Rule.LATEST_PER_SOURCE).text() == "50–62+"


def test_a_source_that_denies_at_last_no_longer_stands_by_its_figure() -> None:
    figures = (exact(1, 40, source_id=5, known_from=day(16)), denial(2, source_id=5, known_from=day(21)))
    found = of(*figures, rule=Rule.LATEST_PER_SOURCE)
    assert found.used == ()
    assert {left.figure.key for left in found.left_out} == {1, 2}


def test_a_source_that_concedes_at_last_no_longer_denies() -> None:
    figures = (denial(1, source_id=5, known_from=day(16)), exact(2, 40, source_id=5, known_from=day(21)))
    assert of(*figures, rule=Rule.LATEST_PER_SOURCE).text() == "40"


def test_official_takes_what_the_accused_said_with_their_denials() -> None:
    figures = (exact(1, 420), denial(2, official=True), exact(3, 40, official=True))
    found = of(*figures, rule=Rule.OFFICIAL)
    assert (found.low, found.high) == (0, 40)
    assert [left.why for left in found.left_out] == ["not said by an accused belligerent"]


def test_official_with_a_denial_alone_is_denied_whatever_others_say() -> None:
    assert of(exact(1, 420), denial(2, official=True), rule=Rule.OFFICIAL).text() == "denied"


def test_official_without_a_word_of_the_accused_is_unknown() -> None:
    assert of(exact(1, 420), denial(2), rule=Rule.OFFICIAL).text() == "unknown"


def test_official_with_dozens_beside_a_denial_is_not_denied() -> None:
    assert of(wordy(1, official=True), denial(2, official=True), rule=Rule.OFFICIAL).text() != "denied"


@pytest.mark.parametrize(
    ("bound", "minimum", "maximum", "text"),
    [
        (Bound.EXACT, 0, 0, "0"),
        (Bound.NONE_DENIED, 0, 0, "0, denied"),
        (Bound.UNKNOWN, None, None, "unknown"),
        (Bound.UNQUANTIFIED, None, None, "unquantified"),
        (Bound.AT_LEAST, 33, None, "33 or more"),
        (Bound.AT_MOST, None, 30, "30 or fewer"),
        (Bound.AROUND, 24, 24, "around 24"),
        (Bound.BETWEEN, 40, 420, "40 to 420"),
    ],
)
def test_each_bound_has_its_own_phrase(bound: Bound, minimum: int | None, maximum: int | None, text: str) -> None:
    assert number_text(bound, minimum, maximum) == text


def test_a_figure_is_quoted_by_its_words_else_by_its_numbers() -> None:
    assert figure_text(at_least(1, 33, words="at least 33")) == "“at least 33” (source 1)"
    assert figure_text(at_least(1, 33)) == "“33 or more” (source 1)"


NUMBERS = st.integers(0, 60)
SHAPES = st.one_of(
    NUMBERS.map(lambda n: (Bound.EXACT, n, n)),
    NUMBERS.map(lambda n: (Bound.AROUND, n, n)),
    NUMBERS.map(lambda n: (Bound.AT_LEAST, n, None)),
    NUMBERS.map(lambda n: (Bound.AT_MOST, None, n)),
    st.tuples(NUMBERS, NUMBERS).map(lambda pair: (Bound.BETWEEN, min(pair), max(pair))),
    st.just((Bound.NONE_DENIED, 0, 0)),
    st.just((Bound.UNQUANTIFIED, None, None)),
    st.just((Bound.UNKNOWN, None, None)),
)


@st.composite
def claims(draw: st.DrawFn, *, least: int = 0) -> list[Figure]:
    """Claims of a few sources in a few groups, each with a report of its own."""
    rows = []
    for key in range(1, draw(st.integers(least, 8)) + 1):
        source = draw(st.integers(1, 4))
        rows.append(
            figure(
                key,
                *draw(SHAPES),
                source_id=source,
                group=f"group-{source // 2}",
                known_from=draw(st.none() | st.integers(1, 5).map(day)),
                official=source == 1,
                category=draw(st.sampled_from([CIVILIAN, Category.CHILD])),
                withdrawn=draw(st.sampled_from([False, False, False, True])),
                superseded_by=draw(st.sampled_from([None, None, None, "c0"])),
                scope=draw(st.sampled_from([Scope.INCIDENT] * 4 + [Scope.PERIOD])),
            )
        )
    return rows


@given(claims(), st.sampled_from(Rule), st.randoms())
def test_the_order_of_the_claims_does_not_matter(figures: list[Figure], rule: Rule, random: Any) -> None:
    shuffled = list(figures)
    random.shuffle(shuffled)
    assert of(*figures, rule=rule) == of(*shuffled, rule=rule)


@given(claims(), st.sampled_from(Rule))
def test_used_and_left_out_are_all_claims_of_the_category_each_once(figures: list[Figure], rule: Rule) -> None:
    found = of(*figures, rule=rule)
    keys = [claim.key for claim in found.used] + [left.figure.key for left in found.left_out]
    assert sorted(keys) == [claim.key for claim in figures if claim.category is CIVILIAN]


@given(claims(), st.sampled_from(Rule))
def test_low_never_exceeds_high_and_neither_stands_alone(figures: list[Figure], rule: Rule) -> None:
    found = of(*figures, rule=rule)
    assert (found.low is None) == (found.high is None)
    assert found.low is None or found.high is None or found.low <= found.high


@given(claims(least=1))
def test_adding_a_claim_never_narrows_the_envelope(figures: list[Figure]) -> None:
    before, after = of(*figures[:-1]), of(*figures)
    if before.low is None or before.high is None:
        return
    assert after.low is not None
    assert after.high is not None
    assert after.low <= before.low
    assert after.high >= before.high
    assert after.high_open >= before.high_open
    assert after.low < before.low or after.low_open >= before.low_open


@given(claims(), st.sampled_from([rule for rule in Rule if rule is not Rule.OFFICIAL]))
def test_every_rule_stays_within_the_envelope_and_counts_no_denial(figures: list[Figure], rule: Rule) -> None:
    found, envelope = of(*figures, rule=rule), of(*figures)
    assert all(claim.bound is not Bound.NONE_DENIED for claim in found.used)
    if found.low is not None and found.high is not None:
        assert envelope.low is not None
        assert envelope.high is not None
        assert envelope.low <= found.low <= found.high <= envelope.high


@given(claims())
def test_a_contradiction_is_a_pair_with_no_number_that_both_allow(figures: list[Figure]) -> None:
    for pair in contradictions(figures):
        assert pair.lower.maximum is not None
        assert pair.upper.minimum is not None
        assert pair.lower.maximum < pair.upper.minimum
        assert pair.lower.report_id != pair.upper.report_id
