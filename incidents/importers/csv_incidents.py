"""One row of the incidents CSV recorded, or found recorded."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, select

from db.errors import InputError
from db.tables import Incident
from db.vocabulary import Geoprivacy, LocationMethod, PrecisionLevel
from incidents.exports.csvfile import code_text, incident_row
from incidents.exports.masks import Mask
from incidents.exports.tables import public_decimals
from incidents.importers.carried import placed, refuse_difference
from incidents.importers.csv_cells import flag, number, other_code, split, whole
from incidents.importers.recorded import Recorded
from incidents.importers.sources import Sources
from incidents.inputs import validated
from incidents.locations import LocationInput, add_location
from incidents.ranges import Rule
from incidents.records import IncidentInput, add_incident, window_columns
from incidents.tiers import Tier
from incidents.views import CodeView

TIMES = frozenset({"start", "end", "edtf", "tz", "time_precision", "window_kind", "part_of_day", "time_words"})
OWN = frozenset({
    "code", "name", "kind", "country", "civilian_harm_reported", "strike_status", "visibility", "note",
}) | TIMES  # fmt: skip
PLACE = frozenset({
    "lon", "lat", "radius_m", "precision", "method", "geoprivacy", "public_decimals", "place_name", "place_words",
    "location_source", "location_report",
})  # fmt: skip
Cells = dict[str, str]


def take_incident(session: Session, sources: Sources, recorded: Recorded, cells: Cells) -> bool:
    """Record the incident of a row with its place, or find it recorded; returns whether it is new.

    Raises:
        InputError: some cell is not acceptable. ConflictError: ``different_content``, naming the column.
    """
    data = incident_input(cells)
    place = _place(sources, cells)
    row = session.exec(select(Incident).where(Incident.code == data.code)).first()
    if row is not None:
        _check_same(session, recorded, row, data, place, cells)
        return False
    incident = add_incident(session, data)
    if place is not None:
        with placed("place"):
            add_location(session, incident, validated(LocationInput, place | _confirmation(cells), where="column"))
    return True


def incident_input(cells: Cells) -> IncidentInput:
    """The incident of a row, checked.

    Raises:
        InputError: as the model and its window.
    """
    plain: dict[str, Any] = {name: cells[name] for name in OWN if name in cells}
    plain["names"] = [{"name": name} for name in split(cells.get("names", ""))]
    plain["codes"] = _other_codes(cells.get("codes", ""))
    data = validated(IncidentInput, plain, where="column")
    if data.window() is None and len(TIMES & set(cells) - {"tz"}) > 0:
        fix = "Give edtf, or start and end."
        raise InputError("missing_time", "Something is said of a time, and no time is given.", where="start", fix=fix)
    return data


def _other_codes(cell: str) -> list[dict[str, object]]:
    """The codes of others, each once.

    Raises:
        InputError: ``bad_code``; ``duplicate_code``, one is given as a former and as a present one.
    """
    found = [other_code(code) for code in dict.fromkeys(split(cell))]
    if len({(one["scheme"], one["code"]) for one in found}) < len(found):
        fix = "Say which it is."
        raise InputError("duplicate_code", "A code is former, and is not.", where="codes", got=cell, fix=fix)
    return found


def _place(sources: Sources, cells: Cells) -> dict[str, Any] | None:
    """The members of the place's input; None where the row says nothing of a place.

    Raises:
        InputError: a number cannot be read; ``missing_precision``, ``missing_source``, ``missing_grid``.
    """
    given = {name: cells[name] for name in PLACE if name in cells}
    if len(given) == 0:
        return None
    _check_whole(given)
    source = sources.organisation(given.pop("location_source"), "location_source")
    report = sources.report(given.pop("location_report"), source, "location_report")
    found: dict[str, Any] = {"method": LocationMethod.SOURCE_COORDINATES.value} | given
    found |= {name: number(given.get(name), name) for name in ("lon", "lat", "radius_m")}
    found |= {"source": source.code, "report": report.code, "is_primary": found["lon"] is not None}
    found["public_decimals"] = whole(given.get("public_decimals"), "public_decimals")
    return {name: value for name, value in found.items() if value is not None}


def _check_whole(given: Cells) -> None:
    """Refuse a place without what makes it one."""
    if "precision" not in given:
        fix = f"One of: {', '.join(PrecisionLevel)}."
        raise InputError("missing_precision", "Say how fine the place is known.", where="precision", fix=fix)
    for name in ("location_source", "location_report"):
        if name not in given:
            fix = "Give the code of the organisation and of the report."
            raise InputError("missing_source", "A place belongs to a source and its report.", where=name, fix=fix)
    if given.get("geoprivacy") == Geoprivacy.REDUCED.value and "public_decimals" not in given:
        fix = "Give 0 to 4 (1 shows a cell of about 11 km); of a place that is lowered already, write exact."
        raise InputError("missing_grid", "A reduced place needs a grid.", where="public_decimals", fix=fix)


def _confirmation(cells: Cells) -> dict[str, bool]:
    confirmed = flag(cells.get("confirmed"), "confirmed")
    return {"confirm_null_island": confirmed, "confirm_far": confirmed}


def _check_same(
    session: Session, recorded: Recorded, row: Incident, data: IncidentInput, place: dict[str, Any] | None, cells: Cells
) -> None:
    """Refuse a row that says something else than what is recorded; an empty cell says nothing."""
    one = recorded.dossier(row.key)
    if one is None:
        return
    for name in sorted(OWN - TIMES):
        if name in cells and getattr(data, name) != getattr(row, name):
            raise refuse_difference(row.code, name)
    if len(TIMES & set(cells)) > 0:
        for name, value in window_columns(data.window()).items():
            # The same window can be written in several ways.
            if name != "edtf" and value is not None and value != getattr(row, name):
                raise refuse_difference(row.code, name)
    if not {name.name for name in data.names} <= {name.name for name in one.names}:
        raise refuse_difference(row.code, "names")
    codes = {code_text(CodeView(code.scheme, code.code, code.former)) for code in data.codes}
    if not codes <= {code_text(code) for code in one.codes}:
        raise refuse_difference(row.code, "codes")
    held = incident_row(one, Mask(Tier.INTERNAL), Rule.ENVELOPE, public_decimals(session, [one], Tier.INTERNAL))
    _check_same_place(row.code, held, place, cells)


def _check_same_place(code: str, held: dict[str, Any], place: dict[str, Any] | None, cells: Cells) -> None:
    renamed = {"location_source": "source", "location_report": "report"}
    for name in (name for name in sorted(PLACE) if name in cells):
        given = (place or {}).get(renamed.get(name, name))
        if given != held.get(name):
            raise refuse_difference(code, name)
