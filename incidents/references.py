"""What claims refer to: their wholes, what superseded them, and the sides their reports count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import Claim, Report, metadata
from incidents.tiers import Tier, citable_row

Rows = Sequence[sa.Row[Any]]
_CLAIM, _REPORT = metadata.tables[str(Claim.__tablename__)], metadata.tables[str(Report.__tablename__)]


@dataclass(frozen=True)
class References:
    """What the claims of a batch refer to.

    ``claims`` are the claims named, by id, and ``codes`` the codes of those that the tier may see;
    ``successors`` holds for a superseded claim the code of the one that the tier sees in its place.
    """

    claims: dict[int, sa.Row[Any]]
    codes: dict[int, str]
    successors: dict[int, str]
    sides: dict[Any, set[int]]

    @staticmethod
    def subject(row: sa.Row[Any]) -> tuple[Any, ...]:
        """What a claim is about, and where it stands: claims that share it may count different sides."""
        return row.incident_id, row.report_id, row.source_id, row.outcome, row.category

    def code(self, key: int | None) -> str | None:
        """The code of the claim ``key``; None where the tier may not see it."""
        return None if key is None else self.codes.get(key)

    def partial(self, row: sa.Row[Any]) -> str | None:
        """Why a claim counts only a part of its category, or None."""
        if row.side_id is not None and len(self.sides[self.subject(row)]) > 1:
            return "counts one side only, and its report counts another beside it"
        whole = self.claims.get(row.subset_of_id)
        if whole is not None and (whole.outcome, whole.category) == (row.outcome, row.category):
            return f"a part of {self.codes.get(whole.id, 'a figure that is not shown')}"
        return None


def references(session: Session, kept: Rows, sets: Rows, *, tier: Tier, as_of: datetime | None) -> References:
    """What the claims refer to, in one query.

    Args:
        session: an open session.
        kept: rows of the claim table, each of one incident, that ``tier`` may see.
        sets: the same of totals of several incidents.
        tier: what may be seen.
        as_of: an instant in UTC; what was not said by then is not seen.
    """
    rows = [*kept, *sets]
    sides: dict[Any, set[int]] = defaultdict(set)
    for row in (row for row in rows if row.side_id is not None):
        sides[References.subject(row)].add(row.side_id)
    named = _named_claims(session, rows, sets, tier)
    known = [row for row in named if row.citable and (as_of is None or (row.said is not None and row.said <= as_of))]
    successors = {row.supersedes_id: row.code for row in [*rows, *known] if row.supersedes_id is not None}
    return References({row.id: row for row in named}, {row.id: row.code for row in known}, successors, sides)


def _named_claims(session: Session, rows: Rows, sets: Rows, tier: Tier) -> Rows:
    """The claims that ``rows`` refer to, and those that supersede a total of several incidents.

    The successor of an incident's claim is the incident's and so is loaded; that of a total may name others.
    """
    keys = {key for row in rows for key in (row.subset_of_id, row.supersedes_id) if key is not None}
    columns = _CLAIM.c
    return session.execute(
        sa.select(
            columns.id,
            columns.code,
            columns.outcome,
            columns.category,
            columns.supersedes_id,
            sa.func.coalesce(columns.stated_end, _REPORT.c.published_end).label("said"),
            citable_row(tier).label("citable"),
        )
        .join(_REPORT, _REPORT.c.id == columns.report_id)
        .where(columns.id.in_(keys) | columns.supersedes_id.in_({row.id for row in sets}))
    ).all()
