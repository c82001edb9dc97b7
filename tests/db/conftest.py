"""What the storage tests share: a valid row of every table, and raw connections that go round the product."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from db.engine import Database

Row = dict[str, Any]
NOON = "2017-03-17 12:00:00.000000"
DIGEST = "a" * 64

FIRST: dict[str, Row] = {
    "organisation": {"code": "monitor", "name": "A monitor", "kind": "casualty_monitor"},
    "organisation_alias": {"organisation_id": 1, "name": "Monitor", "folded": "monitor"},
    "organisation_membership": {"member_id": 1, "group_id": 2, "kind": "member"},
    "report": {
        "code": "report-1",
        "publisher_id": 1,
        "title": "A report",
        "may_export": 1,
        "visibility": "public",
    },
    "incident": {
        "code": "incident-1",
        "name": "An incident",
        "kind": "airstrike",
        "civilian_harm_reported": "unknown",
        "visibility": "public",
        "withdrawn": 0,
    },
    "incident_code": {"incident_id": 1, "scheme": "airwars", "code": "X1", "former": 0},
    "incident_name": {"incident_id": 1, "name": "A name", "folded": "a name", "script": "Latn"},
    "incident_report": {"incident_id": 1, "report_id": 1},
    "statement": {
        "incident_id": 1,
        "organisation_id": 1,
        "report_id": 1,
        "words": "It was said.",
        "uncertain_target": 0,
    },
    "area": {"sha256": DIGEST, "wkb": b"\x01", "west": 36.0, "south": 35.0, "east": 37.0, "north": 36.0},
    "location": {
        "incident_id": 1,
        "source_id": 1,
        "report_id": 1,
        "lon": 36.8,
        "lat": 36.1,
        "radius_m": 100.0,
        "precision": "within_100m",
        "method": "geolocated",
        "is_primary": 0,
        "geoprivacy": "exact",
        "west": 36.7,
        "south": 36.0,
        "east": 36.9,
        "north": 36.2,
        "withdrawn": 0,
    },
    "claim": {
        "code": "claim-1",
        "incident_id": 1,
        "source_id": 1,
        "report_id": 1,
        "outcome": "killed",
        "category": "civilian",
        "bound": "between",
        "minimum": 3,
        "maximum": 9,
        "scope": "incident",
        "withdrawn": 0,
    },
    "claim_incident": {"claim_id": 1, "incident_id": 1},
    "attribution": {
        "incident_id": 1,
        "organisation_id": 1,
        "role": "perpetrator",
        "strength": "likely",
        "by_id": 1,
        "report_id": 1,
        "withdrawn": 0,
    },
    "grading": {"incident_id": 1, "grading": "fair", "by_id": 1, "why": "Two sources."},
    "investigation": {"incident_id": 1, "authority_id": 1, "process": "court"},
    "investigation_step": {
        "investigation_id": 1,
        "kind": "received",
        "state": "reported",
        "taken": "2017-03-17",
        "taken_start": NOON,
        "taken_end": NOON,
        "reason": "none_given",
        "why": "A letter came.",
    },
    "judgement": {"low_id": 1, "high_id": 2, "verdict": "same", "evidence": "One crater."},
    "judgement_report": {"judgement_id": 1, "report_id": 1},
    "place": {"source": "list", "source_key": "1", "name": "A place", "kind": "settlement", "lon": 36.8, "lat": 36.1},
    "place_name": {"place_id": 1, "name": "A place", "folded": "a place"},
    "service_answer": {
        "service": "nominatim",
        "query": "Aleppo",
        "asked_at": NOON,
        "licence": "ODbL",
        "answer": "[]",
    },
    "import_run": {
        "file_format": "csv",
        "file_name": "a.csv",
        "sha256": DIGEST,
        "started_at": NOON,
        "rows_read": 0,
        "rows_added": 0,
        "rows_unchanged": 0,
        "rows_superseded": 0,
        "rows_flagged": 0,
        "rows_rejected": 0,
    },
    "access_token": {"name": "a reader", "sha256": DIGEST, "role": "viewer", "sees": "public", "revoked": 0},
    "kept_answer": {"who": "tester", "idempotency_key": "k", "sha256": DIGEST, "status": 201, "body": "{}"},
    "import_row": {"import_run_id": 1, "line": 2, "verdict": "rejected", "reason": "bad", "message": "m", "raw": "r"},
}
"""A valid row of each table that points to a change set, in the order that foreign keys allow."""

OTHER: dict[str, Row] = {
    "organisation": {"code": "authority"},
    "organisation_alias": {"folded": "other"},
    "organisation_membership": {"member_id": 2, "group_id": 1},
    "report": {"code": "report-2"},
    "incident": {"code": "incident-2"},
    "incident_code": {"code": "X2"},
    "incident_name": {"name": "Another name"},
    "incident_report": {"incident_id": 2},
    "area": {"sha256": "b" * 64},
    "claim": {"code": "claim-2"},
    "claim_incident": {"incident_id": 2},
    "investigation": {"process": "un_commission"},
    "investigation_step": {"kind": "opened", "state": "open"},
    "judgement_report": {"report_id": 2},
    "place": {"source_key": "2"},
    "place_name": {"name": "Another place"},
    "service_answer": {"query": "Idlib"},
    "access_token": {"name": "another reader", "sha256": "b" * 64},
    "kept_answer": {"idempotency_key": "l"},
}
"""What a second row of the table must have of its own."""


def insert_row(raw: sqlite3.Connection, table: str, row: Row, verb: str = "INSERT") -> None:
    """Write ``row`` with plain SQL."""
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    raw.execute(f'{verb} INTO "{table}" ({names}) VALUES ({marks})', tuple(row.values()))


def valid_row(table: str, **changed: Any) -> Row:
    """A third row of ``table`` that differs from both others only where it must."""
    second = FIRST[table] | OTHER.get(table, {})
    third = {
        "code": "third", "folded": "third", "sha256": "c" * 64, "source_key": "third", "name": "third",
        "query": "third",
    }  # fmt: skip
    unique = {name: value for name, value in third.items() if name in OTHER.get(table, {})}
    pairs: dict[str, Row] = {
        "organisation_membership": {"member_id": 3, "group_id": 1},
        "incident_report": {"incident_id": 3},
        "claim_incident": {"incident_id": 3},
        "investigation": {"process": "ngo_investigation"},
        "investigation_step": {"kind": "concluded", "state": "credible"},
        "judgement_report": {"report_id": 3},
        "kept_answer": {"idempotency_key": "third"},
    }
    return {"change_set_id": 1} | second | unique | pairs.get(table, {}) | changed


@pytest.fixture
def new_row() -> Callable[..., Row]:
    """See :func:`valid_row`."""
    return valid_row


@pytest.fixture
def insert() -> Callable[..., None]:
    """See :func:`insert_row`."""
    return insert_row


@pytest.fixture
def raw(database: Database) -> Iterator[sqlite3.Connection]:
    """A connection that knows nothing of the product, on a database with two rows in every table."""
    with closing(sqlite3.connect(database.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO change_set VALUES (1, ?, 'tester', 'rows to start with', '')", (NOON,))
        connection.execute("INSERT INTO change_set VALUES (2, ?, 'tester', 'not under way', '')", (NOON,))
        connection.execute("INSERT INTO open_change_set VALUES (1, 1)")
        for number in (1, 2):
            for table in ("organisation", "report", "incident"):
                other = OTHER[table] if number == 2 else {}
                insert_row(connection, table, {"id": number, "change_set_id": 1} | FIRST[table] | other)
        for table in ("organisation", "report", "incident"):
            insert_row(connection, table, {"id": 3, "change_set_id": 1} | FIRST[table] | {"code": f"{table}-0"})
        for table, row in FIRST.items():
            if table not in {"organisation", "report", "incident"}:
                insert_row(connection, table, {"id": 1, "change_set_id": 1} | row)
                insert_row(connection, table, {"id": 2, "change_set_id": 1} | row | OTHER.get(table, {}))
        connection.execute("DELETE FROM open_change_set")
        connection.execute("COMMIT")
        yield connection
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@pytest.fixture
def opened(raw: sqlite3.Connection) -> sqlite3.Connection:
    """:func:`raw` in a transaction whose change set says who and why."""
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("INSERT INTO open_change_set VALUES (1, 1)")
    return raw
