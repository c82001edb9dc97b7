"""What a table is given only when its rows are in: indexes, references between tables, and triggers.

Built once over all rows they take a fraction of the time that they take row by row, and rows may come before those
that they refer to.
"""

from __future__ import annotations

import sqlalchemy as sa

from db.errors import InputError
from db.tables import metadata
from db.triggers import create_triggers, drop_triggers

_POSTGRES_PARTS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)), 1
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(CAST(:tables AS regclass[]))
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid), 0
FROM pg_index WHERE NOT indisunique AND indrelid = ANY(CAST(:tables AS regclass[]))
ORDER BY 3, 2
"""
_SQLITE_PARTS = """
SELECT 'DROP INDEX "' || name || '"', sql, 0 FROM sqlite_master
WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN (SELECT value FROM json_each(:tables)) ORDER BY name
"""
_SQLITE_SEARCHES = """
SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE % USING fts5(%content=''%'
"""


def take_down(connection: sa.Connection) -> list[str]:
    """Remove them; returns the statements that :func:`put_up` needs."""
    drop_triggers(connection)
    if connection.dialect.name == "postgresql":
        rows = connection.execute(sa.text(_POSTGRES_PARTS), {"tables": list(metadata.tables)}).all()
    else:
        names = '["' + '", "'.join(metadata.tables) + '"]'
        rows = connection.execute(sa.text(_SQLITE_PARTS), {"tables": names}).all()
    for drop, _, _ in rows:
        connection.exec_driver_sql(str(drop))
    return [str(create) for _, create, _ in rows]


def put_up(connection: sa.Connection, statements: list[str]) -> None:
    """Build them over the rows that are there.

    Raises:
        InputError: ``broken_reference``, a row refers to one that is not there.
        sqlalchemy.exc.DBAPIError: the same, on PostgreSQL.
    """
    for statement in statements:
        connection.exec_driver_sql(statement)
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ANALYZE")
    else:
        for (name,) in connection.exec_driver_sql(_SQLITE_SEARCHES).all():
            connection.exec_driver_sql(f'INSERT INTO "{name}" ("{name}") VALUES (\'rebuild\')')
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            why = f"Row {broken[1]} of {broken[0]} refers to a row of {broken[2]} that is not there."
            raise InputError("broken_reference", why, fix="Run: incidents db check")
    create_triggers(connection)


def empty(connection: sa.Connection) -> None:
    """Remove every row of every table; their late parts are down."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"TRUNCATE {', '.join(metadata.tables)}")
        return
    for name in metadata.tables:
        connection.exec_driver_sql(f'DELETE FROM "{name}"')
