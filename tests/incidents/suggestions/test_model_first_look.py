"""Candidates found in parts are those of one table of everything."""

from __future__ import annotations

import numpy as np
import pytest

import incidents.suggestions.forest as forest
import incidents.suggestions.pairs as pairs
import incidents.suggestions.wording as wording
from incidents.suggestions.accounts import Account, Accounts, Floats, Rows
from incidents.suggestions.features import CROWDS, add_crowding, compare, table
from incidents.suggestions.model import (
    FIRST_NAMES,
    MOST,
    SECOND_NAMES,
    Likely,
    Surroundings,
    compare_all,
    cut,
    likely,
    model,
)
from tests.incidents.suggestions.tellings import told


def at_once(accounts: Accounts) -> tuple[Rows, Rows, Floats]:
    """Every pair by one table, as it was done before pairs were streamed: left, right, score of the first look."""
    left, right = (np.concatenate(side) for side in zip(*pairs.PairFinder.of(accounts).all(), strict=True))
    found = compare(accounts, left, right)
    crowds = {
        name: np.bincount(np.concatenate([left[among], right[among]]), minlength=len(accounts)).astype(np.float64)
        for name, among in ((name, chosen(found)) for name, chosen in CROWDS.items())
    }
    add_crowding(found, crowds, left, right)
    return left, right, model().first.scores(table(found, FIRST_NAMES))


def candidates(accounts: Accounts) -> Likely:
    parts = [*pairs.PairFinder.of(accounts).all()]
    return likely(Surroundings.of(accounts, parts), model(), parts).candidates()


@pytest.mark.parametrize("seed", range(3))
def test_pairs_that_are_streamed_are_those_of_the_whole_table(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    left, right, first = at_once(told(200, seed))
    kept = cut(left, right, first, model().least)
    for module, name, size in ((pairs, "AT_ONCE", 7), (pairs, "MOST_PAIRS", 11), (forest, "AT_ONCE", 3)):
        monkeypatch.setattr(module, name, size)
    monkeypatch.setattr(wording, "BATCH", 50)
    found = candidates(told(200, seed))
    assert 0 < len(found.left) < len(left)
    order, expected = np.lexsort((found.right, found.left)), kept[np.lexsort((right[kept], left[kept]))]
    assert found.left[order].tolist() == left[expected].tolist()
    assert found.right[order].tolist() == right[expected].tolist()
    assert found.first[order] == pytest.approx(first[expected], abs=1e-9)
    whole = compare_all(told(200, seed))
    assert np.sort(model().first.scores(whole.features)) == pytest.approx(np.sort(first), abs=1e-9)


def test_the_model_asks_what_is_compared() -> None:
    assert model().first.features == FIRST_NAMES
    assert model().second.features == SECOND_NAMES


def test_without_pairs_there_are_no_candidates() -> None:
    assert len(candidates(Accounts([Account("a"), Account("b")])).left) == 0
    assert compare_all(Accounts([])).features.shape == (0, len(FIRST_NAMES))


@pytest.mark.parametrize("seed", range(3))
def test_the_cut_keeps_what_is_among_the_best_of_either(seed: int) -> None:
    random = np.random.default_rng(seed)
    every = np.array([(one, other) for other in range(MOST + 30) for one in range(other)])
    left, right = every[random.random(len(every)) < 0.9].T
    scores = random.permutation(len(left)).astype(np.float64)
    least = float(len(left) // 50)

    def place(pair: int, record: int) -> int:
        return int((((left == record) | (right == record)) & (scores > scores[pair])).sum())

    expected = [
        pair
        for pair in range(len(left))
        if scores[pair] >= least and min(place(pair, left[pair]), place(pair, right[pair])) < MOST
    ]
    assert 0 < len(expected) < len(left)
    assert cut(left, right, scores, least).tolist() == expected
