"""What is asked for by place: six made-up governorates, discs, and a box with a window of time."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from bench_scale.places import TOWNS, Places

Question: TypeAlias = dict[str, Any]
"""A name with ``wkt``, or with ``lon``, ``lat`` and ``radius_m``; and perhaps ``start`` and ``end`` (ISO 8601, UTC)."""

CORNERS = 500
GOVERNORATES = {"first": 0.10, "second": 0.06, "third": 0.03, "fourth": 0.015, "fifth": 0.006, "sixth": 0.003}
"""The share of all incidents that each holds, about."""
CENTRES = (0, 1, 12, 5, 9, 21)
"""The town that each lies round."""

DISCS_M = (5_000.0, 25_000.0)
BOX_SIDE = 1.5
WINDOW = (datetime(2016, 6, 1, tzinfo=UTC), datetime(2017, 6, 30, 23, 59, 59, tzinfo=UTC))


def governorates(places: Places, seed: int) -> dict[str, BaseGeometry]:
    """Polygons of ``CORNERS`` corners with a ragged edge, longitude first, to six decimals of a degree."""
    rng = np.random.default_rng([seed, 2])
    found = {}
    for (name, share), town in zip(GOVERNORATES.items(), CENTRES, strict=True):
        edge = _edge(rng)
        found[name] = shapely.Polygon(_scaled(edge, town, _scale(places, edge, town, share)))
    return found


def _edge(rng: np.random.Generator) -> NDArray[np.float64]:
    """A closed line round 0, 0, about 1 away, that does not cross itself."""
    angles = np.linspace(0, 2 * math.pi, CORNERS, endpoint=False)
    away = np.ones(CORNERS)
    for waves in (2, 3, 5, 9, 23, 61):
        away += 0.35 / waves * np.sin(waves * angles + rng.uniform(0, 2 * math.pi))
    return np.column_stack([away * np.cos(angles), away * np.sin(angles)])


def _scaled(edge: NDArray[np.float64], town: int, scale: float) -> NDArray[np.float64]:
    lon, lat, _ = TOWNS[town]
    return np.round(np.array([lon, lat]) + edge * scale, 6)


def _scale(places: Places, edge: NDArray[np.float64], town: int, share: float) -> float:
    """How large the polygon has to be to hold ``share`` of what happens, found by halving."""
    low, high = 0.01, 6.0
    for _ in range(30):
        middle = (low + high) / 2
        shape = shapely.Polygon(_scaled(edge, town, middle))
        held = places.shares[shapely.contains_xy(shape, places.lons, places.lats)].sum()
        low, high = (middle, high) if held < share else (low, middle)
    return high


def questions(places: Places, seed: int) -> list[Question]:
    """Everything that is asked by place."""
    found: list[Question] = [
        {"name": f"polygon, {GOVERNORATES[name]:.1%} of the incidents", "kind": "polygon", "wkt": shape.wkt}
        for name, shape in governorates(places, seed).items()
    ]
    lon, lat, _ = TOWNS[1]
    found += [
        {"name": f"radius {radius / 1000:.0f} km", "kind": "disc", "lon": lon, "lat": lat, "radius_m": radius}
        for radius in DISCS_M
    ]
    half = BOX_SIDE / 2
    box = shapely.box(lon - half, lat - half, lon + half, lat + half)
    times = {name: moment.isoformat() for name, moment in zip(("start", "end"), WINDOW, strict=True)}
    return [*found, {"name": f"box {BOX_SIDE}° and a window of 13 months", "kind": "box", "wkt": box.wkt} | times]
