"""One incident as the documented flat properties of every export.

Unknown is null or empty, zero is 0, denied is a value of its own, and *not assessed* is a state that an
investigation stands in; where no investigation is recorded the list of them is empty.
"""

from __future__ import annotations

from typing import Any

from incidents.exports.masks import Mask
from incidents.exports.records import (
    Record,
    attribution_record,
    claim_record,
    code_record,
    grading_record,
    instant,
    location_record,
    method_of,
    name_record,
    precision_of,
    source_record,
    statement_record,
    thread_record,
)
from incidents.ranges import Range, Rule, all_ranges
from incidents.views import Dossier, ThreadView

CARRIED = (
    "code", "name", "names", "codes", "kind", "country", "tz", "time_precision", "part_of_day", "edtf",
    "time_words", "civilian_harm_reported", "strike_status", "visibility", "withdrawn", "note", "reports",
    "locations", "claims", "attributions", "gradings", "investigations", "statements",
)  # fmt: skip
"""The properties that an import of our own GeoJSON reads back."""

DERIVED = (
    "start_utc", "end_utc", "window_kind", "precision", "radius_m", "method", "geoprivacy", "event", "same_as",
    "ranges", "status", "grading", "belligerents", "sources", "rule", "as_of", "match",
)  # fmt: skip
"""The properties worked out from the carried ones (and, for the window, from ``edtf``)."""


def properties(one: Dossier, mask: Mask, rule: Rule, decimals: dict[int, int] | None = None) -> Record:
    """Everything an export says of an incident: the flat summary first, then the records behind it.

    Args:
        one: the dossier as the tier sees it.
        mask: of the same tier.
        rule: what the ranges are made by.
        decimals: by location id, the grid that a reduced place is shown on (internal only).
    """
    found = summary(one, mask, rule)
    shown = frozenset(claim.code for claim in one.claims)
    found["names"] = [name_record(name) for name in one.names]
    found["codes"] = [code_record(code) for code in one.codes]
    found["visibility"] = one.visibility._value_
    found["withdrawn"] = one.withdrawn
    found["note"] = mask.note(one.note)
    found["reports"] = [report.code for report in one.reports]
    found["locations"] = [location_record(place, mask, (decimals or {}).get(place.key)) for place in one.locations]
    found["claims"] = [claim_record(claim, mask, shown) for claim in one.claims]
    found["attributions"] = [attribution_record(view, mask) for view in one.attributions]
    found["gradings"] = [grading_record(view, mask) for view in one.gradings]
    found["investigations"] = [thread_record(view, mask, one.as_of) for view in one.threads]
    found["statements"] = [statement_record(view, mask) for view in one.statements]
    return found


def summary(one: Dossier, mask: Mask, rule: Rule) -> Record:
    """The flat part: what, when, where, how many, and how it stands."""
    place = one.primary()
    return {
        "code": one.code,
        "name": one.name,
        "kind": one.kind._value_,
        "country": one.country,
        "start_utc": instant(one.start_utc),
        "end_utc": instant(one.end_utc),
        "tz": one.tz,
        "time_precision": _value(one.time_precision),
        "window_kind": _value(one.window_kind),
        "part_of_day": _value(one.part_of_day),
        "edtf": one.edtf,
        "time_words": one.time_words,
        "precision": None if place is None else precision_of(place, mask.tier)._value_,
        "radius_m": None if place is None else place.radius_m,
        "method": None if place is None else method_of(place, mask.tier)._value_,
        "geoprivacy": None if place is None else place.geoprivacy._value_,
        "civilian_harm_reported": one.civilian_harm_reported._value_,
        "strike_status": _value(one.strike_status),
        "event": one.event_code,
        "same_as": sorted(one.same_as),
        "rule": rule._value_,
        "as_of": instant(one.as_of),
        "ranges": ranges(one, rule),
        "status": _status(one, mask),
        "grading": _grading(one, mask),
        "belligerents": _belligerents(one, mask),
        "sources": [source_record(report, mask) for report in one.reports],
    }


def ranges(one: Dossier, rule: Rule) -> dict[str, Record]:
    """The range of each outcome and category that some claim of the event is about.

    The key is ``killed_civilian`` and so on. ``event`` is the same for every record of one event: to add
    incidents up, count each event once. Categories overlap (a child is a civilian) and are never added.
    """
    event = one.event_code
    found = all_ranges(one.event_claims, rule)
    return {f"{about.outcome}_{about.category}": _range_record(about, event) for about in found}


def _range_record(found: Range, event: str) -> Record:
    return {
        "low": found.low,
        "high": found.high,
        "low_open": found.low_open,
        "high_open": found.high_open,
        "text": found.text(),
        "denied": len(found.denials) > 0,
        "contradictory": len(found.contradictions) > 0,
        "rule": found.rule._value_,
        "event": event,
        "claims": claims_used(found),
    }


def claims_used(found: Range) -> list[str]:
    """The codes of the claims a range is made of."""
    return sorted(figure.code for figure in found.used)


def _status(one: Dossier, mask: Mask) -> list[Record]:
    """Where each investigation stands, and since when."""
    return [
        {
            "authority": mask.name(thread.authority),
            "process": thread.process._value_,
            "state": thread.state(one.as_of)._value_,
            "since": _since(thread),
        }
        for thread in one.threads
    ]


def _since(thread: ThreadView) -> str | None:
    """The date, as recorded, of the step that brought the thread to the state it stands in."""
    since = None
    state = None
    for step in thread.steps:
        if step.state is not state:
            since, state = step.taken, step.state
    return since


def _grading(one: Dossier, mask: Mask) -> list[Record]:
    return [
        {"grading": view.grading._value_, "by": mask.name(view.by), "graded": view.graded}
        for view in one.current_gradings()
    ]


def _belligerents(one: Dossier, mask: Mask) -> list[Record]:
    return [
        {
            "code": mask.code(view.organisation_code),
            "name": mask.name(view.organisation),
            "role": view.role._value_,
            "strength": view.strength._value_,
            "by": mask.name(view.by),
        }
        for view in one.attributions
    ]


def _value(member: Any) -> str | None:
    return None if member is None else str(member)
