"""Our own GeoJSON back in: the incidents of an export with everything that it says it carries.

Each organisation, report, feature, total and judgement goes in through the function that a command calls, so
nothing gets in that a person could not have recorded. What is worked out (ranges, status, the window in UTC)
is not read; where a feature's window or point does not fit what it was worked out from, somebody edited the
wrong one, and the feature is refused.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from db.errors import InputError
from db.strictjson import read_json
from db.tables import Incident, Location
from db.vocabulary import PrecisionLevel
from incidents.dossiers import dossier
from incidents.exports.geojson import FORMAT
from incidents.exports.masks import mask_for
from incidents.exports.properties import properties
from incidents.exports.records import Record, instant
from incidents.exports.tables import public_decimals
from incidents.importers.carried import (
    as_recorded,
    carried,
    code_of,
    difference,
    mapping,
    plain,
    records,
    refuse_difference,
)
from incidents.importers.feature import add_feature
from incidents.importers.recorded import Recorded
from incidents.importers.references import Judgements, take_organisation, take_report, take_total
from incidents.importers.rows import Outcome, Rows
from incidents.ranges import Rule
from incidents.tiers import Tier
from incidents.views import Dossier
from incidents.windows import day_span

FILE_FORMAT = "incident-atlas-geojson"
MEMBERS = frozenset({
    "type", "format", "generator", "tier", "rule", "as_of", "areas", "features", "judgements", "claims",
    "reports", "organisations", "licences", "bbox",
})  # fmt: skip

ROWS = ("organisations", "reports", "features", "claims", "judgements")
"""The members whose items are rows, in the order in which they need each other."""


@dataclass(frozen=True)
class Document:
    """A read and recognised export."""

    tier: Tier
    as_of: str | None
    areas: bool
    content: Record = field(repr=False)

    def rows(self, name: str) -> list[Record]:
        """The objects of one member."""
        return records(self.content.get(name), name)


def import_geojson(
    session: Session, path: Path, *, partial: bool = False, progress: Callable[[int, int], None] | None = None
) -> Outcome:
    """Record what an export of ours carries.

    The same file again adds nothing. A code that is recorded with other content is refused: an import never
    edits. Of a public export the places are taken as they are shown, lowered for good.

    Args:
        session: a write session; the import is one change set.
        path: the file, at most 100 MB.
        partial: keep what is good of a file with bad rows; each of the others is kept in the run.
        progress: told as the rows are taken which share of the file's bytes they are, and all of these.

    Returns:
        The counts; a row is an organisation, a report, a feature, a total of several incidents or a judgement.

    Raises:
        InputError: the file is not GeoJSON of ours, or some rows are bad; then nothing may be kept, see
            :class:`incidents.importers.rows.Rows`.
        ConflictError: ``different_content``, naming the field.
    """
    document = read_document(path)
    whole = sum(len(document.rows(name)) for name in ROWS)
    if whole == 0:
        raise InputError("empty_file", "The export holds no records.", where=path.name)
    rows, size = Rows(session, FILE_FORMAT, path, partial=partial), path.stat().st_size
    mask = mask_for(session, document.tier)

    def take(name: str, order: list[tuple[int, Record]], record: Callable[[Record], bool]) -> None:
        for number, item in order:
            title = item.get("code") or item.get("id")
            where = f"{name} {number}" + ("" if title is None else f" ({title})")
            rows.take(number, where, functools.partial(_raw, item), functools.partial(record, item))
            if progress is not None:
                progress(size * rows.read // whole, size)
        rows.save()

    organisations, reports = _numbered(document.rows("organisations")), _numbered(document.rows("reports"))
    take("organisations", organisations, lambda item: take_organisation(session, item, mask))
    take("reports", reports, lambda item: take_report(session, item, mask))
    features = _event_first(document.rows("features"))
    recorded = Recorded(session, [str(item.get("id")) for _, item in features])
    take("features", features, lambda item: _take_feature(session, item, document, recorded))
    take("claims", _numbered(document.rows("claims")), lambda item: take_total(session, item, mask))
    take("judgements", _numbered(document.rows("judgements")), Judgements(session).take)
    return rows.finish()


def read_document(path: Path) -> Document:
    """The export in ``path``.

    Raises:
        InputError: what :func:`db.strictjson.read_json` raises; ``not_own_geojson``, ``unsupported_crs``,
            ``unknown_field``, ``unknown_value``.
    """
    content = mapping(read_json(path), path.name)
    if "crs" in content:
        fix = "Give longitude and latitude on WGS84, without a crs member (RFC 7946, section 4)."
        raise InputError("unsupported_crs", "GeoJSON is on WGS84.", where=path.name, got=content["crs"], fix=fix)
    if content.get("type") != "FeatureCollection" or content.get("format") != FORMAT:
        raise InputError(
            "not_own_geojson",
            f"This is no export of this product: its member format is not {FORMAT}.",
            where=path.name,
            got=content.get("format"),
            fix="Make a CSV of it with the documented columns and run: incidents import csv",
        )
    unknown = sorted(set(content) - MEMBERS)
    if len(unknown) > 0:
        raise InputError("unknown_field", "This member is not one of an export.", where=path.name, got=unknown[0])
    tier, as_of = content.get("tier"), content.get("as_of")
    if tier not in list(Tier):
        raise InputError("unknown_value", "There is no such tier.", where=f"{path.name}, tier", got=tier)
    return Document(Tier(tier), None if as_of is None else str(as_of), content.get("areas") is True, content)


def _raw(item: Record) -> str:
    return json.dumps(item, ensure_ascii=False)  # orjson refuses whole numbers above 64 bits


def _numbered(rows: list[Record]) -> list[tuple[int, Record]]:
    return list(enumerate(rows, start=1))


def _event_first(features: list[Record]) -> list[tuple[int, Record]]:
    """The features with those first whose code their event has: the record first recorded names the event."""

    def is_later(row: tuple[int, Record]) -> bool:
        found = row[1].get("properties")
        return not isinstance(found, dict) or found.get("event") != found.get("code")

    return sorted(_numbered(features), key=is_later)


def _take_feature(session: Session, feature: Record, document: Document, recorded: Recorded) -> bool:
    """Record a feature, or find it recorded; returns whether it is new.

    Raises:
        InputError: some part is not acceptable. ConflictError: ``different_content``.
    """
    found = mapping(feature.get("properties"), "properties")
    given = carried(found)
    if feature.get("id") != given.get("code"):
        raise InputError("id_differs", "The id is not the code.", where="id", got=feature.get("id"))
    taken = given if document.tier is Tier.INTERNAL else as_recorded(given)
    row = session.exec(select(Incident).where(Incident.code == code_of(given))).first()
    if row is not None:
        _check_same(session, recorded.dossier(row.key), given, taken, document)
        return False
    incident = add_feature(session, taken)
    _check_derived(session, incident, feature, document)
    return True


def _check_same(session: Session, one: Dossier | None, given: Record, taken: Record, document: Document) -> None:
    """Refuse content that is neither what is recorded nor what an export of that tier would say of it."""
    field = None if one is None else difference(taken, _held(session, one, Tier.INTERNAL))
    if one is None or field is None:
        return
    moment = None if document.as_of is None else day_span(document.as_of, allow_open=False)[1]
    masked = dossier(session, one.key, tier=document.tier, as_of=moment)
    if masked is None or difference(given, _held(session, masked, document.tier)) is not None:
        raise refuse_difference(one.code, field)


def _held(session: Session, one: Dossier, tier: Tier) -> Record:
    """What an export of ``tier`` carries of a recorded incident."""
    decimals = public_decimals(session, [one], tier)
    found: Record = plain(carried(properties(one, mask_for(session, tier), Rule.ENVELOPE, decimals)))
    return found


def _check_derived(session: Session, incident: Incident, feature: Record, document: Document) -> None:
    """Refuse a feature whose window or point is not the one worked out from what it carries."""
    found: dict[str, Any] = feature["properties"]
    for name, value in (("start_utc", incident.start_utc), ("end_utc", incident.end_utc)):
        if name in found and found[name] != instant(value):
            raise _edited(name, found[name], "edtf")
    if document.areas or "geometry" not in feature:
        return
    spot = _spot(session, incident)
    drawn = None if spot is None else {"type": "Point", "coordinates": list(spot)}
    if feature["geometry"] != drawn:
        raise _edited("geometry", feature["geometry"], "locations")


def _spot(session: Session, incident: Incident) -> tuple[float, float] | None:
    """Longitude and latitude of the place that stands for a newly recorded incident, as a dossier chooses it."""
    order = list(PrecisionLevel)
    rows = session.exec(select(Location).where(Location.incident_id == incident.id, col(Location.lon).is_not(None)))
    first = min(rows, key=lambda row: (not row.is_primary, order.index(row.precision), row.key), default=None)
    return None if first is None or first.lon is None or first.lat is None else (first.lon, first.lat)


def _edited(name: str, got: object, source: str) -> InputError:
    why = f"It is not what follows from {source}: {name} is worked out and not read."
    return InputError("derived_differs", why, where=name, got=got, fix=f"Change {source} instead.")
