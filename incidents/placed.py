"""Incidents by place: which of them have a spot in an area, in the order of answers, and how surely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import shapely
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session

from db.spatial import (
    Integers,
    classes_in_use,
    count_in_ranges,
    most_incidents,
    rows_in_ranges,
    spots_in_order,
    spots_in_ranges,
    spots_of,
)
from db.tables import Area
from db.tables.derived import LONG, LONG_US, NEVER
from incidents.cover import MOST, Cover, cover_of
from incidents.relations import QueryArea
from incidents.screening import Flags, Places, held, overlapping
from incidents.spots import COUNT_BITS, COUNT_MASK, TIER_BITS, microseconds
from incidents.tiers import Tier

WITHOUT_PLACE = ("s.incident_id", "s.start", "s.places")
PLACE = ("s.lon", "s.lat", "coalesce(s.radius_m, 0)", "coalesce(s.area_id, 0)")
_NONE = np.empty(0, dtype=np.int64)
FIRST_BLOCK, LARGEST_BLOCK = 250, 64_000
"""Spots that a page looks at in the order of the answer before it tries another way, and at once at most."""
MANY, CLOSER = 300_000, 4 * MOST
"""Among so many incidents the places on the edge cost more than to look closer, at so many squares."""
FEW = 2_000
"""So many spots near an area are read and sorted rather than looked for in the order of the answer."""


Cursor: TypeAlias = tuple[int, int]
"""Start in microseconds and id of an incident: where a page ends."""


@dataclass(frozen=True)
class Block:
    """Incidents that were come upon, and how many spots were looked at for them."""

    keys: Integers
    starts: Integers
    looked_at: int


@dataclass(frozen=True)
class Rows:
    """Spots as columns: incident, start in microseconds, packed numbers of places of the incident, where they lie."""

    keys: Integers
    starts: Integers
    counts: Integers
    places: Places


class Ground:
    """An area that incidents are looked for in, for one tier, and perhaps a window of time."""

    def __init__(
        self, session: Session, area: QueryArea, tier: Tier, start: datetime | None = None, end: datetime | None = None
    ) -> None:
        self._session = session
        self.area = area
        self._bit = TIER_BITS[tier]
        self._shift = COUNT_BITS * list(TIER_BITS).index(tier)
        self._shapes: dict[int, BaseGeometry] = {}
        self.where = "s.tiers & :bit <> 0"
        self.values: dict[str, int] = {"bit": self._bit}
        for name, instant, condition in (("from", start, "s.stop >= :from"), ("to", end, "s.start <= :to")):
            if instant is not None:
                self.values[name] = int(microseconds([instant.astimezone(UTC).replace(tzinfo=None)])[0])
                self.where += f" AND {condition}"
        if start is not None and end is None:
            self.where += f" AND s.start < {NEVER}"  # an incident without a time overlaps no window

    @cached_property
    def cover(self) -> Cover:
        """The cells of the area."""
        return self._cells(MOST)

    def _cells(self, most: int) -> Cover:
        return cover_of(self.area, tuple(classes_in_use(self._session)), most)

    def near(self) -> Found:
        """Every incident with a place in the area."""
        cells = self._cells(CLOSER if most_incidents(self._session) > MANY else MOST)
        parts = [self._read(cells.inside), self._read(cells.touching), self._near_edge(cells.edge)]
        keys, starts, counts = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return Found(self, keys, starts, self.counts(counts), len(parts[0][0]))

    def fewer_than(self, most: int) -> bool:
        """Whether less than ``most`` spots are near the area."""
        left = most
        for ranges in (self.cover.inside, self.cover.touching, self.cover.edge):
            if left > 0 and len(ranges) > 0:
                left -= count_in_ranges(self._session, ranges, self.where, self.values, left)
        return left > 0

    def _read(self, ranges: Integers) -> list[Integers]:
        if len(ranges) == 0:
            return [_NONE] * len(WITHOUT_PLACE)
        return spots_in_ranges(self._session, ranges, WITHOUT_PLACE, self.where, self.values)

    def _near_edge(self, ranges: Integers) -> list[Integers]:
        """Those near the edge that overlap the area."""
        if len(ranges) == 0:
            return [_NONE] * len(WITHOUT_PLACE)
        rows = self._rows(rows_in_ranges(self._session, ranges, (*WITHOUT_PLACE, *PLACE), self.where, self.values))
        over = self.overlapping(rows.places)
        return [column[over] for column in (rows.keys, rows.starts, rows.counts)]

    def _rows(self, rows: Sequence[tuple[Any, ...]]) -> Rows:
        columns = list(zip(*rows, strict=True)) if len(rows) > 0 else [()] * 7
        keys, starts, counts = (np.array(column, dtype=np.int64) for column in columns[:3])
        lons, lats, radii = (np.array(column, dtype=np.float64) for column in columns[3:6])
        return Rows(keys, starts, counts, Places(lons, lats, radii, np.array(columns[6], dtype=np.int64)))

    def counts(self, packed: Integers) -> Integers:
        """The numbers of places for this tier, out of those for all."""
        return packed >> self._shift & COUNT_MASK

    def _of(self, keys: Sequence[int]) -> Rows:
        bit = {"bit": self._bit}
        return self._rows(spots_of(self._session, keys, (*WITHOUT_PLACE, *PLACE), "s.tiers & :bit <> 0", bit))

    def overlapping(self, places: Places) -> Flags:
        """Whether each place overlaps the area."""
        return overlapping(self.area, places, self._shapes_of(places))

    def held(self, places: Places) -> Flags:
        """Whether the area holds each place as a whole."""
        return held(self.area, places, self._shapes_of(places))

    def _shapes_of(self, places: Places) -> dict[int, BaseGeometry]:
        wanted = sorted(set(np.unique(places.area_ids).tolist()) - {0} - set(self._shapes))
        for start in range(0, len(wanted), 10_000):
            key, wkb = _c(Area.id), _c(Area.wkb)
            rows = self._session.execute(sa.select(key, wkb).where(key.in_(wanted[start : start + 10_000]))).all()
            self._shapes |= dict(zip((row[0] for row in rows), shapely.from_wkb([row[1] for row in rows]), strict=True))
        return self._shapes

    def surely(self, keys: Sequence[int]) -> Flags:
        """Whether the area holds every place of each of a few incidents."""
        rows = self._of(keys)
        astray = set(rows.keys[~self.held(rows.places)].tolist())
        return np.array([key not in astray for key in keys], dtype=bool)

    def in_order(self, after: Cursor | None) -> Iterator[Block]:
        """The incidents with a place in the area, in the order of answers, as they are come upon.

        Args:
            after: the incident to go on from.
        """
        window = self.values.get("from")
        if window is None:
            yield from self._walk("true", after, {})
            return
        # What overlaps a window began shortly before it, or lasts long: the rest need not be walked past.
        shortly = window - LONG_US
        yield from self._walk(f"{LONG} AND s.start < :shortly", after, {"shortly": shortly})
        yield from self._walk("true", max(after or (shortly, 0), (shortly, 0)), {})

    def _walk(self, where: str, after: Cursor | None, values: dict[str, int]) -> Iterator[Block]:
        size, last = FIRST_BLOCK, after or (-NEVER, 0)
        # Said twice: a partition on another server can be sent a comparison of numbers, but not one of rows.
        after_last = "s.start >= :start AND (s.start, s.incident_id) > (:start, :key)"
        condition = f"{self.where} AND {where} AND {after_last}"
        while True:
            values = {**self.values, **values, "start": last[0], "key": last[1]}
            rows = spots_in_order(self._session, ("s.incident_id", "s.start", "s.cell"), condition, values, size)
            keys = rows[0]
            full = len(keys) == size
            if full and keys[0] != keys[-1]:
                # The last incident may have more places than the block holds.
                rows = [column[keys != keys[-1]] for column in rows]
            keys, starts, cells = rows
            if len(keys) > 0:
                yield self._block(keys, starts, cells)
                last = (int(starts[-1]), int(keys[-1]))
            if not full:
                return
            size = min(size * 2, LARGEST_BLOCK)

    def _block(self, keys: Integers, starts: Integers, cells: Integers) -> Block:
        found = _among(self.cover.inside, cells) | _among(self.cover.touching, cells)
        unsure = np.unique(keys[_among(self.cover.edge, cells) & ~found])
        if len(unsure) > 0:
            near = self._of(unsure.tolist())
            found |= np.isin(keys, near.keys[self.overlapping(near.places)])
        own, begins = keys[found], starts[found]
        first = first_of_each(own)
        return Block(own[first], begins[first], len(keys))


def first_of_each(keys: Integers) -> Flags:
    """Whether each key is another one than that before it."""
    return np.concatenate([[True], keys[1:] != keys[:-1]])[: len(keys)]


class Found:
    """The incidents with a place in an area, in the order of answers; how surely is worked out when it is asked."""

    def __init__(
        self,
        ground: Ground,
        keys: Integers,
        starts: Integers,
        counts: Integers,
        inside: int,
        order: Integers | None = None,
    ) -> None:
        """A row for each place that was found: its incident, with its start and how many places it has.

        The first ``inside`` places lie in the area as a whole. ``order`` is that of the answer.
        """
        if order is None:
            order = np.lexsort((keys, starts))
        keys, starts = keys[order], starts[order]
        self._ground = ground
        self._first = first_of_each(keys)
        self._whole = order < inside
        self._counts = counts[order][self._first]
        self._answer = keys[self._first], starts[self._first]

    @property
    def keys(self) -> Integers:
        """The incidents."""
        return self._answer[0]

    @property
    def starts(self) -> Integers:
        """The start of each, microseconds since 1970, UTC."""
        return self._answer[1]

    def __len__(self) -> int:
        return len(self.keys)

    def at(self, indexes: Integers) -> list[Cursor]:
        """Where some of them stand in the order of answers."""
        return list(zip(self.starts[indexes].tolist(), self.keys[indexes].tolist(), strict=True))

    def after(self, cursor: Cursor | None) -> int:
        """How many come before those after ``cursor``."""
        if cursor is None:
            return 0
        later = (self.starts > cursor[0]) | ((self.starts == cursor[0]) & (self.keys > cursor[1]))
        return int(np.argmax(later)) if later.any() else len(later)

    def surely(self, among: Integers | None = None) -> Flags:
        """Whether the area holds every place of each incident, or of those with the indexes ``among``."""
        if among is not None:
            return self._ground.surely(self.keys[among].tolist())
        if len(self.keys) == 0:
            return np.zeros(0, dtype=bool)
        whole = np.add.reduceat(self._whole.astype(np.int64), np.flatnonzero(self._first))
        found = np.asarray(whole == self._counts, dtype=bool)
        open_ones = np.flatnonzero(~found)
        for at in range(0, len(open_ones), LARGEST_BLOCK):
            part = open_ones[at : at + LARGEST_BLOCK]
            found[part] = self._ground.surely(self.keys[part].tolist())
        return found


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def _among(ranges: Integers, cells: Integers) -> Flags:
    """Whether each cell lies in one of the ranges."""
    if len(ranges) == 0:
        return np.zeros(len(cells), dtype=bool)
    at = np.searchsorted(ranges[:, 0], cells, side="right") - 1
    return np.asarray((at >= 0) & (cells <= ranges[at, 1]), dtype=bool)
