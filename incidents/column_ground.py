"""A search by place that looks into the columns of a server instead of the table; see :mod:`incidents.columns`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from db.spatial import Integers
from db.tables.derived import LONG_US, NEVER
from incidents.columns import Rows, Spots, runs
from incidents.cover import MOST, box_ranges, cover_of
from incidents.placed import FEW, FIRST_BLOCK, LARGEST_BLOCK, Block, Cursor, Found, Ground, first_of_each
from incidents.relations import Disc, QueryArea, box_of, relate_discs
from incidents.screening import EDGE, TOUCHES, WHOLE, Flags, Places, beside_box, held_by_box
from incidents.tiers import Tier

SHARE = 200
"""So many places near the area are hoped for in the first block of a page."""
STEP = 200
"""So many incidents near the area are compared with it first, then more: a page is mostly found among them."""


class ColumnGround(Ground):
    """A :class:`incidents.placed.Ground` that looks into columns instead of the table."""

    def __init__(
        self, session: Session, spots: Spots, area: QueryArea, tier: Tier, start: datetime | None, end: datetime | None
    ) -> None:
        super().__init__(session, area, tier, start, end)
        self._spots = spots

    def near(self) -> ColumnFound:
        """Every incident with a place in the area."""
        return ColumnFound(self, self._spots, self._rows_near())

    def surely(self, keys: Sequence[int]) -> Flags:
        """Whether the area holds every place of each of a few incidents."""
        rows, index = self._spots.of(keys)
        astray = (self._spots.tiers[rows] & self.values["bit"] != 0) & ~self.held_at(rows)
        return np.asarray(np.bincount(index[astray], minlength=len(keys)) == 0, dtype=bool)

    def in_order(self, after: Cursor | None) -> Iterator[Block]:
        """The incidents with a place in the area, in the order of answers.

        Args:
            after: the incident to go on from.
        """
        spots, begin = self._spots, self._spots.after(after)
        near = int(spots.sizes(self._near).sum())
        if near <= FEW:
            rows = self._rows_near()
            yield self._came_upon(rows[np.searchsorted(rows, begin) :])
            return
        marked = spots.marked(self._near)
        size = FIRST_BLOCK + SHARE * len(spots.keys) // near
        if "from" in self.values:
            # As in the table: what overlaps a window began shortly before it, or lasts long.
            shortly = int(np.searchsorted(spots.starts, self.values["from"] - LONG_US))
            early = spots.long[np.searchsorted(spots.long, begin) : np.searchsorted(spots.long, shortly)]
            yield from self._near_among(early[marked[spots.place_of[early]]])
            begin = max(begin, shortly)
        while begin < len(spots.keys):
            end = self._end(begin + size)
            yield from self._near_among(begin + np.flatnonzero(marked[spots.place_of[begin:end]]))
            begin, size = end, min(size * 2, LARGEST_BLOCK)

    def _near_among(self, rows: Integers) -> Iterator[Block]:
        """The incidents of those rows that lie in the area."""
        for part in self._in_steps(self._seen(rows)):
            yield self._came_upon(part[self._at_rows(part, self._overlap)])

    def _end(self, row: int) -> int:
        """The row, or one a little after it, at which another incident begins."""
        keys = self._spots.keys
        while row < len(keys) and keys[row] == keys[row - 1]:
            row += 1
        return min(row, len(keys))

    def overlapping(self, places: Places) -> Flags:
        """Whether each place overlaps the area."""
        drawn = self._drawn(places)
        return super().overlapping(places) if drawn is None else drawn[1]

    def held(self, places: Places) -> Flags:
        """Whether the area holds each place as a whole."""
        drawn = self._drawn(places)
        return super().held(places) if drawn is None else drawn[0]

    def _drawn(self, places: Places) -> tuple[Flags, Flags] | None:
        """Whether a box holds each disc as a whole, and whether they overlap: of the few that its sides left open."""
        if self._bounds is None or isinstance(self.area, Disc) or places.area_ids.any():
            return None
        return relate_discs(self.area, places.lons, places.lats, places.radii_m)

    @cached_property
    def _bounds(self) -> tuple[float, float, float, float] | None:
        return box_of(self.area)

    @cached_property
    def _near(self) -> Integers:
        """The places that may lie in the area, or touch it; :attr:`_states` says how."""
        return self._compared[0]

    @cached_property
    def _states(self) -> NDArray[np.int8]:
        """How every place lies to the area, as far as that is known without its geometry."""
        near, states = self._compared
        found = np.zeros(len(self._spots.places.lons), dtype=np.int8)
        found[near] = states
        return found

    @cached_property
    def _compared(self) -> tuple[Integers, NDArray[np.int8]]:
        if self._bounds is not None:
            near = self._spots.in_ranges(box_ranges(self._bounds, self._spots.classes))
            return near, beside_box(self._spots.places, near, self._spots.reaches, self._bounds)
        cells = cover_of(self.area, self._spots.classes, MOST)
        parts = [self._spots.in_ranges(ranges) for ranges in (cells.inside, cells.touching, cells.edge)]
        sizes = [len(part) for part in parts]
        return np.concatenate(parts), np.repeat(np.array([WHOLE, TOUCHES, EDGE], dtype=np.int8), sizes)

    def _overlap(self, places: Integers) -> Flags:
        states = self._states[places]
        return self._decided(states > EDGE, states == EDGE, places, self.overlapping)

    def _hold(self, places: Integers) -> Flags:
        if self._bounds is None:
            states = self._states[places]
            return self._decided(states == WHOLE, (states == EDGE) | (states == TOUCHES), places, self.held)
        states = held_by_box(self._spots.places, places, self._spots.reaches, self._bounds)
        return self._decided(states == WHOLE, states == EDGE, places, self.held)

    def _decided(self, found: Flags, unsure: Flags, places: Integers, answer: Callable[[Places], Flags]) -> Flags:
        """The answer for each of ``places``; it is asked only of those that are ``unsure``."""
        open_ones = np.flatnonzero(unsure)
        if len(open_ones) > 0:
            found[open_ones] = answer(self._spots.places.only(places[open_ones]))
        return found

    def _rows_near(self) -> Integers:
        near, states = self._compared
        edge = near[states == EDGE]
        over = edge[self.overlapping(self._spots.places.only(edge))] if len(edge) > 0 else edge
        return self._seen(self._spots.at(np.concatenate([near[states > EDGE], over])))

    def _in_steps(self, rows: Integers) -> list[Integers]:
        """The rows in parts, each twice as long as that before it; an incident is in one of them."""
        begins = np.flatnonzero(first_of_each(self._spots.keys[rows]))
        steps = STEP * (2 ** np.arange(1, 32) - 1)
        return np.split(rows, begins[steps[steps < len(begins)]])

    def _came_upon(self, rows: Integers) -> Block:
        keys, starts = self._spots.keys[rows], self._spots.starts[rows]
        first = first_of_each(keys)
        return Block(keys[first], starts[first], len(rows))

    def held_at(self, rows: Integers | Rows) -> Flags:
        """Whether the area holds the place of each row as a whole."""
        return self._at_rows(rows, self._hold)

    def _at_rows(self, rows: Integers | Rows, answer: Callable[[Integers], Flags]) -> Flags:
        """The answer for the place of each row, asked once for each place."""
        places, back = np.unique(self._spots.place_of[rows], return_inverse=True)
        return answer(places.astype(np.int64))[back]

    def _seen(self, rows: Integers) -> Integers:
        """Those of the rows that the tier may see, and whose incident overlaps the window."""
        passed: Flags = self._spots.tiers[rows] & self.values["bit"] != 0
        if "from" in self.values:
            passed &= (self._spots.stops[rows] >= self.values["from"]) & (self._spots.starts[rows] < NEVER)
        if "to" in self.values:
            passed &= self._spots.starts[rows] <= self.values["to"]
        return rows[passed]


class ColumnFound(Found):
    """As :class:`incidents.placed.Found`, of rows of the columns: nothing is fetched but what is asked for."""

    def __init__(self, ground: ColumnGround, spots: Spots, rows: Integers) -> None:
        """``rows`` are those of the places that were found, ascending."""
        self._columns, self._spots, self._rows = ground, spots, rows
        first = np.ones(len(rows), dtype=bool)
        # The rows of an incident follow each other, and few have several.
        later = np.flatnonzero(spots.again[rows[1:]]) + 1
        first[later] = spots.keys[rows[later]] != spots.keys[rows[later - 1]]
        self._begins = np.flatnonzero(first)

    @property
    def keys(self) -> Integers:
        """The incidents."""
        return self._spots.keys[self._rows[self._begins]]

    @property
    def starts(self) -> Integers:
        """The start of each, microseconds since 1970, UTC."""
        return self._spots.starts[self._rows[self._begins]]

    def __len__(self) -> int:
        return len(self._begins)

    def at(self, indexes: Integers) -> list[Cursor]:
        """Where some of them stand in the order of answers."""
        rows = self._rows[self._begins[indexes]]
        return list(zip(self._spots.starts[rows].tolist(), self._spots.keys[rows].tolist(), strict=True))

    def after(self, cursor: Cursor | None) -> int:
        """How many come before those after ``cursor``."""
        return int(np.searchsorted(self._rows[self._begins], self._spots.after(cursor)))

    def surely(self, among: Integers | None = None) -> Flags:
        """Whether the area holds every place of each incident, or of those with the indexes ``among``."""
        begins, sizes = self._begins, np.diff(self._begins, append=len(self._rows))
        if among is not None:
            begins, sizes = begins[among], sizes[among]
        # What has places elsewhere too is not held as a whole, whatever those here are.
        found = np.asarray(sizes == self._columns.counts(self._spots.counts[self._rows[begins]]), dtype=bool)
        rows, ends = self._rows[runs(begins[found], sizes[found])], np.cumsum(sizes[found])
        if len(rows) > 0:
            found[found] = np.logical_and.reduceat(self._columns.held_at(rows), ends - sizes[found])
        return found
