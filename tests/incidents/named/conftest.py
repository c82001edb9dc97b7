"""A database with the named incidents loaded: one that tests only read, and a copy for each that writes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from incidents.named import NamedCounts, load_named
from tests.editions import Edition

Loaded = tuple[Database, NamedCounts]
SAID: dict[str, NamedCounts] = {}


@pytest.fixture(scope="session")
def loaded(edition: Edition) -> Loaded:
    """The database after one load, and what the load said; nobody writes to it."""

    def load(database: Database) -> None:
        with write_session(database, who="tester", why="load the named incidents") as session:
            SAID[edition.name] = load_named(session)

    return edition.prepared("named", load), SAID[edition.name]


@pytest.fixture
def named(loaded: Loaded) -> Iterator[Session]:
    """A read session on the loaded database."""
    with read_session(loaded[0]) as session:
        yield session


@pytest.fixture
def own_named(loaded: Loaded, edition: Edition) -> Iterator[Session]:
    """A write session on a loaded database of this test's own."""
    copy = edition.copy(loaded[0])
    with write_session(copy, who="tester", why="a test") as session:
        yield session
    edition.remove(copy)
