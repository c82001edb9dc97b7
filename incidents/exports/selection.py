"""What an export takes: incidents, and as whom they are seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from sqlmodel import Session

from db.errors import InputError
from db.session import TOOL
from incidents.exports.records import instant
from incidents.query import Match
from incidents.ranges import Rule
from incidents.tiers import Tier

EVERY = 200
"""After so many incidents the progress is told again."""


class PartitionKey(StrEnum):
    """What a folder of files is partitioned by; the year is that of ``start_utc``."""

    COUNTRY = "country"
    YEAR = "year"


Partition: TypeAlias = tuple[PartitionKey, ...]
"""The keys of a partition, outermost first."""


def partition_keys(text: str | None) -> Partition:
    """The keys in ``text``, separated by commas; none where there is no text.

    >>> partition_keys("country,year")
    (<PartitionKey.COUNTRY: 'country'>, <PartitionKey.YEAR: 'year'>)

    Raises:
        InputError: ``unknown_partition``.
    """
    names = [] if text is None else [name.strip() for name in text.split(",")]
    if not set(names) <= set(PartitionKey) or len(set(names)) < len(names):
        raise InputError(
            "unknown_partition",
            "Files are partitioned by country, year, or both.",
            got=text,
            fix="Give --partition-by country,year.",
        )
    return tuple(map(PartitionKey, names))


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

    @property
    def default(self) -> bool:
        """Whether it is what the derived rows hold: seen by the public, by the envelope, as of now, as points."""
        return self.tier is Tier.PUBLIC and self.rule is Rule.ENVELOPE and self.as_of is None and not self.areas

    def made_by(self) -> dict[str, str | bool | None]:
        """How a file was made; no time of export, so that two of the same data are equal."""
        return {
            "generator": TOOL,
            "tier": self.tier.value,
            "rule": self.rule.value,
            "as_of": instant(self.as_of),
            "areas": self.areas,
        }
