"""The model: a first look at two accounts alone, a cut, a second look at their neighbours, and what these say."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from incidents.suggestions.accounts import Accounts, Floats, Rows
from incidents.suggestions.features import (
    CROWDS,
    FEATURES,
    add_crowding,
    compare,
    compare_roughly,
    table,
)
from incidents.suggestions.forest import Forest, Table
from incidents.suggestions.neighbours import NEIGHBOURS, agreed, look_round
from incidents.suggestions.pairs import PairFinder

FIRST_NAMES, SECOND_NAMES = tuple(FEATURES), tuple(NEIGHBOURS)
CANDIDATES = 19.0
"""So many candidates a record has on the average after the first look, where it is learned; up to 20 elsewhere."""
MOST = 60
"""And no record more than these, the best."""
HEARD = 2 / 3
"""So far the score of a pair follows those that fit either record: to half the way more pairs are read for 90% of the
true ones, to the end groups are worse."""


@dataclass(frozen=True)
class Weighed:
    """The scores of pairs, logarithms of the odds; shape (m,) each.

    Attributes:
        looks: the mean of both looks: each alone is surer of itself than it is right.
        agreed: what those say that fit either record, by :func:`incidents.suggestions.neighbours.agreed`.
    """

    looks: Floats
    agreed: Floats

    @classmethod
    def of(cls, left: Rows, right: Rows, first: Floats, second: Floats, count: int) -> Weighed:
        """Of pairs by the scores of both looks, among ``count`` records."""
        looks = (first + second) / 2
        return cls(looks, agreed(left, right, looks, count))

    def only(self, chosen: NDArray[np.bool_]) -> Weighed:
        """Those of some of the pairs."""
        return Weighed(self.looks[chosen], self.agreed[chosen])

    @property
    def scores(self) -> Floats:
        """The looks, moved towards what those say that fit."""
        found: Floats = self.looks + HEARD * (self.agreed - self.looks)
        return found


@dataclass(frozen=True)
class Model:
    """Both forests.

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

    def weigh(self, left: Rows, right: Rows, first: Floats, looked: Table, count: int) -> Weighed:
        """Candidates by their scores of the first look and the features of the second, among ``count`` records."""
        return Weighed.of(left, right, first, self.second.scores(looked), count)

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
class Surroundings:
    """Accounts and how busy it is round each: what the first look at a pair is made of.

    Attributes:
        accounts: the records.
        crowds: how many others are counted of each, by the name in :data:`incidents.suggestions.features.CROWDS`.
    """

    accounts: Accounts
    crowds: dict[str, Floats]

    @classmethod
    def of(cls, accounts: Accounts, pairs: Iterable[tuple[Rows, Rows]]) -> Surroundings:
        """Count the crowds; ``pairs`` are all there are, in parts."""
        made = cls(accounts, {name: np.zeros(len(accounts)) for name in CROWDS})
        for left, right in pairs:
            made.count(left, right, 1)
        return made

    def count(self, left: Rows, right: Rows, sign: int) -> None:
        """Count pairs among the crowds, or with -1 no more."""
        roughly = compare_roughly(self.accounts, left, right)
        for name, chosen in CROWDS.items():
            counted = chosen(roughly)
            for side in (left, right):
                np.add.at(self.crowds[name], side[counted], sign)

    def more(self, accounts: Accounts) -> Surroundings:
        """With the accounts that came after these, with nothing round them yet."""
        none = np.zeros(len(accounts) - len(self.accounts))
        return Surroundings(accounts, {name: np.concatenate([counts, none]) for name, counts in self.crowds.items()})

    def features(self, left: Rows, right: Rows) -> Table:
        """The features of the first look at pairs."""
        found = compare(self.accounts, left, right)
        add_crowding(found, self.crowds, left, right)
        return table(found, FIRST_NAMES)


@dataclass(frozen=True)
class Compared:
    """Pairs with the features of the first look."""

    left: Rows
    right: Rows
    features: Table


def compare_all(accounts: Accounts, progress: Callable[[int], None] | None = None) -> Compared:
    """Every pair whose windows meet, compared; for learning. They take 250 bytes each.

    Args:
        accounts: the records.
        progress: is told how many records are looked at.
    """
    pairs = [*PairFinder.of(accounts).all()]
    round_them = Surroundings.of(accounts, pairs)
    found = [np.zeros((0, len(FIRST_NAMES)), dtype=np.float32)]
    for left, right in pairs:
        found.append(round_them.features(left, right))
        if progress is not None:
            progress(int(left.max(initial=0)) + 1)
    return Compared(*_together(pairs), np.concatenate(found))


@dataclass(frozen=True)
class Likely:
    """Pairs whose score of the first look is high enough to be candidates, and what it was made of."""

    left: Rows
    right: Rows
    first: Floats
    round_them: Surroundings

    def candidates(self) -> Likely:
        """Those of them that are among the best of either record."""
        return self.only(cut(self.left, self.right, self.first, -np.inf))

    def only(self, chosen: NDArray[Any]) -> Likely:
        """Some of them."""
        return replace(self, left=self.left[chosen], right=self.right[chosen], first=self.first[chosen])


def likely(
    round_them: Surroundings, made: Model, pairs: Iterable[tuple[Rows, Rows]],
    progress: Callable[[int], None] | None = None,
) -> Likely:  # fmt: skip
    """Look at ``pairs``, in parts; the features are let go of as soon as a pair is scored.

    Args:
        round_them: the records.
        made: the model.
        pairs: in parts.
        progress: is told how many records are looked at.
    """
    found, scores = [], [np.zeros(0)]
    for left, right in pairs:
        scored = made.first.scores(round_them.features(left, right))
        enough = np.flatnonzero(scored >= made.least)
        found.append((left[enough], right[enough]))
        scores.append(scored[enough])
        if progress is not None:
            progress(int(left.max(initial=0)) + 1)
    return Likely(*_together(found), np.concatenate(scores), round_them)


def _together(pairs: Sequence[tuple[Rows, Rows]]) -> tuple[Rows, Rows]:
    nothing = np.zeros(0, dtype=np.int64)
    left, right = (np.concatenate([nothing, *(pair[side] for pair in pairs)]) for side in (0, 1))
    return left, right


def cut(left: Rows, right: Rows, scores: Floats, least: float) -> Rows:
    """Which pairs are candidates: those above ``least`` that are among the best :data:`MOST` of either record."""
    kept = np.flatnonzero(scores >= least)
    one = np.concatenate([left[kept], right[kept]])
    # Only where both records have more than that many can a pair be too much.
    busy = np.bincount(one) > MOST
    among = np.flatnonzero(busy[one])
    order = among[np.lexsort((-np.tile(scores[kept], 2)[among], one[among]))]
    place = np.arange(len(order)) - np.searchsorted(one[order], one[order])
    best = ~(busy[left[kept]] & busy[right[kept]])
    best[order[place < MOST] % max(len(kept), 1)] = True
    return kept[best]


def second_look(left: Rows, right: Rows, first: Floats, accounts: Accounts) -> Table:
    """The features of the second look at candidates, with their scores of the first."""
    found = look_round(left, right, 1 / (1 + np.exp(-first)), accounts.codes("document"))
    return table(found, SECOND_NAMES)
