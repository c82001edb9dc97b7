"""The arithmetic of totals: records, what joins them, and how many they make together. No database here.

Records that are one event are counted once, by all their figures. A part is never added to its whole: a whole counts
the greater of its own figure and the sum of its parts. Pairs that nobody can decide are counted twice over: once as
if they were the same (that gives the low end) and once as if they were not (that gives the high end).

What follows for the rules ``envelope`` and ``conservative``: a link between two records that are counted never raises
an end of the total. A link to a record that was not counted, since it is outside, its place is unknown or nobody is
accused in it, brings in its figures; no death is counted twice by it. By ``latest_per_source`` a link never raises the
high end; a later word of a source may replace a lower one. ``corroborated`` and ``official`` weigh who says so, and a
link may bring the second source, or the accusation, that they ask for. For every rule: an undone judgement leaves no
trace, and the order does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from db.vocabulary import Category, Outcome, Verdict
from incidents.ranges import Figure, Range, Rule, death_range
from incidents.standing import Pair, Standing

WEIGHING = frozenset({Rule.CORROBORATED, Rule.OFFICIAL})
"""The rules that ask who says so: what is joined may be more than its pieces, which nobody backed."""


class Fit(StrEnum):
    """How a record, or an event, answers to what is asked; ``unknown`` is neither in nor out, and counted apart."""

    SURELY = "surely"
    POSSIBLY = "possibly"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Record:
    """A record with its figures, and how it answers.

    ``named`` says that some source accuses an actor that is asked for, ``contested`` that some source accuses another
    or disputes it.
    """

    key: int
    figures: Sequence[Figure]
    time: Fit = Fit.SURELY
    place: Fit = Fit.SURELY
    named: bool = True
    contested: bool = False


@dataclass(frozen=True)
class Links:
    """What was judged of pairs of records: ``parts`` holds the part first, then its whole."""

    same: frozenset[Pair] = frozenset()
    unsure: frozenset[Pair] = frozenset()
    parts: frozenset[Pair] = frozenset()


def links_of(standing: Standing) -> Links:
    """What stands of the judgements, as the arithmetic takes it."""
    same, unsure = standing.of(Verdict.SAME), standing.of(Verdict.UNSURE)
    return Links(frozenset(same), frozenset(unsure), frozenset(standing.parts))


@dataclass(frozen=True)
class Subject:
    """What is counted, and by which rule a range is made; categories are never mixed.

    But for ``read_as``: figures of these categories are read as if they were of ``category``. Only to hold incidents
    against a published total, since a report that says "people" may count civilians; never in a total.
    """

    category: Category
    outcome: Outcome = Outcome.KILLED
    rule: Rule = Rule.ENVELOPE
    read_as: frozenset[Category] = frozenset()

    @property
    def categories(self) -> frozenset[Category]:
        """The categories whose figures are read."""
        return self.read_as | {self.category}

    def range(self, figures: Iterable[Figure]) -> Range:
        """The range of the figures of one event."""
        if len(self.read_as) > 0:
            figures = [replace(one, category=self.category) if one.category in self.read_as else one for one in figures]
        return death_range(figures, outcome=self.outcome, category=self.category, rule=self.rule)


@dataclass(frozen=True, slots=True)
class Amount:
    """How many. Open ends say that there may be fewer than ``low``, or more than ``high``.

    ``known`` is False where nothing that is counted has a number: low and high then say nothing.
    """

    low: int = 0
    high: int = 0
    low_open: bool = False
    high_open: bool = False
    known: bool = False

    def text(self) -> str:
        """In a few characters: ``72–80``, ``≤75–92+``, ``unknown``."""
        if not self.known:
            return "unknown"
        low = f"≤{self.low}" if self.low_open else str(self.low)
        high = "" if self.low == self.high and not (self.low_open and self.high_open) else f"–{self.high}"
        return f"{low}{high}{'+' if self.high_open else ''}"


@dataclass(slots=True)
class Event:
    """Records that are one event, as one reading of the judgements has it.

    ``parts`` and ``wholes`` are places in the list of events of the reading; of several wholes, which only undecided
    pairs make, the first counts the high end of the part.
    """

    keys: tuple[int, ...]
    fit: Fit
    found: Range
    parts: set[int] = field(default_factory=set)
    wholes: set[int] = field(default_factory=set)

    @property
    def whole(self) -> int | None:
        """What it is part of; None where it is no part."""
        return min(self.wholes, default=None)

    @property
    def counts(self) -> bool:
        """Whether it is surely or possibly in scope."""
        return self.fit in {Fit.SURELY, Fit.POSSIBLY}

    def own(self) -> Amount:
        """Its own figure, without its parts; one that is only possibly in scope adds nothing to the low end."""
        found = self.found
        if not self.counts:
            return Amount()
        if found.low is None or found.high is None:
            return Amount(high_open=True)
        if self.fit is Fit.POSSIBLY:
            return Amount(0, found.high, high_open=found.high_open, known=True)
        return Amount(found.low, found.high, found.low_open, found.high_open, known=True)


@dataclass(frozen=True)
class Reading:
    """The events, by one way to read the pairs that are undecided, and what they make together."""

    events: tuple[Event, ...]
    total: Amount


@dataclass(frozen=True)
class Tally:
    """A total: ``different`` reads the undecided pairs as two events each, ``same`` as one.

    ``unsure`` are the undecided pairs that concern what is counted.
    """

    different: Reading
    same: Reading
    unsure: tuple[Pair, ...]
    rule: Rule = Rule.ENVELOPE

    @property
    def total(self) -> Amount:
        """The widest that both readings allow.

        By the rules that do not weigh who says so, the high end is that of undecided pairs read as two events: one
        event cannot be more.
        """
        one, other = self.same.total, self.different.total
        low = _least(one, other)
        if self.rule not in WEIGHING:
            one = other
        high_open, known = one.high_open or other.high_open, low.known or other.known
        return Amount(low.low, max(one.high, other.high), low.low_open, high_open=high_open, known=known)

    def counted(self) -> list[Event]:
        """The events in scope."""
        return [event for event in self.different.events if event.counts]

    def apart(self) -> list[Event]:
        """The events of which it is not known whether they are in scope."""
        return [event for event in self.different.events if event.fit is Fit.UNKNOWN]

    def without_figure(self) -> int:
        """How many events in scope have no number at all, nor any of their parts."""
        return sum(
            event.found.low is None and not any(self.different.events[part].counts for part in event.parts)
            for event in self.counted()
        )


def tally(records: Sequence[Record], links: Links, subject: Subject) -> Tally:
    """How many the events of ``records`` make together.

    Args:
        records: each once; those that are linked to one in scope too, or the event lacks their figures.
        links: between any records; those of others are not looked at.
        subject: what is counted.
    """
    held = {record.key: record for record in records}
    known = Links(*(frozenset(pair for pair in pairs if held.keys() >= set(pair)) for pairs in _sets(links)))
    different = _reading(held, known.same, known.parts, subject)
    concerned = _concerned(different, known.unsure)
    if len(known.unsure) == 0:
        return Tally(different, different, (), subject.rule)
    one_event = _reading(held, known.same | known.unsure, known.parts, subject)
    return Tally(different, one_event, concerned, subject.rule)


def _sets(links: Links) -> tuple[frozenset[Pair], ...]:
    return links.same, links.unsure, links.parts


def _concerned(reading: Reading, unsure: Collection[Pair]) -> tuple[Pair, ...]:
    """The undecided pairs whose two sides are two events in scope."""
    event_of = {key: index for index, event in enumerate(reading.events) for key in event.keys}
    counts = [event.counts for event in reading.events]
    return tuple(
        (low, high)
        for low, high in sorted(unsure)
        if event_of[low] != event_of[high] and counts[event_of[low]] and counts[event_of[high]]
    )


def fit_of(records: Sequence[Record]) -> Fit:
    """How an event answers: surely where all of its records do, outside where none can.

    A record without a time or a place leaves that to the others.
    """
    time, place = _together(record.time for record in records), _together(record.place for record in records)
    if Fit.OUTSIDE in {time, place} or not any(record.named for record in records):
        return Fit.OUTSIDE
    if Fit.UNKNOWN in {time, place}:
        return Fit.UNKNOWN
    sure = time is place is Fit.SURELY and not any(record.contested for record in records)
    return Fit.SURELY if sure else Fit.POSSIBLY


def _together(fits: Iterable[Fit]) -> Fit:
    known = set(fits) - {Fit.UNKNOWN}
    if len(known) == 0:
        return Fit.UNKNOWN
    return known.pop() if len(known) == 1 else Fit.POSSIBLY


def _reading(held: Mapping[int, Record], same: Collection[Pair], parts: Collection[Pair], subject: Subject) -> Reading:
    groups = _groups(held, same, parts)
    events: list[Event] = []
    for keys in groups:
        records = [held[key] for key in keys]
        figures = [figure for record in records for figure in record.figures]
        events.append(Event(tuple(keys), fit_of(records), subject.range(figures)))
    at = {key: index for index, keys in enumerate(groups) for key in keys}
    for part, whole in parts:
        if at[part] != at[whole]:
            events[at[whole]].parts.add(at[part])
            events[at[part]].wholes.add(at[whole])
    return Reading(tuple(events), _sum(events))


def _groups(held: Mapping[int, Record], same: Collection[Pair], parts: Collection[Pair]) -> list[list[int]]:
    """The records of each event, the first recorded first.

    Where undecided pairs are read as one event, a chain of parts may end where it began; that is then one event too.
    """
    leader = {key: key for key in held}

    def lead(key: int) -> int:
        while leader[key] != key:
            leader[key] = key = leader[leader[key]]
        return key

    def join(first: int, second: int) -> None:
        low, high = sorted((lead(first), lead(second)))
        leader[high] = low

    for first, second in same:
        join(first, second)
    while len(ring := _ring((lead(part), lead(whole)) for part, whole in parts)) > 0:
        for first, second in pairwise(ring):
            join(first, second)
    found: dict[int, list[int]] = {}
    for key in sorted(held):
        found.setdefault(lead(key), []).append(key)
    return list(found.values())


def _ring(parts: Iterable[Pair]) -> list[int]:
    """A chain of parts and wholes that ends where it began; empty where there is none."""
    wholes: dict[int, set[int]] = {}
    for part, whole in parts:
        if part != whole:
            wholes.setdefault(part, set()).add(whole)
    try:
        TopologicalSorter(wholes).prepare()
    except CycleError as error:
        ring: list[int] = error.args[1]
        return ring
    return []


def _sum(events: Sequence[Event]) -> Amount:
    """What the events that are no part of another make together.

    Wholes that share a part overlap, nobody knows how far: they are at least as many as the larger of them.
    """
    amounts: dict[int, Amount] = {}
    within: dict[int, set[int]] = {}
    said_open: dict[int, bool] = {}
    order = TopologicalSorter({index: event.parts for index, event in enumerate(events) if len(event.parts) > 0})
    for index in order.static_order():
        own, parts = events[index].own(), events[index].parts
        here = [part for part in sorted(parts) if events[part].whole == index]
        within[index] = {index}.union(*(within[part] for part in parts))
        below = _added([amounts[part] for part in here], _least_of(parts, amounts, within))
        said_open[index] = (own.known and own.high_open) or any(said_open[part] for part in here)
        amounts[index] = own if len(parts) == 0 else _whole(own, below, said_open[index])
    alone = [event.own() for index, event in enumerate(events) if event.whole is None and index not in amounts]
    roots = [index for index in amounts if events[index].whole is None]
    most = [*alone, *(amounts[index] for index in roots)]
    return _added(most, [*alone, *_least_of(roots, amounts, within)])


def _least_of(indexes: Iterable[int], amounts: Mapping[int, Amount], within: Mapping[int, set[int]]) -> list[Amount]:
    """The low ends of events, of those that share a part only the greatest; of two alike the one that is not open."""
    groups: list[tuple[set[int], Amount]] = []
    for index in sorted(indexes):
        held, least = set(within[index]), amounts[index]
        apart = []
        for others, low in groups:
            if held.isdisjoint(others):
                apart.append((others, low))
            else:
                held |= others
                least = max(least, low, key=lambda one: (one.low, not one.low_open))
        groups = [*apart, (held, least)]
    return [least for _, least in groups]


def _whole(own: Amount, parts: Amount, said_open: bool) -> Amount:  # noqa: FBT001 - what a figure says, computed above
    """The greater of an event's own figure and the sum of its parts.

    Its own figure says how many at most, where a part of it has none; ``said_open`` where a figure leaves that open.
    """
    low = own if (own.low, not own.low_open) >= (parts.low, not parts.low_open) else parts
    high_open = own.high_open or (said_open if own.known else parts.high_open)
    return Amount(low.low, max(own.high, parts.high), low.low_open, high_open, known=own.known or parts.known)


def _added(most: Sequence[Amount], least: Sequence[Amount]) -> Amount:
    """The high ends of ``most`` and the low ends of ``least``, each added up."""
    return Amount(
        sum(one.low for one in least),
        sum(one.high for one in most),
        any(one.low_open for one in least),
        any(one.high_open for one in most),
        known=any(one.known for one in (*most, *least)),
    )


def _least(one: Amount, other: Amount) -> Amount:
    """The lower of two low ends: of two alike the open one."""
    return min((one, other), key=lambda amount: (amount.low, not amount.low_open))
