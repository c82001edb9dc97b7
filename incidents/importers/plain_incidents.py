"""Rows of the incidents CSV that are plain, many at a time: read by column, and written in bulk.

What is not plain, and what is recorded already, is left to :mod:`.csv_incidents`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.bulk import NewRows
from db.errors import InputError
from db.tables import metadata
from db.tables.base import LINE, PARAGRAPH, SHORT
from db.vocabulary import (
    EventKind,
    Geoprivacy,
    LocationMethod,
    PrecisionLevel,
    StrikeStatus,
    Visibility,
    YesNoUnknown,
)
from gazetteer.folding import fold, script_of
from gazetteer.geodesy import MAX_CIRCLE_M, bounds_of, swapped_is_nearer
from gazetteer.places import one_place
from gazetteer.precision import default_radius_m
from incidents.importers.csv_cells import split
from incidents.importers.csv_incidents import PLACE, take_incident
from incidents.importers.plain import ODD, Known, Plain, picked, words
from incidents.importers.plain_windows import NO_WINDOW, WINDOW, WINDOW_COLUMNS, PlainWindows
from incidents.importers.recorded import Recorded
from incidents.importers.sources import Ids, Sources
from incidents.locations import Spot, place_columns, public_spot

DOSSIERS = 200
"""Rows whose recorded incidents are loaded together."""

TABLES = ("incident", "incident_name", "incident_code", "location")

_INCIDENT = metadata.tables["incident"]
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_OTHER_CODE = re.compile(r"([!-9;-{}~]{1,100}):([!-{}~]{1,100})")
_KINDS, _HARMED = words(EventKind, EventKind.UNKNOWN), words(YesNoUnknown, YesNoUnknown.UNKNOWN)
_STATUSES, _VISIBILITIES = words(StrikeStatus), words(Visibility, Visibility.PUBLIC)
_PRECISIONS, _METHODS = words(PrecisionLevel), words(LocationMethod, LocationMethod.SOURCE_COORDINATES)
_PRIVACIES = words(Geoprivacy, Geoprivacy.EXACT) | {Geoprivacy.ADM_ONLY.value: ODD}
_GRIDS = {"": None} | {str(decimals): decimals for decimals in range(5)}
_CONFIRMED = {"": False, "no": False, "yes": True}
_POINT = ("lon", "lat", "radius_m", "area_id", "west", "south", "east", "north",
          "public_lon", "public_lat", "public_radius_m", "public_area_id")  # fmt: skip

Values = dict[str, Sequence[Any]]


class IncidentRows:
    """Reads and writes the plain rows of one file.

    Args:
        session: a write session.
        sources: finds, or records, what the cells name.
        new: gives the ids out.
    """

    def __init__(self, session: Session, sources: Sources, new: NewRows) -> None:
        self._session = session
        self._sources = sources
        self._new = new
        self._windows = Known(PlainWindows().read)
        self._named_places = Known(self._named_place)
        self._plain = Plain({}, 0)
        self._incidents: Values = {}
        self._places: Values = {}
        self._ahead = range(0)
        self._recorded: Recorded | None = None

    def read(self, plain: Plain) -> None:
        """Read a batch; the rows that are not plain are marked in it."""
        self._plain = plain
        self._recorded = None
        self._incidents = self._read_incidents(plain)
        self._places = self._read_places(plain)

    def write(self, start: int, stop: int) -> int:
        """Write rows from ``start`` on, up to the first that is not plain or is recorded already.

        Args:
            start: first row of the batch to write.
            stop: the row to end before.

        Returns:
            How many rows were written.
        """
        odd = self._plain.rows.find(0, start, stop)
        stop = stop if odd < 0 else odd
        rows = range(start, start + self._new_ones(self._incidents["code"][start:stop]))
        placed = [row for row in rows if self._places["precision"][row] is not None]
        named = self._places["location_source"], self._places["location_report"]
        found = self._sources.of_rows((named[0][row], named[1][row]) for row in placed)
        if len(found) < len(placed):
            rows, placed = range(start, placed[len(found)]), placed[: len(found)]
        if len(rows) > 0:
            self._add(rows, placed, found)
        return len(rows)

    def take(self, row: int, cells: dict[str, str]) -> bool:
        """Record a row of any kind, or find it recorded; returns whether it is new.

        Raises:
            InputError, ConflictError: as :func:`.csv_incidents.take_incident`.
        """
        if self._recorded is None or row not in self._ahead:
            self._ahead = range(row, row + DOSSIERS)
            codes = self._plain.cells("code")[row : row + DOSSIERS]
            self._recorded = Recorded(self._session, [code.strip() for code in codes])
        return take_incident(self._session, self._sources, self._recorded, cells)

    def _new_ones(self, codes: Sequence[str]) -> int:
        """How many rows come before the first whose code is recorded already, or stands twice."""
        if len(codes) == 0:
            return 0
        held = set(self._session.execute(sa.select(_INCIDENT.c.code).where(_INCIDENT.c.code.in_(codes))).scalars())
        for count, code in enumerate(codes):
            if code in held:
                return count
            held.add(code)
        return len(codes)

    def _add(self, rows: range, placed: list[int], found: Sequence[Ids]) -> None:
        own = {name: values[rows.start : rows.stop] for name, values in self._incidents.items()}
        names, codes = own.pop("names"), own.pop("codes")
        keys = self._new.add_columns("incident", own)
        self._add_names(keys, own["name"], names)
        listed = [(key, *code) for key, several in zip(keys, codes, strict=True) for code in several]
        if len(listed) > 0:
            self._new.add_columns(
                "incident_code",
                dict(zip(("incident_id", "scheme", "code", "former"), zip(*listed, strict=True), strict=True)),
            )
        if len(placed) > 0:
            self._add_places([keys[row - rows.start] for row in placed], placed, found)

    def _add_names(self, keys: range, own: Sequence[str], others: Sequence[tuple[str, ...]]) -> None:
        pairs = [
            (key, each)
            for key, name, listed in zip(keys, own, others, strict=True)
            for each in (listed if name in listed else (name, *listed))
        ]
        names = [name for _, name in pairs]
        columns: Values = {
            "incident_id": [key for key, _ in pairs],
            "name": names,
            "folded": list(map(fold, names)),
            "script": list(map(script_of, names)),
        }
        self._new.add_columns("incident_name", columns)

    def _add_places(self, keys: list[int], placed: list[int], found: Sequence[Ids]) -> None:
        values = {name: column for name, column in self._places.items() if not name.startswith("location_")}
        columns = picked(values, placed) | {
            "incident_id": keys,
            "source_id": [ids[0] for ids in found],
            "report_id": [ids[1] for ids in found],
        }
        self._new.add_columns("location", columns)

    def _read_incidents(self, plain: Plain) -> Values:
        codes = plain.texts("code", SHORT)
        names = plain.texts("name", LINE)
        countries = plain.cells("country")
        for row, (code, name, country) in enumerate(zip(codes, names, countries, strict=True)):
            if name == "" or _CODE.fullmatch(code) is None or (country != "" and _COUNTRY.fullmatch(country) is None):
                plain.rows[row] = 0
        windows = plain.looked_up(self._windows, *WINDOW)
        said = plain.optional("time_words", LINE)
        for row, (window, time_words) in enumerate(zip(windows, said, strict=True)):
            if window is NO_WINDOW and time_words is not None:
                plain.rows[row] = 0
        times = zip(*(NO_WINDOW if window is ODD else window for window in windows), strict=True)
        return {
            "code": codes,
            "name": names,
            "names": plain.checked(list(map(_names, plain.cells("names")))),
            "codes": plain.checked(list(map(_codes, plain.cells("codes")))),
            "kind": plain.looked_up(_KINDS, "kind"),
            "country": [country or None for country in countries],
            **dict(zip(WINDOW_COLUMNS, times, strict=True)),
            "time_words": said,
            "civilian_harm_reported": plain.looked_up(_HARMED, "civilian_harm_reported"),
            "strike_status": plain.looked_up(_STATUSES, "strike_status"),
            "visibility": plain.looked_up(_VISIBILITIES, "visibility"),
            "note": plain.optional("note", PARAGRAPH),
        }

    def _read_places(self, plain: Plain) -> Values:
        """The places; of a row without one the precision is None."""
        found: Values = {
            "precision": plain.looked_up(_PRECISIONS, "precision"),
            "method": plain.looked_up(_METHODS, "method"),
            "geoprivacy": plain.looked_up(_PRIVACIES, "geoprivacy"),
            "place_name": plain.optional("place_name", LINE),
            "place_words": plain.optional("place_words", LINE),
            "location_source": plain.texts("location_source", LINE),
            "location_report": plain.texts("location_report", LINE),
        }
        given = [any(cells) for cells in zip(*map(plain.cells, sorted(PLACE)), strict=True)]
        points = self._read_points(plain, found)
        for row, (has, precision, source, report) in enumerate(
            zip(given, found["precision"], found["location_source"], found["location_report"], strict=True)
        ):
            if has and (precision is None or source == "" or report == ""):
                plain.rows[row] = 0
        columns = dict(zip(_POINT, zip(*points, strict=True), strict=True))
        return found | columns | {"is_primary": [lon is not None for lon in columns["lon"]]}

    def _read_points(self, plain: Plain, found: Values) -> list[tuple[Any, ...]]:
        lons, lats = plain.numbers("lon", -180, 180), plain.numbers("lat", -90, 90)
        radii = plain.numbers("radius_m", 0, MAX_CIRCLE_M)
        grids = plain.looked_up(_GRIDS, "public_decimals")
        confirmed = plain.looked_up(_CONFIRMED, "confirmed")
        points: list[tuple[Any, ...]] = []
        several = zip(lons, lats, radii, found["precision"], found["geoprivacy"], grids, strict=True)
        for row, (lon, lat, radius_m, precision, privacy, grid) in enumerate(several):
            point = None
            if plain.rows[row]:
                near = lon is None or confirmed[row] or self._is_near(found["place_name"][row], lon, lat)
                null_island = (lon, lat) == (0.0, 0.0) and not confirmed[row]
                if near and not null_island:
                    point = self._point(lon, lat, radius_m, precision, privacy, grid)
                if point is None:
                    plain.rows[row] = 0
            points.append(point or _NOWHERE)
        return points

    def _is_near(self, name: str | None, lon: float, lat: float | None) -> bool:
        """Whether the point is not, as its place's name shows, likely to be swapped."""
        place = None if name is None or lat is None else self._named_places[name]
        if place is ODD:
            return False
        return place is None or lat is None or not swapped_is_nearer(lon, lat, *place)

    def _named_place(self, name: str) -> tuple[float, float] | None:
        try:
            place = one_place(self._session, name)
        except InputError:
            return None  # as for one point alone: nothing to compare with
        return place.lon, place.lat

    def _point(
        self, lon: float | None, lat: float | None, radius_m: float | None, precision: PrecisionLevel | None,
        privacy: Geoprivacy, grid: int | None,
    ) -> tuple[Any, ...] | None:  # fmt: skip
        """The columns of a place; None where it takes more than this to record it."""
        if privacy is Geoprivacy.REDUCED and grid is None:
            return None
        if precision is None or precision is PrecisionLevel.UNKNOWN:
            return _NOWHERE if lon is None and lat is None and radius_m is None else None
        if lon is None or lat is None:
            return None
        metres = (default_radius_m(precision) or 0.0) if radius_m is None else radius_m
        if privacy is Geoprivacy.EXACT:
            return (lon, lat, metres, None, *bounds_of(lon, lat, metres), lon, lat, metres, None)
        spot = Spot(lon, lat, metres)
        public = public_spot(self._session, spot, privacy, grid or 0)
        columns = place_columns(self._session, spot, public)
        return tuple(columns.get(name) for name in _POINT)


_NOWHERE = (None,) * len(_POINT)


def _names(cell: str) -> Any:
    """The names of a list cell, each once."""
    if cell == "":
        return ()
    found = tuple(dict.fromkeys(split(cell)))
    plain = cell[:1] != "'" and all(name == name.strip() != "" and len(name) <= LINE for name in found)
    return found if plain else ODD


def _codes(cell: str) -> Any:
    """The codes of others of a list cell, as scheme, code and whether it is a former one."""
    if cell == "":
        return ()
    found = []
    for text in dict.fromkeys(split(cell)):
        match = _OTHER_CODE.fullmatch(text.removesuffix(" (former)"))
        if match is None or text[:1] == "'":
            return ODD
        found.append((match[1], match[2], text.endswith(" (former)")))
    once = {(scheme, code) for scheme, code, _ in found}
    return tuple(found) if len(once) == len(found) and cell[:1] != "'" else ODD
