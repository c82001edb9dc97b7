"""Published totals against the named incidents, as the product loads them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from db.errors import NotFoundError
from db.vocabulary import Category, Verdict
from incidents.claims import ClaimInput, add_claim
from incidents.same_event import JudgementInput, judge
from incidents.totals.reconcile import Reconciled, reconcile
from incidents.totals.reconcile import Verdict as Answer
from incidents.totals.scope import Asked
from incidents.totals.tally import Subject

SEEDS = ("seed-000", "seed-001", "seed-002")
COALITION, BOTH = ("US-led Coalition",), ("US-led Coalition", "United States")


def one(
    session: Session, *, category: Category = Category.CIVILIAN, source: str = "SNHR", period: str | None = "2017-03",
    **asked: Any,
) -> Reconciled:  # fmt: skip
    """The one total that is asked for."""
    found = reconcile(session, Asked(Subject(category), **asked), source=source, period=period)
    assert len(found) == 1
    return found[0]


def test_march_2017_by_the_coalition_on_the_seeds(held: Session) -> None:
    found = one(held, belligerents=COALITION, reports=SEEDS)
    assert [figure.code for figure in found.figures] == ["seed-C004", "seed-C023"]  # one total in two articles
    events = {tuple(row["records"]): row["text"] for row in found.sheet.event_records()}
    assert events == {("al-jinah", "aleppo-mosque"): "42–47+", ("raqqa-school",): "≤30–33+"}
    assert (found.itemised.low, found.itemised.high) == (72, 80)
    assert (found.itemised.low_open, found.itemised.high_open) == (True, True)
    assert (found.verdict(), found.rest()) == (Answer.SHORT, (180, 188))


def test_figures_of_people_are_not_read_as_civilians_alone(held: Session) -> None:
    """42 "people, most of whom were civilians" is no civilian minimum."""
    found = one(held, belligerents=COALITION, reports=SEEDS)
    assert found.strict.text() == "≤77–77+"


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        ("undecided", "≤119–122+"),  # the judgement undone: counted twice, it would wrongly read so
        ("different", "≤119–122+"),
        ("unsure", "≤72–122+"),  # both ways
    ],
)
def test_counted_twice_it_would_read_wrongly(own: Session, verdict: str, text: str) -> None:
    one_event = {"first": "al-jinah", "second": "aleppo-mosque", "evidence": "A test."}
    judge(own, JudgementInput.model_validate(one_event | {"verdict": Verdict(verdict)}))
    found = one(own, belligerents=BOTH, reports=SEEDS)
    assert found.itemised.text() == text
    judge(own, JudgementInput.model_validate(one_event | {"verdict": Verdict.SAME}))
    assert one(own, belligerents=BOTH, reports=SEEDS).itemised.text() == "≤72–80+"


def test_the_four_parties_make_1020_of_1134(held: Session) -> None:
    found = one(held)
    assert found.whole.code == "total-snhr-2017-03"
    split = next(split for split in found.splits if split.way == "by party")
    assert sorted(group.low for group in split.groups) == [119, 224, 260, 417]
    assert (split.low, split.high, split.rest()) == (1020, 1020, (114, 114))
    assert split.misses()
    assert not split.exceeds()


def test_children_and_women_are_parts_of_the_260(held: Session) -> None:
    split = one(held, belligerents=COALITION).splits[0]
    assert (split.way, split.low, split.rest()) == ("by age and sex", 104, (156, 156))


def test_sohr_names_4624_of_4643(held: Session) -> None:
    found = one(held, source="SOHR", period="2014-09/..", category=Category.TOTAL_PEOPLE, belligerents=COALITION)
    assert (found.whole.code, found.whole.minimum) == ("seed-C060", 4643)
    split = found.splits[0]
    assert sorted(group.low for group in split.groups) == [136, 380, 4108]
    assert (split.low, split.rest()) == (4624, (19, 19))


def test_all_figures_are_wide_enough_to_hold_the_260(held: Session) -> None:
    found = one(held, belligerents=COALITION)
    assert (found.verdict(), found.strict.text()) == (Answer.CONSISTENT, "≤31–482+")


def test_more_itemised_than_published(own: Session) -> None:
    few = {"source": "rbss", "report": "rbss-raqqa-school", "outcome": "killed", "category": "child", "words": "5"}
    scope = {"scope": "period", "area": "Syria", "period": "2017-03", "perpetrator": "us-led-coalition"}
    add_claim(own, ClaimInput.model_validate(few | scope))
    found = one(own, source="RBSS", category=Category.CHILD, belligerents=COALITION)
    assert (found.verdict(), found.itemised.text()) == (Answer.EXCEEDING, "21–31")
    assert found.rest() == (-26, -16)


def test_an_event_that_others_are_accused_of_is_only_possibly_in_scope(held: Session) -> None:
    found = one(held, belligerents=("Islamic State",), countries=frozenset({"IQ"}))
    assert (found.whole.minimum, found.verdict()) == (119, Answer.CONSISTENT)
    row = found.sheet.event_records()[0]
    assert (row["event"], row["fit"]) == ("mosul-2017-03-17", "possibly")
    assert row["why"] == ["another actor is accused, or it is disputed"]


def test_a_total_of_an_area_that_cannot_be_taken_over(held: Session) -> None:
    found = one(held, period="2017-02-04/2017-05-05", belligerents=COALITION)
    assert (found.verdict(), found.whole.area) == (Answer.SCOPE_DIFFERS, "al Raqqa governorate (suburbs), Syria")


def test_no_such_total_lists_those_there_are(held: Session) -> None:
    with pytest.raises(NotFoundError, match="2017-03-01/2017-03-31, killed civilian, by US-led Coalition"):
        reconcile(held, Asked(Subject(Category.CIVILIAN)), source="SNHR", period="2016-03")
