"""Locations: where each source puts an incident, with how fine it is known and what may be shown of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from pydantic import Field
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlmodel import Session, select

from db.errors import AmbiguousError, ConflictError, InputError, NotFoundError
from db.session import check_version
from db.tables import Incident, Location
from db.vocabulary import Geoprivacy, LocationMethod, PlaceKind, PrecisionLevel
from gazetteer.coordinates import mgrs_square
from gazetteer.geodesy import MAX_CIRCLE_M, area_km2, bounds_of, cell_of, distance_m, swapped_is_nearer
from gazetteer.geometry import read_geometry
from gazetteer.locate import locate
from gazetteer.places import area_of, one_place
from gazetteer.points import check_point
from gazetteer.precision import default_radius_m
from gazetteer.search.answer import PlaceVerdict
from gazetteer.sources.areas import store_area
from gazetteer.sources.embedded import country_area_km2
from gazetteer.units import units_containing
from incidents.inputs import Code, Degrees, Input, Line, Paragraph, RowNumber
from incidents.organisations import find_organisation
from incidents.reports import find_report

Box = tuple[float, float, float, float]

FINEST = {
    PlaceKind.COUNTRY: PrecisionLevel.COUNTRY,
    PlaceKind.ADM1: PrecisionLevel.ADM1,
    PlaceKind.ADM2: PrecisionLevel.ADM2,
    PlaceKind.ADM3: PrecisionLevel.ADM3,
    PlaceKind.SETTLEMENT: PrecisionLevel.SETTLEMENT,
    PlaceKind.NEIGHBOURHOOD: PrecisionLevel.NEIGHBOURHOOD,
}
"""The finest precision that a place of each kind stands for; others are taken at the recorder's word."""


class LocationInput(Input):
    """One source's place for an incident.

    Give a point (``lon``, ``lat``), an ``mgrs`` square, an ``area`` (a GeoJSON geometry), or a ``place`` of
    the gazetteer; a location of precision ``unknown`` has none of them and keeps the words. The radius in
    metres follows from the precision where it is not given, and is never smaller than the square or the place;
    an area has none. Of geoprivacy ``reduced``, a cell of
    10^-``public_decimals`` degrees is shown instead of the point.
    """

    source: Line
    report: Line
    lon: Degrees | None = None
    lat: Degrees | None = None
    mgrs: Line | None = None
    area: dict[str, Any] | None = None
    place: Line | None = None
    radius_m: float | None = Field(default=None, ge=0, le=MAX_CIRCLE_M, allow_inf_nan=False, strict=True)
    precision: PrecisionLevel
    method: LocationMethod
    is_primary: bool = False
    place_name: Line | None = None
    place_words: Line | None = None
    source_code: Code | None = None
    geoprivacy: Geoprivacy = Geoprivacy.EXACT
    public_decimals: int = Field(default=1, ge=0, le=4, strict=True)
    confirm_null_island: bool = False
    confirm_far: bool = False
    confirm_large_area: bool = False
    supersedes: RowNumber | None = None
    note: Paragraph | None = None


@dataclass(frozen=True)
class Spot:
    """Where something is: a point with a radius in metres, or with an area; degrees, longitude first."""

    lon: float
    lat: float
    radius_m: float | None = None
    area: Polygon | MultiPolygon | None = None

    def box(self) -> Box:
        """West, south, east, north in degrees, round the whole of it."""
        if self.area is not None:
            west, south, east, north = (float(side) for side in self.area.bounds)
            return west, south, east, north
        return bounds_of(self.lon, self.lat, self.radius_m or 0.0)

    def reach_m(self) -> float:
        """How far the whole of it reaches from its point at most, metres."""
        if self.area is None:
            return self.radius_m or 0.0
        west, south, east, north = self.box()
        return max(distance_m(self.lon, self.lat, lon, lat) for lon in (west, east) for lat in (south, north))


def add_location(session: Session, incident: Incident, data: LocationInput) -> Location:
    """Record a location; rivals stand side by side, one that supersedes another replaces it in answers.

    Raises:
        InputError: the point, area or square is not acceptable, or none is given though the precision is known.
        NotFoundError: the source, the report or the place is not recorded.
        AmbiguousError: several places have the name.
        ConflictError: what it supersedes is of another source, or is superseded already.
    """
    source = find_organisation(session, data.source)
    old = None if data.supersedes is None else _superseded(session, incident, data.supersedes, source.key)
    spot = _spot(session, incident, data)
    public = None if spot is None else public_spot(session, spot, data.geoprivacy, data.public_decimals)
    row = Location(
        incident_id=incident.key,
        source_id=source.key,
        report_id=find_report(session, data.report).key,
        **data.model_dump(
            include={
                "precision",
                "method",
                "is_primary",
                "place_name",
                "place_words",
                "source_code",
                "geoprivacy",
                "note",
            }
        ),
        **place_columns(session, spot, public),
        supersedes_id=None if old is None else old.key,
    )
    session.add(row)
    session.flush()
    return row


def place_columns(session: Session, spot: Spot | None, public: Spot | None) -> dict[str, Any]:
    """The columns of the location table that hold ``spot`` and what of it is public.

    The box holds both, so that the spatial index finds the location by either.
    """
    if spot is None:
        return {}
    boxes = [found.box() for found in (spot, public) if found is not None]
    columns: dict[str, Any] = {
        "lon": spot.lon,
        "lat": spot.lat,
        "radius_m": spot.radius_m,
        "area_id": _area_id(session, spot.area),
        "west": min(box[0] for box in boxes),
        "south": min(box[1] for box in boxes),
        "east": max(box[2] for box in boxes),
        "north": max(box[3] for box in boxes),
    }
    if public is not None:
        columns |= {
            "public_lon": public.lon,
            "public_lat": public.lat,
            "public_radius_m": public.radius_m,
            "public_area_id": _area_id(session, public.area),
        }
    return columns


def _area_id(session: Session, area: Polygon | MultiPolygon | None) -> int | None:
    return None if area is None else store_area(session, area)


def _spot(session: Session, incident: Incident, data: LocationInput) -> Spot | None:
    where = f"location of {incident.code}"
    given = [name for name in ("mgrs", "area", "place") if getattr(data, name) is not None]
    if data.lon is not None or data.lat is not None:
        given.append("point")
    if data.precision is PrecisionLevel.UNKNOWN:
        if len(given) > 0 or data.radius_m is not None:
            raise InputError(
                "located_unknown",
                "A place of precision unknown has no point and no radius.",
                where=where,
                fix="Say how fine the place is known, or leave the point out and keep the words.",
            )
        return None
    if len(given) != 1:
        raise InputError(
            "one_place",
            "Give exactly one of a point, an MGRS square, an area or a place.",
            where=where,
            got=", ".join(given) or "none",
        )
    if given == ["area"] and data.radius_m is not None:
        raise InputError("radius_of_area", "An area is its own extent and has no radius.", where=where)
    return _read_spot(session, incident, data, given[0], where)


def _read_spot(session: Session, incident: Incident, data: LocationInput, form: str, where: str) -> Spot:
    if form == "mgrs":
        lon, lat, square_m = mgrs_square(data.mgrs or "", where=where)
        if data.radius_m is None and data.precision in {PrecisionLevel.EXACT, PrecisionLevel.WITHIN_100M}:
            return Spot(lon, lat, square_m)
        return Spot(lon, lat, max(square_m, _radius_m(data)))
    if form == "area":
        spot = _area_spot(read_geometry(data.area or {}, where=where), where)
        _check_not_larger(incident, spot, data, where)
        return spot
    if form == "place":
        return _place_spot(session, data, where)
    if data.lon is None or data.lat is None:
        raise InputError("half_a_point", "A point has a longitude and a latitude.", where=where)
    lon, lat = check_point(data.lon, data.lat, where=where, confirm_null_island=data.confirm_null_island)
    _check_not_far(session, data, lon, lat, where)
    return Spot(lon, lat, _radius_m(data))


def _radius_m(data: LocationInput) -> float:
    """The radius in metres as given, else that of the precision."""
    return (default_radius_m(data.precision) or 0.0) if data.radius_m is None else data.radius_m


def _area_spot(area: BaseGeometry | None, where: str) -> Spot:
    if not isinstance(area, Polygon | MultiPolygon):
        kind = None if area is None else area.geom_type
        raise InputError("not_an_area", "An area is a Polygon or MultiPolygon.", where=where, got=kind)
    inside = area.representative_point()
    return Spot(float(inside.x), float(inside.y), area=area)


def _check_not_larger(incident: Incident, spot: Spot, data: LocationInput, where: str) -> None:
    """Refuse an area larger than the country of the incident, unless it is confirmed (B48)."""
    whole_km2 = country_area_km2(incident.country)
    if spot.area is None or whole_km2 is None or data.confirm_large_area:
        return
    given_km2 = area_km2(spot.area)
    if given_km2 > whole_km2:
        raise InputError(
            "larger_than_country",
            f"The area has {given_km2:,.0f} km², the whole of {incident.country} has {whole_km2:,.0f} km².",
            where=where,
            fix="Check the polygon; if it is meant, confirm it with --confirm-large-area.",
        )


def _place_spot(session: Session, data: LocationInput, where: str) -> Spot:
    try:
        place = one_place(session, data.place or "")
    except (NotFoundError, AmbiguousError):
        spot = _described_spot(session, data, where)
        if spot is None:
            raise
        return spot
    _check_not_finer(place.name, FINEST.get(place.kind), data, where)
    area = area_of(session, place) if place.area_id is not None else None
    if area is not None:
        return _area_spot(area, where)
    known_m = [radius_m for radius_m in (data.radius_m, place.radius_m) if radius_m is not None]
    return Spot(place.lon, place.lat, max(known_m, default=_radius_m(data)))


def _described_spot(session: Session, data: LocationInput, where: str) -> Spot | None:
    """The area of a text that is no plain name ("5 km north-east of Idlib"), where the gazetteer is sure of it."""
    answer = locate(session, data.place or "")
    if answer.verdict not in (PlaceVerdict.SURE, PlaceVerdict.COARSE) or answer.lon is None or answer.lat is None:
        return None
    _check_not_finer(data.place or "", answer.precision, data, where)
    if answer.area is not None:
        return _area_spot(answer.area, where)
    return Spot(answer.lon, answer.lat, max(answer.radius_m or 0.0, data.radius_m or 0.0))


def _check_not_finer(name: str, finest: PrecisionLevel | None, data: LocationInput, where: str) -> None:
    """Refuse a precision that the place does not have: a governorate's centre is no exact point."""
    order = list(PrecisionLevel)
    if finest is not None and order.index(data.precision) < order.index(finest):
        raise InputError(
            "precision_too_fine",
            f"{name} is known to {finest.value} at best, the precision says {data.precision.value}.",
            where=where,
            got=data.place,
            fix=f"Give the precision {finest.value} or a coarser one, or the point itself.",
        )


def _check_not_far(session: Session, data: LocationInput, lon: float, lat: float, where: str) -> None:
    """Say when the point is far from the place it is named after and the swapped pair is nearer (B35)."""
    if data.place_name is None or data.confirm_far:
        return
    try:
        place = one_place(session, data.place_name)
    except InputError:
        return  # the name is unknown or has namesakes: there is nothing to compare with
    if swapped_is_nearer(lon, lat, place.lon, place.lat):
        raise InputError(
            "maybe_swapped",
            f"The point is far from {place.name}; with the numbers swapped it is nearer.",
            where=where,
            got=f"lon {lon}, lat {lat}",
            fix=f"If it is so, give lon {lat} and lat {lon}; if the point is right, confirm it: --confirm-far, or yes "
            "in the column confirmed.",
        )


def public_spot(session: Session, spot: Spot, geoprivacy: Geoprivacy, decimals: int) -> Spot | None:
    """What of ``spot`` leaves the product; None where nothing of it does.

    A fixed rule, applied once: the mean of many random displacements finds the true point again.

    Raises:
        InputError: geoprivacy is adm_only and no boundary round the point is loaded.
    """
    if geoprivacy is Geoprivacy.EXACT:
        return spot
    if geoprivacy is Geoprivacy.HIDDEN:
        return None
    if geoprivacy is Geoprivacy.REDUCED:
        lon, lat, radius_m = cell_of(spot.lon, spot.lat, decimals)
        # What is shown must still hold the whole of the true area, or it would claim more than is known.
        return Spot(lon, lat, _rounded_up(radius_m + spot.reach_m()))
    units = units_containing(session, spot.lon, spot.lat, kind=PlaceKind.ADM1)
    if len(units) == 0:
        raise InputError(
            "no_boundary",
            "No governorate boundary round the point is loaded, so it cannot be lowered to one.",
            where="geoprivacy adm_only",
            fix="Run: incidents gazetteer import areas FILE --level adm1; or choose reduced or hidden.",
        )
    return _area_spot(area_of(session, units[0]), "geoprivacy adm_only")


def _rounded_up(metres: float) -> float:
    """``metres`` rounded up to two digits: the reach of a polygon to the millimetre would tell which it is."""
    unit = 10.0 ** (math.floor(math.log10(metres)) - 1)
    return math.ceil(metres / unit) * unit


def _superseded(session: Session, incident: Incident, key: int, source: int) -> Location:
    old = session.get(Location, key)
    if old is None or old.incident_id != incident.id:
        raise NotFoundError(
            "unknown_location",
            f"{incident.code} has no such location.",
            got=key,
            fix=f"See them with: incidents show {incident.code}",
        )
    if old.source_id != source:
        raise ConflictError(
            "not_a_successor",
            "A location supersedes one of the same source.",
            got=key,
            fix="Record it as a rival of its own; both stand.",
        )
    if session.exec(select(Location.id).where(Location.supersedes_id == key)).first() is not None:
        raise ConflictError("superseded_already", "Another location supersedes it already.", got=key)
    return old


def withdraw_location(session: Session, key: int, *, version: int | None = None) -> Location:
    """Mark a location as withdrawn by its source; it stays in the history.

    Raises:
        NotFoundError: there is none with this number.
        ConflictError: it is withdrawn already, or somebody changed it since ``version``.
    """
    row = session.get(Location, key)
    if row is None:
        raise NotFoundError("unknown_location", "There is no location with this number.", got=key)
    check_version(row, version, where=f"location {key}")
    if row.withdrawn:
        raise ConflictError("withdrawn_already", "The location is withdrawn already.", where=f"location {key}")
    row.withdrawn = True
    session.add(row)
    session.flush()
    return row
