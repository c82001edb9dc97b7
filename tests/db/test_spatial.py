"""The spatial index follows the locations, and what it finds is only a candidate."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.engine import Database
from db.errors import InputError
from db.spatial import FLOAT32_SLACK_DEG, box_differences, locations_in_box

Insert = Callable[..., None]
NewRow = Callable[..., dict[str, Any]]
Box = tuple[float, float, float, float]

SIDES = ("west", "south", "east", "north")


def sides(box: Box) -> dict[str, float]:
    return dict(zip(SIDES, box, strict=True))


def degrees(most: int) -> st.SearchStrategy[float]:
    """Degrees to the tenth of a millimetre; what SQLite cannot round outwards is 200 places further down."""
    return st.integers(-most * 10**9, most * 10**9).map(lambda whole: whole / 10**9)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    west, east = sorted(draw(st.tuples(degrees(180), degrees(180))))
    south, north = sorted(draw(st.tuples(degrees(90), degrees(90))))
    return west, south, east, north


@pytest.fixture
def engine(raw: sqlite3.Connection) -> Iterator[sa.Connection]:
    """The raw connection as SQLAlchemy sees it."""
    made = sa.create_engine("sqlite://", creator=lambda: raw, poolclass=sa.pool.StaticPool)
    with made.connect() as connection:
        yield connection


@pytest.fixture
def opened(raw: sqlite3.Connection, engine: sa.Connection) -> sqlite3.Connection:
    """A change set under way; begun after SQLAlchemy's first look at the connection, which rolls back."""
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("INSERT INTO open_change_set VALUES (1, 1)")
    return raw


def found(engine: sa.Connection, box: Box) -> set[int]:
    return set(locations_in_box(engine, box))


def test_a_new_location_is_found_by_its_box(
    engine: sa.Connection, opened: sqlite3.Connection, insert: Insert, new_row: NewRow
) -> None:
    insert(opened, "location", new_row("location", id=9, **sides((10.0, 20.0, 11.0, 21.0))))
    assert found(engine, (10.5, 20.5, 10.6, 20.6)) == {9}
    assert found(engine, (11.0, 21.0, 12.0, 22.0)) == {9}  # touching counts
    assert found(engine, (11.1, 20.0, 12.0, 21.0)) == set()
    assert box_differences(engine) == 0


def test_an_edit_moves_the_box(engine: sa.Connection, opened: sqlite3.Connection) -> None:
    opened.execute("UPDATE location SET west = 50, south = 50, east = 51, north = 51, version = 2 WHERE id = 1")
    assert found(engine, (50.5, 50.5, 50.5, 50.5)) == {1}
    assert 1 not in found(engine, (36.0, 35.0, 37.0, 37.0))
    assert box_differences(engine) == 0


def test_a_withdrawn_location_is_found_no_more_and_comes_back(
    engine: sa.Connection, opened: sqlite3.Connection
) -> None:
    everywhere = (-180.0, -90.0, 180.0, 90.0)
    assert found(engine, everywhere) == {1, 2}
    opened.execute("UPDATE location SET withdrawn = 1, version = 2 WHERE id = 1")
    assert found(engine, everywhere) == {2}
    opened.execute("UPDATE location SET withdrawn = 0, version = 3 WHERE id = 1")
    assert found(engine, everywhere) == {1, 2}
    assert box_differences(engine) == 0


def test_an_unlocated_row_has_no_box(
    engine: sa.Connection, opened: sqlite3.Connection, insert: Insert, new_row: NewRow
) -> None:
    empty = dict.fromkeys(("lon", "lat", "radius_m", *SIDES))
    insert(opened, "location", new_row("location", id=9, precision="unknown", **empty))
    assert opened.execute("SELECT count(*) FROM location_box WHERE id = 9").fetchone() == (0,)
    assert box_differences(engine) == 0


def test_a_refused_edit_leaves_the_box(engine: sa.Connection, opened: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        opened.execute("UPDATE location SET west = 0, east = 1 WHERE id = 1")
    assert 1 in found(engine, (36.8, 36.1, 36.8, 36.1))


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM location_box WHERE id = 1",
        "INSERT INTO location_box VALUES (99, 0, 1, 0, 1)",
        "UPDATE location_box SET west = 36.75 WHERE id = 1",  # cuts the location's western edge off
        "UPDATE location_box SET east = 40 WHERE id = 1",
        "UPDATE location_box SET south = -10 WHERE id = 1",
        "UPDATE location_box SET west = 1, east = 2 WHERE id = 1",
    ],
)
def test_a_box_that_is_not_the_location_s_is_a_difference(
    engine: sa.Connection, opened: sqlite3.Connection, damage: str
) -> None:
    assert box_differences(engine) == 0
    opened.execute(damage)
    assert box_differences(engine) == 1


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(box=boxes(), asked=boxes())
def test_no_location_is_missed_and_what_is_found_is_near(
    engine: sa.Connection, opened: sqlite3.Connection, insert: Insert, new_row: NewRow, box: Box, asked: Box
) -> None:
    opened.execute("SAVEPOINT one")
    try:
        insert(opened, "location", new_row("location", id=9, **sides(box)))
        near = FLOAT32_SLACK_DEG
        touches = box[0] <= asked[2] and box[2] >= asked[0] and box[1] <= asked[3] and box[3] >= asked[1]
        nearly = (
            box[0] - near <= asked[2] and box[2] + near >= asked[0]
            and box[1] - near <= asked[3] and box[3] + near >= asked[1]
        )  # fmt: skip
        hit = 9 in found(engine, asked)
        assert hit or not touches
        assert nearly or not hit
        assert box_differences(engine) == 0
    finally:
        opened.execute("ROLLBACK TO one")


def test_the_index_alone_is_not_exact(
    engine: sa.Connection, opened: sqlite3.Connection, insert: Insert, new_row: NewRow
) -> None:
    """Its boxes are 32-bit floats rounded outwards: a box just outside is found, so callers recheck."""
    west = 36.79999999  # between two 32-bit floats
    insert(opened, "location", new_row("location", id=9, **sides((west, 36.0, 36.9, 36.2))))
    asked = (36.0, 36.0, west - 1e-9, 36.2)
    assert asked[2] < west
    assert 9 in found(engine, asked)


def test_another_database_is_refused_aloud() -> None:
    engine = sa.create_mock_engine("sqlite://", lambda *_: None)
    engine.dialect.name = "postgresql"
    with pytest.raises(InputError, match="unsupported_database"):
        locations_in_box(cast(sa.Connection, engine), (0.0, 0.0, 1.0, 1.0))


def test_an_empty_database_has_a_whole_index(database: Database) -> None:
    with database.reader().connect() as connection:
        assert box_differences(connection) == 0
        assert locations_in_box(connection, (-180.0, -90.0, 180.0, 90.0)) == []
