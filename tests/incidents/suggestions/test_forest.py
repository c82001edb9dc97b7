"""Scores of trees: routes, unknown values, and contributions that add up."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import incidents.suggestions.forest as module
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


ASKED = st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=7)


def plainly(node: Any, row: tuple[float, ...]) -> float:
    """What a tree says of a row, one question after the other."""
    while isinstance(node, list):
        value = row[node[0]]
        node = node[4] if value <= node[1] or (math.isnan(value) and node[2]) else node[5]
    return float(node)


@given(st.lists(TREES, max_size=5), ASKED)
def test_the_score_is_what_the_trees_say_one_after_the_other(trees: list[Any], rows: list[tuple[float, ...]]) -> None:
    found = Forest(("a", "b", "c"), trees).scores(np.array(rows, dtype=np.float32))
    assert found == pytest.approx([sum(plainly(tree, row) for tree in trees) for row in rows])


def test_many_rows_are_scored_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    table = np.array([row for row, _ in ROWS], dtype=np.float32)
    monkeypatch.setattr(module, "AT_ONCE", 2)
    assert Forest(("a", "b"), [TREE]).scores(table).tolist() == [score for _, score in ROWS]
    base, added = Forest(("a", "b"), [TREE]).contributions(table)
    assert (base + added.sum(axis=1)).tolist() == [score for _, score in ROWS]


def test_a_tree_of_many_leaves_is_walked_as_well() -> None:
    """More than fit the bits of a byte: each number has its own leaf."""

    def between(low: int, high: int) -> Any:
        middle = (low + high) // 2
        return low if low == high else [0, middle, True, 0.0, between(low, middle), between(middle + 1, high)]

    rows = np.arange(40, dtype=np.float32)[:, None]
    assert Forest(("a",), [between(0, 39)]).scores(rows).tolist() == list(range(40))


@given(st.lists(TREES, max_size=5), ASKED)
def test_what_each_feature_added_makes_the_score(trees: list[Any], rows: list[tuple[float, ...]]) -> None:
    forest = Forest.read(json.loads(json.dumps(Forest(("a", "b", "c"), trees).stored())))
    table = np.array(rows, dtype=np.float32)
    base, added = forest.contributions(table)
    assert base + added.sum(axis=1) == pytest.approx(forest.scores(table))
