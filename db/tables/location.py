"""Locations: where each source puts an incident, as an area and never a bare point."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import (
    LINE,
    PARAGRAPH,
    SHORT,
    Recorded,
    Versioned,
    enum_field,
    flag_field,
    text_field,
)
from db.vocabulary import Geoprivacy, LocationMethod, PrecisionLevel

IN_RANGE = "{0} IS NULL OR {0} BETWEEN -{1} AND {1}"
RADIUS = "{0} IS NULL OR {0} BETWEEN 0 AND 21000000"
BOX = "west >= -180 AND west <= east AND east <= 180 AND south >= -90 AND south <= north AND north <= 90"


class Area(Recorded, table=True):
    """A polygon, stored once: ``sha256`` is that of its WKB (longitude, latitude, WGS84 degrees)."""

    __tablename__ = "area"
    __table_args__ = (
        sa.CheckConstraint("length(sha256) = 64", name="sha256_length"),
        sa.CheckConstraint(BOX, name="box_order"),
    )

    sha256: str = text_field(64, unique=True)
    wkb: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    west: float
    south: float
    east: float
    north: float


class Location(Versioned, table=True):
    """One source's place for an incident; rivals stand side by side.

    A located row is a point with a radius in metres, or an area (with its representative point); a row of
    precision ``unknown`` has neither. ``public_*`` is what leaves the product under ``geoprivacy``: it is
    computed by a fixed rule when the row is recorded and stored, so that two exports cannot be compared
    to work back to the true point. ``west`` to ``north`` is a box in degrees that holds both the true and
    the public area, for the spatial index.
    """

    __tablename__ = "location"
    __table_args__ = (
        sa.CheckConstraint(IN_RANGE.format("lon", 180), name="lon_range"),
        sa.CheckConstraint(IN_RANGE.format("lat", 90), name="lat_range"),
        sa.CheckConstraint(IN_RANGE.format("public_lon", 180), name="public_lon_range"),
        sa.CheckConstraint(IN_RANGE.format("public_lat", 90), name="public_lat_range"),
        sa.CheckConstraint(RADIUS.format("radius_m"), name="radius_m_range"),
        sa.CheckConstraint(RADIUS.format("public_radius_m"), name="public_radius_m_range"),
        sa.CheckConstraint("(public_lon IS NULL) = (public_lat IS NULL)", name="public_point_whole"),
        sa.CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="point_whole"),
        sa.CheckConstraint("(precision = 'unknown') = (lon IS NULL)", name="located"),
        sa.CheckConstraint("lon IS NULL OR radius_m IS NOT NULL OR area_id IS NOT NULL", name="extent_known"),
        # All four, because SQLite stores NaN as NULL, and a place without a box would be found nowhere.
        sa.CheckConstraint(
            " AND ".join(f"(lon IS NULL) = ({side} IS NULL)" for side in ("west", "south", "east", "north")),
            name="box_present",
        ),
        sa.CheckConstraint(BOX, name="box_order"),
    )

    incident_id: int = Field(foreign_key="incident.id", index=True)
    source_id: int = Field(foreign_key="organisation.id", index=True)
    report_id: int = Field(foreign_key="report.id", index=True)
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None
    area_id: int | None = Field(default=None, foreign_key="area.id")
    precision: PrecisionLevel = enum_field(PrecisionLevel, "precision")
    method: LocationMethod = enum_field(LocationMethod, "method")
    is_primary: bool = flag_field("is_primary_boolean", default=False)
    place_name: str | None = text_field(LINE, nullable=True)
    place_words: str | None = text_field(LINE, nullable=True)
    source_code: str | None = text_field(SHORT, nullable=True)
    geoprivacy: Geoprivacy = enum_field(Geoprivacy, "geoprivacy", default=Geoprivacy.EXACT)
    public_lon: float | None = None
    public_lat: float | None = None
    public_radius_m: float | None = None
    public_area_id: int | None = Field(default=None, foreign_key="area.id")
    west: float | None = None
    south: float | None = None
    east: float | None = None
    north: float | None = None
    supersedes_id: int | None = Field(default=None, foreign_key="location.id", index=True)
    note: str | None = text_field(PARAGRAPH, nullable=True)
    withdrawn: bool = flag_field("withdrawn_boolean", default=False)
