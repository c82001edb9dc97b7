"""Names that several places share, asked without context, and governorates asked by their names."""

from __future__ import annotations

from collections import defaultdict

from sqlmodel import Session, col, select

from bench_gazetteer.accuracy import percent
from bench_gazetteer.clock import progress
from bench_gazetteer.figures import Section
from db.tables import Place, PlaceName
from db.vocabulary import PlaceKind
from gazetteer.folding import strip_feature_words
from gazetteer.geodesy import distance_m
from gazetteer.locate import locate
from gazetteer.search.answer import PlaceVerdict

APART_M = 10_000.0
"""Nearer than this, two entries of one name are one place or make no difference."""

COUNTRIES = ("SY", "IQ")


def measure(session: Session) -> Section:
    """Shared names that are sure, and governorates that are a point."""
    section = Section("3b. Names of several places, and governorates")
    asked = shared_names(session)
    answers = [locate(session, name) for name in asked]
    sure = [answer for answer in answers if answer.verdict is PlaceVerdict.SURE]
    section.add(
        f"{len(asked):,} names of settlements more than 10 km apart, without context: sure",
        len(sure), bar=0, at_most=True,
    )  # fmt: skip
    section.lists["sure without context"] = [
        f"{answer.text}: {answer.candidates[0].name} in {', '.join(answer.candidates[0].hierarchy)}, "
        f"p {answer.candidates[0].probability:.2f}"
        for answer in sure[:20] if answer.candidates
    ]  # fmt: skip
    _governorates(session, section)
    progress(f"{len(asked):,} shared names")
    return section


def shared_names(session: Session) -> list[str]:
    """One spelling of each main name that settlements more than 10 km apart bear."""
    query = select(Place.name, PlaceName.folded, Place.lon, Place.lat).join(
        PlaceName, (col(PlaceName.place_id) == col(Place.id)) & (col(PlaceName.name) == col(Place.name))
    )
    query = query.where(
        Place.kind == PlaceKind.SETTLEMENT, col(Place.country).in_(COUNTRIES), ~col(Place.withdrawn),
        ~col(PlaceName.withdrawn),
    ).order_by(col(Place.id))  # fmt: skip
    found: dict[str, list[tuple[str, float, float]]] = defaultdict(list)
    for name, folded, lon, lat in session.exec(query):
        found[strip_feature_words(folded)].append((name, lon, lat))
    return [
        places[0][0] for places in found.values()
        if any(distance_m(*places[0][1:], *other[1:]) > APART_M for other in places[1:])
    ]  # fmt: skip


def _governorates(session: Session, section: Section) -> None:
    """Every governorate asked by its name: its area is wanted."""
    query = select(Place.name, Place.country).where(
        Place.kind == PlaceKind.ADM1, Place.source == "areas", col(Place.country).in_(COUNTRIES),
        col(Place.area_id).is_not(None), ~col(Place.withdrawn),
    )  # fmt: skip
    rows = session.exec(query.order_by(col(Place.id))).all()
    answers = [locate(session, f"{name} Governorate", country=country) for name, country in rows]
    areas = [answer for answer in answers if answer.area is not None and answer.verdict is not PlaceVerdict.AMBIGUOUS]
    section.add(
        f'{len(rows)} governorates asked as "X Governorate": answered by their area, %', percent(len(areas), len(rows)),
        bar=100.0,
    )  # fmt: skip
    section.lists["governorates without their area"] = [
        f"{answer.text}: {answer.verdict.value}" for answer in answers if answer not in areas
    ]
