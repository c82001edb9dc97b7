"""Making the model from accounts of which the events are known. Needs LightGBM (extra ``training``)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.errors import ResourceError
from incidents.suggestions.forest import Forest, Node, Table

DIGITS = 5
"""Of the thresholds and values that are kept."""
HIGHEST = 1e30
"""A threshold that parts the unknown from all numbers."""
FIRST = {"num_leaves": 8, "learning_rate": 0.08, "rounds": 250, "min_data_in_leaf": 80, "feature_fraction": 0.3}
"""For the look at two accounts alone."""
SECOND = {"num_leaves": 4, "learning_rate": 0.05, "rounds": 100, "min_data_in_leaf": 60, "feature_fraction": 0.5}
"""For the second look, at their neighbours: few and small, or it learns its own quarters by heart."""
SEEDS = 3
"""The score is the mean of so many forests. Of one alone, average precision moves by 0.01 with the seed."""
SHARED: dict[str, Any] = {
    "objective": "binary", "lambda_l2": 5.0, "bagging_fraction": 0.8,
    "bagging_freq": 1, "max_bin": 31, "verbose": -1, "deterministic": True, "force_row_wise": True,
    "num_threads": 1,
}  # fmt: skip


def fit(table: Table, same: NDArray[np.bool_], names: tuple[str, ...], settings: dict[str, Any]) -> Forest:
    """Trees that tell pairs of one event from others.

    Args:
        table: features of pairs; shape (m, len(names)).
        same: which are one event; shape (m,).
        names: of the columns.
        settings: :data:`FIRST` or :data:`SECOND`.

    Raises:
        ResourceError: ``missing_extra``, LightGBM is not installed.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise ResourceError(
            "missing_extra", "Training needs LightGBM, which is not installed.",
            fix="Run: pip install 'incident-atlas[training]'",
        ) from error  # fmt: skip
    given = {name: value for name, value in settings.items() if name != "rounds"}
    trees = []
    for seed in range(SEEDS):
        data = lightgbm.Dataset(table.astype(np.float64), same.astype(np.float64))
        made = lightgbm.train(SHARED | given | {"seed": seed}, data, settings["rounds"])
        trees += [_tree(tree["tree_structure"])[0] for tree in made.dump_model()["tree_info"]]
    return Forest(names, trees)


def _tree(node: dict[str, Any]) -> tuple[Node, int]:
    """A tree of LightGBM's as ours, one of :data:`SEEDS`, and how many rows it was made of."""
    if "leaf_value" in node:
        return _short(node["leaf_value"] / SEEDS), node.get("leaf_count", 1)
    lower, below = _tree(node["left_child"])
    higher, above = _tree(node["right_child"])
    mean = _short((_value(lower) * below + _value(higher) * above) / max(below + above, 1))
    unknown = bool(node["default_left"]) if node["missing_type"] == "NaN" else node["threshold"] >= 0
    return [node["split_feature"], _short(min(node["threshold"], HIGHEST)), unknown, mean, lower, higher], below + above


def _value(node: Node) -> float:
    return float(node[3] if isinstance(node, list) else node)


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
