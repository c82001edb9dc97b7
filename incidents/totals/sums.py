"""Sums: how many in the events of a list of dossiers together, for the faces that show dossiers anyway."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from db.vocabulary import Category, Outcome
from incidents.ranges import Rule
from incidents.standing import Pair
from incidents.totals.tally import Amount, Links, Record, Subject, Tally, tally
from incidents.views import Dossier


@dataclass
class Total:
    """The sum over events of one outcome and category by one rule; feed it dossiers with :meth:`add`.

    ``known`` events have a range; the others (no claim, or none with a number) add nothing, so with any of
    them the high end is open: there may be more. ``links`` say what is part of what, and which pairs are undecided.
    The figures of events that nothing links are not kept: a list may hold a million of them.
    """

    category: Category
    outcome: Outcome = Outcome.KILLED
    rule: Rule = Rule.ENVELOPE
    links: Links = field(default_factory=Links)
    incidents: int = 0
    _heads: dict[int, int] = field(default_factory=dict, repr=False)
    _alone: Amount = field(default_factory=Amount, repr=False)
    _unknown: int = field(default=0, repr=False)
    _events: int = field(default=0, repr=False)
    _linked: dict[int, Record] = field(default_factory=dict, repr=False)

    def add(self, one: Dossier) -> None:
        """Count an incident; an event that was counted already adds nothing."""
        self.incidents += 1
        if one.key in self._heads:
            return
        keys = (one.key,) if one.event is None else (one.key, *one.event.incident_ids)
        head = min(keys)
        self._heads.update(dict.fromkeys(keys, head))
        self._events += 1
        if self._joined.isdisjoint(keys):
            found = tally([Record(head, one.event_claims)], Links(), self._subject)
            self._unknown += found.without_figure()
            self._alone = plus(self._alone, found.total)
        else:
            self._linked[head] = Record(head, one.event_claims)

    @cached_property
    def _joined(self) -> set[int]:
        return {key for pairs in (self.links.unsure, self.links.parts) for pair in pairs for key in pair}

    @property
    def _subject(self) -> Subject:
        return Subject(self.category, self.outcome, self.rule)

    def tally(self) -> Tally:
        """The sum of the events that are parts or wholes, or of an undecided pair."""
        links = Links(unsure=self._of_events(self.links.unsure), parts=self._of_events(self.links.parts))
        return tally(list(self._linked.values()), links, self._subject)

    def _of_events(self, pairs: Iterable[Pair]) -> frozenset[Pair]:
        """Pairs of records as pairs of the events counted."""
        heads = ((self._heads.get(first), self._heads.get(second)) for first, second in pairs)
        return frozenset((one, other) for one, other in heads if one is not None and other is not None and one != other)

    @property
    def amount(self) -> Amount:
        """How many together."""
        return plus(self._alone, self.tally().total)

    @property
    def events(self) -> int:
        """How many events the incidents are."""
        return self._events

    @property
    def known(self) -> int:
        """How many of the events have a range, or a part that is counted for them."""
        return self._events - self._unknown - self.tally().without_figure()

    def text(self) -> str:
        """The sum in a few characters, ``75–92+``; ``unknown`` when no event has a range."""
        return self.amount.text()


def plus(one: Amount, other: Amount) -> Amount:
    """Two amounts of different events together."""
    return Amount(
        one.low + other.low,
        one.high + other.high,
        one.low_open or other.low_open,
        one.high_open or other.high_open,
        one.known or other.known,
    )


def total(
    found: Iterable[Dossier], *, outcome: Outcome = Outcome.KILLED, category: Category, rule: Rule = Rule.ENVELOPE,
    links: Links | None = None,
) -> Total:  # fmt: skip
    """The sum of one category over the events of ``found``.

    Args:
        found: dossiers; those of one event are counted once, by all the claims of the event.
        outcome: what is counted.
        category: who is counted; categories are never mixed.
        rule: the rule of each event's range.
        links: what is part of what, and which pairs are undecided; None for nothing.
    """
    counted = Total(category, outcome, rule, links or Links())
    for one in found:
        counted.add(one)
    return counted
