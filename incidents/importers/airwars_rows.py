"""One incident of Airwars as the properties that an export of ours carries.

The columns are those of Airwars' own tables (``aw_data_civcas_incidents`` and, in the cell ``belligerents`` or in the
numbered columns of its spreadsheets, ``aw_data_civcas_belligerents`` with their statements). Its tables of victims, its
narratives and the names of its assessors are not read: they name private persons.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from db.errors import InputError
from db.tables.base import LINE
from db.vocabulary import (
    AttributionRole,
    AttributionStrength,
    LocationMethod,
    Outcome,
    PartOfDay,
    PrecisionLevel,
    Visibility,
)
from gazetteer.points import check_point, parse_number
from gazetteer.precision import default_radius_m
from gazetteer.zones import zone_at
from incidents.exports.records import Record
from incidents.importers.airwars_codes import CATEGORIES, GRADINGS, HARM, KINDS, STRIKES, accuracy, known, word
from incidents.importers.airwars_parties import FIELDS, add_party
from incidents.importers.foreign import Described, Flag, Others
from incidents.importers.foreign_cells import Row, cell, figure, kept, noted, objects
from incidents.importers.ged_countries import country_code

SCHEME = "airwars"
STAMP = "post_modified"
CLOSED: Mapping[str, Any] = {"may_export": False}
"""The terms of a file whose licence is not known, as members of its reports."""

NOTED = (
    STAMP, "strike_status_name", "strike_status_slug", "strike_status", "civilian_harm_status_name",
    "civilian_harm_status_slug", "civilian_harm_status", "civilian_harm_reported", "geolocation_accuracy_name",
    "geolocation_accuracy_slug", "geolocation_accuracy", "country_name", "country_slug", "country", "strike_type_name",
    "strike_type_slug", "strike_type", "infrastructure_name", "targeted_belligerent_name", "observation_name",
    "impact_name", "total_strikes", "cause_of_death_injury_name", "geolocation_status_name", "local_time_type",
)  # fmt: skip
"""Columns that are kept in the note word for word: the source's own codes, and what has no column of ours."""

LONG = ("location_name_arabic", "location_name_hebrew", "location_name_ukrainian", "geolocation_notes")
"""Columns that come last in the note, which may have no room for them."""

ROLES = (
    "human_rights_defenders", "journalists", "trade_unionists", "healthcare_personnel",
    "other_civilian_non_combatants", "other_protected_persons", "medical_and_religious_personnel_state",
    "medical_and_religious_personnel_non_state", "persons_hors_de_combat", "member_of_armed_forces",
    "persons_directly_participating_in_hostilities", "civilian_role_in_military",
)  # fmt: skip
ENDS = tuple(f"{what}_{end}" for what in ("killed", "injured") for end in ("min", "max"))
ROLE_COLUMNS = tuple(f"{role}_{end}" for role in ROLES for end in ENDS)
REPEATED = (
    "id", "post_id", "post_status", "post_published", "geolocated", "infrastructure_slug", "targeted_belligerent_slug",
    "observation_slug", "impact_slug", "cause_of_death_injury_slug", "geolocation_status_slug", "belligerent_id",
    "belligerent_slug",
)  # fmt: skip
"""Columns of Airwars that say again what another one says, or are about its web site."""

READ = frozenset({
    "code", "previous_codes", "permalink", "date", "date_end", "date_type", "local_time", "local_time_start",
    "local_time_end", "local_time_of_day", "location_name", "region", "latitude", "longitude", "lat", "lon",
    "targeted_belligerent", "belligerents", *NOTED, *LONG, *ROLE_COLUMNS, *REPEATED, *FIELDS,
    *(f"{group}_{end}" for group in CATEGORIES for end in ENDS),
})  # fmt: skip
_PARTY = re.compile(r"belligerent_([0-9]{1,3})_(.+)")
_TRACKED = re.compile(r"belligerent_[a-z0-9-]+")
"""In Airwars' spreadsheets a column for each of its belligerents, 1 where it is one of the row's."""

_PRIVATE = re.compile(r"(?!num_).*(?:victim|assessor|sign_off|internal|first_reported|^summary$|^description$|_by$)")
_CODES = re.compile(r"[\s,;|]+")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::[0-5][0-9])?")


def is_known(name: str) -> bool:
    """Whether a column is one that is read here."""
    party = _PARTY.fullmatch(name)
    return party[2] in FIELDS if party is not None else name in READ or _TRACKED.fullmatch(name) is not None


def is_private(name: str) -> bool:
    """Whether a column may name private persons."""
    return name not in READ and _PRIVATE.match(name) is not None


def code_of(row: Row) -> str:
    """The code of the incident that a row is about; empty where it has none."""
    present = [code for code in _CODES.split(cell(row, "code") or "") if code != ""]
    return f"{SCHEME}-{present[0]}" if len(present) > 0 else ""


def stamp_of(note: str | None) -> str | None:
    """When Airwars last changed the row that an incident's note was made of."""
    return noted(note, STAMP)


def describe(row: Row, others: Others, retrieved: str | None = None, terms: Mapping[str, Any] = CLOSED) -> Described:
    """An incident, and what it cites.

    Args:
        row: its columns.
        others: is told which columns are not known.
        retrieved: the day the file was fetched, by which an assessment of a row without ``post_modified`` stood.
        terms: members of the report that say whether the row may be passed on.

    Raises:
        InputError: a cell cannot be read, or holds a code that is not known.
    """
    codes = _codes(row)
    code = f"{SCHEME}-{codes[0]['code']}"
    note, cut = kept(row, (*NOTED, *ROLE_COLUMNS, *LONG, *others.of(row)))
    flags: list[Flag] = []
    found: Record = {
        "code": code,
        "visibility": (Visibility.PUBLIC if terms.get("may_export", True) else Visibility.INTERNAL).value,
        "codes": codes,
        "reports": [code],
        "locations": _places(row, code),
        "claims": _claims(row, code, code),
        "gradings": _gradings(row, code),
        "attributions": [],
        "investigations": [],
        "statements": [],
        "note": note,
    }
    found |= _names(row, str(codes[0]["code"])) | _when(row, found["locations"], flags) | _status(row)
    by = cell(row, STAMP) or retrieved
    reports = [{**_page(row, code), **terms}]
    for number, party in enumerate(_parties(row), start=1):
        cut += add_party(found, party, number, code, None if by is None else by[:10], reports)
    if len(cut) > 0:
        flags.append(Flag("note_cut", f"The note had no room for: {', '.join(cut)}."))
    _add_targets(found, row, code)
    record = {name: value for name, value in found.items() if value is not None}
    also = tuple(f"{SCHEME}-{other['code']}" for other in codes[1:])
    return Described(record, code, tuple(reports), also, cell(row, STAMP), tuple(flags))


def _page(row: Row, code: str) -> Record:
    """Airwars' page about the incident, as the input of a report."""
    link = cell(row, "permalink")
    data = {"code": code, "publisher": SCHEME, "title": f"Airwars, incident {code.removeprefix('airwars-')}"}
    return data | ({} if link is None else {"url": link})


def _parties(row: Row) -> list[Record]:
    """The belligerents: objects of one cell, numbered columns of a spreadsheet, or the row's own columns."""
    found = objects(row, "belligerents")
    if len(found) > 0:
        return found
    numbered: dict[int, Record] = {}
    for name, value in row.items():
        match = _PARTY.fullmatch(name)
        if match is not None:
            numbered.setdefault(int(match[1]), {})[match[2]] = value
    parties = [party for _, party in sorted(numbered.items()) if cell(party, "belligerent_name") is not None]
    return parties or ([dict(row)] if cell(row, "belligerent_name") is not None else [])


def _codes(row: Row) -> list[Record]:
    """The codes of an incident, the present ones first; a cell may hold several.

    Raises:
        InputError: ``missing_code``.
    """
    now, before = (_CODES.split(cell(row, name) or "") for name in ("code", "previous_codes"))
    present = [code for code in dict.fromkeys(now) if code != ""]
    former = [code for code in dict.fromkeys(before) if code not in {"", *present}]
    if len(present) == 0:
        raise InputError("missing_code", "An incident of Airwars has a code.", where="code", fix="For example CS598.")
    return [{"scheme": SCHEME, "code": code, "former": code in former} for code in (*present, *former)]


def _names(row: Row, code: str) -> Record:
    place = cell(row, "location_name")
    name = f"{(place or 'place not named')[:300]}, {cell(row, 'date') or 'no date'} (Airwars {code})"
    return {"name": name}


def _status(row: Row) -> Record:
    found: Record = {}
    strike = cell(row, "strike_status_slug", "strike_status_name", "strike_status")
    if strike is not None:
        found["strike_status"] = known(STRIKES, strike, "strike_status").value
    harm = cell(row, "civilian_harm_reported")
    if harm is not None:
        found["civilian_harm_reported"] = known(HARM, harm, "civilian_harm_reported")
    kind = KINDS.get(word(cell(row, "strike_type_slug", "strike_type_name", "strike_type") or ""))
    return found | ({} if kind is None else {"kind": kind.value})


def _when(row: Row, places: list[Record], flags: list[Flag]) -> Record:
    """The window: a day, or one moment between two days or two times of a day."""
    country = country_code(cell(row, "country_name", "country", "country_slug") or "")
    found: Record = {} if country is None else {"country": country}
    first = cell(row, "date")
    if first is None:
        return found
    last = cell(row, "date_end") if cell(row, "date_type") != "date" else None
    tz = _zone(country, first, last or first, places)
    times = [cell(row, name) for name in ("local_time", "local_time_start", "local_time_end")]
    part = cell(row, "local_time_of_day")
    words = [first if last is None else f"{first} to {last}", *times, part]
    found["time_words"] = ", ".join(text for text in words if text is not None)
    if tz is None:
        flags.append(Flag("zone_unknown", "The zone of the place is not known: the days are taken in UTC."))
    clock = None if last is not None or tz is None else _clock(first, times)
    ends = clock or (first, last or first)
    found |= {"edtf": ends[0] if ends[0] == ends[1] else f"[{ends[0]}..{ends[1]}]", "tz": tz or "UTC"}
    if part is not None and clock is None:
        found["part_of_day"] = known({one.value: one.value for one in PartOfDay}, part, "local_time_of_day")
    return found


def _zone(country: str | None, first: str, last: str, places: list[Record]) -> str | None:
    """The zone of the row's place on these days; None where it, or a day, is not certain."""
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return None  # the window says what is wrong with it
    if len(places) == 0 or "lon" not in places[0]:
        return zone_at(country, *days)
    radius_m = places[0].get("radius_m") or default_radius_m(places[0]["precision"]) or 0.0
    return zone_at(country, *days, places[0]["lon"], places[0]["lat"], radius_m)


def _clock(day: str, times: list[str | None]) -> tuple[str, str] | None:
    """The first and the last minute on ``day``; None where no time is given, or where it goes past midnight."""
    read = [None if text is None else _TIME.fullmatch(text) for text in times]
    exact, start, end = (None if match is None else f"{day}T{match[1]}:{match[2]}" for match in read)
    if exact is not None:
        return exact, exact
    return None if start is None or end is None or end < start else (start, end)


def _places(row: Row, report: str) -> list[Record]:
    """Airwars' own place. Without a stated accuracy a point is only words: nobody says how far off it is."""
    lat, lon = cell(row, "latitude", "lat"), cell(row, "longitude", "lon")
    code = cell(row, "geolocation_accuracy_name", "geolocation_accuracy_slug", "geolocation_accuracy")
    named = [cell(row, "location_name"), cell(row, "region"), cell(row, "country_name", "country")]
    words = ", ".join(text for text in named if text is not None)
    if (lat is None) != (lon is None):
        raise InputError("half_a_point", "A point has a longitude and a latitude.", where="latitude, longitude")
    place: Record = {"source": SCHEME, "report": report, "method": LocationMethod.SOURCE_COORDINATES.value}
    if code is not None:
        place["source_code"] = code
    if lat is None or lon is None or code is None:
        said = words if lat is None else f"{words} (point {lat}, {lon}, accuracy not stated)".strip()
        return [] if said == "" else [place | {"precision": PrecisionLevel.UNKNOWN.value, "place_words": said[:LINE]}]
    point = (parse_number(lon, where="longitude"), parse_number(lat, where="latitude"))
    checked = check_point(*point, where="longitude, latitude")
    level, radius_m = accuracy(code, "geolocation_accuracy")
    place |= {"lon": checked[0], "lat": checked[1], "precision": level.value, "is_primary": True}
    if words != "":
        place["place_words"] = words[:LINE]
    return [place | ({} if radius_m is None else {"radius_m": radius_m})]


def _claims(row: Row, code: str, report: str) -> list[Record]:
    found = []
    for group, category in CATEGORIES.items():
        for outcome, verb in ((Outcome.KILLED, "killed"), (Outcome.INJURED, "injured")):
            said = figure(row, f"{group}_{verb}_min", f"{group}_{verb}_max")
            if said is not None:
                about: Record = {"source": SCHEME, "report": report, "outcome": outcome.value}
                mark = f"{code}-{category.value}-{verb}"
                found.append(about | {"code": mark, "category": category.value, "locator": group} | said)
    return found


def _gradings(row: Row, report: str) -> list[Record]:
    """The gradings; a record of Airwars may have two."""
    column = "civilian_harm_status"
    texts = re.split(r"\s*[,;|]\s*", cell(row, f"{column}_slug", f"{column}_name", column) or "")
    why = "As Airwars graded the reporting."
    return [
        {"grading": known(GRADINGS, text, column).value, "by": SCHEME, "report": report, "why": why}
        for text in texts
        if text != ""
    ]


def _add_targets(found: Record, row: Row, report: str) -> None:
    names = re.split(r"\s*[,;|]\s*", cell(row, "targeted_belligerent_name", "targeted_belligerent") or "")
    for name in dict.fromkeys(name for name in names if word(name) not in {"", "unknown"}):
        said = {"role": AttributionRole.TARGET.value, "strength": AttributionStrength.ALLEGED.value}
        found["attributions"].append(said | {"organisation": name, "by": SCHEME, "report": report})
