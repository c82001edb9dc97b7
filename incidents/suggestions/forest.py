"""A score made of small trees, each a few questions on two or three features; what each feature added can be told.

Kept as readable JSON: a tree is a number or ``[feature, threshold, is unknown lower, mean, lower, higher]``, where
``lower`` is taken up to the threshold. ``mean`` is what the tree says on the average below that question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from incidents.suggestions.accounts import Floats

Node: TypeAlias = Any
"""A number, or a question as a list; mypy knows no type of a JSON tree that it can check."""
Table: TypeAlias = NDArray[np.float32]


UNKNOWN = (np.float32(-np.inf), np.float32(np.inf))
"""What is not known, below all numbers and above."""
AT_ONCE = 256
"""Rows that go through all trees together, so that their answers to all questions stay near the processor."""


@dataclass(frozen=True)
class Questions:
    """All questions of a forest, so that they are asked of many rows at once.

    A leaf is ruled out by each question whose answer leads away from it; the first leaf that is left is the row's
    (Lucchese and others 2015, QuickScorer). Trees are filled up with questions that rule out nothing.

    Attributes:
        column: what each question is on, shape (questions of a tree, trees). Columns are there twice: first with what
            is not known below all numbers, then above all.
        threshold: up to which the answer is the lower; likewise.
        leaves: bits of the leaves that are left where it is the higher; likewise, with a third axis of 1.
        values: of the leaves from the lowest on; shape (trees, leaves).
        added: what each feature added on the way to a leaf; shape (trees, leaves, features).
        base: what is said of any row.
    """

    column: NDArray[np.int64]
    threshold: Table
    leaves: NDArray[np.unsignedinteger[Any]]
    values: Floats
    added: Floats
    base: float

    @classmethod
    def of(cls, trees: Sequence[Node], features: int) -> Questions:
        """The questions of ``trees`` on so many features."""
        ways = [list(_ways(tree)) for tree in trees]
        most = max((len(way) for way in ways), default=1)
        kind = next(np.dtype(f"u{size}") for size in (1, 2, 4, 8) if most <= 8 * size)
        shape = max(most - 1, 1), len(trees)
        column, threshold = np.zeros(shape, dtype=np.int64), np.full(shape, np.inf, dtype=np.float32)
        left = np.full((*shape, 1), np.iinfo(kind).max, dtype=kind)
        values, added = np.zeros((len(trees), most)), np.zeros((len(trees), most, features))
        for number, tree in enumerate(trees):
            for at, (node, first, higher) in enumerate(_inner(tree)):
                column[at, number] = node[0] + (0 if node[2] else features)
                threshold[at, number] = node[1]
                left[at, number] &= ~kind.type((1 << higher) - (1 << first))
            for leaf, (value, shares) in enumerate(ways[number]):
                values[number, leaf] = value
                for feature, share in shares:
                    added[number, leaf, feature] += share
        return cls(column, threshold, left, values, added, sum(map(_mean, trees)))

    def answered(self, table: Table) -> NDArray[np.int64]:
        """The leaf that each row comes to, as trees times leaves; shape (trees, m)."""
        columns = np.concatenate([np.where(np.isnan(table.T), side, table.T) for side in UNKNOWN])
        lower = columns[self.column] <= self.threshold[:, :, None]
        # All bits where the answer is the lower.
        bits = np.bitwise_and.reduce(self.leaves | -lower.astype(self.leaves.dtype), axis=0)
        first = np.bitwise_count((bits & -bits) - self.leaves.dtype.type(1))
        found: NDArray[np.int64] = first + np.arange(0, self.values.size, self.values.shape[1])[:, None]
        return found


def _ways(node: Node, way: tuple[tuple[int, float], ...] = ()) -> Iterator[tuple[float, tuple[tuple[int, float], ...]]]:
    """The leaves from the lowest on: the value, and what each question on the way there added."""
    if not isinstance(node, list):
        yield float(node), way
        return
    for below in node[4:]:
        yield from _ways(below, (*way, (node[0], _mean(below) - _mean(node))))


def _inner(node: Node, first: int = 0) -> Iterator[tuple[list[Any], int, int]]:
    """Each question, with the number of the first leaf below it, and of the first on its higher side."""
    if isinstance(node, list):
        higher = first + sum(1 for _ in _ways(node[4]))
        yield node, first, higher
        yield from _inner(node[4], first)
        yield from _inner(node[5], higher)


@dataclass(frozen=True)
class Forest:
    """Trees over the columns ``features`` of a table."""

    features: tuple[str, ...]
    trees: Sequence[Node]

    @cached_property
    def _questions(self) -> Questions:
        return Questions.of(self.trees, len(self.features))

    def scores(self, table: Table) -> Floats:
        """The logarithm of the odds of each row. Shape (m,)."""
        asked, found = self._questions, np.zeros(len(table))
        for start in range(0, len(table), AT_ONCE):
            leaf = asked.answered(table[start : start + AT_ONCE])
            found[start : start + AT_ONCE] = asked.values.ravel()[leaf].sum(axis=0)
        return found

    def contributions(self, table: Table) -> tuple[float, Floats]:
        """What is said of any row, and what each feature added for these; together the score.

        Args:
            table: shape (m, len(features)), as what is added.
        """
        asked, found = self._questions, np.zeros(table.shape)
        for start in range(0, len(table), AT_ONCE):
            leaf = asked.answered(table[start : start + AT_ONCE])
            for number, added in enumerate(asked.added):
                found[start : start + AT_ONCE] += added[leaf[number] - number * len(added)]
        return asked.base, found

    def stored(self) -> dict[str, Any]:
        """The JSON form."""
        return {"features": list(self.features), "trees": list(self.trees)}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Forest:
        """A forest from its JSON form."""
        return cls(tuple(stored["features"]), stored["trees"])


def _mean(node: Node) -> float:
    return float(node[3] if isinstance(node, list) else node)
