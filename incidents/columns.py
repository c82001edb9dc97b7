"""The spots in the memory of a server: the arrays of a search by place, made again when the database changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session

from db.derived import is_fresh
from db.engine import Database
from db.session import read_session
from db.spatial import CLASS_SHIFT, Integers
from db.tables import metadata
from db.tables.derived import LONG_US
from incidents.placed import Cursor, first_of_each
from incidents.screening import Flags, Places, clear_reaches, distinct_of

Rows: TypeAlias = NDArray[np.int32]
MOST_COUNTS = 1_000
_SPOT = metadata.tables["spot"]
_CHANGE = {
    "sqlite": "PRAGMA data_version",
    "postgresql": "SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)",
}
"""A number that is another one after each commit; SQLite's holds for one connection."""


@dataclass(frozen=True)
class Spots:
    """Every spot, in the order of answers, and the distinct places they lie at; about 70 bytes each.

    ``place_of`` says where in ``places`` a spot lies. ``by_key`` has the rows by incident, ``by_place`` by place, of
    which each begins where ``begins`` says. The places go by their ``cells``; ``classes`` are those of reach that
    some place has, and ``long`` the rows of what lasts longer than 40 days. ``reaches`` is how many degrees a place
    reaches to any side at most; infinite where that is not so simple. Where they are not ``fresh``, raw SQL changed
    what they were made of. A spot is there ``again`` where the row before is of its incident, too.
    """

    keys: Integers
    starts: Integers
    stops: Integers
    tiers: NDArray[np.int8]
    counts: Integers
    place_of: Rows
    by_key: Rows
    by_place: Rows
    begins: Integers
    places: Places
    cells: Integers
    classes: tuple[int, ...]
    long: Integers
    reaches: NDArray[np.float32]
    fresh: bool
    again: Flags

    def in_ranges(self, ranges: Integers) -> Integers:
        """The places whose cells lie in ``ranges``, pairs of first and last cell in order."""
        firsts = np.searchsorted(self.cells, ranges[:, 0])
        return runs(firsts, np.searchsorted(self.cells, ranges[:, 1], side="right") - firsts)

    def at(self, places: Integers) -> Integers:
        """The rows of the spots that lie at ``places``, ascending."""
        firsts, sizes = self.begins[places], self.sizes(places)
        if sizes.sum() * 8 < len(self.keys):
            return np.sort(self.by_place[runs(firsts, sizes)])
        return np.flatnonzero(self.marked(places)[self.place_of])

    def of(self, keys: Sequence[int]) -> tuple[Rows, Integers]:
        """The rows of the incidents, and for each the index of its incident in ``keys``."""
        firsts, lasts = (np.searchsorted(self.keys, keys, side=side, sorter=self.by_key) for side in ("left", "right"))
        sizes = lasts - firsts
        return self.by_key[runs(firsts, sizes)], np.repeat(np.arange(len(keys)), sizes)

    def sizes(self, places: Integers) -> Integers:
        """How many spots lie at each place."""
        return self.begins[places + 1] - self.begins[places]

    def marked(self, places: Integers) -> Flags:
        """A flag for each place that there is: whether it is one of ``places``."""
        found = np.zeros(len(self.places.lons), dtype=bool)
        found[places] = True
        return found

    def after(self, cursor: Cursor | None) -> int:
        """The first row after ``cursor``."""
        if cursor is None:
            return 0
        first, last = (int(np.searchsorted(self.starts, cursor[0], side=side)) for side in ("left", "right"))
        return first + int(np.searchsorted(self.keys[first:last], cursor[1], side="right"))


def runs(firsts: Integers, sizes: Integers) -> Integers:
    """The numbers of several ranges, one after the other."""
    ends = np.cumsum(sizes)
    return np.arange(ends[-1] if len(ends) > 0 else 0) + np.repeat(firsts - ends + sizes, sizes)


class Columns:
    """The spots of a database for the searches of one process; see :func:`incidents.query.find`.

    Choose it for a process that answers many questions: they are read as a whole at the first question and after
    each change, and kept. Not for use by several threads at once.
    """

    def __init__(self, database: Database) -> None:
        """Nothing is read yet."""
        self._database = database
        self._watcher: sa.Connection | None = None
        self._seen: int | None = None
        self._spots: Spots | None = None
        self._counts: dict[Hashable, int] = {}

    def count(self, question: Hashable, counted: Callable[[], int]) -> int:
        """How many answer to a question that reads every incident: ``counted`` once, and kept until a change.

        Raises:
            StorageError, ResourceError: the database cannot be read.
        """
        self.spots()
        if question not in self._counts:
            if len(self._counts) >= MOST_COUNTS:
                self._counts.clear()
            self._counts[question] = counted()
        return self._counts[question]

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
            self._counts.clear()
        return self._spots

    def close(self) -> None:
        """Let the memory and the connection go."""
        if self._watcher is not None:
            self._watcher.close()
        self._watcher = self._spots = self._seen = None

    def _change(self) -> int:
        if self._watcher is None:
            self._watcher = self._database.reader().connect()
        statement = _CHANGE[self._watcher.dialect.name]
        driver = self._watcher.connection.driver_connection
        if isinstance(driver, sqlite3.Connection):
            # It is asked several times a question, and takes SQLAlchemy twenty times as long.
            return int(driver.execute(statement).fetchone()[0])
        found = self._watcher.exec_driver_sql(statement).scalar_one()
        self._watcher.rollback()
        return int(found)


_KINDS = {
    "cell": np.int64, "incident_id": np.int64, "start": np.int64, "stop": np.int64, "tiers": np.int8,
    "places": np.int64, "lon": np.float64, "lat": np.float64, "radius_m": np.float64, "area_id": np.int64,
}  # fmt: skip
AT_ONCE = 50_000
"""Spots that are read at once; as Python objects they take five times the room of their columns."""


def _read(session: Session) -> Spots:
    columns = _columns(session)
    order = np.lexsort((columns["incident_id"], columns["start"])).astype(np.int32)
    for name in _KINDS:
        columns[name] = columns[name][order]
    del order
    keys, starts, stops = columns["incident_id"], columns["start"], columns["stop"]
    places = Places(*(columns.pop(name) for name in ("lon", "lat", "radius_m", "area_id")))
    distinct, place_cells, place_of = _placed(columns.pop("cell"), places)
    del places
    by_place = np.argsort(place_of, kind="stable").astype(np.int32)
    begins = np.concatenate([[0], np.cumsum(np.bincount(place_of, minlength=len(distinct.lons)))])
    by_key = np.argsort(keys, kind="stable").astype(np.int32)
    classes = tuple(np.unique(place_cells >> CLASS_SHIFT).tolist())
    return Spots(
        keys, starts, stops, columns["tiers"], columns["places"], place_of, by_key, by_place, begins, distinct,
        place_cells, classes, np.flatnonzero(stops - starts > LONG_US), clear_reaches(distinct), is_fresh(session),
        ~first_of_each(keys),
    )  # fmt: skip


def _columns(session: Session) -> dict[str, NDArray[Any]]:
    connection = session.connection()
    many = connection.execute(sa.select(sa.func.count()).select_from(_SPOT)).scalar_one()
    found = {name: np.zeros(many, dtype=kind) for name, kind in _KINDS.items()}
    read = sa.select(*(sa.func.coalesce(_SPOT.c[name], 0) for name in _KINDS)).execution_options(yield_per=AT_ONCE)
    at = 0
    for rows in connection.execute(read).partitions():
        for column, values in zip(found.values(), zip(*rows, strict=True), strict=True):
            column[at : at + len(rows)] = values
        at += len(rows)
    return found


def _placed(cells: Integers, places: Places) -> tuple[Places, Integers, Rows]:
    """The distinct places by cell, their cells, and the place of each row."""
    first, back = distinct_of(places)
    # Equal places may have several cells, where they were lowered from several points: each tells the same.
    own = np.full(len(first), np.iinfo(np.int64).max)
    np.minimum.at(own, back, cells)
    order = np.argsort(own, kind="stable")
    place_of = np.empty(len(order), dtype=np.int32)
    place_of[order] = np.arange(len(order), dtype=np.int32)
    return places.only(first[order]), own[order], place_of[back]
