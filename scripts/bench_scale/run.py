"""The command: makes the sets, loads them, measures every part, prints and writes one table."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench_gazetteer.clock import Clock, progress

from bench_scale import building, columnar, dossiers, exports, growth, queries, server, serving, table, texts
from bench_scale.case import EDITIONS, SQLITE, Case
from bench_scale.figures import Measure
from bench_scale.generate import Files, write_files, written_files

if TYPE_CHECKING:
    from tests.postgres import Server

DOCS = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
MEASURES: dict[str, Callable[[Case], list[Measure]]] = {
    queries.NAME: queries.places,
    texts.NAME: texts.text,
    dossiers.NAME: dossiers.show,
    exports.NAME: exports.geojson,
    columnar.NAME: columnar.geoparquet,
    serving.NAME: serving.http_measures,
}
"""What is measured of a loaded database, in this order: the quick ones first."""
NAMES = (building.NAME, *MEASURES, growth.NAME)


def add_command(commands: Any) -> None:
    """Add ``scale`` and ``http`` to the commands of the benchmark."""
    about = "a million made-up incidents: loads, exports and queries beside peers"
    _add(commands.add_parser("scale", help=about), "10000,100000", ",".join(EDITIONS), ",".join(NAMES))
    about = "the server on a million of them beside tipg and pygeoapi: scale --only http"
    _add(commands.add_parser("http", help=about), "1000000", SQLITE, serving.NAME)


def _add(parser: argparse.ArgumentParser, sizes: str, editions: str, only: str) -> None:
    parser.add_argument("--sizes", default=sizes, help="incidents, separated by commas (default: %(default)s)")
    parser.add_argument("--editions", default=editions, help="default: %(default)s")
    parser.add_argument("--only", default=only, help="parts, separated by commas (default: %(default)s)")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each query; the median counts")
    parser.add_argument("--loads", type=int, default=None, help="runs of loads and exports (default: as --repeat)")
    parser.add_argument(
        "--peer-features", type=int, default=100_000, metavar="N",
        help="ogr2ogr writes at most so many features, and its time is scaled up (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--keep", type=Path, help="folder for files and databases, used again by a later run")
    parser.add_argument("--reload", action="store_true", help="load again what --keep holds")
    parser.add_argument("--without-server", action="store_true", help="no PostgreSQL: the peers on it are left out")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON, too")
    parser.add_argument(
        "--from", dest="earlier", nargs="+", type=Path, metavar="JSON", help="measure nothing: show what --json wrote"
    )
    parser.add_argument("--write-docs", action="store_true", help=f"put the table into {DOCS.name}")
    parser.set_defaults(run=bench_scale)


def bench_scale(arguments: argparse.Namespace) -> None:
    """Measure all that was asked for, or read what was measured, and print it."""
    measures, machine = _measure(arguments) if arguments.earlier is None else _earlier(arguments.earlier)
    table.show(measures, machine)
    if arguments.write_docs:
        table.write_docs(DOCS, measures, machine)


def _earlier(paths: list[Path]) -> tuple[list[Measure], dict[str, Any]]:
    """The measures of earlier runs, one after the other, with their growth, and the machine of the first."""
    found = [json.loads(path.read_text("utf-8")) for path in paths]
    measures = [measure for one in found for measure in table.from_json(one) if measure.name != growth.NAME]
    return measures + growth.growth(measures), found[0]["machine"]


def _measure(arguments: argparse.Namespace) -> tuple[list[Measure], dict[str, Any]]:
    clock, load = Clock(), os.getloadavg()
    # A run that is ended from outside stops its server all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    measures: list[Measure] = []
    machine: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%d", time.gmtime()), "processors": os.cpu_count(), "memory": _memory(),
        "python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "load before": round(load[0], 1),
    }  # fmt: skip
    with ExitStack() as stack:
        folder = _folder(arguments, stack)
        started = None if arguments.without_server else stack.enter_context(server.running(folder / "server"))
        for found in _measured(arguments, folder, started):
            measures += found
            # A long run that fails keeps what it has measured.
            _write_json(arguments, measures, machine | {"minutes": round(clock.read()["seconds"] / 60, 1)})
    if growth.NAME in _list(arguments.only):
        measures += growth.growth(measures)
    machine["minutes"] = round(clock.read()["seconds"] / 60, 1)
    _write_json(arguments, measures, machine)
    return measures, machine


def _write_json(arguments: argparse.Namespace, measures: list[Measure], machine: dict[str, Any]) -> None:
    if arguments.json is not None:
        figures = json.dumps(table.as_json(measures, machine), indent=1, ensure_ascii=False)
        arguments.json.write_text(figures, encoding="utf-8")


def _folder(arguments: argparse.Namespace, stack: ExitStack) -> Path:
    """The work folder; its path is short, as a socket lies in it, which may have 107 characters."""
    if arguments.keep is not None:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        return Path(arguments.keep).resolve()
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _measured(arguments: argparse.Namespace, folder: Path, started: Server | None) -> Iterator[list[Measure]]:
    wanted = _list(arguments.only)
    for name in (name for name in wanted if name not in NAMES):
        sys.exit(f"There is no part {name}; the parts are: {', '.join(NAMES)}.")
    for size in (int(text) for text in _list(arguments.sizes)):
        files = _files(folder / f"{size}", size)
        for edition in _list(arguments.editions):
            if edition != SQLITE and started is None:
                sys.exit("PostgreSQL with PostGIS is not installed, or --without-server was given.")
            case = _case(arguments, folder / f"{size}", size, edition, files, started)
            loaded = building.load(case, again=arguments.reload)
            if building.NAME in wanted:
                yield loaded
            if any(name in wanted for name in MEASURES):
                yield building.fill(case)
            for name in (name for name in MEASURES if name in wanted):
                yield MEASURES[name](case)


def _case(
    arguments: argparse.Namespace, folder: Path, size: int, edition: str, files: Files, started: Server | None
) -> Case:
    if edition == SQLITE or started is None:
        url = f"sqlite:///{building.sqlite_path(folder)}"
    else:
        url = started.url(f"atlas_{size}").render_as_string(hide_password=False)
    loads = arguments.repeat if arguments.loads is None else arguments.loads
    return Case(size, edition, url, files, folder, arguments.repeat, loads, arguments.peer_features, started)


def _files(folder: Path, size: int) -> Files:
    whole = folder / "written"
    if not whole.exists():
        folder.mkdir(parents=True, exist_ok=True)
        clock = Clock()
        write_files(folder, size)
        whole.touch()
        progress(f"{size:,} made-up incidents written in {clock.read()['seconds']:.1f} s")
    return written_files(folder)


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip() != ""]


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"
