"""The gazetteer as a geopy geocoder: it drops into code written for geopy, and asks no network.

What differs from geopy's services, because no place is picked silently here:

* ``geocode`` gives a ``Location`` only where the gazetteer is sure, or where only a unit is certain: then the point
  is that of the unit, and ``raw["verdict"]`` is ``coarse`` with the unit's radius. A name that could be several places
  gives None, as an unknown one does; with ``exactly_one=False`` all candidates are given, and ``raw["verdict"]`` says
  ``ambiguous``.
* ``Location.raw`` carries verdict, probability, ``radius_m``, precision, hierarchy, source, reasons and licence.
* What a query says wrongly (an unknown governorate, coordinates off the globe) raises ``GeocoderQueryError``. An error
  of the database is no answer about a place: it stays an error of `db.errors`, which no ``RateLimiter`` swallows.

geopy's order is latitude first; the two orders meet in `_point` and `_asked_point` only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from numbers import Real
from threading import RLock
from typing import Any, NoReturn, Protocol, TypeAlias

from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeocoderQueryError, GeocoderUnavailable
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location
from geopy.point import Point
from sqlmodel import Session, col, select

from db.engine import Database
from db.errors import InputError
from db.session import read_session
from db.tables import Place
from db.vocabulary import PlaceKind
from gazetteer.coordinates import parse_coordinates
from gazetteer.folding import fold, strip_feature_words
from gazetteer.locate import locate
from gazetteer.points import check_point
from gazetteer.reverse import Position, places_at
from gazetteer.search.answer import Answer, Candidate, PlaceVerdict

SessionFactory: TypeAlias = Callable[[], AbstractContextManager[Session]]
"""Opens a session for reading, for example ``lambda: read_session(database)``."""

_PARTS = {"city": "text", "county": "admin2", "state": "admin1", "country": "country"}
"""The parts of a structured query, as geopy's Nominatim calls them, and what they are here."""
_FINEST_FIRST = ("city", "county", "state", "country")
_UNIT_WORDS = {"county": "district", "state": "governorate"}
_CANDIDATES = 10


class Locate(Protocol):
    """The shape of `gazetteer.locate.locate`."""

    def __call__(
        self, session: Session, text: str, *, country: str | None, admin1: str | None, admin2: str | None,
        language: str | None, limit: int,
    ) -> Answer:  # fmt: skip
        """Where ``text`` is."""


class NoNetAdapter(BaseSyncAdapter):  # type: ignore[misc]  # geopy ships no types
    """The adapter that geopy asks for: it reaches nothing, so no query can leave this computer."""

    def get_text(self, url: str, *, timeout: object, headers: object) -> NoReturn:
        """Refuse.

        Raises:
            GeocoderUnavailable: always.
        """
        del timeout, headers
        raise GeocoderUnavailable(f"The gazetteer asks no network; it was to fetch {url}")

    get_json = get_text


@dataclass(frozen=True, slots=True)
class _Query:
    """What is asked for, whichever way it was given."""

    text: str
    country: str | None
    admin1: str | None
    admin2: str | None


class GazetteerGeocoder(Geocoder):  # type: ignore[misc]  # geopy ships no types
    """Answers geopy's ``geocode`` and ``reverse`` from the gazetteer; see the module for what differs.

    Each call opens a session of its own. Inside ``with geocoder:`` one session serves all calls, which sees one state
    of the database; calls from several threads then wait for each other.

    Args:
        database: the database, or a function that opens a session.
        timeout: taken for geopy's sake; nothing waits for a network.
        locate_with: what searches; `gazetteer.locate.locate` but in tests.
    """

    def __init__(
        self, database: Database | SessionFactory, *, timeout: object = DEFAULT_SENTINEL, locate_with: Locate = locate
    ) -> None:
        super().__init__(timeout=timeout, adapter_factory=NoNetAdapter)
        self._open: SessionFactory = partial(read_session, database) if isinstance(database, Database) else database
        self._locate = locate_with
        self._stack = ExitStack()
        self._held: Session | None = None
        self._lock = RLock()

    def __enter__(self) -> GazetteerGeocoder:
        super().__enter__()
        self._held = self._stack.enter_context(self._open())
        return self

    def __exit__(self, exc_type: object, exc_val: object, exc_tb: object) -> None:
        self._held = None
        self._stack.close()
        super().__exit__(exc_type, exc_val, exc_tb)

    def geocode(
        self, query: str | Mapping[str, str] | None, *, exactly_one: bool = True, timeout: object = DEFAULT_SENTINEL,
        country: str | None = None, admin1: str | None = None, admin2: str | None = None, language: str | None = None,
        limit: int | None = None,
    ) -> Location | list[Location] | None:  # fmt: skip
        """Where a place is.

        Args:
            query: a name, a phrase or coordinates; or a mapping with ``city``, ``county``, ``state``, ``country``.
                None and NaN, which data frames have in empty cells, give None.
            exactly_one: give the answer itself, or None; else all candidates, best first.
            timeout: taken for geopy's sake.
            country: ISO 3166 two-letter code or a name.
            admin1: governorate, as a source spells it.
            admin2: district, as a source spells it.
            language: ISO 639-1 code; names of that language are preferred among equals.
            limit: most candidates, 10 by default.

        Returns:
            A Location where the verdict is sure or coarse, else None; with ``exactly_one=False`` the candidates as a
            list, a coarse answer's unit before them, or None where there is none.

        Raises:
            GeocoderQueryError: the query cannot be understood, or names a unit that is not known.
        """
        del timeout
        asked = _query(query, country, admin1, admin2)
        if asked is None:
            return None
        if limit is not None and limit < 1:
            raise GeocoderQueryError("Limit cannot be less than 1")
        with self._session() as session, _told_to_geopy():
            answer = self._locate(
                session, asked.text, country=asked.country, admin1=asked.admin1, admin2=asked.admin2,
                language=language, limit=limit or _CANDIDATES,
            )  # fmt: skip
            licences = _licences(session, answer.candidates)
        found = _locations(answer, licences)
        if not exactly_one:
            return found[:limit] or None
        settled = answer.verdict in (PlaceVerdict.SURE, PlaceVerdict.COARSE)
        return found[0] if settled and len(found) > 0 else None

    def reverse(
        self, query: Any, *, exactly_one: bool = True, timeout: object = DEFAULT_SENTINEL
    ) -> Location | list[Location] | None:
        """What is at a point.

        Args:
            query: a geopy ``Point``, a pair of numbers, latitude first, or coordinates as text in any notation that
                `gazetteer.coordinates` reads. None, and a pair with NaN in it, give None.
            exactly_one: give one Location; else also the nearest settlement and each unit, smallest first.
            timeout: taken for geopy's sake.

        Returns:
            A Location of the asked point itself, with its nearest settlement and units as address; None where
            neither is known.

        Raises:
            GeocoderQueryError: the query is no point on Earth.
        """
        del timeout
        with _told_to_geopy():
            point = _asked_point(query)
        if point is None:
            return None
        with self._session() as session, _told_to_geopy():
            position = places_at(session, *point)
            rows = _rows(session, position)
            here = Location(position.words(), _point(*point), _position_raw(position, point, rows))
            found = [here, *(_row_location(row) for row in rows)]
        if len(rows) == 0:
            return None
        return here if exactly_one else found

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """The session that ``with`` holds, for one thread at a time; else one for this call."""
        if self._held is None:
            with self._open() as session:
                yield session
        else:
            with self._lock:
                yield self._held


@contextmanager
def _told_to_geopy() -> Iterator[None]:
    """What is wrong with the input, as geopy's own error for that."""
    try:
        yield
    except InputError as error:
        raise GeocoderQueryError(str(error)) from error


def _query(query: object, country: str | None, admin1: str | None, admin2: str | None) -> _Query | None:
    """The query in our words; None where there is nothing to ask for."""
    given = {"country": country, "admin1": admin1, "admin2": admin2}
    if _is_missing(query):
        return None
    if isinstance(query, str):
        return _Query(query, **given) if query.strip() else None
    if not isinstance(query, Mapping):
        raise GeocoderQueryError(f"A query is a text or a mapping, not {type(query).__name__}.")
    unknown = sorted(str(part) for part in query if part not in _PARTS)
    if len(unknown) > 0:
        raise GeocoderQueryError(f"The gazetteer knows no {', '.join(unknown)}; it takes {', '.join(_PARTS)}.")
    parts = {part: str(query[part]).strip() for part in _FINEST_FIRST if not _is_missing(query.get(part))}
    named = [part for part in _FINEST_FIRST if parts.get(part)]
    if len(named) == 0:
        return None
    context = {_PARTS[part]: parts[part] for part in named[1:]}
    for part, value in given.items():
        if value is not None and context.get(part, value) != value:
            raise GeocoderQueryError(f"The query says {context[part]} for {part}, the call says {value}.")
    return _Query(
        _worded(named[0], parts[named[0]]), **{part: value or context.get(part) for part, value in given.items()}
    )


def _worded(part: str, name: str) -> str:
    """``name`` with a word for its kind, if it is a unit and has none: the state "Raqqa" is not the city."""
    bare = strip_feature_words(fold(name)) == fold(name)
    return f"{name} {_UNIT_WORDS[part]}" if part in _UNIT_WORDS and bare else name


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _asked_point(query: object) -> tuple[float, float] | None:
    """Longitude and latitude of what ``reverse`` was given, latitude first.

    geopy's own reading of text is not used: it takes ``36 20 6 N, 43 7 8 E`` for 7, 8 without a word.

    Raises:
        GeocoderQueryError: it is no point; InputError: it is none on Earth.
    """
    if isinstance(query, str):
        found = parse_coordinates(query, where="reverse")
        if found is None:
            raise GeocoderQueryError(f"These are no coordinates: {query[:80]!r}")
        return found.lon, found.lat
    if query is None:
        return None
    pair = (query.latitude, query.longitude) if isinstance(query, Point) else query
    if not isinstance(pair, Sequence) or len(pair) not in (2, 3) or not all(isinstance(x, Real) for x in pair):
        raise GeocoderQueryError("A point is a geopy Point, latitude and longitude as two numbers, or a text.")
    lat, lon = float(pair[0]), float(pair[1])
    if math.isnan(lat) or math.isnan(lon):
        return None
    return check_point(lon, lat, where="reverse", confirm_null_island=True)


def _point(lon: float, lat: float) -> Point:
    """A geopy point, which has the latitude first."""
    return Point(lat, lon)


def _licences(session: Session, candidates: Sequence[Candidate]) -> dict[int, str | None]:
    """The licence of each stored candidate, by its row."""
    keys = [one.place_id for one in candidates if one.place_id is not None]
    if len(keys) == 0:
        return {}
    rows = session.exec(select(Place.id, Place.licence).where(col(Place.id).in_(keys))).all()
    return {key: licence for key, licence in rows if key is not None}


def _locations(answer: Answer, licences: Mapping[int, str | None]) -> list[Location]:
    """The answer's own Location where it has a point, then the candidates that are not the same."""
    found = [_candidate_location(answer, one, licences) for one in answer.candidates]
    if answer.lon is None or answer.lat is None:
        return found
    first = answer.candidates[0] if len(answer.candidates) > 0 else None
    same = first is not None and (first.lon, first.lat) == (answer.lon, answer.lat)
    # Of a coarse answer only the unit is certain: a candidate inside it may not lend its name.
    head = first if same or answer.verdict is PlaceVerdict.SURE else None
    raw = _answer_raw(answer) | ({} if head is None else _candidate_raw(head, licences))
    raw |= {"radius_m": answer.radius_m, "precision": answer.precision and answer.precision.value}
    raw |= {"lon": answer.lon, "lat": answer.lat}
    address = answer.text if head is None else _address(head)
    own = Location(address, _point(answer.lon, answer.lat), raw)
    return [own, *(found[1:] if head is not None else found)]


def _candidate_location(answer: Answer, candidate: Candidate, licences: Mapping[int, str | None]) -> Location:
    raw = _answer_raw(answer) | _candidate_raw(candidate, licences)
    return Location(_address(candidate), _point(candidate.lon, candidate.lat), raw)


def _address(candidate: Candidate) -> str:
    """The name with its units, the smallest first, as geopy's services write it."""
    return ", ".join(dict.fromkeys([candidate.name, *reversed(candidate.hierarchy)]))


def _answer_raw(answer: Answer) -> dict[str, Any]:
    """What holds for the whole answer, fit for JSON."""
    return {
        "text": answer.text, "verdict": answer.verdict.value, "relation": answer.relation, "notes": list(answer.notes),
        "method": answer.method and answer.method.value,
        "bounds": None if answer.area is None else [float(side) for side in answer.area.bounds],
        "probability": None, "source": None, "source_key": None, "licence": None, "attribution": None,
    }  # fmt: skip


def _candidate_raw(candidate: Candidate, licences: Mapping[int, str | None]) -> dict[str, Any]:
    """What holds for one candidate, fit for JSON; ``attribution`` is what has to go wherever it goes."""
    licence = licences.get(candidate.place_id) if candidate.place_id is not None else None
    return {
        "key": candidate.key, "source": candidate.source, "source_key": candidate.source_key,
        "place_id": candidate.place_id, "area_id": candidate.area_id, "name": candidate.name,
        "kind": candidate.kind.value, "matched": candidate.matched, "language": candidate.language,
        "hierarchy": list(candidate.hierarchy), "country": candidate.country, "population": candidate.population,
        "lon": candidate.lon, "lat": candidate.lat, "radius_m": candidate.radius_m,
        "extent_m": candidate.extent_m,
        "precision": candidate.precision.value, "score": candidate.score, "probability": candidate.probability,
        "reasons": list(candidate.reasons), "licence": licence,
        "attribution": candidate.source if licence is None else f"{candidate.source}: {licence}",
    }  # fmt: skip


def _rows(session: Session, position: Position) -> list[Place]:
    """The places of a position: the nearest settlement, then the units, the smallest first."""
    units = (position.subdistrict, position.district, position.governorate, position.country)
    keys = [one.place_id for one in (position.nearest, *units) if one is not None]
    found = {row.key: row for row in session.exec(select(Place).where(col(Place.id).in_(keys))).all()}
    return [found[key] for key in keys if key in found]


def _position_raw(position: Position, point: tuple[float, float], rows: Sequence[Place]) -> dict[str, Any]:
    """The position, fit for JSON; ``nearest`` has its own point, distance in metres and bearing in degrees."""
    near = position.nearest
    nearest = None if near is None else {
        "place_id": near.place_id, "name": near.name, "distance_m": near.distance_m, "bearing_deg": near.bearing_deg,
    }  # fmt: skip
    units = {level: getattr(position, level) for level in ("country", "governorate", "district", "subdistrict")}
    return {
        "lon": point[0], "lat": point[1], "nearest": nearest,
        "units": {level: None if unit is None else _unit_raw(unit) for level, unit in units.items()},
        "hierarchy": list(dict.fromkeys(unit.name for unit in units.values() if unit is not None)),
        "attribution": sorted({f"{row.source}: {row.licence}" if row.licence else row.source for row in rows}),
    }  # fmt: skip


def _unit_raw(unit: Any) -> dict[str, Any]:
    return {"place_id": unit.place_id, "name": unit.name, "country": unit.country}


def _row_location(row: Place) -> Location:
    names = [row.name, row.admin2_name, row.admin1_name] if row.kind is PlaceKind.SETTLEMENT else [row.name]
    address = ", ".join(dict.fromkeys(name for name in [*names, row.country] if name))
    raw = {
        "place_id": row.key, "source": row.source, "source_key": row.source_key, "name": row.name,
        "kind": row.kind.value, "radius_m": row.radius_m, "lon": row.lon, "lat": row.lat, "licence": row.licence,
        "attribution": row.source if row.licence is None else f"{row.source}: {row.licence}",
    }  # fmt: skip
    return Location(address, _point(row.lon, row.lat), raw)
