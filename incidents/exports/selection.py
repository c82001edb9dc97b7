"""What an export takes: incidents, and as whom they are seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from incidents.query import Match
from incidents.ranges import Rule
from incidents.tiers import Tier

EVERY = 200
"""After so many incidents the progress is told again."""


@dataclass(frozen=True)
class Selection:
    """What is exported, and as whom it is seen.

    Attributes:
        session: an open session.
        keys: incident ids, in the order of the file.
        tier: what may be seen; hidden incidents are left out.
        rule: what the ranges are made by.
        as_of: an instant in UTC; what was said later is left out.
        areas: draw areas instead of points, in the formats that have a geometry.
        matches: by incident id, how it answered a place query.
        told: called with how many incidents were read so far; a format that reads them several times goes on
            counting.
    """

    session: Session
    keys: Sequence[int]
    tier: Tier = Tier.PUBLIC
    rule: Rule = Rule.ENVELOPE
    as_of: datetime | None = None
    areas: bool = False
    matches: Mapping[int, Match] | None = None
    told: Callable[[int], None] | None = None

    def walk(self, after: int = 0) -> Iterator[int]:
        """The keys, telling the progress as they are taken; ``after`` so many of earlier walks."""
        for number, key in enumerate(self.keys, start=after + 1):
            yield key
            if self.told is not None and number % EVERY == 0:
                self.told(number)
