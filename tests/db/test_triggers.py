"""The journal, for raw SQL too: no change without who and why, nothing deleted, replaced or renumbered."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import col, select

from db.engine import Database
from db.errors import AtlasError, InputError
from db.schema import problems, upgrade
from db.session import read_session, write_session
from db.sqlite import SqliteDatabase
from db.tables import Change, Incident, Organisation, Versioned, metadata
from db.triggers import create_triggers, expected_triggers, table_classes
from db.vocabulary import LEGAL_MOVES, EventKind, InvestigationState, OrganisationKind, StepKind

pytestmark = pytest.mark.sqlite

CLASSES = {str(found.__tablename__): found for found in table_classes()}
TABLES = sorted(CLASSES)
VERSIONED = [name for name in TABLES if issubclass(CLASSES[name], Versioned)]
APPEND_ONLY = [name for name in TABLES if name not in VERSIONED]


def unique_keys(table: str) -> list[list[str]]:
    constraints = [c for c in metadata.tables[table].constraints if isinstance(c, sa.UniqueConstraint)]
    return [[column.name for column in constraint.columns] for constraint in constraints]


def contents(raw: sqlite3.Connection) -> dict[str, list[Any]]:
    names = [*TABLES, "change", "change_set"]
    return {name: raw.execute(f'SELECT * FROM "{name}" ORDER BY id').fetchall() for name in names}


def refused(raw: sqlite3.Connection, sql: str, code: str, *values: Any) -> None:
    before = contents(raw)
    with pytest.raises(sqlite3.IntegrityError, match=f"^{code}: "):
        raw.execute(sql, values)
    assert contents(raw) == before


def test_every_table_but_the_journal_and_what_is_computed_points_to_a_change_set() -> None:
    computed = {"place_unit", "touched", "spot", "search_text", "fragment", "summary"}
    assert set(metadata.tables) - set(TABLES) == {"change", "change_set", "open_change_set"} | computed
    assert (len(VERSIONED), len(APPEND_ONLY)) == (10, 16)


@pytest.mark.parametrize("table", TABLES)
class TestWithoutAnOpenChangeSet:
    @pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE", "INSERT OR FAIL"])
    def test_no_row_goes_in(
        self, raw: sqlite3.Connection, insert: Callable[..., None], new_row: Callable[..., Any], table: str, verb: str
    ) -> None:
        before = contents(raw)
        with pytest.raises(sqlite3.IntegrityError, match=r"^no_change_set: "):
            insert(raw, table, new_row(table), verb)
        assert contents(raw) == before

    def test_no_row_is_replaced(
        self, raw: sqlite3.Connection, insert: Callable[..., None], new_row: Callable[..., Any], table: str
    ) -> None:
        before = contents(raw)
        with pytest.raises(sqlite3.IntegrityError, match=r"^(no_change_set|duplicate|illegal_move): "):
            insert(raw, table, new_row(table, id=1), "REPLACE")
        assert contents(raw) == before

    def test_no_row_is_upserted(
        self, raw: sqlite3.Connection, insert: Callable[..., None], new_row: Callable[..., Any], table: str
    ) -> None:
        row = new_row(table, id=1)
        names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
        sql = f'INSERT INTO "{table}" ({names}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET change_set_id = 1'
        refused(raw, sql, "(no_change_set|duplicate|illegal_move)", *row.values())

    @pytest.mark.parametrize("verb", ["UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"])
    def test_no_row_is_edited(self, raw: sqlite3.Connection, table: str, verb: str) -> None:
        step = ", version = version + 1" if table in VERSIONED else ""
        code = "no_change_set" if table in VERSIONED else "append_only"
        refused(raw, f'{verb} "{table}" SET change_set_id = change_set_id{step} WHERE id = 1', code)

    def test_no_row_is_deleted(self, raw: sqlite3.Connection, table: str) -> None:
        refused(raw, f'DELETE FROM "{table}" WHERE id = 1', "no_delete")
        refused(raw, f'DELETE FROM "{table}"', "no_delete")


@pytest.mark.parametrize("table", TABLES)
class TestWithAnOpenChangeSet:
    def test_a_row_goes_in_and_needs_no_copy(
        self, opened: sqlite3.Connection, insert: Callable[..., None], new_row: Callable[..., Any], table: str
    ) -> None:
        before = opened.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
        insert(opened, table, new_row(table))
        assert opened.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] == before + 1
        assert opened.execute("SELECT count(*) FROM change").fetchone() == (0,)

    def test_a_row_cannot_name_another_change_set(
        self, opened: sqlite3.Connection, insert: Callable[..., None], new_row: Callable[..., Any], table: str
    ) -> None:
        with pytest.raises(sqlite3.IntegrityError, match=r"^no_change_set: "):
            insert(opened, table, new_row(table, change_set_id=2))

    @pytest.mark.parametrize("verb", ["INSERT", "REPLACE", "INSERT OR IGNORE"])
    def test_a_row_with_the_same_id_is_refused(
        self,
        opened: sqlite3.Connection,
        insert: Callable[..., None],
        new_row: Callable[..., Any],
        table: str,
        verb: str,
    ) -> None:
        with pytest.raises(sqlite3.IntegrityError, match=r"^duplicate: "):
            insert(opened, table, new_row(table, id=2), verb)

    def test_a_row_with_the_same_unique_key_is_refused(
        self, opened: sqlite3.Connection, insert: Callable[..., None], new_row: Callable[..., Any], table: str
    ) -> None:
        for key in unique_keys(table):
            names = ", ".join(key)
            same = dict(zip(key, opened.execute(f'SELECT {names} FROM "{table}" WHERE id = 1').fetchone(), strict=True))
            with pytest.raises(sqlite3.IntegrityError, match=r"^duplicate: "):
                insert(opened, table, new_row(table, **same), "REPLACE")

    def test_nothing_is_deleted(self, opened: sqlite3.Connection, table: str) -> None:
        refused(opened, f'DELETE FROM "{table}" WHERE id = 1', "no_delete")

    def test_the_id_stays(self, opened: sqlite3.Connection, table: str) -> None:
        code = "stale_version" if table in VERSIONED else "append_only"
        step = ", version = version + 1" if table in VERSIONED else ""
        for alias in ("id", "rowid", "_rowid_"):
            refused(opened, f'UPDATE "{table}" SET {alias} = 99{step} WHERE id = 2', code)

    @pytest.mark.parametrize("number", [-1, 0])
    def test_an_id_that_hides_later_rows_is_refused(
        self,
        opened: sqlite3.Connection,
        insert: Callable[..., None],
        new_row: Callable[..., Any],
        table: str,
        number: int,
    ) -> None:
        with pytest.raises(sqlite3.IntegrityError, match="id_positive"):
            insert(opened, table, new_row(table, id=number))


@pytest.mark.parametrize("table", VERSIONED)
class TestEdits:
    def test_an_edit_keeps_the_row_before_and_after(self, opened: sqlite3.Connection, table: str) -> None:
        opened.row_factory = sqlite3.Row
        before = dict(opened.execute(f'SELECT * FROM "{table}" WHERE id = 1').fetchone())
        opened.execute(f'UPDATE "{table}" SET version = version + 1 WHERE id = 1')
        change = opened.execute("SELECT * FROM change").fetchall()
        assert [tuple(row)[1:4] for row in change] == [(1, table, 1)]
        assert json.loads(change[0]["old"]) == before
        assert json.loads(change[0]["new"]) == before | {"version": 2}

    @pytest.mark.parametrize("step", ["version", "version + 2", "version - 1", "0", "'two'", "version + 1.5"])
    def test_the_version_rises_by_one(self, opened: sqlite3.Connection, table: str, step: str) -> None:
        refused(opened, f'UPDATE "{table}" SET version = {step} WHERE id = 1', "stale_version")

    def test_an_edit_that_forgets_the_version_is_refused(self, opened: sqlite3.Connection, table: str) -> None:
        for verb in ("UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"):
            refused(opened, f'{verb} "{table}" SET change_set_id = 1 WHERE id = 1', "stale_version")

    def test_who_recorded_it_stays(self, opened: sqlite3.Connection, table: str) -> None:
        refused(opened, f'UPDATE "{table}" SET change_set_id = 2, version = 2 WHERE id = 1', "stale_version")

    def test_an_edit_displaces_no_other_row(self, opened: sqlite3.Connection, table: str) -> None:
        for key in unique_keys(table):
            same = ", ".join(f'{name} = (SELECT {name} FROM "{table}" WHERE id = 1)' for name in key)
            refused(opened, f'UPDATE OR REPLACE "{table}" SET {same}, version = 2 WHERE id = 2', "duplicate")

    @pytest.mark.parametrize("version", [0, 2, None])
    def test_a_new_row_starts_at_version_one(
        self,
        opened: sqlite3.Connection,
        insert: Callable[..., None],
        new_row: Callable[..., Any],
        table: str,
        version: int | None,
    ) -> None:
        with pytest.raises(sqlite3.IntegrityError, match=r"^stale_version: a new row"):
            insert(opened, table, new_row(table, version=version))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_an_append_only_row_is_never_edited(opened: sqlite3.Connection, table: str) -> None:
    for verb in ("UPDATE", "UPDATE OR REPLACE", "UPDATE OR IGNORE"):
        refused(opened, f'{verb} "{table}" SET change_set_id = change_set_id WHERE id = 1', "append_only")


@pytest.mark.parametrize("table", ["change", "change_set"])
class TestTheJournalItself:
    @pytest.fixture
    def journal(self, opened: sqlite3.Connection) -> sqlite3.Connection:
        opened.execute("UPDATE organisation SET note = 'n', version = 2 WHERE id = 1")
        return opened

    @pytest.mark.parametrize("verb", ["UPDATE", "UPDATE OR REPLACE"])
    def test_is_never_edited(self, journal: sqlite3.Connection, table: str, verb: str) -> None:
        refused(journal, f'{verb} "{table}" SET id = id WHERE id = 1', "append_only")

    def test_is_never_deleted(self, journal: sqlite3.Connection, table: str) -> None:
        refused(journal, f'DELETE FROM "{table}"', "no_delete")

    def test_is_never_replaced(self, journal: sqlite3.Connection, table: str) -> None:
        refused(journal, f'REPLACE INTO "{table}" SELECT * FROM "{table}" WHERE id = 1', "duplicate")


def test_a_forged_journal_row_needs_the_change_set_under_way(raw: sqlite3.Connection) -> None:
    sql = "INSERT INTO change (change_set_id, table_name, row_id, old, new) VALUES (2, 'incident', 1, '{}', '{}')"
    refused(raw, sql, "no_change_set")
    raw.execute("BEGIN")
    raw.execute("INSERT INTO open_change_set VALUES (1, 1)")
    refused(raw, sql, "no_change_set")


def test_the_journal_row_cannot_be_lost_by_a_lenient_statement(opened: sqlite3.Connection) -> None:
    opened.execute("UPDATE OR IGNORE organisation SET note = 'n', version = 2 WHERE id = 1")
    assert opened.execute("SELECT count(*) FROM change").fetchone() == (1,)


def test_one_change_set_is_open_at_a_time(opened: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="singleton"):
        opened.execute("INSERT INTO open_change_set VALUES (2, 2)")


def test_an_edit_through_a_session_is_kept_with_who_and_why(database: Database) -> None:
    with write_session(database, who="first", why="recorded") as session:
        session.add(Organisation(code="a", name="Before", kind=OrganisationKind.UN_BODY))
    with write_session(database, who="second", why="renamed") as session:
        row = session.get_one(Organisation, 1)
        row.name = "الجنة"
    with read_session(database) as session:
        change = session.get_one(Change, 1)
        old, new = json.loads(change.old), json.loads(change.new)
        assert (old["name"], old["version"]) == ("Before", 1)
        assert (new["name"], new["version"]) == ("الجنة", 2)
        assert old["change_set_id"] == new["change_set_id"] == 1
        assert change.change_set_id == 2


# Each pair of a state before and a state after, under each kind of step: 7 x 7 x 7 moves.
@pytest.mark.parametrize("kind", list(StepKind))
def test_moves_are_legal_by_the_table_for_raw_sql_too(
    opened: sqlite3.Connection, insert: Callable[..., None], new_row: Callable[..., Any], kind: StepKind
) -> None:
    paths = {
        InvestigationState.NOT_ASSESSED: [],
        InvestigationState.REPORTED: [("received", "reported")],
        InvestigationState.OPEN: [("opened", "open")],
        **{
            state: [("opened", "open"), ("concluded", state.value)]
            for state in InvestigationState
            if state.value not in {"not_assessed", "reported", "open"}
        },
    }
    for before, steps in paths.items():
        for after in InvestigationState:
            opened.execute("SAVEPOINT one")
            insert(opened, "investigation", new_row("investigation", id=50))
            for number, (step, state) in enumerate(steps):
                opened_row = new_row("investigation_step", id=100 + number, investigation_id=50, kind=step, state=state)
                insert(opened, "investigation_step", opened_row)
            corrects = 100 if kind is StepKind.CORRECTED and len(steps) > 0 else None
            row = new_row("investigation_step", investigation_id=50, kind=kind, state=after, corrects_id=corrects)
            sources, targets = LEGAL_MOVES[kind]
            if before in sources and after in targets and (kind is not StepKind.CORRECTED or corrects is not None):
                insert(opened, "investigation_step", row)
            else:
                with pytest.raises(sqlite3.IntegrityError, match=r"illegal_move|correction_names_step"):
                    insert(opened, "investigation_step", row)
            opened.execute("ROLLBACK TO one")


def test_a_late_step_must_leave_the_next_one_legal(
    opened: sqlite3.Connection, insert: Callable[..., None], new_row: Callable[..., Any]
) -> None:
    def step(kind: str, state: str, month: int) -> Any:
        at = f"2018-{month:02}-01 00:00:00.000000"
        return new_row("investigation_step", kind=kind, state=state, taken_start=at, taken_end=at)

    insert(opened, "investigation_step", step("concluded", "non_credible", 6))
    with pytest.raises(sqlite3.IntegrityError, match=r"^illegal_move: "):  # June concludes what May would have
        insert(opened, "investigation_step", step("concluded", "credible", 5))
    insert(opened, "investigation_step", step("reopened", "open", 7))
    with pytest.raises(sqlite3.IntegrityError, match=r"^illegal_move: "):  # a thread is received once
        insert(opened, "investigation_step", step("received", "reported", 8))


def test_a_correction_names_a_step_of_its_own_thread(
    opened: sqlite3.Connection, insert: Callable[..., None], new_row: Callable[..., Any]
) -> None:
    row = new_row("investigation_step", investigation_id=2, kind="corrected", state="open", corrects_id=1)
    with pytest.raises(sqlite3.IntegrityError, match=r"^illegal_move: "):
        insert(opened, "investigation_step", row)
    insert(opened, "investigation_step", row | {"investigation_id": 1})


def test_triggers_are_refused_on_a_database_they_are_not_written_for() -> None:
    class Elsewhere:
        dialect = type("Dialect", (), {"name": "mysql"})

    with pytest.raises(InputError, match="unsupported_database"):
        create_triggers(cast(sa.Connection, Elsewhere()))


def test_every_trigger_is_installed_as_written(database: Database) -> None:
    assert len(expected_triggers()) > 100
    assert problems(database) == []


class Edits(RuleBasedStateMachine):
    """Random edits, good and bad: the version is one more than the edits that the journal holds."""

    path: Path

    @initialize()
    def start(self) -> None:
        self.path.unlink(missing_ok=True)
        self.database = SqliteDatabase(self.path)
        upgrade(self.database)
        with write_session(self.database, who="h", why="start") as session:
            for number in range(3):
                session.add(Incident(code=f"i{number}", name="n", kind=EventKind.OTHER))
        self.names = {1: "n", 2: "n", 3: "n"}

    @rule(number=st.integers(1, 3), name=st.text("abc", min_size=1, max_size=3), twice=st.booleans())
    def edit(self, number: int, name: str, twice: bool) -> None:
        with write_session(self.database, who="h", why="edit") as session:
            row = session.get_one(Incident, number)
            if twice:
                row.name = f"{name}?"
                session.flush()
            row.name = name
        self.names[number] = name

    @rule(number=st.integers(1, 3), bad=st.sampled_from(["", "x" * 501, "clash"]))
    def bad_edit(self, number: int, bad: str) -> None:
        with pytest.raises(AtlasError), write_session(self.database, who="h", why="bad") as session:
            session.get_one(Incident, 1 + number % 3).name = "lost with the rest"
            session.flush()
            row = session.get_one(Incident, number)
            if bad == "clash":
                row.code = f"i{number % 3}"
            else:
                row.name = bad

    @rule(number=st.integers(1, 3))
    def touch(self, number: int) -> None:
        with write_session(self.database, who="h", why="same value") as session:
            row = session.get_one(Incident, number)
            row.name = str(row.name)

    @invariant()
    def versions_count_the_journal(self) -> None:
        with read_session(self.database) as session:
            journal = session.exec(select(Change.row_id, Change.old, Change.new).order_by(col(Change.id))).all()
            for number, name in self.names.items():
                row = session.get_one(Incident, number)
                edits = [(json.loads(old), json.loads(new)) for row_id, old, new in journal if row_id == number]
                assert row.version == 1 + len(edits)
                assert row.name == name
                assert [new["version"] for _, new in edits] == list(range(2, 2 + len(edits)))
                assert all(edits[i][1] == edits[i + 1][0] for i in range(len(edits) - 1))


def test_random_edits_leave_one_journal_row_for_each_version(tmp_path: Path) -> None:
    machine = type("EditsHere", (Edits,), {"path": tmp_path / "incidents.db"})
    run_state_machine_as_test(machine, settings=settings(max_examples=8, stateful_step_count=10, deadline=None))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    words=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50),
)
def test_the_journal_keeps_values_as_they_were(opened: sqlite3.Connection, lon: float, lat: float, words: str) -> None:
    opened.execute("SAVEPOINT one")
    opened.execute(
        "UPDATE location SET lon = ?, lat = ?, place_words = ?, version = version + 1 WHERE id = 1", (lon, lat, words)
    )
    new = json.loads(opened.execute("SELECT new FROM change ORDER BY id DESC LIMIT 1").fetchone()[0])
    # SQLite before 3.42 prints 15 significant digits: a nanometre on the ground.
    assert (new["lon"], new["lat"]) == (pytest.approx(lon, abs=1e-12), pytest.approx(lat, abs=1e-12))
    assert new["place_words"] == words
    opened.execute("ROLLBACK TO one")
