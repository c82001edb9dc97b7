"""The state of a file, migrations that leave all or nothing, and the check that a database is whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import db.schema
import db.triggers
from db.engine import Database
from db.errors import (
    AtlasError,
    InputError,
    NotADatabaseError,
    NotFoundError,
    ResourceError,
    SchemaAheadError,
    SchemaBehindError,
)
from db.migrations import HEAD, REVISIONS
from db.schema import State, alembic_config, check_current, downgrade, info, problems, upgrade
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.sqlite_file import APPLICATION_ID, state_of
from db.tables import Organisation, metadata
from db.vocabulary import OrganisationKind

pytestmark = pytest.mark.sqlite

ROOT = Path(__file__).parents[2]
Make = Callable[[Path, Path], None]


def run(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        for statement in statements:
            raw.execute(statement)


def dump(path: Path) -> list[str]:
    """The whole content of a database, as SQL that would make it."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        schema = [str(row) for row in raw.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")]
        plain = [row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return schema + [f"{name} {row}" for name in plain for row in raw.execute(f'SELECT * FROM "{name}"')]


def folder(path: Path) -> dict[str, str]:
    """The name and the SHA-256 of each file in the folder."""
    return {found.name: hashlib.sha256(found.read_bytes()).hexdigest() for found in path.iterdir() if found.is_file()}


def of_another_program(path: Path, template: Path) -> None:
    run(path, "CREATE TABLE photos (id INTEGER PRIMARY KEY)", "INSERT INTO photos VALUES (1)")


def marked_by_another_program(path: Path, template: Path) -> None:
    run(path, "PRAGMA application_id = 0x47504B47", "PRAGMA user_version = 10300")  # an empty GeoPackage


def with_alembic_of_another_program(path: Path, template: Path) -> None:
    run(path, "CREATE TABLE alembic_version (version_num TEXT)", f"INSERT INTO alembic_version VALUES ('{HEAD}')")


def in_wal_of_another_program(path: Path, template: Path) -> None:
    run(path, "PRAGMA journal_mode=WAL", "CREATE TABLE photos (id INTEGER PRIMARY KEY)")


def cut_at(size: int) -> Make:
    def make(path: Path, template: Path) -> None:
        shutil.copy(template, path)
        os.truncate(path, size)

    return make


def with_bytes(content: bytes) -> Make:
    return lambda path, template: (path.write_bytes(content), None)[1]


def at_revision(*statements: str) -> Make:
    def make(path: Path, template: Path) -> None:
        shutil.copy(template, path)
        run(path, *statements)

    return make


FOREIGN: list[tuple[str, Make, str]] = [
    ("text", with_bytes(b"code,name\n1,2\n" * 100), "not_a_database"),
    ("one byte", with_bytes(b"S"), "not_a_database"),
    ("a JPEG", with_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(5000)), "not_a_database"),
    ("nothing but the magic", with_bytes(b"SQLite format 3\x00"), "not_a_database"),
    ("noise after the magic", with_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 40), "not_a_database"),
    ("another program's", of_another_program, "not_a_database"),
    ("another program's, in WAL", in_wal_of_another_program, "not_a_database"),
    ("another program's, empty", marked_by_another_program, "not_a_database"),
    ("another program's, by Alembic", with_alembic_of_another_program, "not_a_database"),
    ("cut in the header", cut_at(60), "not_a_database"),
    ("cut after the header", cut_at(100), "damaged_database"),
    ("cut in page 1", cut_at(3000), "damaged_database"),
    ("cut after page 1", cut_at(4096), "damaged_database"),
    ("cut later", cut_at(100_000), "damaged_database"),
]


@pytest.mark.parametrize(("make", "code"), [case[1:] for case in FOREIGN], ids=[case[0] for case in FOREIGN])
@pytest.mark.parametrize("way", ["check", "upgrade", "downgrade", "read", "write", "info", "problems"])
def test_a_foreign_or_damaged_file_is_refused_and_left_untouched(
    tmp_path: Path, template: Path, make: Make, code: str, way: str
) -> None:
    path = tmp_path / "x.db"
    make(path, template)
    before = folder(tmp_path)
    with pytest.raises(NotADatabaseError) as caught:
        use(SqliteDatabase(path), way)
    assert caught.value.code == code
    assert caught.value.exit_code == 4
    assert str(path) in str(caught.value)
    assert folder(tmp_path) == before  # no log, no shared memory, no lock file beside it either


def use(database: Database, way: str) -> None:
    if way == "read":
        with read_session(database):
            pytest.fail("the session opened")
    elif way == "write":
        with write_session(database, who="t", why="w"):
            pytest.fail("the session opened")
    elif way == "downgrade":
        downgrade(database, "base")
    else:
        steps: dict[str, Callable[[Database], object]] = {
            "check": check_current,
            "upgrade": upgrade,
            "info": info,
            "problems": problems,
        }
        steps[way](database)


OTHER_SCHEMAS: list[tuple[str, Make, type[AtlasError], str]] = [
    ("newer", at_revision("UPDATE alembic_version SET version_num = '9999'"), SchemaAheadError, "schema_ahead"),
    ("no revision", at_revision("DELETE FROM alembic_version"), SchemaBehindError, "schema_behind"),
    ("no table of revisions", at_revision("DROP TABLE alembic_version"), SchemaBehindError, "schema_behind"),
    ("an empty file", with_bytes(b""), SchemaBehindError, "schema_behind"),
    ("an empty database", at_revision(), SchemaBehindError, "schema_behind"),
]


@pytest.mark.parametrize(
    ("make", "error", "code"), [case[1:] for case in OTHER_SCHEMAS], ids=[c[0] for c in OTHER_SCHEMAS]
)
@pytest.mark.parametrize("way", ["check", "read", "write", "info", "problems"])
def test_another_schema_is_refused_and_left_untouched(
    tmp_path: Path, template: Path, make: Make, error: type[AtlasError], code: str, way: str,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    path = tmp_path / "x.db"
    make(path, template)
    if "an empty database" in request.node.name:
        path.unlink()
        run(path, "VACUUM")
    before = folder(tmp_path)
    with pytest.raises(error) as caught:
        use(SqliteDatabase(path), way)
    assert caught.value.code == code
    assert ("incidents db upgrade" in str(caught.value)) is (error is SchemaBehindError)
    assert folder(tmp_path) == before


@pytest.mark.parametrize("way", ["upgrade", "downgrade"])
def test_a_newer_schema_is_not_migrated(database: Database, tmp_path: Path, way: str) -> None:
    run(database.path, "UPDATE alembic_version SET version_num = '9999'")
    before = folder(tmp_path)
    with pytest.raises(SchemaAheadError):
        use(database, way)
    assert folder(tmp_path) == before


@pytest.mark.parametrize("way", ["check", "downgrade", "read", "write", "info", "problems"])
def test_a_missing_file_is_named_with_the_command_that_makes_it(tmp_path: Path, way: str) -> None:
    with pytest.raises(NotFoundError, match="incidents db upgrade") as caught:
        use(SqliteDatabase(tmp_path / "x.db"), way)
    assert caught.value.code == "no_database"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", ["check", "upgrade", "read", "write"])
def test_a_folder_or_a_pipe_is_no_database(tmp_path: Path, way: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(NotADatabaseError):
            use(SqliteDatabase(tmp_path / name), way)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["folder", "pipe"]


def test_a_path_through_a_file_is_a_resource_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ResourceError, match="cannot_upgrade"):
        upgrade(SqliteDatabase(tmp_path / "file" / "x.db"))


class TestUpgrade:
    def test_makes_a_whole_database(self, tmp_path: Path) -> None:
        database = SqliteDatabase(tmp_path / "a" / "b" / "incidents.db")
        assert upgrade(database) == (None, HEAD)
        assert problems(database) == []
        assert state_of(database.path) == State(exists=True, revision=HEAD)

    @pytest.mark.parametrize("size", [0, 1])
    def test_takes_an_empty_file_or_an_empty_database(self, tmp_path: Path, size: int) -> None:
        path = tmp_path / "x.db"
        path.touch()
        if size:
            run(path, "VACUUM")
        assert upgrade(SqliteDatabase(path)) == (None, HEAD)
        assert problems(SqliteDatabase(path)) == []

    def test_changes_nothing_the_second_time(self, database: Database, tmp_path: Path) -> None:
        before = folder(tmp_path)
        assert upgrade(database) == (HEAD, HEAD)
        assert folder(tmp_path) == before

    def test_an_unknown_revision_is_an_input_error(self, database: Database) -> None:
        before = dump(database.path)
        with pytest.raises(InputError) as caught:
            upgrade(database, "nonsense")
        assert caught.value.code == "unknown_revision"
        assert dump(database.path) == before

    def test_keeps_the_rows(self, database: Database) -> None:
        with write_session(database, who="t", why="w") as session:
            session.add(Organisation(code="a", name="A", kind=OrganisationKind.UNKNOWN))
        run(database.path, "DELETE FROM alembic_version")  # as if the last migration had not been noted
        before = dump(database.path)
        with pytest.raises(ResourceError, match="already exists"):
            upgrade(database)
        assert dump(database.path) == before

    def test_killed_before_the_log_is_folded_in_it_is_complete(self, tmp_path: Path) -> None:
        """The tables, and the mark of the product, are still in the log alone."""
        path = tmp_path / "x.db"
        code = (
            "import os, sys, db.schema\n"
            "from pathlib import Path\n"
            "from db.sqlite import SqliteDatabase\n"
            "plain = SqliteDatabase.migrating\n"
            "from contextlib import contextmanager\n"
            "@contextmanager\n"
            "def killed(database):\n"
            "    with plain(database) as connection:\n"
            "        yield connection\n"
            "        connection.exec_driver_sql('COMMIT')\n"
            "        os._exit(9)\n"
            "SqliteDatabase.migrating = killed\n"
            "db.schema.upgrade(SqliteDatabase(Path(sys.argv[1])))\n"
        )
        done = subprocess.run([sys.executable, "-c", code, str(path)], check=False, cwd=ROOT)
        assert done.returncode == 9
        assert int.from_bytes(path.read_bytes()[68:72], "big") != APPLICATION_ID
        assert state_of(path).revision == HEAD
        assert problems(SqliteDatabase(path)) == []


class TestRevisions:
    def test_are_those_that_alembic_finds(self, database: Database) -> None:
        with database.reader().connect() as connection:
            walk = ScriptDirectory.from_config(alembic_config(connection)).walk_revisions()
            assert [script.revision for script in walk] == list(reversed(REVISIONS))
        assert REVISIONS[-1] == HEAD

    @pytest.mark.parametrize("revision", REVISIONS)
    def test_can_be_taken_back_and_put_again(self, tmp_path: Path, revision: str) -> None:
        database = SqliteDatabase(tmp_path / "x.db")
        position = REVISIONS.index(revision)
        before = REVISIONS[position - 1] if position > 0 else "base"
        assert upgrade(database, revision) == (None, revision)
        schema = dump(database.path)
        assert downgrade(database, before) == (revision, None if before == "base" else before)
        assert upgrade(database, revision) == (None if before == "base" else before, revision)
        assert dump(database.path) == schema

    def test_down_to_base_leaves_no_table(self, database: Database) -> None:
        downgrade(database, "base")
        with closing(sqlite3.connect(database.path)) as raw:
            left = {row[0] for row in raw.execute("SELECT name FROM sqlite_master")}
        assert left <= {"alembic_version", "sqlite_autoindex_alembic_version_1"}
        with pytest.raises(SchemaBehindError):
            check_current(database)
        assert upgrade(database) == (None, HEAD)
        assert problems(database) == []

    def test_each_has_one_file_with_a_docstring(self) -> None:
        files = sorted((ROOT / "db" / "migrations" / "versions").glob("*.py"))
        assert [file.name[:4] for file in files] == list(REVISIONS)
        assert all(file.read_text().startswith('"""') for file in files)

    def test_alembic_finds_no_difference(self, database: Database) -> None:
        with database.reader().connect() as connection:
            assert db.schema._schema_differences(connection) == []

    def test_a_difference_is_found(self, database: Database) -> None:
        run(database.path, "DROP INDEX ix_claim_source_id", "ALTER TABLE place ADD COLUMN extra TEXT")
        found = problems(database)
        assert len(found) == 1
        assert "ix_claim_source_id" in found[0]
        assert "extra" in found[0]

    def test_the_database_has_every_table_of_the_code(self, database: Database) -> None:
        with database.reader().connect() as connection:
            tables = set(sa.inspect(connection).get_table_names())
            assert MigrationContext.configure(connection).get_current_revision() == HEAD
        searches = ("search_words", "search_parts")
        assert {name for name in tables if not name.startswith(searches)} == {*metadata.tables, "alembic_version"}


class TestProblems:
    def test_a_dropped_trigger_is_found(self, database: Database) -> None:
        run(database.path, "DROP TRIGGER atlas_claim_journal")
        assert problems(database) == ["trigger: atlas_claim_journal is missing"]

    def test_a_changed_trigger_is_found(self, database: Database) -> None:
        run(
            database.path,
            "DROP TRIGGER atlas_claim_no_delete",
            "CREATE TRIGGER atlas_claim_no_delete BEFORE DELETE ON claim BEGIN SELECT 1; END",
        )
        assert problems(database) == ["trigger: atlas_claim_no_delete was changed"]

    def test_a_row_without_its_parent_is_found(self, database: Database) -> None:
        run(
            database.path,
            "INSERT INTO change_set VALUES (1, '2017-01-01 00:00:00.000000', 't', 'w', '')",
            "INSERT INTO open_change_set VALUES (1, 1)",
            "INSERT INTO organisation_alias VALUES (1, 1, 77, 'A', 'a')",
            "DELETE FROM open_change_set",
        )
        assert problems(database) == ["foreign key: organisation_alias row 1 points to a missing organisation"]

    def test_a_broken_page_is_found(self, database: Database) -> None:
        with write_session(database, who="t", why="w") as session:
            for number in range(200):
                session.add(Organisation(code=f"o{number}", name="A" * 400, kind=OrganisationKind.UNKNOWN))
        with database.path.open("r+b") as file:
            file.seek(-8192, os.SEEK_END)
            file.write(b"\xff" * 4096)
        found = problems(database)
        assert len(found) > 0
        assert all(line.startswith("integrity: ") for line in found)


class TestAHalfFailedMigration:
    """F13: a migration that fails half-way leaves the schema as it was, and can be run again."""

    @pytest.fixture(params=["a revision", "the triggers", "an interrupt", "a full disk"])
    def failing(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
        def after_some(connection: sa.Connection, *args: str) -> None:
            connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")
            if request.param == "an interrupt":
                raise KeyboardInterrupt
            if request.param == "a full disk":
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
                connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
                connection.exec_driver_sql("INSERT INTO half VALUES (zeroblob(1000000))")
            connection.exec_driver_sql("CREATE TABLE half (id INTEGER)")

        at = "create_triggers" if request.param == "the triggers" else "_run_alembic"
        monkeypatch.setattr(db.schema, at, after_some)
        return str(request.param)

    def test_leaves_a_new_file_empty(self, tmp_path: Path, failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
        database = SqliteDatabase(tmp_path / "x.db")
        with pytest.raises(KeyboardInterrupt if failing == "an interrupt" else ResourceError) as caught:
            upgrade(database)
        if failing == "a full disk":
            assert "full" in str(caught.value)
        assert dump(database.path) == []
        monkeypatch.undo()
        assert upgrade(database) == (None, HEAD)
        assert problems(database) == []

    def test_leaves_an_old_database_as_it_was(
        self, database: Database, failing: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with write_session(database, who="t", why="w") as session:
            session.add(Organisation(code="a", name="A", kind=OrganisationKind.UNKNOWN))
        before = dump(database.path)
        with pytest.raises(KeyboardInterrupt if failing == "an interrupt" else ResourceError):
            upgrade(database, HEAD)
        assert dump(database.path) == before
        monkeypatch.undo()
        assert problems(database) == []


def test_a_migration_waits_no_longer_than_the_busy_timeout(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "x.db", busy_timeout_s=0.2)
    with SqliteDatabase(database.path).locked(), pytest.raises(ResourceError, match="locked"):
        upgrade(database)
    assert not database.path.exists()


def test_a_migration_that_would_orphan_rows_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def orphan(connection: sa.Connection, *args: str) -> None:
        connection.exec_driver_sql("INSERT INTO organisation_alias VALUES (1, 1, 77, 'A', 'a')")

    before = dump(database.path)
    monkeypatch.setattr(db.schema, "_run_alembic", orphan)
    with pytest.raises(InputError, match="broken_reference"):
        upgrade(database, HEAD)
    assert dump(database.path) == before


def test_a_file_read_while_it_grows_is_read_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without locks a checkpoint by another process makes a good file look cut for a moment."""
    good = database.path.read_bytes()
    tries = []
    look = db.sqlite_file._read_contents

    def as_if_cut(path: Path) -> object:
        tries.append(path)
        if len(tries) == 1:
            path.write_bytes(good[:50_000])
            try:
                return look(path)
            finally:
                path.write_bytes(good)
                os.utime(path, ns=(1, 1))
        return look(path)

    monkeypatch.setattr(db.sqlite_file, "_read_contents", as_if_cut)
    check_current(database)
    assert len(tries) == 2


def test_info_counts_the_rows(database: Database) -> None:
    with write_session(database, who="t", why="w") as session:
        session.add(Organisation(code="a", name="A", kind=OrganisationKind.UNKNOWN))
    found = info(database)
    assert found.counts["organisation"] == found.counts["change_set"] == 1
    assert found.counts["incident"] == found.counts["open_change_set"] == 0
    assert set(found.counts) == set(metadata.tables)
    assert (found.where, found.revision) == (str(database.path), HEAD)
    assert found.size_bytes == database.path.stat().st_size
    assert found.program == f"SQLite {sqlite3.sqlite_version}"


@pytest.mark.parametrize(("version", "warned"), [((3, 51, 2), True), ((3, 51, 3), False), ((3, 40, 1), True)])
def test_info_warns_of_the_wal_reset_bug(
    database: Database, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], warned: bool
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    assert any("WAL-reset" in line for line in info(database).warnings) is warned


def test_judgements_outlive_the_revision_that_lets_them_say_part_of(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "x.db")
    upgrade(database, "0004")
    run(
        database.path,
        "INSERT INTO change_set VALUES (1, '2017-01-01 00:00:00.000000', 't', 'w', '')",
        *(f"INSERT INTO incident (id, change_set_id, code, name, kind) VALUES ({n}, 1, 'c{n}', 'N', 'airstrike')"
          for n in (1, 2, 3)),
        "INSERT INTO judgement VALUES (7, 1, 1, 2, 'same', 'e')",
    )  # fmt: skip
    upgrade(database)
    run(
        database.path,
        "INSERT INTO change_set VALUES (2, '2017-01-02 00:00:00.000000', 't', 'w', '')",
        "INSERT INTO open_change_set VALUES (1, 2)",
        "INSERT INTO judgement VALUES (8, 2, 1, 3, 'part_of', 'e', 3)",
        "DELETE FROM open_change_set",
    )
    assert problems(database) == []
    assert said(database) == [(7, 1, 2, "same", None), (8, 1, 3, "part_of", 3)]
    downgrade(database, "0004")
    upgrade(database)
    assert said(database) == [(7, 1, 2, "same", None), (8, 1, 3, "unsure", None)]
    assert problems(database) == []


def said(database: SqliteDatabase) -> list[tuple[object, ...]]:
    """The judgements of a file."""
    with closing(sqlite3.connect(database.path)) as raw:
        return raw.execute("SELECT id, low_id, high_id, verdict, part_id FROM judgement ORDER BY id").fetchall()


@pytest.mark.parametrize(
    "values",
    [
        "1, 2, 'part_of', 'e', NULL",  # a part that is not named
        "1, 2, 'same', 'e', 1",  # a part where none is meant
        "1, 2, 'part_of', 'e', 3",  # a part that is none of the two
    ],
)
def test_the_database_holds_a_judgement_to_its_form(database: SqliteDatabase, values: str) -> None:
    with closing(sqlite3.connect(database.path, isolation_level=None)) as raw:
        raw.execute("INSERT INTO change_set VALUES (1, '2017-01-01 00:00:00.000000', 't', 'w', '')")
        raw.execute("INSERT INTO open_change_set VALUES (1, 1)")
        with pytest.raises(sqlite3.IntegrityError, match="ck_judgement_part"):
            raw.execute(f"INSERT INTO judgement VALUES (1, 1, {values})")


@pytest.mark.sqlite
def test_new_words_of_claims_come_and_go_without_the_claims_being_copied(tmp_path: Path) -> None:
    """0006 exchanges the text of two CHECKs; the table keeps its rows, and goes back only without the new words."""
    database = SqliteDatabase(tmp_path / "x.db")
    upgrade(database, "0005")
    before = dump(database.path)
    upgrade(database)
    assert problems(database) == []
    held = "CHECK (category IN ('total_people', 'civilian', 'child', 'woman', 'man', 'combatant', "
    with closing(sqlite3.connect(database.path)) as raw:
        table = raw.execute("SELECT sql FROM sqlite_schema WHERE name = 'claim'").fetchone()[0]
    assert held in table
    for words in ("'reports_duplicate', 'context'))", "'bridge', 'report', 'other'))"):
        assert words in table
    downgrade(database, "0005")
    assert dump(database.path) == before
