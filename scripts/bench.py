"""Measure the product on this machine: ``scripts/bench.py`` and ``ged``, ``gazetteer``, ``scale``, ``page``, ``same``.

Figures of one run may be compared with each other; those of two runs, or of two machines, may not. Beside the wall
clock stands the processor time of the process alone, which other load on the machine moves less.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench_gazetteer.clock import Clock, peak_rss_mb
from bench_gazetteer.run import add_command
from bench_page.run import add_command as add_page
from bench_same.run import add_command as add_same
from bench_scale.run import add_command as add_scale

from db.schema import upgrade
from db.sqlite import SqliteDatabase
from db.tables import metadata
from incidents.importers.ged import import_ged

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "ucdp_ged"
ID_STEP = 1_000_000
"""What is added to the ids of each further copy of a file; GED's own are below it."""

DERIVED = {"alembic_version", "change", "open_change_set"}
"""Tables that the peer does not write: the triggers or the migrations fill them."""


def main() -> None:
    """Run the benchmark that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    ged = commands.add_parser("ged", help="import UCDP GED, beside sqlite3.executemany of the same rows")
    ged.add_argument("files", nargs="*", type=Path, default=None, help=f"default: {DATA}/*.csv")
    ged.add_argument("--json", action="store_true", help="print the figures as JSON")
    ged.add_argument("--repeat", type=int, default=3, help="runs of the peer and of the import; the median counts")
    ged.add_argument("--growth", default="1,2,4,8", help="how many copies of the first file, for linearity")
    ged.set_defaults(run=bench_ged)
    add_command(commands)
    add_scale(commands)
    add_page(commands)
    add_same(commands)
    # What a measured child process does: it prints one JSON object.
    child = commands.add_parser("ged-import")
    child.add_argument("database", type=Path)
    child.add_argument("file", type=Path)
    child.set_defaults(run=run_import)
    arguments = parser.parse_args()
    arguments.run(arguments)


def bench_ged(arguments: argparse.Namespace) -> None:
    """Every file against its peer, then growth on the first."""
    files = arguments.files or sorted(DATA.glob("*.csv"))
    if len(files) == 0:
        sys.exit(f"No files: give some, or put them into {DATA}.")
    with tempfile.TemporaryDirectory() as folder:
        measured = [measure(file, Path(folder), arguments.repeat) for file in files]
        copies = [int(text) for text in arguments.growth.split(",") if text]
        growth = list(measure_growth(max(files, key=lambda file: file.stat().st_size), Path(folder), copies))
    if arguments.json:
        print(json.dumps({"sqlite": sqlite3.sqlite_version, "files": measured, "growth": growth}, indent=1))
    else:
        show(measured, growth)


def measure(file: Path, folder: Path, repeat: int) -> dict[str, Any]:
    """Import and peer of one file, alternating, so that both meet the same load of the machine."""
    imports: list[dict[str, Any]] = []
    peers: list[dict[str, float]] = []
    rows: dict[str, int] = {}
    for number in range(repeat):
        source = fresh(folder / f"{file.stem}-{number}.db")
        imports.append(imported(source, file))
        peer = fresh(folder / f"{file.stem}-{number}-peer.db")
        clocks, rows = write_raw(source, peer)
        peers.append(clocks)
        for path in (source, peer):
            remove(path)
    seconds, peer_seconds = (statistics.median(run["seconds"] for run in runs) for runs in (imports, peers))
    cpu, peer_cpu = (statistics.median(run["cpu_seconds"] for run in runs) for runs in (imports, peers))
    events = imports[0]["added"]
    return {
        "file": file.name,
        "events": events,
        "seconds": seconds,
        "events_per_s": events / seconds,
        "peer_seconds": peer_seconds,
        "peer_events_per_s": events / peer_seconds,
        "ratio": seconds / peer_seconds,
        "cpu_seconds": cpu,
        "peer_cpu_seconds": peer_cpu,
        "cpu_ratio": cpu / peer_cpu,
        "peak_rss_mb": max(run["peak_rss_mb"] for run in imports),
        "rows": rows,
        "flagged": imports[0]["flagged"],
        "flags": imports[0]["flags"],
        "rejected": imports[0]["rejected"],
        "rejections": imports[0]["rejections"],
    }


def measure_growth(file: Path, folder: Path, copies: list[int]) -> Iterator[dict[str, Any]]:
    """The import of the file repeated with new ids."""
    for number in copies:
        large = folder / f"{number}x-{file.name}"
        repeat_file(file, large, number)
        database = fresh(folder / f"{number}x.db")
        run = imported(database, large)
        yield {
            "copies": number,
            "events": run["added"],
            "seconds": run["seconds"],
            "us_per_event": 1e6 * run["seconds"] / run["added"],
            "cpu_us_per_event": 1e6 * run["cpu_seconds"] / run["added"],
            "peak_rss_mb": run["peak_rss_mb"],
            "database_mb": database.stat().st_size / 1e6,
        }
        remove(database)
        large.unlink()


def imported(database: Path, file: Path) -> dict[str, Any]:
    """What a child process says of its import: its own peak memory is measured, not this one's."""
    command = [sys.executable, __file__, "ged-import", str(database), str(file)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run_import(arguments: argparse.Namespace) -> None:
    """Import one file and print the figures as JSON."""
    clock = Clock()
    counts = import_ged(SqliteDatabase(arguments.database), arguments.file, who="bench", why="a measurement")
    figures: dict[str, Any] = {**clock.read(), "peak_rss_mb": peak_rss_mb()}
    figures |= {name: getattr(counts, name) for name in ("added", "flagged", "flags", "rejected", "rejections")}
    print(json.dumps(figures))


def fresh(path: Path) -> Path:
    """A migrated, empty database."""
    upgrade(SqliteDatabase(path))
    return path


def remove(path: Path) -> None:
    """Delete a database with what SQLite and the lock put beside it."""
    for end in ("", "-wal", "-shm", ".lock"):
        Path(f"{path}{end}").unlink(missing_ok=True)


def write_raw(source: Path, target: Path) -> tuple[dict[str, float], dict[str, int]]:
    """Write every row of ``source`` into ``target`` with sqlite3.executemany; the times, and rows by table.

    Same tables, triggers, indexes and settings; all in one transaction, under the same change set. Reading
    the rows is not counted.
    """
    with closing(SqliteDatabase(source).connect()) as read, closing(SqliteDatabase(target).connect()) as write:
        rows = {table: read.execute(select_all(table)).fetchall() for table in tables()}
        clock = Clock()
        write.execute("BEGIN IMMEDIATE")
        for table, found in rows.items():
            if len(found) == 0:
                continue
            if table.name == "import_run":
                found = [as_new(table, row) for row in found]
            write.executemany(f'INSERT INTO "{table.name}" VALUES ({",".join("?" * len(table.columns))})', found)
            if table.name == "change_set":
                write.execute("INSERT INTO open_change_set (id, change_set_id) VALUES (1, 1)")
        write.execute("DELETE FROM open_change_set")
        write.execute("COMMIT")
        clocks = clock.read()
    return clocks, {table.name: len(found) for table, found in rows.items() if len(found) > 0}


def tables() -> list[sa.Table]:
    """The tables that the peer writes, each after those it points to."""
    found = [table for table in metadata.sorted_tables if table.name not in DERIVED]
    return sorted(found, key=lambda table: table.name != "change_set")


def select_all(table: sa.Table) -> str:
    """The query for all rows of a table, in the order of its key."""
    key = ", ".join(column.name for column in table.primary_key)
    return f'SELECT * FROM "{table.name}" ORDER BY {key}'


def as_new(table: sa.Table, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row with version 1: the triggers refuse a new row with a later one."""
    at = [column.name for column in table.columns].index("version")
    return (*row[:at], 1, *row[at + 1 :])


def repeat_file(file: Path, large: Path, copies: int) -> None:
    """Write ``copies`` of a file whose first column is the id, each with ids of its own."""
    header, _, body = file.read_bytes().partition(b"\n")
    with large.open("wb") as out:
        out.write(header + b"\n")
        for number in range(copies):
            # A record starts where a line starts with an id; lines inside quoted cells do not.
            for line in body.splitlines(keepends=True):
                key, comma, rest = line.partition(b",")
                if comma and key.isdigit() and int(key) < ID_STEP:
                    line = b"%d,%s" % (int(key) + number * ID_STEP, rest)
                out.write(line)


def show(measured: list[dict[str, Any]], growth: list[dict[str, Any]]) -> None:
    """Print the figures for people."""
    console = Console()
    for row in measured:
        console.print(
            f"{row['file']}: {row['events']:,} events in {row['seconds']:.2f} s ({row['events_per_s']:,.0f}/s); the "
            f"same rows by executemany in {row['peer_seconds']:.2f} s: ratio {row['ratio']:.2f} (processor time "
            f"{row['cpu_ratio']:.2f}); peak {row['peak_rss_mb']:.0f} MB",
            f"  rows: {', '.join(f'{name} {count:,}' for name, count in row['rows'].items())}",
            f"  flagged {row['flagged']:,} {row['flags']}, rejected {row['rejected']:,} {row['rejections']}",
            sep="\n",
        )
    table = Table("copies", "events", "seconds", "µs per event", "processor µs", "peak MB", "database MB")
    for row in growth:
        table.add_row(
            f"{row['copies']}x",
            f"{row['events']:,}",
            *(f"{row[name]:.0f}" for name in ("seconds", "us_per_event", "cpu_us_per_event", "peak_rss_mb")),
            f"{row['database_mb']:.0f}",
        )
    console.print(table)


if __name__ == "__main__":
    main()
