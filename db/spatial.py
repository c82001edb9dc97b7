"""The spatial index: a box for each current location, kept by triggers.

R*Tree boxes are 32-bit floats rounded outwards, so what it finds is a candidate and is always rechecked
exactly. The boxes hold the true and the public area of a location.
"""

from __future__ import annotations

import sqlalchemy as sa

from db.errors import InputError

BOX_TABLE = "location_box"
FLOAT32_SLACK_DEG = 0.0001  # a 32-bit float near 180 is 0.000015 degrees from the next

_PUT = (
    f"INSERT INTO {BOX_TABLE} (id, west, east, south, north) VALUES (NEW.id, NEW.west, NEW.east, NEW.south, NEW.north);"
)
_CURRENT = "NEW.west IS NOT NULL AND NOT NEW.withdrawn"


def box_triggers() -> dict[str, str]:
    """The triggers that keep the index: name to a statement with the place ``{name}``."""
    return {
        "location_box_insert": f'CREATE TRIGGER "{{name}}" AFTER INSERT ON location\nWHEN {_CURRENT}\nBEGIN {_PUT} END',
        "location_box_update": (
            'CREATE TRIGGER "{name}" AFTER UPDATE ON location\n'
            f"BEGIN DELETE FROM {BOX_TABLE} WHERE id = OLD.id; "
            f"INSERT INTO {BOX_TABLE} (id, west, east, south, north) "
            f"SELECT NEW.id, NEW.west, NEW.east, NEW.south, NEW.north WHERE {_CURRENT}; END"
        ),
    }


def locations_in_box(connection: sa.Connection, box: tuple[float, float, float, float]) -> list[int]:
    """Ids of the current locations whose box touches ``box``; candidates, to be rechecked.

    Args:
        connection: an open connection to SQLite.
        box: west, south, east, north in degrees.

    Raises:
        InputError: the database is not SQLite.
    """
    if connection.dialect.name != "sqlite":
        raise InputError("unsupported_database", "The spatial index is written for SQLite's R*Tree.")
    west, south, east, north = box
    rows = connection.exec_driver_sql(
        f"SELECT id FROM {BOX_TABLE} WHERE west <= ? AND east >= ? AND south <= ? AND north >= ? ORDER BY id",
        (east, west, north, south),
    )
    return list(rows.scalars())


def box_differences(connection: sa.Connection) -> int:
    """How many current locations lack their box, and boxes a current location; 0 when the index is whole.

    A box that does not hold its location, or is wider by more than rounding to 32 bits explains, counts as
    lacking.
    """
    current = "FROM location AS l WHERE l.west IS NOT NULL AND NOT l.withdrawn"
    fits = " AND ".join(
        f"{wide} BETWEEN 0 AND {FLOAT32_SLACK_DEG}"
        for wide in ("l.west - b.west", "b.east - l.east", "l.south - b.south", "b.north - l.north")
    )
    missing = connection.exec_driver_sql(
        f"SELECT count(*) {current} AND NOT EXISTS (SELECT 1 FROM {BOX_TABLE} AS b WHERE b.id = l.id AND {fits})"
    ).scalar_one()
    extra = connection.exec_driver_sql(
        f"SELECT count(*) FROM (SELECT id FROM {BOX_TABLE} EXCEPT SELECT l.id {current})"
    ).scalar_one()
    return int(missing) + int(extra)
