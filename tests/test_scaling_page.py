"""The derived tables in hash partitions on two more servers, by the commands of docs/scaling.md: the same answers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlmodel import Session

from db.engine import Database
from db.postgres import LOCK_KEY, PostgresDatabase
from db.schema import problems, upgrade
from db.session import read_session, write_session
from db.tables import metadata
from incidents.derived import refresh
from incidents.exports.geojson import write_geojson
from incidents.importers.ged import import_ged
from incidents.query import Disc, Query, find, page
from incidents.records import IncidentInput, add_incident, find_incident
from incidents.tiers import Tier
from tests.conftest import ROOT, missing
from tests.incidents.conftest import fill
from tests.incidents.factories import point
from tests.postgres import Server, programs, running_server

# Three servers for the module, so all of it on one worker.
pytestmark = pytest.mark.xdist_group("partitions")

PAGE = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8")
RECIPE = (ROOT / "scripts" / "partition.sql").read_text(encoding="utf-8")
NAME = "incidents"
HOSTS = ("shard0.example.org", "shard1.example.org")
WHOLE, SPREAD = "whole", "spread"
AREAS = (None, Disc(37.0, 36.0, 200_000), Disc(38.11, 35.33, 500), Disc(44.0, 34.0, 900_000))


def commands() -> list[str]:
    """The SQL that docs/scaling.md says to run: servers, the move, and the way back."""
    return re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def shards() -> Iterator[tuple[Server, Server]]:
    """Two servers with an empty database of this product; the second is a copy of the first, made its own."""
    if programs() is None:
        missing("PostgreSQL with PostGIS is not installed")
    with running_server() as first:
        first.execute(f"CREATE DATABASE {NAME} TEMPLATE template0")
        upgrade(first.database(NAME))
        with first.replica("copy") as second:
            second.promote()
            yield first, second


@pytest.fixture(scope="module")
def servers(server: Server, shards: tuple[Server, Server]) -> Iterator[Server]:
    """The server of the ledger, with it twice: whole, and spread over the shards."""
    server.execute(f"CREATE DATABASE {WHOLE} TEMPLATE template0")
    upgrade(server.database(WHOLE))
    record(server.database(WHOLE))
    server.execute(f"CREATE DATABASE {SPREAD} TEMPLATE {WHOLE}")
    create, move, _ = commands()
    for host, shard in zip(HOSTS, shards, strict=True):
        create = create.replace(host, str(shard.folder))
    with connected(server, SPREAD) as raw:
        for part in (create, RECIPE, move):
            raw.execute(part)
    yield server
    for name in (WHOLE, SPREAD):
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def record(database: Database) -> None:
    """The invented ledger and the few UCDP events, with their derived rows."""
    fill(database)
    for name in ("syria_few.csv", "iraq_few.csv"):
        import_ged(database, ROOT / "tests" / "fixtures" / "ged" / name, who="tester")
    with write_session(database, who="tester", why="derived rows") as session:
        refresh(session, None)


@contextmanager
def connected(server: Server, name: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(host=str(server.folder), user="postgres", dbname=name, autocommit=True) as connection:
        yield connection


@pytest.fixture
def whole(servers: Server) -> PostgresDatabase:
    """The database on one server."""
    return servers.database(WHOLE)


@pytest.fixture
def spread(servers: Server) -> PostgresDatabase:
    """The database whose derived tables are on the shards."""
    return servers.database(SPREAD)


def answers(database: Database) -> list[object]:
    """What is found everywhere, in areas and in pages for each tier, the default export, and the derived rows."""
    said: list[object] = []
    with read_session(database) as session:
        for tier in Tier:
            for area in AREAS:
                found = find(session, Query(area=area, tier=tier))
                said += [found.hits, found.unlocated, found.untimed]
                said.append(list(pages(session, Query(area=area, tier=tier))))
        stream = io.BytesIO()
        write_geojson(session, find(session, Query()).keys(unlocated=True), stream)
        said.append(stream.getvalue())
        for name in derived():
            table = metadata.tables[name]
            said.append(sorted(tuple(map(repr, row)) for row in session.execute(sa.select(table))))
    return said


def pages(session: Session, query: Query) -> Iterator[Any]:
    part = page(session, query, 3)
    yield part
    while part.next is not None:
        part = page(session, query, 3, part.next)
        yield part


def derived() -> list[str]:
    """The tables that are moved: all of the derived ones but the list of those that are out of date."""
    return [table.name for table in metadata.sorted_tables if "incident_id" in table.c and not table.foreign_keys
            and table.name != "touched"]  # fmt: skip


def test_the_answers_are_those_of_one_server(whole: PostgresDatabase, spread: PostgresDatabase) -> None:
    assert answers(spread) == answers(whole)
    assert problems(spread) == []


def test_every_shard_holds_rows_and_the_server_of_the_ledger_none(
    servers: Server, shards: tuple[Server, Server]
) -> None:
    with connected(servers, SPREAD) as raw:
        kinds = raw.execute("SELECT relname, relkind FROM pg_class WHERE relname = ANY(%s)", [derived()]).fetchall()
    assert dict(kinds) == dict.fromkeys(derived(), "p")
    for shard in shards:
        with connected(shard, NAME) as raw:
            assert raw.execute("SELECT count(*) > 0 FROM spot").fetchone() == (True,)


def test_changes_reach_the_shards_with_their_transaction(whole: PostgresDatabase, spread: PostgresDatabase) -> None:
    for database in (whole, spread):
        with write_session(database, who="tester", why="a change") as session:
            for number in range(9):
                made = add_incident(session, IncidentInput(code=f"new-{number}", name="New", start="2017-03"))
                point(session, made, 37.0 + number / 100, 36.0)
        with pytest.raises(LookupError), write_session(database, who="tester", why="undone") as session:
            add_incident(session, IncidentInput(code="undone", name="Undone"))
            refresh(session, None)
            raise LookupError
    assert answers(spread) == answers(whole)


@pytest.mark.parametrize("area", AREAS[1:])
def test_what_the_product_asks_is_answered_by_the_shards(spread: PostgresDatabase, area: Disc) -> None:
    asked: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if re.search(rf"\b({'|'.join(derived())})\b", statement):
            asked.append((statement, values))

    with read_session(spread) as session:
        engine = session.get_bind()
        sa.event.listen(engine, "before_cursor_execute", keep)
        list(pages(session, Query(area=area)))
        _ = find(session, Query(area=area)).hits
        _ = find(session, Query(text="market")).hits
        sa.event.remove(engine, "before_cursor_execute", keep)
        connection = session.connection()
        plans = ["\n".join(connection.exec_driver_sql(f"EXPLAIN (VERBOSE) {one}", values).scalars())
                 for one, values in asked]  # fmt: skip
    remote = [line for plan in plans for line in plan.splitlines() if "Remote SQL" in line]
    assert len(asked) > 0
    assert len(remote) >= 2 * len(asked)
    assert [line for line in remote if "WHERE" not in line] == []


def test_totals_are_made_a_shard_at_a_time(servers: Server) -> None:
    with connected(servers, SPREAD) as raw:
        raw.execute("SET enable_partitionwise_aggregate = on")
        plan = "\n".join(row[0] for row in raw.execute("EXPLAIN SELECT count(*) FROM spot"))
        grouped = "EXPLAIN (VERBOSE) SELECT incident_id, count(*) FROM spot GROUP BY incident_id"
        pushed = "\n".join(row[0] for row in raw.execute(grouped))
    assert plan.count("Partial Aggregate") == 2
    assert pushed.count("Remote SQL: SELECT incident_id, count(*) FROM public.spot GROUP BY 1") == 2


REFUSED = {
    "a key of the whole": ("ALTER TABLE parts ADD PRIMARY KEY (id)", "cannot create unique index on partitioned table"),
    "a unique code": ("CREATE UNIQUE INDEX ON parts (id)", "cannot create unique index on partitioned table"),
    "a reference to it": ("CREATE TABLE child (part_id int REFERENCES parts (id))", "no unique constraint"),
    "a reference from it": (
        "ALTER TABLE parts ADD FOREIGN KEY (id) REFERENCES incident (id)",
        "foreign key constraints are not supported on foreign tables",
    ),
    "a trigger that sees the rows of a statement": (
        "CREATE TRIGGER seen AFTER INSERT ON parts REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT "
        "EXECUTE FUNCTION atlas_recorded(); INSERT INTO parts VALUES (1)",
        "cannot collect transition tuples from child foreign tables",
    ),
    "a trigger against TRUNCATE": (
        "CREATE TRIGGER kept BEFORE TRUNCATE ON parts_0 FOR EACH STATEMENT EXECUTE FUNCTION atlas_refuse('no')",
        "Foreign tables cannot have TRUNCATE triggers",
    ),
    "a commit in two phases": (
        "INSERT INTO parts VALUES (1); PREPARE TRANSACTION 'both'",
        "cannot PREPARE a transaction that has operated on postgres_fdw foreign tables",
    ),
}
"""What the ledger's tables need, and PostgreSQL 15 refuses in partitions on other servers."""


@pytest.mark.parametrize("what", REFUSED)
def test_postgresql_refuses_what_the_ledger_needs(servers: Server, shards: tuple[Server, Server], what: str) -> None:
    statement, said = REFUSED[what]
    assert said in PAGE
    with connected(shards[0], NAME) as raw:
        raw.execute("CREATE TABLE IF NOT EXISTS parts_0 (id int)")
    with connected(servers, SPREAD) as raw:
        raw.execute("BEGIN")
        raw.execute("CREATE TABLE parts (id int) PARTITION BY HASH (id)")
        raw.execute(
            "CREATE FOREIGN TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 1, REMAINDER 0) "
            "SERVER atlas_shard_0"
        )
        with pytest.raises(psycopg.Error, match=re.escape(said)):
            for one in statement.split("; "):
                raw.execute(one)
        raw.execute("ROLLBACK")


def test_a_ledger_is_spread_and_gathered_behind_its_writers_lock() -> None:
    assert RECIPE.count(f"pg_advisory_xact_lock({LOCK_KEY})") == 2


def test_the_recipe_knows_every_derived_table_and_its_key() -> None:
    listed = dict(re.findall(r"\('(\w+)', '([\w, ]+)'\)", RECIPE))
    keys = {name: ", ".join(column.name for column in metadata.tables[name].primary_key) for name in derived()}
    assert listed == keys


def test_gathered_the_tables_are_as_before(
    servers: Server, whole: PostgresDatabase, spread: PostgresDatabase, shards: tuple[Server, Server]
) -> None:
    before = answers(spread)
    with connected(servers, SPREAD) as raw:
        raw.execute(commands()[2])
    assert answers(spread) == before
    assert problems(spread) == []
    assert constraints(spread) == constraints(whole)
    with connected(shards[0], NAME) as raw:
        assert raw.execute("SELECT count(*) FROM spot").fetchone() == (0,)
    with write_session(spread, who="tester", why="still works") as session:
        add_incident(session, IncidentInput(code="later", name="Later"))
        assert find_incident(session, "later").name == "Later"


def constraints(database: Database) -> list[tuple[str, ...]]:
    """Names and definitions of the constraints and indexes of the derived tables."""
    with database.reader().connect() as connection:
        rows = connection.execute(
            sa.text(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text = ANY(:n) "
                "UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(:n) ORDER BY 1, 2"
            ),
            {"n": derived()},
        )
        return [tuple(row) for row in rows]
