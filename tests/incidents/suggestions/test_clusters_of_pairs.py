"""Groups of records, beside a slow and plain joining of the two groups that are likeliest one."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.suggestions.clusters import NOT_COMPARED, THRESHOLDS, best_threshold, f1, group, pair_counts

SCORES = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(-600, 600).map(lambda score: score / 100),
    max_size=12,
)


def arrays(scores: dict[tuple[int, int], float]) -> tuple[Any, Any, Any]:
    left, right = (np.array([pair[side] for pair in scores], dtype=np.int64) for side in (0, 1))
    return left, right, np.array(list(scores.values()), dtype=np.float64)


@given(SCORES, st.sampled_from([-2.005, 0.005]))
def test_groups_are_those_of_average_linkage(scores: dict[tuple[int, int], float], threshold: float) -> None:
    groups = [{key} for key in range(6)]

    def average(one: set[int], other: set[int]) -> float:
        between = [scores.get((min(a, b), max(a, b)), NOT_COMPARED) for a in one for b in other]
        return sum(between) / len(between)

    found = group(*arrays(scores), 6, threshold)
    while True:
        ranked = sorted(((average(a, b), a, b) for a, b in combinations(groups, 2)), key=lambda item: -item[0])
        if len(ranked) == 0 or ranked[0][0] < threshold:
            break
        if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 1e-9:
            return  # a tie: either may be joined first
        groups = [one for one in groups if one not in ranked[0][1:]] + [ranked[0][1] | ranked[0][2]]
    assert {frozenset(np.flatnonzero(found == label).tolist()) for label in set(found.tolist())} == {
        frozenset(one) for one in groups
    }


def test_a_chain_does_not_join_what_the_average_keeps_apart() -> None:
    chain = {(0, 1): 2.0, (1, 2): 2.0, (2, 3): 2.0}
    assert len(set(group(*arrays(chain), 4, 0.0).tolist())) == 2
    assert len(set(group(*arrays(chain | {(0, 2): 0.0, (0, 3): 0.0, (1, 3): 0.0}), 4, 0.0).tolist())) == 1


def test_the_pairs_of_groups_are_counted() -> None:
    groups, events = np.array([0, 0, 0, 1]), np.array([5, 5, 6, 6])
    assert pair_counts(groups, events) == (1, 3, 2)
    assert f1(groups, events) == pytest.approx(2 / 5)


def test_the_threshold_is_that_of_half_the_best_f1() -> None:
    events = np.array([0, 0, 1, 1])
    perfect = arrays({(0, 1): 3.0, (2, 3): 0.5, (1, 2): -2.0})
    assert best_threshold(*perfect, events) == 0.0


def test_where_no_threshold_joins_rightly_the_highest_is_taken() -> None:
    nobody = np.array([0, 1, 2, 3])
    assert best_threshold(*arrays({(0, 1): 3.0, (2, 3): 0.5}), nobody) == THRESHOLDS[-1]
