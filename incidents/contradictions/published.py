"""Contradictions among published totals: series, rivals, parts, lengths of time, shares, admissions, books."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations

from db.vocabulary import AttributionStrength, Bound, Category, Outcome, Scope
from incidents.contradictions.clash import Clash, Kind
from incidents.ranges import number_text
from incidents.totals.books import BOOKED, books, breaks
from incidents.totals.published import Published, splits
from incidents.windows import day_span

ALIKE = 0.8
"""Two periods are about the same where they share this much of the days of both."""
_DAYS = re.compile(r"([0-9][0-9,]*) days\b", re.IGNORECASE)
_SHARE = re.compile(r"([0-9]+) ?(?:%|per cent)")
DEAD = frozenset({Outcome.KILLED, Outcome.CASUALTIES})


def of_totals(standing: Sequence[Published], every: Sequence[Published]) -> Iterator[Clash]:
    """The clashes among published totals.

    Args:
        standing: those that stand.
        every: those too that later ones superseded: the days of a running total.
    """
    for rule in (_rivals, _parts, _bounds, _lengths, _shares, _early, _books):
        yield from rule(standing)
    yield from _series(every)
    yield from _unmatched(every)


def _numbered(rows: Iterable[Published]) -> list[Published]:
    return [row for row in rows if row.minimum is not None or row.maximum is not None]


def _figure(one: Published) -> str:
    return one.words or number_text(one.bound, one.minimum, one.maximum)


def _day(moment: datetime | None) -> str:
    return "no day" if moment is None else moment.date().isoformat()


def _admitted(one: Published) -> bool:
    """Whether it is a running total of dead that a belligerent owned up to."""
    running = one.period_start is None and one.scope is Scope.PERIOD
    return running and one.strength is AttributionStrength.DECLARED and one.outcome is Outcome.KILLED


def _series(every: Sequence[Published]) -> Iterator[Clash]:
    """Figures of different days for one count: they are no rivals."""
    counts: dict[tuple[object, ...], list[Published]] = defaultdict(list)
    for one in _numbered(every):
        if _admitted(one):
            counts["admitted", one.perpetrator_id].append(one)
        elif one.outcome in DEAD and one.period_start is not None and one.subset_of_id is None:
            scope = (one.source_id, one.category, one.area, one.perpetrator_id, one.period_start)
            counts[scope].append(one)
    for rows in counts.values():
        days: dict[tuple[str, str], list[Published]] = defaultdict(list)
        for row in sorted(rows, key=lambda one: (_day(one.known()), one.key)):
            days[_day(row.known()), _figure(row)].append(row)
        if len({day for day, _ in days}) < 2 or len({(row.minimum, row.maximum) for row in rows}) < 2:
            continue
        told = "; ".join(f"{figure} ({day})" for day, figure in days)
        units = list(dict.fromkeys(row.outcome.value for row in rows))
        unit = f"; the unit differs: {' and '.join(units)}" if len(units) > 1 else ""
        yield Clash(
            Kind.SERIES, _about(rows), f"figures of different days, no rivals: {told}{unit}", _codes(rows)
        )  # fmt: skip


def _about(rows: Sequence[Published]) -> str:
    return ", ".join(dict.fromkeys(row.source for row in rows))


def _codes(rows: Iterable[Published]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.code for row in rows))


def _unmatched(every: Sequence[Published]) -> Iterator[Clash]:
    """An admission, told by somebody else, that is none of those known from the days it is said to stand on."""
    admitted = [one for one in _numbered(every) if _admitted(one)]
    for one in admitted:
        if one.publisher_id == one.source_id or one.as_of_start is None or one.as_of_end is None:
            continue
        near = [
            other for other in admitted
            if other is not one and other.perpetrator_id == one.perpetrator_id and other.as_of_end is not None
            and one.as_of_start <= other.as_of_end <= one.as_of_end
        ]  # fmt: skip
        if len(near) == 0 or any((other.minimum, other.maximum) == (one.minimum, one.maximum) for other in near):
            continue
        told = ", ".join(f"{_figure(other)} ({_day(other.as_of_end)})" for other in near)
        slips = [_figure(other) for other in near if _one_digit_apart(one.minimum, other.minimum)]
        slip = f"; one digit from {', '.join(slips)}" if len(slips) > 0 else ""
        yield Clash(
            Kind.UNMATCHED_FIGURE, one.source, f"“{_figure(one)}” of {one.as_of} is none of {told}{slip}",
            _codes([one, *near]),
        )  # fmt: skip


def _one_digit_apart(one: int | None, other: int | None) -> bool:
    first, second = str(one), str(other)
    return len(first) == len(second) and sum(a != b for a, b in zip(first, second, strict=True)) == 1


def _rivals(standing: Sequence[Published]) -> Iterator[Clash]:
    """Two sources that cannot both be right about one area, party and, about, one period."""
    scopes: dict[tuple[object, ...], list[Published]] = defaultdict(list)
    for one in _numbered(standing):
        if one.outcome is Outcome.KILLED and one.period_start is not None and one.side_id is None:
            scopes[one.area, one.perpetrator_id].append(one)
    for rows in scopes.values():
        for first, second in combinations(rows, 2):
            for low, high in ((first, second), (second, first)):
                if low.source_id != high.source_id and _excludes(low, high) and _same_time(low, high):
                    yield Clash(
                        Kind.RIVAL_TOTALS, _about([low, high]),
                        f"{low.text()} excludes {high.text()}, {low.area}, of about the same time: two methods, never "
                        "to be averaged",
                        _codes([low, high]),
                    )  # fmt: skip


def _excludes(low: Published, high: Published) -> bool:
    """Whether ``high`` counts more than ``low`` allows; civilians are people."""
    comparable = low.category is high.category or (
        low.category is Category.TOTAL_PEOPLE and high.category is Category.CIVILIAN
    )
    if not comparable or Bound.AROUND in {low.bound, high.bound} or low.maximum is None or high.minimum is None:
        return False
    return low.maximum < high.minimum


def _same_time(one: Published, other: Published) -> bool:
    ends = (one.period_start, one.until(), other.period_start, other.until())
    if None in ends:
        return False
    first, last, start, end = (moment.timestamp() for moment in ends if moment is not None)
    both = min(last, end) - max(first, start)
    return both >= ALIKE * (max(last, end) - min(first, start))


def _parts(standing: Sequence[Published]) -> Iterator[Clash]:
    """Parts that are more than their whole, or that leave some of it out."""
    seen: set[tuple[object, ...]] = set()
    for whole in _numbered(standing):
        for split in splits(whole, standing):
            told = " + ".join(str(group.low) for group in split.groups)
            codes = _codes([whole, *(one for group in split.groups for one in group.figures)])
            if split.exceeds():
                why = f"{told} are {split.low}, more than “{_figure(whole)}” of {whole.code} ({split.way})"
                yield Clash(Kind.PARTS_EXCEED, whole.source, why, codes)
            # Men are seldom told apart, and one part alone divides nothing.
            elif split.misses() and split.way != "by age and sex" and len(split.groups) > 1:
                rest = split.rest()[0]
                once = (whole.about(), split.way, split.low, rest)
                if once not in seen:
                    seen.add(once)
                    why = f"{told} are {split.low:,}; {rest:,} of “{_figure(whole)}” are in none of them ({split.way})"
                    yield Clash(Kind.PARTS_MISS, whole.source, why, codes)


def _bounds(standing: Sequence[Published]) -> Iterator[Clash]:
    """One number in one report with two bounds."""
    said: dict[tuple[object, ...], list[Published]] = defaultdict(list)
    for one in _numbered(standing):
        number = one.minimum if one.minimum is not None else one.maximum
        said[one.about(), one.report, number].append(one)
    for rows in said.values():
        bounds = list(dict.fromkeys(row.bound.value for row in rows))
        if len(bounds) > 1:
            told = " and ".join(f"“{_figure(row)}”" for row in rows)
            why = f"one number of one report is {' and '.join(bounds)}: {told}"
            yield Clash(Kind.BOUND_DIFFERS, _about(rows), why, _codes(rows))


def _lengths(standing: Sequence[Published]) -> Iterator[Clash]:
    """A number of days that its own dates do not give."""
    for one in standing:
        found = _DAYS.search(one.words or "")
        if one.outcome is not Outcome.CONTEXT or found is None or one.period_start is None or one.period_end is None:
            continue
        said, real = int(found[1].replace(",", "")), (one.period_end.date() - one.period_start.date()).days
        if abs(said - real) > 1:  # the first or the last day may be counted too
            then = (one.period_start + timedelta(days=said)).date()
            why = (
                f"“{one.words}” from {_day(one.period_start)} to {_day(one.period_end)} are {real} days; "
                f"{said:,} days end on {then}"
            )
            yield Clash(Kind.LENGTH_DIFFERS, one.source, why, (one.code,))


def _shares(standing: Sequence[Published]) -> Iterator[Clash]:
    """A share that the figures beside it do not give; rounded by one either way."""
    by_key = {one.key: one for one in standing}
    for one in standing:
        found = _SHARE.search(one.words or "")
        whole = by_key.get(one.subset_of_id or 0)
        if one.outcome is not Outcome.CONTEXT or found is None or whole is None:
            continue
        for part in standing:
            beside = (part.report, part.locator, part.period, part.area) == (
                one.report,
                one.locator,
                one.period,
                one.area,
            )
            if part.subset_of_id != whole.key or part.category is not whole.category or not beside:
                continue
            if (
                part.minimum is not None
                and whole.minimum
                and abs(100 * part.minimum / whole.minimum - int(found[1])) > 1
            ):
                real = 100 * part.minimum / whole.minimum
                why = f"“{one.words}”, but {part.minimum:,} of {whole.minimum:,} are {real:.1f} per cent"
                yield Clash(Kind.SHARE_DIFFERS, one.source, why, _codes([one, part, whole]))


def _early(standing: Sequence[Published]) -> Iterator[Clash]:
    """A report that is older than the end of the period it counts."""
    for one in standing:
        last = (one.period or "..").rpartition("/")[2]
        if last == ".." or one.published_end is None:
            continue
        begins = day_span(last)[0]
        if begins is not None and one.published_end < begins:
            why = f"[{one.report}] of {_day(one.published_end)} counts a period that ends {last}"
            yield Clash(Kind.DATE_DIFFERS, one.source, why, (one.code,))


def _books(standing: Sequence[Published]) -> Iterator[Clash]:
    """Monthly books that do not add up, or do not follow each other."""
    found = books([one for one in standing if one.outcome in BOOKED])
    for book in found:
        for why in book.problems():
            yield Clash(Kind.BOOKS_DIFFER, book.source, f"{book.period}: {why}", book.claims)
    for one, other, why in breaks(found):
        yield Clash(Kind.BOOKS_DIFFER, one.source, why, (*one.claims, *other.claims))
