"""Many new rows of a table at once: ``executemany`` on SQLite, ``COPY`` on PostgreSQL.

Both run on the session's own connection and in its transaction. Values are Python values of the columns' types; each
column is converted as a whole, because SQLAlchemy's types, asked value by value, cost more than the insert.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from db.errors import InputError
from db.session import change_set_id
from db.tables import metadata
from db.types import UtcDateTime, utc_text

Values = Sequence[Any]
"""One column of the new rows, in their order."""

KEPT_TEXTS = 50_000
"""So many instants are kept as text for the next rows: a file names the same days again and again."""


def insert_columns(session: Session, table: sa.Table, columns: Mapping[str, Values]) -> None:
    """Add rows to ``table``; columns that are not given keep the defaults of the database.

    Args:
        session: an open write session.
        table: where.
        columns: the values by column name, all of one length; times aware, enumerations as members.

    Raises:
        InputError: ``bad_value``, a value is not one of its column's; ``naive_time``.
        sqlalchemy.exc.DBAPIError: the database refuses a row; ``write_session`` translates it.
    """
    connection = session.connection()
    converted = [_stored(table.c[name], values) for name, values in columns.items()]
    insert_stored(connection, table, list(columns), zip(*converted, strict=True))


def insert_stored(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows to ``table`` as they come, none is kept; their values are stored ones (:func:`_stored`).

    Raises:
        sqlalchemy.exc.DBAPIError: the database refuses a row.
    """
    raw: Any = connection.connection.driver_connection
    failure: Any = connection.dialect.loaded_dbapi.Error
    quoted = connection.dialect.identifier_preparer
    into = f"{quoted.format_table(table)} ({', '.join(map(quoted.quote, columns))})"
    sql = f"INSERT INTO {into} VALUES ({', '.join('?' * len(columns))})"
    try:
        if connection.dialect.name == "postgresql":
            sql = f"COPY {into} FROM STDIN"
            with raw.cursor() as cursor, cursor.copy(sql) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            raw.executemany(sql, rows)
    except failure as error:
        # What goes past SQLAlchemy is reported as SQLAlchemy reports it, so that one place translates it.
        raise DBAPIError.instance(sql, None, error, failure, dialect=connection.dialect) from error


def _stored(column: sa.Column[Any], values: Values) -> Values:
    """``values`` as the drivers take them fastest: plain texts and numbers."""
    convert = _converter(column.type)
    if convert is None:
        return values
    try:
        return [convert(value) for value in values]
    except (KeyError, AttributeError) as error:
        why = f"A value does not fit its column {column.table.name}.{column.name}."
        raise InputError("bad_value", why, got=error.args[0] if isinstance(error, KeyError) else None) from error


def _converter(kind: sa.types.TypeEngine[Any]) -> Callable[[Any], Any] | None:
    if isinstance(kind, sa.Enum):
        members: Iterable[Enum] = kind.enum_class or ()
        # A member is found by its value, too: it equals it.
        return {None: None, **{member.value: member.value for member in members}}.__getitem__
    if isinstance(kind, UtcDateTime):
        return _TIMES.__getitem__
    return {None: None, True: 1, False: 0}.__getitem__ if isinstance(kind, sa.Boolean) else None


class _Times(dict[datetime | None, str | None]):
    """The stored text of each instant, worked out when it is first met."""

    def __missing__(self, moment: datetime | None) -> str | None:
        if len(self) >= KEPT_TEXTS:
            self.clear()
        self[moment] = text = None if moment is None else utc_text(moment)
        return text


_TIMES = _Times()


class NewRows:
    """Rows for several tables, with ids given out from the highest one stored; nobody else may write meanwhile.

    Args:
        session: an open write session; every row belongs to its change set.
        order: the tables, each after those it points to.
    """

    def __init__(self, session: Session, order: Sequence[str]) -> None:
        self._session = session
        self._change_set = change_set_id(session)
        self._rows: dict[str, list[Mapping[str, Any]]] = {name: [] for name in order}
        self._last: dict[str, int] = {}

    def add(self, table: str, columns: Mapping[str, Any]) -> int:
        """Keep a row for writing; all rows of one table need the same columns. Returns its id."""
        key = self._take_ids(table, 1)
        self._rows[table].append({"id": key, **columns})
        return key

    def add_columns(self, table: str, columns: Mapping[str, Values]) -> range:
        """Write rows given by column, all of one length; returns their ids."""
        count = len(next(iter(columns.values())))
        first = self._take_ids(table, count)
        keys = range(first, first + count)
        if count > 0:
            every = {"id": keys, "change_set_id": [self._change_set] * count, **columns}
            insert_columns(self._session, metadata.tables[table], every)
        return keys

    def write(self) -> None:
        """Write the rows that were kept, one statement a table."""
        for name, rows in self._rows.items():
            if len(rows) > 0:
                columns = {column: [row[column] for row in rows] for column in rows[0]}
                columns["change_set_id"] = [self._change_set] * len(rows)
                insert_columns(self._session, metadata.tables[name], columns)
                rows.clear()

    def forget_ids(self) -> None:
        """Ask the database for the highest ids again: somebody else has added rows in this session."""
        self._last.clear()

    def next_id(self, table: str) -> int:
        """The id that the next new row will have."""
        if table not in self._last:
            key = metadata.tables[table].c.id
            self._last[table] = self._session.execute(sa.select(sa.func.max(key))).scalar() or 0
        return self._last[table] + 1

    def _take_ids(self, table: str, count: int) -> int:
        """The first of ``count`` new ids."""
        first = self.next_id(table)
        self._last[table] += count
        return first
