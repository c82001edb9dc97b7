"""The cells that places are stored by: how far a place reaches, and where its middle lies.

The number of a cell is a class of reach and a Morton code. A place of class c reaches at most 180 / 2^c degrees to any
side of its point; the code is that of the point in a grid of 360 / 2^16 degrees (600 m), so that the places in any
square of a quadtree follow each other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlmodel import Session

from db.errors import InputError

Integers: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

FINEST = 16
"""The depth of the finest squares, and the last class of reach."""
CLASS_SHIFT = 40
_SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


def cell_numbers(classes: Integers, columns: Integers, rows: Integers) -> Integers:
    """The numbers of the cells of a class in these columns (from 180 west) and rows (from the south pole)."""
    return np.asarray(classes << CLASS_SHIFT | _spread(columns) | _spread(rows) << 1, dtype=np.int64)


def _spread(numbers: Integers) -> Integers:
    """The bits of each number with a zero between any two."""
    found = np.asarray(numbers, dtype=np.int64)
    for shift, mask in _SPREAD:
        found = (found | found << shift) & mask
    return found


def cells_of(lons: Floats, lats: Floats, west: Floats, south: Floats, east: Floats, north: Floats) -> Integers:
    """The cells of places by their points and the boxes that they reach to, degrees."""
    reach = np.maximum.reduce([lons - west, east - lons, lats - south, north - lats])
    classes = np.zeros(len(lons), dtype=np.int64)
    for depth in range(1, FINEST + 1):
        classes[reach <= reach_of(depth)] = depth
    last = 2**FINEST - 1
    columns = np.clip(np.floor((lons + 180) / (360 / 2**FINEST)).astype(np.int64), 0, last)
    rows = np.clip(np.floor((lats + 90) / (360 / 2**FINEST)).astype(np.int64), 0, last)
    return cell_numbers(classes, columns, rows)


def reach_of(depth: int) -> float:
    """How far a place of the class reaches at most, degrees; places of class 0 may reach anywhere."""
    return 360.0 if depth == 0 else 180.0 / 2.0**depth


_RANGES = {
    # CROSS JOIN keeps SQLite from scanning the table once and the ranges for each row.
    "sqlite": "FROM json_each(:ranges) AS r CROSS JOIN spot AS s WHERE s.cell BETWEEN r.value ->> 0 AND r.value ->> 1",
    # OFFSET 0 keeps PostgreSQL from turning the join round, and the casts where they are: a partition on another server
    # takes two numbers as a condition, and would send all its rows for an expression over JSON.
    "postgresql": "FROM (SELECT CAST(value ->> 0 AS bigint) AS first, CAST(value ->> 1 AS bigint) AS last "
    "FROM json_array_elements(CAST(:ranges AS json)) OFFSET 0) AS r CROSS JOIN LATERAL "
    "(SELECT * FROM spot WHERE cell BETWEEN r.first AND r.last OFFSET 0) AS s WHERE true",
}

# The order keeps PostgreSQL on the index: EXISTS reads the whole table where many rows are expected and there are none.
_CLASSES = " UNION ALL ".join(
    f"SELECT {one} WHERE (SELECT cell FROM spot WHERE cell BETWEEN {one << CLASS_SHIFT}"
    f" AND {(one + 1 << CLASS_SHIFT) - 1} ORDER BY cell LIMIT 1) IS NOT NULL"
    for one in range(FINEST + 1)
)

_OF_INCIDENTS = {
    "sqlite": "FROM json_each(:keys) AS r CROSS JOIN spot AS s WHERE s.incident_id = r.value",
    # An array, not IN: a partition on another server can be sent one, but not a join.
    "postgresql": "FROM spot AS s WHERE s.incident_id = ANY(ARRAY("
    "SELECT CAST(value AS integer) FROM json_array_elements_text(CAST(:keys AS json))))",
}


def classes_in_use(session: Session) -> list[int]:
    """The classes of reach that some spot has, the widest first."""
    return sorted(row[0] for row in raw_rows(session, _CLASSES, {}))


def most_incidents(session: Session) -> int:
    """The highest id of an incident with a spot: there are no more such incidents."""
    return int(raw_rows(session, "SELECT coalesce(max(incident_id), 0) FROM spot", {})[0][0])


def spots_in_ranges(
    session: Session, ranges: Integers, columns: Sequence[str], where: str, values: Mapping[str, int]
) -> list[Integers]:
    """The ``columns`` of the spots whose cells lie in ``ranges``, an array each.

    Args:
        session: an open session.
        ranges: pairs of first and last cell, shape (n, 2).
        columns: SQL of whole numbers over the spot ``s``.
        where: a further condition over ``s``.
        values: its parameters.

    Raises:
        InputError: the database is neither SQLite nor PostgreSQL.
    """
    source = f"{_by_dialect(session, _RANGES)} AND {where}"
    return _packed(session, columns, source, {"ranges": json.dumps(ranges.tolist()), **values})


def rows_in_ranges(
    session: Session, ranges: Integers, columns: Sequence[str], where: str, values: Mapping[str, int]
) -> list[tuple[Any, ...]]:
    """As :func:`spots_in_ranges`, of columns of any type, as plain tuples."""
    statement = f"SELECT {', '.join(columns)} {_by_dialect(session, _RANGES)} AND {where}"
    return raw_rows(session, statement, {"ranges": json.dumps(ranges.tolist()), **values})


def count_in_ranges(session: Session, ranges: Integers, where: str, values: Mapping[str, int], most: int) -> int:
    """How many spots have their cells in ``ranges``, counted up to ``most``; otherwise as :func:`spots_in_ranges`."""
    statement = f"SELECT count(*) FROM (SELECT 1 {_by_dialect(session, _RANGES)} AND {where} LIMIT {most:d}) AS counted"
    return int(raw_rows(session, statement, {"ranges": json.dumps(ranges.tolist()), **values})[0][0])


def spots_of(
    session: Session, keys: Sequence[int], columns: Sequence[str], where: str, values: Mapping[str, int]
) -> list[tuple[Any, ...]]:
    """The ``columns`` of the spots of the incidents ``keys``; otherwise as :func:`spots_in_ranges`."""
    statement = f"SELECT {', '.join(columns)} {_by_dialect(session, _OF_INCIDENTS)} AND {where}"
    return raw_rows(session, statement, {"keys": json.dumps(list(keys)), **values})


def spots_in_order(
    session: Session, columns: Sequence[str], where: str, values: Mapping[str, int], most: int
) -> list[Integers]:
    """The first ``most`` spots by start and incident; otherwise as :func:`spots_in_ranges`."""
    names = [f"{column} AS c{number}" for number, column in enumerate(columns)]
    order = f"ORDER BY s.start, s.incident_id LIMIT {most:d}"
    source = f"FROM (SELECT {', '.join(names)} FROM spot AS s WHERE {where} {order}) AS s"
    return _packed(session, [f"s.c{number}" for number in range(len(columns))], source, values)


def _packed(session: Session, columns: Sequence[str], source: str, values: Mapping[str, Any]) -> list[Integers]:
    # One row of long texts: a row of numbers each, as Python objects, takes twice the time of the search.
    lists = ", ".join(_listed(session, column) for column in columns)
    texts = raw_rows(session, f"SELECT {lists} {source}", values)[0]
    return [np.fromstring(text or "", dtype=np.int64, sep=",") for text in texts]


def _listed(session: Session, column: str) -> str:
    if session.get_bind().dialect.name == "sqlite":
        return f"group_concat({column})"
    return f"string_agg(CAST({column} AS text), ',')"


def raw_rows(session: Session, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What the driver gives, past SQLAlchemy's rows, which cost as much again."""
    cursor = session.connection().execute(_text(statement), values).cursor
    return [] if cursor is None else list(cursor.fetchall())


@lru_cache(maxsize=100)
def _text(statement: str) -> sa.TextClause:
    return sa.text(statement)


def _by_dialect(session: Session, statements: Mapping[str, str]) -> str:
    dialect = session.get_bind().dialect.name
    if dialect not in statements:
        raise InputError("unsupported_database", "The spatial search is written for SQLite and PostgreSQL.")
    return statements[dialect]
