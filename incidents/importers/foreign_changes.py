"""What a newer file of a source says otherwise than an earlier one, part by part.

A figure that changed is a new claim that supersedes the old one; a figure, place or attribution that the file no longer
has is withdrawn; a grading or an assessment that changed is added behind the old one. The new rows are cited from the
report that stands for the file. What a person made of a record stands: see :mod:`.stored`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import metadata
from db.vocabulary import Grading, Process, Visibility
from incidents.importers.foreign_new import PARTS, Planned, claim_code
from incidents.importers.stored import WINDOW, Columns, Row, edits_of, origins, rows_of, withdrawn_by

GROUPS = (("name",), ("kind",), ("country",), WINDOW, ("civilian_harm_reported",), ("strike_status",), ("note",))
"""The columns of an incident that an import fills in; those of one group change together."""

SAID = {
    "claim": ("bound", "minimum", "maximum", "strength"),
    "location": ("lon", "lat", "radius_m", "precision", "method", "place_words", "source_code", "is_primary"),
}
"""What of a row may change from one file to the next while it stays about the same."""

SUBJECT = {
    "claim": ("source_id", "outcome", "category", "perpetrator_id", "locator"),
    "location": ("source_id",),
    "attribution": ("organisation_id", "role", "strength", "note"),
    "statement": ("organisation_id", "words", "stated"),
}
"""What a row is about; of several about the same the first is compared with the first."""

WITHDRAWN = ("claim", "location", "attribution")
"""The tables whose rows can be withdrawn."""

Said = tuple[Any, ...]


@dataclass
class Stored:
    """What is recorded of one incident.

    Attributes:
        incident: it as it stands.
        origin: it as an import of this source last wrote it; None where none did.
        ours: by table what imports of this source recorded of it, oldest first.
        every: by table what anybody recorded.
        taken_back: by table the ids of rows that an import withdrew.
        codes: its codes as scheme, code and whether it is a former one.
        steps: by authority and process the last step that an import recorded, with the authority's code.
    """

    incident: Row
    origin: Row | None
    ours: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    every: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    taken_back: dict[str, set[int]] = field(default_factory=dict)
    codes: dict[tuple[str, str], bool] = field(default_factory=dict)
    steps: dict[tuple[int, Process], Row] = field(default_factory=dict)

    @property
    def key(self) -> int:
        """The incident's id."""
        return int(self.incident["id"])


def load_stored(session: Session, codes: Collection[str], imports: Collection[int]) -> dict[str, Stored]:
    """What is recorded of the incidents with these codes, in a fixed number of queries.

    Args:
        session: a write session.
        codes: the codes of a batch.
        imports: the change sets of the source's imports.
    """
    incident = metadata.tables["incident"]
    incidents = rows_of(session, sa.select(incident).where(incident.c.code.in_(codes)))
    if len(incidents) == 0:
        return {}
    before = origins(session, incidents, imports)
    found = {row["id"]: Stored(row, before.get(row["id"])) for row in incidents}
    for name in (*PARTS, "incident_code"):
        table = metadata.tables[name]
        rows = rows_of(session, sa.select(table).where(table.c.incident_id.in_(found)).order_by(table.c.id))
        taken_back = withdrawn_by(session, name, rows, imports) if name in WITHDRAWN else set()
        for row in rows:
            stored = found[row["incident_id"]]
            stored.every[name].append(row)
            stored.taken_back[name] = taken_back
            if row["change_set_id"] in imports:
                stored.ours[name].append(row)
    for stored in found.values():
        stored.codes = {(row["scheme"], row["code"]): row["former"] for row in stored.every["incident_code"]}
    for row in _steps(session, found):
        if row["change_set_id"] in imports:
            found[row["incident_id"]].steps[row["authority_id"], row["process"]] = row
    return {stored.incident["code"]: stored for stored in found.values()}


def _steps(session: Session, incidents: Collection[int]) -> list[Row]:
    """The steps of the investigations of some incidents, in the order recorded."""
    step, thread, body = (metadata.tables[name] for name in ("investigation_step", "investigation", "organisation"))
    about = (thread.c.incident_id, thread.c.authority_id, thread.c.process, body.c.code.label("authority"))
    query = sa.select(step, *about).join_from(step, thread, thread.c.id == step.c.investigation_id)
    query = query.join(body, body.c.id == thread.c.authority_id).where(thread.c.incident_id.in_(incidents))
    return rows_of(session, query.order_by(step.c.id))


@dataclass
class Changes:
    """What is to be written of an incident that is recorded.

    Attributes:
        edits: columns of the incident that change.
        added: by table the rows to add, without the incident's id.
        gone: by table the rows to withdraw.
        kept: what of the file gives way to a person's edit.
    """

    edits: Columns = field(default_factory=dict)
    added: dict[str, list[Columns]] = field(default_factory=lambda: defaultdict(list))
    gone: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    kept: list[str] = field(default_factory=list)

    def any(self) -> bool:
        """Whether there is something to write."""
        return len(self.edits) > 0 or any(map(len, self.added.values())) or any(map(len, self.gone.values()))


def changes_of(stored: Stored, planned: Planned, report: Callable[[], int]) -> Changes:
    """What the row says otherwise than what an import last recorded of its incident.

    Args:
        stored: what is recorded; an import of the source is among it.
        planned: the row.
        report: gives the id of the report that stands for the file.
    """
    found = Changes()
    if stored.origin is not None:
        # An import opens what was closed for want of a licence, and never closes what is open.
        opened = (("visibility",),) if planned.checked.incident["visibility"] is Visibility.PUBLIC else ()
        wanted = _wanted(stored.origin, planned)
        found.edits, found.kept = edits_of(stored.origin, stored.incident, wanted, (*GROUPS, *opened))
    for table in SAID:
        _compare(stored, planned, table, found)
    _compare_attributions(stored, planned, found)
    _compare_gradings(stored, planned, found)
    held = {_values(row, SUBJECT["statement"]) for row in stored.every["statement"]}
    found.added["statement"] = [
        row for row in planned.parts["statement"] if _values(row, SUBJECT["statement"]) not in held
    ]
    found.added["incident_code"] = [
        row for row in planned.checked.codes if (row["scheme"], row["code"]) not in stored.codes
    ]
    for table in PARTS:
        # What a page of the source says now was not said there when the earlier file was made.
        for row in found.added[table]:
            if row["report_id"] == planned.page_id:
                row["report_id"] = report()
    return found


def _wanted(origin: Row, planned: Planned) -> Columns:
    """The columns of the incident; its window is that of before where the source says the same of the time.

    ACLED's window ends with the row's last change: a later change of something else does not widen it.
    """
    wanted = planned.checked.incident
    if (origin["time_words"], origin["tz"]) == (wanted["time_words"], wanted["tz"]):
        return wanted | {name: origin[name] for name in WINDOW}
    return wanted


def _values(row: Row, names: Iterable[str]) -> Said:
    return tuple(row[name] for name in names)


def _last(rows: Iterable[Row], subject: tuple[str, ...]) -> dict[Said, list[Row]]:
    """The rows that none of the others supersedes, by what they are about."""
    every = list(rows)
    followed = {row["supersedes_id"] for row in every}
    found: dict[Said, list[Row]] = defaultdict(list)
    for row in every:
        if row["id"] not in followed:
            found[_values(row, subject)].append(row)
    return found


def _compare(stored: Stored, planned: Planned, table: str, found: Changes) -> None:
    """Add to ``found`` the claims, or the locations, that say something else than the last ones of an import."""
    last = _last(stored.ours[table], SUBJECT[table])
    followed = {row["supersedes_id"] for row in stored.every[table]}
    for row in planned.parts[table]:
        about = _values(row, SUBJECT[table])
        old = last[about].pop(0) if len(last[about]) > 0 else None
        if old is not None:
            back = old["id"] in stored.taken_back[table]
            if _values(row, SAID[table]) == _values(old, SAID[table]) and not back:
                continue
            if old["id"] in followed:
                found.kept.append(table)
                old = None
        new = row | {"supersedes_id": None if old is None else old["id"]}
        found.added[table].append(_numbered(new, stored) if table == "claim" else new)
    found.gone[table] = [row for rows in last.values() for row in rows if not row["withdrawn"]]


def _numbered(claim: Columns, stored: Stored) -> Columns:
    """A claim with a code that none of the incident has."""
    taken = {row["code"] for row in stored.every["claim"]}
    number = 1
    while claim_code(claim["code"], number) in taken:
        number += 1
    return claim | {"code": claim_code(claim["code"], number)}


def _compare_attributions(stored: Stored, planned: Planned, found: Changes) -> None:
    subject, back = SUBJECT["attribution"], stored.taken_back.get("attribution", set())
    held = {_values(row, subject): row for row in stored.ours["attribution"] if row["id"] not in back}
    wanted = {_values(row, subject): row for row in planned.parts["attribution"]}
    found.added["attribution"] = [row for about, row in wanted.items() if about not in held]
    found.gone["attribution"] = [row for about, row in held.items() if about not in wanted and not row["withdrawn"]]


def _compare_gradings(stored: Stored, planned: Planned, found: Changes) -> None:
    """Add the gradings of the row where they are others than those of the last import that gave some."""
    held = stored.ours["grading"]
    last = Counter(row["grading"] for row in held if row["change_set_id"] == held[-1]["change_set_id"])
    wanted = planned.parts["grading"]
    if Counter(row["grading"] for row in wanted) == last:
        return
    if len(wanted) == 0:
        if set(last) == {Grading.UNGRADED}:
            return
        why = "A later file of the source gives no grading."
        body = held[-1]["by_id"]
        blank = dict.fromkeys(("graded", "graded_start", "graded_end"))
        gone = {"grading": Grading.UNGRADED, "why": why, "by_id": body, "report_id": planned.page_id}
        wanted = [gone | blank]
    found.added["grading"] = list(wanted)
