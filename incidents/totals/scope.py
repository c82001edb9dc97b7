"""What a total is asked of, and how each record answers: surely, possibly, not, or nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, select

from db.tables import Incident, OrganisationMembership
from db.vocabulary import AttributionRole, AttributionStrength
from incidents.attributions import ACCUSING
from incidents.criteria import Query
from incidents.organisations import find_organisation, with_parts
from incidents.query import find
from incidents.relations import QueryArea
from incidents.reports import find_report
from incidents.same_event import standing
from incidents.standing import Standing
from incidents.tiers import Tier
from incidents.totals.facts import BLAMING, Facts, Said, facts_of
from incidents.totals.tally import Fit, Links, Record, Subject, links_of

DOUBTED = frozenset({AttributionStrength.DISPUTED, AttributionStrength.DENIED})


@dataclass(frozen=True)
class Asked:
    """What is asked.

    Attributes:
        subject: who is counted, and by which rule.
        area: a disc or a polygon (degrees, longitude first).
        countries: ISO 3166 codes of two letters, where no boundary is known; empty for all.
        start, end: instants in UTC, both included; None is open.
        belligerents: codes or names; an event is in scope where some source names one of them, or a part of it, as
            perpetrator or side.
        reports: codes or addresses of the only reports whose figures are read; they narrow no place, time or actor.
        sources: the same of organisations that made the figures.
        as_of: an instant in UTC; what was said later does not count.
        tier: what may be seen.
    """

    subject: Subject
    area: QueryArea | None = None
    countries: frozenset[str] = frozenset()
    start: datetime | None = None
    end: datetime | None = None
    belligerents: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    as_of: datetime | None = None
    tier: Tier = Tier.INTERNAL


@dataclass(frozen=True)
class Actors:
    """Organisations by id: those asked for with their parts, and all that are of one side with them.

    A member of a coalition is of its side, and so is the coalition: to name one is not to accuse somebody else.
    """

    asked: frozenset[int] = frozenset()
    allied: frozenset[int] = frozenset()

    def named(self, facts: Facts) -> bool:
        """Whether some source blames one of those asked for."""
        return len(self.asked) == 0 or any(
            blame.organisation_id in self.asked and blame.role in BLAMING and blame.strength in ACCUSING
            for blame in facts.blames
        )

    def contested(self, facts: Facts) -> bool:
        """Whether some source accuses somebody else, or disputes the part of one asked for."""
        return len(self.asked) > 0 and any(
            (blame.organisation_id in self.asked and blame.strength in DOUBTED)
            or (
                blame.role is AttributionRole.PERPETRATOR
                and blame.strength in ACCUSING
                and blame.organisation_id not in self.allied
            )
            for blame in facts.blames
        )


@dataclass(frozen=True)
class Gathered:
    """The records that may be in scope with all that are joined to them, and how they answer.

    ``places`` is empty where no place is asked for; ``untimed`` counts the incidents without a time that a period
    leaves out.
    """

    asked: Asked
    facts: tuple[Facts, ...]
    links: Links
    standing: Standing
    actors: Actors
    places: dict[int, Fit]
    untimed: int

    def records(self) -> list[Record]:
        """The records, for the arithmetic."""
        return [self.record(facts) for facts in self.facts]

    def record(self, facts: Facts) -> Record:
        """One of them."""
        time = time_fit(facts, self.asked.start, self.asked.end)
        return Record(
            facts.key, facts.figures, time, self._place(facts, time), self.actors.named(facts),
            self.actors.contested(facts),
        )  # fmt: skip

    def _place(self, facts: Facts, time: Fit) -> Fit:
        if len(self.asked.countries) > 0:
            if facts.country is None:
                return Fit.UNKNOWN
            return Fit.SURELY if facts.country in self.asked.countries else Fit.OUTSIDE
        if self.asked.area is None:
            return Fit.SURELY
        # One that its time leaves out was not compared with the area.
        unseen = Fit.UNKNOWN if time in {Fit.OUTSIDE, Fit.UNKNOWN} else Fit.OUTSIDE
        return self.places.get(facts.key, unseen)


def time_fit(facts: Facts, start: datetime | None, end: datetime | None) -> Fit:
    """How the window of a record answers to a period, closed at both ends; None is open."""
    if start is None and end is None:
        return Fit.SURELY
    if facts.start is None or facts.end is None:
        return Fit.UNKNOWN
    if (start is not None and facts.end < start) or (end is not None and facts.start > end):
        return Fit.OUTSIDE
    inside = (start is None or facts.start >= start) and (end is None or facts.end <= end)
    return Fit.SURELY if inside else Fit.POSSIBLY


def gather(session: Session, asked: Asked) -> Gathered:
    """Read what a total is made of.

    Raises:
        NotFoundError: a belligerent, source or report is not recorded.
    """
    said = Said(
        asked.subject.outcome,
        asked.subject.categories,
        frozenset(find_report(session, text).code for text in asked.reports),
        frozenset(find_organisation(session, text).key for text in asked.sources),
    )
    answer = find(session, _query(asked))
    places = dict.fromkeys(answer.keys(unlocated=True), Fit.UNKNOWN)
    if asked.area is not None:
        places |= {hit.key: Fit(hit.match.value) for hit in answer.hits}
    judged = standing(session)
    links = links_of(judged)
    keys = joined(places, links)
    facts = facts_of(session, keys, said, judged, tier=asked.tier, as_of=asked.as_of)
    return Gathered(
        asked, tuple(facts), links, judged, actors_of(session, asked.belligerents),
        places if asked.area is not None else {}, answer.untimed,
    )  # fmt: skip


def _query(asked: Asked) -> Query:
    country: Any = Incident.country
    where = sa.or_(country.in_(asked.countries), country.is_(None)) if len(asked.countries) > 0 else None
    return Query(
        area=asked.area, start=asked.start, end=asked.end, as_of=asked.as_of, tier=asked.tier, where=where
    )  # fmt: skip


def joined(keys: Iterable[int], links: Links) -> set[int]:
    """``keys`` and all that they are joined to, through every chain."""
    neighbours: dict[int, set[int]] = {}
    for pairs in (links.same, links.unsure, links.parts):
        for first, second in pairs:
            neighbours.setdefault(first, set()).add(second)
            neighbours.setdefault(second, set()).add(first)
    found = set(keys)
    frontier = found & neighbours.keys()
    while len(frontier) > 0:
        frontier = set().union(*(neighbours[key] for key in frontier)) - found
        found |= frontier
    return found


@dataclass(frozen=True)
class Sides:
    """Which organisations belong to which, by id: upwards to their groups, downwards to their members and parts."""

    up: dict[int, set[int]]
    down: dict[int, set[int]]

    def actors(self, asked: set[int]) -> Actors:
        """``asked``, and all of their side."""
        return Actors(frozenset(asked), frozenset(_through(asked, self.up) | _through(asked, self.down)))


def sides(session: Session) -> Sides:
    """The memberships of all organisations."""
    up: dict[int, set[int]] = {}
    down: dict[int, set[int]] = {}
    for row in session.exec(select(OrganisationMembership)):
        up.setdefault(row.member_id, set()).add(row.group_id)
        down.setdefault(row.group_id, set()).add(row.member_id)
    return Sides(up, down)


def actors_of(session: Session, names: Sequence[str]) -> Actors:
    """The organisations called ``names``, their parts, and those of their side.

    Raises:
        NotFoundError: one of them is not recorded.
    """
    if len(names) == 0:
        return Actors()
    asked = set().union(*(with_parts(session, find_organisation(session, name)) for name in names))
    return sides(session).actors(asked)


def _through(start: set[int], steps: dict[int, set[int]]) -> set[int]:
    found, frontier = set(start), set(start)
    while len(frontier) > 0:
        frontier = set().union(*(steps.get(one, set()) for one in frontier)) - found
        found |= frontier
    return found
