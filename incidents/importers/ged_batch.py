"""A batch of events of UCDP GED written in one transaction: new ones in bulk, known ones where the file changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlmodel import Session

from db.bulk import NewRows
from db.tables import metadata
from incidents.importers.ged_actors import Organisations, Side
from incidents.importers.ged_changes import (
    Restated,
    Stored,
    changed_actors,
    claim_code,
    edits_of,
    last_location,
    load_stored,
    restated,
)
from incidents.importers.ged_new import (
    BEST,
    ORDER,
    Actor,
    Part,
    Places,
    actors_of,
    claim_columns,
    incident_columns,
    is_part,
    name_columns,
    parts_of,
    report_columns,
    sides_of,
)
from incidents.importers.ged_rows import Event
from incidents.importers.rows import Effect
from incidents.importers.stored import edit_row

_REPORT = metadata.tables["report"]


@dataclass(frozen=True)
class Source:
    """Whose claims these are: UCDP, the report that stands for the file, those of all its files, and the extents."""

    source_id: int
    report_id: int
    ged_reports: frozenset[int]
    places: Places = field(default_factory=Places)


@dataclass(frozen=True)
class Written:
    """An event, what became of it, and what of the file gave way to a person's edit."""

    event: Event
    effect: Effect
    kept: tuple[str, ...] = ()


def write_batch(session: Session, events: Sequence[Event], source: Source) -> list[Written]:
    """Record ``events``, each id at most once.

    Args:
        session: a write session; the caller commits.
        events: checked events.
        source: what all of them have in common.

    Returns:
        What became of each, in order.
    """
    batch = _Batch(session, events, source)
    written = [batch.write(event) for event in events]
    batch.rows.write()
    return written


class _Batch:
    """One batch: everything it needs to know is read in a fixed number of queries before the first event."""

    def __init__(self, session: Session, events: Sequence[Event], source: Source) -> None:
        self._session = session
        self._source = source
        self._organisations = Organisations(session)
        self._stored = load_stored(session, [event.code for event in events], source.ged_reports)
        self._reports = _reports(session, {article.code for event in events for article in event.articles})
        self.rows = NewRows(session, ORDER)

    def write(self, event: Event) -> Written:
        sides = sides_of(event, self._organisations)
        stored = self._stored.get(event.code)
        if stored is None:
            self._add(event, *sides)
            return Written(event, Effect.ADDED)
        kept: list[str] = []
        # A list, not any(): each of them writes what it finds changed.
        changed = [
            self._change_incident(stored, event, kept),
            self._change_claims(stored, event, parts_of(event, *sides), kept),
            self._change_location(stored, event, kept),
            self._change_actors(stored, list(dict.fromkeys(actors_of(event, *sides)))),
            self._link_reports(event, stored.key, stored.reports),
        ]
        return Written(event, Effect.SUPERSEDED if any(changed) else Effect.UNCHANGED, tuple(kept))

    def _add(self, event: Event, side_a: Side | None, side_b: Side | None) -> None:
        key = self.rows.add("incident", {"code": event.code, **incident_columns(event)})
        self.rows.add("incident_name", name_columns(key, event.name))
        self._add_claims(event, key, parts_of(event, side_a, side_b), Restated(1, {}, [], []))
        self._add_location(event, key, None)
        for actor in dict.fromkeys(actors_of(event, side_a, side_b)):
            self._add_actor(key, actor)
        self._link_reports(event, key, set())

    def _change_incident(self, stored: Stored, event: Event, kept: list[str]) -> bool:
        changes, mine = edits_of(stored, incident_columns(event))
        kept += mine
        if len(changes) > 0:
            edit_row(self._session, "incident", stored.incident, changes)
        names = metadata.tables["incident_name"].c
        if "name" in changes:
            held = sa.select(names.id).where(names.incident_id == stored.key, names.name == event.name)
            if self._session.execute(held).first() is None:
                self.rows.add("incident_name", name_columns(stored.key, event.name))
        return len(changes) > 0

    def _change_claims(self, stored: Stored, event: Event, parts: list[Part], kept: list[str]) -> bool:
        change = restated(stored, event.code, parts, self._source.ged_reports)
        if change is None:
            return False
        kept += [f"claim {suffix}" for suffix in change.kept]
        self._add_claims(event, stored.key, parts, change)
        for row in change.dropped:
            why = "A later version of UCDP GED no longer counts them."
            edit_row(self._session, "claim", row, {"withdrawn": True, "withdrawn_why": why})
        return True

    def _add_claims(self, event: Event, incident_id: int, parts: Iterable[Part], change: Restated) -> None:
        best: int | None = None
        for part in parts:
            columns = claim_columns(event, part, incident_id, self._source.source_id, self._source.report_id)
            columns["code"] = claim_code(event.code, part.suffix, change.number)
            columns["subset_of_id"] = best if is_part(part, event) else None
            columns["supersedes_id"] = change.replaced.get(part.suffix)
            key = self.rows.add("claim", columns)
            best = key if part.suffix == BEST else best

    def _change_location(self, stored: Stored, event: Event, kept: list[str]) -> bool:
        last, followed = last_location(stored, self._source.ged_reports)
        columns = self._source.places.columns(self._session, event)
        if last is not None and all(last[name] == value for name, value in columns.items()):
            return False
        if followed:
            kept.append("location")
        self._add_location(event, stored.key, None if last is None or followed else last["id"])
        return True

    def _add_location(self, event: Event, incident_id: int, supersedes_id: int | None) -> None:
        columns = {
            "incident_id": incident_id,
            "source_id": self._source.source_id,
            "report_id": self._source.report_id,
            "supersedes_id": supersedes_id,
        }
        self.rows.add("location", columns | self._source.places.columns(self._session, event))

    def _change_actors(self, stored: Stored, wanted: list[Actor]) -> bool:
        new, gone = changed_actors(stored, wanted)
        for row in gone:
            edit_row(self._session, "attribution", row, {"withdrawn": True})
        for actor in new:
            self._add_actor(stored.key, actor)
        return len(new) + len(gone) > 0

    def _add_actor(self, incident_id: int, actor: Actor) -> None:
        organisation_id, role, strength, column = actor
        columns = {
            "incident_id": incident_id,
            "organisation_id": organisation_id,
            "role": role,
            "strength": strength,
            "by_id": self._source.source_id,
            "report_id": self._source.report_id,
            "note": column,
        }
        self.rows.add("attribution", columns)

    def _link_reports(self, event: Event, incident_id: int, linked: set[int]) -> bool:
        """Link the event's articles; one that a later file leaves out stays linked."""
        new = False
        for article in event.articles:
            if article.code not in self._reports:
                publisher = self._organisations.office(article.office)
                self._reports[article.code] = self.rows.add("report", report_columns(article, publisher))
            key = self._reports[article.code]
            if key not in linked:
                linked.add(key)
                self.rows.add("incident_report", {"incident_id": incident_id, "report_id": key})
                new = True
        return new


def _reports(session: Session, codes: set[str]) -> dict[str, int]:
    """Ids of the articles that are recorded, by code."""
    if len(codes) == 0:
        return {}
    rows = session.execute(sa.select(_REPORT.c.code, _REPORT.c.id).where(_REPORT.c.code.in_(codes)))
    return {row.code: row.id for row in rows}
