"""The recorded incidents as accounts, as a tier may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import Attribution, Claim, Incident, IncidentName, IncidentReport, Location, Organisation, Report
from db.vocabulary import Category, OrganisationKind, Outcome, PrecisionLevel, Scope
from incidents.suggestions.accounts import EPOCH, Account, Accounts
from incidents.tiers import Tier, as_seen, citable_row, current_location, seen

AROUND = timedelta(days=45)
"""How far in time the records lie among which one is looked at: about a quarter, as in what was learned from."""
UNKNOWN_RADIUS_KM = 5.0
FINENESS = {level: rank for rank, level in enumerate(PrecisionLevel)}
PRESS = frozenset({"local_media", "international_media"})
COUNTED = (Category.TOTAL_PEOPLE, Category.CIVILIAN)


@dataclass(frozen=True)
class Recorded:
    """Accounts with the ids of their incidents, in one order."""

    keys: tuple[int, ...]
    accounts: Accounts


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def recorded(
    session: Session, *, tier: Tier, around: Sequence[int] | None = None, only: Sequence[int] | None = None
) -> Recorded:
    """The incidents that were not withdrawn, in the order recorded.

    Args:
        session: an open session.
        tier: what may be seen of them.
        around: incident ids; only these and what lies within 45 days of one of them.
        only: incident ids; only these.
    """
    chosen = [_c(Incident.visibility).in_(seen(tier)), ~_c(Incident.withdrawn)]
    if only is not None:
        chosen.append(_c(Incident.id).in_(only))
    if around is not None:
        chosen.append(_around(session, around))
    incidents = session.execute(
        sa.select(
            _c(Incident.id), _c(Incident.code), _c(Incident.name), _c(Incident.kind), _c(Incident.country),
            _c(Incident.start_utc), _c(Incident.end_utc), _c(Incident.tz),
        ).where(*chosen).order_by(_c(Incident.id))
    ).all()  # fmt: skip
    among = _c(Incident.id).in_(sa.select(_c(Incident.id)).where(*chosen))
    parts = _Parts(session, tier, among)
    rows = [parts.account(row) for row in incidents]
    return Recorded(tuple(row.id for row in incidents), Accounts(rows))


def _around(session: Session, keys: Sequence[int]) -> Any:
    query = sa.select(_c(Incident.start_utc), _c(Incident.end_utc)).where(_c(Incident.id).in_(keys))
    near = [
        (_c(Incident.start_utc) <= end + AROUND) & (_c(Incident.end_utc) >= start - AROUND)
        for start, end in session.execute(query)
        if start is not None
    ]
    return sa.or_(_c(Incident.id).in_(keys), *near)


class _Parts:
    """What is recorded beside the incidents, by incident; one query a table."""

    def __init__(self, session: Session, tier: Tier, among: Any) -> None:
        self._session, self._tier, self._among = session, tier, among
        self.names = self._lists(sa.select(_c(IncidentName.incident_id), _c(IncidentName.name)), IncidentName)
        self.places = self._places()
        self.tolls = {outcome: self._tolls(outcome) for outcome in (Outcome.KILLED, Outcome.INJURED)}
        self.actors = self._actors()
        self.reports = self._reports()

    def _lists(self, query: Any, table: Any) -> dict[int, list[Any]]:
        found = defaultdict(list)
        joined = query.join(Incident, _c(Incident.id) == table.incident_id).where(self._among).order_by(table.id)
        for key, *values in self._session.execute(joined):
            found[key].append(values)
        return found

    def _cited(self, query: Any, table: Any) -> dict[int, list[Any]]:
        return self._lists(query.join(Report, _c(Report.id) == table.report_id).where(citable_row(self._tier)), table)

    def _places(self) -> dict[int, list[Any]]:
        lon, lat, radius, _ = as_seen(self._tier)
        columns = (
            _c(Location.incident_id), lon, lat, radius, _c(Location.precision), _c(Location.is_primary),
            _c(Location.place_name), _c(Location.place_words), _c(Location.report_id),
        )  # fmt: skip
        return self._cited(sa.select(*columns).where(current_location(self._tier)), Location)

    def _tolls(self, outcome: Outcome) -> dict[int, list[Any]]:
        columns = (_c(Claim.incident_id), _c(Claim.category), _c(Claim.minimum), _c(Claim.maximum), _c(Claim.report_id))
        told = (_c(Claim.outcome) == outcome, _c(Claim.scope) == Scope.INCIDENT, _c(Claim.category).in_(COUNTED))
        return self._cited(sa.select(*columns).where(*told, ~_c(Claim.withdrawn)), Claim)

    def _actors(self) -> dict[int, list[Any]]:
        columns = (_c(Attribution.incident_id), _c(Organisation.name), _c(Organisation.kind))
        query = sa.select(*columns).join(Organisation, _c(Organisation.id) == Attribution.organisation_id)
        return self._cited(query.where(~_c(Attribution.withdrawn)), Attribution)

    def _reports(self) -> dict[int, list[Any]]:
        columns = (
            _c(IncidentReport.incident_id), _c(Report.title), _c(Report.published_start), _c(Report.code),
            _c(Organisation.code), _c(Organisation.kind),
        )  # fmt: skip
        query = sa.select(*columns).join(Report, _c(Report.id) == IncidentReport.report_id)
        query = query.join(Organisation, _c(Organisation.id) == Report.publisher_id)
        linked = self._lists(query.where(citable_row(self._tier)), IncidentReport)
        told: dict[int, Any] = {}
        ids = {row[-1] for rows in (self.places, *self.tolls.values()) for lines in rows.values() for row in lines}
        query = sa.select(_c(Report.id), *columns[1:]).join(Organisation, _c(Organisation.id) == Report.publisher_id)
        for part in _parts(sorted(ids)):
            told |= {key: row for key, *row in self._session.execute(query.where(_c(Report.id).in_(part)))}
        found: dict[int, list[Any]] = defaultdict(list)
        for rows in (self.places, *self.tolls.values()):
            for incident, lines in rows.items():
                found[incident] += [told[line[-1]] for line in lines]
        for incident, lines in linked.items():
            found[incident] += lines
        return found

    def account(self, row: Any) -> Account:
        """The account of an incident."""
        start, end = (_day(moment, row.tz) for moment in (row.start_utc, row.end_utc))
        places = sorted(self.places.get(row.id, ()), key=lambda place: (not place[4], FINENESS[place[3]]))
        lon, lat, radius = next((place[:3] for place in places if place[0] is not None), (None, None, None))
        named = [text for place in places for text in place[5:7] if text]
        others = [name for (name,) in self.names.get(row.id, ())]
        reports = self.reports.get(row.id, [])
        actors = dict(self.actors.get(row.id, ()))
        sorts = tuple("" if kind is OrganisationKind.UNKNOWN else kind.value for kind in actors.values())
        days = [_day(report[1], None) for report in reports if report[1] is not None]
        return Account(
            code=row.code, start=start, end=end, lon=lon, lat=lat,
            radius_km=None if lon is None else (UNKNOWN_RADIUS_KM if radius is None else radius / 1000),
            country=row.country, places=(*dict.fromkeys((*named, row.name, *others)),),
            spot=named[0] if len(named) > 0 else row.name,
            actors=tuple(actors), sorts=sorts,
            kind=row.kind.value if row.kind.value not in ("other", "unknown") else None,
            title=" ".join(dict.fromkeys(report[0] for report in reports)),
            killed=_range(self.tolls[Outcome.KILLED].get(row.id, ())),
            injured=_range(self.tolls[Outcome.INJURED].get(row.id, ())),
            document=reports[0][2] if len(reports) > 0 else None,
            publisher=reports[0][3] if len(reports) > 0 else None,
            press=None if len(reports) == 0 else reports[0][4].value in PRESS,
            published=min((day for day in days if day is not None), default=None),
        )  # fmt: skip


def _range(claims: Sequence[Any]) -> tuple[float, float] | None:
    """From the lowest to the highest number: of all people where some claim counts them, else of civilians."""
    for category in COUNTED:
        numbers = [
            float(number) for kind, *bounds, _ in claims if kind is category for number in bounds if number is not None
        ]
        if len(numbers) > 0:
            return min(numbers), max(numbers)
    return None


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _day(moment: datetime | None, zone: str | None) -> float | None:
    """The day of an instant where it happened, counted from 1970."""
    if moment is None:
        return None
    return float((moment if zone is None else moment.astimezone(_zone(zone))).toordinal() - EPOCH)


def _parts(keys: Sequence[int]) -> list[Sequence[int]]:
    return [keys[start : start + 10_000] for start in range(0, len(keys), 10_000)]
