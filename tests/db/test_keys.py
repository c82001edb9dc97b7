"""Ids bound as one value: the same rows as a list of them finds, on both editions."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from db.errors import InputError
from db.keys import KEYS, one_of
from db.tables import metadata

CHANGE_SET = metadata.tables["change_set"]
MANY = 40_000
"""More than either driver takes as bound values."""


@pytest.mark.parametrize("keys", [(), (1,), (7, 1, 1), tuple(range(2, MANY)), tuple(range(MANY))], ids=len)
def test_those_that_are_listed_are_found(session: Session, keys: tuple[int, ...]) -> None:
    session.flush()
    here = session.execute(sa.select(CHANGE_SET.c.id)).scalars().all()
    query = sa.select(CHANGE_SET.c.id).where(one_of(CHANGE_SET.c.id))
    assert session.execute(query, {"keys": keys}).scalars().all() == [key for key in here if key in keys]
    given = sa.select(CHANGE_SET.c.id).where(one_of(CHANGE_SET.c.id, keys))
    assert session.execute(given).scalars().all() == [key for key in here if key in keys]


@pytest.mark.sqlite
def test_rows_are_looked_up_and_not_read_through(session: Session) -> None:
    query = sa.select(CHANGE_SET.c.id).where(one_of(CHANGE_SET.c.id)).compile(session.connection())
    assert str(query).endswith("json_each(?))")
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", ("[1, 2]",)).all()
    assert "SEARCH change_set USING INTEGER PRIMARY KEY (rowid=?)" in [row[3] for row in plan]


def test_another_database_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        sa.select(one_of(CHANGE_SET.c.id, KEYS)).compile(dialect=sa.dialects.registry.load("mysql")())
    assert caught.value.code == "unsupported_database"
