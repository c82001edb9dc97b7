"""A replica that reads go to (``INCIDENTS_READ_URL``): how far it is behind, and no stale answer to one's own write.

A streaming replica repeats the primary's log, usually within milliseconds. When it does not, an answer from it is
old, and that has to be said: :func:`lag` compares the last change sets of the two, a small query each. A process that
has written reads from the primary until the replica has repeated what it wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError

from db.errors import ResourceError
from db.tables import metadata

if TYPE_CHECKING:
    from db.postgres import PostgresDatabase

PATIENCE_S = 5
"""How long a primary may take to answer before it counts as down, seconds."""

LOG_BYTES = 16 * 2**20
"""A replica that lacks as much of the log is behind, even within one change set (an import of several batches)."""

NEVER = "FFFFFFFF/FFFFFFFF"
"""A position of the log that no replica reaches."""

_POSITION = "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END"
_CHANGE_SET = metadata.tables["change_set"].c

_written: dict[URL, str] = {}
"""Primary to the position of its log at which all that this process wrote is in it."""


@dataclass(frozen=True)
class Lag:
    """What an answer from a replica lacks.

    Attributes:
        where: the replica; no password stands in it.
        last: id and time (UTC) of its last change set; None where it has none.
        newest: those of the primary; None where it has none, or cannot be asked.
        log_bytes: how much of the primary's log it has not repeated; None where the primary cannot be asked.
    """

    where: str
    last: tuple[int, datetime] | None
    newest: tuple[int, datetime] | None
    log_bytes: int | None

    @property
    def change_sets(self) -> int | None:
        """How many change sets it lacks; None where the primary cannot be asked."""
        if self.log_bytes is None:
            return None
        return (0 if self.newest is None else self.newest[0]) - (0 if self.last is None else self.last[0])

    @property
    def behind(self) -> bool:
        """Whether an answer from it is, or may be, older than one from the primary."""
        return self.log_bytes is None or self.change_sets != 0 or self.log_bytes >= LOG_BYTES

    def __str__(self) -> str:
        if self.log_bytes is None:
            return f"read from a replica whose primary cannot be reached; its last is {_named(self.last)}"
        if self.change_sets != 0:
            noun = "change set" if self.change_sets == 1 else "change sets"
            newest, last = _named(self.newest), _named(self.last)
            return (
                f"read from a replica that is {self.change_sets:,} {noun} behind: its last is {last}, newest {newest}"
            )
        if self.behind:
            megabytes = self.log_bytes / 1e6
            return f"read from a replica that lacks the end ({megabytes:,.0f} MB of log) of {_named(self.last)}"
        return f"read from a replica that is up to date: {_named(self.last)}"


def _named(last: tuple[int, datetime] | None) -> str:
    return "no change set" if last is None else f"change set {last[0]} of {last[1]:%Y-%m-%d %H:%M:%S} UTC"


def lag(connection: sa.Connection, replica: PostgresDatabase, primary: PostgresDatabase) -> Lag:
    """What is read with ``connection`` lacks of what ``primary`` has.

    Args:
        connection: to ``replica``; its transaction is, or becomes, that of the answer.
        replica: where that is.
        primary: is asked with a connection of its own, for at most ``PATIENCE_S``.

    Raises:
        ResourceError: ``not_its_replica``, it has what the primary does not have.
    """
    mine = connection.execute(_last()).one_or_none()
    position = connection.exec_driver_sql(f"SELECT ({_POSITION})::text").scalar_one()
    last = None if mine is None else (mine.id, mine.at)
    found = _asked(primary, position, None if last is None else last[0])
    if found is None:
        return Lag(replica.where, last, None, None)
    newest, same, log_bytes = found
    if last is not None and same != last[1]:
        raise ResourceError(
            "not_its_replica",
            f"It has {_named(last)}, which the primary does not have: it is no replica of it, or no longer.",
            where=replica.where,
            fix="Set INCIDENTS_READ_URL to a replica of INCIDENTS_DATABASE_URL, or unset it after a promotion.",
        )
    return Lag(replica.where, last, newest, max(0, log_bytes))


def _last() -> sa.Select[Any]:
    return sa.select(_CHANGE_SET.id, _CHANGE_SET.at).order_by(_CHANGE_SET.id.desc()).limit(1)


def _asked(
    primary: PostgresDatabase, position: str, key: int | None
) -> tuple[tuple[int, datetime] | None, datetime | None, int] | None:
    """The primary's last change set, its time of the change set ``key``, and its log from ``position`` on in bytes."""
    same = sa.select(_CHANGE_SET.at).where(_CHANGE_SET.id == key).scalar_subquery()
    log = sa.text(f"pg_wal_lsn_diff({_POSITION}, CAST(:position AS pg_lsn))::bigint").bindparams(position=position)
    last = _last().subquery()
    everything = sa.select(last.c.id, last.c.at, same.label("same"), log).select_from(
        sa.select(sa.literal(1).label("one")).subquery().outerjoin(last, sa.true())
    )
    try:
        with primary.within(PATIENCE_S).reader().connect() as connection:
            row = connection.execute(everything).one()
    except OperationalError:
        return None
    return (None if row.id is None else (row.id, row.at)), row.same, int(row[3])


def note_written(primary: PostgresDatabase) -> None:
    """Remember that this process has committed to ``primary``."""
    try:
        with primary.reader().connect() as connection:
            _written[primary.url] = str(connection.exec_driver_sql(f"SELECT ({_POSITION})::text").scalar_one())
    except DBAPIError:
        # The change is kept; only its position is unknown, so no replica will do.
        _written[primary.url] = NEVER


def has_own_writes(replica: PostgresDatabase, primary: PostgresDatabase) -> bool:
    """Whether ``replica`` has all that this process wrote to ``primary``.

    Raises:
        ResourceError: ``cannot_connect``.
    """
    if primary.url not in _written:
        return True
    asked = sa.text(f"SELECT {_POSITION} >= CAST(:position AS pg_lsn)")
    try:
        with replica.reader().connect() as connection:
            arrived = bool(connection.execute(asked, {"position": _written[primary.url]}).scalar_one())
    except DBAPIError as error:
        raise replica.translate(error) from error
    if arrived:
        del _written[primary.url]
    return arrived
