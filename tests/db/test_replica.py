"""A real streaming replica: reads go to it, writes never do, its lag is told, and it answers without its primary."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlmodel import Session
from typer.testing import CliRunner

from db.errors import ResourceError
from db.postgres import PostgresDatabase
from db.replica import LOG_BYTES, Lag
from db.schema import info, upgrade
from db.session import read_session, write_session
from db.settings import settings
from incidents.cli.main import app
from incidents.records import IncidentInput, add_incident, find_incident
from tests.conftest import missing
from tests.postgres import Server, programs, running_server

# One pair of servers for the module, so all of it on one worker; the last test stops the primary.
pytestmark = pytest.mark.xdist_group("replica")

Pair = tuple[Server, Server]
NAME = "ledger"


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A primary that holds one incident, and its replica."""
    if programs() is None:
        missing("PostgreSQL with PostGIS is not installed")
    with running_server(synchronous_commit="on") as primary:
        primary.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
        upgrade(primary.database(NAME))
        add(primary.database(NAME), "first")
        with primary.replica("reads") as replica:
            yield primary, replica


@pytest.fixture
def both(pair: Pair) -> PostgresDatabase:
    """The database as a command sees it that has both URLs; the replica has repeated everything."""
    primary, replica = pair
    database = replace(primary.database(NAME), read_url=replica.url(NAME))
    wait(replica, primary)
    return database


def add(database: PostgresDatabase, code: str) -> None:
    """Record an incident; a change set of its own."""
    with write_session(database, who="tester", why=f"adds {code}") as session:
        add_incident(session, IncidentInput(code=code, name=code))


def ask(server: Server, question: str) -> Any:
    """The one value that a superuser's statement gives."""
    with psycopg.connect(host=str(server.folder), user="postgres", dbname=NAME, autocommit=True) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[call-overload]
    return None if row is None else row[0]


def wait(replica: Server, primary: Server) -> None:
    """Return when the replica has repeated all that is in the primary's log."""
    position = ask(primary, "SELECT pg_current_wal_insert_lsn()")
    while not ask(replica, f"SELECT pg_last_wal_replay_lsn() >= '{position}'"):
        pass


@contextmanager
def paused(replica: Server) -> Iterator[None]:
    """The replica repeats nothing while the block runs."""
    ask(replica, "SELECT pg_wal_replay_pause()")
    while ask(replica, "SELECT pg_get_wal_replay_pause_state()") != "paused":
        pass
    try:
        yield
    finally:
        ask(replica, "SELECT pg_wal_replay_resume()")


def on_replica(session: Session) -> bool:
    return bool(session.execute(sa.text("SELECT pg_is_in_recovery()")).scalar_one())


@pytest.fixture
def run(both: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Runs a command with both URLs in its environment."""
    assert both.read_url is not None
    monkeypatch.setenv("INCIDENTS_DATABASE_URL", both.url.render_as_string(hide_password=False))
    monkeypatch.setenv("INCIDENTS_READ_URL", both.read_url.render_as_string(hide_password=False))
    settings.cache_clear()
    yield lambda *words: CliRunner().invoke(app, list(words))
    settings.cache_clear()


def test_reads_go_to_the_replica_and_writes_to_the_primary(both: PostgresDatabase) -> None:
    with read_session(both) as session:
        assert on_replica(session)
        assert find_incident(session, "first").name == "first"
    with write_session(both, who="tester", why="where am I") as session:
        assert not on_replica(session)
    with both.migrating() as connection:
        assert not connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar_one()


def test_a_replica_that_keeps_up_is_not_noted(both: PostgresDatabase, run: Any) -> None:
    lag = info(both).lag
    assert lag is not None
    assert (lag.change_sets, lag.behind) == (0, False)
    assert "up to date" in run("db", "info").stdout
    assert run("find").stderr == ""


def test_a_replica_that_is_behind_is_noted_with_the_number_of_change_sets(
    pair: Pair, both: PostgresDatabase, run: Any
) -> None:
    primary, replica = pair
    with paused(replica):
        for code in ("second", "third"):
            add(primary.database(NAME), code)
        found = run("find")
        lag = info(both).lag
        assert run("db", "info").stdout.splitlines()[-1] == f"{replica.database(NAME).where}: {lag}"
    assert lag is not None
    assert (lag.change_sets, lag.behind) == (2, True)
    assert found.stderr == f"note: {lag}\n"
    assert "2 change sets behind" in found.stderr
    assert "third" not in found.stdout
    wait(replica, primary)
    assert "third" in run("find").stdout


def test_one_s_own_writes_are_read_from_the_primary_until_the_replica_has_them(
    pair: Pair, both: PostgresDatabase
) -> None:
    primary, replica = pair
    with paused(replica):
        add(both, "own")
        with read_session(both) as session:
            assert not on_replica(session)
            assert find_incident(session, "own").name == "own"
            lag = both.lag(session.connection())
            assert lag is not None
            assert not lag.behind
    wait(replica, primary)
    with read_session(both) as session:
        assert on_replica(session)
        assert find_incident(session, "own").name == "own"


def test_a_replica_takes_no_writes(pair: Pair) -> None:
    database = pair[1].database(NAME)
    with pytest.raises(ResourceError) as caught:
        add(database, "lost")
    assert caught.value.code == "read_only"
    assert "replica" in caught.value.why


def test_a_query_that_the_replica_ends_says_what_to_do(pair: Pair, both: PostgresDatabase) -> None:
    primary, replica = pair
    replica.execute("ALTER SYSTEM SET max_standby_streaming_delay = 0", "SELECT pg_reload_conf()")
    with pytest.raises(ResourceError) as caught, read_session(both) as session:
        assert on_replica(session)
        primary.execute("CREATE TABLE gone AS SELECT 1 AS a", "DELETE FROM gone", "VACUUM gone", name=NAME)
        wait(replica, primary)
        on_replica(session)
    primary.execute("DROP TABLE gone", name=NAME)
    assert caught.value.code == "replica_conflict"


def test_a_database_with_other_change_sets_is_no_replica(pair: Pair, both: PostgresDatabase) -> None:
    primary, _ = pair
    primary.execute(f"CREATE DATABASE stranger TEMPLATE {NAME}")
    add(primary.database("stranger"), "else")
    stranger = replace(both, read_url=primary.url("stranger"))
    with read_session(stranger) as session, pytest.raises(ResourceError) as caught:
        stranger.lag(session.connection())
    assert caught.value.code == "not_its_replica"


def test_a_replica_that_is_down_is_named(both: PostgresDatabase, tmp_path: Path) -> None:
    away = replace(both, read_url=both.url.set(query={"host": str(tmp_path)}))
    with pytest.raises(ResourceError) as caught, read_session(away):
        pass
    assert caught.value.code == "cannot_connect"
    assert caught.value.where is not None
    assert tmp_path.name in caught.value.where


@pytest.mark.parametrize(
    ("newest", "log_bytes", "behind", "words"),
    [
        (7, 0, False, "up to date: change set 7 of 2026-11-26 08:00:00 UTC"),
        (7, LOG_BYTES - 1, False, "up to date"),  # what is on its way
        (7, LOG_BYTES, True, "lacks the end (17 MB of log) of change set 7"),
        (8, 0, True, "1 change set behind: its last is change set 7"),
        (None, None, True, "primary cannot be reached; its last is change set 7"),
    ],
)
def test_what_is_said_of_a_lag(newest: int | None, log_bytes: int | None, behind: bool, words: str) -> None:
    at = datetime(2026, 11, 26, 8, tzinfo=UTC)
    lag = Lag("replica", (7, at), None if newest is None else (newest, at), log_bytes)
    assert lag.behind is behind
    assert words in str(lag)


def test_without_its_primary_a_replica_answers_and_can_take_its_place(
    pair: Pair, both: PostgresDatabase, run: Any
) -> None:
    primary, replica = pair
    primary.stop()
    try:
        found = run("find")
        assert found.exit_code == 0
        assert "third" in found.stdout
        assert "primary cannot be reached; its last is change set" in found.stderr
        assert "primary cannot be reached" in run("db", "info").stdout
        refused = run("add", "lost", "--name", "lost", "--why", "a test")
        with pytest.raises(ResourceError) as caught:
            add(both, "lost")
        assert caught.value.code == "cannot_connect"
        assert refused.exit_code == ResourceError.exit_code
        replica.promote()
        promoted = replica.database(NAME)
        add(promoted, "after")
        with read_session(promoted) as session:
            assert find_incident(session, "third").name == "third"
            assert find_incident(session, "after").name == "after"
    finally:
        primary.start()
    diverged = replace(both, read_url=replica.url(NAME))
    with read_session(diverged) as session, pytest.raises(ResourceError) as caught:
        diverged.lag(session.connection())
    assert caught.value.code == "not_its_replica"
