"""Keeping the derived rows in step: the hook between the unit of work and what computes them.

Triggers list the incidents that a change concerns in ``touched``. Before a write session commits, it has the
registered refresher rewrite their derived rows, and empties the list. Where nothing is registered (a program that
uses :mod:`db` alone) the list stays, and readers do without the derived rows until somebody else has written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session

from db import refreshers
from db.tables import metadata
from db.tables.derived import EVERYTHING

if TYPE_CHECKING:
    from db.import_log import Progress

_TOUCHED = metadata.tables["touched"]
_FIRST_TOUCHED = sa.select(_TOUCHED.c.incident_id).limit(1)


def refresh_touched(session: Session, progress: Progress | None = None) -> None:
    """Rewrite the derived rows of every touched incident, and empty the list.

    A write session does it before it commits; a long import does it sooner, to tell how far it is.

    Args:
        session: a write session.
        progress: is told how many incidents are done.
    """
    if len(refreshers.REFRESHERS) == 0 or is_fresh(session):
        return
    keys = sorted(session.execute(sa.select(_TOUCHED.c.incident_id)).scalars())
    for refresher in refreshers.REFRESHERS:
        refresher(session, None if keys[0] == EVERYTHING else keys, progress)
    session.execute(sa.delete(_TOUCHED))


def is_fresh(session: Session) -> bool:
    """Whether the derived rows are up to date: nothing is touched."""
    # Past the session, which takes twice as long: a server asks it with every question.
    return session.connection().execute(_FIRST_TOUCHED).first() is None


def among(column: Any, keys: Sequence[int]) -> Any:
    """SQL: ``column`` is one of ``keys``, which are ascending; without a list where they follow each other."""
    if len(keys) > 1 and keys[-1] - keys[0] + 1 == len(keys):
        return column.between(keys[0], keys[-1])
    return column.in_(keys)
