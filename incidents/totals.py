"""Totals: how many in several events together, each event counted once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from db.vocabulary import Category, Outcome
from incidents.ranges import Rule, death_range
from incidents.views import Dossier


@dataclass(frozen=True)
class Total:
    """The sum over events by one rule.

    ``known`` events have a range; the others (no claim, or none with a number) add nothing, so with any of
    them ``high_open`` is set: there may be more.
    """

    incidents: int
    events: int
    known: int
    low: int
    high: int
    low_open: bool
    high_open: bool

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
    incidents, seen = 0, set()
    ranges = []
    for one in found:
        incidents += 1
        if one.event_code not in seen:
            seen.add(one.event_code)
            ranges.append(death_range(one.event_claims, outcome=outcome, category=category, rule=rule))
    known = [(one.low, one.high, one) for one in ranges if one.low is not None and one.high is not None]
    return Total(
        incidents=incidents,
        events=len(seen),
        known=len(known),
        low=sum(low for low, _, _ in known),
        high=sum(high for _, high, _ in known),
        low_open=any(one.low_open for _, _, one in known),
        high_open=any(one.high_open for _, _, one in known) or len(known) < len(seen),
    )
