"""A ledger with the gazetteer and the named incidents, and a way to run commands on a copy of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from db.session import write_session
from db.settings import settings
from db.sqlite import SqliteDatabase
from gazetteer.sources.embedded import load_embedded
from incidents.cli.main import app
from incidents.named import load_named

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def world_template(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gazetteer and named incidents, loaded once."""
    path = tmp_path_factory.mktemp("world") / "incidents.db"
    shutil.copy(template, path)
    database = SqliteDatabase(path)
    with write_session(database, who="tester", why="the embedded gazetteer") as session:
        load_embedded(session)
    with write_session(database, who="tester", why="the named incidents") as session:
        load_named(session)
    return path


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The path of a database that is not there yet, set as the one commands use; the working folder is its own."""
    path = tmp_path / "world.db"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INCIDENTS_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.setenv("INCIDENTS_ACTOR", "A. Recorder")
    settings.cache_clear()
    yield path
    settings.cache_clear()


@pytest.fixture
def world(world_template: Path, elsewhere: Path) -> Path:
    """A copy of the loaded database that this test may write to."""
    shutil.copy(world_template, elsewhere)
    return elsewhere


@pytest.fixture
def run() -> Run:
    """Runs a command; fails the test on another exit code than ``exits``."""

    def _run(*words: str | Path, exits: int = 0) -> Result:
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exit_code == exits, f"{words}\n{result.stdout}\n{result.stderr}\n{result.exception!r}"
        assert "Traceback" not in result.stderr
        return result

    return _run


@pytest.fixture
def there(run: Run, world: Path) -> Run:
    """Runs commands on :func:`world`."""
    assert world.exists()
    return run
