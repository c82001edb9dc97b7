"""Records that may be the same event as another: near it in place and time. Whether they are, a person judges."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from db.vocabulary import Verdict
from incidents.dossiers import dossiers
from incidents.query import Disc, Query, find
from incidents.same_event import current_judgements
from incidents.tiers import Tier
from incidents.views import Dossier

NEAR_M = 5_000.0
WIDEST_M = 120_000.0
"""A place that is only known to a country would have everything near it."""
DAYS = timedelta(days=1)
MOST = 25


def nearby(session: Session, one: Dossier, *, tier: Tier) -> list[tuple[Dossier, Verdict | None]]:
    """The records whose window overlaps that of ``one`` to a day, and whose place its place to 5 km.

    At most :data:`MOST`, in the order of time, each with the judgement that stands on the pair; a record without a
    place is compared by time alone, one without a time has none near it.
    """
    if one.start_utc is None or one.end_utc is None:
        return []
    place = one.primary()
    area = None
    if place is not None and place.lon is not None and place.lat is not None:
        area = Disc(place.lon, place.lat, min(NEAR_M + (place.radius_m or NEAR_M), WIDEST_M))
    answer = find(session, Query(area=area, start=one.start_utc - DAYS, end=one.end_utc + DAYS, tier=tier))
    keys = [key for key in answer.keys(unlocated=True) if key != one.key][:MOST]
    judged = current_judgements(session)
    found = dossiers(session, keys, tier=tier)
    return [(other, judged.get((min(one.key, other.key), max(one.key, other.key)))) for other in found]
