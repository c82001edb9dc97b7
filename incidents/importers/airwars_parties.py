"""A belligerent of an incident of Airwars: its part, its assessment, what it conceded, where, and its statements."""

from __future__ import annotations

import re

from db.errors import InputError
from db.tables.base import LINE, PARAGRAPH
from db.vocabulary import (
    AttributionRole,
    AttributionStrength,
    Category,
    InvestigationState,
    LocationMethod,
    Outcome,
    PrecisionLevel,
    Process,
    StepReason,
)
from gazetteer.coordinates import mgrs_square
from incidents.exports.records import Record
from incidents.importers.airwars_codes import ASSESSMENTS, REASONS, TYPES, known, word
from incidents.importers.foreign_cells import Row, cell, figure, kept, objects
from incidents.importers.php_cells import is_serialised
from incidents.importers.sources import report_code

NOTED = (
    "type", "assessment_name", "assessment_slug", "assessment", "reasons", "location", "mgrs_coordinate",
    "mgrs_accuracy", "strike_reports",
)  # fmt: skip
"""Columns kept word for word in the note of the attribution."""

CONCEDED = (("deaths_conceded", Outcome.KILLED), ("injuries_conceded", Outcome.INJURED))
FIELDS = frozenset({
    "belligerent_name", "belligerent_id", "belligerent_slug", "name", "civcas_statements", "statements", *NOTED,
    *(f"{column}_{end}" for column, _ in CONCEDED for end in ("min", "max")),
})  # fmt: skip
"""The columns of a belligerent that are read, or repeat its name."""

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def add_party(found: Record, row: Row, number: int, report: str, by: str | None, reports: list[Record]) -> list[str]:
    """Add to the properties ``found`` what a belligerent did and said.

    Args:
        found: the properties of the incident.
        row: the belligerent's columns.
        number: its place in the cell, from 1.
        report: code of Airwars' page about the incident.
        by: the day by which the assessment stood.
        reports: inputs of reports, to which those of its statements are added.

    Returns:
        The columns that found no room in the note of the attribution.

    Raises:
        InputError: a cell cannot be read; ``missing_field``, it has no name.
    """
    where = f"belligerents {number}"
    name = cell(row, "belligerent_name", "name")
    if name is None:
        raise InputError("missing_field", "A belligerent has a name.", where=f"{where}, belligerent_name")
    if word(name) == "unknown":
        return []
    kind = cell(row, "type")
    strength = AttributionStrength.ALLEGED if kind is None else known(TYPES, kind, f"{where}, type")
    blamed: Record = {"organisation": name, "role": AttributionRole.PERPETRATOR.value, "strength": strength.value}
    note, cut = kept(row, NOTED)
    blamed |= {"by": "airwars", "report": report} | ({} if note is None else {"note": note})
    found["attributions"].append(blamed)
    _add_conceded(found, row, name, number, report)
    _add_place(found, row, name, report, where)
    _add_assessment(found, row, name, report, by, where)
    _add_statements(found, row, name, report, reports)
    return cut


def _add_conceded(found: Record, row: Row, party: str, number: int, report: str) -> None:
    """What it conceded is its own claim; a zero is what it counted, and null is nothing said."""
    for column, outcome in CONCEDED:
        said = figure(row, f"{column}_min", f"{column}_max")
        if said is not None:
            code = f"{found['code']}-conceded-{number}-{outcome.value}"
            about: Record = {"code": code, "source": party, "report": report, "outcome": outcome.value}
            about |= {"category": Category.CIVILIAN.value, "perpetrator": party, "locator": column}
            found["claims"].append(about | {"strength": AttributionStrength.CONFIRMED.value} | said)


def _add_place(found: Record, row: Row, party: str, report: str, where: str) -> None:
    """The square that the belligerent gave, no finer than its stated accuracy."""
    text = cell(row, "mgrs_coordinate")
    if text is None:
        return
    lon, lat, square_m = mgrs_square(text, f"{where}, mgrs_coordinate")
    code = cell(row, "mgrs_accuracy")
    metres = re.search(r"[0-9]+", code or "")
    radius_m = max(square_m, 0.0 if metres is None else float(metres[0]))
    level = PrecisionLevel.EXACT if radius_m <= 25 else PrecisionLevel.WITHIN_100M
    if radius_m > 100:
        level = next(one for one, most_m in _COARSER if radius_m <= most_m)
    place: Record = {"source": party, "report": report, "method": LocationMethod.MGRS.value, "lon": lon}
    place |= {"lat": lat, "radius_m": radius_m, "precision": level.value, "place_words": text}
    found["locations"].append(place | ({} if code is None else {"source_code": code}))


_COARSER = (
    (PrecisionLevel.LANDMARK, 250.0),
    (PrecisionLevel.STREET, 500.0),
    (PrecisionLevel.NEIGHBOURHOOD, 1_000.0),
    (PrecisionLevel.SETTLEMENT, 10_000.0),
    (PrecisionLevel.REGION, float("inf")),
)
"""For squares of 1 km and more: the finest level whose radius in metres holds them."""


def _add_assessment(found: Record, row: Row, party: str, report: str, by: str | None, where: str) -> None:
    """The assessment as steps, dated no finer than Airwars dates it: between the incident and the row's last change."""
    text = cell(row, "assessment_slug", "assessment_name", "assessment")
    state = None if text is None else known(ASSESSMENTS, text, f"{where}, assessment")
    if text is None or state is None or state is InvestigationState.NOT_ASSESSED:
        return
    if by is None:
        fix = "Say when the file was fetched: --retrieved YYYY-MM-DD."
        why = "Nothing says by when this assessment stood."
        raise InputError("missing_date", why, where=f"{where}, assessment", got=text, fix=fix)
    if any(thread["authority"] == party for thread in found["investigations"]):
        why = f"Two assessments of the row are of {party}: together they would be a history that nobody told."
        fix = "Record them by hand with: incidents status set; or leave one out."
        raise InputError("two_assessments", why, where=f"{where}, assessment", got=text, fix=fix)
    since = str(found.get("edtf", by)).lstrip("[")[:10]
    step: Record = {"taken": by if since == by else f"{since}/{by}", "report": report}
    opened = {"number": 1, "state": "open", "why": f"It is assessed, so it was opened (Airwars: {text})."} | step
    steps = [opened]
    if state is not InvestigationState.OPEN:
        closed = {"number": 2, "state": state.value, "reason": _reason(row, where).value, "why": f"Airwars: {text}."}
        steps.append(closed | step)
    thread = {"authority": party, "process": Process.CREDIBILITY_ASSESSMENT.value, "steps": steps}
    found["investigations"].append(thread)


def _reason(row: Row, where: str) -> StepReason:
    """The reason of an assessment; several together are ``other``, and stand in the note."""
    texts = [text for text in re.split(r"\s*[,;|]\s*", cell(row, "reasons") or "") if text != ""]
    reasons = [known(REASONS, text, f"{where}, reasons") for text in texts]
    if len(reasons) > 1:
        return StepReason.OTHER
    return reasons[0] if len(reasons) == 1 else StepReason.NONE_GIVEN


def _add_statements(found: Record, row: Row, party: str, report: str, reports: list[Record]) -> None:
    for said in _statements(row):
        words = cell(said, "statement", "text")
        if words is None:
            continue
        url, day = cell(said, "url"), cell(said, "date")
        if url is not None:
            reports.append({"code": report_code(url), "publisher": party, "title": url[:LINE], "url": url})
        one: Record = {"by": party, "report": report if url is None else url}
        one |= {} if day is None else {"stated": day}
        # Long ones in parts: nothing of a statement is lost for want of room.
        found["statements"] += [one | {"words": part} for part in _parts(words)]


def _parts(words: str) -> list[str]:
    parts = []
    while len(words) > PARAGRAPH:
        end = max(words.rfind("\n", 0, PARAGRAPH), words.rfind(" ", 0, PARAGRAPH))
        end = end if end > 0 else PARAGRAPH
        parts.append(words[:end])
        words = words[end:].lstrip()
    return [*parts, words]


def _statements(row: Row) -> list[Record]:
    """The statements: a list of objects, or text in which each begins with its date and stands after a blank line."""
    value = row.get("civcas_statements", row.get("statements"))
    if not isinstance(value, str) or value.strip().startswith(("[", "{")) or is_serialised(value.strip()):
        return objects({"civcas_statements": value}, "civcas_statements")
    found: list[Record] = []
    for block in re.split(r"\r?\n\s*\r?\n", value.strip()):
        lines = [line.strip() for line in block.splitlines()]
        day = lines.pop(0) if len(lines) > 0 and _DAY.fullmatch(lines[0]) else None
        if day is None and len(found) > 0:
            found[-1]["statement"] += "\n\n" + "\n".join(lines)
            continue
        url = lines.pop(0) if len(lines) > 0 and lines[0].startswith(("http://", "https://")) else None
        found.append({"date": day, "url": url, "statement": "\n".join(lines)})
    return found
