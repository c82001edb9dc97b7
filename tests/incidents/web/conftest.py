"""A server of the pages, and a real browser that reads them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from db.engine import Database
from db.session import write_session
from gazetteer.sources.embedded import load_embedded
from incidents.named import load_named
from incidents.web.app import STATIC, add_pages
from tests.conftest import ROOT, missing
from tests.editions import Edition
from tests.incidents.api.conftest import TOKENS, bearer, fill_served, serve
from tests.incidents.factories import claim, incident, organisation, point, report, step

PICTURES = ROOT / "out" / "pages"
"""Where the tests leave their screenshots."""
HOSTILE = "<img src=x onerror=\"document.title='taken'\">\u202egnp.exe"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--disable-quic",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass
class Site:
    """A running server and the database that it serves."""

    address: str
    login: str
    database: Database


def fill_site(database: Database) -> None:
    """The named incidents, the places that ship with the product, and a record in which every text is hostile."""
    with write_session(database, who="tester", why="the site of the tests") as session:
        load_embedded(session)
        load_named(session)
        organisation(session, "liar", name=HOSTILE)
        report(session, "liar-1", publisher="liar", title=HOSTILE)
        row = incident(session, "hostile", name=HOSTILE, time_words=HOSTILE, note=HOSTILE)
        said = {"source": "liar", "report": "liar-1"}
        point(session, row, 39.0, 35.9, place_words=HOSTILE, place_name=HOSTILE, **said)
        claim(session, "hostile", "more than 3", locator=HOSTILE, note=HOSTILE, **said)
        step(session, row, "open", "2017-04-01", authority="liar", why=HOSTILE, note=HOSTILE)


@pytest.fixture(scope="module")
def site(edition_named: Callable[[str], Edition], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of this module's own, on a copy of the filled database."""
    if not STATIC.is_dir():
        missing("The pages' map is not built: python scripts/build_web.py")
    edition = edition_named("sqlite")
    database = edition.copy(edition.prepared("site", fill_site))
    state = tmp_path_factory.mktemp("state")
    env = os.environ | {"INCIDENTS_DATABASE_URL": edition.url(database), "XDG_STATE_HOME": str(state)}
    command = [sys.executable, "-c", "from incidents.cli.main import main; main()", "serve", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=env | {"PYTHONUNBUFFERED": "1"}
    ) as server:
        assert server.stdout is not None
        address, login = (server.stdout.readline().split()[0] for _ in range(2))
        yield Site(address.removesuffix("/api"), login, database)
        server.terminate()
    edition.remove(database)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, headless, with an empty profile."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if program is None:
        missing("Chromium is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield running
        running.close()


def is_wrong(said: Any) -> bool:
    """Whether a line of the console tells of a fault; that an answer was 4xx, as a test wanted, is none."""
    return said.type == "error" and "the server responded with a status of 4" not in said.text


@pytest.fixture(scope="module")
def cookies(browser: Any, site: Site) -> Any:
    """What a browser keeps after the link that the server printed was opened, which works once."""
    context = browser.new_context()
    context.new_page().goto(site.login)
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def page(browser: Any, site: Site, cookies: Any) -> Iterator[Any]:
    """A page of 1280 by 800; it fails on any error of a script, and on any request to elsewhere."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=site.address, locale="en-GB", storage_state=cookies
    )
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if is_wrong(said) else None)
    here = (site.address, "data:", "blob:")
    opened.on("request", lambda asked: None if asked.url.startswith(here) else wrong.append(asked.url))
    opened.set_default_timeout(20_000)
    yield opened
    context.close()
    assert wrong == []


Client = Callable[[str], TestClient]


@pytest.fixture
def paged(edition: Edition) -> Database:
    """The served ledger; tests only read it."""

    def build(database: Database) -> None:
        TOKENS[edition.name] = fill_served(database)

    # Under a name of its own: the tokens of the API's tests stand in the copy of that conftest that pytest loaded.
    return edition.prepared("served to pages", build)


@pytest.fixture
def client(paged: Database, edition: Edition) -> Iterator[Client]:
    """Gives a client of the pages by the name of its role (see the API's ROLES; ``nobody`` has no token).

    They read and write a copy of the served ledger.
    """
    copy = edition.copy(paged)
    app = serve(copy)
    add_pages(app)
    with ExitStack() as stack:

        def opened(role: str) -> TestClient:
            headers = {} if role == "nobody" else bearer(TOKENS[edition.name][role])
            return stack.enter_context(TestClient(app, headers=headers, follow_redirects=False))

        yield opened
    edition.remove(copy)


def picture(page: Any, name: str, *, whole: bool = False) -> Path:
    """Keep what the page looks like."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, full_page=whole)
    return path


def open_map(page: Any, address: str = "/") -> None:
    """Open the map page and wait until its map is drawn."""
    page.goto(address)
    page.wait_for_selector("#map[data-ready]")
    page.wait_for_selector("#map[data-drawn]")
