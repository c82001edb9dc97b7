"""The second look, beside plain sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.suggestions.neighbours import NEIGHBOURS, look_round

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
