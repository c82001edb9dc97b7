"""Dossiers: incidents with everything said about them, loaded for many at once.

A batch takes a fixed number of queries, however many incidents it holds and however much is said of each. Only Core
rows are read: the ORM is nine times slower and is kept for edits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import Organisation
from db.vocabulary import AttributionRole, Geoprivacy
from incidents.attributions import ACCUSING
from incidents.dossier_rows import STATED_END, DossierRows, Rows, table_of
from incidents.members import (
    BOUNDS,
    CATEGORIES,
    GEOPRIVACIES,
    GRADINGS,
    KINDS,
    METHODS,
    OUTCOMES,
    PARTS_OF_DAY,
    PRECISIONS,
    PROCESSES,
    ROLES,
    SCOPES,
    STATES,
    STEP_KINDS,
    STEP_REASONS,
    STRENGTHS,
    STRIKE_STATUSES,
    TIME_PRECISIONS,
    VISIBILITIES,
    WINDOW_KINDS,
    YES_NO_UNKNOWN,
)
from incidents.organisations import independence_groups, parts_of_all
from incidents.references import References, references
from incidents.same_event import Event, events
from incidents.tiers import Tier
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

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

BATCH = 500


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


class _Loader:
    """Loads batches; what all batches share (organisations, events) is read once."""

    def __init__(self, session: Session, tier: Tier, as_of: datetime | None) -> None:
        self._session = session
        self._tier = tier
        self._as_of = as_of
        self._rows = DossierRows(session, tier, as_of)
        named = table_of(Organisation).c
        rows = session.execute(sa.select(named.id, named.code, named.name))
        self._organisations: dict[int, tuple[str, str]] = {key: (code, name) for key, code, name in rows}
        self._groups = independence_groups(session)
        self._parts = parts_of_all(session)
        self._events = events(session)
        self._codes: dict[int, str] = {}
        self._reports: dict[int, ReportView] = {}

    def load(self, keys: list[int]) -> Iterator[Dossier]:
        self._codes = self._rows.standing({other for key in keys for other in self._joined(key)})
        found = {row[0]: self._dossier(row) for row in self._rows.incidents(keys)}
        wanted = set(found) | {key for one in found for key in self._siblings(one)}
        claims, attributions = self._rows.claims(wanted), self._rows.attributions(wanted)
        totals, locations, gradings = self._rows.totals(found), self._rows.locations(found), self._rows.gradings(found)
        threads, statements = self._rows.threads(found), self._rows.statements(found)
        steps, links = self._rows.steps([row[1] for row in threads]), self._rows.links(found)
        self._load_reports((claims, totals, attributions, locations, gradings, steps, statements, links))
        self._names(found)
        self._locations(found, locations)
        self._attributions(found, attributions)
        self._gradings(found, gradings)
        self._threads(found, threads, steps)
        self._statements(found, statements)
        self._claims(found, claims, totals, self._accused(attributions))
        self._cite(found, links)
        yield from (found[key] for key in keys if key in found)
        self._reports.clear()

    def _joined(self, key: int) -> tuple[int, ...]:
        event = self._events.get(key)
        return () if event is None else event.incident_ids

    def _siblings(self, key: int) -> tuple[int, ...]:
        """The records of the event of ``key`` that count: hidden and withdrawn ones do not, but for itself."""
        if key not in self._codes:
            return (key,)
        return tuple(other for other in self._joined(key) if other in self._codes)

    def _event(self, key: int) -> Event | None:
        """The event as the tier may see it: the code of a hidden record must not leave through another."""
        siblings = self._siblings(key)
        return None if len(siblings) == 1 else Event(self._codes[siblings[0]], siblings)

    def _dossier(self, row: tuple[Any, ...]) -> Dossier:
        (
            key, code, name, kind, country, start_utc, end_utc, tz, time_precision, window_kind, part_of_day, edtf,
            time_words, harm, strike_status, visibility, note, withdrawn, version,
        ) = row  # fmt: skip
        return Dossier(
            key, code, name, KINDS[kind], country, start_utc, end_utc, tz, TIME_PRECISIONS.get(time_precision),
            WINDOW_KINDS.get(window_kind), PARTS_OF_DAY.get(part_of_day), edtf, time_words, YES_NO_UNKNOWN[harm],
            STRIKE_STATUSES.get(strike_status), VISIBILITIES[visibility], note, withdrawn, version, self._as_of,
            self._event(key),
        )  # fmt: skip

    def _load_reports(self, groups: Iterable[Rows]) -> None:
        keys = {row[1] for rows in groups for row in rows}
        keys.discard(None)
        for key, publisher_id, code, *cited in self._rows.reports(keys):
            publisher_code, publisher = self._organisations[publisher_id]
            self._reports[key] = ReportView(key, code, publisher, publisher_code, *cited)

    def _names(self, found: dict[int, Dossier]) -> None:
        for incident, *name in self._rows.names(found):
            found[incident].names.append(NameView(*name))
        for incident, *code in self._rows.codes(found):
            found[incident].codes.append(CodeView(*code))

    def _locations(self, found: dict[int, Dossier], rows: Rows) -> None:
        shapes: dict[bytes, BaseGeometry] = {}
        for (
            incident, report_id, key, source_id, lon, lat, radius_m, wkb, precision, method, is_primary, geoprivacy,
            place_name, place_words, source_code, note, version,
        ) in rows:  # fmt: skip
            report = self._reports.get(report_id)
            if report is None or not self._known_place(report):
                continue
            code, name = self._organisations[source_id]
            area = None if wkb is None else _shape(shapes, wkb)
            privacy = GEOPRIVACIES[geoprivacy]
            if privacy is not Geoprivacy.EXACT and self._tier is not Tier.INTERNAL:
                place_name = place_words = source_code = note = None  # the words say where it is
            found[incident].locations.append(
                LocationView(
                    key, name, report, lon, lat, radius_m, area, PRECISIONS[precision], METHODS[method], is_primary,
                    privacy, place_name, place_words, source_code, note, version, code,
                )
            )  # fmt: skip

    def _attributions(self, found: dict[int, Dossier], rows: Rows) -> None:
        for incident, report_id, organisation_id, role, strength, by_id, stated, stated_end, note, withdrawn in rows:
            report = self._said(report_id, stated_end)
            if report is not None and not withdrawn and incident in found:
                code, name = self._organisations[organisation_id]
                by_code, by = self._organisations[by_id]
                view = AttributionView(name, code, ROLES[role], STRENGTHS[strength], by, by_code, report, stated, note)
                found[incident].attributions.append(view)

    def _accused(self, rows: Rows) -> dict[int, set[int]]:
        """By incident, the organisations that somebody accuses, with their parts."""
        found: dict[int, set[int]] = defaultdict(set)
        for incident, report_id, organisation_id, role, strength, _by, _stated, stated_end, _note, withdrawn in rows:
            if withdrawn or role != AttributionRole.PERPETRATOR or strength not in ACCUSING:
                continue
            if self._said(report_id, stated_end) is not None:
                found[incident] |= self._parts.get(organisation_id, set()) | {organisation_id}
        return found

    def _gradings(self, found: dict[int, Dossier], rows: Rows) -> None:
        dated = []
        for incident, report_id, key, grading, by_id, graded, graded_end, why in rows:
            report = None if report_id is None else self._reports.get(report_id)
            given = graded_end or (None if report is None else report.published_end)
            if (report_id is None or report is not None) and self._known(given):
                code, name = self._organisations[by_id]
                view = GradingView(GRADINGS[grading], name, code, graded, why, report)
                dated.append((given is not None, given, key, incident, view))
        for *_, incident, view in sorted(dated, key=lambda one: one[:3]):
            found[incident].gradings.append(view)

    def _threads(self, found: dict[int, Dossier], threads: Rows, rows: Rows) -> None:
        steps: dict[int, list[StepView]] = defaultdict(list)
        for (
            thread, report_id, key, kind, state, taken, start, end, reason, corrects, why, note, duplicate_of, who, at,
        ) in rows:  # fmt: skip
            report = None if report_id is None else self._reports.get(report_id)
            if (report_id is None or report is not None) and (self._as_of is None or end <= self._as_of):
                recorded_by = who if self._tier is Tier.INTERNAL else None
                view = StepView(
                    key, STEP_KINDS[kind], STATES[state], taken, start, end, STEP_REASONS[reason], report, corrects,
                    why, note, duplicate_of, recorded_by, at,
                )  # fmt: skip
                steps[thread].append(view)
        for incident, key, authority_id, process in threads:
            if key in steps:
                code, name = self._organisations[authority_id]
                found[incident].threads.append(ThreadView(name, code, PROCESSES[process], tuple(steps[key])))

    def _statements(self, found: dict[int, Dossier], rows: Rows) -> None:
        for incident, report_id, organisation_id, stated, stated_end, words, uncertain_target in rows:
            report = self._said(report_id, stated_end)
            if report is not None:
                code, name = self._organisations[organisation_id]
                found[incident].statements.append(StatementView(name, code, report, stated, words, uncertain_target))

    def _claims(self, found: dict[int, Dossier], rows: Rows, totals: Rows, accused: dict[int, set[int]]) -> None:
        rows, totals = self._sayable(rows), self._sayable(totals)
        refer = references(self._session, rows, totals, tier=self._tier, as_of=self._as_of)
        views: dict[int, list[ClaimView]] = defaultdict(list)
        belligerents: dict[int, set[int]] = {}
        for row in rows:
            incident = row[0]
            if incident not in belligerents:
                belligerents[incident] = set().union(*(accused[key] for key in self._siblings(incident)))
            code = found[incident].code if incident in found else self._codes[incident]
            views[incident].append(self._claim(row, refer, belligerents[incident], code))
        for one in found.values():
            siblings = self._siblings(one.key)
            one.claims = views.get(one.key, [])
            one.event_claims = [view for key in siblings for view in views.get(key, [])]
            one.same_as = tuple(self._codes[key] for key in siblings if key != one.key)
        for row in totals:
            found[row[-1]].set_claims.append(self._claim(row[:-1], refer, set(), None))

    def _claim(self, row: tuple[Any, ...], refer: References, accused: set[int], incident: str | None) -> ClaimView:
        (
            _, report_id, source_id, outcome, category, key, code, side, subset_of, supersedes, bound, minimum,
            maximum, words, scope, area, period, period_words, stated, stated_end, as_of, perpetrator, strength,
            locator, note, withdrawn, withdrawn_on, withdrawn_why, version,
        ) = row  # fmt: skip
        report = self._reports[report_id]
        source_code, source = self._organisations[source_id]
        partial = None if side is None and subset_of is None else refer.partial(row)
        if not withdrawn or not (self._as_of is None or withdrawn_on is None or withdrawn_on <= self._as_of):
            withdrawn, withdrawn_on, withdrawn_why = False, None, None
        return ClaimView(
            key, code, OUTCOMES[outcome], CATEGORIES[category], BOUNDS[bound], minimum, maximum, words, source,
            source_id, report_id, self._groups[source_id], stated_end or report.published_end, source_id in accused,
            SCOPES[scope], withdrawn, refer.successors.get(key), partial, report, incident, source_code, stated, as_of,
            area, period, period_words, self._code(perpetrator), STRENGTHS.get(strength), self._code(side),
            refer.code(subset_of), refer.code(supersedes), locator, note, withdrawn_on, withdrawn_why, version,
        )  # fmt: skip

    def _cite(self, found: dict[int, Dossier], links: Rows) -> None:
        """The reports each dossier cites or is linked to, in the order recorded."""
        linked: dict[int, list[ReportView]] = defaultdict(list)
        for incident, report_id in links:
            report = self._reports.get(report_id)
            # One that is only linked counts where it does not date from after ``as_of``.
            if report is not None and self._known_place(report):
                linked[incident].append(report)
        for one in found.values():
            cited = {report.key: report for report in linked.get(one.key, ())}
            for views in (one.locations, one.claims, one.set_claims, one.attributions, one.gradings, one.statements):
                for view in views:
                    if view.report is not None:
                        cited[view.report.key] = view.report
            for thread in one.threads:
                cited |= {step.report.key: step.report for step in thread.steps if step.report is not None}
            one.reports = [cited[key] for key in sorted(cited)]

    def _sayable(self, rows: Rows) -> Rows:
        """The claims that the tier may see and that were said by ``as_of``."""
        if self._as_of is None:
            return [row for row in rows if row[1] in self._reports]
        return [row for row in rows if self._said(row[1], row[STATED_END]) is not None]

    def _said(self, report_id: int, stated_end: datetime | None) -> ReportView | None:
        """The report that something is cited from, where the tier may see it and it was said by ``as_of``."""
        report = self._reports.get(report_id)
        if report is None or self._as_of is None or self._known(stated_end or report.published_end):
            return report
        return None

    def _known(self, said: datetime | None) -> bool:
        """Whether what was said by the instant ``said`` was certainly said by ``as_of``."""
        return self._as_of is None or (said is not None and said <= self._as_of)

    def _known_place(self, report: ReportView) -> bool:
        return self._as_of is None or report.published_end is None or report.published_end <= self._as_of

    def _code(self, key: int | None) -> str | None:
        return None if key is None else self._organisations[key][0]


def _shape(shapes: dict[bytes, BaseGeometry], wkb: bytes) -> BaseGeometry:
    """The shape of stored bytes; many incidents lie in one district."""
    if wkb not in shapes:
        from shapely import from_wkb  # here: most exports hold points only, and do not pay for loading it

        shapes[wkb] = from_wkb(wkb)
    return shapes[wkb]
