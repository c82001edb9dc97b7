"""The triggers that keep the journal, the order of investigations and the list of touched incidents, for raw SQL too.

They are derived from the tables, not written in migrations: an upgrade drops them, migrates, and puts
them back (SQLite's table rebuilds would drop them anyway). ``incidents db check`` compares them.
"""

from __future__ import annotations

import sqlalchemy as sa

from db.errors import InputError
from db.tables import InvestigationStep, OpenChangeSet, Recorded, Table, Versioned, metadata
from db.tables.change import Change, ChangeSet
from db.touches import sqlite_triggers as touch_triggers
from db.vocabulary import LEGAL_MOVES, InvestigationState

PREFIX = "atlas_"
OPEN = f'(SELECT change_set_id FROM "{OpenChangeSet.__tablename__}")'
NO_CHANGE_SET = "no_change_set: a change needs an open change set that says who and why"
NO_DELETE = "no_delete: nothing is deleted here; withdraw or supersede it"
NO_REPLACE = "duplicate: a row with this key exists; it is never replaced, edit or supersede it"
NO_UPDATE = "append_only: this row is only ever added; record a correction instead"
NO_JUMP = "stale_version: an edit raises the version by exactly one and keeps the id and the change set"
NO_VERSION = "stale_version: a new row has version 1"
NO_MOVE = "illegal_move: the investigation does not allow this step after the state before it"
NO_STEP = "illegal_move: a correction restates a step of its own investigation"


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


def table_classes() -> list[type[Recorded]]:
    """Every table class whose rows point to a change set, by table name."""
    mapped = (mapper.class_ for mapper in Table._sa_registry.mappers)  # noqa: SLF001 - SQLAlchemy's documented handle has no public name on declarative bases
    classes = [found for found in mapped if issubclass(found, Recorded)]
    return sorted(classes, key=lambda found: str(found.__tablename__))


def installed_triggers(connection: sa.Connection) -> dict[str, str]:
    """The triggers of this product that the database has."""
    rows = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'atlas\\_%' ESCAPE '\\'"
    )
    return {str(row[0]): str(row[1]) for row in rows}


def drop_triggers(connection: sa.Connection) -> None:
    """Drop the triggers of this product; only a migration may, inside its transaction."""
    for name in installed_triggers(connection):
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')


def create_triggers(connection: sa.Connection) -> None:
    """Put every trigger in place.

    Raises:
        InputError: the database is not SQLite, the only one this release can guard.
    """
    if connection.dialect.name != "sqlite":
        raise InputError("unsupported_database", "The journal's triggers are written for SQLite.")
    for sql in expected_triggers().values():
        connection.exec_driver_sql(sql)


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
    thread = f"FROM {table} AS b WHERE b.investigation_id = NEW.investigation_id AND b.taken_start"
    before = (
        f"coalesce((SELECT state {thread} <= NEW.taken_start ORDER BY b.taken_start DESC, b.id DESC LIMIT 1), "
        f"'{InvestigationState.NOT_ASSESSED.value}')"
    )
    after = f"(SELECT kind, state {thread} > NEW.taken_start ORDER BY b.taken_start, b.id LIMIT 1) AS a"
    illegal = f"NOT ({_legal('NEW', before)}) OR EXISTS (SELECT 1 FROM {after} WHERE NOT ({_legal('a', 'NEW.state')}))"
    own = f"SELECT 1 FROM {table} WHERE id = NEW.corrects_id AND investigation_id = NEW.investigation_id"
    astray = f"NEW.corrects_id IS NOT NULL AND NOT EXISTS ({own})"
    return _trigger(f"{table}_legal_move", "BEFORE INSERT", table, illegal, _refuse(NO_MOVE)) | _trigger(
        f"{table}_own_correction", "BEFORE INSERT", table, astray, _refuse(NO_STEP)
    )


def _legal(step: str, before: str) -> str:
    """SQL that is true when the row ``step`` may follow the state that the expression ``before`` gives."""
    return " OR ".join(
        f"({step}.kind = '{kind.value}' AND {before} IN ({_quoted(sources)}) AND {step}.state IN ({_quoted(targets)}))"
        for kind, (sources, targets) in LEGAL_MOVES.items()
    )


def _quoted(states: frozenset[InvestigationState]) -> str:
    return ", ".join(f"'{state.value}'" for state in sorted(states))
