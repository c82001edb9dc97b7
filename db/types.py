"""Column types and small helpers that every table shares."""

from __future__ import annotations

from collections.abc import Callable
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
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored instant, aware, in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """What :meth:`process_result_value` does, in one call a value instead of three: exports read millions."""
        stored = self.impl_instance.result_processor(dialect, coltype)

        def instant(value: Any) -> datetime | None:
            if value is None:
                return None
            found: Any = value if stored is None else stored(value)
            return found.replace(tzinfo=UTC)  # type: ignore[no-any-return]  # the driver types it as Any

        return instant


def _in_utc(value: datetime) -> datetime:
    """``value`` in UTC without its offset, or ``naive_time`` or ``bad_time``."""
    if value.tzinfo is None or value.utcoffset() is None:
        raise InputError(
            "naive_time",
            "A time without a zone could be any of 24 hours.",
            got=value.isoformat(),
            fix="Give the zone, for example 2017-03-16T18:55 with Asia/Damascus.",
        )
    try:
        return value.astimezone(UTC).replace(tzinfo=None)
    except OverflowError as error:
        raise InputError("bad_time", "The time falls outside the years 1 to 9999 in UTC.", got=str(value)) from error


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
    """``value`` as stored in SQLite, for bulk statements that bypass :class:`UtcDateTime`.

    Raises:
        InputError: ``value`` is naive.
    """
    return _in_utc(value).isoformat(sep=" ", timespec="microseconds")
