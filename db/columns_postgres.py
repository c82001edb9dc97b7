"""What columns have on PostgreSQL that those of SQLite have by themselves, and a geometry for other programs.

Derived from the tables, not written in migrations: put in place after every upgrade.

* Texts compare by their characters (collation ``C``), so that both editions sort alike and an index serves ``LIKE``.
* A row without an id gets the highest one and one more; sequences would leave gaps after a change that was rolled
  back, and would not know of rows written in bulk. The writer's lock makes it safe.
* ``location.geom`` is the point (EPSG:4326) with a GiST index, generated from ``lon`` and ``lat``: for QGIS, GDAL and
  hand-written SQL. It is no column of the tables of :mod:`db.tables`.
"""

from __future__ import annotations

import sqlalchemy as sa

from db.tables import metadata

GEOMETRY, GEOMETRY_INDEX = "geom", "ix_location_geom"

_NEXT_ID = """
CREATE OR REPLACE FUNCTION atlas_next_id(name regclass) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $atlas$
DECLARE found bigint;
BEGIN EXECUTE 'SELECT coalesce(max(id), 0) + 1 FROM ' || name INTO found; RETURN found; END $atlas$
"""
_GEOMETRY = (
    f"ALTER TABLE location ADD COLUMN IF NOT EXISTS {GEOMETRY} geometry(Point, 4326) "
    "GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED",
    f"CREATE INDEX IF NOT EXISTS {GEOMETRY_INDEX} ON location USING gist ({GEOMETRY})",
)


def complete(connection: sa.Connection) -> None:
    """Put everything in place; what is there already stays."""
    connection.exec_driver_sql(_NEXT_ID)
    for name, column, kind in _uncollated(connection):
        connection.exec_driver_sql(f'ALTER TABLE "{name}" ALTER COLUMN "{column}" TYPE {kind} COLLATE "C"')
    for table in metadata.sorted_tables:
        if table.autoincrement_column is not None and table.name != "open_change_set":
            connection.exec_driver_sql(
                f'ALTER TABLE "{table.name}" ALTER COLUMN id SET DEFAULT atlas_next_id(\'"{table.name}"\')'
            )
            connection.exec_driver_sql(f"DROP SEQUENCE IF EXISTS {table.name}_id_seq")
    for statement in _GEOMETRY:
        connection.exec_driver_sql(statement)


def _uncollated(connection: sa.Connection) -> list[tuple[str, str, str]]:
    """Table, name and type of the text columns that compare by the rules of a language."""
    rows = connection.execute(
        sa.text(
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a "
            "JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_collation AS l ON l.oid = a.attcollation "
            "WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND NOT a.attisdropped "
            "AND l.collname <> 'C' AND c.relname = ANY(:names)"
        ),
        {"names": list(metadata.tables)},
    )
    return [(str(table), str(column), str(kind)) for table, column, kind in rows]
