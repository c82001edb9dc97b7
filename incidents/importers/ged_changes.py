"""What an import finds recorded of its events, and what of the file is new against it.

A figure, place or actor is compared with what an import last recorded, never with what a person made of it since:
where UCDP says what it said before, a person's edit, withdrawal or rival row stands and nothing is written. Where
UCDP changed what a person changed too, the person's edit stands as well and the row is flagged ``edited_here``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import metadata
from incidents.importers.ged_new import SUFFIXES, Actor, Columns, Part
from incidents.importers.stored import WINDOW, Row, import_sets, origins, rows_of
from incidents.importers.stored import edits_of as stored_edits

FILE_FORMAT = "ucdp_ged"
"""The format of these import runs."""

GROUPS = (("name",), ("kind",), ("country",), WINDOW, ("civilian_harm_reported",), ("note",))
"""The columns of an incident that an import fills in; those of one group change together."""

_INCIDENT, _CLAIM, _LOCATION = metadata.tables["incident"], metadata.tables["claim"], metadata.tables["location"]
_ATTRIBUTION, _LINK = metadata.tables["attribution"], metadata.tables["incident_report"]


@dataclass
class Stored:
    """What is recorded of one event.

    Attributes:
        incident: the incident as it stands.
        origin: its columns as an import last wrote them; None where no import recorded it.
        claims: every claim about it, whoever made them.
        locations: every location.
        attributions: those of GED's reports.
        reports: ids of the reports linked to it.
    """

    incident: Row
    origin: Row | None
    claims: list[Row] = field(default_factory=list)
    locations: list[Row] = field(default_factory=list)
    attributions: list[Row] = field(default_factory=list)
    reports: set[int] = field(default_factory=set)

    @property
    def key(self) -> int:
        """The incident's id."""
        return int(self.incident["id"])


def load_stored(session: Session, codes: Collection[str], ged_reports: Collection[int]) -> dict[str, Stored]:
    """What is recorded of the incidents with these codes, in a fixed number of queries.

    Args:
        session: a write session.
        codes: the codes of a batch.
        ged_reports: ids of the reports that stand for GED's files.
    """
    incidents = rows_of(session, sa.select(_INCIDENT).where(_INCIDENT.c.code.in_(codes)))
    if len(incidents) == 0:
        return {}
    before = origins(session, incidents, import_sets(session, FILE_FORMAT))
    found = {row["id"]: Stored(row, before.get(row["id"])) for row in incidents}
    for table in (_CLAIM, _LOCATION, _ATTRIBUTION):
        query = sa.select(table).where(table.c.incident_id.in_(found)).order_by(table.c.id)
        for row in rows_of(session, query):
            if table is not _ATTRIBUTION:
                getattr(found[row["incident_id"]], f"{table.name}s").append(row)
            elif row["report_id"] in ged_reports:
                found[row["incident_id"]].attributions.append(row)
    for row in rows_of(session, sa.select(_LINK).where(_LINK.c.incident_id.in_(found))):
        found[row["incident_id"]].reports.add(row["report_id"])
    return {stored.incident["code"]: stored for stored in found.values()}


def edits_of(stored: Stored, wanted: Columns) -> tuple[Columns, list[str]]:
    """The columns of the incident to change, and those that a person has changed otherwise."""
    return ({}, []) if stored.origin is None else stored_edits(stored.origin, stored.incident, wanted, GROUPS)


@dataclass(frozen=True)
class Restated:
    """An event's claims of an earlier file that the counts of this one replace.

    Attributes:
        number: of the new claims: 1 where none was recorded, else one more than before.
        replaced: for the end of each code the claim it supersedes; a person's correction is not superseded.
        kept: the ends of codes whose claims a person has superseded.
        dropped: claims on what the file no longer counts.
    """

    number: int
    replaced: dict[str, int]
    kept: list[str]
    dropped: list[Row]


def restated(stored: Stored, code: str, parts: Iterable[Part], ged_reports: Collection[int]) -> Restated | None:
    """What the counts ``parts`` replace; None where the recorded ones say the same.

    One changed count restates them all: low, best, high and the parts are one estimate, and its claims are to be
    of one report.
    """
    last = _last_claims(stored, code, ged_reports)
    said = {part.suffix: part.said() for part in parts}
    if said == {suffix: _said(row) for suffix, (_, row) in last.items()}:
        return None
    number = max((number for number, _ in last.values()), default=0) + 1
    taken = {row["code"] for row in stored.claims}
    while any(claim_code(code, suffix, number) in taken for suffix in said):
        number += 1
    followed = {row["supersedes_id"] for row in stored.claims}
    replaced = {suffix: row["id"] for suffix, (_, row) in last.items() if row["id"] not in followed}
    kept = [suffix for suffix in last if suffix not in replaced]
    dropped = [row for suffix, (_, row) in last.items() if suffix not in said and not row["withdrawn"]]
    return Restated(number, replaced, kept, dropped)


def claim_code(code: str, suffix: str, number: int) -> str:
    """The code of a claim of the incident ``code``; the first has no number."""
    return f"{code}-{suffix}" if number == 1 else f"{code}-{suffix}-{number}"


def _last_claims(stored: Stored, code: str, ged_reports: Collection[int]) -> dict[str, tuple[int, Row]]:
    """The last claim of an import with each end of a code, and its number."""
    found: dict[str, tuple[int, Row]] = {}
    for row in stored.claims:
        if row["report_id"] not in ged_reports or not row["code"].startswith(f"{code}-"):
            continue
        stem, dash, digits = row["code"].removeprefix(f"{code}-").rpartition("-")
        numbered = dash != "" and digits.isdigit()
        suffix, number = (stem, int(digits)) if numbered else (row["code"].removeprefix(f"{code}-"), 1)
        if suffix in SUFFIXES and (suffix not in found or found[suffix][0] < number):
            found[suffix] = (number, row)
    # A count that a later file leaves out is not in its round of claims.
    newest = max((number for number, _ in found.values()), default=0)
    return {suffix: (number, row) for suffix, (number, row) in found.items() if number == newest}


def _said(row: Row) -> tuple[Any, ...]:
    return row["category"], row["bound"], row["minimum"], row["maximum"], row["side_id"]


def last_location(stored: Stored, ged_reports: Collection[int]) -> tuple[Row | None, bool]:
    """The location that an import last recorded, and whether another one supersedes it."""
    ours = [row for row in stored.locations if row["report_id"] in ged_reports]
    if len(ours) == 0:
        return None, False
    return ours[-1], any(row["supersedes_id"] == ours[-1]["id"] for row in stored.locations)


def changed_actors(stored: Stored, wanted: Collection[Actor]) -> tuple[list[Actor], list[Row]]:
    """The actors to add, and the attributions that the file no longer makes.

    One that was withdrawn is not added again: a person, or an earlier file, took it back.
    """
    held = {(row["organisation_id"], row["role"], row["strength"], row["note"]): row for row in stored.attributions}
    gone = [row for key, row in held.items() if key not in wanted and not row["withdrawn"]]
    return [actor for actor in wanted if actor not in held], gone
