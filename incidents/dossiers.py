"""Dossiers: incidents with everything said about them, loaded for many at once.

A batch takes a fixed number of queries, however many incidents it holds. Only Core rows are read: the
ORM is nine times slower and is kept for edits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

import shapely
import sqlalchemy as sa
from sqlmodel import Session

from db.tables import (
    Area,
    Attribution,
    ChangeSet,
    Claim,
    ClaimIncident,
    GradingRow,
    Incident,
    IncidentCode,
    IncidentName,
    IncidentReport,
    Investigation,
    InvestigationStep,
    Location,
    Organisation,
    Report,
    Statement,
)
from db.vocabulary import AttributionRole, Geoprivacy
from incidents.attributions import ACCUSING
from incidents.organisations import independence_groups, parts_of_all
from incidents.references import References, references
from incidents.same_event import Event, events
from incidents.tiers import Tier, as_seen, citable, current_location, seen, visible
from incidents.views import (
    AttributionView,
    ClaimView,
    CodeView,
    Dossier,
    GradingView,
    LocationView,
    NameView,
    ReportView,
    StatementView,
    StepView,
    ThreadView,
)

BATCH = 500
REPORT_COLUMNS = (
    "code",
    "title",
    "url",
    "archive_url",
    "published",
    "published_end",
    "language",
    "licence",
    "citation",
)
Rows = Sequence[sa.Row[Any]]


def dossier(session: Session, key: int, *, tier: Tier, as_of: datetime | None = None) -> Dossier | None:
    """The dossier of one incident; None when the tier may not see it."""
    return next(dossiers(session, [key], tier=tier, as_of=as_of), None)


def dossiers(session: Session, keys: Iterable[int], *, tier: Tier, as_of: datetime | None = None) -> Iterator[Dossier]:
    """The dossiers of the incidents ``keys``, in that order, in constant memory.

    Args:
        session: an open session.
        keys: incident ids.
        tier: what may be seen; hidden incidents, and what restricted reports say, are left out.
        as_of: an instant in UTC; what was not said by then is left out. What has no date is left out too
            (it may have been said later), but for places.
    """
    loader = _Loader(session, tier, as_of)
    batch: list[int] = []
    for key in keys:
        batch.append(key)
        if len(batch) == BATCH:
            yield from loader.load(batch)
            batch = []
    if len(batch) > 0:
        yield from loader.load(batch)


def _column(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


class _Loader:
    """Loads batches; what all batches share (organisations, events) is read once."""

    def __init__(self, session: Session, tier: Tier, as_of: datetime | None) -> None:
        self._session = session
        self._tier = tier
        self._as_of = as_of
        rows = self._rows(sa.select(_column(Organisation.id), _column(Organisation.code), _column(Organisation.name)))
        self._organisations: dict[int, tuple[str, str]] = {row.id: (row.code, row.name) for row in rows}
        self._groups = independence_groups(session)
        self._parts = parts_of_all(session)
        self._events = events(session)
        self._codes: dict[int, str] = {}
        self._reports: dict[int, ReportView] = {}

    def load(self, keys: list[int]) -> Iterator[Dossier]:
        self._codes = self._incident_codes(keys)
        found = {
            row.id: self._dossier(row)
            for row in self._select(Incident, _column(Incident.id).in_(keys))
            if visible(row.visibility, self._tier)
        }
        wanted = set(found) | {key for one in found for key in self._siblings(one)}
        claims = self._select(Claim, _column(Claim.incident_id).in_(wanted))
        parts = self._children(found)
        sets = self._set_claims(found)
        self._load_reports([claims, sets, *parts.values()])
        self._names(found)
        for fill in (self._locations, self._attributions, self._gradings, self._threads, self._statements):
            fill(found, parts)
        self._fill_claims(found, claims, sets, parts["perpetrators"])
        self._links(found, parts["links"])
        yield from (found[key] for key in keys if key in found)
        self._reports.clear()

    def _rows(self, query: Any) -> Rows:
        return self._session.execute(query).all()

    def _select(self, table: Any, condition: Any) -> Rows:
        return self._rows(sa.select(*table.__table__.columns).where(condition).order_by(table.__table__.c.id))

    def _incident_codes(self, keys: Iterable[int]) -> dict[int, str]:
        """Codes of those incidents among ``keys`` and their siblings that make up events the tier may see."""
        wanted = {other for key in keys for other in self._joined(key)}
        rows = self._rows(
            sa.select(_column(Incident.id), _column(Incident.code)).where(
                _column(Incident.id).in_(wanted),
                _column(Incident.visibility).in_(seen(self._tier)),
                ~_column(Incident.withdrawn),
            )
        )
        return {row.id: row.code for row in rows}

    def _joined(self, key: int) -> tuple[int, ...]:
        event = self._events.get(key)
        return (key,) if event is None else event.incident_ids

    def _siblings(self, key: int) -> tuple[int, ...]:
        """The records of the event of ``key`` that count: hidden and withdrawn ones do not, but for itself."""
        if key not in self._codes:
            return (key,)
        return tuple(other for other in self._joined(key) if other in self._codes)

    def _event(self, key: int) -> Event | None:
        """The event as the tier may see it: the code of a hidden record must not leave through another."""
        siblings = self._siblings(key)
        return None if len(siblings) == 1 else Event(self._codes[siblings[0]], siblings)

    def _dossier(self, row: sa.Row[Any]) -> Dossier:
        own = {spec.name for spec in fields(Dossier)}
        plain = {name: value for name, value in row._mapping.items() if name in own}  # noqa: SLF001 - the documented public mapping of a Row
        return Dossier(key=row.id, as_of=self._as_of, event=self._event(row.id), **plain)

    def _children(self, found: dict[int, Dossier]) -> dict[str, Rows]:
        keys = list(found)
        threads = self._select(Investigation, _column(Investigation.incident_id).in_(keys))
        steps = self._rows(
            sa.select(*_table(InvestigationStep).columns, _column(ChangeSet.who), _column(ChangeSet.at))
            .join(ChangeSet, _column(ChangeSet.id) == InvestigationStep.change_set_id)
            .where(_column(InvestigationStep.investigation_id).in_([row.id for row in threads]))
            .order_by(_column(InvestigationStep.taken_start), _column(InvestigationStep.id))
        )
        wanted = {key for one in keys for key in self._siblings(one)}
        attributions = self._select(Attribution, _column(Attribution.incident_id).in_(wanted))
        return {
            "locations": self._location_rows(keys),
            "attributions": [row for row in attributions if row.incident_id in found],
            "perpetrators": [row for row in attributions if row.role is AttributionRole.PERPETRATOR],
            "gradings": self._select(GradingRow, _column(GradingRow.incident_id).in_(keys)),
            "threads": threads,
            "steps": steps,
            "statements": self._select(Statement, _column(Statement.incident_id).in_(keys)),
            "links": self._select(IncidentReport, _column(IncidentReport.incident_id).in_(keys)),
        }

    def _location_rows(self, keys: list[int]) -> Rows:
        lon, lat, radius_m, area = as_seen(self._tier)
        query = (
            sa.select(
                *(
                    _table(Location).c[name]
                    for name in (
                        "id",
                        "incident_id",
                        "source_id",
                        "report_id",
                        "precision",
                        "method",
                        "is_primary",
                        "geoprivacy",
                        "place_name",
                        "place_words",
                        "source_code",
                        "note",
                        "version",
                    )
                ),
                lon.label("lon"),
                lat.label("lat"),
                radius_m.label("radius_m"),
                _column(Area.wkb),
            )
            .outerjoin(Area, _column(Area.id) == area)
            .where(_column(Location.incident_id).in_(keys), current_location(self._tier, self._as_of))
            .order_by(_column(Location.id))
        )
        return self._rows(query)

    def _load_reports(self, groups: Iterable[Rows]) -> None:
        keys = {row.report_id for rows in groups for row in rows if getattr(row, "report_id", None) is not None} - set(
            self._reports
        )
        for row in self._select(Report, _column(Report.id).in_(keys)):
            if citable(row.visibility, may_export=row.may_export, tier=self._tier):
                code, publisher = self._organisations[row.publisher_id]
                self._reports[row.id] = ReportView(
                    key=row.id,
                    publisher=publisher,
                    publisher_code=code,
                    **{name: getattr(row, name) for name in REPORT_COLUMNS},
                )

    def _names(self, found: dict[int, Dossier]) -> None:
        for row in self._select(IncidentName, _column(IncidentName.incident_id).in_(list(found))):
            found[row.incident_id].names.append(NameView(row.name, row.language, row.script))
        for row in self._select(IncidentCode, _column(IncidentCode.incident_id).in_(list(found))):
            found[row.incident_id].codes.append(CodeView(row.scheme, row.code, row.former))

    def _locations(self, found: dict[int, Dossier], parts: dict[str, Rows]) -> None:
        shapes: dict[bytes, Any] = {}
        for row in parts["locations"]:
            report = self._reports.get(row.report_id)
            if report is None or not self._known_place(report):
                continue
            hidden = self._tier is not Tier.INTERNAL and row.geoprivacy is not Geoprivacy.EXACT
            area = None if row.wkb is None else shapes.setdefault(row.wkb, shapely.from_wkb(row.wkb))
            words = {
                name: None if hidden else getattr(row, name)
                for name in (
                    "place_name",
                    "place_words",
                    "source_code",
                    "note",
                )
            }
            found[row.incident_id].locations.append(
                LocationView(
                    row.id,
                    self._name(row.source_id),
                    report,
                    row.lon,
                    row.lat,
                    row.radius_m,
                    area,
                    row.precision,
                    row.method,
                    row.is_primary,
                    row.geoprivacy,
                    version=row.version,
                    organisation_code=self._organisations[row.source_id][0],
                    **words,
                )
            )

    def _attributions(self, found: dict[int, Dossier], parts: dict[str, Rows]) -> None:
        for row in parts["attributions"]:
            report = self._reports.get(row.report_id)
            if report is not None and not row.withdrawn and self._sayable(row):
                code, name = self._organisations[row.organisation_id]
                by_code, by = self._organisations[row.by_id]
                found[row.incident_id].attributions.append(
                    AttributionView(name, code, row.role, row.strength, by, by_code, report, row.stated, row.note)
                )

    def _gradings(self, found: dict[int, Dossier], parts: dict[str, Rows]) -> None:
        dated = []
        for row in parts["gradings"]:
            report = None if row.report_id is None else self._reports.get(row.report_id)
            given = row.graded_end or (None if report is None else report.published_end)
            if (row.report_id is None or report is not None) and self._known(given):
                dated.append((given is not None, given, row.id, row, report))
        for *_, row, report in sorted(dated, key=lambda one: one[:3]):
            code, name = self._organisations[row.by_id]
            found[row.incident_id].gradings.append(GradingView(row.grading, name, code, row.graded, row.why, report))

    def _threads(self, found: dict[int, Dossier], parts: dict[str, Rows]) -> None:
        steps: dict[int, list[StepView]] = defaultdict(list)
        for row in parts["steps"]:
            report = None if row.report_id is None else self._reports.get(row.report_id)
            seen = row.report_id is None or report is not None
            if seen and (self._as_of is None or row.taken_end <= self._as_of):
                steps[row.investigation_id].append(
                    StepView(
                        row.id,
                        row.kind,
                        row.state,
                        row.taken,
                        row.taken_start,
                        row.taken_end,
                        row.reason,
                        report,
                        row.corrects_id,
                        row.why,
                        row.note,
                        row.duplicate_of,
                        row.who if self._tier is Tier.INTERNAL else None,
                        row.at,
                    )
                )
        for row in parts["threads"]:
            if row.id in steps:
                code, name = self._organisations[row.authority_id]
                found[row.incident_id].threads.append(ThreadView(name, code, row.process, tuple(steps[row.id])))

    def _statements(self, found: dict[int, Dossier], parts: dict[str, Rows]) -> None:
        for row in parts["statements"]:
            report = self._reports.get(row.report_id)
            if report is not None and self._sayable(row):
                code, name = self._organisations[row.organisation_id]
                found[row.incident_id].statements.append(
                    StatementView(name, code, report, row.stated, row.words, row.uncertain_target)
                )

    def _set_claims(self, found: dict[int, Dossier]) -> Rows:
        return self._rows(
            sa.select(*_table(Claim).columns, _column(ClaimIncident.incident_id).label("member_id"))
            .join(ClaimIncident, _column(ClaimIncident.claim_id) == Claim.id)
            .where(_column(ClaimIncident.incident_id).in_(list(found)))
            .order_by(_column(Claim.id))
        )

    def _fill_claims(self, found: dict[int, Dossier], claims: Rows, sets: Rows, perpetrators: Rows) -> None:
        kept, sets = [row for row in claims if self._sayable(row)], [row for row in sets if self._sayable(row)]
        refer = references(self._session, kept, sets, tier=self._tier, as_of=self._as_of)
        accused: dict[int, set[int]] = defaultdict(set)
        for row in perpetrators:
            if row.strength in ACCUSING and not row.withdrawn and self._sayable(row):
                accused[row.incident_id] |= self._parts.get(row.organisation_id, set()) | {row.organisation_id}
        views: dict[int, list[ClaimView]] = defaultdict(list)
        own = {one.key: one.code for one in found.values()}
        for row in kept:
            official = any(row.source_id in accused[key] for key in self._siblings(row.incident_id))
            code = own.get(row.incident_id) or self._codes[row.incident_id]
            views[row.incident_id].append(self._claim(row, refer, official=official, incident=code))
        for one in found.values():
            siblings = self._siblings(one.key)
            one.claims = views.get(one.key, [])
            one.event_claims = [view for key in siblings for view in views.get(key, [])]
            one.same_as = tuple(self._codes[key] for key in siblings if key != one.key)
        for row in sets:
            found[row.member_id].set_claims.append(self._claim(row, refer, official=False, incident=None))

    def _claim(self, row: sa.Row[Any], refer: References, *, official: bool, incident: str | None) -> ClaimView:
        report = self._reports[row.report_id]
        source_code, source = self._organisations[row.source_id]
        gone = row.withdrawn and (self._as_of is None or row.withdrawn_on is None or row.withdrawn_on <= self._as_of)
        return ClaimView(
            key=row.id,
            code=row.code,
            outcome=row.outcome,
            category=row.category,
            bound=row.bound,
            minimum=row.minimum,
            maximum=row.maximum,
            words=row.words,
            source=source,
            source_id=row.source_id,
            report_id=row.report_id,
            group=self._groups[row.source_id],
            known_from=row.stated_end or report.published_end,
            official=official,
            scope=row.scope,
            withdrawn=gone,
            superseded_by=refer.successors.get(row.id),
            partial=refer.partial(row),
            report=report,
            incident=incident,
            source_code=source_code,
            stated=row.stated,
            as_of=row.as_of,
            area=row.area,
            period=row.period,
            period_words=row.period_words,
            perpetrator=self._code(row.perpetrator_id),
            strength=row.strength,
            side=self._code(row.side_id),
            subset_of=refer.code(row.subset_of_id),
            supersedes=refer.code(row.supersedes_id),
            locator=row.locator,
            note=row.note,
            withdrawn_on=row.withdrawn_on if gone else None,
            withdrawn_why=row.withdrawn_why if gone else None,
            version=row.version,
        )

    def _links(self, found: dict[int, Dossier], links: Rows) -> None:
        """The reports each dossier cites or is linked to, in the order recorded."""
        linked: dict[int, set[int]] = defaultdict(set)
        for row in links:
            linked[row.incident_id].add(row.report_id)
        for one in found.values():
            cited: list[ReportView | None] = [
                *(row.report for row in one.locations),
                *(row.report for row in (*one.claims, *one.set_claims)),
                *(row.report for row in one.attributions),
                *(row.report for row in one.gradings),
                *(row.report for row in one.statements),
                *(step.report for thread in one.threads for step in thread.steps),
                *(self._linked(key) for key in linked[one.key]),
            ]
            unique = {view.key: view for view in cited if view is not None}
            one.reports = [unique[key] for key in sorted(unique)]

    def _sayable(self, row: sa.Row[Any]) -> bool:
        report = self._reports.get(row.report_id)
        return report is not None and self._known(row.stated_end or report.published_end)

    def _linked(self, key: int) -> ReportView | None:
        """A report that is only linked, where it does not date from after ``as_of``."""
        report = self._reports.get(key)
        return report if report is not None and self._known_place(report) else None

    def _known(self, said: datetime | None) -> bool:
        """Whether what was said by the instant ``said`` was certainly said by ``as_of``."""
        return self._as_of is None or (said is not None and said <= self._as_of)

    def _known_place(self, report: ReportView) -> bool:
        return self._as_of is None or report.published_end is None or report.published_end <= self._as_of

    def _name(self, key: int) -> str:
        return self._organisations[key][1]

    def _code(self, key: int | None) -> str | None:
        return None if key is None else self._organisations[key][0]


def _table(table: Any) -> sa.Table:
    found: sa.Table = table.__table__
    return found
