"""Scores of trees: routes, unknown values, and contributions that add up."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.suggestions.forest import Forest

TREE = [0, 1.5, True, 0.25, [1, 0.0, False, -1.0, -2.0, 0.5], 3.0]
ROWS = [([1.0, 0.0], -2.0), ([1.0, 1.0], 0.5), ([2.0, 0.0], 3.0), ([np.nan, -1.0], -2.0), ([1.0, np.nan], 0.5)]


@pytest.mark.parametrize(("row", "score"), ROWS)
def test_a_row_takes_its_way(row: list[float], score: float) -> None:
    assert Forest(("a", "b"), [TREE]).scores(np.array([row], dtype=np.float32)) == [score]


VALUES = st.floats(-3, 3, width=32) | st.just(float("nan"))
LEAVES: st.SearchStrategy[Any] = st.floats(-2, 2).map(lambda value: round(value, 3))
TREES = st.recursive(
    LEAVES,
    lambda below: st.tuples(
        st.integers(0, 2), st.integers(-2, 2).map(float), st.booleans(), LEAVES, below, below
    ).map(list),
    max_leaves=8,
)  # fmt: skip


@given(st.lists(TREES, max_size=5), st.tuples(VALUES, VALUES, VALUES))
def test_what_each_feature_added_makes_the_score(trees: list[Any], row: tuple[float, ...]) -> None:
    forest = Forest.read(json.loads(json.dumps(Forest(("a", "b", "c"), trees).stored())))
    table = np.array([row], dtype=np.float32)
    base, added = forest.contributions(table[0])
    assert base + sum(added.values()) == pytest.approx(float(forest.scores(table)[0]))
