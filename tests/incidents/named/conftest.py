"""A database with the named incidents loaded: one that tests only read, and a copy for each that writes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from incidents.named import NamedCounts, load_named


@pytest.fixture(scope="session")
def loaded(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, NamedCounts]:
    """The database after one load, and what the load said; nobody writes to it."""
    path = tmp_path_factory.mktemp("named") / "incidents.db"
    shutil.copy(template, path)
    with write_session(Database(path), who="tester", why="load the named incidents") as session:
        counts = load_named(session)
    return Database(path), counts


@pytest.fixture
def named(loaded: tuple[Database, NamedCounts]) -> Iterator[Session]:
    """A read session on the loaded database."""
    with read_session(loaded[0]) as session:
        yield session


@pytest.fixture
def own_named(loaded: tuple[Database, NamedCounts], tmp_path: Path) -> Iterator[Session]:
    """A write session on a loaded database of this test's own."""
    path = tmp_path / "named.db"
    shutil.copy(loaded[0].path, path)
    with write_session(Database(path), who="tester", why="a test") as session:
        yield session
