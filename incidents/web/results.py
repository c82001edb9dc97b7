"""What the map page lists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlmodel import Session

from db.spatial import Integers
from db.vocabulary import Category
from incidents.dossiers import dossiers
from incidents.held import Held, HeldAnswer
from incidents.query import Match
from incidents.ranges import Range, Rule, death_range
from incidents.same_event import standing
from incidents.totals.sums import Total
from incidents.totals.tally import links_of
from incidents.views import Dossier
from incidents.web.filters import Asked

SHOWN = 30
MOST_TOTALLED = 500
"""The total of more incidents takes seconds to work out, so a page does without it."""
MATCHES = tuple(Match)


@dataclass(frozen=True)
class Row:
    """An incident in the list, with how surely it lies in the place asked for."""

    one: Dossier
    match: Match

    def killed(self, category: Category) -> Range | None:
        """The range of the killed; None where no claim is about the category."""
        found = death_range(self.one.event_claims, category=category)
        return None if len(found.used) + len(found.left_out) == 0 else found


@dataclass(frozen=True)
class Results:
    """A page of the answer, and what there is beside it.

    ``total`` is None where so many were found that it would take long; ``more`` is the first of the next page.
    """

    rows: tuple[Row, ...]
    incidents: int
    surely: int
    possibly: int
    unlocated: int
    untimed: int
    total: Total | None
    first: int
    more: int | None


def results(session: Session, held: Held, asked: Asked) -> Results:
    """The incidents that answer, a page of them.

    Raises:
        InputError: the words searched for are blank.
    """
    query = asked.query
    whole = held.answer(session, query)
    answer = whole.within(query.start, query.end)
    numbers = answer.numbers
    if "stack" in asked.given:
        numbers = numbers[_stacked(session, held, asked, numbers)]
    elif "unlocated" in asked.given:
        numbers = np.concatenate([numbers, answer.unlocated])
    skipped = asked.given.get("skip", "0")
    first = min(int(skipped), len(numbers)) if skipped.isascii() and skipped.isdigit() else 0
    kinds = _kinds(answer, numbers)
    surely, possibly = (int((kinds == MATCHES.index(match)).sum()) for match in (Match.SURELY, Match.POSSIBLY))
    part, keys = slice(first, first + SHOWN), answer.roster.keys[numbers]
    found = {one.key: one for one in dossiers(session, keys[part].tolist(), tier=query.tier)}
    pairs = zip(keys[part].tolist(), kinds[part].tolist(), strict=True)
    return Results(
        tuple(Row(found[key], MATCHES[kind]) for key, kind in pairs if key in found), len(numbers), surely, possibly,
        len(answer.unlocated), whole.untimed() if asked.has("from", "to") else 0, _total(session, keys, asked),
        first, first + SHOWN if first + SHOWN < len(numbers) else None,
    )  # fmt: skip


def _kinds(answer: HeldAnswer, numbers: Integers) -> Integers:
    """How each of ``numbers`` answers, as an index of :data:`MATCHES`."""
    if answer.sure is None:
        return np.full(len(numbers), MATCHES.index(Match.ANYWHERE))
    found = np.full(len(numbers), MATCHES.index(Match.UNLOCATED))
    _, at, own = np.intersect1d(numbers, answer.numbers, assume_unique=True, return_indices=True)
    found[at] = np.where(answer.sure[own], MATCHES.index(Match.SURELY), MATCHES.index(Match.POSSIBLY))
    return found


def _stacked(session: Session, held: Held, asked: Asked, numbers: Integers) -> Integers:
    """Where in ``numbers`` those stand that the map draws in the place, or the box, that ``stack`` names."""
    west, south, east, north = asked.stack
    places, marked = held.layout(session, asked.query.tier).places, held.markers(session, asked.query)
    inside = (places.lons >= west) & (places.lons <= east) & (places.lats >= south) & (places.lats <= north)
    return np.flatnonzero(np.isin(numbers, marked.numbers[inside[marked.place]]))


def _total(session: Session, keys: Integers, asked: Asked) -> Total | None:
    if len(keys) > MOST_TOTALLED:
        return None
    counted = Total(Category.CIVILIAN, rule=Rule.ENVELOPE, links=links_of(standing(session)))
    for one in dossiers(session, keys.tolist(), tier=asked.query.tier):
        counted.add(one)
    return counted
