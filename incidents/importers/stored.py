"""What is recorded of an incident when a newer file comes, and which of it an import, not a person, wrote last.

A file is compared with what an import last recorded, never with what a person made of it since: where the source says
what it said before, a person's edit stands; where it changed what a person changed too, the edit stands as well.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import metadata

WINDOW = ("start_utc", "end_utc", "tz", "time_precision", "window_kind", "part_of_day", "edtf", "time_words")
"""The columns of an incident that hold its window; they change together."""

_INCIDENT, _CHANGE, _RUN = (metadata.tables[name] for name in ("incident", "change", "import_run"))

Row = Mapping[str, Any]
Columns = dict[str, Any]


def rows_of(session: Session, query: sa.Select[Any]) -> list[Row]:
    """The rows of a query as mappings."""
    return [dict(row) for row in session.execute(query).mappings()]


def import_sets(session: Session, file_format: str) -> set[int]:
    """The change sets of the imports of a format."""
    return set(session.scalars(sa.select(_RUN.c.change_set_id).where(_RUN.c.file_format == file_format)))


def origins(session: Session, incidents: Sequence[Row], imports: Collection[int]) -> dict[int, Row]:
    """Each incident as an import last wrote it: the row itself, or what the journal kept of it.

    Args:
        session: an open session.
        incidents: rows of the incident table.
        imports: the change sets of the imports.

    Returns:
        By id; an incident that no import recorded is left out.
    """
    ours = {row["id"]: row for row in incidents if row["change_set_id"] in imports}
    edited = [key for key, row in ours.items() if row["version"] > 1]
    query = sa.select(_CHANGE).where(_CHANGE.c.table_name == _INCIDENT.name, _CHANGE.c.row_id.in_(edited))
    first: dict[int, Row] = {}
    for change in rows_of(session, query.order_by(_CHANGE.c.id)) if len(edited) > 0 else ():
        if change["change_set_id"] in imports:
            first[change["row_id"]] = _row_of(change["new"])
        else:
            first.setdefault(change["row_id"], _row_of(change["old"]))
    return ours | first


def _row_of(text: str) -> Row:
    """A row of the journal with its instants as the tables give them."""
    row: dict[str, Any] = json.loads(text)
    for name in ("start_utc", "end_utc"):
        row[name] = None if row[name] is None else datetime.fromisoformat(f"{row[name]}+00:00")
    return row


def edits_of(origin: Row, incident: Row, wanted: Row, groups: Sequence[tuple[str, ...]]) -> tuple[Columns, list[str]]:
    """The columns of an incident to change, and those that a person has changed otherwise.

    Args:
        origin: the incident as an import last wrote it.
        incident: it as it stands.
        wanted: its columns by the file.
        groups: columns of which those of one group change together.
    """
    changes: Columns = {}
    kept: list[str] = []
    for group in groups:
        before, now, new = ({name: row[name] for name in group} for row in (origin, incident, wanted))
        if new in (before, now):
            continue
        if now == before:
            changes |= {name: new[name] for name in group if new[name] != now[name]}
        else:
            kept.append(group[0])
    return changes, kept


def withdrawn_by(session: Session, table: str, rows: Sequence[Row], imports: Collection[int]) -> set[int]:
    """The ids of those withdrawn rows that an import, not a person, withdrew.

    Args:
        session: an open session.
        table: name of their table.
        rows: any rows of it.
        imports: the change sets of the imports.
    """
    keys = [row["id"] for row in rows if row["withdrawn"]]
    if len(keys) == 0:
        return set()
    query = sa.select(_CHANGE).where(_CHANGE.c.table_name == table, _CHANGE.c.row_id.in_(keys))
    found: set[int] = set()
    for change in rows_of(session, query.order_by(_CHANGE.c.id)):
        if json.loads(change["new"])["withdrawn"] and not json.loads(change["old"])["withdrawn"]:
            (found.add if change["change_set_id"] in imports else found.discard)(change["row_id"])
    return found


def edit_row(session: Session, table: str, row: Row, changes: Columns) -> None:
    """Change a row; the triggers keep what it was in the journal."""
    found = metadata.tables[table]
    session.execute(sa.update(found).where(found.c.id == row["id"]).values(version=row["version"] + 1, **changes))
