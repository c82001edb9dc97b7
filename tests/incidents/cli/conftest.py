"""A ledger with the gazetteer and the named incidents, and a way to run commands on a copy of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from db.engine import Database
from db.session import write_session
from db.settings import settings
from gazetteer.sources.embedded import load_embedded
from incidents.cli.main import app
from incidents.named import load_named
from tests.editions import Edition

Run = Callable[..., Result]


def fill(database: Database) -> None:
    """Load the gazetteer and the named incidents."""
    with write_session(database, who="tester", why="the embedded gazetteer") as session:
        load_embedded(session)
    with write_session(database, who="tester", why="the named incidents") as session:
        load_named(session)


def use(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have commands work on the database at ``url``, in a working folder of their own."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("INCIDENTS_DATABASE_URL", url)
    monkeypatch.setenv("INCIDENTS_ACTOR", "A. Recorder")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The path of a file that is not there yet, set as the database commands use; the working folder is its own."""
    path = tmp_path / "world.db"
    for _ in use(f"sqlite:///{path}", tmp_path, monkeypatch):
        yield path


@pytest.fixture
def world(edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A copy of the loaded database that this test may write to; commands use it."""
    copy = edition.copy(edition.prepared("world", fill))
    for _ in use(edition.url(copy), tmp_path, monkeypatch):
        yield copy
    edition.remove(copy)


@pytest.fixture
def run() -> Run:
    """Runs a command; fails the test on another exit code than ``exits``; ``feed`` is what is typed."""

    def _run(*words: str | Path, exits: int = 0, feed: str | None = None) -> Result:
        result = CliRunner().invoke(app, [str(word) for word in words], input=feed)
        assert result.exit_code == exits, f"{words}\n{result.stdout}\n{result.stderr}\n{result.exception!r}"
        assert "Traceback" not in result.stderr
        return result

    return _run


@pytest.fixture
def there(run: Run, world: Database) -> Run:
    """Runs commands on :func:`world`."""
    assert world.state().exists
    return run
