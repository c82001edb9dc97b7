"""The model of the product: a first look at two accounts alone, a cut, and a second look at their neighbours."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from incidents.suggestions.accounts import Accounts, Floats, Rows
from incidents.suggestions.features import FEATURES, add_crowding, compare, crowding, table
from incidents.suggestions.forest import Forest, Table
from incidents.suggestions.neighbours import NEIGHBOURS, look_round
from incidents.suggestions.pairs import PairFinder

FIRST_NAMES, SECOND_NAMES = tuple(FEATURES), tuple(NEIGHBOURS)
CANDIDATES = 18.5
"""So many candidates a record has on the average after the first look, where it is learned; up to 20 elsewhere."""
MOST = 60
"""And no record more than these, the best."""


def mean_of_looks(first: Floats, second: Floats) -> Floats:
    """The score of both looks: each alone is surer of itself than it is right."""
    found: Floats = (first + second) / 2
    return found


@dataclass(frozen=True)
class Model:
    """Both forests. The score of a pair is the mean of their scores.

    Attributes:
        first: on the features of two accounts.
        second: on what their neighbours add.
        least: the score of the first look from which a pair is a candidate.
        join: the average score from which groups are one event, where events are measured.
    """

    first: Forest
    second: Forest
    least: float
    join: float

    def scores(self, first: Floats, looked: Table) -> Floats:
        """The scores of candidates: by the first look, and by the features of the second."""
        return mean_of_looks(first, self.second.scores(looked))

    def stored(self) -> dict[str, Any]:
        """The JSON form."""
        return {"first": self.first.stored(), "second": self.second.stored(), "least": self.least, "join": self.join}


def read_model(stored: Mapping[str, Any]) -> Model:
    """A model from its JSON form."""
    return Model(Forest.read(stored["first"]), Forest.read(stored["second"]), stored["least"], stored["join"])


@cache
def model() -> Model:
    """The model that comes with the product."""
    return read_model(json.loads((files("incidents.suggestions") / "model.json").read_text(encoding="utf-8")))


def write_model(made: Model) -> str:
    """The text of the model's file: a tree a line."""
    stored = made.stored()
    parts = []
    for name in ("first", "second"):
        trees = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in stored[name]["trees"])
        names = json.dumps(stored[name]["features"])
        parts.append(f'"{name}": {{"features": {names}, "trees": [\n{trees}\n]}}')
    return f'{{"least": {made.least}, "join": {made.join},\n' + ",\n".join(parts) + "}\n"


@dataclass(frozen=True)
class Compared:
    """Pairs with the features of the first look."""

    left: Rows
    right: Rows
    features: Table


def compare_all(accounts: Accounts, progress: Callable[[int], None] | None = None) -> Compared:
    """Every pair whose windows meet, compared.

    Args:
        accounts: the records.
        progress: is told how many records are looked at.
    """
    lefts, rights, found = [], [], []
    finder = PairFinder.of(accounts)
    for left, right in finder.all():
        lefts.append(left)
        rights.append(right)
        found.append({name: column.astype(np.float32) for name, column in compare(accounts, left, right).items()})
        if progress is not None:
            progress(int(left.max(initial=0)) + 1)
    if len(found) == 0:
        nothing = np.zeros(0, dtype=np.int64)
        return Compared(nothing, nothing, np.zeros((0, len(FIRST_NAMES)), dtype=np.float32))
    left, right = np.concatenate(lefts), np.concatenate(rights)
    # Column by column, each taken out of the parts: twice all of them is what a million pairs have no room for.
    features: dict[str, Any] = {name: np.concatenate([part.pop(name) for part in found]) for name in [*found[0]]}
    add_crowding(features, crowding(features, left, right, len(accounts)), left, right)
    return Compared(left, right, table(features, FIRST_NAMES))


def cut(left: Rows, right: Rows, scores: Floats, least: float) -> Rows:
    """Which pairs are candidates: those above ``least`` that are among the best :data:`MOST` of either record."""
    kept = np.flatnonzero(scores >= least)
    one = np.concatenate([left[kept], right[kept]])
    order = np.lexsort((-np.tile(scores[kept], 2), one))
    place = np.arange(len(order)) - np.searchsorted(one[order], one[order])
    best = np.unique(np.tile(kept, 2)[order[place < MOST]])
    return best.astype(np.int64)


def second_look(left: Rows, right: Rows, first: Floats, accounts: Accounts) -> Table:
    """The features of the second look at candidates, with their scores of the first."""
    found = look_round(left, right, 1 / (1 + np.exp(-first)), accounts.codes("document"))
    return table(found, SECOND_NAMES)
