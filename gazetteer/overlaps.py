"""Polygons that claim the same ground: the units of one level should not, and in real files some do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gazetteer.geodesy import area_km2

LEAST_SHARE = 0.01
"""Neighbours that were drawn apart overlap in slivers; more than this part of the smaller is no sliver."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two polygons, by their place in the array, the ground both claim in km², and its share of the smaller."""

    first: int
    second: int
    km2: float
    share: float


def overlaps(shapes: NDArray[np.object_], *, least_share: float = LEAST_SHARE) -> list[Overlap]:
    """The pairs of polygons that overlap by more than ``least_share`` of the smaller, largest share first.

    Args:
        shapes: valid polygons in longitude and latitude, degrees.
        least_share: from 0 to 1.
    """
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    areas, common = _areas(shapes), shapely.intersection(shapes[first], shapes[second])
    shares = _areas(common) / np.minimum(areas[first], areas[second])
    found = [
        Overlap(int(first[at]), int(second[at]), area_km2(common[at]), float(shares[at]))
        for at in np.flatnonzero(shares > least_share)
    ]
    return sorted(found, key=lambda one: -one.share)


def _areas(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Areas to be compared: on a sphere, by Lambert's cylindrical projection, in which equal areas stay equal."""
    flat = shapely.transform(shapes, lambda xy: np.column_stack([np.radians(xy[:, 0]), np.sin(np.radians(xy[:, 1]))]))
    return np.asarray(shapely.area(flat), dtype=np.float64)
