"""The server edition: its guards hold raw SQL, its writers lose nothing, and its errors say what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlmodel import select

from db import columns_postgres, triggers_postgres
from db.errors import ConflictError, InputError, NotADatabaseError, NotFoundError, ResourceError
from db.migrations import HEAD, REVISIONS
from db.postgres import PostgresDatabase
from db.schema import check_current, downgrade, info, problems, upgrade
from db.session import read_session, write_session
from db.tables import Change, Incident, Organisation, metadata
from db.tables.change import ChangeSet
from db.vocabulary import EventKind, OrganisationKind
from tests.editions import Edition, PostgresEdition
from tests.postgres import Server

Raw = psycopg.Connection


@pytest.fixture(scope="module")
def servers(edition_named: Callable[[str], Edition]) -> PostgresEdition:
    """The edition on this worker's server, whatever other tests run on."""
    found = edition_named("postgresql")
    assert isinstance(found, PostgresEdition)
    return found


@pytest.fixture
def server_database(servers: PostgresEdition) -> Iterator[PostgresDatabase]:
    """A migrated, empty database on the server."""
    made = servers.empty()
    assert isinstance(made, PostgresDatabase)
    yield made
    servers.remove(made)


@pytest.fixture
def raw(server_database: PostgresDatabase) -> Iterator[Raw]:
    """A connection that goes round the product, inside an open change set, to an incident that is recorded."""
    with write_session(server_database, who="t", why="w") as session:
        session.add(Incident(code="a", name="A", kind=EventKind.AIRSTRIKE))
    with write_session(server_database, who="t", why="another change set"):
        pass
    with psycopg.connect(psycopg_url(server_database)) as connection:
        connection.execute("INSERT INTO open_change_set VALUES (1, 1)")
        yield connection
        connection.rollback()


def psycopg_url(database: PostgresDatabase) -> str:
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False)


def test_a_server_database_is_made_by_the_migrations_and_is_whole(server_database: PostgresDatabase) -> None:
    assert server_database.state().revision == HEAD
    assert problems(server_database) == []
    assert upgrade(server_database) == (HEAD, HEAD)
    found = info(server_database)
    assert found.program.startswith("PostgreSQL ")
    assert "PostGIS" in found.program
    assert set(found.counts) == set(metadata.tables)
    assert found.size_bytes > 1_000_000
    assert any("fsync=off" in warning for warning in found.warnings)  # as the tests' own server runs


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_revision_can_be_taken_back_and_put_again(servers: PostgresEdition, revision: str) -> None:
    database = servers.new()
    position = REVISIONS.index(revision)
    before = REVISIONS[position - 1] if position > 0 else "base"
    upgrade(database)
    downgrade(database, before)
    assert database.state().revision == (None if before == "base" else before)
    upgrade(database)
    assert problems(database) == []
    servers.remove(database)


REFUSED = {
    "a row is deleted": ("DELETE FROM incident", "no_delete"),
    "a table is emptied": ("TRUNCATE incident CASCADE", "no_delete"),
    "the journal is emptied": ("TRUNCATE change", "no_delete"),
    "a change set is edited": ("UPDATE change_set SET who = 'x'", "append_only"),
    "an edit keeps the version": ("UPDATE incident SET name = 'B'", "stale_version"),
    "an edit skips a version": ("UPDATE incident SET name = 'B', version = 3", "stale_version"),
    "an edit moves the row to another change set": (
        "UPDATE incident SET version = 2, change_set_id = change_set_id + 1", "stale_version"
    ),
    "a new row of another change set": (
        "INSERT INTO incident (change_set_id, code, name, kind) VALUES (2, 'b', 'B', 'airstrike')", "no_change_set"
    ),
    "a new row with a later version": (
        "INSERT INTO incident (change_set_id, code, name, kind, version) VALUES (1, 'b', 'B', 'airstrike', 2)",
        "stale_version",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("statement", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_raw_sql_is_held_to_the_rules(raw: Raw, statement: str, code: str) -> None:
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=f"^{code}: "):
        raw.execute(statement)


def test_without_who_and_why_nothing_can_be_changed(raw: Raw) -> None:
    raw.execute("DELETE FROM open_change_set")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=r"^no_change_set: "):
        raw.execute("UPDATE incident SET name = 'B', version = 2")


def test_raw_sql_is_kept_in_the_journal_as_the_file_keeps_it(raw: Raw) -> None:
    raw.execute("UPDATE incident SET name = 'B', version = 2, start_utc = '2017-03-17', end_utc = '2017-03-17', "
                "time_precision = 'day'")  # fmt: skip
    row = raw.execute("SELECT table_name, row_id, old, new FROM change").fetchone()
    assert row is not None
    assert row[:2] == ("incident", 1)
    assert '"name":"A"' in row[2]
    assert '"version":2' in row[3]
    assert '"start_utc":"2017-03-17 00:00:00.000000"' in row[3]
    assert '"withdrawn":0' in row[3]


def test_a_copy_of_rows_is_checked_like_an_insert(raw: Raw) -> None:
    copy = "COPY incident (id, change_set_id, code, name, kind) FROM STDIN"
    with (
        pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=r"^no_change_set: "),
        raw.cursor().copy(copy) as rows,
    ):
        rows.write_row((2, 2, "b", "B", "airstrike"))


def test_every_difference_of_the_guards_is_named(server_database: PostgresDatabase) -> None:
    with server_database.writer().begin() as connection:
        connection.exec_driver_sql("ALTER TABLE incident DISABLE TRIGGER atlas_incident_no_delete")
        connection.exec_driver_sql("DROP TRIGGER atlas_claim_edit ON claim")
        weaker = triggers_postgres.DEFINITION.format(name="atlas_recorded", source=" BEGIN RETURN NULL; END ")
        connection.exec_driver_sql(weaker)
    assert problems(server_database) == [
        "trigger: atlas_claim_edit is missing",
        "trigger: atlas_incident_no_delete is missing",
        "trigger: atlas_recorded was changed",
    ]


def test_texts_sort_by_their_characters_and_points_are_geometries(server_database: PostgresDatabase) -> None:
    with server_database.reader().connect() as connection:
        sorted_names = "SELECT name FROM (VALUES ('b'), ('B'), ('ä'), ('a')) AS x (name) ORDER BY name COLLATE \"C\""
        assert connection.exec_driver_sql(sorted_names).scalars().all() == ["B", "a", "b", "ä"]
        assert columns_postgres._uncollated(connection) == []
        kind = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'location'::regclass " \
               "AND attname = 'geom'"  # fmt: skip
        assert connection.exec_driver_sql(kind).scalar_one() == "geometry(Point,4326)"


def test_ids_go_on_from_the_highest_and_leave_no_gap_after_a_rollback(server_database: PostgresDatabase) -> None:
    def add(code: str) -> None:
        with write_session(server_database, who="t", why="w") as session:
            session.add(Organisation(code=code, name=code, kind=OrganisationKind.UNKNOWN))
            if code == "broken":
                session.flush()
                raise ZeroDivisionError

    add("a")
    with pytest.raises(ZeroDivisionError):
        add("broken")
    add("b")
    with write_session(server_database, who="t", why="w") as session:
        rows = [Organisation(code=code, name=code, kind=OrganisationKind.UNKNOWN) for code in ("c", "d", "e")]
        session.add_all(rows)
    with read_session(server_database) as session:
        assert session.exec(select(Organisation.id).order_by(Organisation.code)).all() == [1, 2, 3, 4, 5]
        assert session.exec(select(ChangeSet.id)).all() == [1, 2, 3]


def edit(database: PostgresDatabase, times: int, failures: list[Exception]) -> None:
    """Add one to the number in the incident's note, ``times`` times: read, then write."""
    try:
        for _ in range(times):
            with write_session(database, who="t", why="one more") as session:
                row = session.exec(select(Incident)).one()
                row.note = str(int(row.note or "0") + 1)
    except Exception as error:  # noqa: BLE001 - whatever a thread meets is asserted on
        failures.append(error)


def test_f05_eight_editors_of_one_record_lose_nothing(server_database: PostgresDatabase) -> None:
    """PostgreSQL's default loses 1,724 of 2,000 such edits; here each of the eight makes 12."""
    with write_session(server_database, who="t", why="w") as session:
        session.add(Incident(code="a", name="A", kind=EventKind.AIRSTRIKE))
    failures: list[Exception] = []
    threads = [threading.Thread(target=edit, args=(server_database, 12, failures)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with read_session(server_database) as session:
        row = session.exec(select(Incident)).one()
        assert (row.note, row.version) == ("96", 97)
        assert session.scalar(sa.select(sa.func.count()).select_from(Change)) == 96


def test_an_edit_past_the_product_that_was_prepared_on_an_older_version_is_refused(raw: Raw) -> None:
    """What read-modify-write loses without the writer's lock, the version check refuses."""
    stale = raw.execute("SELECT version FROM incident").fetchone()
    assert stale is not None
    raw.execute("UPDATE incident SET name = 'first', version = version + 1")
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match=r"^stale_version: "):
        raw.execute("UPDATE incident SET name = 'second', version = %s", (stale[0] + 1,))


def test_a_reader_sees_one_state_and_is_never_blocked(server_database: PostgresDatabase) -> None:
    with read_session(server_database) as reader:
        assert reader.exec(select(Organisation.code)).all() == []
        with write_session(server_database, who="t", why="w") as session:
            session.add(Organisation(code="a", name="A", kind=OrganisationKind.UNKNOWN))
        assert reader.exec(select(Organisation.code)).all() == []
    with read_session(server_database) as reader:
        assert reader.exec(select(Organisation.code)).all() == ["a"]


def test_a_writer_that_never_ends_gives_locked_within_the_busy_timeout(server_database: PostgresDatabase) -> None:
    quick = PostgresDatabase(server_database.url, busy_timeout_s=0.2)
    with (
        pytest.raises(ResourceError, match="locked") as caught,
        write_session(server_database, who="t", why="w"),
        write_session(quick, who="t", why="w"),
    ):
        pytest.fail("two sessions wrote at once")
    assert caught.value.code == "locked"
    assert "INCIDENTS_BUSY_TIMEOUT_S" in str(caught.value)


def test_spatial_queries_are_planned_for_their_values(server_database: PostgresDatabase) -> None:
    with server_database.reader().connect() as connection:
        found = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in ("plan_cache_mode", "jit")}
        found["zone"] = connection.exec_driver_sql("SHOW timezone").scalar_one()
    assert found == {"plan_cache_mode": "force_custom_plan", "jit": "off", "zone": "UTC"}


class TestErrors:
    def test_a_database_that_is_not_there_is_named_with_the_command_that_makes_it(self, server: Server) -> None:
        database = server.database("nowhere")
        with pytest.raises(NotFoundError, match="incidents db upgrade"):
            check_current(database)
        with pytest.raises(ResourceError, match="createdb") as caught:
            upgrade(database)
        assert caught.value.code == "no_server_database"

    def test_a_server_that_does_not_answer_is_named_without_its_password(self) -> None:
        url = make_url("postgresql+psycopg://u:secret@/x?host=/nonexistent")
        with pytest.raises(ResourceError, match="cannot_connect") as caught:
            check_current(PostgresDatabase(url))
        assert "secret" not in str(caught.value)

    def test_a_database_of_another_program_is_left_untouched(self, servers: PostgresEdition) -> None:
        database = servers.new()
        assert isinstance(database, PostgresDatabase)
        with psycopg.connect(psycopg_url(database)) as connection:
            connection.execute("CREATE TABLE incident (x int)")
        with pytest.raises(NotADatabaseError, match="not_a_database"):
            upgrade(database)
        servers.remove(database)

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            (
                lambda session: session.add(Organisation(code="n\x00", name="A", kind=OrganisationKind.UNKNOWN)),
                "control",
            ),
            (lambda session: session.execute(sa.text("UPDATE incident SET id = 99999999999")), "number_too_large"),
        ],
        ids=["NUL", "beyond 32 bits"],
    )
    def test_a_value_the_server_cannot_hold_is_an_error_of_ours(
        self, server_database: PostgresDatabase, change: Callable[..., object], code: str
    ) -> None:
        with (
            pytest.raises((InputError, ConflictError), match=code),
            write_session(server_database, who="t", why="w") as session,
        ):
            session.add(Incident(code="a", name="A", kind=EventKind.AIRSTRIKE))
            session.flush()
            change(session)
