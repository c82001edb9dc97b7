"""The ledger with a table of what is in it, and DuckDB as a reader of what leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from db.engine import Database
from db.session import read_session, write_session
from incidents.exports.arrow import incident_batches, incident_schema
from incidents.exports.selection import Selection
from incidents.query import Query, find
from incidents.records import IncidentInput, add_incident
from tests.conftest import missing

Options = dict[str, Any]
Reading = Callable[..., Any]


@pytest.fixture
def wanted(ledger: Database) -> Iterator[Callable[..., Selection]]:
    """Makes a selection of all incidents of the ledger and of one in another country and year."""
    with write_session(ledger, who="tester", why="another country") as session:
        add_incident(session, IncidentInput(code="elsewhere", name="Elsewhere", country="IQ", start="2016-05-01"))
    with read_session(ledger) as session:
        keys = find(session, Query()).keys()
        yield lambda **options: Selection(session, keys, **options)


@pytest.fixture
def expected(wanted: Callable[..., Selection]) -> Callable[..., list[dict[str, Any]]]:
    """The rows that a flat file must hold, in order."""

    def _expected(**options: Any) -> list[dict[str, Any]]:
        chosen = wanted(**options)
        rows: list[dict[str, Any]] = pa.Table.from_batches(
            incident_batches(chosen), incident_schema(chosen)
        ).to_pylist()
        return rows

    return _expected


@pytest.fixture
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with its spatial extension, which is loaded from the package that brings it: no network."""
    try:
        import duckdb_extension_spatial
    except ModuleNotFoundError:
        missing("no DuckDB extension spatial")
    extension = next(Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension"))
    with duckdb.connect() as connection:
        connection.execute(f"LOAD '{extension}'")
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
