"""What changed since a moment, of all that the accounts are made of: by the rows added and by the journal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import metadata

_PARTS = ("incident_name", "incident_report", "location", "claim", "attribution")
_CITING = ("incident_report", "location", "claim")
_T = metadata.tables


@dataclass(frozen=True)
class Moment:
    """How far each table reached, by the highest id. Ids only grow: nothing is deleted, and one writes at a time."""

    reached: dict[str, int]

    @classmethod
    def of(cls, session: Session) -> Moment:
        """As ``session`` sees it."""
        names = ("incident", *_PARTS, "change")
        query = sa.select(*(sa.select(sa.func.max(_T[name].c.id)).scalar_subquery() for name in names))
        return cls(dict(zip(names, (most or 0 for most in session.execute(query).one()), strict=True)))

    def before(self, other: Moment) -> bool:
        """Whether less had been written than at the ``other``."""
        return any(most < other.reached[name] for name, most in self.reached.items())

    def edits_since(self, other: Moment) -> int:
        """How many rows were edited since the ``other``."""
        return self.reached["change"] - other.reached["change"]


def changed_incidents(session: Session, since: Moment) -> set[int]:
    """The ids of the incidents of which something was added or edited, or whose reports or actors were edited."""
    change = _T["change"]
    edited: dict[str, list[int]] = defaultdict(list)
    query = sa.select(change.c.table_name, change.c.row_id).where(change.c.id > since.reached["change"]).distinct()
    for name, row in session.execute(query):
        edited[name].append(row)
    incident, attribution, report = _T["incident"], _T["attribution"], _T["report"]
    found = {*edited["incident"]} | _ids(session, incident.c.id, incident.c.id > since.reached["incident"])
    for name in _PARTS:
        part = _T[name]
        for new_or_edited in (part.c.id > since.reached[name], part.c.id.in_(edited[name])):
            found |= _ids(session, part.c.incident_id, new_or_edited)
    if len(edited["organisation"]) + len(edited["report"]) == 0:
        return found
    found |= _ids(session, attribution.c.incident_id, attribution.c.organisation_id.in_(edited["organisation"]))
    theirs = report.c.id.in_(edited["report"]) | report.c.publisher_id.in_(edited["organisation"])
    for name in _CITING:
        found |= _ids(session, _T[name].c.incident_id, _T[name].c.report_id.in_(sa.select(report.c.id).where(theirs)))
    return found


def _ids(session: Session, column: Any, condition: Any) -> set[int]:
    # Not distinct: SQLite would walk through a whole index to have them in order.
    return set(session.execute(sa.select(column).where(condition)).scalars())
