"""A score made of small trees, each a few questions on two or three features; what each feature added can be told.

Kept as readable JSON: a tree is a number or ``[feature, threshold, is unknown lower, mean, lower, higher]``, where
``lower`` is taken up to the threshold. ``mean`` is what the tree says on the average below that question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from incidents.suggestions.accounts import Floats

Node: TypeAlias = Any
"""A number, or a question as a list; mypy knows no type of a JSON tree that it can check."""
Table: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Forest:
    """Trees over the columns ``features`` of a table."""

    features: tuple[str, ...]
    trees: Sequence[Node]

    def scores(self, table: Table) -> Floats:
        """The logarithm of the odds of each row. Shape (m,)."""
        columns = [np.ascontiguousarray(table[:, number]) for number in range(table.shape[1])]
        found = np.zeros(len(table))
        everyone = np.ones(len(table), dtype=bool)
        for tree in self.trees:
            _add(found, tree, columns, everyone)
        return found

    def contributions(self, row: Table) -> tuple[float, dict[str, float]]:
        """What is said of any pair, and what each feature added for this one; together the score.

        Args:
            row: shape (len(features),).
        """
        base, added = 0.0, defaultdict[str, float](float)
        for tree in self.trees:
            here, mean = tree, _mean(tree)
            base += mean
            while isinstance(here, list):
                feature = here[0]
                here = here[4] if _lower(here, row[feature : feature + 1])[0] else here[5]
                added[self.features[feature]] += _mean(here) - mean
                mean = _mean(here)
        return base, dict(added)

    def stored(self) -> dict[str, Any]:
        """The JSON form."""
        return {"features": list(self.features), "trees": list(self.trees)}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Forest:
        """A forest from its JSON form."""
        return cls(tuple(stored["features"]), stored["trees"])


def _mean(node: Node) -> float:
    return float(node[3] if isinstance(node, list) else node)


def _lower(node: Node, values: Table) -> NDArray[np.bool_]:
    lower: NDArray[np.bool_] = values <= np.float32(node[1])
    return lower | np.isnan(values) if node[2] else lower


def _add(found: Floats, node: Node, columns: Sequence[Table], mask: NDArray[np.bool_]) -> None:
    if not isinstance(node, list):
        found += mask * node
        return
    lower = _lower(node, columns[node[0]])
    _add(found, node[4], columns, mask & lower)
    _add(found, node[5], columns, mask & ~lower)
