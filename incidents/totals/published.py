"""Published totals: the figures of a period, or of several incidents together, and how they hang together.

They are constraints on what is itemised, and are never added to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session

from db.tables import Claim, ClaimIncident, Organisation, Report
from db.vocabulary import AttributionStrength, Bound, Category, Outcome, Scope
from incidents.ranges import number_text
from incidents.tiers import Tier, citable_row

AGES = frozenset({Category.CHILD, Category.WOMAN, Category.MAN})
PEOPLE = frozenset(Category) - {Category.EVENT, Category.BRIDGE, Category.REPORT, Category.OTHER}


@dataclass(frozen=True, slots=True)
class Published:
    """A figure that belongs to no single incident, with the names of whom it comes from and whom it blames."""

    key: int
    code: str
    outcome: Outcome
    category: Category
    bound: Bound
    minimum: int | None
    maximum: int | None
    words: str | None
    scope: Scope
    area: str | None
    period: str | None
    period_start: datetime | None
    period_end: datetime | None
    period_words: str | None
    stated: str | None
    stated_end: datetime | None
    as_of: str | None
    as_of_start: datetime | None
    as_of_end: datetime | None
    strength: AttributionStrength | None
    source_id: int
    perpetrator_id: int | None
    side_id: int | None
    subset_of_id: int | None
    supersedes_id: int | None
    withdrawn: bool
    locator: str | None
    source: str
    report: str
    publisher_id: int
    published_end: datetime | None
    perpetrator: str | None
    side: str | None
    incidents: frozenset[int] = frozenset()

    def text(self) -> str:
        """The figure with its source and report."""
        return f"{number_text(self.bound, self.minimum, self.maximum)} ({self.source} [{self.report}], {self.code})"

    def known(self) -> datetime | None:
        """The last instant of the day that the figure stood on, else was stated, else published."""
        return self.as_of_end or self.stated_end or self.published_end

    def until(self) -> datetime | None:
        """The end of what it counts: an open period ends on the day the figure stood."""
        return self.period_end or self.known()

    def about(self) -> tuple[Any, ...]:
        """What it counts and of which scope, whatever the figure, the report and the day."""
        return (
            self.source_id, self.outcome, self.category, self.area, self.period_start, self.period_end,
            self.perpetrator_id, self.side_id, self.scope, self.incidents,
        )  # fmt: skip


_OWN = (
    "code", "outcome", "category", "bound", "minimum", "maximum", "words", "scope", "area", "period",
    "period_start", "period_end", "period_words", "stated", "stated_end", "as_of", "as_of_start", "as_of_end",
    "strength", "source_id", "perpetrator_id", "side_id", "subset_of_id", "supersedes_id", "withdrawn", "locator",
)  # fmt: skip


def published(session: Session, *, tier: Tier = Tier.INTERNAL) -> list[Published]:
    """All figures of a period or of several incidents, in the order recorded: two statements.

    Those that are withdrawn, or whose report ``tier`` may not see, are left out; those that later ones superseded are
    not: see :func:`standing_of`.
    """
    claim: Any = Claim
    source, accused, side = aliased(Organisation), aliased(Organisation), aliased(Organisation)
    report: Any = Report
    query = (
        sa.select(
            claim.id.label("key"), *(getattr(claim, name) for name in _OWN), _c(source).name.label("source"),
            report.code.label("report"), report.publisher_id, report.published_end,
            _c(accused).name.label("perpetrator"), _c(side).name.label("side"),
        )
        .join(source, _c(source).id == claim.source_id)
        .join(Report, report.id == claim.report_id)
        .outerjoin(accused, _c(accused).id == claim.perpetrator_id)
        .outerjoin(side, _c(side).id == claim.side_id)
        .where(claim.incident_id.is_(None), citable_row(tier))
        .order_by(claim.id)
    )  # fmt: skip
    counted: dict[int, set[int]] = defaultdict(set)
    member: Any = ClaimIncident
    for one, incident in session.execute(sa.select(member.claim_id, member.incident_id)):
        counted[one].add(incident)
    rows = [Published(**row._asdict(), incidents=frozenset(counted.get(row.key, ()))) for row in session.execute(query)]
    return [row for row in rows if not row.withdrawn]


def standing_of(every: Sequence[Published]) -> list[Published]:
    """Those that no later figure superseded."""
    superseded = {one.supersedes_id for one in every}
    return [one for one in every if one.key not in superseded]


def _c(table: Any) -> Any:
    """A table class or alias as what its attributes are in SQL; SQLModel types them as plain values."""
    return table


@dataclass(frozen=True)
class Group:
    """One part of a whole, as one or more reports give it: who, and how many."""

    label: str
    figures: tuple[Published, ...]

    @property
    def low(self) -> int:
        """The least that any of the figures says."""
        return min(one.minimum if one.minimum is not None else 0 for one in self.figures)

    @property
    def high(self) -> int | None:
        """The most that all of the figures allow; None is open."""
        tops = [one.maximum for one in self.figures if one.maximum is not None]
        return max(tops) if len(tops) == len(self.figures) else None


@dataclass(frozen=True)
class Split:
    """The parts of a published total in one way to divide it, of which nobody belongs to two."""

    whole: Published
    way: str
    groups: tuple[Group, ...]

    @property
    def low(self) -> int:
        """The least that the parts make up."""
        return sum(group.low for group in self.groups)

    @property
    def high(self) -> int | None:
        """The most; None is open."""
        tops = [group.high for group in self.groups]
        return None if None in tops else sum(top for top in tops if top is not None)

    def rest(self) -> tuple[int | None, int | None]:
        """How many of the whole are in none of the parts: at least and at most; None is open."""
        low = None if self.high is None or self.whole.minimum is None else self.whole.minimum - self.high
        high = None if self.whole.maximum is None else self.whole.maximum - self.low
        return low, high

    def exceeds(self) -> bool:
        """Whether the parts are more than the whole allows."""
        return self.whole.maximum is not None and self.low > self.whole.maximum

    def misses(self) -> bool:
        """Whether some of the whole are certainly in none of the parts."""
        low = self.rest()[0]
        return low is not None and low > 0


def splits(whole: Published, every: Sequence[Published]) -> list[Split]:
    """The ways in which ``whole`` is divided: by those said to be its parts, and by party.

    A total by all parties is divided by the totals of the same source, period and area that blame one party each.
    """
    parts = [one for one in every if one.subset_of_id == whole.key and one.outcome is whole.outcome]
    found = {
        "by age and sex": [one for one in parts if one.category in AGES],
        "by who they were": [one for one in parts if one.category not in AGES and one.category is not whole.category],
        "in parts": [one for one in parts if one.category is whole.category],
        "by party": [one for one in every if _is_by_party(one, whole)],
    }
    others = {one.category for one in found["by who they were"]}
    if others & PEOPLE and len(found["in parts"]) > 0:
        # "380 people" beside fighters of the same total are the others of it.
        found["by who they were"] += found.pop("in parts")
    return [Split(whole, way, _groups(whole, rows)) for way, rows in found.items() if len(rows) > 0]


def _is_by_party(one: Published, whole: Published) -> bool:
    alike = (one.source_id, one.outcome, one.category, one.area, one.period_start, one.period_end, one.scope) == (
        whole.source_id, whole.outcome, whole.category, whole.area, whole.period_start, whole.period_end, whole.scope,
    )  # fmt: skip
    dated = whole.period_start is not None or whole.period_end is not None
    numbered = one.minimum is not None or one.maximum is not None
    return alike and dated and numbered and whole.perpetrator_id is None and one.perpetrator_id is not None


def _groups(whole: Published, rows: Iterable[Published]) -> tuple[Group, ...]:
    """Parts that differ in category, party, side or area; what several reports repeat is one."""
    found: dict[tuple[Any, ...], list[Published]] = defaultdict(list)
    for row in rows:
        found[row.category, row.perpetrator_id, row.side_id, row.area].append(row)
    return tuple(Group(_label(whole, group[0]), tuple(group)) for group in found.values())


def _label(whole: Published, one: Published) -> str:
    """Who a part counts: what it does not share with its whole."""
    words = [
        one.category.value.replace("_", " ") if one.category is not whole.category or one.side_id is None else "",
        f"of {one.side}" if one.side is not None else "",
        one.area if one.area is not None and one.area != whole.area else "",
        f"by {one.perpetrator}" if one.perpetrator is not None and one.perpetrator_id != whole.perpetrator_id else "",
    ]
    return " ".join(word for word in words if word)
