"""Reconciliation: a published total held against the incidents in its scope.

The published figure is a constraint: what is itemised may fall short of it, and the rest is said as a number and never
put on a map. Since a report that says "people" may count civilians, a total of civilians is held against the figures of
civilians and of people together; the figures of civilians alone are shown beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlmodel import Session

from db.errors import NotFoundError
from db.vocabulary import Category, Scope
from gazetteer.search.context import country_of_text
from gazetteer.search.index import memory_of
from incidents.organisations import find_organisation
from incidents.totals.published import Published, Split, published, splits, standing_of
from incidents.totals.records import Sheet
from incidents.totals.scope import Asked, actors_of, gather
from incidents.totals.tally import Amount, tally
from incidents.windows import day_span


class Verdict(StrEnum):
    """How the incidents answer to the published total."""

    CONSISTENT = "consistent"
    SHORT = "short"
    EXCEEDING = "exceeding"
    SCOPE_DIFFERS = "scope_differs"


@dataclass(frozen=True)
class Reconciled:
    """A published total, and what is itemised of it.

    Attributes:
        figures: the published total, as one or more reports give it.
        sheet: the incidents in scope, by the figures of civilians and of people.
        strict: the same by figures of the total's own category alone.
        splits: the parts that its source publishes.
        unread: why the scope of the total could not be taken over as a whole; None where it was.
    """

    figures: tuple[Published, ...]
    sheet: Sheet
    strict: Amount
    splits: tuple[Split, ...]
    unread: str | None

    @property
    def whole(self) -> Published:
        """The figure itself."""
        return self.figures[0]

    @property
    def itemised(self) -> Amount:
        """What the incidents in scope make together."""
        return self.sheet.tally.total

    def verdict(self) -> Verdict:
        """Short and exceeding are said of the numbers as named; open ends are shown beside them."""
        itemised = self.itemised
        if self.unread is not None:
            return Verdict.SCOPE_DIFFERS
        if self.whole.maximum is not None and itemised.low > self.whole.maximum:
            return Verdict.EXCEEDING
        if self.whole.minimum is not None and itemised.high < self.whole.minimum:
            return Verdict.SHORT
        return Verdict.CONSISTENT

    def rest(self) -> tuple[int | None, int | None]:
        """How many of the total are not itemised: at least and at most, by the numbers named; None is open."""
        low = None if self.whole.minimum is None else self.whole.minimum - self.itemised.high
        high = None if self.whole.maximum is None else self.whole.maximum - self.itemised.low
        return low, high


def reconcile(session: Session, asked: Asked, *, source: str, period: str | None) -> list[Reconciled]:
    """The totals that a source published of a period, each held against the incidents in its scope.

    Args:
        session: an open session.
        asked: who is counted, whom the total blames (nobody: by all parties), whose figures are read; its place and
            time are those of the total, unless a place is given.
        source: code or name of the organisation that published the total.
        period: ``2017-03`` or an interval ``a/b``; None for the totals without one.

    Raises:
        NotFoundError: the source is not recorded, or published no such total; lists those it did.
    """
    every = standing_of(published(session, tier=asked.tier))
    publisher = find_organisation(session, source)
    of_source = [one for one in every if one.source_id == publisher.key and one.scope is Scope.PERIOD]
    start, end = (None, None) if period is None else day_span(period)
    blamed = actors_of(session, asked.belligerents).asked
    subject = asked.subject
    found = [
        one
        for one in of_source
        if (one.outcome, one.category) == (subject.outcome, subject.category)
        and (one.period_start, one.period_end) == (start, end)
        and (one.perpetrator_id in blamed if len(blamed) > 0 else one.perpetrator_id is None)
        and (one.minimum is not None or one.maximum is not None)
        and one.subset_of_id is None
    ]
    if len(found) == 0:
        raise _no_total(publisher.name, subject.category, of_source)
    alike: dict[tuple[object, ...], list[Published]] = {}
    for one in found:
        alike.setdefault((one.area, one.perpetrator_id, one.minimum, one.maximum), []).append(one)
    return [_reconciled(session, asked, figures, every) for figures in alike.values()]


def _no_total(source: str, category: Category, held: Sequence[Published]) -> NotFoundError:
    others = dict.fromkeys(
        f"{one.period or 'no period'}, {one.outcome.value} {one.category.value}"
        + (f", by {one.perpetrator}" if one.perpetrator else "")
        for one in held
        if one.minimum is not None or one.maximum is not None
    )
    listed = "".join(f"\n  - {line}" for line in others)
    return NotFoundError(
        "unknown_total", f"{source} published no such total of {category.value.replace('_', ' ')}.",
        fix=f"Give --period, --belligerent, --category and --outcome as one of these:{listed}" if listed else
        "Record one with: incidents claim add --scope period",
    )  # fmt: skip


def _reconciled(session: Session, asked: Asked, figures: Sequence[Published], every: Sequence[Published]) -> Reconciled:
    whole = figures[0]
    scoped, unread = _scoped(session, asked, whole)
    subject = scoped.subject
    if subject.category is Category.CIVILIAN:
        subject = replace(subject, read_as=frozenset({Category.TOTAL_PEOPLE}))
    found = gather(session, replace(scoped, subject=subject))
    sheet = Sheet(found, tally(found.records(), found.links, subject))
    strict = tally(found.records(), found.links, asked.subject).total
    parts = {split.way: split for one in figures for split in splits(one, every)}
    return Reconciled(tuple(figures), sheet, strict, tuple(parts.values()), unread)


def _scoped(session: Session, asked: Asked, whole: Published) -> tuple[Asked, str | None]:
    """What is asked in the place and time of ``whole``, and what could not be taken over."""
    scoped = replace(asked, start=whole.period_start, end=whole.until())
    if asked.area is not None or len(asked.countries) > 0:
        return scoped, None
    if whole.area is None:
        return scoped, "the total does not say where"
    names = re.split(r"\s+and\s+|\s*;\s*", whole.area)
    codes = [country_of_text(session, memory_of(session), name) for name in names]
    known = frozenset(code for code in codes if code is not None)
    if len(known) < len(codes):
        why = f"“{whole.area}” is no list of countries that the gazetteer has; give --in PLACE"
        return scoped, why
    return replace(scoped, countries=known), None
