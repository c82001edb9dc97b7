"""A whole database, history and journal included, into another one of either edition.

Rows go over table by table, in batches that are committed with the place that was reached, in a table that exists
only meanwhile: ``copy_progress``. A database that has it is refused by everything else (``copy_unfinished``), and
the next copy goes on where the last one stopped, however it ended. The source is read in one transaction: others may
go on writing to it, and what they write is not in the copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from db.engine import COPY_MARK, Database
from db.errors import ConflictError, InputError, StorageError
from db.exchange import Key, Row, rows_after, write_rows
from db.inventory import TABLES, Inventory, take_inventory
from db.late_parts import empty, put_up, take_down
from db.schema import check_current, refuse_other_schema, upgrade

BATCH = 20_000
"""Rows of a transaction; with a binary column, a tenth."""

Watch: TypeAlias = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Called with the number of all rows, opens a progress bar that is told how many are done."""

_MARK = sa.Table(COPY_MARK, sa.MetaData(), sa.Column("progress", sa.Text, nullable=False))


class Start(StrEnum):
    """How a copy began."""

    NEW = "new"
    RESUMED = "resumed"
    AGAIN = "again"


@dataclass(frozen=True)
class Copied:
    """What a copy did: ``inventory`` is that of both databases."""

    start: Start
    inventory: Inventory


class _Progress(BaseModel):
    """The one row of the mark: what is copied, and how far it is.

    ``late`` are the statements that put the late parts up again, ``keys`` the last key copied of each table.
    """

    source: str
    inventory: Inventory
    late: list[str]
    done: int = 0
    keys: dict[str, Key] = {}


def copy(source: Database, target: Database, watch: Watch) -> Copied:
    """Copy all of ``source`` into ``target``, or go on with the copy that was interrupted.

    Args:
        source: a whole database on this release's schema.
        target: a missing or empty one, which is migrated first; or one with an unfinished copy of ``source``. Where
            the source has changed since that began, the copy is started again.
        watch: opens the progress bar.

    Raises:
        InputError: ``same_database``; ``target_not_empty``; ``control_character``.
        ConflictError: ``copied_by_another``, a second copy works on the target.
        StorageError: ``copy_differs``, the target has other counts or another journal in the end: it stays marked as
            unfinished. Or one of the two is no database of this product, or of another schema.
        ResourceError: one of the two is locked, or its disk full.
    """
    if source.where == target.where:
        raise InputError("same_database", "Source and target are one database.", where=source.where)
    check_current(source)
    with source.unchanged(), _translated(source), source.reader().connect() as reading:
        held = take_inventory(reading)
        with _translated(target):
            start, progress = _begin(source, target, held)
            with watch(held.rows) as told:
                for table in TABLES:
                    while _copy_batch(source, reading, target, table, progress) > 0:
                        told(progress.done)
            _finish(target, progress)
        reading.rollback()
    return Copied(start, held)


@contextmanager
def _translated(database: Database) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise database.translate(error) from error


@contextmanager
def _writing(target: Database) -> Iterator[sa.Connection]:
    """A transaction on ``target`` that excludes other writers."""
    with target.locked(), target.filler().begin() as connection:
        yield connection


def _begin(source: Database, target: Database, held: Inventory) -> tuple[Start, _Progress]:
    """Mark ``target``, or find the mark of an earlier copy."""
    state = target.state()
    if state.revision is None:
        upgrade(target)
    else:
        refuse_other_schema(target, state)
    if not state.writable:
        raise target.read_only()
    with _writing(target) as connection:
        progress = _read(connection)
        if progress is None:
            return Start.NEW, _mark(connection, source, target, held)
        if progress.inventory == held:
            return Start.RESUMED, progress
        if progress.source != source.where:
            raise _not_empty(target, f"It holds an unfinished copy of another database, {progress.source}.")
        empty(connection)
        progress = _Progress(source=source.where, inventory=held, late=progress.late)
        _write(connection, progress)
        return Start.AGAIN, progress


def _mark(connection: sa.Connection, source: Database, target: Database, held: Inventory) -> _Progress:
    for table in TABLES:
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
            raise _not_empty(target, f"It has rows already, in the table {table.name}.")
    _MARK.create(connection)
    progress = _Progress(source=source.where, inventory=held, late=take_down(connection))
    connection.execute(sa.insert(_MARK), {"progress": progress.model_dump_json()})
    return progress


def _not_empty(target: Database, why: str) -> InputError:
    fix = "Name a database that does not exist yet, or an empty one; nothing is overwritten."
    return InputError("target_not_empty", f"{why} It was left untouched.", where=target.where, fix=fix)


def _copy_batch(
    source: Database, reading: sa.Connection, target: Database, table: sa.Table, progress: _Progress
) -> int:
    """Copy the next rows of ``table`` in one transaction, which also notes them in ``progress``; returns how many."""
    with _writing(target) as connection:
        _check_alone(connection, target, progress)
        count, last = write_rows(connection, table, _next_rows(source, reading, table, progress))
        if last is not None:
            progress.keys[table.name] = last
            progress.done += count
            _write(connection, progress)
    return count


def _next_rows(source: Database, reading: sa.Connection, table: sa.Table, progress: _Progress) -> Iterator[Row]:
    binary = any(isinstance(column.type, sa.LargeBinary) for column in table.columns)
    with _translated(source):
        yield from rows_after(reading, table, progress.keys.get(table.name), max(1, BATCH // 10) if binary else BATCH)


def _finish(target: Database, progress: _Progress) -> None:
    """Put up what was taken down, compare, and take the mark away; all of it or nothing."""
    with _writing(target) as connection:
        _check_alone(connection, target, progress)
        put_up(connection, progress.late)
        differences = progress.inventory.differences(take_inventory(connection))
        if len(differences) > 0:
            raise StorageError(
                "copy_differs",
                f"The copy is not what was copied: {'; '.join(differences)}. It stays marked as unfinished.",
                where=target.where,
                fix="Remove it, and copy again into a new database.",
            )
        _MARK.drop(connection)


def _check_alone(connection: sa.Connection, target: Database, progress: _Progress) -> None:
    if _read(connection) != progress:
        why = "Another process copies, or has copied, into it."
        raise ConflictError("copied_by_another", why, where=target.where, fix="Let it go on.")


def _read(connection: sa.Connection) -> _Progress | None:
    if not sa.inspect(connection).has_table(COPY_MARK):
        return None
    return _Progress.model_validate_json(connection.execute(sa.select(_MARK.c.progress)).scalar_one())


def _write(connection: sa.Connection, progress: _Progress) -> None:
    connection.execute(sa.update(_MARK).values(progress=progress.model_dump_json()))
