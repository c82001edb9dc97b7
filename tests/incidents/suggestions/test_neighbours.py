"""The second look, beside plain sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.suggestions.neighbours import NEIGHBOURS, NOT_COMPARED, agreed, look_round

PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda pair: pair[0] < pair[1]),
    st.floats(0.01, 0.99), min_size=1, max_size=15,
)  # fmt: skip


@given(PAIRS)
def test_third_records_and_rivals_are_those_of_the_pairs(fits: dict[tuple[int, int], float]) -> None:
    pairs = list(fits)
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    found = look_round(left, right, np.array([fits[pair] for pair in pairs]), np.full(6, -1, dtype=np.int64))
    assert set(found) == set(NEIGHBOURS)

    def fit(one: int, other: int) -> float:
        return fits.get((min(one, other), max(one, other)), 0.0)

    for at, (one, other) in enumerate(pairs):
        thirds = [key for key in range(6) if fit(one, key) > 0 and fit(other, key) > 0]
        assert found["shared"][at] == pytest.approx(sum(fit(one, key) * fit(other, key) for key in thirds))
        best = max((min(fit(one, key), fit(other, key)) for key in thirds), default=0.0)
        assert found["best_shared"][at] == pytest.approx(best)
        ranks = sorted(sum(fit(end, key) > fits[pairs[at]] for key in range(6)) for end in (one, other))
        assert found["rank_least"][at] <= found["rank_most"][at]
        assert ranks[0] <= found["rank_least"][at] or len(set(fits.values())) < len(fits)
        # No document is known, so none has a rival: what is ahead is the same for all of one fit.
        assert found["document_ahead_least"][at] == found["document_ahead_most"][at]


@given(PAIRS)
def test_those_that_fit_one_say_how_well_they_go_with_the_other(fits: dict[tuple[int, int], float]) -> None:
    scores = {pair: math.log(fit / (1 - fit)) for pair, fit in fits.items()}
    left, right = (np.array([pair[side] for pair in fits], dtype=np.int64) for side in (0, 1))
    found = agreed(left, right, np.array(list(scores.values())), 6)

    def mean(one: int, other: int) -> float:
        """Plainly: the scores with ``other`` of ``one`` and of all but ``other``, weighed by how well they fit one."""
        weights = {key: fits.get((min(one, key), max(one, key)), 0.0) for key in range(6) if key not in (one, other)}
        weights[one] = 1.0
        total = sum(
            weight * scores.get((min(key, other), max(key, other)), NOT_COMPARED) for key, weight in weights.items()
        )
        return total / sum(weights.values())

    for at, (one, other) in enumerate(fits):
        assert found[at] == pytest.approx((mean(one, other) + mean(other, one)) / 2)


def test_a_pair_that_nobody_else_fits_keeps_its_score() -> None:
    found = agreed(np.array([0]), np.array([1]), np.array([-1.5]), 2)
    assert found.tolist() == [pytest.approx(-1.5)]
