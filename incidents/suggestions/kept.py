"""Records kept with their pairs, so that one that is new or has changed is not compared with all others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from incidents.suggestions.accounts import Account, Accounts, Rows
from incidents.suggestions.model import MOST, Likely, Model, Surroundings, likely
from incidents.suggestions.pairs import PairFinder
from incidents.suggestions.proposals import Scored, look_again


class Kept:
    """Accounts by key, with the crowds round them and the scores of the first look at their pairs.

    What is said of a record is what a look at everything would say, except that words stay as rare as they were at the
    beginning, and that pairs which are not near a change keep their score though a document or a publisher has grown.
    What changes is put after all others, and its old place is left empty: make it anew when :attr:`late` are many.
    Not for use by several threads at once.
    """

    def __init__(self, accounts: Mapping[int, Account], made: Model) -> None:
        """Look at every pair of ``accounts``, which are given by key."""
        self._made = made
        self._row = {key: at for at, key in enumerate(accounts)}
        self.keys = [*accounts]
        every = Accounts([*accounts.values()])
        self._finder = PairFinder.of(every)
        pairs = [*self._finder.all()]
        self._round_them = Surroundings.of(every, pairs)
        self._fits: list[dict[int, float]] = [{} for _ in self.keys]
        self._note(likely(self._round_them, made, pairs))

    @property
    def late(self) -> int:
        """How many accounts were put since it was made."""
        return len(self._finder.late)

    def put(self, changed: Mapping[int, Account | None]) -> None:
        """Take in accounts that are new or are not what they were; None for those that are no more."""
        gone = np.array([self._row.pop(key) for key in changed if key in self._row], dtype=np.int64)
        rows = {key: account for key, account in changed.items() if account is not None}
        came = np.arange(len(self.keys), len(self.keys) + len(rows))
        self._row |= zip(rows, came.tolist(), strict=True)
        self.keys += rows
        touched = [gone, came]
        for left, right in self._finder.pairs(gone):
            self._round_them.count(left, right, -1)
            touched += [left, right]
        accounts = self._round_them.accounts.more([*rows.values()], gone)
        self._round_them, self._finder = self._round_them.more(accounts), self._finder.more(accounts)
        for left, right in self._finder.pairs(came):
            self._round_them.count(left, right, 1)
            touched += [left, right]
        self._look_at(np.unique(np.concatenate(touched)))

    def of(self, keys: Iterable[int]) -> Scored:
        """The candidates of some of the records among all, scored by both looks."""
        asked = {self._row[key] for key in keys if key in self._row}
        # The score of a pair is told by pairs of its candidates, and these by pairs of theirs.
        near = asked.union(*(self._fits[row] for row in asked))
        near = near.union(*(self._fits[row] for row in near))
        # Of a record that has too many, all are needed to tell which are its best.
        busy = {row for row in set().union(*(self._fits[one] for one in near)) if len(self._fits[row]) > MOST}
        found = self._pairs(near | busy).candidates()
        scored = look_again(found.only(_touching(found, near)), self._made)
        return scored.only(_touching(scored, asked))

    def _look_at(self, touched: Rows) -> None:
        """Score every pair of the records ``touched`` again."""
        self._fits += [{} for _ in range(len(self.keys) - len(self._fits))]
        for row in touched.tolist():
            for other in self._fits[row]:
                del self._fits[other][row]
            self._fits[row] = {}
        self._note(likely(self._round_them, self._made, self._finder.pairs(touched)))

    def _note(self, found: Likely) -> None:
        for one, other, first in zip(found.left.tolist(), found.right.tolist(), found.first.tolist(), strict=True):
            self._fits[one][other] = self._fits[other][one] = first

    def _pairs(self, rows: set[int]) -> Likely:
        """The pairs of ``rows``, each once."""
        fits = [self._fits[row] for row in rows]
        one = np.repeat(np.fromiter(rows, np.int64, len(rows)), [*map(len, fits)])
        other = np.fromiter(chain.from_iterable(fits), np.int64, len(one))
        first = np.fromiter(chain.from_iterable(fit.values() for fit in fits), np.float64, len(one))
        once = (one < other) | ~np.isin(other, one)
        left, right = np.minimum(one, other)[once], np.maximum(one, other)[once]
        order = np.lexsort((right, left))
        return Likely(left[order], right[order], first[once][order], self._round_them)


def _touching(found: Likely | Scored, rows: set[int]) -> NDArray[np.bool_]:
    wanted = list(rows)
    return np.isin(found.left, wanted) | np.isin(found.right, wanted)
