"""Which cells an area holds whole, and which it only touches: most places need no look at their geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from db.spatial import CLASS_SHIFT, FINEST, Floats, Integers, cell_numbers, reach_of
from incidents.relations import DEGREE_M, NEAREST_POLE, WIDEST_M, Disc, QueryArea

BEYOND = 1.1
"""A disc is drawn a little outside of the disc, so a place is taken to reach a tenth farther than it does."""
FIRST = 9  # squares that the search begins with, for each class
KEPT = 64  # areas whose cells are kept: the pages of one answer ask for the same
ACROSS = 4  # squares that a box is at most long, for each class
MOST = 400  # squares on the edge that are looked at closer, all classes together


_DEPTHS = np.arange(FINEST + 1)[:, np.newaxis, np.newaxis]


@dataclass(frozen=True)
class Cover:
    """Ranges of cells, first and last, shape (n, 2).

    Places in ``inside`` lie in the area as a whole; those in ``touching`` overlap it at least, since their point
    lies in it; those in ``edge`` may do either, or neither.
    """

    inside: Integers
    touching: Integers
    edge: Integers


@dataclass(frozen=True)
class _Squares:
    """Squares of the quadtree, ``depth`` halvings deep, each for places of one class of reach."""

    classes: Integers
    depths: Integers
    columns: Integers
    rows: Integers

    def only(self, chosen: NDArray[np.bool_]) -> _Squares:
        return _Squares(self.classes[chosen], self.depths[chosen], self.columns[chosen], self.rows[chosen])

    def children(self) -> _Squares:
        right, up = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
        return _Squares(
            np.repeat(self.classes, 4),
            np.repeat(self.depths + 1, 4),
            (self.columns[:, np.newaxis] * 2 + right).ravel(),
            (self.rows[:, np.newaxis] * 2 + up).ravel(),
        )

    def boxes(self, beyond: Floats) -> NDArray[np.object_]:
        side = 360.0 / 2.0**self.depths
        west, south = self.columns * side - 180, self.rows * side - 90
        found = shapely.box(west - beyond, south - beyond, west + side + beyond, south + side + beyond)
        return np.asarray(found, dtype=np.object_)

    def drawable(self, reaches: Floats) -> NDArray[np.bool_]:
        """Whether every disc in a square can be drawn: one too wide, or too near a pole, is never surely inside."""
        side = 360.0 / 2.0**self.depths
        reach = reaches[self.classes]
        north = np.maximum(np.abs(self.rows * side - 90), np.abs((self.rows + 1) * side - 90)) + reach
        return np.asarray((north < NEAREST_POLE) & (reach * DEGREE_M < WIDEST_M), dtype=bool)

    def ranges(self) -> Integers:
        shifts = 2 * (FINEST - self.depths)
        zero = np.zeros(len(self.classes), dtype=np.int64)
        first = (cell_numbers(zero, self.columns, self.rows) << shifts) + (self.classes << CLASS_SHIFT)
        return np.stack([first, first + (np.int64(1) << shifts) - 1], axis=1)


@lru_cache(maxsize=KEPT)
def cover_of(area: QueryArea, classes: tuple[int, ...], most: int) -> Cover:
    """The cells of an area for places of these classes of reach; those of the last areas are kept.

    Args:
        area: a disc or a polygon.
        classes: the classes of reach that have places.
        most: how many squares on the edge are divided further.
    """
    if isinstance(area, Disc):
        return cover(area.polygon(), area.inner_polygon(), classes, most)
    return cover(area, area, classes, most)


def cover(outer: BaseGeometry, inner: BaseGeometry, classes: Sequence[int], most: int = MOST) -> Cover:
    """The cells of an area.

    Args:
        outer: holds the area; degrees.
        inner: is held by it; the same polygon where the area is one.
        classes: the classes of reach that have places.
        most: how many squares on the edge are divided further.
    """
    shapely.prepare([outer, inner])
    reaches = np.array([reach_of(one) * BEYOND for one in range(FINEST + 1)])
    squares = _joined([_first(outer, one, reaches[one]) for one in classes])
    inside, touching, edge = ([] for _ in range(3))
    while True:
        wide = squares.boxes(reaches[squares.classes])
        near = shapely.intersects(outer, wide)
        squares, wide = squares.only(near), wide[near]
        held = shapely.covers(inner, squares.boxes(np.zeros(len(wide))))
        whole = held & squares.drawable(reaches)
        whole[whole] = shapely.covers(inner, wide[whole])
        inside.append(squares.only(whole).ranges())
        # Among places that lie within for certain there may be some that lie within as a whole: look closer.
        done = (squares.depths == FINEST) | (held & ~whole & (reaches[squares.classes] > 360.0 / 2.0**squares.depths))
        touching.append(squares.only(done & held & ~whole).ranges())
        edge.append(squares.only(done & ~held).ranges())
        squares = squares.only(~done & ~whole)
        if len(squares.classes) == 0 or len(squares.classes) * 4 > most:
            held = held[~done & ~whole]
            touching.append(squares.only(held).ranges())
            edge.append(squares.only(~held).ranges())
            return Cover(_merged(inside), _merged(touching), _merged(edge))
        squares = squares.children()


def box_ranges(bounds: tuple[float, float, float, float], classes: Sequence[int]) -> Integers:
    """Ranges of cells, shape (n, 2), that hold every place which may touch a box, and some that lie near it.

    Args:
        bounds: west, south, east, north of the box, degrees.
        classes: the classes of reach that have places.
    """
    own = np.array(classes, dtype=np.int64)
    reach = np.array([reach_of(one) for one in classes])[:, np.newaxis] * BEYOND
    lows = np.clip(np.array([bounds[0] + 180, bounds[1] + 90]) - reach, 0, None)
    highs = np.maximum(np.minimum(np.array([bounds[2] + 180, bounds[3] + 90]) + reach, 360), lows)
    span = np.maximum((highs - lows).max(axis=1), 1e-9)
    depths = np.clip(np.floor(np.log2(360.0 * (ACROSS - 1) / span)), 0, FINEST).astype(np.int64)
    sides = 360.0 / 2.0 ** depths[:, np.newaxis]
    most = 2 ** depths[:, np.newaxis] - 1
    first = np.minimum(np.floor(lows / sides).astype(np.int64), most)
    last = np.minimum(np.floor(highs / sides).astype(np.int64), most)
    steps = np.arange(ACROSS)
    columns = first[:, :1, np.newaxis] + steps[np.newaxis, :, np.newaxis] + 0 * steps
    rows = first[:, 1:, np.newaxis] + steps[np.newaxis, np.newaxis, :] + 0 * steps[:, np.newaxis]
    used = (columns <= last[:, :1, np.newaxis]) & (rows <= last[:, 1:, np.newaxis])
    same = np.zeros_like(columns)
    classes_of, depths_of = ((one[:, np.newaxis, np.newaxis] + same)[used] for one in (own, depths))
    return _Squares(classes_of, depths_of, columns[used], rows[used]).ranges()


def _joined(parts: Sequence[_Squares]) -> _Squares:
    names = ("classes", "depths", "columns", "rows")
    none = np.empty(0, dtype=np.int64)
    return _Squares(*(np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in names))


def _first(area: BaseGeometry, one: int, reach: float) -> _Squares:
    """The squares that the search of a class begins with: few, and together as wide as what may touch the area."""
    west, south, east, north = area.bounds
    lows = np.array([west + 180 - reach, south + 90 - reach])
    highs = np.array([east + 180 + reach, north + 90 + reach])
    sides = 360.0 / 2.0**_DEPTHS
    finer = np.clip(np.floor(np.stack([lows, highs]) / sides).astype(np.int64), 0, 2**_DEPTHS - 1)
    many = np.prod(finer[:, 1] - finer[:, 0] + 1, axis=1) > FIRST
    # At depth 0 there is one square, so some depth is coarse enough.
    depth = int(np.argmax(many)) - 1 if many.any() else FINEST
    ends = finer[depth]
    columns, rows = np.meshgrid(*(np.arange(ends[0, axis], ends[1, axis] + 1) for axis in (0, 1)))
    same = np.ones(columns.size, dtype=np.int64)
    return _Squares(same * one, same * depth, columns.ravel(), rows.ravel())


def _merged(parts: Sequence[Integers]) -> Integers:
    """The ranges in order, those that follow each other as one."""
    ranges = np.concatenate([np.empty((0, 2), dtype=np.int64), *parts])
    ranges = ranges[np.argsort(ranges[:, 0])]
    if len(ranges) == 0:
        return ranges
    begins = np.concatenate([[True], ranges[1:, 0] > ranges[:-1, 1] + 1])
    ends = np.concatenate([begins[1:], [True]])
    return np.stack([ranges[begins, 0], ranges[ends, 1]], axis=1)
