"""The ranking model: a weighted choice among candidates and "none of these", and its calibration.

A conditional logit (McFadden 1974): the probability of a candidate is its exponentiated score over the sum of all,
"none of these" among them. The probability that the truth is within 10 km of a candidate is the sum over the
candidates within 10 km of it, corrected on labelled data by a monotone table. Weights and tables are a small JSON
file, made by ``scripts/train.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gazetteer.search.candidates import FEATURES
from gazetteer.search.index import Floats

NEAR_M = 10_000.0
EARTH_RADIUS_M = 6_371_008.8
EVIDENCE = ("none", "admin1", "admin2")
"""What is known beside the name; each has a calibration of its own."""


@dataclass(frozen=True)
class Model:
    """Weights by feature, and a table from raw to calibrated probability for each class of evidence.

    Attributes:
        weights: shape (len(FEATURES),).
        tables: by evidence, raw and calibrated probabilities, both rising; shape (2, n).
        sure_at: by evidence, the raw probability (before calibration) from which an answer may be called sure.
    """

    weights: Floats
    tables: dict[str, Floats]
    sure_at: dict[str, float]

    def scores(self, features: Floats) -> Floats:
        """The score of each row of features; shape (n,)."""
        found: Floats = features @ self.weights
        return found

    def calibrated(self, raw: Floats, evidence: str) -> Floats:
        """Probabilities corrected by the table of ``evidence``."""
        table = self.tables[evidence]
        found: Floats = np.interp(raw, table[0], table[1])
        return found


def choice(scores: Floats) -> Floats:
    """The probabilities of a choice among options with these scores; shape (n,)."""
    raised = np.exp(scores - scores.max())
    found: Floats = raised / raised.sum()
    return found


def distances_m(lon: Floats, lat: Floats) -> Floats:
    """Distances in metres on the sphere between all of n points; shape (n, n). Enough for a 10 km circle."""
    along, up = np.radians(lon), np.radians(lat)
    half = np.sin((up[:, None] - up) / 2) ** 2
    half += np.cos(up)[:, None] * np.cos(up) * np.sin((along[:, None] - along) / 2) ** 2
    found: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return found


def near_mass(own: Floats, apart: Floats) -> Floats:
    """For each candidate the probability of all within 10 km of it; shape (n,).

    Args:
        own: probability of each candidate; shape (n,).
        apart: distances in metres; shape (n, n).
    """
    found: Floats = (apart <= NEAR_M) @ own
    return found


def order(own: Floats, mass: Floats, apart: Floats) -> NDArray[np.int64]:
    """Positions of candidates, best first: by the probability near each, led in each neighbourhood by its likeliest.

    Without the second rule a hamlet between two namesakes would lead by the probability of both.
    """
    if len(own) == 0:
        return np.zeros(0, dtype=np.int64)
    leading = np.where(apart <= NEAR_M, own[None, :], 0.0).max(axis=1)
    value = np.where(own >= 0.5 * leading, mass, 0.5 * mass) + 1e-6 * own
    found: NDArray[np.int64] = np.argsort(-value, kind="stable")
    return found


@cache
def model() -> Model:
    """The model that comes with the product."""
    return read_model(json.loads((files("gazetteer.search") / "model.json").read_text(encoding="utf-8")))


def read_model(stored: Mapping[str, Any]) -> Model:
    """A model from its JSON form; a feature without a weight counts for nothing until the model is made again.

    Args:
        stored: ``weights`` by feature, ``calibration`` (pairs of raw and right share) and ``sure_at`` by evidence.
    """
    return Model(
        np.array([float(stored["weights"].get(name, 0.0)) for name in FEATURES]),
        {evidence: np.array(rows, dtype=np.float64).T for evidence, rows in stored["calibration"].items()},
        {evidence: float(value) for evidence, value in stored["sure_at"].items()},
    )
