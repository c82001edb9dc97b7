"""Sums: how many in the events of a list of dossiers together, for the faces that show dossiers anyway."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from db.vocabulary import Category, Outcome
from incidents.ranges import Rule
from incidents.standing import Pair
from incidents.totals.tally import Amount, Links, Record, Subject, Tally, tally
from incidents.views import Dossier


@dataclass
class Total:
    """The sum over events of one outcome and category by one rule; feed it dossiers with :meth:`add`.

    ``known`` events have a range; the others (no claim, or none with a number) add nothing, so with any of
    them ``high_open`` is set: there may be more. ``links`` say what is part of what, and which pairs are undecided.
    """

    category: Category
    outcome: Outcome = Outcome.KILLED
    rule: Rule = Rule.ENVELOPE
    links: Links = field(default_factory=Links)
    incidents: int = 0
    _records: dict[int, Record] = field(default_factory=dict, repr=False)
    _heads: dict[int, int] = field(default_factory=dict, repr=False)
    _tally: Tally | None = field(default=None, repr=False)

    def add(self, one: Dossier) -> None:
        """Count an incident; an event that was counted already adds nothing."""
        self.incidents += 1
        keys = (one.key,) if one.event is None else one.event.incident_ids
        if one.key not in self._heads:
            self._heads.update(dict.fromkeys((one.key, *keys), keys[0]))
            self._records[keys[0]] = Record(keys[0], one.event_claims)
            self._tally = None

    def tally(self) -> Tally:
        """The sum with all that it is made of."""
        if self._tally is None:
            links = Links(unsure=self._of_events(self.links.unsure), parts=self._of_events(self.links.parts))
            subject = Subject(self.category, self.outcome, self.rule)
            self._tally = tally(list(self._records.values()), links, subject)
        return self._tally

    def _of_events(self, pairs: Iterable[Pair]) -> frozenset[Pair]:
        """Pairs of records as pairs of the events counted."""
        heads = ((self._heads.get(first), self._heads.get(second)) for first, second in pairs)
        return frozenset((one, other) for one, other in heads if one is not None and other is not None and one != other)

    @property
    def amount(self) -> Amount:
        """How many together."""
        return self.tally().total

    @property
    def events(self) -> int:
        """How many events the incidents are."""
        return len(self._records)

    @property
    def known(self) -> int:
        """How many of the events have a range, or a part that is counted for them."""
        return self.events - self.tally().without_figure()

    def text(self) -> str:
        """The sum in a few characters, ``75–92+``; ``unknown`` when no event has a range."""
        return self.amount.text()


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
