"""Places as a person corrects them: added, moved, renamed, withdrawn.

Who does it and why is in the change set, what was before in the journal. A corrected place is left alone by imports
(`gazetteer.sources.store`), and nothing is deleted: what is withdrawn answers to nothing and can be restored. Several
sources can have one GeoNames id: what is decided on one entry holds for the others.
"""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from db.errors import ConflictError, InputError, NotFoundError
from db.session import check_version
from db.tables import Place, PlaceName
from db.tables.base import LINE, SHORT
from db.vocabulary import NameKind, PlaceKind
from gazetteer.folding import fold
from gazetteer.geodesy import distance_m
from gazetteer.inputs import NameInput, PlaceChange, PlaceInput, checked
from gazetteer.points import check_point
from gazetteer.search.sound import sound_key
from gazetteer.sources.codes import AdminCodes
from gazetteer.sources.names import clean_name, match_key
from gazetteer.sources.own_csv import usual_radius_m
from gazetteer.sources.store import GEONAMES_IDS, PlaceRecord, PlaceWriter
from gazetteer.units import refresh_units

SOURCE = "hand"
SAME_PLACE_M = 100.0
_SLUG_LENGTH = 60


def place_by_key(session: Session, key: str) -> Place:
    """The entry that ``source:source_key`` names, withdrawn or not.

    Raises:
        NotFoundError: ``unknown_place``.
    """
    source, _, source_key = key.strip().partition(":")
    found = session.exec(select(Place).where(Place.source == source, Place.source_key == source_key)).first()
    if found is None:
        fix = "Ask for its key: incidents place find NAME"
        raise NotFoundError("unknown_place", "No entry has this key.", got=key, fix=fix)
    return found


def add_place(session: Session, place: PlaceInput, *, source: str = SOURCE) -> Place:
    """Add a place that no source has.

    Args:
        session: an open write session.
        place: what is known of it.
        source: under which it is stored.

    Returns:
        The new place; its key is made of its name.

    Raises:
        ConflictError: ``place_exists``: a place of that name was added less than 100 m away.
    """
    slug = "-".join(fold(place.name).split())[:_SLUG_LENGTH]
    key = _free_key(session, place, source, slug)
    units = _unit_columns(session, place.country, None, {"admin1": place.admin1, "admin2": place.admin2})
    radius_m = usual_radius_m(place.kind, place.population) if place.radius_m is None else place.radius_m
    record = PlaceRecord(
        source=source, source_key=key, name=place.name, kind=place.kind, lon=place.lon, lat=place.lat,
        names=place.names, codes=place.codes, country=place.country, radius_m=radius_m, population=place.population,
        licence=place.licence, admin1=units.get("admin1"), admin1_name=units.get("admin1_name"),
        admin2=units.get("admin2"), admin2_name=units.get("admin2_name"),
    )  # fmt: skip
    PlaceWriter(session).write([record])
    refresh_units(session)
    return place_by_key(session, f"{source}:{key}")


def correct_place(
    session: Session, key: str, *, name: str | None = None, lon: float | None = None, lat: float | None = None,
    kind: PlaceKind | None = None, radius_m: float | None = None, admin1: str | None = None, admin2: str | None = None,
    population: int | None = None, expected_version: int | None = None,
) -> Place:  # fmt: skip
    """Change what is given of a place; the rest stays. It is then left alone by imports.

    A new name is added to its names, and the old one stays among them until it is withdrawn.

    Args:
        session: an open write session.
        key: ``source:source_key``.
        name: main name.
        lon: degrees; with ``lat``.
        lat: degrees; with ``lon``.
        kind: what it is.
        radius_m: metres round the point; of an entry with a polygon the polygon is its extent.
        admin1: name or code of the first-order unit.
        admin2: name or code of the second-order unit.
        population: people.
        expected_version: of the place, as the editor saw it.

    Returns:
        The place as it is now.

    Raises:
        NotFoundError: ``unknown_place``; ConflictError: ``stale_version``, ``place_withdrawn``; InputError:
            ``nothing_to_correct``, ``half_a_point``, and what is wrong with a value.
    """
    given = {
        "name": name, "lon": lon, "lat": lat, "kind": kind, "radius_m": radius_m, "admin1": admin1, "admin2": admin2,
        "population": population,
    }  # fmt: skip
    change = checked(PlaceChange, {field: value for field, value in given.items() if value is not None})
    columns = change.model_dump(exclude_none=True)
    if len(columns) == 0:
        raise InputError("nothing_to_correct", "Nothing to correct is given.", where=key)
    if (change.lon is None) != (change.lat is None):
        raise InputError("half_a_point", "Longitude and latitude are given together.", where=key)
    place = _open_place(session, key, expected_version)
    if change.lon is not None and change.lat is not None:
        columns["lon"], columns["lat"] = check_point(change.lon, change.lat, where=key)
    columns |= _unit_columns(session, place.country, place.admin1, columns)
    if change.name is not None:
        for entry in _entries(session, place):
            _give_name(session, entry, NameInput(name=change.name, source=SOURCE))
    _edit(session, place, columns)
    return place


def withdraw_place(session: Session, key: str, *, expected_version: int | None = None) -> Place:
    """Withdraw an entry that is no place, or stands for one that another entry has: it answers to nothing.

    Raises:
        NotFoundError: ``unknown_place``; ConflictError: ``stale_version``, ``place_withdrawn``.
    """
    place = _open_place(session, key, expected_version)
    _edit(session, place, {"withdrawn": True})
    return place


def restore_place(session: Session, key: str, *, expected_version: int | None = None) -> Place:
    """Undo :func:`withdraw_place`; the entry stays one that a person decided on.

    Raises:
        NotFoundError: ``unknown_place``; ConflictError: ``stale_version``.
    """
    place = place_by_key(session, key)
    check_version(place, expected_version, where=key)
    _edit(session, place, {"withdrawn": False})
    return place


def add_name(
    session: Session, key: str, name: str, *, language: str | None = None, kind: NameKind = NameKind.NAME,
    source: str | None = None,
) -> PlaceName:  # fmt: skip
    """Give a place another name, or what is known of one it has; a withdrawn name is restored.

    Args:
        session: an open write session.
        key: ``source:source_key`` of the place.
        name: as it is written.
        language: ISO 639 code.
        kind: what the name is to the place.
        source: who says so, or where it was read.

    Raises:
        NotFoundError: ``unknown_place``; ConflictError: ``place_withdrawn``; InputError: what is wrong with a value.
    """
    given = checked(NameInput, {"name": name, "language": language, "kind": kind, "source": source or SOURCE})
    return _give_name(session, _open_place(session, key, None), given)


def withdraw_name(session: Session, key: str, name: str, *, expected_version: int | None = None) -> PlaceName:
    """Withdraw a name that the place does not have; imports do not bring it back.

    Args:
        session: an open write session.
        key: ``source:source_key`` of the place.
        name: as it is stored.
        expected_version: of the name, as the editor saw it.

    Raises:
        NotFoundError: ``unknown_place``, ``unknown_name``; ConflictError: ``stale_version``; InputError:
            ``main_name``: the place is shown under it.
    """
    place = place_by_key(session, key)
    row = _name_row(session, place, name)
    if row is None:
        fix = "Give it as it is stored: incidents place find NAME --list shows in brackets the name that matched."
        raise NotFoundError("unknown_name", "The place does not have this name.", where=key, got=name, fix=fix)
    check_version(row, expected_version, where=f"{key}, {row.name}")
    if row.name == place.name:
        fix = "Correct the place's name first; the old one can then be withdrawn."
        raise InputError("main_name", "The place is shown under this name.", where=key, got=name, fix=fix)
    for entry in _entries(session, place):
        held = _name_row(session, entry, name)
        if held is not None:
            held.withdrawn = True
            session.add(held)
    session.flush()
    return row


def _entries(session: Session, place: Place) -> list[Place]:
    """``place`` and the entries of other sources with its GeoNames id."""
    if place.source not in GEONAMES_IDS:
        return [place]
    query = select(Place).where(col(Place.source).in_(GEONAMES_IDS), Place.source_key == place.source_key)
    return list(session.exec(query).all())


def _open_place(session: Session, key: str, expected_version: int | None) -> Place:
    """A place that may be edited: there, at the version that the editor saw, and not withdrawn."""
    place = place_by_key(session, key)
    check_version(place, expected_version, where=key)
    if place.withdrawn:
        raise ConflictError("place_withdrawn", "The entry was withdrawn.", where=key, fix="Restore it first.")
    return place


def _edit(session: Session, place: Place, columns: dict[str, Any]) -> None:
    """Write ``columns`` as a person's decision, and work out again which units the places lie in."""
    for entry in _entries(session, place):
        for column, value in columns.items():
            setattr(entry, column, value)
        entry.corrected = True
        session.add(entry)
    session.flush()
    if columns.keys() & {"lon", "lat", "kind", "withdrawn"}:
        refresh_units(session)


def _give_name(session: Session, place: Place, given: NameInput) -> PlaceName:
    row = _name_row(session, place, given.name)
    if row is None:
        row = PlaceName(
            place_id=place.key, name=given.name, folded=match_key(given.name)[:LINE],
            sound=sound_key(given.name)[:LINE], language=given.language, kind=given.kind, source=given.source,
        )  # fmt: skip
    else:
        row.withdrawn = False
        row.language = given.language or row.language
        row.kind = given.kind if given.kind is not NameKind.NAME else row.kind
    session.add(row)
    session.flush()
    return row


def _name_row(session: Session, place: Place, name: str) -> PlaceName | None:
    query = select(PlaceName).where(PlaceName.place_id == place.key, PlaceName.name == clean_name(name))
    return session.exec(query).first()


def _unit_columns(
    session: Session, country: str | None, code: str | None, given: dict[str, Any]
) -> dict[str, str | None]:
    """The columns of the units of a place that are given by name or code.

    Args:
        session: an open session.
        country: of the place.
        code: of its first-order unit as it is now.
        given: may hold ``admin1`` and ``admin2``.
    """
    found: dict[str, str | None] = {}
    first, second = given.get("admin1"), given.get("admin2")
    units = AdminCodes(session) if first is not None or second is not None else None
    if units is not None and first is not None:
        known = units.admin1(country, first)
        code = None if known is None else known[0]
        # A district belongs to the governorate before.
        found = {
            "admin1": code,
            "admin1_name": first if known is None else known[1],
            "admin2": None,
            "admin2_name": None,
        }
    if units is not None and second is not None:
        held = units.admin2(country, code, second)
        found |= (
            {"admin2": None, "admin2_name": second} if held is None else {"admin2": held[0], "admin2_name": held[1]}
        )
    return found


def _free_key(session: Session, place: PlaceInput, source: str, slug: str) -> str:
    """A key that no place of the source has: the name's, with a number where it is taken.

    Raises:
        ConflictError: ``place_exists``.
    """
    like = col(Place.source_key).startswith(slug, autoescape=True)
    taken = {held.source_key: held for held in session.exec(select(Place).where(Place.source == source, like)).all()}
    for held in taken.values():
        near = distance_m(held.lon, held.lat, place.lon, place.lat) <= SAME_PLACE_M
        if near and match_key(held.name) == match_key(place.name):
            why = "A place of this name was already added here."
            key = f"{source}:{held.source_key}"
            fix = f"Correct that one: incidents place correct {key}; or take it back in: incidents place restore {key}"
            raise ConflictError("place_exists", why, where=key, got=place.name, fix=fix)
    number = 2
    key = slug
    while key in taken:
        key, number = f"{slug}-{number}", number + 1
    return key[:SHORT]
