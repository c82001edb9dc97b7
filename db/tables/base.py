"""What every table class shares: the metadata, the two row kinds and the column helpers.

Table classes hold rows and validate nothing: input is checked in the non-table models of
``incidents`` before it comes here, and by the database's own CHECKs when it arrives.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from db.types import NAMING, UtcDateTime, enum_column

metadata = sa.MetaData(naming_convention=NAMING)

SHORT, LINE, PARAGRAPH, PAGE = 100, 500, 4_000, 100_000
"""Longest text in characters: a code, a name or URL, a note, a raw row."""


class Table(SQLModel, registry=registry(metadata=metadata)):
    """The root of all table classes; gives them the metadata with named constraints."""


class Recorded(Table):
    """A row that is only ever added: it points to the change set that recorded it."""

    id: int | None = Field(default=None, primary_key=True)
    # Left out by callers: the write session fills it in when the row is flushed.
    change_set_id: int = Field(default=None, foreign_key="change_set.id", index=True, nullable=False)

    @property
    def key(self) -> int:
        """The id of a row that has been stored.

        Raises:
            ValueError: the row has not been flushed yet.
        """
        if self.id is None:
            raise ValueError(f"{type(self).__name__} has no id before it is flushed")
        return self.id


class Versioned(Recorded):
    """A row that can be edited: each edit raises ``version`` by one and is kept in the journal."""

    version: int = Field(default=1, sa_column_kwargs={"server_default": sa.text("1")})


def text_field(max_length: int, *, nullable: bool = False, unique: bool = False, index: bool = False) -> Any:
    """A text column of at most ``max_length`` characters; :mod:`db.tables` has the database check it too."""
    column: sa.Column[str] = sa.Column(sa.String(max_length), nullable=nullable, unique=unique, index=index)
    return Field(default=None if nullable else ..., sa_column=column)


def enum_field(
    enum: type[StrEnum], name: str, *, nullable: bool = False, default: StrEnum | None = None, index: bool = False
) -> Any:
    """An enumeration stored by value with a CHECK called ``name``."""
    column: sa.Column[StrEnum] = sa.Column(
        enum_column(enum, name=name),
        nullable=nullable,
        index=index,
        server_default=None if default is None else sa.text(f"'{default.value}'"),
    )
    return Field(default=default if default is not None or nullable else ..., sa_column=column)


def time_field(*, nullable: bool = False, index: bool = False) -> Any:
    """An instant in UTC."""
    column: sa.Column[datetime] = sa.Column(UtcDateTime(), nullable=nullable, index=index)
    return Field(default=None if nullable else ..., sa_column=column)


def flag_field(name: str, *, default: bool) -> Any:
    """A truth value, stored as 0 or 1 with a CHECK called ``name``."""
    boolean = sa.Boolean(name=name, create_constraint=True)
    column: sa.Column[bool] = sa.Column(boolean, nullable=False, server_default=sa.true() if default else sa.false())
    return Field(default=default, sa_column=column)


def limit(column: str, max_length: int, *, blank: bool = False) -> sa.CheckConstraint:
    """A CHECK on the length of a text column in characters; SQLite ignores the length of VARCHAR.

    Args:
        column: name of the column.
        max_length: in characters; blanks round the text count, or a million of them would fit any column.
        blank: whether an empty text, or one of blanks only, may stand there.
    """
    least = "" if blank else f"length(trim({column})) >= 1 AND "
    return sa.CheckConstraint(f"{least}length({column}) <= {max_length}", name=f"{column}_length")
