"""What claims refer to: their wholes, what superseded them, and the sides their reports count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import Claim, Report
from incidents.dossier_rows import KEY, REFERRING, SUBJECT, Rows, table_of
from incidents.tiers import Tier, citable_row

_CLAIM, _REPORT = table_of(Claim), table_of(Report)


@dataclass(frozen=True)
class References:
    """What the claims of a batch refer to.

    ``wholes`` holds, by id, the outcome and category of the claims named, and ``codes`` the codes of those that the
    tier may see; ``successors`` holds for a superseded claim the code of the one that the tier sees in its place.
    """

    wholes: dict[int, tuple[str, str]]
    codes: dict[int, str]
    successors: dict[int, str]
    sides: dict[tuple[Any, ...], set[int]]

    def code(self, key: int | None) -> str | None:
        """The code of the claim ``key``; None where the tier may not see it."""
        return None if key is None else self.codes.get(key)

    def partial(self, row: tuple[Any, ...]) -> str | None:
        """Why the claim of ``row`` counts only a part of its category, or None."""
        _, side, whole, _ = row[REFERRING]
        subject = row[SUBJECT]
        if side is not None and len(self.sides[subject]) > 1:
            return "counts one side only, and its report counts another beside it"
        if whole is not None and self.wholes.get(whole) == subject[3:]:
            return f"a part of {self.codes.get(whole, 'a figure that is not shown')}"
        return None


def references(session: Session, kept: Rows, sets: Rows, *, tier: Tier, as_of: datetime | None) -> References:
    """What the claims refer to, in one query.

    Args:
        session: an open session.
        kept: rows of claims, each of one incident, that ``tier`` may see.
        sets: the same of totals of several incidents.
        tier: what may be seen.
        as_of: an instant in UTC; what was not said by then is not seen.
    """
    sides: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    keys: set[int | None] = set()
    successors: dict[int, str] = {}
    for row in chain(kept, sets):
        code, side, subset_of, supersedes = row[REFERRING]
        if side is not None:
            sides[row[SUBJECT]].add(side)
        if subset_of is not None:
            keys.add(subset_of)
        if supersedes is not None:
            keys.add(supersedes)
            successors[supersedes] = code
    named = _named_claims(session, keys, sets, tier)
    known = [row for row in named if row.citable and (as_of is None or (row.said is not None and row.said <= as_of))]
    successors |= {row.supersedes_id: row.code for row in known if row.supersedes_id is not None}
    wholes = {row.id: (row.outcome, row.category) for row in named}
    return References(wholes, {row.id: row.code for row in known}, successors, sides)


def _named_claims(session: Session, keys: set[int | None], sets: Rows, tier: Tier) -> Sequence[sa.Row[Any]]:
    """The claims ``keys``, and those that supersede a total of several incidents.

    The successor of an incident's claim is the incident's and so is loaded; that of a total may name others.
    """
    if len(keys) == 0 and len(sets) == 0:
        return []
    columns = _CLAIM.c
    return session.execute(
        sa.select(
            columns.id,
            columns.code,
            sa.type_coerce(columns.outcome, sa.String()).label("outcome"),
            sa.type_coerce(columns.category, sa.String()).label("category"),
            columns.supersedes_id,
            sa.func.coalesce(columns.stated_end, _REPORT.c.published_end).label("said"),
            citable_row(tier).label("citable"),
        )
        .join(_REPORT, _REPORT.c.id == columns.report_id)
        .where(columns.id.in_(keys) | columns.supersedes_id.in_({row[KEY] for row in sets}))
    ).all()
