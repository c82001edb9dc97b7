"""One incident of Airwars as the properties that an export of ours carries.

The columns are those of Airwars' own tables (``aw_data_civcas_incidents`` and, in the cell ``belligerents``,
``aw_data_civcas_belligerents`` with their statements). Its tables of victims and the names of its assessors are
not read: they name private persons.
"""

from __future__ import annotations

import re

from sqlmodel import Session

from db.errors import InputError
from db.vocabulary import (
    AttributionRole,
    AttributionStrength,
    LocationMethod,
    Outcome,
    PartOfDay,
    PrecisionLevel,
)
from gazetteer.points import check_point, parse_number
from incidents.exports.records import Record
from incidents.importers.airwars_codes import CATEGORIES, GRADINGS, HARM, KINDS, STRIKES, accuracy, known, word
from incidents.importers.airwars_parties import add_party
from incidents.importers.foreign import Row, cell, figure, kept, objects
from incidents.importers.ged_countries import country_code
from incidents.importers.ged_rows import ZONES
from incidents.importers.sources import Sources
from incidents.inputs import validated
from incidents.organisations import OrganisationInput, add_organisation, list_organisations
from incidents.reports import ReportInput, add_report, reports_called

SCHEME = "airwars"
NOTED = (
    "strike_status_name", "strike_status_slug", "strike_status", "civilian_harm_status_name",
    "civilian_harm_status_slug", "civilian_harm_status", "strike_type_name", "infrastructure_name",
    "targeted_belligerent_name", "observation_name", "impact_name", "total_strikes", "cause_of_death_injury_name",
    "geolocation_status_name", "geolocation_notes", "post_modified",
)  # fmt: skip
"""Columns that are kept in the note word for word: the source's own codes, and what has no column of ours."""

ROLES = (
    "human_rights_defenders", "journalists", "trade_unionists", "healthcare_personnel",
    "other_civilian_non_combatants", "other_protected_persons", "medical_and_religious_personnel_state",
    "medical_and_religious_personnel_non_state", "persons_hors_de_combat", "member_of_armed_forces",
    "persons_directly_participating_in_hostilities", "civilian_role_in_military",
)  # fmt: skip
ROLE_COLUMNS = tuple(f"{role}_{what}_{end}" for role in ROLES for what in ("killed", "injured")
                     for end in ("min", "max"))  # fmt: skip
_CODES = re.compile(r"[\s,;|]+")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::[0-5][0-9])?")


def record_airwars(session: Session) -> None:
    """Record Airwars as an organisation, if it is not recorded."""
    if not any(row.code == SCHEME for row in list_organisations(session)):
        data = {"code": SCHEME, "name": "Airwars", "kind": "casualty_monitor", "independence_group": "compilers"}
        add_organisation(session, OrganisationInput.model_validate(data))


def properties_of(session: Session, row: Row, sources: Sources, retrieved: str | None) -> Record:
    """The properties of an incident; what it cites is recorded.

    Args:
        session: a write session.
        row: its columns.
        sources: finds and records the organisations and reports that it names.
        retrieved: the day the file was fetched, by which an assessment of a row without ``post_modified`` stood.

    Raises:
        InputError: a cell cannot be read, or holds a code that is not known.
    """
    codes = _codes(row)
    code = f"{SCHEME}-{codes[0]['code']}"
    report = _report(session, row, code)
    found: Record = {
        "code": code,
        "codes": codes,
        "reports": [report],
        "locations": _places(row, report),
        "claims": _claims(row, code, report),
        "gradings": _gradings(row, report),
        "attributions": [],
        "investigations": [],
        "statements": [],
        "note": kept(row, NOTED + ROLE_COLUMNS),
    }
    found |= _names(row, str(codes[0]["code"])) | _when(row) | _status(row)
    parties = objects(row, "belligerents") or ([dict(row)] if cell(row, "belligerent_name") is not None else [])
    by = cell(row, "post_modified") or retrieved
    for number, party in enumerate(parties, start=1):
        add_party(found, party, number, sources, report, None if by is None else by[:10])
    _add_targets(found, row, sources, report)
    return {name: value for name, value in found.items() if value is not None}


def _report(session: Session, row: Row, code: str) -> str:
    """The code of Airwars' page about the incident, recorded if it is not."""
    if len(reports_called(session, code)) == 0:
        link = cell(row, "permalink")
        data = {"code": code, "publisher": SCHEME, "title": f"Airwars, incident {code.removeprefix('airwars-')}"}
        add_report(session, validated(ReportInput, data | ({} if link is None else {"url": link}), where="permalink"))
    return code


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


def _when(row: Row) -> Record:
    """The window: a day, or one moment between two days or two times of a day."""
    country = country_code(cell(row, "country_name", "country", "country_slug") or "")
    found: Record = {} if country is None else {"country": country}
    first = cell(row, "date")
    if first is None:
        return found
    last = cell(row, "date_end") if cell(row, "date_type") != "date" else None
    tz = ZONES.get(country or "")
    times = [cell(row, name) for name in ("local_time", "local_time_start", "local_time_end")]
    part = cell(row, "local_time_of_day")
    words = [first if last is None else f"{first} to {last}", *times, part]
    found["time_words"] = ", ".join(text for text in words if text is not None)
    clock = None if last is not None or tz is None else _clock(first, times)
    ends = clock or (first, last or first)
    found |= {"edtf": ends[0] if ends[0] == ends[1] else f"[{ends[0]}..{ends[1]}]", "tz": tz or "UTC"}
    if part is not None and clock is None:
        found["part_of_day"] = known({one.value: one.value for one in PartOfDay}, part, "local_time_of_day")
    return found


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
        return [] if said == "" else [place | {"precision": PrecisionLevel.UNKNOWN.value, "place_words": said[:500]}]
    point = (parse_number(lon, where="longitude"), parse_number(lat, where="latitude"))
    checked = check_point(*point, where="longitude, latitude")
    level, radius_m = accuracy(code, "geolocation_accuracy")
    place |= {"lon": checked[0], "lat": checked[1], "precision": level.value, "is_primary": True}
    if words != "":
        place["place_words"] = words[:500]
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


def _add_targets(found: Record, row: Row, sources: Sources, report: str) -> None:
    names = re.split(r"\s*[,;|]\s*", cell(row, "targeted_belligerent_name", "targeted_belligerent") or "")
    for name in (name for name in names if word(name) not in {"", "unknown"}):
        target = sources.organisation(name, "targeted_belligerent_name")
        said = {"role": AttributionRole.TARGET.value, "strength": AttributionStrength.ALLEGED.value}
        found["attributions"].append(said | {"organisation": target.code, "by": SCHEME, "report": report})
