"""Rows of a table as both editions take them: read in the order of their key, and written many at a time.

The common form is what SQLite stores: texts, numbers and bytes; an instant is ``YYYY-MM-DD HH:MM:SS.ffffff`` in UTC, a
truth value 0 or 1, an enumeration its value. Rows go from one database into the other one after the other, so the
memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from db.bulk import insert_stored
from db.errors import InputError
from db.types import UtcDateTime

Key: TypeAlias = tuple[int, ...]
Row: TypeAlias = Sequence[Any]

HELD_ROWS = 1_000
"""So many rows a server sends at once."""
_WITHOUT_FRACTION = 19
"""Characters of an instant that raw SQL wrote with SQLite's ``datetime('now')``."""


def rows_after(connection: sa.Connection, table: sa.Table, last: Key | None, count: int) -> Iterator[Row]:
    """The next rows in the order of the primary key, whose columns are integers.

    Args:
        connection: in a transaction.
        table: where.
        last: the key of the last row that was read before; None begins with the first.
        count: at most so many.
    """
    keys = list(table.primary_key.columns)
    wanted = sa.select(*(_common(column, connection.dialect.name) for column in table.columns))
    if last is not None:
        wanted = wanted.where(sa.tuple_(*keys) > sa.tuple_(*last) if len(keys) > 1 else keys[0] > last[0])
    streamed = {"stream_results": True, "max_row_buffer": HELD_ROWS}
    with connection.execute(wanted.order_by(*keys).limit(count), execution_options=streamed) as result:
        yield from result


def write_rows(connection: sa.Connection, table: sa.Table, rows: Iterable[Row]) -> tuple[int, Key | None]:
    """Write rows with all columns of ``table``, in the common form.

    Returns:
        How many there were, and the key of the last; None where there were none.

    Raises:
        InputError: ``control_character``, a text holds NUL, which PostgreSQL cannot store.
        sqlalchemy.exc.DBAPIError: the database refuses a row.
    """
    counted = _Counted(table, rows)
    try:
        insert_stored(connection, table, [column.name for column in table.columns], counted)
    except DBAPIError:
        if connection.dialect.name == "postgresql":
            counted.check_text()
        raise
    return counted.count, counted.last


class _Counted:
    """Rows on their way: how many went by, and which is the last."""

    def __init__(self, table: sa.Table, rows: Iterable[Row]) -> None:
        self._table = table
        self._rows = rows
        self._row: Row | None = None
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self._row = row
            self.count += 1
            yield row

    @property
    def last(self) -> Key | None:
        if self._row is None:
            return None
        named = zip(self._table.columns, self._row, strict=True)
        return tuple(value for column, value in named if column.primary_key)

    def check_text(self) -> None:
        """Name the column where the last row holds NUL."""
        for column, value in zip(self._table.columns, self._row or (), strict=False):
            if isinstance(value, str) and "\x00" in value:
                raise InputError(
                    "control_character",
                    "PostgreSQL cannot store a text with the character NUL.",
                    where=f"table {self._table.name}, row {', '.join(map(str, self.last or ()))}, column {column.name}",
                    got=value,
                    fix="Take it out of the source with an edit that says who and why (docs/model.md, The journal).",
                )


def _common(column: sa.Column[Any], dialect: str) -> sa.ColumnElement[Any]:
    """``column`` in the common form."""
    plain = sa.type_coerce(column, sa.types.NULLTYPE)
    if dialect == "postgresql":
        if isinstance(column.type, UtcDateTime):
            return sa.func.to_char(plain, "YYYY-MM-DD HH24:MI:SS.US")
        if isinstance(column.type, sa.Date):
            return sa.func.to_char(plain, "YYYY-MM-DD")
        return sa.cast(plain, sa.Integer) if isinstance(column.type, sa.Boolean) else plain
    if isinstance(column.type, UtcDateTime):
        whole = sa.func.length(plain) == _WITHOUT_FRACTION
        return sa.case((whole, sa.type_coerce(column, sa.String) + ".000000"), else_=plain)
    return plain
