"""The suggestions of a server: the records are kept with their pairs, and what is recorded meanwhile is taken in."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock, Thread

import sqlalchemy as sa
from sqlmodel import Session

from db.engine import Database
from db.session import read_session
from db.tables import Incident
from incidents.suggestions.changes import Moment, changed_incidents
from incidents.suggestions.kept import Kept
from incidents.suggestions.model import model
from incidents.suggestions.proposals import LEAST, Suggestion, listed, suggest
from incidents.suggestions.recorded import recorded
from incidents.tiers import Tier

FEW = 1_000
"""So many records are looked at while somebody waits; more by a thread of its own."""
MOST_KEPT = 150_000
"""So many incidents are kept at most; each takes about 4 kB with its pairs."""
MOST_QUEUED = 5_000
"""Of so many records all pairs are listed at once; of more on the terminal, which may take its time."""
MANY = 1_000
"""If more than these change at once, or a quarter of all since, everything is looked at anew."""


@dataclass(frozen=True)
class _Made:
    kept: Kept
    moment: Moment


class HeldSuggestions:
    """What a server asks for records that may be one event, by many threads at once.

    All records that a tier may see are looked at when it first asks, which takes some minutes where they are many;
    until that is done, and where they are too many to be kept, one is looked at among the records of the days round it.
    """

    def __init__(self, database: Database) -> None:
        """Nothing is looked at yet."""
        self._database = database
        self._lock = Lock()
        self._made: dict[Tier, _Made] = {}
        self._making: set[Tier] = set()

    def suggest(
        self, session: Session, key: int, *, tier: Tier, least: float = LEAST, judged: bool = False
    ) -> list[Suggestion]:
        """As :func:`incidents.suggestions.proposals.suggest` of the incident ``key``, scored among all."""
        with self._lock:
            kept = self._kept(session, tier)
            scored, keys = (None, []) if kept is None else (kept.of([key]), kept.keys)
        if scored is None:
            return suggest(session, tier=tier, around=[key], least=least, judged=judged)
        return listed(session, scored, keys, around=[key], least=least, judged=judged)

    def queue(self, session: Session, *, tier: Tier, least: float = LEAST) -> list[Suggestion] | None:
        """Every pair that is to be judged, most deaths times probability first.

        None where the records are not looked at yet, or are too many to be listed while somebody waits.
        """
        with self._lock:
            kept = self._kept(session, tier)
            if kept is None or len(kept.keys) > MOST_QUEUED:
                return None
            scored, keys = kept.of(kept.keys), kept.keys
        found = listed(session, scored, keys, around=None, least=least, judged=False)
        return sorted(found, key=lambda one: -one.weight)

    def _kept(self, session: Session, tier: Tier) -> Kept | None:
        """The records as ``session`` sees them; None where they are not there yet, or are ahead of it."""
        made = self._made.get(tier)
        if made is None:
            if tier not in self._making:
                self._begin(session, tier)
            made = self._made.get(tier)
            return None if made is None else self._kept(session, tier)
        now = Moment.of(session)
        if now.before(made.moment):
            return None
        many = now.edits_since(made.moment) > MANY
        changed = [] if many or now == made.moment else sorted(changed_incidents(session, made.moment))
        if many or len(changed) > MANY or made.kept.late > max(MANY, len(made.kept.keys) // 4):
            del self._made[tier]
            return self._kept(session, tier)
        if len(changed) > 0:
            found = recorded(session, tier=tier, only=changed)
            made.kept.put(dict.fromkeys(changed) | dict(zip(found.keys, found.accounts.rows, strict=True)))
        self._made[tier] = _Made(made.kept, now)
        return made.kept

    def _begin(self, session: Session, tier: Tier) -> None:
        count = session.execute(sa.select(sa.func.count()).select_from(Incident)).scalar_one()
        if count <= FEW:
            self._made[tier] = _look(session, tier)
        elif count <= MOST_KEPT:
            self._making.add(tier)
            Thread(target=self._make, args=(tier,), name=f"suggestions-{tier}", daemon=True).start()

    def _make(self, tier: Tier) -> None:
        try:
            with read_session(self._database) as session:
                made = _look(session, tier)
            with self._lock:
                self._made[tier] = made
        finally:
            self._making.discard(tier)


def _look(session: Session, tier: Tier) -> _Made:
    moment, found = Moment.of(session), recorded(session, tier=tier)
    return _Made(Kept(dict(zip(found.keys, found.accounts.rows, strict=True)), model()), moment)
