"""The triggers that keep the journal, the order of investigations and the list of touched incidents, for raw SQL too.

They are derived from the tables, not written in migrations: an upgrade drops them, migrates, and puts
them back (SQLite's table rebuilds would drop them anyway). ``incidents db check`` compares them. Here stands what
SQLite is given; :mod:`db.triggers_postgres` says the same in PL/pgSQL.
"""

from __future__ import annotations

import sqlalchemy as sa

from db import triggers_postgres
from db.errors import InputError
from db.guards import (
    NO_CHANGE_SET,
    NO_DELETE,
    NO_JUMP,
    NO_MOVE,
    NO_REPLACE,
    NO_STEP,
    NO_UPDATE,
    NO_VERSION,
    OPEN,
    astray_correction,
    illegal_move,
    table_classes,
)
from db.tables import InvestigationStep, Recorded, Table, Versioned, metadata
from db.tables.change import Change, ChangeSet
from db.touches import sqlite_triggers as touch_triggers

PREFIX = "atlas_"


def expected_triggers() -> dict[str, str]:
    """The name and the CREATE TRIGGER statement of every trigger that a database must have."""
    found: dict[str, str] = {}
    for table_class in table_classes():
        found.update(_journal_triggers(table_class))
    found.update(_guard_triggers(ChangeSet, journaled=False))
    found.update(_guard_triggers(Change, journaled=False))
    found.update(_who_trigger(Change))
    found.update(_move_triggers())
    found.update({f"{PREFIX}{name}": sql.format(name=f"{PREFIX}{name}") for name, sql in touch_triggers().items()})
    return found


def installed_triggers(connection: sa.Connection) -> dict[str, str]:
    """The triggers of this product that the database has."""
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'atlas\\_%' ESCAPE '\\'"
    )
    return {str(row[0]): str(row[1]) for row in rows}


def drop_triggers(connection: sa.Connection) -> None:
    """Drop the triggers of this product; only a migration may, inside its transaction."""
    if connection.dialect.name == "postgresql":
        triggers_postgres.drop(connection)
        return
    for name in installed_triggers(connection):
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def create_triggers(connection: sa.Connection) -> None:
    """Put every trigger in place.

    Raises:
        InputError: the database is neither SQLite nor PostgreSQL, the ones this release can guard.
    """
    if connection.dialect.name == "postgresql":
        triggers_postgres.create(connection)
        return
    if connection.dialect.name != "sqlite":
        raise InputError("unsupported_database", "The journal's triggers are written for SQLite and PostgreSQL.")
    for sql in expected_triggers().values():
        connection.exec_driver_sql(sql)


def trigger_differences(connection: sa.Connection) -> list[str]:
    """Which triggers the database lacks or has otherwise than this code makes them, one line each."""
    if connection.dialect.name == "postgresql":
        expected, installed = triggers_postgres.expected(), triggers_postgres.installed(connection)
    else:
        expected, installed = expected_triggers(), installed_triggers(connection)
    missing = [f"trigger: {name} is missing" for name in expected if name not in installed]
    changed = [f"trigger: {name} was changed" for name, sql in installed.items() if expected.get(name) != sql]
    return missing + changed


def _trigger(name: str, when: str, table: str, condition: str | None, body: str) -> dict[str, str]:
    full = f"{PREFIX}{name}"
    clause = f"\nWHEN {condition}" if condition else ""
    return {full: f'CREATE TRIGGER "{full}" {when} ON "{table}"{clause}\nBEGIN {body} END'}


def _refuse(message: str) -> str:
    return f"SELECT RAISE(ABORT, '{message}');"


def _unique_keys(table: sa.Table) -> list[list[str]]:
    constraints = [c for c in table.constraints if isinstance(c, sa.UniqueConstraint)]
    return [["id"], *sorted([column.name for column in c.columns] for c in constraints)]


def _exists_same_key(table: sa.Table, *, other_than_old: bool) -> str:
    """SQL that is true when a row would displace another one (REPLACE fires no delete trigger)."""
    tests = []
    for key in _unique_keys(table):
        if other_than_old and key == ["id"]:
            continue
        same = " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
        others = " AND id <> OLD.id" if other_than_old else ""
        tests.append(f'EXISTS (SELECT 1 FROM "{table.name}" WHERE {same}{others})')
    return " OR ".join(tests)


def _guard_triggers(table_class: type[Table], *, journaled: bool) -> dict[str, str]:
    """No REPLACE and no DELETE; and no UPDATE unless the table is versioned."""
    table = metadata.tables[str(table_class.__tablename__)]
    found = _trigger(
        f"{table.name}_no_replace",
        "BEFORE INSERT",
        table.name,
        _exists_same_key(table, other_than_old=False),
        _refuse(NO_REPLACE),
    )
    found |= _trigger(f"{table.name}_no_delete", "BEFORE DELETE", table.name, None, _refuse(NO_DELETE))
    if not journaled:
        found |= _trigger(f"{table.name}_no_update", "BEFORE UPDATE", table.name, None, _refuse(NO_UPDATE))
    return found


def _journal_triggers(table_class: type[Recorded]) -> dict[str, str]:
    table = metadata.tables[str(table_class.__tablename__)]
    versioned = issubclass(table_class, Versioned)
    found = _guard_triggers(table_class, journaled=versioned) | _who_trigger(table_class)
    if versioned:
        found |= _trigger(
            f"{table.name}_first_version", "BEFORE INSERT", table.name, "NEW.version IS NOT 1", _refuse(NO_VERSION)
        )
        found |= _edit_triggers(table)
    return found


def _who_trigger(table_class: type[Table]) -> dict[str, str]:
    """A new row, and one of the journal too, belongs to the change set under way."""
    name = str(table_class.__tablename__)
    condition = f"NEW.change_set_id IS NOT {OPEN}"
    return _trigger(f"{name}_who_and_why", "BEFORE INSERT", name, condition, _refuse(NO_CHANGE_SET))


def _edit_triggers(table: sa.Table) -> dict[str, str]:
    """An edit says who and why, raises the version, displaces nobody, and is kept in the journal."""
    step = (
        f"{OPEN} IS NOT NULL AND (NEW.version IS NOT OLD.version + 1 OR NEW.id IS NOT OLD.id "
        "OR NEW.change_set_id IS NOT OLD.change_set_id)"
    )
    keep = (
        "INSERT INTO change (change_set_id, table_name, row_id, old, new) VALUES "
        f"({OPEN}, '{table.name}', OLD.id, {_json_of(table, 'OLD')}, {_json_of(table, 'NEW')});"
    )
    found = _trigger(
        f"{table.name}_edit_who_and_why", "BEFORE UPDATE", table.name, f"{OPEN} IS NULL", _refuse(NO_CHANGE_SET)
    )
    found |= _trigger(f"{table.name}_edit_version", "BEFORE UPDATE", table.name, step, _refuse(NO_JUMP))
    displaced = _exists_same_key(table, other_than_old=True)
    if displaced:
        found |= _trigger(f"{table.name}_edit_no_replace", "BEFORE UPDATE", table.name, displaced, _refuse(NO_REPLACE))
    return found | _trigger(f"{table.name}_journal", "AFTER UPDATE", table.name, None, keep)


def _json_of(table: sa.Table, row: str) -> str:
    pairs = [f"'{column.name}', {row}.\"{column.name}\"" for column in table.columns]
    return f"json_object({', '.join(pairs)})"


def _move_triggers() -> dict[str, str]:
    """A step must be legal after the step before it in time, and leave the one after it legal, whoever writes it."""
    table = str(InvestigationStep.__tablename__)
    return _trigger(f"{table}_legal_move", "BEFORE INSERT", table, illegal_move(), _refuse(NO_MOVE)) | _trigger(
        f"{table}_own_correction", "BEFORE INSERT", table, astray_correction(), _refuse(NO_STEP)
    )
