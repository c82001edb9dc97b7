"""Totals in parts: by month, area, belligerent, source or grading. The parts need not add up to the whole.

An event that may lie in two months is possibly in each; one that two actors are accused of stands under both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.keys import one_of
from db.tables import Area, Location, Organisation, Place, Report
from db.vocabulary import AttributionRole, Grading, PlaceKind
from gazetteer.geometry import read_wkb
from incidents.attributions import ACCUSING
from incidents.criteria import Query, current_places
from incidents.relations import relate
from incidents.tiers import as_seen
from incidents.totals.facts import Facts
from incidents.totals.scope import Gathered, joined, sides, time_fit
from incidents.totals.tally import Fit, Record, Tally, tally
from incidents.windows import day_span


class By(StrEnum):
    """What a total is broken down by."""

    MONTH = "month"
    AREA = "area"
    BELLIGERENT = "belligerent"
    SOURCE = "source"
    GRADING = "grading"


@dataclass(frozen=True)
class Part:
    """A line of a breakdown."""

    label: str
    tally: Tally


def breakdown(session: Session, found: Gathered, by: By) -> list[Part]:
    """The total of ``found`` in parts, those without an event in scope left out.

    Areas are the first-order units whose boundaries are loaded, else countries as recorded.
    """
    ways: dict[By, Callable[[Session, Gathered], Iterator[tuple[str, list[Record]]]]] = {
        By.MONTH: _months,
        By.AREA: _areas,
        By.BELLIGERENT: _belligerents,
        By.SOURCE: _sources,
        By.GRADING: _gradings,
    }
    parts = (
        Part(label, tally(records, found.links, found.asked.subject)) for label, records in ways[by](session, found)
    )
    return [part for part in parts if len(part.tally.counted()) > 0]


def _months(_session: Session, found: Gathered) -> Iterator[tuple[str, list[Record]]]:
    asked, held = found.asked, {facts.key: facts for facts in found.facts}
    by_month: dict[str, set[int]] = defaultdict(set)
    for facts in found.facts:
        if time_fit(facts, asked.start, asked.end) is not Fit.OUTSIDE:
            for month in _months_of(facts, asked.start, asked.end):
                by_month[month].add(facts.key)
    for month in sorted(by_month):
        first, last = day_span(month, allow_open=False)
        start, end = _later(asked.start, first), _earlier(asked.end, last)
        keys = sorted(joined(by_month[month], found.links) & held.keys())
        yield month, [replace(found.record(held[key]), time=time_fit(held[key], start, end)) for key in keys]


def _months_of(facts: Facts, start: datetime | None, end: datetime | None) -> Iterator[str]:
    if facts.start is None or facts.end is None:
        return
    here, last = _later(start, facts.start), _earlier(end, facts.end)
    while here is not None and last is not None and here <= last:
        yield here.strftime("%Y-%m")
        here = (here.replace(day=1, hour=0, minute=0, second=0) + timedelta(days=32)).replace(day=1)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((at for at in (one, other) if at is not None), default=None)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _belligerents(session: Session, found: Gathered) -> Iterator[tuple[str, list[Record]]]:
    accused = {
        blame.organisation_id
        for facts in found.facts
        for blame in facts.blames
        if blame.role is AttributionRole.PERPETRATOR and blame.strength in ACCUSING
    }
    row: Any = Organisation
    named = session.execute(sa.select(row.id, row.name).where(one_of(row.id, sorted(accused)))).all()
    allied = sides(session)
    for key, name in sorted(named, key=lambda one: str(one.name)):
        actors = allied.actors({key})
        records = _of_events(found, {facts.key for facts in found.facts if actors.named(facts)})
        contested = {facts.key for facts in found.facts if actors.contested(facts)}
        yield name, [replace(one, contested=one.contested or one.key in contested) for one in records]


def _of_events(found: Gathered, chosen: set[int]) -> list[Record]:
    """The records of those events of which some record is chosen."""
    heads = {found.standing.head(key) for key in chosen}
    return [found.record(facts) for facts in found.facts if found.standing.head(facts.key) in heads]


def _sources(_session: Session, found: Gathered) -> Iterator[tuple[str, list[Record]]]:
    for source in sorted({figure.source for facts in found.facts for figure in facts.figures}):
        heard = {facts.key for facts in found.facts if any(figure.source == source for figure in facts.figures)}
        records = _of_events(found, heard)
        yield source, [replace(one, figures=[two for two in one.figures if two.source == source]) for one in records]


def _gradings(_session: Session, found: Gathered) -> Iterator[tuple[str, list[Record]]]:
    given: dict[int, set[Grading]] = defaultdict(set)
    for facts in found.facts:
        given[found.standing.head(facts.key)].update(facts.gradings)
    for grading in Grading:
        records = _of_events(found, {key for key, grades in given.items() if grading in (grades or {Grading.UNGRADED})})
        doubted = {key for key, grades in given.items() if len(grades) > 1}
        yield (
            grading.value,
            [replace(one, contested=one.contested or found.standing.head(one.key) in doubted) for one in records],
        )


def _areas(session: Session, found: Gathered) -> Iterator[tuple[str, list[Record]]]:
    units = _units(session)
    if len(units) == 0:
        yield from _countries(found)
        return
    places = _places(session, found)
    for name, shape in units:
        inside, overlap = relate(shape, places)
        fits: dict[int, Fit] = {}
        for row, is_inside, overlaps in zip(places, inside.tolist(), overlap.tolist(), strict=True):
            fit = Fit.SURELY if is_inside else Fit.POSSIBLY if overlaps else Fit.OUTSIDE
            held = fits.setdefault(row.incident_id, fit)
            fits[row.incident_id] = fit if held is fit else Fit.POSSIBLY
        if set(fits.values()) <= {Fit.OUTSIDE}:
            continue
        yield name, [replace(one, place=_both(one.place, fits.get(one.key, Fit.UNKNOWN))) for one in found.records()]


def _both(asked: Fit, unit: Fit) -> Fit:
    """In the area asked for and in the unit."""
    for fit in (Fit.OUTSIDE, Fit.UNKNOWN, Fit.POSSIBLY):
        if fit in {asked, unit}:
            return fit
    return Fit.SURELY


def _countries(found: Gathered) -> Iterator[tuple[str, list[Record]]]:
    for country in sorted({facts.country for facts in found.facts if facts.country is not None}):
        records = []
        for record, facts in zip(found.records(), found.facts, strict=True):
            fit = Fit.SURELY if facts.country == country else Fit.OUTSIDE
            records.append(replace(record, place=_both(record.place, fit if facts.country else Fit.UNKNOWN)))
        yield country, records


def _units(session: Session) -> list[tuple[str, Any]]:
    """Name and polygon of the first-order units, each polygon once."""
    place, area = _c(Place), _c(Area)
    query = (
        sa.select(place.name, area.id, area.wkb)
        .join_from(Place, Area, place.area_id == area.id)
        .where(place.kind == PlaceKind.ADM1, ~place.withdrawn)
    )
    once = {row.id: (row.name, row.wkb) for row in session.execute(query)}
    return sorted(((name, read_wkb(wkb)) for name, wkb in once.values()), key=lambda unit: unit[0])


def _places(session: Session, found: Gathered) -> list[Any]:
    lon, lat, radius_m, area = as_seen(found.asked.tier)
    query = (
        sa.select(
            _c(Location).incident_id, lon.label("lon"), lat.label("lat"), radius_m.label("radius_m"), _c(Area).wkb
        )
        .join(Report, _c(Report).id == _c(Location).report_id)
        .outerjoin(Area, _c(Area).id == area)
        .where(
            one_of(_c(Location).incident_id, [facts.key for facts in found.facts]), lon.is_not(None),
            *current_places(Query(tier=found.asked.tier, as_of=found.asked.as_of)),
        )
    )  # fmt: skip
    return list(session.execute(query).all())


def _c(table: Any) -> Any:
    """A table class as what its attributes are in SQL; SQLModel types them as plain values."""
    return table
