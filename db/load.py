"""A load of many rows in one transaction: its guards and secondary indexes are put back once, at the end.

On SQLite the triggers on a new row cost several times the row itself, and an index is made faster from all rows
than row by row. So a load that turns out large drops both, for its own transaction only: changes of the schema are
part of it, nobody else may write meanwhile, and readers see the state before. However the load ends, by commit, by an
error or by a kill, guards and indexes are there again. What guards edits and deletions always stays.

On PostgreSQL, whose guards look at a statement at a time, nothing is dropped: it would lock readers out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import sqlalchemy as sa
from sqlmodel import Session

from db.bulk import NewRows
from db.tables import metadata
from db.touches import TOUCHES
from db.triggers import installed_triggers

GUARDED = 2_000
"""A load is large from so many rows on."""

INDEXED = 20_000
"""An index is dropped only where so many rows, and half as many as there were, have come."""

CACHE_KB = 64 * 1024
"""Pages kept in memory while many indexes grow; with SQLite's 2 MB they are read and written again and again."""

_ON_INSERT = re.compile(r'CREATE TRIGGER "?\w+"? (?:BEFORE|AFTER) INSERT ON "?(\w+)"?')


class Load:
    """The tables that an import fills.

    Attributes:
        new: gives out the ids and writes the rows.

    Args:
        session: a write session; :meth:`finish` must be called before it commits.
        tables: the tables, each after those it points to.
        needed: names of indexes that the load itself looks things up by.
    """

    def __init__(self, session: Session, tables: Sequence[str], needed: Sequence[str] = ()) -> None:
        self.new = NewRows(session, tables)
        self._session = session
        self._tables = tables
        self._needed = frozenset(needed)
        self._before = {name: self.new.next_id(name) - 1 for name in tables}
        self._dropping = session.connection().dialect.name == "sqlite"
        self._guards: dict[str, str] = {}
        self._guarded_to: dict[str, int] = {}
        self._indexes: list[sa.Index] = []
        self._may_drop_indexes = True
        if self._dropping:
            session.connection().exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KB}")

    def go_on(self) -> None:
        """Say that more rows come in bulk; drops what slows them, once there are many."""
        if not self._dropping:
            return
        grown = {name: self.new.next_id(name) - 1 - self._before[name] for name in self._tables}
        if len(self._guards) == 0 and sum(grown.values()) >= GUARDED:
            self._drop_guards()
        if self._may_drop_indexes and len(self._indexes) == 0:
            large = [name for name in self._tables if grown[name] >= max(INDEXED, self._before[name] / 2)]
            self._drop_indexes(large)

    def give_way(self) -> None:
        """Say that something else reads or writes the tables next: it needs the indexes, and may add rows."""
        self.new.forget_ids()
        if len(self._indexes) > 0:
            # From now on single rows are to be expected, and each time the indexes would be made anew.
            self._may_drop_indexes = False
            self._create_indexes()

    def finish(self) -> None:
        """Put back all that was dropped."""
        self._create_indexes()
        connection = self._session.connection()
        for sql in self._guards.values():
            connection.exec_driver_sql(sql)
        if len(self._guards) > 0:
            self._touch()
        self._guards.clear()

    def _drop_guards(self) -> None:
        connection = self._session.connection()
        for name, sql in installed_triggers(connection).items():
            found = _ON_INSERT.match(sql)
            if found is not None and found[1] in self._tables:
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
                self._guards[name] = sql
        self._guarded_to = {name: self.new.next_id(name) - 1 for name in self._tables}

    def _touch(self) -> None:
        """List the incidents whose derived rows are out of date, as the dropped triggers would have."""
        for touch in TOUCHES:
            if "INSERT" in touch.events and touch.table in self._guarded_to:
                columns, after = ", ".join(touch.columns), self._guarded_to[touch.table]
                rows = f'(SELECT {columns} FROM "{touch.table}" WHERE id > {after})'
                self._session.connection().exec_driver_sql(touch.statement(rows))

    def _drop_indexes(self, tables: Sequence[str]) -> None:
        for name in tables:
            for index in sorted(metadata.tables[name].indexes, key=lambda found: str(found.name)):
                if index.name not in self._needed:
                    index.drop(self._session.connection())
                    self._indexes.append(index)

    def _create_indexes(self) -> None:
        for index in self._indexes:
            index.create(self._session.connection())
        self._indexes.clear()
