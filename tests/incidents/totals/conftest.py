"""The named incidents as the product loads them, with its gazetteer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session

from db.engine import Database
from db.session import read_session, write_session
from tests.editions import Edition
from tests.incidents.cli.conftest import fill


@pytest.fixture(scope="session")
def world(edition: Edition) -> Database:
    """The loaded database; nobody writes to it."""
    return edition.prepared("world", fill)


@pytest.fixture
def held(world: Database) -> Iterator[Session]:
    """A read session on the loaded database."""
    with read_session(world) as session:
        yield session


@pytest.fixture
def own(world: Database, edition: Edition) -> Iterator[Session]:
    """A write session on a loaded database of this test's own."""
    copy = edition.copy(world)
    with write_session(copy, who="tester", why="a test") as session:
        yield session
    edition.remove(copy)
