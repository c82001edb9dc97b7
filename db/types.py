"""Column types and small helpers that every table shares."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from db.errors import InputError

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, stored as ``YYYY-MM-DD HH:MM:SS.ffffff`` in UTC; naive values are refused.

    SQLite drops the offset of ``DateTime(timezone=True)``, so the offset is removed here on purpose and
    put back on reading. The text sorts as time does.
    """

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """``value`` in UTC without its offset.

        Raises:
            InputError: ``value`` is naive.
        """
        if value is None:
            return None
        if value.tzinfo is None or value.utcoffset() is None:
            raise InputError(
                "naive_time",
                "A time without a zone could be any of 24 hours.",
                got=value.isoformat(),
                fix="Give the zone, for example 2017-03-16T18:55 with Asia/Damascus.",
            )
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored instant, aware, in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


def enum_column(enum: type[StrEnum], *, name: str) -> sa.Enum:
    """A column type that stores ``enum`` by value and has the database check it.

    Args:
        enum: the enumeration.
        name: name of the CHECK, unique within its table.
    """
    return sa.Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def utc_now() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


def utc_text(value: datetime) -> str:
    """``value`` as stored in SQLite, for bulk statements that bypass :class:`UtcDateTime`."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def text_check(column: str, *, max_length: int) -> sa.CheckConstraint:
    """A CHECK that ``column`` is not blank and at most ``max_length`` characters."""
    return sa.CheckConstraint(f"length(trim({column})) BETWEEN 1 AND {max_length}", name=f"{column}_length")


def frozen_row(row: Any) -> dict[str, Any]:
    """The columns of a table object as a plain dictionary, in column order."""
    return {column.key: getattr(row, column.key) for column in sa.inspect(row).mapper.column_attrs}
