"""Pairs worth comparing: records whose windows in time and place meet, each widened by how well it is known.

One index holds every record as a box of time and latitude; longitude and distance are checked after. A record without a
point lies at every latitude and is joined by its country.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from incidents.suggestions.accounts import Accounts, Floats, Rows

DAYS = 2.0
"""Reports of one event seldom name days that are further apart."""
NEAR_KM = 60.0
"""And places further apart than this beyond what each is known to."""
WIDEST_KM = 400.0
LONGEST_DAYS = 400.0
"""A window that is longer says too little of when: it is not compared."""
KM_A_DEGREE = 111.2
EARTH_KM = 6_371.0088
AT_ONCE = 1_000
MOST_PAIRS = 20_000
"""In one part: some sixty features of so many stay near the processor."""


@dataclass(frozen=True)
class Windows:
    """The boxes of records in time (days) and latitude (degrees); ``reach`` in km."""

    start: Floats
    end: Floats
    low: Floats
    high: Floats
    reach: Floats

    @classmethod
    def of(cls, accounts: Accounts) -> Windows:
        """The windows of all accounts; not a number where a record has no time to compare by."""
        known = accounts.end - accounts.start <= LONGEST_DAYS
        start = np.where(known, accounts.start, np.nan)
        reach = np.minimum(np.nan_to_num(accounts.radius_km, nan=0.0), WIDEST_KM) + NEAR_KM / 2
        placed = ~np.isnan(accounts.lat)
        low = np.where(placed, accounts.lat - reach / KM_A_DEGREE, -90.0)
        high = np.where(placed, accounts.lat + reach / KM_A_DEGREE, 90.0)
        return cls(start - DAYS / 2, accounts.end + DAYS / 2, low, high, reach)

    def boxes(self, rows: Rows) -> NDArray[np.object_]:
        """Of some records, as Shapely geometries."""
        found: NDArray[np.object_] = shapely.box(self.start[rows], self.low[rows], self.end[rows], self.high[rows])
        return found


def distances_km(accounts: Accounts, left: Rows, right: Rows) -> Floats:
    """The distance of each pair on the sphere; not a number where one has no point."""
    along = np.radians(accounts.lon[right] - accounts.lon[left])
    south, north = np.radians(accounts.lat[left]), np.radians(accounts.lat[right])
    half = np.sin((north - south) / 2) ** 2 + np.cos(south) * np.cos(north) * np.sin(along / 2) ** 2
    found: Floats = 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return found


@dataclass(frozen=True)
class PairFinder:
    """Finds the records that meet some of the accounts.

    Attributes:
        accounts: the records.
        windows: of each.
        timed: those in the ``tree``.
        tree: their boxes.
        late: those that came after it was made, and are looked through one by one.
    """

    accounts: Accounts
    windows: Windows
    timed: Rows
    tree: shapely.STRtree
    late: Rows

    @classmethod
    def of(cls, accounts: Accounts) -> PairFinder:
        """An index over all accounts with a time."""
        windows = Windows.of(accounts)
        timed = np.flatnonzero(~np.isnan(windows.start)).astype(np.int64)
        return cls(accounts, windows, timed, shapely.STRtree(windows.boxes(timed)), timed[:0])

    def more(self, accounts: Accounts) -> PairFinder:
        """The index over the accounts with those that came after them (:meth:`Accounts.more`)."""
        late = np.arange(len(self.accounts), len(accounts))
        return replace(
            self, accounts=accounts, windows=Windows.of(accounts), late=np.concatenate([self.late, late])
        )  # fmt: skip

    def beside(self, rows: Rows) -> tuple[Rows, Rows]:
        """For the records ``rows``: each of them with every other that its window meets."""
        asked = rows[~np.isnan(self.windows.start[rows])]
        if len(asked) == 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        mine, found = self.tree.query(self.windows.boxes(asked))
        mine_late, found_late = np.nonzero(self._meet(asked[:, None], self.late))
        left = asked[np.concatenate([mine, mine_late])]
        right = np.concatenate([self.timed[found], self.late[found_late]])
        # Of the tree are some that are gone since, and have no time.
        kept = (left != right) & ~np.isnan(self.windows.start[right])
        return self._near(left[kept], right[kept])

    def _meet(self, left: Rows, right: Rows) -> NDArray[np.bool_]:
        of = self.windows
        in_time = (of.start[left] <= of.end[right]) & (of.start[right] <= of.end[left])
        found: NDArray[np.bool_] = in_time & (of.low[left] <= of.high[right]) & (of.low[right] <= of.high[left])
        return found

    def _near(self, left: Rows, right: Rows) -> tuple[Rows, Rows]:
        country = self.accounts.codes("country")
        away = distances_km(self.accounts, left, right)
        reach = self.windows.reach[left] + self.windows.reach[right]
        unlike = (country[left] != country[right]) & (country[left] >= 0) & (country[right] >= 0)
        kept = np.where(np.isnan(away), ~unlike, np.nan_to_num(away) <= reach)
        return left[kept], right[kept]

    def pairs(self, rows: Rows) -> Iterator[tuple[Rows, Rows]]:
        """Every pair of the records ``rows`` once, the earlier row first, in parts of bounded size."""
        mine = np.zeros(len(self.accounts), dtype=bool)
        mine[rows] = True
        for begin in range(0, len(rows), AT_ONCE):
            left, right = self.beside(rows[begin : begin + AT_ONCE])
            once = np.flatnonzero((left < right) | ~mine[right])
            for start in range(0, len(once), MOST_PAIRS):
                part = once[start : start + MOST_PAIRS]
                yield np.minimum(left[part], right[part]), np.maximum(left[part], right[part])

    def all(self) -> Iterator[tuple[Rows, Rows]]:
        """Every pair that there is, likewise."""
        return self.pairs(np.arange(len(self.accounts)))
