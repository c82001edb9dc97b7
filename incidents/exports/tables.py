"""What the incidents of an export refer to: organisations, reports, judgements and totals of several incidents."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from db.tables import (
    ClaimIncident,
    Incident,
    Judgement,
    JudgementReport,
    Location,
    Organisation,
    OrganisationAlias,
    OrganisationMembership,
    Report,
)
from db.vocabulary import Geoprivacy
from incidents.dossier_rows import table_of
from incidents.dossiers import dossiers
from incidents.exports.id_set import IdSet
from incidents.exports.masks import WITNESS, Mask
from incidents.exports.records import Record, claim_record
from incidents.tiers import Tier, citable
from incidents.views import ClaimView, Dossier

BATCH = 500
FINEST_GRID = 4
"""The finest grid, in decimals of a degree, that a place can be reduced to."""


class References:
    """Collects, incident by incident, what they refer to; afterwards gives it as tables.

    It holds ids and the few totals of several incidents, never a dossier, so an export stays in constant
    memory per incident.
    """

    def __init__(self, session: Session, mask: Mask, as_of: datetime | None = None) -> None:
        self._session = session
        self._mask = mask
        self._as_of = as_of
        self._reports = IdSet()
        self._incidents = IdSet()
        self._codes: set[str] = set()
        self._totals: dict[int, ClaimView | None] = {}

    def add(self, one: Dossier) -> None:
        """Note what ``one`` refers to."""
        self._incidents.add(one.key)
        self._reports.update(report_ids(one))
        self._codes |= organisation_codes(one)
        for claim in one.set_claims:
            self._totals[claim.key] = claim

    def add_ids(self, incidents: Iterable[int], reports: Iterable[int], codes: Iterable[str], totals: set[int]) -> None:
        """Note what incidents refer to of which no dossier is at hand."""
        self._incidents.update(incidents)
        self._reports.update(reports)
        self._codes.update(codes)
        self._totals = dict.fromkeys(totals) | self._totals

    def claims(self) -> list[Record]:
        """Totals of several incidents, each once, where all the incidents it counts are in the export.

        A total of incidents that are not all here would be read as one of those that are.
        """
        members = self._members()
        whole = [key for key in sorted(self._totals) if all(one in self._incidents for one in members[key])]
        codes = self._incident_codes({member for key in whole for member in members[key]})
        views = self._views(whole, members)
        shown = frozenset(view.code for view in views)
        return [
            claim_record(view, self._mask, shown) | {"incidents": sorted(codes[one] for one in members[view.key])}
            for view in views
        ]

    def _views(self, totals: list[int], members: dict[int, list[int]]) -> list[ClaimView]:
        """The totals themselves; of those known by id only, from the dossier of an incident that they count."""
        asked = {members[key][0] for key in totals if self._totals[key] is None}
        for one in dossiers(self._session, sorted(asked), tier=self._mask.tier, as_of=self._as_of):
            self._totals |= {claim.key: claim for claim in one.set_claims if claim.key in self._totals}
        return [view for key in totals if (view := self._totals[key]) is not None]

    def _members(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for part in _chunks(sorted(self._totals)):
            query = select(ClaimIncident.claim_id, ClaimIncident.incident_id).where(
                col(ClaimIncident.claim_id).in_(part)
            )
            for claim, incident in self._session.exec(query):
                found[claim].append(incident)
        return found

    def _incident_codes(self, keys: Iterable[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        incident = table_of(Incident).c
        for part in _chunks(sorted(keys)):
            query = sa.select(incident.id, incident.code).where(incident.id.in_(part))
            found |= {row.id: row.code for row in self._session.execute(query)}
        return found

    def judgements(self) -> list[Record]:
        """Every judgement on two incidents of the export, in the order recorded; a part comes before its whole.

        One that cites a report the tier may not see is left out; the event it made shows in ``event``.
        """
        rows = self._session.exec(select(Judgement).order_by(col(Judgement.id))).all()
        both = [row for row in rows if row.low_id in self._incidents and row.high_id in self._incidents]
        cited = self._cited([row.key for row in both])
        codes = self._incident_codes({key for row in both for key in (row.low_id, row.high_id)})
        found = []
        for row in both:
            reports = cited[row.key]
            if all(shown for _, _, shown in reports):
                self._reports.update(key for key, _, _ in reports)
                pair = sorted((codes[row.low_id], codes[row.high_id]))
                if row.part_id is not None and codes[row.part_id] != pair[0]:
                    pair.reverse()
                found.append(
                    {
                        "first": pair[0],
                        "second": pair[1],
                        "verdict": row.verdict.value,
                        "evidence": row.evidence,
                        "reports": sorted(code for _, code, _ in reports),
                    }
                )
        return found

    def _cited(self, judgements: list[int]) -> dict[int, list[tuple[int, str, bool]]]:
        """For each judgement the reports it cites: id, code, and whether the tier may see it."""
        found: dict[int, list[tuple[int, str, bool]]] = defaultdict(list)
        for part in _chunks(judgements):
            query = (
                select(JudgementReport.judgement_id, Report)
                .join(Report, col(Report.id) == col(JudgementReport.report_id))
                .where(col(JudgementReport.judgement_id).in_(part))
            )
            for judgement, report in self._session.exec(query):
                shown = citable(report.visibility, may_export=report.may_export, tier=self._mask.tier)
                found[judgement].append((report.key, report.code, shown))
        return found

    def reports(self) -> Iterator[Record]:
        """The reports cited, in the order recorded; ask for :meth:`judgements` first, which cite some more."""
        publishers = {row[0]: (row[1], row[2]) for row in self._organisation_names()}
        for part in _chunks(self._reports):
            # Core rows: to make objects of all the reports takes longer than to write them.
            key = table_of(Report).c.id
            for report in self._session.execute(sa.select(table_of(Report)).where(key.in_(part)).order_by(key)):
                code, _ = publishers[report.publisher_id]
                self._codes.add(code)
                yield report_record(report, code, self._mask)

    def _organisation_names(self) -> Sequence[Any]:
        return self._session.exec(select(Organisation.id, Organisation.code, Organisation.name)).all()

    def organisations(self) -> list[Record]:
        """The organisations named, with the groups they belong to; ask for :meth:`reports` first."""
        rows = self._session.exec(select(Organisation).order_by(col(Organisation.id))).all()
        codes = {row.key: row.code for row in rows}
        belongs: dict[str, list[OrganisationMembership]] = defaultdict(list)
        for membership in self._session.exec(select(OrganisationMembership).order_by(col(OrganisationMembership.id))):
            belongs[codes[membership.member_id]].append(membership)
        wanted = self._with_groups(rows, belongs, codes)
        aliases: dict[int, list[str]] = defaultdict(list)
        for alias in self._session.exec(select(OrganisationAlias).order_by(col(OrganisationAlias.id))):
            aliases[alias.organisation_id].append(alias.name)
        found = [
            organisation_record(row, aliases[row.key], belongs[row.code], codes, self._mask)
            for row in rows
            if row.code in wanted and row.code not in self._mask.codes
        ]
        return ([witness_record()] if len(wanted & self._mask.codes) > 0 else []) + found

    def _with_groups(
        self, rows: Sequence[Organisation], belongs: dict[str, list[OrganisationMembership]], codes: dict[int, str]
    ) -> set[str]:
        """The organisations named and, through every level, what they belong to and whose word they repeat."""
        groups = {row.code: row.independence_group for row in rows}
        wanted: set[str] = set()
        frontier = {code for code in self._codes if code in groups}
        while len(frontier) > 0:
            wanted |= frontier
            above = {codes[one.group_id] for code in frontier for one in belongs[code]}
            said = {group for code in frontier if (group := groups[code]) is not None and group in groups}
            frontier = (above | said) - wanted
        return wanted


def report_record(report: Report | sa.Row[Any], publisher: str, mask: Mask) -> Record:
    """A report with all that its recording needs."""
    personal = publisher in mask.codes
    found: Record = {
        "code": report.code,
        "publisher": mask.code(publisher),
        "title": WITNESS if personal else report.title,
        "url": None if personal else report.url,
        "archive_url": None if personal else report.archive_url,
        "published": report.published,
        "language": report.language,
        "licence": report.licence,
        "citation": None if personal else report.citation,
    }
    if mask.tier is Tier.INTERNAL:
        retrieved = None if report.retrieved_at is None else report.retrieved_at.isoformat()
        found |= {
            "retrieved_at": retrieved,
            "sha256": report.sha256,
            "may_export": report.may_export,
            "visibility": report.visibility.value,
            "note": report.note,
        }
    return found


def organisation_record(
    row: Organisation,
    aliases: list[str],
    memberships: list[OrganisationMembership],
    codes: dict[int, str],
    mask: Mask,
) -> Record:
    """An organisation with its names and memberships."""
    return {
        "code": row.code,
        "name": row.name,
        "kind": row.kind.value,
        "aliases": aliases,
        "belongs_to": [
            {
                "group": mask.code(codes[one.group_id]),
                "kind": one.kind.value,
                "start_date": None if one.start_date is None else one.start_date.isoformat(),
                "end_date": None if one.end_date is None else one.end_date.isoformat(),
            }
            for one in memberships
        ],
        "independence_group": mask.code(row.independence_group),
        "note": mask.note(row.note),
    }


def witness_record() -> Record:
    """The one entry that stands for every witness."""
    plain: Record = {"aliases": [], "belongs_to": [], "independence_group": None, "note": None}
    return {"code": WITNESS, "name": WITNESS, "kind": WITNESS} | plain


def licences(reports: Counter[str | None]) -> list[Record]:
    """How many of the reports stand under each licence; null is a licence that is not recorded."""
    ordered = sorted(reports.items(), key=lambda item: (item[0] is None, item[0] or ""))
    return [{"licence": licence, "reports": count} for licence, count in ordered]


def public_decimals(session: Session, dossiers: Collection[Dossier], tier: Tier) -> dict[int, int]:
    """By location id, the grid (decimals of a degree) that each reduced place is shown on; empty below internal.

    The table keeps the lowered point and not the grid; only one grid gives that point and radius.
    """
    if tier is not Tier.INTERNAL:
        return {}
    keys = [place.key for one in dossiers for place in one.locations if place.geoprivacy is Geoprivacy.REDUCED]
    found: dict[int, int] = {}
    place = table_of(Location).c
    for part in _chunks(keys):
        query = sa.select(place.id, place.lon, place.lat, place.public_lon, place.public_lat).where(place.id.in_(part))
        for key, lon, lat, *shown in session.execute(query):
            grid = None if lon is None else _grid(lon, lat, tuple(shown))
            if grid is not None:
                found[key] = grid
    return found


def _grid(lon: float, lat: float, shown: tuple[float, ...]) -> int | None:
    """The decimals of the cell round (lon, lat) whose middle is the point ``shown``."""
    from gazetteer.geodesy import cell_of  # here: it loads what measures, and no public export lowers a place

    return next((grid for grid in range(FINEST_GRID + 1) if cell_of(lon, lat, grid)[:2] == shown), None)


def report_ids(one: Dossier) -> set[int]:
    """The reports that ``one`` cites."""
    return {report.key for report in one.reports}


def organisation_codes(one: Dossier) -> set[str]:
    """The organisations that ``one`` names."""
    codes: set[str | None] = {place.organisation_code for place in one.locations}
    for claims in (one.claims, one.set_claims):
        for claim in claims:
            codes.add(claim.source_code)
            codes.add(claim.perpetrator)
            codes.add(claim.side)
    for attribution in one.attributions:
        codes.update((attribution.organisation_code, attribution.by_code))
    codes.update([grading.by_code for grading in one.gradings])
    codes.update([thread.authority_code for thread in one.threads])
    codes.update([statement.by_code for statement in one.statements])
    codes.discard(None)
    return codes  # type: ignore[return-value]  # None was taken out above


def _chunks(keys: Iterable[int]) -> Iterator[list[int]]:
    """``keys`` in lists short enough for one IN."""
    rest = iter(keys)
    while len(part := list(islice(rest, BATCH))) > 0:
        yield part
