"""Copies of a whole database into the other edition, and back; interrupted, and gone on with."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import db.copy
from db.copy import Copied, Start, copy
from db.engine import Database
from db.errors import AtlasError, ConflictError, InputError, StorageError
from db.exchange import rows_after
from db.inventory import TABLES
from db.schema import problems, upgrade
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.tables import metadata
from gazetteer.sources.embedded import load_embedded
from incidents.exports.formats import FileFormat, write_export
from incidents.exports.selection import Selection
from incidents.importers.ged import import_ged
from incidents.named import load_named
from incidents.query import Query, find
from tests.editions import Edition
from tests.forks import started
from tests.incidents.conftest import fill

ROOT = Path(__file__).parent.parent.parent
GED = ROOT / "tests" / "fixtures" / "ged" / "syria_few.csv"
SMALL = 20
"""Rows of a batch, so that a small ledger has many."""


class StopError(Exception):
    """The copy is interrupted here."""


@contextmanager
def unwatched(_whole: int) -> Iterator[Callable[[int], None]]:
    yield lambda _done: None


def stopping_at(rows: int) -> Any:
    """A progress bar that interrupts the copy."""

    @contextmanager
    def watch(_whole: int) -> Iterator[Callable[[int], None]]:
        def told(done: int) -> None:
            if done >= rows:
                raise StopError

        yield told

    return watch


def build_world(database: Database) -> None:
    with write_session(database, who="tester", why="the embedded gazetteer") as session:
        load_embedded(session)
    with write_session(database, who="tester", why="the named incidents") as session:
        load_named(session)
    import_ged(database, GED, who="tester")


@pytest.fixture
def world(edition: Edition) -> Database:
    """Gazetteer, named incidents and rows of UCDP; shared, only to be read."""
    return edition.prepared("copied world", build_world)


@pytest.fixture
def ledger(edition: Edition) -> Iterator[Database]:
    """An invented ledger of the test's own."""
    made = edition.copy(edition.prepared("ledger", fill))
    yield made
    edition.remove(made)


@pytest.fixture
def other(edition: Edition, edition_named: Callable[[str], Edition]) -> Edition:
    """The other edition."""
    return edition_named("sqlite" if edition.name == "postgresql" else "postgresql")


@pytest.fixture
def target(other: Edition) -> Iterator[Database]:
    """A migrated, empty database of the other edition."""
    made = other.empty()
    yield made
    other.remove(made)


@pytest.fixture
def bare(other: Edition) -> Iterator[Database]:
    """A database of the other edition, without a schema."""
    made = other.new()
    yield made
    other.remove(made)


@pytest.fixture
def back(edition: Edition) -> Iterator[Database]:
    """A database of the first edition again, without a schema."""
    made = edition.new()
    yield made
    edition.remove(made)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.copy, "BATCH", SMALL)


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, floats by their bits."""
    with database.reader().connect() as connection:
        return {
            table.name: [
                tuple(value.hex() if isinstance(value, float) else value for value in row)
                for row in rows_after(connection, table, None, 1_000_000)
            ]
            for table in TABLES
        }


def exported(database: Database, folder: Path) -> dict[str, bytes]:
    """The files that a database gives."""
    found = {}
    for kind in (FileFormat.GEOJSON, FileFormat.CSV, FileFormat.CLAIMS):
        path = folder / f"{kind.value}.out"
        with read_session(database) as session:
            write_export(kind, path, Selection(session, find(session, Query()).keys()))
        found[kind.value] = path.read_bytes()
    return found


def assert_equal(one: Database, other: Database) -> None:
    assert contents(one) == contents(other)
    assert problems(other) == []


def refused(code: str, kind: type[AtlasError], *between: Database) -> None:
    with pytest.raises(kind) as caught:
        copy(*between, unwatched)
    assert caught.value.code == code


class TestWhole:
    def test_there_and_back_again(self, world: Database, bare: Database, back: Database, tmp_path: Path) -> None:
        target = bare
        first = copy(world, target, unwatched)
        assert first.start is Start.NEW
        assert_equal(world, target)
        assert copy(target, back, unwatched) == first
        assert_equal(world, back)
        assert exported(world, tmp_path) == exported(target, tmp_path) == exported(back, tmp_path)
        assert first.inventory.counts["incident"] > 10
        assert first.inventory.counts["change"] > 0

    def test_the_copy_is_worked_on_as_any_other(self, ledger: Database, target: Database) -> None:
        copy(ledger, target, unwatched)
        for database in (ledger, target):
            with write_session(database, who="tester", why="a name") as session:
                session.execute(sa.text("UPDATE incident SET name = 'Renamed', version = version + 1 WHERE id = 1"))
        edits = {name: contents(database)["change"][-1] for name, database in (("a", ledger), ("b", target))}
        assert edits["a"] == edits["b"]

    def test_the_source_may_be_written_to_meanwhile(self, ledger: Database, target: Database, small: None) -> None:
        before = contents(ledger)

        @contextmanager
        def writing(_whole: int) -> Iterator[Callable[[int], None]]:
            with write_session(ledger, who="tester", why="a late word") as session:
                session.execute(sa.text("UPDATE incident SET name = 'Renamed', version = version + 1"))
            yield lambda _done: None

        copy(ledger, target, writing)
        assert contents(target) == before

    def test_a_row_may_refer_to_a_later_one(self, ledger: Database, target: Database, small: None) -> None:
        with write_session(ledger, who="tester", why="the part was recorded first") as session:
            session.execute(sa.text("UPDATE claim SET supersedes_id = (SELECT max(id) FROM claim), "
                                    "version = version + 1 WHERE id = 1"))  # fmt: skip
        copy(ledger, target, unwatched)
        assert_equal(ledger, target)

    @pytest.mark.sqlite
    def test_a_time_that_raw_sql_wrote_without_its_fraction(self, ledger: Database, target: Database) -> None:
        with write_session(ledger, who="tester", why="as docs/model.md shows") as session:
            session.execute(sa.text("INSERT INTO change_set (at, who, why, tool) "
                                    "VALUES (datetime('now'), 'A. Recorder', 'typing error', 'sqlite3')"))  # fmt: skip
        copy(ledger, target, unwatched)
        assert_equal(ledger, target)


class TestInterrupted:
    @pytest.mark.parametrize("rows", [1, 60])
    def test_goes_on_where_it_stopped(self, ledger: Database, target: Database, small: None, rows: int) -> None:
        with pytest.raises(StopError):
            copy(ledger, target, stopping_at(rows))
        done: list[int] = []

        @contextmanager
        def watch(_whole: int) -> Iterator[Callable[[int], None]]:
            yield done.append

        again = copy(ledger, target, watch)
        assert again.start is Start.RESUMED
        assert min(done, default=again.inventory.rows) > rows
        assert_equal(ledger, target)

    def test_nothing_else_works_on_it(self, ledger: Database, target: Database, back: Database, small: None) -> None:
        with pytest.raises(StopError):
            copy(ledger, target, stopping_at(1))
        for work in (lambda: problems(target), lambda: upgrade(target), lambda: copy(target, back, unwatched)):
            with pytest.raises(StorageError) as caught:
                work()
            assert caught.value.code == "copy_unfinished"
        with pytest.raises(StorageError), write_session(target, who="tester", why="too early"):
            pass
        assert back.state().revision is None

    @pytest.mark.parametrize("batches", [3, 12, 0])
    def test_kill_9(self, edition: Edition, ledger: Database, target: Database, url_of: Any, batches: int) -> None:
        """In the transaction of a batch; or, 0, in the one that ends the copy."""
        killed = started(copy_until_killed, url_of(ledger), url_of(target), batches)
        killed.join()
        assert killed.exitcode == -signal.SIGKILL
        killed.close()
        assert target.state().copying
        assert copy(ledger, target, unwatched).start is Start.RESUMED
        assert_equal(ledger, target)

    def test_begins_again_when_the_source_has_changed(self, ledger: Database, target: Database, small: None) -> None:
        with pytest.raises(StopError):
            copy(ledger, target, stopping_at(60))
        with write_session(ledger, who="tester", why="a name") as session:
            session.execute(sa.text("UPDATE incident SET name = 'Renamed', version = version + 1 WHERE id = 1"))
        assert copy(ledger, target, unwatched).start is Start.AGAIN
        assert_equal(ledger, target)

    def test_a_second_copy_meanwhile_ends_the_first(self, ledger: Database, target: Database, small: None) -> None:
        finished: list[Copied] = []

        @contextmanager
        def watch(_whole: int) -> Iterator[Callable[[int], None]]:
            yield lambda _done: finished.append(copy(ledger, target, unwatched))

        with pytest.raises(ConflictError) as caught:
            copy(ledger, target, watch)
        assert caught.value.code == "copied_by_another"
        assert [one.start for one in finished] == [Start.RESUMED]
        assert_equal(ledger, target)


class TestRefused:
    def test_a_target_with_rows(self, ledger: Database, world: Database, target: Database) -> None:
        copy(ledger, target, unwatched)
        before = contents(target)
        refused("target_not_empty", InputError, world, target)
        refused("target_not_empty", InputError, ledger, target)
        assert contents(target) == before

    def test_an_unfinished_copy_of_another_source(
        self, ledger: Database, world: Database, target: Database, small: None
    ) -> None:
        with pytest.raises(StopError):
            copy(ledger, target, stopping_at(1))
        refused("target_not_empty", InputError, world, target)
        assert copy(ledger, target, unwatched).start is Start.RESUMED

    def test_one_database_twice(self, ledger: Database) -> None:
        refused("same_database", InputError, ledger, ledger)

    def test_a_source_that_is_not_there(self, target: Database, tmp_path: Path) -> None:
        refused("no_database", InputError, SqliteDatabase(tmp_path / "nowhere.db"), target)
        assert not target.state().copying

    def test_a_target_of_an_older_schema(self, ledger: Database, bare: Database) -> None:
        upgrade(bare, "0002")
        refused("schema_behind", StorageError, ledger, bare)

    def test_a_copy_that_lost_a_row(self, ledger: Database, target: Database, small: None) -> None:
        with pytest.raises(StopError):
            copy(ledger, target, stopping_at(80))
        with target.filler().begin() as connection:
            connection.execute(sa.text("DELETE FROM change_set WHERE id = (SELECT max(id) FROM change_set)"))
            connection.execute(sa.delete(metadata.tables["organisation_alias"]))
        with pytest.raises(AtlasError) as caught:
            copy(ledger, target, unwatched)
        assert caught.value.code in {"copy_differs", "broken_reference", "refused_by_database"}
        assert target.state().copying

    def test_a_copy_with_another_journal(self, ledger: Database, target: Database, small: None) -> None:
        with pytest.raises(StopError):
            copy(ledger, target, stopping_at(80))
        with target.filler().begin() as connection:
            connection.execute(sa.text("UPDATE change_set SET why = 'another reason'"))
        refused("copy_differs", StorageError, ledger, target)
        refused("copy_differs", StorageError, ledger, target)
        assert target.state().copying

    @pytest.mark.sqlite
    def test_a_text_that_postgresql_cannot_store(self, ledger: Database, target: Database) -> None:
        with write_session(ledger, who="tester", why="raw SQL") as session:
            session.execute(sa.text("UPDATE report SET note = 'a' || char(0) || 'b', version = version + 1 "
                                    "WHERE id = 2"))  # fmt: skip
        with pytest.raises(InputError) as caught:
            copy(ledger, target, unwatched)
        assert caught.value.code == "control_character"
        assert caught.value.where == "table report, row 2, column note"


@pytest.fixture
def url_of(edition: Edition) -> Callable[[Database], str]:
    """The URL of a database of either edition."""

    def url(database: Database) -> str:
        if isinstance(database, SqliteDatabase):
            return f"sqlite:///{database.path}"
        return str(database.url.render_as_string(hide_password=False))  # type: ignore[attr-defined]

    return url


def kill_self(*_arguments: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def copy_until_killed(source: str, target: str, batches: int) -> None:
    """Copy in small batches; in the given one, after its rows were written and before they are committed, die."""
    from db.engine import open_database

    written = itertools.count(1)
    write = db.copy.write_rows

    def write_and_die(*arguments: Any) -> Any:
        result = write(*arguments)
        if next(written) == batches:
            kill_self()
        return result

    db.copy.BATCH = SMALL
    db.copy.write_rows = write_and_die
    if batches == 0:
        put_up = db.copy.put_up
        db.copy.put_up = lambda *arguments: kill_self(put_up(*arguments))
    copy(open_database(source), open_database(target), unwatched)
