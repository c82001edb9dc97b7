"""The spatial index: a box for each current location, kept by triggers.

R*Tree boxes are 32-bit floats rounded outwards, so what it finds is a candidate and is always rechecked
exactly. The boxes hold the true and the public area of a location.
"""

from __future__ import annotations

import sqlalchemy as sa

from db.errors import InputError

BOX_TABLE = "location_box"
CREATE_BOX_TABLE = f"CREATE VIRTUAL TABLE {BOX_TABLE} USING rtree(id, west, east, south, north)"
DROP_BOX_TABLE = f"DROP TABLE {BOX_TABLE}"

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
    """How many current locations have no box, and boxes no current location; 0 when the index is whole."""
    sql = f"""SELECT count(*) FROM (
        SELECT id FROM location WHERE west IS NOT NULL AND NOT withdrawn
        EXCEPT SELECT id FROM {BOX_TABLE}) """
    missing = connection.exec_driver_sql(sql).scalar_one()
    extra = connection.exec_driver_sql(
        f"SELECT count(*) FROM (SELECT id FROM {BOX_TABLE} EXCEPT "
        "SELECT id FROM location WHERE west IS NOT NULL AND NOT withdrawn)"
    ).scalar_one()
    return int(missing) + int(extra)
