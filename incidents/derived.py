"""The derived read model of :mod:`db.tables.derived`: computed for some incidents or for all, in batches.

Each part is a function ``(session, keys)`` that rewrites its rows for the incidents ``keys``; they stand in
``PARTS``. Memory stays constant, since the parts are given a bounded number of incidents at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlmodel import Session

from db.import_log import Progress
from db.tables import Incident
from incidents.same_event import events
from incidents.spots import refresh_spots

Part: TypeAlias = Callable[[Session, Sequence[int]], None]

BATCH = 2_000
"""Incidents worked on at once; bounds the memory."""

PARTS: tuple[Part, ...] = (refresh_spots,)


def refresh(session: Session, keys: Sequence[int] | None, progress: Progress | None = None) -> int:
    """Rewrite the derived rows of the incidents ``keys``, and of those that are one event with them.

    Args:
        session: a write session.
        keys: incident ids; None stands for all.
        progress: is told how many incidents are done.

    Returns:
        How many incidents were done.
    """
    done = 0
    for batch in _batches(session, None if keys is None else _with_siblings(session, keys)):
        for part in PARTS:
            part(session, batch)
        done += len(batch)
        if progress is not None:
            progress(done)
    return done


def _with_siblings(session: Session, keys: Sequence[int]) -> list[int]:
    """``keys`` and the other records of their events: what stands of one changes with its siblings."""
    joined = events(session)
    return sorted({other for key in keys for other in (joined[key].incident_ids if key in joined else (key,))})


def _batches(session: Session, keys: Sequence[int] | None) -> Iterator[Sequence[int]]:
    """The ids in parts of at most ``BATCH``; all incidents, ascending, where ``keys`` is None."""
    if keys is not None:
        yield from (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
        return
    key: Any = Incident.id
    last = 0
    while len(batch := session.execute(sa.select(key).where(key > last).order_by(key).limit(BATCH)).scalars().all()):
        yield batch
        last = batch[-1]
