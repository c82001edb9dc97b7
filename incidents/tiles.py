"""Vector tiles (Mapbox Vector Tile 2) of where incidents lie: counts by cell far out, stacks of a point near by.

Most incidents share their point with others: what is drawn is always a count, and a point of several is a stack that a
client opens with a question for its box. Polygons are drawn as such, clipped to the tile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from mapbox_vector_tile.Mapbox import vector_tile_pb2
from numpy.typing import NDArray
from sqlmodel import Session

from db.derived import is_fresh
from db.errors import ResourceError
from db.tables.derived import NEVER
from incidents.columns import Spots
from incidents.criteria import Query
from incidents.parts import area_shapes, areas_touching
from incidents.spots import TIER_BITS, microseconds

EXTENT = 4096
CELLS = 64
"""Cells along a side of a tile where incidents are counted by cell."""
POINTS_FROM = 9
"""The zoom from which each point is drawn by itself, unless a tile holds too many."""
MOST_POINTS, MOST_AREAS = 4_000, 500
DEEPEST = 22


@dataclass(frozen=True)
class Tile:
    """A square of the web map: zoom, column and row from the north-west."""

    z: int
    x: int
    y: int

    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        side = 2.0**self.z
        west, east = self.x / side * 360 - 180, (self.x + 1) / side * 360 - 180
        north, south = (
            float(np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * row / side))))) for row in (self.y, self.y + 1)
        )
        return west, south, east, north

    def within(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Longitudes and latitudes (rows of two) as columns and rows of the tile, 0 to :data:`EXTENT`, down."""
        side = 2.0**self.z
        lats = np.radians(np.clip(points[:, 1], -85.0511287798066, 85.0511287798066))
        columns = (points[:, 0] + 180) / 360 * side - self.x
        rows = (1 - np.arcsinh(np.tan(lats)) / np.pi) / 2 * side - self.y
        return np.column_stack((columns, rows)) * EXTENT


def is_tile(z: int, x: int, y: int) -> bool:
    """Whether there is such a tile."""
    return 0 <= z <= DEEPEST and 0 <= x < 2**z and 0 <= y < 2**z


def vector_tile(session: Session, spots: Spots, tile: Tile, query: Query) -> bytes:
    """The tile with the layers ``incidents`` and ``areas``.

    Args:
        session: an open session.
        spots: the places, as they are now.
        tile: which.
        query: for whom, and the window of time; nothing else of it is looked at.

    Raises:
        ResourceError: ``derived_stale``, raw SQL changed what the places were made of.
    """
    if not is_fresh(session):
        raise ResourceError(
            "derived_stale", "The places on the map are out of date.", fix="Run: incidents db rebuild"
        )  # fmt: skip
    body = _points(_counts(spots, tile, query))
    keys = _areas_seen(spots, areas_touching(session, tile.box()), query)[:MOST_AREAS]
    areas = _areas(area_shapes(session, keys), tile)
    if len(areas) > 0:
        # The layers of a tile follow each other, so two tiles in one are a tile.
        options = {"extents": EXTENT, "y_coord_down": True}
        body += mapbox_vector_tile.encode([{"name": "areas", "features": areas}], default_options=options)
    return body


@dataclass(frozen=True)
class _Drawn:
    """What is drawn of a layer of points, an array each: column and row in the tile, how many, radius in metres."""

    columns: NDArray[np.int64]
    rows: NDArray[np.int64]
    counts: NDArray[np.int64]
    radii_m: NDArray[np.float64]
    single: bool


def _counts(spots: Spots, tile: Tile, query: Query) -> _Drawn:
    """A point for each cell, or each place, with the number of incidents there."""
    west, south, east, north = tile.box()
    places, lons, lats = spots.places, spots.places.lons, spots.places.lats
    near = np.flatnonzero((lons >= west) & (lons < east) & (lats > south) & (lats <= north))
    rows = spots.at(near)
    rows = rows[_seen(spots, rows, query)]
    at = tile.within(np.column_stack((lons[near], lats[near])))
    used = np.zeros(len(lons), dtype=bool)
    used[spots.place_of[rows]] = True
    single = tile.z >= POINTS_FROM and int(np.count_nonzero(used)) <= MOST_POINTS
    if single:
        groups = np.arange(len(near))
    else:
        cells = np.minimum(at // (EXTENT // CELLS), CELLS - 1).astype(np.int64)
        groups = cells[:, 1] * CELLS + cells[:, 0]
    group_of = np.zeros(len(lons), dtype=np.int32)
    group_of[near] = groups
    rows = rows[~_repeated(spots.keys[rows], group_of[spots.place_of[rows]])]
    weights = np.bincount(spots.place_of[rows], minlength=len(lons))[near]
    counts = np.bincount(groups, weights)
    shown = np.flatnonzero(counts)
    middles = [np.bincount(groups, weights * at[:, axis])[shown] / counts[shown] for axis in (0, 1)]
    columns, lines = (np.rint(one).astype(np.int64) for one in middles)
    # Only there is a group one place.
    radii = places.radii_m[near][shown] if single else np.zeros(len(shown))
    return _Drawn(columns, lines, counts[shown].astype(np.int64), radii, single)


def _repeated(keys: NDArray[np.int64], groups: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether each row is of an incident that was in its group before; the rows of an incident follow each other."""
    found = np.zeros(len(keys), dtype=bool)
    later = np.flatnonzero(keys[1:] == keys[:-1]) + 1
    back = 1
    while len(later) > 0:
        found[later] |= groups[later] == groups[later - back]
        back += 1
        later = later[later >= back]
        later = later[keys[later] == keys[later - back]]
    return found


def _points(drawn: _Drawn) -> bytes:
    """The tile with the layer ``incidents``.

    By the messages of the library, not its own function: that takes a thousand features four times as long.
    """
    tile = vector_tile_pb2.tile()
    layer = tile.layers.add(name="incidents", version=2, extent=EXTENT)
    layer.keys.extend(["count", "stack", "radius_m"] if drawn.single else ["count", "stack"])
    counts, count_of = np.unique(drawn.counts, return_inverse=True)
    radii, radius_of = np.unique(drawn.radii_m, return_inverse=True)
    for stack in (False, True):
        layer.values.add(bool_value=stack)
    for count in counts.tolist():
        layer.values.add(int_value=count)
    for radius in radii.tolist() if drawn.single else ():
        layer.values.add(double_value=radius)
    stacks = (drawn.single & (drawn.counts > 1)).astype(np.int64)
    tags = [np.zeros_like(stacks), count_of + 2, np.ones_like(stacks), stacks]
    if drawn.single:
        tags += [np.full_like(stacks, 2), radius_of + 2 + len(counts)]
    # One command to move to one point, and the zigzag numbers of it (vector tile specification 2.1, 4.3).
    points = np.column_stack((np.full_like(stacks, 9), drawn.columns << 1, drawn.rows << 1)).tolist()
    for point, values in zip(points, np.column_stack(tags).tolist(), strict=True):
        layer.features.add(type=vector_tile_pb2.tile.Point, geometry=point, tags=values)
    body: bytes = tile.SerializeToString()
    return body


def _areas_seen(spots: Spots, keys: list[int], query: Query) -> list[int]:
    """Those of the areas that a place is drawn by which the query may see; the columns know, and no scan is needed."""
    rows = spots.at(np.flatnonzero(np.isin(spots.places.area_ids, np.array(keys, dtype=np.int64))))
    rows = rows[_seen(spots, rows, query)]
    found: list[int] = np.unique(spots.places.area_ids[spots.place_of[rows]]).tolist()
    return found


def _seen(spots: Spots, rows: NDArray[np.int64], query: Query) -> NDArray[np.bool_]:
    """Whether the tier may see each row, and its incident overlaps the window."""
    passed = spots.tiers[rows] & TIER_BITS[query.tier] != 0
    if query.start is not None:
        passed &= (spots.stops[rows] >= _microseconds(query.start)) & (spots.starts[rows] < NEVER)
    if query.end is not None:
        passed &= spots.starts[rows] <= _microseconds(query.end)
    return np.asarray(passed, dtype=bool)


def _microseconds(instant: datetime) -> int:
    return int(microseconds([instant.astimezone(UTC).replace(tzinfo=None)])[0])


def _areas(shapes: dict[int, Any], tile: Tile) -> list[dict[str, Any]]:
    west, south, east, north = tile.box()
    margin = (east - west) / 64
    found = []
    for key, shape in shapes.items():
        clipped = shapely.clip_by_rect(shape, west - margin, south - margin, east + margin, north + margin)
        drawn = shapely.make_valid(shapely.set_precision(shapely.transform(clipped, tile.within), 1.0))
        parts = [part for part in shapely.get_parts(drawn) if part.geom_type == "Polygon" and not part.is_empty]
        if len(parts) > 0:
            found.append({"geometry": shapely.MultiPolygon(parts), "id": key, "properties": {"area": key}})
    return found
