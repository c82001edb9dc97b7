"""History: who recorded or changed what of an incident, from the journal and the rows' change sets."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from db.tables import (
    Attribution,
    Change,
    ChangeSet,
    Claim,
    GradingRow,
    Incident,
    IncidentCode,
    IncidentName,
    IncidentReport,
    Investigation,
    InvestigationStep,
    Judgement,
    Location,
    Statement,
    Versioned,
)

OF_INCIDENT: tuple[Any, ...] = (
    IncidentName,
    IncidentCode,
    IncidentReport,
    Location,
    Claim,
    Attribution,
    GradingRow,
    Statement,
    Investigation,
)


@dataclass
class Entry:
    """One change set as far as it touches the incident: rows added per table, and edits as old → new."""

    number: int
    at: datetime
    who: str
    why: str
    added: dict[str, int] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)

    @property
    def what(self) -> str:
        """What was done, in one phrase."""
        added = ", ".join(f"{count} {name}" for name, count in sorted(self.added.items()))
        edits = f"{len(self.changes)} edited" if len(self.changes) > 0 else ""
        return "; ".join(part for part in (f"added {added}" if added else "", edits) if part)


def history_of(session: Session, key: int) -> list[Entry]:
    """What happened to the incident ``key`` and to everything recorded of it, oldest first.

    The order is that of the change sets' numbers, so that a clock set back cannot reorder it.
    """
    rows = _rows(session, key)
    entries: dict[int, Entry] = {}
    for name, found in rows.items():
        for _, change_set in found:
            entry = _entry(session, entries, change_set)
            entry.added[name] = entry.added.get(name, 0) + 1
    for name, found in rows.items():
        for change in _edits(session, name, [row for row, _ in found]):
            _entry(session, entries, change.change_set_id).changes.append(_difference(change))
    return [entries[number] for number in sorted(entries)]


@dataclass(frozen=True)
class FieldChange:
    """A column that was edited: its value at a version that somebody saw, and now."""

    field: str
    before: Any
    now: Any

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {"field": self.field, "before": self.before, "now": self.now}


def changes_since(session: Session, row: Versioned, version: int) -> list[FieldChange]:
    """What of ``row`` differs from what it was at ``version``, by the name of the column."""
    edits = [
        (json.loads(change.old), json.loads(change.new))
        for change in _edits(session, str(row.__tablename__), [row.key])
    ]
    later = [(old, new) for old, new in edits if new["version"] > version]
    if len(later) == 0:
        return []
    before, now = later[0][0], later[-1][1]
    names = sorted(name for name in now if name != "version" and before.get(name) != now[name])
    return [FieldChange(name, before.get(name), now[name]) for name in names]


def last_change(session: Session, key: int) -> int:
    """The number of the last change set that touched the incident ``key`` or anything recorded of it.

    A form carries it, so that what was recorded while it was being filled in is noticed.
    """
    rows = _rows(session, key)
    added = [change_set for found in rows.values() for _, change_set in found]
    edited = [
        change.change_set_id
        for name, found in rows.items()
        for change in _edits(session, name, [row for row, _ in found])
    ]
    return max([*added, *edited], default=0)


def _rows(session: Session, key: int) -> dict[str, list[tuple[int, int]]]:
    """For each table, the (row id, change set id) of what belongs to the incident."""
    found = {"incident": _pairs(session, Incident, col(Incident.id) == key)}
    for table in OF_INCIDENT:
        found[table.__tablename__] = _pairs(session, table, table.incident_id == key)
    threads = [row for row, _ in found["investigation"]]
    found["investigation_step"] = _pairs(
        session, InvestigationStep, col(InvestigationStep.investigation_id).in_(threads)
    )
    found["judgement"] = _pairs(session, Judgement, (col(Judgement.low_id) == key) | (col(Judgement.high_id) == key))
    return found


def _pairs(session: Session, table: Any, condition: Any) -> list[tuple[int, int]]:
    rows = session.execute(sa.select(table.id, table.change_set_id).where(condition).order_by(table.id)).all()
    return [(row.id, row.change_set_id) for row in rows]


def _entry(session: Session, entries: dict[int, Entry], number: int) -> Entry:
    if number not in entries:
        found = session.exec(select(ChangeSet).where(ChangeSet.id == number)).one()
        entries[number] = Entry(number, found.at, found.who, found.why)
    return entries[number]


def _edits(session: Session, name: str, keys: list[int]) -> list[Change]:
    query = select(Change).where(Change.table_name == name, col(Change.row_id).in_(keys)).order_by(col(Change.id))
    return list(session.exec(query).all())


def _difference(change: Change) -> str:
    old, new = json.loads(change.old), json.loads(change.new)
    parts = [
        f"{name}: {old[name]!r} → {new[name]!r}" for name in new if old.get(name) != new[name] and name != "version"
    ]
    return f"{change.table_name} {change.row_id}, version {new['version']}: {'; '.join(parts)}"
