"""Measuring: folds that no event is in twice, figures by hand, and predictions of models that had not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.suggestions import evaluation
from incidents.suggestions.accounts import Account, Accounts
from incidents.suggestions.evaluation import (
    FOLDS,
    Labelled,
    Measured,
    Predicted,
    across,
    blocks_of,
    cross_validated,
    measure,
)
from incidents.suggestions.maverick import read_maverick
from incidents.suggestions.model import Compared
from tests.incidents.suggestions.labelled import reports, written

DAYS_OF_TWO_YEARS = st.integers(14_000, 14_730)


@given(st.lists(st.tuples(DAYS_OF_TWO_YEARS, st.integers(0, 12)), min_size=1, max_size=40))
def test_no_event_and_no_quarter_is_in_two_folds(told: list[tuple[int, int]]) -> None:
    accounts = Accounts([Account(f"r{at}", start=float(day), end=float(day)) for at, (day, _) in enumerate(told)])
    events = np.unique([event for _, event in told], return_inverse=True)[1].astype(np.int64)
    folds = blocks_of(accounts, events)
    assert set(folds.tolist()) <= set(range(FOLDS))
    quarters = accounts.start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // 3
    for labels in (events, quarters):
        assert all(len(set(folds[labels == one].tolist())) == 1 for one in np.unique(labels))


def test_the_largest_block_goes_into_the_smallest_fold() -> None:
    sizes = [7, 5, 4, 3, 2, 1, 1]
    days = [float(14_015 + 91.3 * quarter) for quarter, size in enumerate(sizes) for _ in range(size)]
    accounts = Accounts([Account(f"r{at}", start=day, end=day) for at, day in enumerate(days)])
    folds = blocks_of(accounts, np.arange(len(days), dtype=np.int64))
    assert sorted(np.bincount(folds, minlength=FOLDS).tolist()) == [3, 4, 4, 5, 7]


def found(*pairs: tuple[int, int, float, bool]) -> tuple[Labelled, Predicted]:
    """Six reports of the events 0 0 0, 1 1 and 2, and scored pairs of them."""
    left, right, scores, same = (np.array(column) for column in zip(*pairs, strict=True))
    nothing = Compared(left, right, np.zeros((len(left), 0), dtype=np.float32))
    data = Labelled(Accounts([Account(f"r{at}") for at in range(6)]), np.array([0, 0, 0, 1, 1, 2]), nothing)
    return data, Predicted(left, right, scores, scores - 0.5, same.astype(bool))


RANKED = ((3, 4, 1.0, True), (0, 1, 4.0, True), (2, 5, 3.0, False), (0, 2, 2.0, True))
"""By score: right, wrong, right, right; of the four true pairs (1, 2) is no candidate."""


def test_the_figures_are_those_computed_by_hand() -> None:
    measured = measure(*found(*RANKED))
    assert measured.recall == 3 / 4
    assert measured.candidates == pytest.approx(2 * 4 / 6)
    assert measured.precision == pytest.approx((1 / 1 + 2 / 3 + 3 / 4) / 4)  # what is never found counts as nothing
    assert measured.effort == float("inf")  # nine tenths of four are never found


def test_all_true_pairs_found_give_an_effort_and_whole_groups() -> None:
    wrong_apart = [pair if pair[3] else (2, 5, -9.0, False) for pair in RANKED]
    measured = measure(*found(*wrong_apart, (1, 2, 0.5, True)))
    assert measured == Measured(1.0, pytest.approx(10 / 6), 1.0, 1.0, 4 / 6)
    late = measure(*found(*RANKED, (1, 2, 0.5, True)))
    assert late.effort == 5 / 6
    assert late.precision == pytest.approx((1 / 1 + 2 / 3 + 3 / 4 + 4 / 5) / 4)


def test_groups_are_held_to_the_events_pair_by_pair() -> None:
    # Only 0-1 and 3-4 are joined: two of four true pairs, and no wrong one.
    measured = measure(*found((0, 1, 4.0, True), (3, 4, 1.0, True)))
    assert measured.joined == pytest.approx(2 * 2 / (2 + 4))


@pytest.fixture(scope="module")
def few_trees() -> Any:
    """Learning in seconds: a tenth of the trees."""
    pytest.importorskip("lightgbm")
    with pytest.MonkeyPatch.context() as patch:
        for settings in (evaluation.FIRST, evaluation.SECOND):
            patch.setitem(settings, "rounds", 25)
        yield


@pytest.fixture(scope="module")
def data(few_trees: None, tmp_path_factory: pytest.TempPathFactory) -> Labelled:
    rows = reports()
    return Labelled.of(*read_maverick(written(tmp_path_factory.mktemp("labelled") / "reports.csv", rows)))


def test_pairs_are_compared_once_and_know_whether_they_are_one_event(data: Labelled) -> None:
    pairs = set(zip(data.pairs.left.tolist(), data.pairs.right.tolist(), strict=True))
    assert len(pairs) == len(data.pairs.left) == len(data.same)
    true = {
        (one, other)
        for one in range(len(data.events))
        for other in range(one + 1, len(data.events))
        if data.events[one] == data.events[other]
    }
    told = {tuple(sorted(pair)) for pair, same in zip(pairs_of(data), data.same.tolist(), strict=True) if same}
    assert told == true  # all are within two days and some kilometres


def pairs_of(data: Labelled) -> list[tuple[int, int]]:
    return list(zip(data.pairs.left.tolist(), data.pairs.right.tolist(), strict=True))


def test_events_are_found_by_models_that_had_not_seen_them(data: Labelled) -> None:
    predicted = cross_validated(data)
    assert len(set(zip(predicted.left.tolist(), predicted.right.tolist(), strict=True))) == len(predicted.left)
    assert np.array_equal(predicted.same, data.events[predicted.left] == data.events[predicted.right])
    measured = measure(data, predicted)
    base = data.same.mean()
    assert measured.recall > 0.8
    assert measured.precision > 3 * base


def test_what_cannot_be_learned_is_not_found(data: Labelled) -> None:
    """Events dealt out by chance among the reports of a quarter: only a model that had seen them could find them."""
    random = np.random.default_rng(1)
    dealt = data.events.copy()
    quarters = data.accounts.start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // 3
    for one in np.unique(quarters):
        rows = np.flatnonzero(quarters == one)
        dealt[rows] = random.permutation(dealt[rows])
    lost = Labelled(data.accounts, dealt, data.pairs)
    kept = cross_validated(lost)
    assert kept.same.mean() < 0.2
    # Of the pairs at the top no more are true than of all.
    top = kept.same[np.argsort(-kept.scores)][: len(kept.same) // 5]
    assert top.mean() < kept.same.mean() + 0.1


def test_a_country_is_scored_by_what_was_learned_in_the_other(data: Labelled) -> None:
    predicted = across(data)
    country = data.accounts.codes("country")
    assert np.array_equal(country[predicted.left], country[predicted.right])
    assert set(country[predicted.left].tolist()) == set(country.tolist())
    assert measure(data, predicted).precision > 3 * data.same.mean()
