"""Ranges: how many, by a named rule, with the claims used, left out and why.

No range is stored. It is computed from the claims of one event, for one outcome and one category at a
time: civilians, people and combatants are never mixed.

The rules:

* ``envelope`` – the lowest minimum to the highest maximum of the eligible claims (as Airwars does);
* ``corroborated`` – the envelope of those claims that are backed: a source of another independence group (two
  articles that quote one source count once) names a number that the claim allows. "At least 33" is backed by
  40; 40 is not backed by "at least 33", which says nothing of 40. After Iraq Body Count, which asks for two
  independent sources;
* ``conservative`` – the claims that name the lowest number (as ACLED does);
* ``latest_per_source`` – the envelope of each source's last claim, which may be a denial;
* ``official`` – the envelope of what the accused belligerents themselves said, their denials included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import product

from db.vocabulary import Bound, Category, Outcome, Scope

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
SUBJECTS = {subject: rank for rank, subject in enumerate(product(Outcome, Category))}
"""What a claim can be about, in the order of the vocabulary."""


class Rule(StrEnum):
    """The rules a range can be made by."""

    ENVELOPE = "envelope"
    CORROBORATED = "corroborated"
    CONSERVATIVE = "conservative"
    LATEST_PER_SOURCE = "latest_per_source"
    OFFICIAL = "official"


@dataclass(slots=True)
class Figure:
    """A claim as the rules see it.

    ``known_from`` is the last instant (UTC) of the day it was stated, or else published; None where
    neither is known. ``group`` is the independence group of the source; ``official`` says that the source
    is, or is part of, an actor that some source names as a perpetrator of the event. ``partial`` says why
    the claim counts only a part of its category (one of two buildings, one of two sides); such a figure is
    in no range.
    """

    key: int
    code: str
    outcome: Outcome
    category: Category
    bound: Bound
    minimum: int | None
    maximum: int | None
    words: str | None
    source: str
    source_id: int
    report_id: int
    group: str
    known_from: datetime | None
    official: bool
    scope: Scope = Scope.INCIDENT
    withdrawn: bool = False
    superseded_by: str | None = None
    partial: str | None = None

    @property
    def lowest(self) -> int | None:
        """The lowest number it names."""
        return self.minimum if self.minimum is not None else self.maximum

    @property
    def highest(self) -> int | None:
        """The highest number it names."""
        return self.maximum if self.maximum is not None else self.minimum


@dataclass(frozen=True)
class Left:
    """A claim that a range leaves out, and why."""

    figure: Figure
    why: str


@dataclass(frozen=True)
class Contradiction:
    """Two claims that cannot both be right: one's maximum lies below the other's minimum."""

    lower: Figure
    upper: Figure

    def text(self) -> str:
        """One line: both figures with their sources."""
        return f"{figure_text(self.lower)} excludes {figure_text(self.upper)}"


@dataclass(slots=True)
class Range:
    """How many, by ``rule``.

    ``low`` and ``high`` are the lowest and highest number that the used claims name; both None where no used
    claim names one. ``low_open`` says that a claim behind ``low`` gave no minimum ("up to 30"): there may
    be fewer. ``high_open`` says that a used claim gave no maximum ("at least 33"): there may be more.
    ``denied`` says that the rule hears nothing but denials.
    """

    outcome: Outcome
    category: Category
    rule: Rule
    low: int | None
    high: int | None
    low_open: bool
    high_open: bool
    used: tuple[Figure, ...]
    left_out: tuple[Left, ...]
    denials: tuple[Figure, ...]
    contradictions: tuple[Contradiction, ...]
    denied: bool = False

    def text(self) -> str:
        """The range in a few characters: ``40–420``, ``33+``, ``≤30–33+``, ``~24``, ``unknown``, ``denied``."""
        if self.denied:
            return "denied"
        if self.low is None or self.high is None:
            return "unknown"
        low, high = self._rough(self.low), self._rough(self.high)
        if self.low_open:
            low = f"≤{self.low}"
        if self.low == self.high and not (self.low_open and self.high_open):
            return f"{low}+" if self.high_open else low
        return f"{low}–{high}{'+' if self.high_open else ''}"

    def _rough(self, number: int) -> str:
        """``number``, marked where every claim that names it does so only roughly."""
        bounds = {figure.bound for figure in self.used if number in (figure.lowest, figure.highest)}
        return f"~{number}" if bounds == {Bound.AROUND} else str(number)


def figure_text(figure: Figure) -> str:
    """A claim in one phrase: its words or its figures, and its source."""
    return f"“{figure.words or number_text(figure.bound, figure.minimum, figure.maximum)}” ({figure.source})"


def number_text(bound: Bound, minimum: int | None, maximum: int | None) -> str:
    """Bound and figures as one phrase; zero, denied and unknown never look alike."""
    if bound in {Bound.UNKNOWN, Bound.UNQUANTIFIED}:
        return bound.value
    if bound is Bound.NONE_DENIED:
        return "0, denied"
    if minimum is None:
        return f"{maximum} or fewer"
    if maximum is None:
        return f"{minimum} or more"
    rough = "around " if bound is Bound.AROUND else ""
    return f"{rough}{minimum}" if minimum == maximum else f"{rough}{minimum} to {maximum}"


def death_range(
    figures: Iterable[Figure], *, outcome: Outcome = Outcome.KILLED, category: Category, rule: Rule = Rule.ENVELOPE
) -> Range:
    """The range of one event's claims.

    Args:
        figures: every claim of the event, of any outcome and category.
        outcome: what is counted.
        category: who is counted.
        rule: the rule, see the module.

    Returns:
        The range with the claims used and left out; a claim of another outcome or category is in neither.
    """
    about = [figure for figure in figures if figure.outcome is outcome and figure.category is category]
    return _range(about, outcome, category, rule)


def all_ranges(figures: Iterable[Figure], rule: Rule) -> list[Range]:
    """The range of each outcome and category that ``figures`` are about, in the order of the vocabulary."""
    about: dict[tuple[Outcome, Category], list[Figure]] = {}
    for figure in figures:
        about.setdefault((figure.outcome, figure.category), []).append(figure)
    subjects = about if len(about) == 1 else sorted(about, key=SUBJECTS.__getitem__)
    return [_range(about[subject], *subject, rule) for subject in subjects]


def _range(about: list[Figure], outcome: Outcome, category: Category, rule: Rule) -> Range:
    """The range of figures that are all about ``outcome`` and ``category``; sorts them."""
    if len(about) > 1:
        about.sort(key=_by_date)
    left: list[Left] = []
    standing: list[Figure] = []
    heard: list[Figure] = []
    for figure in about:
        gone = _unheard(figure)
        if gone is None and (rule is not Rule.OFFICIAL or figure.official):
            heard.append(figure)
        silent = figure.minimum is None and figure.maximum is None
        why = gone or figure.partial or ("names no number" if silent else None)
        if why is None:
            standing.append(figure)
        else:
            left.append(Left(figure, why))
    used, dropped = RULES[rule](standing)
    low, high = _ends(used)
    denials = [figure for figure in standing if figure.bound is Bound.NONE_DENIED]
    others = [figure for figure in heard if figure.bound is not Bound.NONE_DENIED or figure.partial]
    return Range(
        outcome,
        category,
        rule,
        low,
        high,
        _low_open(used, low),
        _high_open(used),
        tuple(used),
        (*left, *dropped),
        tuple(denials),
        tuple(contradictions(used)),
        denied=len(heard) > 0 and len(others) == 0,
    )


def _by_date(figure: Figure) -> tuple[datetime, int]:
    return figure.known_from or LONG_AGO, figure.key


def _ends(used: Sequence[Figure]) -> tuple[int | None, int | None]:
    """The lowest and the highest number that ``used`` name."""
    named = [number for figure in used for number in (figure.minimum, figure.maximum) if number is not None]
    return min(named, default=None), max(named, default=None)


def _unheard(figure: Figure) -> str | None:
    """Why a claim says nothing of this incident any more, or never did; None where it does."""
    if figure.withdrawn:
        return "withdrawn by its source"
    if figure.superseded_by is not None:
        return f"superseded by {figure.superseded_by}"
    if figure.scope is not Scope.INCIDENT:
        return f"a total of scope {figure.scope.value}, not of this incident"
    return None


Selected = tuple[list[Figure], list[Left]]


def _without_denials(standing: Sequence[Figure]) -> Selected:
    """A denial is shown beside the range: it is no count of the dead."""
    used = [figure for figure in standing if figure.bound is not Bound.NONE_DENIED]
    if len(used) == len(standing):
        return used, []
    denials = [figure for figure in standing if figure.bound is Bound.NONE_DENIED]
    return used, [Left(figure, "a denial, shown beside the range") for figure in denials]


def _corroborated(standing: Sequence[Figure]) -> Selected:
    used, dropped = _without_denials(standing)
    backed = [figure for figure in used if any(_backs(other, figure) for other in used)]
    alone = [
        Left(figure, "no source of another independence group names a number it allows")
        for figure in used
        if figure not in backed
    ]
    return backed, dropped + alone


def _backs(other: Figure, figure: Figure) -> bool:
    """Whether a number that ``other`` names is one that ``figure`` allows; open ends back nothing."""
    if other.group == figure.group or other.lowest is None or other.highest is None:
        return False
    enough = figure.minimum is None or other.highest >= figure.minimum
    return enough and (figure.maximum is None or other.lowest <= figure.maximum)


def _conservative(standing: Sequence[Figure]) -> Selected:
    used, dropped = _without_denials(standing)
    lowest = min((figure.lowest for figure in used if figure.lowest is not None), default=None)
    lows = [figure for figure in used if figure.lowest == lowest]
    # Where a plain figure and an open one name the same number, the plain one says it without a rest.
    kept = [figure for figure in lows if figure.minimum == figure.maximum] or lows
    left = [
        Left(figure, "the lowest figure stands without it" if figure in lows else "not the lowest figure")
        for figure in used
        if figure not in kept
    ]
    return kept, dropped + left


def _latest_per_source(standing: Sequence[Figure]) -> Selected:
    last = {figure.source_id: figure.known_from for figure in standing}
    latest = [figure for figure in standing if figure.known_from == last[figure.source_id]]
    used, dropped = _without_denials(latest)
    return used, dropped + [
        Left(figure, f"{figure.source} said something later") for figure in standing if figure not in latest
    ]


def _official(standing: Sequence[Figure]) -> Selected:
    used = [figure for figure in standing if figure.official]
    return used, [Left(figure, "not said by an accused belligerent") for figure in standing if not figure.official]


RULES: dict[Rule, Callable[[Sequence[Figure]], Selected]] = {
    Rule.ENVELOPE: _without_denials,
    Rule.CORROBORATED: _corroborated,
    Rule.CONSERVATIVE: _conservative,
    Rule.LATEST_PER_SOURCE: _latest_per_source,
    Rule.OFFICIAL: _official,
}


def _low_open(used: Sequence[Figure], low: int | None) -> bool:
    """Whether a claim at the lowest number gave no minimum, and its own report none beside it."""
    at_most = [figure for figure in used if figure.minimum is None and figure.maximum == low]
    return len(at_most) > 0 and any(
        not any(other.minimum == low for other in _beside(figure, used)) for figure in at_most
    )


def _high_open(used: Sequence[Figure]) -> bool:
    """Whether a claim gave no maximum, and its own report none above it (a low and a high estimate)."""
    at_least = [figure for figure in used if figure.maximum is None and figure.minimum is not None]
    return len(at_least) > 0 and any(
        not any(other.maximum is not None and other.maximum >= figure.minimum for other in _beside(figure, used))
        for figure in at_least
        if figure.minimum is not None
    )


def _beside(figure: Figure, used: Sequence[Figure]) -> list[Figure]:
    """The claims that the same report makes for the same source."""
    own = (figure.source_id, figure.report_id)
    return [other for other in used if (other.source_id, other.report_id) == own]


def _below(first: Figure, second: Figure) -> bool:
    if Bound.AROUND in {first.bound, second.bound}:
        return False
    return first.maximum is not None and second.minimum is not None and first.maximum < second.minimum


def contradictions(used: Sequence[Figure]) -> list[Contradiction]:
    """Every pair of claims that cannot both be right, the widest apart first.

    Claims of one report are not set against each other: a low and a high estimate are no quarrel. Nor is a rough
    figure set against any: "around 200" does not exclude 210, and no source says where it ends.
    """
    maxima = [figure.maximum for figure in used if figure.maximum is not None]
    minima = [figure.minimum for figure in used if figure.minimum is not None]
    if len(maxima) == 0 or len(minima) == 0 or min(maxima) >= max(minima):
        return []
    pairs = [
        Contradiction(lower, upper)
        for lower in used
        for upper in used
        if _below(lower, upper) and (lower.source_id, lower.report_id) != (upper.source_id, upper.report_id)
    ]
    return sorted(pairs, key=_gap)


def _gap(pair: Contradiction) -> tuple[int, int, int]:
    return (pair.lower.maximum or 0) - (pair.upper.minimum or 0), pair.lower.key, pair.upper.key
