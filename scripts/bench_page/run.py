"""The command: serves a database, opens the page in Chromium, does what people do, and prints how long each took.

A figure is the time from the event (a key, a wheel, a button of the mouse, the start of the navigation) to the frame
after the markers were drawn, as the page itself measures it under the name ``drawn``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench_gazetteer.clock import progress
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from db.schema import upgrade
from db.session import write_session
from db.sqlite import SqliteDatabase
from gazetteer.sources.embedded import load_embedded
from incidents.importers.ged import import_ged
from incidents.named import load_named

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data" / "ucdp_ged"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
THUMB_PX = 18
QUIET_MS = 700
"""So long nothing is drawn before the next thing is done."""
REGION = "#5.3/34.2/41.5"
DRAWN = "() => performance.getEntriesByName('drawn').map((entry) => entry.duration)"


def add_command(commands: Any) -> None:
    """Add ``page`` to the commands of the benchmark."""
    parser = commands.add_parser("page", help="the page with its map in headless Chromium, drawn by the processor")
    parser.add_argument("--url", help="a database that is there already, which is only read (default: UCDP GED)")
    parser.add_argument("--repeat", type=int, default=3, help="page loads; each does everything once")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(run=bench_page)


def bench_page(arguments: argparse.Namespace) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        url = arguments.url or f"sqlite:///{_filled(Path(name))}"
        with _served(url, Path(name)) as login, sync_playwright() as playwright:
            running = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
            figures = _measured(running, login, arguments.repeat)
            running.close()
    figures |= {"load": round(os.getloadavg()[0], 1), "processors": os.cpu_count()}
    if arguments.json:
        print(json.dumps(figures, indent=1))
    else:
        _show(figures)


def _filled(folder: Path) -> Path:
    """What comes with the product, and every event of the GED files."""
    files = sorted(DATA.glob("*.csv"))
    if len(files) == 0:
        sys.exit(f"No files of UCDP GED in {DATA}: name a database with --url.")
    progress("import")
    path = folder / "incidents.db"
    database = SqliteDatabase(path)
    upgrade(database)
    with write_session(database, who="bench", why="a measurement") as session:
        load_embedded(session)
        load_named(session)
    for file in files:
        import_ged(database, file, who="bench", why="a measurement")
    return path


@contextmanager
def _served(url: str, folder: Path) -> Iterator[str]:
    """A server of the database: the link that signs a browser in."""
    command = [sys.executable, "-c", "from incidents.cli.main import main; main()", "serve", "--port", "0"]
    env = os.environ | {
        "INCIDENTS_DATABASE_URL": url, "XDG_STATE_HOME": str(folder), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)
    }  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, cwd=folder) as server:
        lines = [] if server.stdout is None else [server.stdout.readline() for _ in range(2)]
        if "login" not in lines[-1]:
            sys.exit("The server did not start.")
        try:
            yield lines[-1].split()[0]
        finally:
            server.terminate()


def _measured(browser: Browser, login: str, repeat: int) -> dict[str, Any]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=login.partition("/login")[0], reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(300_000)
    progress("first question of the server")
    began = time.perf_counter()
    page.goto(login, wait_until="commit")
    page.wait_for_selector("#map[data-ready]")
    first = 1000 * (time.perf_counter() - began)
    incidents = page.locator("#results h2").inner_text()
    runs: dict[str, list[float]] = {}
    for number in range(repeat):
        progress(f"run {number + 1}")
        for name, took in _run(page):
            runs.setdefault(name, []).append(took)
    context.close()
    rows = {name: {"median_ms": statistics.median(took), "most_ms": max(took)} for name, took in runs.items()}
    return {"incidents": incidents, "server_first_ms": first, "rows": rows}


def _run(page: Page) -> Iterator[tuple[str, float]]:
    """Everything once: what was done, and the milliseconds until it was drawn."""
    page.goto("about:blank")
    began = time.perf_counter()
    page.goto(f"/{REGION}", wait_until="commit")
    page.wait_for_selector("#map[data-drawn]")
    yield "first view: markers drawn", page.evaluate(DRAWN)[0]
    page.wait_for_selector("#map[data-ready]")
    yield "first view: base map drawn too (as seen by the driver)", 1000 * (time.perf_counter() - began)
    middle = _middle(page)
    last = page.get_by_label("Last day")
    for key, name in (("ArrowLeft", "slider: a day"), ("PageDown", "slider: a month")):
        last.focus()
        yield from _each(page, name, lambda key=key: page.keyboard.press(key))  # type: ignore[misc]  # bound at once
    yield from _each(page, "slider: dragged across", lambda: _drag(page, _handle(page), (-60, 0)))
    yield from _each(page, "map: dragged", lambda: _drag(page, middle, (-150, 80)))
    yield from _each(page, "map: zoomed in by the wheel", lambda: page.mouse.wheel(0, -300))
    yield from _each(page, "map: zoomed in by its button", lambda: page.locator(".maplibregl-ctrl-zoom-in").click())
    yield from _each(page, "map: zoomed out by its button", lambda: page.locator(".maplibregl-ctrl-zoom-out").click())


def _each(page: Page, name: str, act: Callable[[], Any]) -> Iterator[tuple[str, float]]:
    """Do something: the time of each drawing that it led to."""
    _settle(page)
    before = len(page.evaluate(DRAWN))
    act()
    _settle(page)
    for took in page.evaluate(DRAWN)[before:]:
        yield name, took


def _settle(page: Page) -> None:
    """Wait until nothing more is drawn."""
    seen = -1
    while seen != (seen := len(page.evaluate(DRAWN))):
        page.wait_for_timeout(QUIET_MS)


def _box(page: Page, selector: str) -> tuple[float, float, float, float]:
    """Left, top, width and height of an element."""
    sides = "(one) => { const { x, y, width, height } = one.getBoundingClientRect(); return [x, y, width, height] }"
    left, top, wide, tall = page.eval_on_selector(selector, sides)
    return left, top, wide, tall


def _middle(page: Page) -> tuple[float, float]:
    left, top, wide, tall = _box(page, "#map")
    return left + wide / 2 + 7, top + tall / 2 + 7


def _handle(page: Page) -> tuple[float, float]:
    """Where the handle of the last day is."""
    left, top, wide, tall = _box(page, "#last-day")
    share = page.eval_on_selector("#last-day", "({ value, min, max }) => (value - min) / (max - min)")
    return left + THUMB_PX / 2 + share * (wide - THUMB_PX), top + tall / 2


def _drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    """Drag in ten steps, as a hand does, and hold still before letting go: the map goes on no further."""
    page.mouse.move(*start)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(start[0] + by[0] * step / 10, start[1] + by[1] * step / 10)
        page.wait_for_timeout(16)
    page.wait_for_timeout(300)
    page.mouse.up()


def _show(figures: dict[str, Any]) -> None:
    console = Console()
    table = Table("", "median, ms", "most, ms", title=f"{figures['incidents']}; load {figures['load']}")
    for name, row in figures["rows"].items():
        table.add_row(name, f"{row['median_ms']:.0f}", f"{row['most_ms']:.0f}")
    console.print(table)
    console.print(f"The server's first answer, with all its columns to read: {figures['server_first_ms']:.0f} ms")
