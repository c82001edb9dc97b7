"""The roster: every incident that a tier may see, in the order of answers, as columns in memory.

A page counts an answer, leafs through it and moves a window of time over it without asking the database again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session

from db.keys import one_of
from db.spatial import Integers
from db.tables import Incident
from db.tables.derived import NEVER
from incidents.columns import Spots
from incidents.criteria import Query, conditions
from incidents.placed import first_of_each
from incidents.screening import Flags
from incidents.spots import TIER_BITS, microseconds
from incidents.tiers import Tier

Rows = NDArray[np.int32]


@dataclass(frozen=True)
class Roster:
    """Incidents by start and id; those without a time come last. Times in microseconds since 1970, UTC.

    ``located`` says which have a place that the tier may see; ``by_key`` is the order of their ids.
    """

    keys: Integers
    starts: Integers
    stops: Integers
    located: Flags
    by_key: Rows

    def numbers_of(self, keys: Integers) -> Integers:
        """Where each of the incidents ``keys`` stands; one that was recorded since the roster was made is left out."""
        if len(self.keys) == 0:
            return np.empty(0, dtype=np.int64)
        at = np.searchsorted(self.keys, keys, sorter=self.by_key)
        found = self.by_key[np.minimum(at, len(self.keys) - 1)]
        return np.asarray(found[self.keys[found] == keys], dtype=np.int64)

    def overlap(self, numbers: Integers, start: datetime | None, end: datetime | None) -> Flags:
        """Whether each of the incidents at ``numbers`` overlaps the window, closed at both ends."""
        passed = np.ones(len(numbers), dtype=bool)
        if start is not None or end is not None:
            starts = self.starts[numbers]
            passed = starts < NEVER
            if start is not None:
                passed &= self.stops[numbers] >= _microseconds(start)
            if end is not None:
                passed &= starts <= _microseconds(end)
        return passed


def roster(session: Session, spots: Spots | None, tier: Tier) -> Roster:
    """The incidents that ``tier`` may see.

    Args:
        session: an open session.
        spots: the places as they are now; None where what they were made of was changed since.
        tier: for whom.
    """
    keys, starts, stops = _located(spots, tier)
    others = _others(session, tier, keys)
    located = np.arange(len(keys) + len(others[0])) < len(keys)
    keys, starts, stops = (np.concatenate(pair) for pair in zip((keys, starts, stops), others, strict=True))
    order = np.lexsort((keys, starts))
    keys = keys[order]
    return Roster(keys, starts[order], stops[order], located[order], np.argsort(keys).astype(np.int32))


def _located(spots: Spots | None, tier: Tier) -> tuple[Integers, Integers, Integers]:
    if spots is None:
        return (np.empty(0, dtype=np.int64),) * 3
    rows = np.flatnonzero(spots.tiers & TIER_BITS[tier])
    rows = rows[first_of_each(spots.keys[rows])]
    return spots.keys[rows], spots.starts[rows], spots.stops[rows]


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def _others(session: Session, tier: Tier, known: Integers) -> tuple[Integers, Integers, Integers]:
    """Id, start and stop of the incidents that the tier may see and that are not ``known``."""
    # The ids alone are read from an index; the rows are many times as large, and few are wanted.
    ids = _plain(session, sa.select(_c(Incident.id)))
    wanted = np.setdiff1d(np.array(ids, dtype=np.int64), known)
    # Untyped: numpy reads the instants of both databases much faster.
    start, end = (sa.type_coerce(_c(one), sa.types.NullType()) for one in (Incident.start_utc, Incident.end_utc))
    query = sa.select(_c(Incident.id), start, end).where(*conditions(session, Query(tier=tier)))
    flat = _plain(session, query.where(one_of(_c(Incident.id), wanted.tolist())))
    return np.array(flat[0::3], dtype=np.int64), microseconds(flat[1::3]), microseconds(flat[2::3])


def _plain(session: Session, query: Any) -> list[Any]:
    """The values of all rows in one list, past SQLAlchemy's rows."""
    rows: Any = session.connection().execute(query).cursor
    return list(chain.from_iterable(rows))


def _microseconds(instant: datetime) -> int:
    return int(microseconds([instant.astimezone(UTC).replace(tzinfo=None)])[0])
