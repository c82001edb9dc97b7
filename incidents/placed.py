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

from db.spatial import Integers, classes_in_use, most_incidents, spots_in_order, spots_in_ranges, spots_of
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
FEW = 4_000
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
    """Spots as columns: incident, start in microseconds, number of places of the incident, and where they lie."""

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
        inside, touching = (self._read(ranges, WITHOUT_PLACE) for ranges in (cells.inside, cells.touching))
        return self._found(inside, touching, self._read(cells.edge, (*WITHOUT_PLACE, *PLACE)))

    def near_if_few(self, most: int) -> Found | None:
        """As :meth:`near`; None where ``most`` spots or more are near the area."""
        inside = self._read(self.cover.inside, WITHOUT_PLACE, most)
        touching = self._read(self.cover.touching, WITHOUT_PLACE, most - len(inside))
        edge = self._read(self.cover.edge, (*WITHOUT_PLACE, *PLACE), most - len(inside) - len(touching))
        return None if len(inside) + len(touching) + len(edge) >= most else self._found(inside, touching, edge)

    def _found(
        self, inside: list[tuple[Any, ...]], touching: list[tuple[Any, ...]], edge: list[tuple[Any, ...]]
    ) -> Found:
        unsure = self._rows(edge)
        over = self.overlapping(unsure.places)
        whole = [*inside, *touching]
        columns = [np.array(column, dtype=np.int64) for column in zip(*whole, strict=True)] if whole else [_NONE] * 3
        return Found(
            self,
            np.concatenate([columns[0], unsure.keys[over]]),
            np.concatenate([columns[1], unsure.starts[over]]),
            np.concatenate([self.counts(columns[2]), unsure.counts[over]]),
            len(inside),
        )

    def _read(self, ranges: Integers, columns: Sequence[str], most: int | None = None) -> list[tuple[Any, ...]]:
        if most is not None and most <= 0:
            return []
        return spots_in_ranges(self._session, ranges, columns, self.where, self.values, most)

    def _rows(self, rows: Sequence[tuple[Any, ...]]) -> Rows:
        columns = list(zip(*rows, strict=True)) if len(rows) > 0 else [()] * 7
        keys, starts, counts, area_ids = (np.array(columns[index], dtype=np.int64) for index in (0, 1, 2, 6))
        lons, lats, radii = (np.array(columns[index], dtype=np.float64) for index in (3, 4, 5))
        return Rows(keys, starts, self.counts(counts), Places(lons, lats, radii, area_ids))

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
            full = len(rows) == size
            if full and rows[0][0] != rows[-1][0]:
                # The last incident may have more places than the block holds.
                rows = [row for row in rows if row[0] != rows[-1][0]]
            if len(rows) > 0:
                yield self._block(rows)
                last = (rows[-1][1], rows[-1][0])
            if not full:
                return
            size = min(size * 2, LARGEST_BLOCK)

    def _block(self, rows: Sequence[tuple[int, ...]]) -> Block:
        keys, starts, cells = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
        found = _among(self.cover.inside, cells) | _among(self.cover.touching, cells)
        unsure = np.unique(keys[_among(self.cover.edge, cells) & ~found])
        if len(unsure) > 0:
            near = self._of(unsure.tolist())
            found |= np.isin(keys, near.keys[self.overlapping(near.places)])
        keys, starts = keys[found], starts[found]
        first = first_of_each(keys)
        return Block(keys[first], starts[first], len(rows))


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
        self.keys = keys[self._first]
        self.starts = starts[self._first]

    def surely(self) -> Flags:
        """Whether the area holds every place of each incident."""
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
