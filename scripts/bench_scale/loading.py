"""Tasks of a process: loading a database through the product, and the same rows without it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from bench_gazetteer.clock import Clock, peak_rss_mb

from bench_scale.process import Figures
from db.copy import copy
from db.engine import open_database
from db.schema import upgrade
from db.session import write_session
from db.tables import metadata
from incidents.derived import rebuild
from incidents.importers.own_csv import import_csv
from incidents.importers.own_geojson import import_geojson

WHO, WHY = "bench", "a measurement"
CHUNK = 20_000
NOT_LOADED = frozenset({
    "alembic_version", "open_change_set", "touched", "spot", "search_text", "summary", "fragment",
})  # fmt: skip
"""Tables that the peer leaves empty: what is derived, and what only holds the change under way."""


def prepare(url: str, sources: str) -> Figures:
    """A new database with the organisations and reports."""
    database = open_database(url)
    upgrade(database)
    with write_session(database, who=WHO, why=WHY) as session:
        import_geojson(session, Path(sources))
    return {}


def load_csv(url: str, incidents: str, claims: str) -> Figures:
    """Import the two files as ``incidents import csv`` does."""
    database = open_database(url)
    clock = Clock()
    with write_session(database, who=WHO, why=WHY) as session:
        found = import_csv(session, Path(incidents), Path(claims))
    if found.incidents is None or found.claims is None:
        raise ValueError("a file was not read")
    return {
        **clock.read(), "peak_rss_mb": peak_rss_mb(), "incidents": found.incidents.added,
        "claims": found.claims.added, "rejected": len(found.incidents.rejected) + len(found.claims.rejected),
    }  # fmt: skip


def load_rich(url: str, files: list[str]) -> Figures:
    """Import the GeoJSON files."""
    database = open_database(url)
    clock, added = Clock(), 0
    for file in files:
        with write_session(database, who=WHO, why=WHY) as session:
            added += import_geojson(session, Path(file)).added
    return {**clock.read(), "peak_rss_mb": peak_rss_mb(), "incidents": added}


def make_ready(url: str) -> Figures:
    """Make the derived rows anew, as ``incidents db rebuild`` does."""
    clock = Clock()
    with write_session(open_database(url), who=WHO, why=WHY) as session:
        done = rebuild(session)
    return {**clock.read(), "peak_rss_mb": peak_rss_mb(), "incidents": done}


def copy_all(source: str, target: str) -> Figures:
    """Copy a whole database into an empty one, as ``incidents db copy`` does."""
    clock = Clock()
    copied = copy(open_database(source), open_database(target), lambda _rows: nullcontext(lambda _done: None))
    return {**clock.read(), "peak_rss_mb": peak_rss_mb(), "rows": copied.inventory.rows}


def loaded_tables() -> list[sa.Table]:
    """The tables that the peer fills, each after those it points to."""
    found = [table for table in metadata.sorted_tables if table.name not in NOT_LOADED]
    return sorted(found, key=lambda table: table.name != "change_set")


def _columns(table: sa.Table) -> list[str]:
    return [column.name for column in table.columns if column.computed is None]


def raw_sqlite(source: str, target: str) -> Figures:
    """Put every row of the file ``source`` into a new one: same tables, constraints and indexes, no triggers.

    One transaction with the settings of the product. Reading the rows is not counted.
    """
    upgrade(open_database(f"sqlite:///{target}"))
    spent: Counter[str] = Counter()
    rows = 0
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target, isolation_level=None)) as write:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            write.execute(f"PRAGMA {pragma}")
        for (name,) in write.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            write.execute(f'DROP TRIGGER "{name}"')
        write.execute("BEGIN IMMEDIATE")
        for table in loaded_tables():
            for found in _chunks(read, table):
                columns = ", ".join(f'"{name}"' for name in _columns(table))
                marks = ", ".join("?" * len(_columns(table)))
                clock = Clock()
                write.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', found)
                spent.update(clock.read())
                rows += len(found)
        clock = Clock()
        write.execute("COMMIT")
        spent.update(clock.read())
    return {**spent, "rows": rows, "peak_rss_mb": peak_rss_mb()}


def _chunks(read: sqlite3.Connection, table: sa.Table) -> Iterator[list[tuple[object, ...]]]:
    columns = ", ".join(f'"{name}"' for name in _columns(table))
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    cursor = read.execute(f'SELECT {columns} FROM "{table.name}" ORDER BY {keys}')
    while len(found := cursor.fetchmany(CHUNK)) > 0:
        yield found


def raw_copy(source: str, target: str, folder: str) -> Figures:
    """The same on PostgreSQL: ``COPY`` of every table out of ``source``, not counted, and into ``target``."""
    import psycopg

    upgrade(open_database(target))
    with psycopg.connect(_libpq(source)) as read:
        for table in loaded_tables():
            _copy_out(read, table, Path(folder) / f"{table.name}.copy")
    with psycopg.connect(_libpq(target)) as write:
        for table in loaded_tables():
            write.execute(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
        write.commit()
        clock = Clock()
        for table in loaded_tables():
            _copy_in(write, table, Path(folder) / f"{table.name}.copy")
        write.commit()
        seconds = clock.read()["seconds"]
        rows = sum(_count(write, table) for table in loaded_tables())
    for table in loaded_tables():
        (Path(folder) / f"{table.name}.copy").unlink()
    return {"seconds": seconds, "rows": rows, "peak_rss_mb": peak_rss_mb()}


def _libpq(url: str) -> str:
    """The URL as libpq reads it."""
    return sa.engine.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _copy_out(connection: Any, table: sa.Table, path: Path) -> None:
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    columns = ", ".join(f'"{name}"' for name in _columns(table))
    query = f'COPY (SELECT {columns} FROM "{table.name}" ORDER BY {keys}) TO STDOUT'
    with connection.cursor() as cursor, cursor.copy(query) as copy, path.open("wb") as out:
        for part in copy:
            out.write(part)


def _copy_in(connection: Any, table: sa.Table, path: Path) -> None:
    columns = ", ".join(f'"{name}"' for name in _columns(table))
    query = f'COPY "{table.name}" ({columns}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(query) as copy, path.open("rb") as stream:
        while len(part := stream.read(1 << 16)) > 0:
            copy.write(part)


def _count(connection: Any, table: sa.Table) -> int:
    return int(connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0])
