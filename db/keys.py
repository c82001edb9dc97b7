"""Many ids in a condition, as one bound value.

A list of bound values makes SQLAlchemy write, and the database read, a new statement each time: with 2,000 of them that
takes as long as finding the rows. Here the ids are bound as one text, and the statement stays the same.

For columns that are the whole primary key, in statements without an order: SQLite does not know how few the ids are,
and would rather read a million claims in the order asked for than look up those of one incident.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from db.errors import InputError


class KeyText(sa.types.TypeDecorator[Collection[int]]):
    """Ids, bound as a JSON array."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Collection[int] | None, dialect: sa.Dialect) -> str:  # noqa: ARG002 - as the base class asks
        """The ids as text."""
        return json.dumps(list(value or ()))


KEYS: sa.BindParameter[Any] = sa.bindparam("keys", type_=KeyText())
"""Stands for ids that are given when the statement is run, as ``keys``."""


class one_of(FunctionElement[bool]):  # noqa: N801 - SQLAlchemy writes its functions small
    """SQL: a column of ids is one of ``keys``, any number of them.

    Raises:
        InputError: ``unsupported_database``, when it is run.
    """

    type = sa.Boolean()
    inherit_cache = True

    def __init__(self, column: Any, keys: Any = KEYS) -> None:
        """``keys`` are ids, or :data:`KEYS`."""
        super().__init__(column, keys if isinstance(keys, sa.BindParameter) else sa.literal(keys, KeyText()))

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - as the base class asks
        """Itself: where SQLAlchemy adds ``= 1``, as to any function, SQLite looks nothing up and reads every row."""
        return self


@compiles(one_of)
def _other(_element: Any, _compiler: Any, **_options: Any) -> str:
    raise InputError("unsupported_database", "Lists of ids are written for SQLite and PostgreSQL.")


@compiles(one_of, "sqlite")
def _sqlite(element: Any, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - both are SQL that was compiled


@compiles(one_of, "postgresql")
def _postgresql(element: Any, compiler: Any, **options: Any) -> str:
    # An array, not IN: a partition on another server can be sent one, but not a join.
    column, keys = (compiler.process(clause, **options) for clause in element.clauses)
    listed = f"SELECT CAST(value AS integer) FROM json_array_elements_text(CAST({keys} AS json))"  # noqa: S608 - as above
    return f"{column} = ANY(ARRAY({listed}))"
