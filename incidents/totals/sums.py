"""Totals: how many in several events together, each event counted once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from db.vocabulary import Category, Outcome
from incidents.ranges import Range, Rule, death_range
from incidents.views import Dossier


@dataclass
class Total:
    """The sum over events of one outcome and category by one rule; feed it dossiers with :meth:`add`.

    ``known`` events have a range; the others (no claim, or none with a number) add nothing, so with any of
    them ``high_open`` is set: there may be more.
    """

    category: Category
    outcome: Outcome = Outcome.KILLED
    rule: Rule = Rule.ENVELOPE
    incidents: int = 0
    known: int = 0
    low: int = 0
    high: int = 0
    low_open: bool = False
    _high_open: bool = False
    _seen: set[str] = field(default_factory=set, repr=False)

    @property
    def events(self) -> int:
        """How many events the incidents are."""
        return len(self._seen)

    @property
    def high_open(self) -> bool:
        """Whether there may be more than ``high``."""
        return self._high_open or self.known < self.events

    def add(self, one: Dossier) -> None:
        """Count an incident; an event that was counted already adds nothing."""
        self.incidents += 1
        if one.event_code not in self._seen:
            self._seen.add(one.event_code)
            self._add_range(death_range(one.event_claims, outcome=self.outcome, category=self.category, rule=self.rule))

    def _add_range(self, found: Range) -> None:
        if found.low is None or found.high is None:
            return
        self.known += 1
        self.low += found.low
        self.high += found.high
        self.low_open |= found.low_open
        self._high_open |= found.high_open

    def text(self) -> str:
        """The sum in a few characters, ``75–92+``; ``unknown`` when no event has a range."""
        if self.known == 0:
            return "unknown"
        low = f"≤{self.low}" if self.low_open else str(self.low)
        high = "" if self.low == self.high and not self.low_open else f"–{self.high}"
        return f"{low}{high}{'+' if self.high_open else ''}"


def total(
    found: Iterable[Dossier], *, outcome: Outcome = Outcome.KILLED, category: Category, rule: Rule = Rule.ENVELOPE
) -> Total:
    """The sum of one category over the events of ``found``.

    Args:
        found: dossiers; those of one event are counted once, by all the claims of the event.
        outcome: what is counted.
        category: who is counted; categories are never mixed.
        rule: the rule of each event's range.
    """
    counted = Total(category, outcome, rule)
    for one in found:
        counted.add(one)
    return counted
