"""What totals are made of: the records that may be in scope, their figures, who is blamed, and what joins them.

One statement a kind of row, however many incidents there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.keys import one_of
from db.tables import Attribution, Claim, GradingRow, Incident, Organisation, Report
from db.vocabulary import AttributionRole, AttributionStrength, Category, Grading, Outcome
from incidents.attributions import ACCUSING
from incidents.dossier_rows import table_of
from incidents.organisations import independence_groups, parts_of_all
from incidents.ranges import Figure
from incidents.standing import Standing
from incidents.tiers import Tier, citable_row, seen

BLAMING = (AttributionRole.PERPETRATOR, AttributionRole.SIDE)


@dataclass(slots=True)
class Counted(Figure):
    """A figure with what explains it: the record it is of, and the report that has it.

    ``counted_from`` is the day that words such as "last week" are counted from: that of the figure, else of the report.
    """

    incident: str = ""
    report: str = ""
    stated: str | None = None
    period_words: str | None = None
    counted_from: str | None = None


@dataclass(frozen=True, slots=True)
class Blame:
    """What one source said of an actor's part."""

    organisation_id: int
    role: AttributionRole
    strength: AttributionStrength


@dataclass(slots=True)
class Facts:
    """One record: its window (UTC), what was said of its dead, and who is blamed; its gradings, the last of each."""

    key: int
    code: str
    name: str
    country: str | None
    start: datetime | None
    end: datetime | None
    tz: str | None
    figures: list[Counted] = field(default_factory=list)
    blames: list[Blame] = field(default_factory=list)
    gradings: list[Grading] = field(default_factory=list)


@dataclass(frozen=True)
class Said:
    """Which figures are read.

    Attributes:
        outcome: what befell those counted; None for anything.
        categories: who is counted; figures keep their category; empty for all.
        reports: codes of the only reports that are read; empty for all.
        sources: ids of the only organisations that are heard; empty for all.
    """

    outcome: Outcome | None = None
    categories: frozenset[Category] = frozenset()
    reports: frozenset[str] = frozenset()
    sources: frozenset[int] = frozenset()


def facts_of(
    session: Session, keys: Collection[int], said: Said, standing: Standing, *, tier: Tier, as_of: datetime | None
) -> list[Facts]:
    """The facts of the incidents ``keys`` that ``tier`` may see and that were not withdrawn, by id.

    Args:
        session: an open session.
        keys: ids of incidents.
        said: which figures are read.
        standing: what stands of the judgements; who is accused in one record of an event is in all of them.
        tier: what may be seen.
        as_of: an instant in UTC; what was not certainly said by then is left out.
    """
    incident = table_of(Incident).c
    columns = (
        incident.id, incident.code, incident.name, incident.country, incident.start_utc, incident.end_utc, incident.tz,
    )  # fmt: skip
    shown = (one_of(incident.id, sorted(keys)), incident.visibility.in_(seen(tier)), ~incident.withdrawn)
    found = {row.id: Facts(*row) for row in session.execute(sa.select(*columns).where(*shown))}
    _add_blames(session, found, tier, as_of)
    _add_gradings(session, found, tier, as_of)
    _add_figures(session, found, said, standing, tier, as_of)
    return [found[key] for key in sorted(found)]


def _add_blames(session: Session, found: dict[int, Facts], tier: Tier, as_of: datetime | None) -> None:
    row, report = table_of(Attribution).c, table_of(Report).c
    query = (
        sa.select(row.id, row.incident_id, row.organisation_id, row.role, row.strength)
        .join_from(table_of(Attribution), table_of(Report), report.id == row.report_id)
        .where(one_of(row.incident_id, sorted(found)), ~row.withdrawn, citable_row(tier, report))
    )
    if as_of is not None:
        query = query.where(sa.func.coalesce(row.stated_end, report.published_end) <= as_of)
    for _, incident, organisation, role, strength in sorted(session.execute(query).all()):
        found[incident].blames.append(Blame(organisation, role, strength))


def _add_gradings(session: Session, found: dict[int, Facts], tier: Tier, as_of: datetime | None) -> None:
    row, report = table_of(GradingRow).c, table_of(Report).c
    given = sa.func.coalesce(row.graded_end, report.published_end)
    query = (
        sa.select(row.id, row.incident_id, row.by_id, row.grading, given)
        .outerjoin_from(table_of(GradingRow), table_of(Report), report.id == row.report_id)
        .where(one_of(row.incident_id, sorted(found)), row.report_id.is_(None) | citable_row(tier, report))
    )
    if as_of is not None:
        query = query.where(given <= as_of)
    last: dict[tuple[int, int], Grading] = {}
    for _, incident, by, grading, _ in sorted(session.execute(query).all(), key=_when_given):
        last[incident, by] = grading
    for (incident, _), grading in last.items():
        found[incident].gradings.append(grading)


def _when_given(row: Any) -> tuple[bool, Any, int]:
    return row[4] is not None, row[4] or 0, row[0]


_CLAIM = (
    "id", "incident_id", "code", "outcome", "category", "bound", "minimum", "maximum", "words", "source_id",
    "report_id", "scope", "withdrawn", "withdrawn_on", "stated", "stated_end", "side_id", "subset_of_id",
    "supersedes_id", "period_words", "as_of",
)  # fmt: skip


def _add_figures(
    session: Session, found: dict[int, Facts], said: Said, standing: Standing, tier: Tier, as_of: datetime | None
) -> None:
    claim, report = table_of(Claim).c, table_of(Report).c
    columns = [claim[name] for name in _CLAIM]
    query = (
        sa.select(
            *columns,
            report.code.label("report"),
            report.published,
            report.published_end,
            citable_row(tier, report).label("shown"),
        )
        .join_from(table_of(Claim), table_of(Report), report.id == claim.report_id)
        .where(one_of(claim.incident_id, sorted(found)))
    )
    if said.outcome is not None:
        query = query.where(claim.outcome == said.outcome)
    if len(said.categories) > 0:
        query = query.where(claim.category.in_(said.categories))
    rows = sorted(session.execute(query).all(), key=lambda row: int(row.id))
    kept = [row for row in rows if _is_read(row, said, as_of)]
    named = table_of(Organisation).c
    names = {row.id: row.name for row in session.execute(sa.select(named.id, named.name))}
    accused, groups = _accused(session, found, standing), independence_groups(session)
    partial, successors = _partial(rows, kept), {row.supersedes_id: row.code for row in kept}
    for row in kept:
        withdrawn = row.withdrawn and (as_of is None or row.withdrawn_on is None or row.withdrawn_on <= as_of)
        facts = found[row.incident_id]
        facts.figures.append(
            Counted(
                row.id, row.code, row.outcome, row.category, row.bound, row.minimum, row.maximum, row.words,
                names[row.source_id], row.source_id, row.report_id, groups[row.source_id],
                row.stated_end or row.published_end, row.source_id in accused[standing.head(row.incident_id)],
                row.scope, withdrawn, successors.get(row.id), partial.get(row.id), facts.code, row.report, row.stated,
                row.period_words, row.as_of or row.published,
            )
        )  # fmt: skip


def _is_read(row: Any, said: Said, as_of: datetime | None) -> bool:
    known = row.stated_end or row.published_end
    if not row.shown or (as_of is not None and (known is None or known > as_of)):
        return False
    return (len(said.reports) == 0 or row.report in said.reports) and (
        len(said.sources) == 0 or row.source_id in said.sources
    )


def _accused(session: Session, found: dict[int, Facts], standing: Standing) -> dict[int, set[int]]:
    """By event, the organisations that somebody accuses, with their parts."""
    parts = parts_of_all(session)
    accused: dict[int, set[int]] = defaultdict(set)
    for facts in found.values():
        for blame in facts.blames:
            if blame.role is AttributionRole.PERPETRATOR and blame.strength in ACCUSING:
                accused[standing.head(facts.key)] |= parts.get(blame.organisation_id, set()) | {blame.organisation_id}
    return accused


def _partial(rows: Sequence[Any], kept: Iterable[Any]) -> dict[int, str]:
    """By claim, why it counts only a part of its category; see :class:`incidents.references.References`."""
    subjects = {row.id: (row.outcome, row.category) for row in rows}
    codes = {row.id: row.code for row in rows if row.shown}
    sides: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for row in kept:
        if row.side_id is not None:
            sides[_told(row)].add(row.side_id)
    found: dict[int, str] = {}
    for row in kept:
        if row.side_id is not None and len(sides[_told(row)]) > 1:
            found[row.id] = "counts one side only, and its report counts another beside it"
        elif subjects.get(row.subset_of_id) == (row.outcome, row.category):
            found[row.id] = f"a part of {codes.get(row.subset_of_id, 'a figure that is not shown')}"
    return found


def _told(row: Any) -> tuple[Any, ...]:
    return row.incident_id, row.report_id, row.source_id, row.outcome, row.category
