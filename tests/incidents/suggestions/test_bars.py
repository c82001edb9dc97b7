"""The bars: which figure is held to which, and the figures of the issue."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from incidents.suggestions import bars as module
from incidents.suggestions.accounts import Account, Accounts
from incidents.suggestions.bars import Bar, bars
from incidents.suggestions.evaluation import Labelled, Predicted
from incidents.suggestions.model import Compared


@pytest.mark.parametrize(
    ("bar", "met", "told"),
    [
        (Bar("recall", 0.98, 0.98, 0.9), True, "≥ 0.98"),  # reached is met
        (Bar("recall", 0.9799, 0.98, 0.9), False, "≥ 0.98"),
        (Bar("effort", 1.7, 1.7, 2.17, most=True), True, "≤ 1.7"),
        (Bar("effort", 1.71, 1.7, 2.17, most=True), False, "≤ 1.7"),
        (Bar("effort", float("inf"), 1.7, 2.17, most=True), False, "≤ 1.7"),  # never found
    ],
)
def test_a_bar_is_met_from_its_own_side(bar: Bar, met: bool, told: str) -> None:
    assert (bar.met, bar.told) == (met, told)


def test_each_figure_is_held_to_its_bar_beside_what_was_before(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = np.array([0, 1]), np.array([1, 2])
    data = Labelled(Accounts([Account("a"), Account("b"), Account("c")]), np.array([0, 0, 1]),
                    Compared(left, right, np.zeros((2, 0), dtype=np.float32)))  # fmt: skip
    same = np.array([True, False])

    def predicted(*scores: float) -> Any:
        return lambda *_: Predicted(left, right, np.array(scores), np.array(scores), same)

    # By quarters the true pair comes first; in the other country second, and both are joined.
    monkeypatch.setattr(module, "cross_validated", predicted(2.0, -9.0))
    monkeypatch.setattr(module, "across", predicted(2.0, 9.0))
    assert [(bar.value, bar.bar, bar.before, bar.most) for bar in bars(data)] == [
        (1.0, 0.98, 0.9705, False),  # true pairs among the candidates
        (pytest.approx(4 / 3), 20, 26.7, True),  # candidates a record
        (1.0, 0.80, 0.762, False),  # average precision
        (1.0, 0.75, 0.716, False),  # F1 of groups
        (0.0, 0.67, 0.63, False),  # the wrong pair was joined first, and the third is too far from it
        (pytest.approx(1 / 3), 1.7, 2.17, True),  # one pair read for three records
    ]
