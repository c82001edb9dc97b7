"""The list of every contradiction that the data hold: a fixed number of statements, however many incidents."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import Claim, ClaimIncident, Location
from incidents.contradictions.clash import Clash, Kind
from incidents.contradictions.dates import of_days
from incidents.contradictions.events import Claims, of_event
from incidents.contradictions.places import of_places, places_of
from incidents.contradictions.published import of_totals
from incidents.same_event import standing
from incidents.tiers import Tier
from incidents.totals.facts import Facts, Said, facts_of
from incidents.totals.published import Published, published, standing_of

ORDER = {kind: rank for rank, kind in enumerate(Kind)}


def contradictions(session: Session, *, tier: Tier = Tier.INTERNAL) -> list[Clash]:
    """Every clash, by kind and then in the order recorded.

    Only events that more than one report, place or record tells of are looked at: nobody contradicts himself in one.

    Args:
        session: an open session.
        tier: what may be seen.
    """
    judged = standing(session)
    keys = _told_twice(session) | {key for group in judged.groups for key in group}
    facts = facts_of(session, keys, Said(), judged, tier=tier, as_of=None)
    every = published(session, tier=tier)
    stands = standing_of(every)
    events: dict[int, list[Facts]] = defaultdict(list)
    for one in facts:
        events[judged.head(one.key)].append(one)
    counted: dict[int, list[Published]] = defaultdict(list)
    for total in stands:
        for head in {judged.head(key) for key in total.incidents}:
            counted[head].append(total)
    places = places_of(session, keys, tier)
    found: list[Clash] = []
    for head, records in events.items():
        found += of_event(Claims(tuple(records), tuple(counted[head])))
        found += of_places(records[0].code, [place for one in records for place in places.get(one.key, [])])
    found += of_days(list(events.values()))
    found += of_totals(stands, every)
    return sorted(found, key=lambda clash: ORDER[clash.kind])


def _told_twice(session: Session) -> set[int]:
    """The incidents that more than one report tells of, or places, or that a total counts among others."""
    claim, place, member = Claim, Location, ClaimIncident
    queries: list[Any] = [
        sa.select(_c(claim).incident_id)
        .where(_c(claim).incident_id.is_not(None))
        .group_by(_c(claim).incident_id)
        .having(sa.func.count(_c(claim).report_id.distinct()) > 1),
        sa.select(_c(place).incident_id).group_by(_c(place).incident_id).having(sa.func.count() > 1),
        sa.select(_c(member).incident_id),
    ]
    return set(session.execute(sa.union(*queries)).scalars())


def _c(table: Any) -> Any:
    """A table class as what its attributes are in SQL; SQLModel types them as plain values."""
    return table
