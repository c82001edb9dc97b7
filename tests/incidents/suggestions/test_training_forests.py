"""Learning trees: they say what LightGBM says."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pytest

from db.errors import ResourceError
from incidents.suggestions.forest import Forest
from incidents.suggestions.training import FIRST, SECOND, SEEDS, SHARED, fit

NAMES = ("near", "late", "noise")


def made_up(rows: int = 1_500) -> tuple[Any, Any]:
    """Pairs that are one event where they are near and not late; a tenth of the values is not known."""
    random = np.random.default_rng(0)
    table = np.round(random.uniform(-4, 4, (rows, 3)), 1).astype(np.float32)
    same = (table[:, 0] < 0) & (table[:, 1] < 1)
    table[random.random((rows, 3)) < 0.1] = np.nan
    return table, same


@pytest.mark.parametrize("settings", [FIRST, SECOND], ids=["first", "second"])
def test_the_trees_say_what_lightgbm_says(settings: dict[str, Any]) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    table, same = made_up()
    given = {name: value for name, value in settings.items() if name != "rounds"}
    theirs = np.zeros(len(table))
    for seed in range(SEEDS):
        data = lightgbm.Dataset(table.astype(np.float64), same.astype(np.float64))
        made = lightgbm.train(SHARED | given | {"seed": seed}, data, settings["rounds"])
        theirs += made.predict(table, raw_score=True) / SEEDS
    forest = fit(table, same, NAMES, settings)
    assert len(forest.trees) == SEEDS * settings["rounds"]
    # Of values below 1 five digits are kept, in each tree.
    assert np.abs(forest.scores(table) - theirs).max() < settings["rounds"] * 1e-5
    read = Forest.read(json.loads(json.dumps(forest.stored())))
    assert np.array_equal(read.scores(table), forest.scores(table))


def test_what_was_learned_tells_pairs_apart_and_what_is_noise_adds_least() -> None:
    pytest.importorskip("lightgbm")
    table, same = made_up()
    forest = fit(table, same, NAMES, FIRST)
    scores = forest.scores(table)
    assert ((scores > 0) == same).mean() > 0.9
    known = table[~np.isnan(table).any(axis=1)]
    base, added = forest.contributions(known)
    assert base + added.sum(axis=1) == pytest.approx(forest.scores(known), abs=1e-5)
    near, late, noise = np.abs(added).mean(axis=0)
    assert noise < min(near, late) / 4


def test_two_fits_are_one() -> None:
    pytest.importorskip("lightgbm")
    assert fit(*made_up(400), NAMES, SECOND).stored() == fit(*made_up(400), NAMES, SECOND).stored()


def test_without_lightgbm_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)  # as if it were not installed
    with pytest.raises(ResourceError, match="LightGBM") as caught:
        fit(*made_up(10), NAMES, FIRST)
    assert caught.value.code == "missing_extra"
    assert "incident-atlas[training]" in str(caught.value)
