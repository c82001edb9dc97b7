"""The spots in the memory of a server: the arrays of a search by place, made again when the database changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session

from db.engine import Database
from db.session import read_session
from db.spatial import CLASS_SHIFT, Integers
from db.tables import metadata
from db.tables.derived import NEVER
from incidents.placed import Found, Ground
from incidents.relations import QueryArea
from incidents.screening import Flags, Places
from incidents.tiers import Tier

_SPOT = metadata.tables["spot"]
_CHANGE = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)",
}
"""A number that is another one after each commit; SQLite's holds for one connection."""


@dataclass(frozen=True)
class Spots:
    """Every spot, by cell; ``ranks`` is the order of answers. About 90 bytes each."""

    cells: Integers
    keys: Integers
    starts: Integers
    stops: Integers
    tiers: Integers
    counts: Integers
    ranks: NDArray[np.int32]
    places: Places

    @cached_property
    def classes(self) -> list[int]:
        """The classes of reach that some spot has."""
        return [int(one) for one in np.unique(self.cells >> CLASS_SHIFT)]

    def among(self, ranges: Integers) -> Integers:
        """The places in the arrays of the spots whose cells lie in ``ranges``, pairs of first and last cell."""
        firsts = np.searchsorted(self.cells, ranges[:, 0], side="left")
        lasts = np.searchsorted(self.cells, ranges[:, 1], side="right")
        return np.concatenate([np.empty(0, dtype=np.int64), *map(np.arange, firsts.tolist(), lasts.tolist())])


class Columns:
    """The spots of a database for the searches of one process; see :func:`incidents.query.find`.

    Choose it for a process that answers many questions: it takes about a second and 90 MB for a million incidents to
    read them, at the first question and after each change. Not for use by several threads at once.
    """

    def __init__(self, database: Database) -> None:
        """Nothing is read yet."""
        self._database = database
        self._watcher: sa.Connection | None = None
        self._seen: int | None = None
        self._spots: Spots | None = None

    def spots(self) -> Spots:
        """The spots as they are now.

        Raises:
            StorageError, ResourceError: the database cannot be read.
        """
        seen = self._change()
        if self._spots is None or seen != self._seen:
            with read_session(self._database) as session:
                self._spots = _read(session)
            self._seen = seen
        return self._spots

    def close(self) -> None:
        """Let the memory and the connection go."""
        if self._watcher is not None:
            self._watcher.close()
        self._watcher = self._spots = self._seen = None

    def _change(self) -> int:
        if self._watcher is None:
            self._watcher = self._database.reader().connect()
        found = self._watcher.exec_driver_sql(_CHANGE[self._watcher.dialect.name]).scalar_one()
        self._watcher.rollback()
        return int(found)


def _read(session: Session) -> Spots:
    names = ("cell", "incident_id", "start", "stop", "tiers", "places", "lon", "lat", "radius_m", "area_id")
    query = sa.select(*(_SPOT.c[name] for name in names)).order_by(_SPOT.c.cell)
    parts: list[list[np.ndarray[Any, Any]]] = []
    result = session.connection(execution_options={"yield_per": 50_000}).execute(query)
    for rows in result.partitions():
        whole = list(zip(*rows, strict=True))
        parts.append(
            [np.array(column, dtype=np.int64) for column in whole[:6]]
            + [np.array([value or 0 for value in column], dtype=np.float64) for column in whole[6:9]]
            + [np.array([value or 0 for value in whole[9]], dtype=np.int64)]
        )
    empty = [np.empty(0, dtype=np.int64)] * 6 + [np.empty(0)] * 3 + [np.empty(0, dtype=np.int64)]
    cells, keys, starts, stops, tiers, counts, *places = (
        np.concatenate(columns) for columns in zip(empty, *parts, strict=True)
    )
    ranks = np.empty(len(keys), dtype=np.int32)
    ranks[np.lexsort((keys, starts))] = np.arange(len(keys), dtype=np.int32)
    return Spots(cells, keys, starts, stops, tiers, counts, ranks, Places(*places))


class ColumnGround(Ground):
    """A :class:`incidents.placed.Ground` that looks into columns instead of the table."""

    def __init__(
        self, session: Session, spots: Spots, area: QueryArea, tier: Tier, start: datetime | None, end: datetime | None
    ) -> None:
        super().__init__(session, area, tier, start, end)
        self._spots = spots

    def classes(self) -> list[int]:
        """The classes of reach that some spot has."""
        return self._spots.classes

    def near(self) -> Found:
        """Every incident with a place in the area."""
        inside, touching, edge = (
            self._seen(self._spots.among(ranges))
            for ranges in (self.cover.inside, self.cover.touching, self.cover.edge)
        )
        over = edge[self.overlapping(self._spots.places.only(edge))]
        at = np.concatenate([inside, touching, over])
        counts = self.counts(self._spots.counts[at])
        order = np.argsort(self._spots.ranks[at])
        return Found(self, self._spots.keys[at], self._spots.starts[at], counts, len(inside), order)

    def _seen(self, chosen: Integers) -> Integers:
        """Those of the spots that the tier may see, and whose incident overlaps the window."""
        passed: Flags = self._spots.tiers[chosen] & self.values["bit"] != 0
        if "from" in self.values:
            passed &= (self._spots.stops[chosen] >= self.values["from"]) & (self._spots.starts[chosen] < NEVER)
        if "to" in self.values:
            passed &= self._spots.starts[chosen] <= self.values["to"]
        return chosen[passed]
