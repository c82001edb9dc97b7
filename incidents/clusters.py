"""Clusters: the markers of one view of a map, counted together where they would lie over each other.

A cluster says how many of its incidents are known only to an area wider than itself at the zoom of the view. Where one
such place stands alone, its area is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from db.errors import InputError
from db.spatial import Floats, Integers
from incidents.markers import Layout, Markers, Rival, on_square
from incidents.screening import Flags

WORLD_PX = 512
"""The side of the square of the web map at zoom 0, as MapLibre has it."""
CELL_PX, APART_PX = 48, 52
"""Places are counted by cells of this side, and cells that come nearer to each other than this are one cluster."""
WIDE_PX = 24
"""A place that reaches farther than this from its point is wider than a cluster."""
LARGEST_PX = 8_192
"""Half of the longest side of a view."""
MARGIN = 0.3
"""Of the view's sides: so much beyond them is counted too, so that a map that is moved is not empty at its edge."""
MOST_AREAS, MOST_RIVALS = 40, 200
SHORTEST_PX = 12
"""A line between rival places that is shorter could not be told from their points."""


@dataclass(frozen=True)
class View:
    """What a map shows: its zoom, west, south, east and north (degrees; beyond 180 where it crosses the line)."""

    zoom: float
    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True)
class Cluster:
    """Incidents counted together.

    Attributes:
        lon, lat: degrees, the longitude in the turn of the world that the view shows.
        count: how many incidents.
        place: the place, where all of them have the same; None for several.
        wide: how many of them are known only to areas wider than the cluster.
        box: west, south, east, north of the places' points.
    """

    lon: float
    lat: float
    count: int
    place: int | None
    wide: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Shown:
    """What a view shows of some markers.

    ``areas`` are the smallest of the wide places that stand alone and are smaller than it; ``rivals`` the longest lines
    in it. ``incidents`` counts those with a place, in the view or not.
    """

    clusters: tuple[Cluster, ...]
    areas: tuple[int, ...]
    rivals: tuple[Rival, ...]
    incidents: int


def shown(layout: Layout, markers: Markers, view: View, start: datetime | None, end: datetime | None) -> Shown:
    """The clusters of those of ``markers`` whose incident overlaps the window ``start`` to ``end``.

    Raises:
        InputError: ``view_too_large``, at its zoom no screen shows so much.
    """
    passed = layout.roster.overlap(markers.numbers, start, end)
    counts = np.bincount(markers.place[passed], minlength=len(layout.reaches))
    frame, occupied = _Frame(layout, view), np.flatnonzero(counts)
    offsets, reaches = frame.offsets(occupied), layout.reaches[occupied] * frame.scale
    near = np.flatnonzero(frame.holds(offsets, 2 * MARGIN * frame.half))
    wide = reaches > WIDE_PX
    clusters = frame.clusters(occupied[near], offsets[:, near], counts[occupied[near]], wide[near])
    areas = np.array([one.place for one in clusters if one.place is not None and one.wide > 0], dtype=np.int64)
    areas = areas[layout.reaches[areas] * frame.scale < 2 * frame.half.min()]
    areas = areas[np.argsort(layout.reaches[areas], kind="stable")][:MOST_AREAS]
    rivals = _rivals(markers, passed, frame)
    return Shown(tuple(clusters), tuple(areas.tolist()), rivals, int(passed.sum()))


def _rivals(markers: Markers, passed: Flags, frame: _Frame) -> tuple[Rival, ...]:
    seen = [one for one in markers.rivals if passed[np.searchsorted(markers.numbers, one.number)]]
    if len(seen) == 0:
        return ()
    ends = [frame.offsets(np.array([getattr(one, name) for one in seen])) for name in ("place", "other")]
    low, high = np.minimum(*ends), np.maximum(*ends)
    half = frame.half[:, np.newaxis]
    inside = ((low <= half) & (high >= -half)).all(axis=0)
    lengths = np.hypot(*(ends[0] - ends[1]))
    chosen = np.flatnonzero(inside & (lengths >= SHORTEST_PX))
    chosen = chosen[np.argsort(-lengths[chosen], kind="stable")][:MOST_RIVALS]
    return tuple(seen[index] for index in chosen.tolist())


class _Frame:
    """A view in pixels, measured from its middle to the east (the first row of a pair) and to the south."""

    def __init__(self, layout: Layout, view: View) -> None:
        self.scale = WORLD_PX * 2.0**view.zoom
        self._points = layout.points
        corners = on_square(np.array([view.west, view.east]), np.array([view.north, view.south]))
        self._middle = corners.mean(axis=1)
        self.half = (corners[:, 1] - corners[:, 0]) / 2 * self.scale
        if self.half.max() > LARGEST_PX:
            raise InputError("view_too_large", "No screen shows so much at this zoom.", got=f"{view.zoom:g}")

    def offsets(self, places: Integers) -> Floats:
        """Where ``places`` lie, each in the turn of the world that is nearest to the middle."""
        across, down = self._points[0][places] - self._middle[0], self._points[1][places] - self._middle[1]
        across -= np.round(across)
        return np.stack((across * self.scale, down * self.scale))

    def holds(self, offsets: Floats, beyond: Floats) -> Flags:
        """Whether each point lies in the view, or no farther ``beyond`` its sides, across and down."""
        across, down = (np.abs(offsets[axis]) <= self.half[axis] + beyond[axis] for axis in (0, 1))
        return np.asarray(across & down)

    def clusters(self, places: Integers, offsets: Floats, counts: Integers, wide: Flags) -> list[Cluster]:
        """The clusters of ``places``, the greatest first; ``wide`` says which are wider than a cluster."""
        if len(places) == 0:
            return []
        cells = _Heaps.of(places, offsets, counts, wide).joined(self._cells(offsets))
        found = cells.joined(_clusters(cells))
        lons, lats = self._degrees(found.middles)
        (wests, norths), (easts, souths) = self._degrees(found.lows), self._degrees(found.highs)
        numbers = (found.counts.astype(np.int64), found.wide.astype(np.int64), found.places, found.sizes)
        columns = (lons, lats, *numbers, wests, souths, easts, norths)
        return [
            Cluster(lon, lat, count, place if size == 1 else None, broad, (west, south, east, north))
            for lon, lat, count, broad, place, size, west, south, east, north in zip(
                *(column.tolist() for column in columns), strict=True
            )
        ]

    def _cells(self, offsets: Floats) -> Integers:
        """The cell of each point, numbered from 0 on; cells keep their ground when the view is moved."""
        across, down = (
            np.floor((offsets[axis] + self._middle[axis] * self.scale) / CELL_PX).astype(np.int64) for axis in (0, 1)
        )
        across -= across.min()
        raw = (down - down.min()) * (across.max() + 1) + across
        taken = np.bincount(raw) > 0
        return np.asarray((np.cumsum(taken) - 1)[raw])

    def _degrees(self, offsets: Floats) -> tuple[Floats, Floats]:
        across, down = offsets / self.scale + self._middle[:, np.newaxis]
        return across * 360 - 180, np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * down))))


@dataclass(frozen=True)
class _Heaps:
    """Heaps of places: how many incidents (and wide ones, and places) each holds, its middle, and its corners.

    ``places`` has one place of each; the middles are weighed by the incidents.
    """

    counts: Floats
    wide: Floats
    sizes: Floats
    places: Integers
    middles: Floats
    lows: Floats
    highs: Floats

    @classmethod
    def of(cls, places: Integers, offsets: Floats, counts: Integers, wide: Flags) -> _Heaps:
        """A heap of each place."""
        numbers = counts.astype(np.float64)
        return cls(numbers, numbers * wide, np.ones(len(places)), places, offsets, offsets, offsets)

    def joined(self, heap: Integers) -> _Heaps:
        """The heaps thrown together, each onto the ``heap`` of that number; of those numbered none is missing."""
        counts, wide, sizes = (_added(heap, column) for column in (self.counts, self.wide, self.sizes))
        places = np.zeros(len(counts), dtype=np.int64)
        places[heap] = self.places
        middles = np.stack([_added(heap, row * self.counts) / counts for row in self.middles])
        lows, highs = np.full((2, len(counts)), np.inf), np.full((2, len(counts)), -np.inf)
        for axis in (0, 1):
            np.minimum.at(lows[axis], heap, self.lows[axis])
            np.maximum.at(highs[axis], heap, self.highs[axis])
        return _Heaps(counts, wide, sizes, places, middles, lows, highs)


def _added(heap: Integers, column: Floats) -> Floats:
    return np.bincount(heap, column).astype(np.float64)


def _clusters(cells: _Heaps) -> Integers:
    """The cluster of each cell: its own, or that of a greater one near by; the greatest are numbered first."""
    cluster = np.full(len(cells.counts), -1, dtype=np.int64)
    number = 0
    for cell in np.argsort(-cells.counts, kind="stable").tolist():
        if cluster[cell] < 0:
            across, down = cells.middles - cells.middles[:, cell, np.newaxis]
            near = across * across + down * down < APART_PX * APART_PX
            cluster[near & (cluster < 0)] = number
            number += 1
    return cluster
