"""What a server holds of the answers it gave: counted, in order, and with their markers, until the database changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import numpy as np
from sqlmodel import Session

from db.derived import is_fresh
from db.engine import Database
from db.errors import ResourceError
from db.session import read_session
from db.spatial import Integers
from db.tables.derived import NEVER
from incidents.columns import Columns, Spots
from incidents.criteria import Query, narrows
from incidents.markers import Layout, Markers, layout, markers
from incidents.query import find
from incidents.roster import Roster, roster
from incidents.screening import Flags
from incidents.tiers import Tier

MOST_QUESTIONS = 8
"""So many answers are held; each takes about 20 bytes for each incident in it."""
Made = TypeVar("Made")


@dataclass(frozen=True)
class HeldAnswer:
    """What answers to a question.

    Attributes:
        roster: the incidents that the tier may see.
        numbers: those that answer, by number in the roster, in the order of answers.
        sure: for each whether it lies in the area as a whole; None where no area was asked for.
        unlocated: those that answer but for the place, since they have none.
    """

    roster: Roster
    numbers: Integers
    sure: Flags | None
    unlocated: Integers

    def within(self, start: datetime | None, end: datetime | None) -> HeldAnswer:
        """The part of it that overlaps the window; what has no time overlaps none."""
        kept, others = (self.roster.overlap(numbers, start, end) for numbers in (self.numbers, self.unlocated))
        sure = None if self.sure is None else self.sure[kept]
        return HeldAnswer(self.roster, self.numbers[kept], sure, self.unlocated[others])

    def untimed(self) -> int:
        """How many have no time."""
        return int((self.roster.starts[self.numbers] == NEVER).sum())

    def span(self) -> tuple[int, int] | None:
        """The first instant and the last of all windows, microseconds since 1970, UTC; None where no time is known."""
        timed = self.numbers[self.roster.starts[self.numbers] < NEVER]
        if len(timed) == 0:
            return None
        return int(self.roster.starts[timed].min()), int(self.roster.stops[timed].max())


class Held:
    """The answers of one process. Not for use by several threads at once."""

    def __init__(self, database: Database, columns: Columns) -> None:
        """Nothing is held yet; ``columns`` are those of the ``database``."""
        self._database = database
        self._columns = columns
        self._spots: Spots | None = None
        self._fresh = False
        self._kept: dict[Hashable, Any] = {}
        self._answers: dict[Query, HeldAnswer] = {}
        self._markers: dict[Query, Markers] = {}

    def keep(self, session: Session, key: Hashable, make: Callable[[], Made]) -> Made:
        """What ``make`` gives for ``key``, made once until the database changes."""
        self._look(session)
        if key not in self._kept:
            self._kept[key] = make()
        found: Made = self._kept[key]
        return found

    def has_places(self, session: Session) -> bool:
        """Whether the places are known as they are now; if not, :meth:`layout` and :meth:`markers` raise."""
        self._look(session)
        return self._fresh

    def answer(self, session: Session, query: Query) -> HeldAnswer:
        """What answers to ``query``, at whatever time.

        Raises:
            NotFoundError, InputError: as :func:`incidents.query.find`.
        """
        self._look(session)
        question = replace(query, start=None, end=None)
        if question not in self._answers:
            _make_room(self._answers)
            self._answers[question] = self._answer(session, question)
        return self._answers[question]

    def markers(self, session: Session, query: Query) -> Markers:
        """The markers of what answers to ``query``, at whatever time.

        Raises:
            NotFoundError, InputError: as :func:`incidents.query.find`.
            ResourceError: as :meth:`layout`.
        """
        ground, found = self.layout(session, query.tier), self.answer(session, query)
        question = replace(query, start=None, end=None)
        if question not in self._markers:
            _make_room(self._markers)
            self._markers[question] = markers(ground, found.numbers)
        return self._markers[question]

    def layout(self, session: Session, tier: Tier) -> Layout:
        """Where everything lies that ``tier`` may see.

        Raises:
            ResourceError: ``derived_stale``, raw SQL changed what the places were made of.
        """
        self._look(session)
        spots = self._spots
        if spots is None or not self._fresh:
            raise ResourceError(
                "derived_stale", "The places on the map are out of date.", fix="Run: incidents db rebuild"
            )  # fmt: skip
        listed = self._roster(session, tier)

        def made() -> Layout:
            with read_session(self._database) as whole:
                return layout(whole, spots, listed, tier)

        return self.keep(session, ("layout", tier), made)

    def _look(self, session: Session) -> None:
        """Let go of everything that was made before the last change."""
        spots, fresh = self._columns.spots(), is_fresh(session)
        if spots is not self._spots or fresh != self._fresh:
            self._spots, self._fresh = spots, fresh
            for kept in (self._kept, self._answers, self._markers):
                kept.clear()

    def _roster(self, session: Session, tier: Tier) -> Roster:
        """As the spots, it is read as a whole once after each change, however long that takes."""
        spots = self._spots if self._fresh else None

        def made() -> Roster:
            with read_session(self._database) as whole:
                return roster(whole, spots, tier)

        return self.keep(session, ("roster", tier), made)

    def _answer(self, session: Session, question: Query) -> HeldAnswer:
        listed = self._roster(session, question.tier)
        nobody = np.empty(0, dtype=np.int64)
        if question.area is None and not narrows(question):
            return HeldAnswer(listed, np.arange(len(listed.keys)), None, nobody)
        found = find(session, question, columns=self._columns)
        numbers = listed.numbers_of(found.ids)
        if found.sure is None:
            return HeldAnswer(listed, np.sort(numbers), None, nobody)
        order = np.argsort(numbers, kind="stable")
        unlocated = np.array([hit.key for hit in found.unlocated], dtype=np.int64)
        return HeldAnswer(listed, numbers[order], found.sure[order], np.sort(listed.numbers_of(unlocated)))


def _make_room(kept: dict[Query, Any]) -> None:
    """Let the oldest go where there are as many as are held."""
    if len(kept) >= MOST_QUESTIONS:
        kept.pop(next(iter(kept)))
