"""The two editions of the product for tests: prepared databases, and copies of them that a test may write to."""

from __future__ import annotations

import itertools
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.engine import Database
from db.postgres import PostgresDatabase
from db.schema import upgrade
from db.sqlite import SqliteDatabase
from tests.postgres import Server

Build = Callable[[Database], None]


@contextmanager
def compiled_once() -> Iterator[None]:
    """While the block runs, the databases of one edition share the statements that SQLAlchemy has compiled.

    An engine compiles each statement anew, and a database has its own engine: a process of the product opens one,
    the tests thousands, which compiled for half of their time.
    """
    first: dict[str, sa.Engine] = {}
    create = sa.create_engine

    def sharing(url: str | sa.URL, **options: Any) -> sa.Engine:
        kind = sa.make_url(url).drivername
        if kind not in first:
            first[kind] = create(url, query_cache_size=2_000, **options)
            return first[kind]
        made = create(url, _initialize=False, **options)  # what it would ask of the server the first has asked
        made.dialect = made.pool._dialect = first[kind].dialect  # a compiled statement belongs to its dialect
        made._compiled_cache = first[kind]._compiled_cache
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sa, "create_engine", sharing)
        yield


class Edition(ABC):
    """Databases of one edition. What :meth:`prepared` gives is shared: tests only read it, or copy it."""

    name: str

    def __init__(self) -> None:
        self._prepared: dict[str, Database] = {}

    def empty(self) -> Database:
        """A migrated database of the caller's own."""
        return self.copy(self.prepared("empty", lambda _: None))

    def prepared(self, name: str, build: Build) -> Database:
        """The database that ``build`` fills, made once."""
        if name not in self._prepared:
            made = self.new() if name == "empty" else self.empty()
            if name == "empty":
                upgrade(made)
            build(made)
            self._prepared[name] = made
        return self._prepared[name]

    @abstractmethod
    def new(self) -> Database:
        """A database without a schema."""

    @abstractmethod
    def copy(self, database: Database) -> Database:
        """A copy of ``database`` for the caller to write to."""

    @abstractmethod
    def remove(self, database: Database) -> None:
        """Remove a copy that is no longer needed."""

    @abstractmethod
    def url(self, database: Database) -> str:
        """What INCIDENTS_DATABASE_URL is set to for ``database``."""


class SqliteEdition(Edition):
    """Files in a folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._paths = (folder / f"{number}" / "incidents.db" for number in itertools.count())

    def new(self) -> Database:
        path = next(self._paths)
        path.parent.mkdir()
        return SqliteDatabase(path)

    def copy(self, database: Database) -> Database:
        assert isinstance(database, SqliteDatabase)
        copy = self.new()
        assert isinstance(copy, SqliteDatabase)
        shutil.copy(database.path, copy.path)
        return copy

    def remove(self, database: Database) -> None:
        assert isinstance(database, SqliteDatabase)
        shutil.rmtree(database.path.parent, ignore_errors=True)

    def url(self, database: Database) -> str:
        assert isinstance(database, SqliteDatabase)
        return f"sqlite:///{database.path}"


class PostgresEdition(Edition):
    """Databases on a server of the tests' own."""

    name = "postgresql"

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server
        self._admin = server.connect("postgres")  # kept: to connect takes the server as long as to make a database
        self._names = (f"t{number}" for number in itertools.count())
        self._read: dict[str, Database] = {}
        self._made_from: dict[str, Database] = {}

    def close(self) -> None:
        """Let go of the server."""
        self._admin.close()

    def new(self) -> Database:
        return self._created("template0")

    def prepared(self, name: str, build: Build) -> Database:
        """A copy of what ``build`` filled: the server copies only a database that nobody is connected to."""
        if name not in self._read:
            made = super().prepared(name, build)
            if name == "empty":
                self._lighten(made)
            self._read[name] = read = self.copy(made)
            self._made_from[read.where] = made
        return self._read[name]

    def _lighten(self, database: Database) -> None:
        """Take away PostGIS's list of the world's reference systems but ours: a third of what each copy copies."""
        assert isinstance(database, PostgresDatabase)
        statements = ("DELETE FROM spatial_ref_sys WHERE srid <> 4326", "VACUUM FULL spatial_ref_sys")
        self.server.execute(*statements, name=str(database.url.database))

    def copy(self, database: Database) -> Database:
        source = self._made_from.get(database.where, database)
        assert isinstance(source, PostgresDatabase)
        return self._created(str(source.url.database))

    def _created(self, template: str) -> Database:
        name = next(self._names)
        # Copied as files: to write each page to the log as well takes twice the time.
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.server.database(name)

    def remove(self, database: Database) -> None:
        assert isinstance(database, PostgresDatabase)
        self._admin.execute(f"DROP DATABASE {database.url.database} WITH (FORCE)")

    def url(self, database: Database) -> str:
        assert isinstance(database, PostgresDatabase)
        return database.url.render_as_string(hide_password=False)
