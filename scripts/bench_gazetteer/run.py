"""The command: builds the database, measures every part, prints one structure."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_gazetteer import accuracy, build, learning, namesakes, points, relations, speed
from bench_gazetteer.clock import Clock, progress
from bench_gazetteer.figures import Section, as_json, show
from db.session import read_session
from db.sqlite import SqliteDatabase

SHARED = Path(__file__).resolve().parents[2].parent / "shared"


def add_command(commands: Any) -> None:
    """Add ``gazetteer`` to the commands of the benchmark."""
    parser = commands.add_parser("gazetteer", help="search, coordinates and imports of the gazetteer, beside peers")
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder of data/ and tools/ (default: %(default)s)")
    parser.add_argument("--split", choices=("test", "dev", "all"), default="test")
    parser.add_argument("--repeat", type=int, default=3, help="runs of what is timed; the median counts")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="list the N worst rows of each set and mode")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(run=bench_gazetteer)


def bench_gazetteer(arguments: argparse.Namespace) -> None:
    """Measure all and print it."""
    data = arguments.shared / "data"
    evaluate = accuracy.evaluation(arguments.shared)
    if evaluate is None or not (data / "gazetteer").is_dir():
        sys.exit(f"No shared data and tools at {arguments.shared}: name the folder with --shared.")
    clock, load = Clock(), os.getloadavg()
    with tempfile.TemporaryDirectory() as name:
        sections = list(_measured(Path(name), data, evaluate, arguments))
    machine = {
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()), "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version, "processors": os.cpu_count(),
        "load before": round(load[0], 1), "load after": round(os.getloadavg()[0], 1),
        "split": arguments.split, "repeat": arguments.repeat, "seconds": round(clock.read()["seconds"]),
    }  # fmt: skip
    figures = as_json(sections, machine)
    if arguments.json:
        print(json.dumps(figures, indent=1, ensure_ascii=False))
    else:
        show(figures)


def _measured(folder: Path, data: Path, evaluate: Any, arguments: argparse.Namespace) -> list[Section]:
    database, repeat = folder / "gazetteer.db", arguments.repeat
    sections = [build.build(database, data / "gazetteer")]
    grown, copies = build.growth(folder, data / "gazetteer")
    sections.append(grown)
    # What is timed comes first: the peers' memory would not slow it, but a shorter run is steadier.
    timed = [
        speed.measure(database, folder, evaluate, arguments.split, repeat),
        speed.growth(copies, data / "gazetteer", folder, repeat),
    ]
    with read_session(SqliteDatabase(database)) as session:
        sections += accuracy.measure(session, evaluate, arguments.split, arguments.worst)
        sections.append(namesakes.measure(session))
        last = [points.coordinates(), points.reverse(session, arguments.shared, arguments.split, repeat)]
        last.append(relations.measure(session))
    progress("learning")
    sections.append(learning.measure(database, data / "ucdp_ged", evaluate))
    return [*sections, *last, *timed]
