"""CSV (RFC 4180, UTF-8) out: one flat row per incident, and one row per claim.

An empty cell is unknown, 0 is zero. Text cells that a spreadsheet would take for a formula get an apostrophe
in front, which our own reader takes off again; numbers are left alone. The columns are those of
:mod:`incidents.exports.columns`.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from sqlmodel import Session

from db.cells import neutralise_cell
from db.vocabulary import Geoprivacy
from incidents.counts import CONFIRM_FROM
from incidents.dossiers import dossiers
from incidents.exports.columns import CLAIM_COLUMNS, INCIDENT_COLUMNS, RANGE_PARTS, RANGED, Column, Role
from incidents.exports.masks import Mask, mask_for
from incidents.exports.properties import summary
from incidents.exports.records import Record, claim_record, method_of, precision_of
from incidents.exports.tables import References, public_decimals
from incidents.ranges import Rule
from incidents.tiers import Tier
from incidents.views import CodeView, Dossier, LocationView

if TYPE_CHECKING:
    from incidents.query import Match

BETWEEN = " | "
"""What separates the members of a list inside a cell."""

BATCH = 200

RANGE_NAMES = {
    f"{outcome.value}_{category.value}": tuple(
        (f"{outcome.value}_{category.value}_{part}", part) for part in RANGE_PARTS
    )
    for outcome, category in RANGED
}
"""By what a range is about, its columns and the part that each holds; made once, as a row has sixty of them."""
NO_RANGES = dict.fromkeys(name for names in RANGE_NAMES.values() for name, _ in names)


def write_incidents_csv(
    session: Session,
    keys: Iterable[int],
    stream: BinaryIO,
    *,
    tier: Tier = Tier.PUBLIC,
    rule: Rule = Rule.ENVELOPE,
    as_of: datetime | None = None,
    matches: Mapping[int, Match] | None = None,
) -> int:
    """Write one flat row per incident.

    Args:
        session: an open session.
        keys: incident ids, in the order of the rows.
        stream: a binary stream, see :func:`incidents.exports.output.atomic_output`.
        tier: what may be seen; hidden incidents are left out.
        rule: what the ranges are made by.
        as_of: an instant in UTC; what was said later is left out.
        matches: by incident id, how it answered a place query.

    Returns:
        The number of rows.
    """
    mask = mask_for(session, tier)

    def rows() -> Iterator[Record]:
        found = dossiers(session, keys, tier=tier, as_of=as_of)
        while len(batch := list(islice(found, BATCH))) > 0:
            decimals = public_decimals(session, batch, tier)
            for one in batch:
                match = None if matches is None else matches.get(one.key)
                yield incident_row(one, mask, rule, decimals) | {"match": None if match is None else match.value}

    return _write(stream, INCIDENT_COLUMNS, rows())


def write_claims_csv(
    session: Session,
    keys: Iterable[int],
    stream: BinaryIO,
    *,
    tier: Tier = Tier.PUBLIC,
    as_of: datetime | None = None,
) -> int:
    """Write one row per claim of the incidents ``keys``, then the totals of several of them.

    Arguments as :func:`write_incidents_csv`; returns the number of rows.
    """
    return _write(stream, CLAIM_COLUMNS, claim_rows(session, keys, tier=tier, as_of=as_of))


def claim_rows(session: Session, keys: Iterable[int], *, tier: Tier, as_of: datetime | None) -> Iterator[Record]:
    """The rows of :func:`write_claims_csv`: column name to value."""
    mask = mask_for(session, tier)
    references = References(session, mask)
    for one in dossiers(session, keys, tier=tier, as_of=as_of):
        references.add(one)
        shown = frozenset(claim.code for claim in one.claims)
        for claim in one.claims:
            yield _claim_row(claim_record(claim, mask, shown) | {"incident": one.code, "event": one.event_code})
    for total in references.claims():
        yield _claim_row(total)


def _write(stream: BinaryIO, columns: tuple[Column, ...], rows: Iterable[Record]) -> int:
    """Write the header and the rows; template columns are not written."""
    written = [column for column in columns if column.role is not Role.TEMPLATE]
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    count = 0
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([column.name for column in written])
        for row in rows:
            writer.writerow([cell(row.get(column.name), column) for column in written])
            count += 1
    finally:
        text.detach()  # closing the wrapper would close the caller's stream
    return count


def cell(value: Any, column: Column) -> str:
    """A value as a cell: None is empty, a truth value yes or no, a list joined."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = join(value) if isinstance(value, list) else str(value)
    return neutralise_cell(text) if column.text else text


def join(values: Iterable[str]) -> str:
    r"""Texts in one cell; a ``|`` or backslash inside one is escaped, so that the list can be read back.

    >>> join(["a", "b|c"])
    'a | b\\|c'
    """
    return BETWEEN.join(value.replace("\\", "\\\\").replace("|", "\\|") for value in values)


def incident_row(one: Dossier, mask: Mask, rule: Rule, decimals: Mapping[int, int]) -> Record:
    """The flat row of an incident: column name to value."""
    return flat_row(one, summary(one, mask, rule), mask, decimals)


def flat_row(one: Dossier, found: Record, mask: Mask, decimals: Mapping[int, int]) -> Record:
    """The same where ``found``, the properties of its feature or their flat part, are worked out already."""
    ranged = NO_RANGES.copy()
    for subject, about in found["ranges"].items():
        for name, part in RANGE_NAMES.get(subject, ()):
            ranged[name] = about[part]
    return (
        found
        | ranged
        | {
            "names": [name.name for name in one.names],
            "codes": [code_text(code) for code in one.codes],
            "visibility": one.visibility.value,
            "note": mask.note(one.note),
            "locations": len(one.locations),
            "status": [_status_text(status) for status in found["status"]],
            "grading": [
                _dated(f"{grading['by']}: {grading['grading']}", grading["graded"]) for grading in found["grading"]
            ],
            "belligerents": [_belligerent_text(actor) for actor in found["belligerents"]],
            "sources": [_source_text(source) for source in found["sources"]],
            **_place(one, mask, decimals),
        }
    )


def code_text(view: CodeView) -> str:
    """A source's code as ``scheme:code``; a former one says so."""
    return f"{view.scheme}:{view.code}" + (" (former)" if view.former else "")


def shown_place(one: Dossier) -> LocationView | None:
    """The place of a row: the one that stands for the incident, else the first without a point."""
    place = one.primary()
    return place if place is not None else next(iter(one.locations), None)


def _place(one: Dossier, mask: Mask, decimals: Mapping[int, int]) -> Record:
    """The columns of the place; empty where none is recorded."""
    place = shown_place(one)
    if place is None:
        return {}
    lowered = decimals.get(place.key) if place.geoprivacy is Geoprivacy.REDUCED else None
    return {
        "lon": place.lon,
        "lat": place.lat,
        "radius_m": reach_m(place),
        "precision": precision_of(place, mask.tier).value,
        "method": method_of(place, mask.tier).value,
        "geoprivacy": place.geoprivacy.value,
        "public_decimals": lowered,
        "place_name": place.place_name,
        "place_words": place.place_words,
        "location_source": mask.code(place.organisation_code),
        "location_report": place.report.code,
        # What is recorded was confirmed when it was: an import need not ask again.
        "confirmed": True if place.lon is not None and mask.tier is Tier.INTERNAL else None,
    }


def reach_m(place: LocationView) -> float | None:
    """The radius in metres; for an area that of the circle round its point that holds the whole of it."""
    if place.area is None or place.lon is None or place.lat is None:
        return place.radius_m
    # Here, because an export that holds points only need not load what measures.
    from shapely import get_coordinates

    from gazetteer.geodesy import distances_m

    corners = get_coordinates(place.area)
    return float(math.ceil(distances_m(corners[:, 0], corners[:, 1], place.lon, place.lat).max()))


def _claim_row(record: Record) -> Record:
    large = max(record["minimum"] or 0, record["maximum"] or 0) >= CONFIRM_FROM
    return record | {"confirmed": True if large else None}


def _dated(text: str, day: str | None) -> str:
    return text if day is None else f"{text} ({day})"


def _status_text(status: Record) -> str:
    return _dated(f"{status['authority']}, {status['process']}: {status['state']}", status["since"])


def _belligerent_text(actor: Record) -> str:
    return f"{actor['name']}: {actor['role']}, {actor['strength']}, by {actor['by']}"


def _source_text(source: Record) -> str:
    parts = (source["publisher_name"], source["title"], source["published"], source["url"], source["licence"])
    return ", ".join(part for part in parts if part is not None)
