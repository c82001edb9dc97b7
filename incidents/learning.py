"""What the gazetteer learns from the incidents: where sources put a place text is where it is.

Learned from are places to a settlement or finer, and near one (UCDP's ``where_prec`` 1 and 2), that nobody withdrew
or superseded and that anybody may see: a learned place shows its point, so what was lowered or is kept in must not
become one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.errors import InputError
from db.import_log import Progress
from db.tables import Incident, Location, Organisation, Report
from db.vocabulary import Geoprivacy, LocationMethod, PlaceKind, PrecisionLevel, Visibility
from gazetteer.attested import Attestation, AttestCounts, attest_many
from gazetteer.units import UnitLayer
from incidents.organisations import find_organisation
from incidents.tiers import Tier, citable_row, current_location

LEVELS = tuple(PrecisionLevel)[: list(PrecisionLevel).index(PrecisionLevel.NEAR_SETTLEMENT) + 1]
"""The precisions that are learned from; a unit's centre says nothing of where its name is."""
BATCH = 10_000  # locations read at once


@dataclass(frozen=True)
class Learning:
    """What was learned.

    Attributes:
        counts: what became of the places.
        kept_back: places left out because they, their incident or their report may not leave the product as they are.
        untimed: places left out because their incident has no time to compare with the dates asked for.
    """

    counts: AttestCounts
    kept_back: int
    untimed: int


def learn_places(
    session: Session, *, source: str | None = None, after: datetime | None = None, before: datetime | None = None,
    progress: Progress | None = None,
) -> Learning:  # fmt: skip
    """Teach the gazetteer the places of the incidents; doing it again changes nothing.

    Args:
        session: an open write session.
        source: code or name of the organisation whose places count; by default all.
        after: an instant in UTC; only incidents whose window starts later.
        before: an instant in UTC; only incidents whose window ends earlier.
        progress: called with the number of places handled.

    Returns:
        What was learned.

    Raises:
        InputError: ``end_before_start``: no time lies between the two; NotFoundError: the source is not recorded.
    """
    if after is not None and before is not None and after >= before:
        why = "No time lies after the one and before the other."
        raise InputError("end_before_start", why, got=f"after {after:%Y-%m-%d %H:%M}, before {before:%Y-%m-%d %H:%M}")
    told = _told(session, source)
    timed = _timed(after, before)
    kept_back = _count(session, [*told, *timed, ~_seen()])
    untimed = 0 if len(timed) == 0 else _count(session, [*told, _c(Incident.start_utc).is_(None)])
    counts = attest_many(session, _attestations(session, [*told, *timed, _seen()]), progress=progress)
    return Learning(counts, kept_back, untimed)


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def _told(session: Session, source: str | None) -> list[Any]:
    """SQL: the place stands, has a name, and is known finely enough."""
    conditions = [
        current_location(Tier.INTERNAL), ~_c(Incident.withdrawn), _c(Location.place_name).is_not(None),
        _c(Location.lon).is_not(None), _c(Location.precision).in_(LEVELS),
        _c(Location.method) != LocationMethod.CENTROID,
    ]  # fmt: skip
    if source is not None:
        conditions.append(_c(Location.source_id) == find_organisation(session, source).key)
    return conditions


def _timed(after: datetime | None, before: datetime | None) -> list[Any]:
    """SQL: the incident's window lies wholly in the time asked for, so that two halves by date share nothing."""
    conditions = []
    if after is not None:
        conditions.append(_c(Incident.start_utc) > after)
    if before is not None:
        conditions.append(_c(Incident.end_utc) < before)
    return conditions


def _seen() -> Any:
    """SQL: anybody may see the place as it is."""
    public = (_c(Incident.visibility) == Visibility.PUBLIC) & citable_row(Tier.PUBLIC)
    return public & (_c(Location.geoprivacy) == Geoprivacy.EXACT)


def _joined(query: Any) -> Any:
    return (
        query.select_from(Location)
        .join(Incident, _c(Incident.id) == Location.incident_id)
        .join(Report, _c(Report.id) == Location.report_id)
    )


def _count(session: Session, conditions: Sequence[Any]) -> int:
    return int(session.execute(_joined(sa.select(sa.func.count())).where(*conditions)).scalar_one())


def _attestations(session: Session, conditions: Sequence[Any]) -> Iterator[Attestation]:
    """The places as the gazetteer learns them, each with the governorate whose polygon holds it."""
    governorates = UnitLayer(session, PlaceKind.ADM1)
    columns = (
        _c(Location.id).label("key"), _c(Location.place_name), _c(Location.lon), _c(Location.lat),
        _c(Location.precision), _c(Incident.country), _c(Organisation.name), _c(Report.licence),
    )  # fmt: skip
    query = (
        _joined(sa.select(*columns))
        .join(Organisation, _c(Organisation.id) == Location.source_id)
        .where(*conditions)
        .order_by(_c(Location.id))
        .limit(BATCH)
    )
    last = 0
    while rows := session.execute(query.where(_c(Location.id) > last)).all():
        found = governorates.find([row.lon for row in rows], [row.lat for row in rows])
        for row, unit in zip(rows, found.tolist(), strict=True):
            yield Attestation(
                row.place_name, row.lon, row.lat, row.name, row.country,
                governorates.units[unit].name if unit >= 0 else None, precision=row.precision, licence=row.licence,
            )  # fmt: skip
        last = rows[-1].key
