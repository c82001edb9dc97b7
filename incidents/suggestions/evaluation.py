"""Measuring the suggestions on accounts whose events are known, by predictions of models that have not seen them.

Blocks: the quarters of the year in which accounts begin, those joined that share an event, so that no event is in two.
Five folds of whole blocks, the largest block first into the smallest fold. For each fold, the first look is learned on
pairs that lie wholly in the other four; the second look on the same pairs, with scores of the first look by models that
had neither fold (so it learns from scores as honest as those it will meet); the cut and the threshold for joining are
chosen there too. Only then is the fold looked at. A pair of accounts in two folds is never one event; it is scored with
the fold of its first account.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from incidents.suggestions.accounts import Accounts, Floats, Rows
from incidents.suggestions.clusters import best_threshold, f1, group
from incidents.suggestions.forest import Forest
from incidents.suggestions.model import (
    CANDIDATES,
    FIRST_NAMES,
    SECOND_NAMES,
    Compared,
    Model,
    Weighed,
    compare_all,
    cut,
    second_look,
)
from incidents.suggestions.training import FIRST, SECOND, fit

FOLDS = 5
Bools = NDArray[np.bool_]
Step = Callable[[int], None]


def blocks_of(accounts: Accounts, events: Rows) -> Rows:
    """The fold of each account, 0 to :data:`FOLDS` - 1."""
    days = accounts.start.astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int64)
    quarters = np.unique(months // 3, return_inverse=True)[1]
    # Spread the least quarter number over what shares an event until nothing changes.
    block = quarters.copy()
    while True:
        least = np.full(int(events.max()) + 1, len(block))
        np.minimum.at(least, events, block)
        by_quarter = np.full(int(quarters.max()) + 1, len(block))
        np.minimum.at(by_quarter, quarters, least[events])
        spread = by_quarter[quarters]
        if np.array_equal(spread, block):
            break
        block = spread
    names, sizes = np.unique(block, return_counts=True)
    load, fold = np.zeros(FOLDS), {}
    for name, size in sorted(zip(names.tolist(), sizes.tolist(), strict=True), key=lambda item: (-item[1], item[0])):
        fold[name] = int(np.argmin(load))
        load[fold[name]] += size
    return np.array([fold[name] for name in block.tolist()], dtype=np.int64)


@dataclass(frozen=True)
class Labelled:
    """Accounts with their events, and their pairs compared."""

    accounts: Accounts
    events: Rows
    pairs: Compared

    @classmethod
    def of(cls, accounts: Accounts, events: Rows, progress: Step | None = None) -> Labelled:
        """Compare the accounts."""
        return cls(accounts, events, compare_all(accounts, progress))

    @property
    def same(self) -> Bools:
        """Which pairs are one event."""
        found: Bools = self.events[self.pairs.left] == self.events[self.pairs.right]
        return found

    def inside(self, chosen: Bools) -> Bools:
        """Which pairs lie wholly in the accounts ``chosen``."""
        found: Bools = chosen[self.pairs.left] & chosen[self.pairs.right]
        return found

    def first(self, chosen: Bools) -> Forest:
        """The first look, learned in the accounts ``chosen``."""
        inside = self.inside(chosen)
        return fit(self.pairs.features[inside], self.same[inside], FIRST_NAMES, FIRST)


def learn(data: Labelled, chosen: Bools, first: Forest, honest: Floats) -> Model:
    """The rest of the model, learned in the accounts ``chosen``.

    Args:
        data: the labelled pairs.
        chosen: the accounts that may be seen.
        first: the first look.
        honest: of every pair in them, the score by a first look that had not seen it.
    """
    inside = np.flatnonzero(data.inside(chosen))
    left, right, scores = data.pairs.left[inside], data.pairs.right[inside], honest[inside]
    wanted = int(CANDIDATES * chosen.sum() / 2)
    least = float(np.sort(scores)[-wanted]) if len(scores) > wanted else float(scores.min())
    kept = cut(left, right, scores, least)
    looked = second_look(left[kept], right[kept], scores[kept], data.accounts)
    same = data.same[inside][kept]
    halves = data.events[left[kept]] % 2 == 0
    second = fit(looked, same, SECOND_NAMES, SECOND)
    # The threshold too is chosen on scores by models that had not seen the pairs.
    unseen = np.zeros(len(kept))
    for half in (False, True):
        taught = halves != half
        unseen[~taught] = fit(looked[taught], same[taught], SECOND_NAMES, SECOND).scores(looked[~taught])
    numbers = np.full(len(chosen), -1)
    numbers[chosen] = np.arange(int(chosen.sum()))
    ends = numbers[left[kept]], numbers[right[kept]]
    weighed = Weighed.of(*ends, scores[kept], unseen, int(chosen.sum()))
    join = best_threshold(*ends, weighed.scores, data.events[chosen])
    return Model(first, second, round(least, 4), join)


@dataclass(frozen=True)
class Predicted:
    """Scores of candidates by models that had not seen them, less the threshold for joining of their fold."""

    left: Rows
    right: Rows
    scores: Floats
    above: Floats
    same: Bools


def predict(data: Labelled, made: Model, asked: Rows) -> Predicted:
    """The candidates among the pairs ``asked`` by ``made``."""
    left, right = data.pairs.left[asked], data.pairs.right[asked]
    first = made.first.scores(data.pairs.features[asked])
    kept = cut(left, right, first, made.least)
    left, right, first = left[kept], right[kept], first[kept]
    looked = second_look(left, right, first, data.accounts)
    scores = made.weigh(left, right, first, looked, len(data.accounts)).scores
    return Predicted(left, right, scores, scores - made.join, data.same[asked][kept])


def cross_validated(data: Labelled, progress: Step | None = None) -> Predicted:
    """Every candidate, scored by models that had not seen its fold."""
    fold = blocks_of(data.accounts, data.events)
    tick = _ticking(progress)
    without: dict[frozenset[int], Forest] = {}
    for held in [{one} for one in range(FOLDS)] + [set(two) for two in combinations(range(FOLDS), 2)]:
        without[frozenset(held)] = data.first(~np.isin(fold, list(held)))
        tick()
    of_left = fold[data.pairs.left]
    found = []
    for one in range(FOLDS):
        honest = np.zeros(len(of_left))
        for other in set(range(FOLDS)) - {one}:
            rows = of_left == other
            honest[rows] = without[frozenset({one, other})].scores(data.pairs.features[rows])
        made = learn(data, fold != one, without[frozenset({one})], honest)
        found.append(predict(data, made, np.flatnonzero(of_left == one)))
        tick()
    return _together(found)


def across(data: Labelled, progress: Step | None = None) -> Predicted:
    """Every candidate within a country, scored by models that were learned in the others alone."""
    country = data.accounts.codes("country")
    fold = blocks_of(data.accounts, data.events)
    tick, found = _ticking(progress), []
    for one in np.unique(country).tolist():
        chosen = country != one
        made = learn(data, chosen, data.first(chosen), honest_scores(data, chosen, fold, tick))
        inside = data.inside(~chosen)
        found.append(predict(data, made, np.flatnonzero(inside)))
        tick()
    return _together(found)


def honest_scores(data: Labelled, chosen: Bools, fold: Rows, tick: Callable[[], None]) -> Floats:
    """Of each pair in the accounts ``chosen``, the score by a first look learned in the other folds of them."""
    honest = np.zeros(len(data.pairs.left))
    of_left = fold[data.pairs.left]
    for one in range(FOLDS):
        rows = of_left == one
        honest[rows] = data.first(chosen & (fold != one)).scores(data.pairs.features[rows])
        tick()
    return honest


def whole(data: Labelled, progress: Step | None = None) -> Model:
    """The model learned from all accounts, the one to ship."""
    everyone = np.ones(len(data.accounts), dtype=bool)
    fold = blocks_of(data.accounts, data.events)
    tick = _ticking(progress)
    return learn(data, everyone, data.first(everyone), honest_scores(data, everyone, fold, tick))


def _ticking(progress: Step | None) -> Callable[[], None]:
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done)

    return tick


def _together(parts: list[Predicted]) -> Predicted:
    names = ("left", "right", "scores", "above", "same")
    return Predicted(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class Measured:
    """The figures of the bars.

    Attributes:
        recall: share of true pairs that are candidates.
        candidates: candidates of a record, on the average.
        precision: average precision over all true pairs, those that are no candidates as never found.
        joined: F1 of the groups over pairs.
        effort: pairs read for each record until 90% of the true pairs are found; infinite where they never are.
    """

    recall: float
    candidates: float
    precision: float
    joined: float
    effort: float


def measure(data: Labelled, found: Predicted) -> Measured:
    """The figures of predictions."""
    sizes = np.unique(data.events, return_counts=True)[1]
    true = int((sizes * (sizes - 1) // 2).sum())
    count = len(data.accounts)
    right = found.same[np.argsort(-found.scores, kind="stable")]
    hits = np.cumsum(right)
    precision = float((hits / np.arange(1, len(right) + 1))[right].sum() / true)
    enough = np.flatnonzero(hits >= 0.9 * true)
    effort = float((enough[0] + 1) / count) if len(enough) > 0 else float("inf")
    groups = group(found.left, found.right, found.above, count, 0.0)
    return Measured(int(hits[-1]) / true, 2 * len(right) / count, precision, f1(groups, data.events), effort)
