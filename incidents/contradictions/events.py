"""Contradictions among the claims of one event: numbers that exclude each other, denials, scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from db.vocabulary import Bound, Category
from incidents.contradictions.clash import Clash, Kind
from incidents.ranges import Figure, Rule, all_ranges, figure_text
from incidents.totals.facts import Counted, Facts
from incidents.totals.published import Published

SHOWN = 3
"""So many pairs are told in a reason; the claims of all are listed."""
NOT_CIVILIANS = frozenset({Category.COMBATANT, Category.UNDETERMINED_STATUS})
SOME_PEOPLE = frozenset({Category.CIVILIAN, Category.CHILD, Category.WOMAN, Category.MAN, Category.COMBATANT})
OTHERS = "civilians at most (unless the rest were none), yet people"
Pair = tuple[Figure, Figure]


@dataclass(frozen=True)
class Claims:
    """What was said of one event: its records, their figures that stand, and the totals that count it among others."""

    records: tuple[Facts, ...]
    totals: tuple[Published, ...]

    @property
    def code(self) -> str:
        """The code of the event: of the record first recorded."""
        return self.records[0].code

    def figures(self) -> list[Counted]:
        """The figures of all records."""
        return [figure for record in self.records for figure in record.figures]

    def standing(self) -> list[Counted]:
        """Those that are neither withdrawn, superseded nor partial, and name a number."""
        return [
            one for one in self.figures()
            if not one.withdrawn and one.superseded_by is None and one.partial is None
            and (one.minimum is not None or one.maximum is not None) and one.bound is not Bound.NONE_DENIED
        ]  # fmt: skip


def of_event(event: Claims) -> Iterator[Clash]:
    """The clashes among the claims of one event."""
    yield from _excluding(event)
    standing = event.standing()
    yield from _pairs(event, Kind.MORE_THAN_ALL, standing, _more_than_all, "people in all, yet")
    yield from _pairs(event, Kind.PEOPLE_AND_CIVILIANS, standing, _unless_not_civilian(standing), OTHERS)
    yield from _scope(event, standing)


def _excluding(event: Claims) -> Iterator[Clash]:
    """Figures of one category whose bounds exclude each other, one source's own days apart; and denials."""
    for found in all_ranges(event.figures(), Rule.ENVELOPE):
        what = f"{found.outcome.value} {found.category.value}".replace("_", " ")
        pairs = [(pair.lower, pair.upper) for pair in found.contradictions]
        rivals = [(low, high) for low, high in pairs if not _days_of_one(low, high)]
        if len(rivals) > 0:
            yield _clash(Kind.NUMBERS_EXCLUDE, event, what, rivals, "excludes")
        days = [(low, high) for low, high in pairs if _days_of_one(low, high)]
        if len(days) > 0:
            yield _clash(Kind.SERIES, event, f"{what}: days of one count, no rivals", days, "and")
        claimed = [figure for figure in found.used if (figure.minimum or 0) > 0]
        if len(found.denials) > 0 and len(claimed) > 0:
            least = max(claimed, key=lambda figure: (figure.minimum or 0, -figure.key))
            denied = [(denial, least) for denial in found.denials]
            codes = tuple(figure.code for figure in (*found.denials, *claimed))
            told = _clash(Kind.DENIED, event, what, denied, "is denied against")
            yield Clash(Kind.DENIED, event.code, told.reason, tuple(dict.fromkeys(codes)))


def _days_of_one(low: Figure, high: Figure) -> bool:
    """Whether one source said both, on different days."""
    return low.source_id == high.source_id and low.known_from != high.known_from


def _clash(kind: Kind, event: Claims, what: str, pairs: Sequence[Pair], joint: str) -> Clash:
    told = "; ".join(f"{figure_text(low)} {joint} {figure_text(high)}" for low, high in pairs[:SHOWN])
    more = f"; and {len(pairs) - SHOWN} more pairs" if len(pairs) > SHOWN else ""
    codes = dict.fromkeys(figure.code for pair in pairs for figure in pair)
    return Clash(kind, event.code, f"{what}: {told}{more}", tuple(codes))


def _pairs(
    event: Claims, kind: Kind, standing: Sequence[Counted], clash: Callable[[Figure, Figure], bool], words: str
) -> Iterator[Clash]:
    """One clash of all pairs of claims of different reports that ``clash`` names, the widest apart first."""
    pairs = [
        (low, high)
        for low in standing
        for high in standing
        if (low.source_id, low.report_id) != (high.source_id, high.report_id) and clash(low, high)
    ]
    if len(pairs) > 0:
        pairs.sort(key=lambda pair: ((pair[0].maximum or 0) - (pair[1].minimum or 0), pair[0].key, pair[1].key))
        yield _clash(kind, event, pairs[0][0].outcome.value, pairs, words)


def _below(low: Figure, high: Figure) -> bool:
    rough = Bound.AROUND in {low.bound, high.bound} or low.outcome is not high.outcome
    return not rough and low.maximum is not None and high.minimum is not None and low.maximum < high.minimum


def _more_than_all(low: Figure, high: Figure) -> bool:
    """More of one kind of people than there are people."""
    return low.category is Category.TOTAL_PEOPLE and high.category in SOME_PEOPLE and _below(low, high)


def _unless_not_civilian(standing: Sequence[Figure]) -> Callable[[Figure, Figure], bool]:
    """More people than civilians, and the source of the civilians tells of no others that would explain it."""

    def clash(low: Figure, high: Figure) -> bool:
        if (low.category, high.category) != (Category.CIVILIAN, Category.TOTAL_PEOPLE) or not _below(low, high):
            return False
        others = sum(
            one.maximum or one.minimum or 0
            for one in standing
            if one.source_id == low.source_id and one.category in NOT_CIVILIANS and one.outcome is low.outcome
        )
        return (low.maximum or 0) + others < (high.minimum or 0)

    return clash


def _scope(event: Claims, standing: Sequence[Counted]) -> Iterator[Clash]:
    """One event that is said to be as many as several together: a total may have been attached to one."""
    for total in event.totals:
        if total.maximum is None:
            continue
        reached = [
            one for one in standing
            if (one.outcome, one.category) == (total.outcome, total.category) and (one.minimum or 0) >= total.maximum
        ]  # fmt: skip
        for one in reached:
            why = f"{figure_text(one)} of this alone, but {total.text()} of several together"
            yield Clash(Kind.SCOPE_MISTAKEN, event.code, why, (one.code, total.code))
