"""The derived read model of :mod:`db.tables.derived`: computed for some incidents or for all, in batches.

Each part is a function ``(session, keys)`` that rewrites its rows for the incidents ``keys``; they stand in
``PARTS``. Memory stays constant, since the parts are given a bounded number of incidents at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlmodel import Session

from db.derived import among, is_fresh
from db.import_log import Progress
from db.search import empty_texts
from db.tables import Incident, metadata
from incidents.same_event import events
from incidents.spots import differing_spots, refresh_spots
from incidents.words import differing_texts, refresh_words

Part: TypeAlias = Callable[[Session, Sequence[int]], None]
Check: TypeAlias = Callable[[Session, Sequence[int]], dict[str, set[int]]]

BATCH = 2_000
"""Incidents worked on at once; bounds the memory."""

MANY = 200
"""A change of more incidents than this, an import, leaves their ready features out: to make them takes longer than the
import. One that is missing is read in full; ``incidents db rebuild`` makes them."""


def _refresh_prepared(session: Session, keys: Sequence[int]) -> None:
    part: Part = _prepared().refresh_prepared
    part(session, keys)


def _drop_prepared(session: Session, keys: Sequence[int]) -> None:
    for table in (metadata.tables["fragment"], metadata.tables["summary"]):
        session.execute(sa.delete(table).where(among(table.c.incident_id, keys)))


def _differing_prepared(session: Session, keys: Sequence[int]) -> dict[str, set[int]]:
    check: Check = _prepared().differing_prepared
    return check(session, keys)


def _prepared() -> Any:
    # By name: the exports are made of the incidents, and so may not be imported here.
    return import_module("incidents.exports.prepared")


PARTS: tuple[Part, ...] = (refresh_spots, refresh_words, _refresh_prepared)
"""All that is made of an incident."""
PARTS_OF_MANY: tuple[Part, ...] = (refresh_spots, refresh_words, _drop_prepared)
"""What is made where ``MANY`` change at once."""

CHECKS: tuple[Check, ...] = (
    lambda session, keys: {"spot": differing_spots(session, keys)},
    lambda session, keys: {"search_text": differing_texts(session, keys)},
    _differing_prepared,
)
"""What finds, by table, those of some incidents whose rows are not those that it should have."""
TABLES = ("spot", "search_text", "fragment", "summary")


def refresh(session: Session, keys: Sequence[int] | None, progress: Progress | None = None) -> int:
    """Rewrite the derived rows of the incidents ``keys``, and of those that are one event with them.

    Of more than ``MANY`` the ready features are taken away and not made.

    Args:
        session: a write session.
        keys: incident ids; None stands for all.
        progress: is told how many incidents are done.

    Returns:
        How many incidents were done.
    """
    wanted = None if keys is None else _with_siblings(session, keys)
    return _refresh(session, wanted, PARTS if wanted is not None and len(wanted) <= MANY else PARTS_OF_MANY, progress)


def _refresh(session: Session, keys: Sequence[int] | None, parts: tuple[Part, ...], progress: Progress | None) -> int:
    done = 0
    for batch in _batches(session, keys):
        for part in parts:
            part(session, batch)
        done += len(batch)
        if progress is not None:
            progress(done)
    return done


def rebuild(session: Session, progress: Progress | None = None) -> int:
    """Make all derived rows anew, whatever stood there; otherwise as :func:`refresh`."""
    empty_texts(session)
    for name in ("spot", "fragment", "summary", "touched"):
        session.execute(sa.delete(metadata.tables[name]))
    return _refresh(session, None, PARTS, progress)


def differences(session: Session, progress: Progress | None = None) -> list[str]:
    """What of the derived rows is not as it should be, one line a table; none where all is well.

    Args:
        session: an open session.
        progress: is told how many incidents are compared.
    """
    if not is_fresh(session):
        return ["derived: some incidents were changed by another program and not brought up to date"]
    differing = dict.fromkeys(TABLES, 0)
    done = 0
    for batch in _batches(session, None):
        for check in CHECKS:
            for table, found in check(session, batch).items():
                differing[table] += len(found)
        done += len(batch)
        if progress is not None:
            progress(done)
    for table in TABLES:
        key = metadata.tables[table].c.incident_id
        astray = sa.select(sa.func.count(key.distinct())).where(~sa.exists().where(_c(Incident.id) == key))
        differing[table] += session.execute(astray).scalar_one()
    return [f"derived: {table} differs for {count:,} incidents" for table, count in differing.items() if count > 0]


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


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
