"""The kept rows of the flat formats say what the dossiers say, and follow every change."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlmodel import Session

from db.derived import is_fresh
from db.engine import Database
from db.session import read_session, write_session
from db.tables import metadata
from incidents.derived import rebuild
from incidents.exports import arrow
from incidents.exports.arrow import TYPES, incident_batches, incident_schema
from incidents.exports.kinds import INCIDENT_TYPES
from incidents.exports.prepared import differing_prepared
from incidents.exports.selection import Selection
from incidents.exports.summaries import FLAGS, SUBJECTS
from incidents.importers.ged import import_ged
from incidents.named import load_named
from incidents.query import Match, Query, find
from incidents.records import find_incident

GED = Path(__file__).parents[2] / "fixtures" / "ged"
CONSTANT = {"rule", "as_of", "note", "public_decimals", "confirmed", "match"}
"""Columns of the flat formats that are the same in every row of a default export, or the query's."""
PACKED = {f"{subject}_{part}" for subject in SUBJECTS for part in ("low", "high", *FLAGS)}
KINDS = {
    sa.Text: pa.string(), sa.Integer: pa.int64(), sa.Float: pa.float64(), sa.DateTime: pa.timestamp("ms", tz="UTC"),
}  # fmt: skip


def table_of(wanted: Selection) -> pa.Table:
    return pa.Table.from_batches(incident_batches(wanted), incident_schema(wanted))


def both(wanted: Selection) -> tuple[pa.Table, pa.Table]:
    """The default export from the kept rows, and made anew from the dossiers."""
    assert is_fresh(wanted.session)
    ready = table_of(wanted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrow, "is_fresh", lambda _session: False)
        return ready, table_of(wanted)


def kept(session: Session) -> int:
    count: int = session.execute(sa.text("SELECT count(*) FROM summary")).scalar_one()
    return count


def test_the_columns_are_those_of_the_arrow_schema() -> None:
    columns = {
        column.name: KINDS[sa.DateTime if hasattr(column.type, "impl") else type(column.type)]
        for column in metadata.tables["summary"].columns
        if column.name not in {"incident_id", "ranges"}
    }
    wanted = {
        typed.column.name: TYPES[typed.kind] for typed in INCIDENT_TYPES if typed.column.name not in CONSTANT | PACKED
    }
    assert list(columns.items()) == list(wanted.items())


def test_kept_rows_are_those_that_dossiers_give(ledger: Database) -> None:
    for name in ("syria_few.csv", "iraq_few.csv"):
        import_ged(ledger, GED / name, who="tester")
    with write_session(ledger, who="tester", why="named incidents") as session:
        load_named(session)
    with write_session(ledger, who="tester", why="ready rows") as session:
        rebuild(session)
    with read_session(ledger) as session:
        keys = find(session, Query()).keys()
        assert kept(session) == table_of(Selection(session, keys)).num_rows
        assert len(keys) > 15
        for order in (keys, keys[::-1], keys[1::2]):
            ready, made = both(Selection(session, order))
            assert ready.equals(made, check_metadata=True)
        assert differing_prepared(session, sorted(keys)) == {"fragment": set(), "summary": set()}


def test_an_incident_without_a_row_is_read_in_full(ledger: Database) -> None:
    with write_session(ledger, who="tester", why="lost rows") as session:
        session.execute(sa.text("DELETE FROM summary WHERE incident_id IN (2, 3)"))
        assert kept(session) == 2
    with read_session(ledger) as session:
        ready, made = both(Selection(session, [4, 2, 5, 3, 1], matches={3: Match.SURELY}))
        assert ready.equals(made)
        assert ready.num_rows == 4


def test_how_each_answered_the_query_is_added(ledger: Database) -> None:
    with read_session(ledger) as session:
        ready, made = both(Selection(session, [3, 1, 2], matches={1: Match.SURELY, 3: Match.POSSIBLY}))
        assert ready.equals(made)
        assert ready["match"].to_pylist() == ["possibly", "surely", None]


def test_only_a_default_export_is_made_of_them(ledger: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "ready_rows", None)
    with read_session(ledger) as session:
        assert table_of(Selection(session, [1], areas=True)).num_rows == 1
    with write_session(ledger, who="tester", why="a write under way") as session:
        row = find_incident(session, "market")
        row.name = "A new name"
        session.flush()
        assert table_of(Selection(session, [row.key]))["name"].to_pylist() == ["A new name"]


def test_a_row_that_is_not_what_it_should_be_is_found(ledger: Database) -> None:
    def tampered(session: Session) -> set[int]:
        session.execute(sa.text("UPDATE summary SET killed_civilian_text = '7' WHERE incident_id = 2"))
        session.execute(sa.text("DELETE FROM summary WHERE incident_id = 4"))
        return differing_prepared(session, [1, 2, 3, 4, 5])["summary"]

    with write_session(ledger, who="tester", why="raw SQL") as session:
        assert tampered(session) == {2}, "one that is missing is read in full"
