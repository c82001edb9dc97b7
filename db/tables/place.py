"""Places: the gazetteer's entries and their names."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import LINE, SHORT, Recorded, Versioned, enum_field, limit, text_field
from db.vocabulary import PlaceKind


class Place(Versioned, table=True):
    """A place that a name can stand for.

    ``source`` and ``source_key`` identify it where it came from. The extent is ``radius_m`` metres round
    (lon, lat), or the polygon ``area_id``; both are empty where only a point is known. ``admin1`` and
    ``admin2`` are the codes of the source (GeoNames), ``admin1_name`` and ``admin2_name`` what is shown.
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


class PlaceName(Recorded, table=True):
    """A name of a place in any script; ``folded`` is the key it is found by."""

    __tablename__ = "place_name"
    __table_args__ = (sa.UniqueConstraint("place_id", "name"), limit("name", LINE))

    place_id: int = Field(foreign_key="place.id")
    name: str = text_field(LINE)
    folded: str = text_field(LINE, index=True)
    language: str | None = text_field(SHORT, nullable=True)
