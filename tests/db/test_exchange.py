"""Rows between the editions: nothing is lost on the way, whatever they hold."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from db.engine import Database
from db.exchange import rows_after, write_rows
from db.tables import metadata

SPOT, SEARCH_TEXT, FRAGMENT = (metadata.tables[name] for name in ("spot", "search_text", "fragment"))

# Text files of COPY give a meaning to some of these.
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])) | st.sampled_from(
    ["\\N", "\\.", "a\tb\nc\rd", "\\t", "مدرسة", ""]
)
# SQLite stores -0.0 as 0.
# No blank stands beside another, or at an end: PostgreSQL's index of words takes no word without letters.
several = st.lists(texts.map(lambda text: text.replace(" ", "")).filter(bool)).map(" ".join)
floats = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)
integers = st.integers(-(2**63), 2**63 - 1)
ids = st.integers(1, 2**31 - 1)


@pytest.fixture
def filling(database: Database) -> Iterator[sa.Connection]:
    with database.filler().connect() as connection:
        yield connection
        connection.rollback()


def through(connection: sa.Connection, table: sa.Table, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """``rows`` as they are read after they were written."""
    connection.execute(sa.delete(table))
    count, last = write_rows(connection, table, rows)
    assert count == len(rows)
    assert (last is None) == (len(rows) == 0)
    return [tuple(row) for row in rows_after(connection, table, None, len(rows) + 1)]


def spot(**given: Any) -> tuple[Any, ...]:
    """A row of that table."""
    usual = {column.name: None if column.nullable else 1 for column in SPOT.columns} | {"lon": 0.5, "lat": 0.5}
    return tuple((usual | given).values())


@settings(max_examples=50)
@given(lon=floats, lat=floats, radius=st.none() | floats, cell=integers)
def test_numbers_to_their_last_bit(
    filling: sa.Connection, lon: float, lat: float, radius: float | None, cell: int
) -> None:
    row = spot(cell=cell, lon=lon, lat=lat, radius_m=radius)
    assert through(filling, SPOT, [row]) == [row]


@settings(max_examples=50)
@given(words=several, names=texts)
def test_texts(filling: sa.Connection, words: str, names: str) -> None:
    row = (8, 1, 1, words, names)
    assert through(filling, SEARCH_TEXT, [row]) == [row]


@settings(max_examples=25)
@given(body=st.binary(), refs=st.binary())
def test_bytes(filling: sa.Connection, body: bytes, refs: bytes) -> None:
    assert through(filling, FRAGMENT, [(1, body, refs)]) == [(1, body, refs)]


def test_rows_come_in_parts_in_the_order_of_their_key(filling: sa.Connection) -> None:
    keys = itertools.product((1, 2), (5, 6), (1, 7))
    rows = [spot(cell=cell, start=start, tiers=tiers) for cell, start, tiers in keys]
    assert through(filling, SPOT, rows[::-1]) == rows
    read: list[tuple[Any, ...]] = []
    while part := [tuple(row) for row in rows_after(filling, SPOT, read[-1][:5] if read else None, 3)]:
        assert len(part) <= 3
        read += part
    assert read == rows
