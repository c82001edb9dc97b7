"""Places: the gazetteer's entries and their names."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import (
    LINE,
    PAGE,
    SHORT,
    Recorded,
    Table,
    Versioned,
    enum_field,
    flag_field,
    limit,
    text_field,
    time_field,
)
from db.vocabulary import NameKind, PlaceKind


class Place(Versioned, table=True):
    """A place that a name can stand for.

    ``source`` and ``source_key`` identify it where it came from. The extent is ``radius_m`` metres round
    (lon, lat), or the polygon ``area_id``; both are empty where only a point is known. ``admin1`` and
    ``admin2`` are the codes of the source (GeoNames), ``admin1_name`` and ``admin2_name`` what is shown. A row that
    a person ``corrected`` is left alone by imports; one that is ``withdrawn`` answers to nothing.
    """

    __tablename__ = "place"
    __table_args__ = (
        sa.UniqueConstraint("source", "source_key"),
        limit("name", LINE),
        sa.CheckConstraint("lon BETWEEN -180 AND 180", name="lon_range"),
        sa.CheckConstraint("lat BETWEEN -90 AND 90", name="lat_range"),
        sa.CheckConstraint("radius_m IS NULL OR radius_m BETWEEN 0 AND 21000000", name="radius_m_range"),
        sa.CheckConstraint("population >= 0 AND population = CAST(population AS INTEGER)", name="population_count"),
    )

    source: str = text_field(SHORT)
    source_key: str = text_field(SHORT)
    name: str = text_field(LINE)
    kind: PlaceKind = enum_field(PlaceKind, "kind")
    feature_code: str | None = text_field(SHORT, nullable=True)
    country: str | None = text_field(2, nullable=True, index=True)
    admin1: str | None = text_field(SHORT, nullable=True)
    admin1_name: str | None = text_field(LINE, nullable=True)
    admin2: str | None = text_field(SHORT, nullable=True)
    admin2_name: str | None = text_field(LINE, nullable=True)
    lon: float
    lat: float
    radius_m: float | None = None
    area_id: int | None = Field(default=None, foreign_key="area.id")
    population: int | None = None
    licence: str | None = text_field(LINE, nullable=True)
    corrected: bool = flag_field("corrected_boolean", default=False)
    withdrawn: bool = flag_field("withdrawn_boolean", default=False)


class PlaceName(Versioned, table=True):
    """A name of a place in any script, or a code of it (a P-code).

    ``folded`` is the key of the exact search (`gazetteer.folding`), ``sound`` that of the search by sound
    (`gazetteer.search.sound`); it is empty where it was not computed yet. ``source`` says who gave the name where
    that is not the place's own source; of an attested name it says where it was read.
    """

    __tablename__ = "place_name"
    __table_args__ = (sa.UniqueConstraint("place_id", "name"), limit("name", LINE))

    place_id: int = Field(foreign_key="place.id")
    name: str = text_field(LINE)
    folded: str = text_field(LINE, index=True)
    sound: str | None = text_field(LINE, nullable=True)
    language: str | None = text_field(SHORT, nullable=True)
    kind: NameKind = enum_field(NameKind, "kind", default=NameKind.NAME)
    source: str | None = text_field(LINE, nullable=True)
    withdrawn: bool = flag_field("withdrawn_boolean", default=False)


class PlaceUnit(Table, table=True):
    """The administrative units whose polygons hold the point of a place; computed, see `gazetteer.units`.

    Not recorded by anyone, so it has no change set: it can be made again from the places and areas at any time.
    """

    __tablename__ = "place_unit"

    place_id: int = Field(primary_key=True, foreign_key="place.id")
    adm1_id: int | None = Field(default=None, foreign_key="place.id")
    adm2_id: int | None = Field(default=None, foreign_key="place.id")
    adm3_id: int | None = Field(default=None, foreign_key="place.id")


class ServiceAnswer(Recorded, table=True):
    """What an online geocoding service answered, kept so that nobody asks it twice.

    ``query`` holds the request with its parameters, ``answer`` the service's results as JSON, raw; ``licence`` is
    that of the data, which goes wherever the answer goes.
    """

    __tablename__ = "service_answer"
    __table_args__ = (sa.UniqueConstraint("service", "query"),)

    service: str = text_field(SHORT)
    query: str = text_field(LINE)
    asked_at: datetime = time_field()
    licence: str = text_field(LINE)
    answer: str = text_field(PAGE)
