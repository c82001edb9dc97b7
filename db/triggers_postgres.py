"""What keeps the journal and the order of investigations on PostgreSQL, for raw SQL too; see :mod:`db.triggers`.

The rules are those of SQLite's triggers. New rows are checked a statement at a time, which a ``COPY`` of a million
rows does not notice. ``incidents db check`` compares the functions by their source and the triggers by their
definition, which is written here as PostgreSQL prints it.
"""

from __future__ import annotations

import sqlalchemy as sa

from db.guards import (
    NO_CHANGE_SET,
    NO_DELETE,
    NO_JUMP,
    NO_MOVE,
    NO_STEP,
    NO_UPDATE,
    NO_VERSION,
    OPEN,
    astray_correction,
    illegal_move,
    table_classes,
)
from db.tables import InvestigationStep, Table, Versioned, metadata
from db.tables.change import Change, ChangeSet
from db.touches import TOUCHES, Touch
from db.types import UtcDateTime

PREFIX = "atlas_"
DEFINITION = "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $atlas${source}$atlas$"

CHANGED = {
    "INSERT": "REFERENCING NEW TABLE AS fresh ",
    "UPDATE": "REFERENCING OLD TABLE AS gone NEW TABLE AS fresh ",
}

Guards = dict[str, str]
"""Name to text: a function to its source, a trigger to its definition."""


def create(connection: sa.Connection) -> None:
    """Put every function and trigger in place."""
    for name, source in functions().items():
        connection.exec_driver_sql(DEFINITION.format(name=name, source=source))
    for definition in triggers().values():
        connection.exec_driver_sql(definition)


def drop(connection: sa.Connection) -> None:
    """Drop them; the triggers go with their functions."""
    for name in _installed_functions(connection):
        connection.exec_driver_sql(f"DROP FUNCTION {name}() CASCADE")


def expected() -> Guards:
    """Every function and trigger that a database must have."""
    return functions() | triggers()


def installed(connection: sa.Connection) -> Guards:
    """The functions and triggers of this product that the database has; a trigger that is off is not among them."""
    rows = connection.exec_driver_sql(
        "SELECT t.tgname, pg_get_triggerdef(t.oid, true) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid "
        "WHERE NOT t.tgisinternal AND t.tgenabled = 'O' AND starts_with(t.tgname, 'atlas_') "
        "AND c.relnamespace = current_schema()::regnamespace"
    )
    return _installed_functions(connection) | {str(name): str(definition) for name, definition in rows}


def _installed_functions(connection: sa.Connection) -> Guards:
    rows = connection.exec_driver_sql(
        "SELECT proname, prosrc FROM pg_proc WHERE prorettype = 'trigger'::regtype AND starts_with(proname, 'atlas_') "
        "AND pronamespace = current_schema()::regnamespace"
    )
    return {str(name): str(source) for name, source in rows}


def functions() -> Guards:
    """The sources of the trigger functions."""
    found = {f"{PREFIX}refuse": _body(_raise("TG_ARGV[0]"))}
    found[f"{PREFIX}recorded"] = _body(_unless_recorded())
    found[f"{PREFIX}recorded_first"] = _body(_unless_recorded() + _unless_first())
    found[f"{PREFIX}edit"] = _body(_unless_next(), "NEW")
    step = f"IF {illegal_move()} THEN {_raise(_text(NO_MOVE))} END IF; "
    correction = f"IF {astray_correction()} THEN {_raise(_text(NO_STEP))} END IF; "
    found[f"{PREFIX}{InvestigationStep.__tablename__}_move"] = _body(step + correction, "NEW")
    for table_class in table_classes():
        if issubclass(table_class, Versioned):
            name = str(table_class.__tablename__)
            found[f"{PREFIX}{name}_keep"] = _body(_keep(metadata.tables[name]))
    for touch in TOUCHES:
        for event in touch.events:
            changed = f"{touch.statement(_changed(touch, event))}; "
            found[f"{PREFIX}{touch.table}_touch_{event.lower()}"] = _body(changed)
    return found


def triggers() -> Guards:
    """The definitions of the triggers."""
    found = _guards(ChangeSet, journaled=False) | _guards(Change, journaled=False) | _recorded(Change)
    for table_class in table_classes():
        versioned = issubclass(table_class, Versioned)
        found |= _guards(table_class, journaled=versioned) | _recorded(table_class)
        if versioned:
            name = str(table_class.__tablename__)
            found |= _trigger(f"{name}_edit", "BEFORE UPDATE", name, "ROW", f"{PREFIX}edit()")
            found |= _trigger(f"{name}_journal", "AFTER UPDATE", name, "ROW", f"{PREFIX}{name}_keep()")
    for touch in TOUCHES:
        for event in touch.events:
            name = f"{touch.table}_touch_{event.lower()}"
            found |= _trigger(name, f"AFTER {event}", touch.table, "STATEMENT", f"{PREFIX}{name}()", CHANGED[event])
    step = str(InvestigationStep.__tablename__)
    return found | _trigger(f"{step}_legal_move", "BEFORE INSERT", step, "ROW", f"{PREFIX}{step}_move()")


def _changed(touch: Touch, event: str) -> str:
    """The changed rows of a statement, in the columns that ``touch`` asks for."""
    columns = ", ".join(touch.columns)
    new = f"SELECT {columns} FROM fresh"
    return f"({new})" if event == "INSERT" else f"({new} UNION ALL SELECT {columns} FROM gone)"


def _guards(table_class: type[Table], *, journaled: bool) -> Guards:
    """No DELETE and no TRUNCATE; and no UPDATE unless the table is versioned."""
    name = str(table_class.__tablename__)
    refuse = f"{PREFIX}refuse({_text(NO_DELETE)})"
    found = _trigger(f"{name}_no_delete", "BEFORE DELETE", name, "ROW", refuse)
    found |= _trigger(f"{name}_no_truncate", "BEFORE TRUNCATE", name, "STATEMENT", refuse)
    if not journaled:
        found |= _trigger(f"{name}_no_update", "BEFORE UPDATE", name, "ROW", f"{PREFIX}refuse({_text(NO_UPDATE)})")
    return found


def _recorded(table_class: type[Table]) -> Guards:
    """New rows belong to the change set under way, and have their first version."""
    name = str(table_class.__tablename__)
    function = "recorded_first" if issubclass(table_class, Versioned) else "recorded"
    return _trigger(
        f"{name}_recorded",
        "AFTER INSERT",
        name,
        "STATEMENT",
        f"{PREFIX}{function}()",
        "REFERENCING NEW TABLE AS fresh ",
    )


def _trigger(name: str, when: str, table: str, each: str, call: str, referencing: str = "") -> Guards:
    full = f"{PREFIX}{name}"
    return {full: f"CREATE TRIGGER {full} {when} ON {table} {referencing}FOR EACH {each} EXECUTE FUNCTION {call}"}


def _body(statements: str, result: str = "NULL") -> str:
    return f" BEGIN {statements}RETURN {result}; END "


def _raise(message: str) -> str:
    return f"RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = {message}; "


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _unless_recorded() -> str:
    return (
        f"IF EXISTS (SELECT 1 FROM fresh WHERE change_set_id IS DISTINCT FROM {OPEN}) "
        f"THEN {_raise(_text(NO_CHANGE_SET))} END IF; "
    )


def _unless_first() -> str:
    return f"IF EXISTS (SELECT 1 FROM fresh WHERE version <> 1) THEN {_raise(_text(NO_VERSION))} END IF; "


def _unless_next() -> str:
    """An edit says who and why, raises the version by one, and keeps the id and the change set."""
    jump = (
        "NEW.version IS DISTINCT FROM OLD.version + 1 OR NEW.id IS DISTINCT FROM OLD.id "
        "OR NEW.change_set_id IS DISTINCT FROM OLD.change_set_id"
    )
    return (
        f"IF {OPEN} IS NULL THEN {_raise(_text(NO_CHANGE_SET))} END IF; "
        f"IF {jump} THEN {_raise(_text(NO_JUMP))} END IF; "
    )


def _keep(table: sa.Table) -> str:
    return (
        "INSERT INTO change (change_set_id, table_name, row_id, old, new) VALUES "
        f"({OPEN}, '{table.name}', OLD.id, {_json_of(table, 'OLD')}, {_json_of(table, 'NEW')}); "
    )


def _json_of(table: sa.Table, row: str) -> str:
    """SQL: the row as the JSON text that SQLite's triggers write of it."""
    columns = ", ".join(f'{_as_kept(column, row)} AS "{column.name}"' for column in table.columns)
    return f"(SELECT row_to_json(kept)::text FROM (SELECT {columns}) AS kept)"


def _as_kept(column: sa.Column[object], row: str) -> str:
    value = f'{row}."{column.name}"'
    if isinstance(column.type, UtcDateTime):
        return f"to_char({value}, 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"{value}::int" if isinstance(column.type, sa.Boolean) else value
