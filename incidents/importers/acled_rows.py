"""One event of ACLED as the properties that an export of ours carries.

``fatalities`` is one figure of all people killed, whoever they were, and ACLED's most conservative; it does not say
which of its figures stand for words such as "dozens". The column ``notes`` is not read: it may name private persons.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta

from db.errors import InputError
from db.tables.base import LINE
from db.vocabulary import (
    AttributionRole,
    AttributionStrength,
    Bound,
    Category,
    EventKind,
    LocationMethod,
    Outcome,
    PrecisionLevel,
    Visibility,
)
from gazetteer.points import check_point, parse_number
from gazetteer.precision import FROM_ACLED, default_radius_m
from gazetteer.zones import zone_at
from incidents.counts import parse_cell
from incidents.exports.records import Record
from incidents.importers.foreign import Described, Flag, Others
from incidents.importers.foreign_cells import Row, cell, kept, noted
from incidents.importers.ged_countries import country_code

ACLED = "acled"
KINDS = {
    "air/drone strike": EventKind.AIRSTRIKE,
    "shelling/artillery/missile attack": EventKind.SHELLING,
    "remote explosive/landmine/ied": EventKind.EXPLOSION,
    "suicide bomb": EventKind.EXPLOSION,
    "grenade": EventKind.EXPLOSION,
}
"""By ``sub_event_type``; the others do not say how people came to harm."""

ONE_SIDED = "violence against civilians"
"""The ``event_type`` in which ACLED says that the first actor attacked people who did not fight."""

STAMP = "timestamp"
NOTED = (
    STAMP, "time_precision", "geo_precision", "event_date", "event_type", "sub_event_type", "disorder_type",
    "civilian_targeting", "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction",
    "country", "admin1", "source", "source_scale", "tags",
)  # fmt: skip
"""Columns that are kept in the note word for word."""

READ = frozenset({
    "event_id_cnty", "fatalities", "location", "latitude", "longitude", "admin2", "admin3", *NOTED,
    # Those that say again what another one says.
    "year", "iso", "iso3", "region", "data_id", "event_id_no_cnty",
})  # fmt: skip

NOBODY = re.compile(r"(?:civilians|protesters|rioters|unidentified)\b", re.IGNORECASE)
"""Actors that are no organisation."""

_ID = re.compile(r"[A-Z]{3}[0-9]{1,9}")
_WRITTEN = re.compile(r"([0-9]{1,2}) ([A-Za-z]+) ([0-9]{4})")
_MONTHS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if number > 0}
WEEK = timedelta(days=6)
TERMS = {"url": "https://acleddata.com", "licence": "ACLED's terms: not to be passed on", "may_export": False}
TITLE = "Armed Conflict Location & Event Data, own download"
REPORT: Record = {"code": ACLED, "publisher": ACLED, "title": TITLE} | TERMS
"""What events are cited from, as the input of a report."""


def is_known(name: str) -> bool:
    """Whether a column is one that is read here."""
    return name in READ


def is_private(name: str) -> bool:
    """Whether a column may name private persons: the narrative."""
    return name == "notes"


def code_of(row: Row) -> str:
    """The code of the incident that a row is about; empty where it has no id."""
    key = cell(row, "event_id_cnty")
    return "" if key is None else f"{ACLED}-{key}"


def stamp_of(note: str | None) -> str | None:
    """When ACLED last changed the row that an incident's note was made of."""
    text = noted(note, STAMP)
    return None if text is None else _moment(text)


def describe(row: Row, others: Others) -> Described:
    """An event.

    Raises:
        InputError: a cell cannot be read, or holds a code that is not known.
    """
    key = cell(row, "event_id_cnty") or ""
    if _ID.fullmatch(key) is None:
        fix = "For example SYR12345."
        raise InputError("bad_id", "An event of ACLED has an id.", where="event_id_cnty", got=key, fix=fix)
    country = country_code(cell(row, "country") or "")
    name = cell(row, "location") or cell(row, "admin1") or cell(row, "country") or "place not named"
    kind = KINDS.get((cell(row, "sub_event_type") or "").casefold(), EventKind.UNKNOWN)
    note, cut = kept(row, (*NOTED, *others.of(row)))
    flags = [Flag("note_cut", f"The note had no room for: {', '.join(cut)}.")] if len(cut) > 0 else []
    place = _place(row)
    found: Record = {
        "code": f"{ACLED}-{key}",
        "name": f"{name[:300]}, {cell(row, 'event_date')} (ACLED {key})",
        "codes": [{"scheme": ACLED, "code": key, "former": False}],
        "kind": kind.value,
        "country": country,
        "visibility": Visibility.INTERNAL.value,
        "reports": [ACLED],
        "locations": [place],
        "claims": _claims(row, key),
        "attributions": _actors(row),
        "note": note,
    }
    found |= _when(row, country, place, flags)
    record = {name: value for name, value in found.items() if value is not None}
    stamp = cell(row, STAMP)
    return Described(record, ACLED, (REPORT,), (), None if stamp is None else _moment(stamp), tuple(flags))


def _code(row: Row, column: str) -> int:
    """A precision code from 1 to 3.

    Raises:
        InputError: ``unknown_value``.
    """
    text = cell(row, column)
    if text not in {"1", "2", "3"}:
        raise InputError("unknown_value", f"{column} is 1, 2 or 3.", where=column, got=text)
    return int(text)


def _place(row: Row) -> Record:
    code = _code(row, "geo_precision")
    point = [parse_number(cell(row, name) or "", where=name) for name in ("longitude", "latitude")]
    lon, lat = check_point(point[0], point[1], where="longitude, latitude")
    method = LocationMethod.SOURCE_COORDINATES if code < 3 else LocationMethod.CENTROID
    units = [cell(row, name) for name in ("location", "admin3", "admin2", "admin1")]
    words = "; ".join(text for text in units if text is not None)
    found: Record = {"source": ACLED, "report": ACLED, "lon": lon, "lat": lat, "source_code": str(code)}
    found |= {"precision": FROM_ACLED[code].value, "method": method.value}
    return found | ({} if words == "" else {"place_words": words[:LINE]})


def _claims(row: Row, key: str) -> list[Record]:
    number = parse_cell(cell(row, "fatalities") or "", where="fatalities")
    if number is None:
        return []
    about: Record = {"code": f"{ACLED}-{key}-fatalities", "source": ACLED, "report": ACLED, "locator": key}
    about |= {"outcome": Outcome.KILLED.value, "category": Category.TOTAL_PEOPLE.value}
    return [about | {"bound": Bound.EXACT.value, "minimum": number, "maximum": number}]


def _actors(row: Row) -> list[Record]:
    """Both sides, of whom none is blamed; in violence against civilians the first is the likely perpetrator."""
    found = []
    blamed = (cell(row, "event_type") or "").casefold() == ONE_SIDED
    for column in ("actor1", "actor2"):
        name = cell(row, column)
        if name is None or NOBODY.match(name) is not None:
            continue
        role, strength = AttributionRole.SIDE, AttributionStrength.ALLEGED
        if blamed and column == "actor1":
            role, strength = AttributionRole.PERPETRATOR, AttributionStrength.LIKELY
        one: Record = {"organisation": name, "role": role.value}
        found.append(one | {"strength": strength.value, "by": ACLED, "report": ACLED, "note": column})
    return found


def _when(row: Row, country: str | None, place: Record, flags: list[Flag]) -> Record:
    """The window of the day: of precision 2 six days to either side, of 3 its month, neither past the last change.

    Where in its week ACLED puts a day is not said, so any week that holds it may be meant.
    """
    day, code = _day(cell(row, "event_date") or ""), _code(row, "time_precision")
    first = last = day
    if code == 2:
        first, last = day - WEEK, day + WEEK
    elif code == 3:
        first, last = day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])
    changed = cell(row, "timestamp")
    if changed is not None:
        last = max(day, min(last, date.fromisoformat(_moment(changed)[:10])))
    edtf = str(first) if first == last else f"[{first}..{last}]"
    radius_m = default_radius_m(PrecisionLevel(place["precision"])) or 0.0
    tz = zone_at(country, first, last, place["lon"], place["lat"], radius_m)
    if tz is None:
        flags.append(Flag("zone_unknown", "The zone of the place is not known: the days are taken in UTC."))
    return {"edtf": edtf, "tz": tz or "UTC", "time_words": f"time_precision {code}: {day}"}


def _moment(text: str) -> str:
    """The moment (UTC, ISO 8601) of a Unix time in seconds.

    Raises:
        InputError: ``bad_date``.
    """
    if re.fullmatch(r"[0-9]{1,11}", text) is None:
        why = "The time of the last change is whole seconds since 1970."
        raise InputError("bad_date", why, where=STAMP, got=text)
    return datetime.fromtimestamp(int(text), UTC).isoformat()


def _day(text: str) -> date:
    """The day, as ``2017-03-15`` or as ``15 March 2017``.

    Raises:
        InputError: ``bad_date``.
    """
    match = _WRITTEN.fullmatch(text)
    try:
        if match is not None and match[2].casefold() in _MONTHS:
            return date(int(match[3]), _MONTHS[match[2].casefold()], int(match[1]))
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        fix = "Write 2017-03-15 or 15 March 2017."
        raise InputError("bad_date", "The date is not a day.", where="event_date", got=text, fix=fix) from None
