"""The records behind an incident as plain values: codes instead of ids, ISO times, masked for the tier.

What stands here is read back by :mod:`incidents.importers.own_geojson`; the names in ``DERIVED_*`` are worked
out from the rest and left alone there. Members of the vocabulary are read by ``_value_``, a plain attribute: ``value``
is computed in Python each time, at ten times the cost.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from db.vocabulary import Geoprivacy, LocationMethod, PrecisionLevel
from incidents.exports.masks import WITNESS, Mask
from incidents.tiers import Tier
from incidents.views import (
    AttributionView,
    ClaimView,
    CodeView,
    GradingView,
    LocationView,
    NameView,
    ReportView,
    StatementView,
    ThreadView,
)

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Record = dict[str, Any]

DERIVED_NAME = frozenset({"script"})
DERIVED_LOCATION = frozenset({"source_name"})
DERIVED_CLAIM = frozenset({"source_name", "official", "independence_group", "superseded_by"})
DERIVED_ATTRIBUTION = frozenset({"name", "by_name"})
DERIVED_GRADING = frozenset({"by_name"})
DERIVED_THREAD = frozenset({"authority_name", "state"})
DERIVED_STATEMENT = frozenset({"by_name"})

LOWERED_LEVEL = {
    Geoprivacy.REDUCED: PrecisionLevel.REGION,
    Geoprivacy.ADM_ONLY: PrecisionLevel.ADM1,
    Geoprivacy.HIDDEN: PrecisionLevel.UNKNOWN,
}
"""How fine a lowered place is known to the reader: not as fine as the record says."""


def instant(value: datetime | None) -> str | None:
    """An instant as ISO 8601 in UTC with ``Z`` and whole seconds; None stays None."""
    if value is None:
        return None
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return f"{value.isoformat(timespec='seconds')[:-6]}Z"


def name_record(view: NameView) -> Record:
    """A name with its language and script."""
    return {"name": view.name, "language": view.language, "script": view.script}


def code_record(view: CodeView) -> Record:
    """A source's code for the incident."""
    return {"scheme": view.scheme, "code": view.code, "former": view.former}


def geometry_record(shape: BaseGeometry) -> Record:
    """A shape as a GeoJSON geometry, longitude first, wound by the right-hand rule (RFC 7946, 3.1.6)."""
    # Here, because an export that holds points only need not load what measures and draws areas.
    from shapely.geometry import mapping

    from gazetteer.geometry import right_hand_rule

    found: Record = mapping(right_hand_rule(shape))
    return found


def is_lowered(view: LocationView, tier: Tier) -> bool:
    """Whether the tier sees less of the place than is recorded."""
    return tier is not Tier.INTERNAL and view.geoprivacy is not Geoprivacy.EXACT


def precision_of(view: LocationView, tier: Tier) -> PrecisionLevel:
    """How fine the place is known as the tier sees it."""
    return LOWERED_LEVEL[view.geoprivacy] if is_lowered(view, tier) else view.precision


def method_of(view: LocationView, tier: Tier) -> LocationMethod:
    """How the shown point was found: of a lowered place it is the middle of a cell or unit."""
    return LocationMethod.CENTROID if is_lowered(view, tier) else view.method


def location_record(view: LocationView, mask: Mask, public_decimals: int | None) -> Record:
    """One source's place; ``public_decimals`` is the grid that a reduced place is shown on, internal only."""
    found: Record = {
        "source": mask.code(view.organisation_code),
        "source_name": mask.name(view.source),
        "report": view.report.code,
        "lon": view.lon,
        "lat": view.lat,
        "radius_m": view.radius_m,
        "area": None if view.area is None else geometry_record(view.area),
        "precision": precision_of(view, mask.tier)._value_,
        "method": method_of(view, mask.tier)._value_,
        "is_primary": view.is_primary,
        "geoprivacy": view.geoprivacy._value_,
        "place_name": view.place_name,
        "place_words": view.place_words,
        "source_code": view.source_code,
        "note": mask.note(view.note),
    }
    return found | ({} if public_decimals is None else {"public_decimals": public_decimals})


def claim_record(view: ClaimView, mask: Mask, shown: frozenset[str]) -> Record:
    """A claim; a reference to a claim that is not among ``shown`` (codes) is left out below internal."""
    whole, earlier, later = view.subset_of, view.supersedes, view.superseded_by
    if mask.tier is not Tier.INTERNAL:
        whole, earlier, later = (code if code in shown else None for code in (whole, earlier, later))
    return {
        "code": view.code,
        "source": mask.code(view.source_code),
        "source_name": mask.name(view.source),
        "report": "" if view.report is None else view.report.code,
        "outcome": view.outcome._value_,
        "category": view.category._value_,
        "bound": view.bound._value_,
        "minimum": view.minimum,
        "maximum": view.maximum,
        "words": view.words,
        "scope": view.scope._value_,
        "area": view.area,
        "period": view.period,
        "period_words": view.period_words,
        "stated": view.stated,
        "as_of": view.as_of,
        "perpetrator": mask.code(view.perpetrator),
        "strength": None if view.strength is None else view.strength._value_,
        "side": mask.code(view.side),
        "subset_of": whole,
        "supersedes": earlier,
        "superseded_by": later,
        "official": view.official,
        "independence_group": mask.code(view.group),
        "locator": view.locator,
        "note": mask.note(view.note),
        "withdrawn": view.withdrawn,
        "withdrawn_on": None if view.withdrawn_on is None else view.withdrawn_on.astimezone(UTC).date().isoformat(),
        "withdrawn_why": view.withdrawn_why,
    }


def attribution_record(view: AttributionView, mask: Mask) -> Record:
    """What one source said of an actor's part."""
    return {
        "organisation": mask.code(view.organisation_code),
        "name": mask.name(view.organisation),
        "role": view.role._value_,
        "strength": view.strength._value_,
        "by": mask.code(view.by_code),
        "by_name": mask.name(view.by),
        "report": view.report.code,
        "stated": view.stated,
        "note": mask.note(view.note),
    }


def grading_record(view: GradingView, mask: Mask) -> Record:
    """One body's grading."""
    return {
        "grading": view.grading._value_,
        "by": mask.code(view.by_code),
        "by_name": mask.name(view.by),
        "graded": view.graded,
        "report": None if view.report is None else view.report.code,
        "why": view.why,
    }


def thread_record(view: ThreadView, mask: Mask, as_of: datetime | None) -> Record:
    """An investigation with its steps in the order taken.

    A step's ``number`` is its place in the order recorded; ``corrects`` names that number. Who recorded it and
    when belongs to the journal of the database it was recorded in, and is not carried.
    """
    numbers = {step.key: number for number, step in enumerate(sorted(view.steps, key=lambda one: one.key), start=1)}
    return {
        "authority": mask.code(view.authority_code),
        "authority_name": mask.name(view.authority),
        "process": view.process._value_,
        "state": view.state(as_of)._value_,
        "steps": [
            {
                "number": numbers[step.key],
                "kind": step.kind._value_,
                "state": step.state._value_,
                "taken": step.taken,
                "reason": step.reason._value_,
                "report": None if step.report is None else step.report.code,
                "corrects": None if step.corrects is None else numbers.get(step.corrects),
                "duplicate_of": step.duplicate_of,
                "why": step.why,
                "note": mask.note(step.note),
            }
            for step in view.steps
        ],
    }


def statement_record(view: StatementView, mask: Mask) -> Record:
    """What somebody said."""
    return {
        "by": mask.code(view.by_code),
        "by_name": mask.name(view.by),
        "report": view.report.code,
        "stated": view.stated,
        "words": view.words,
        "uncertain_target": view.uncertain_target,
    }


def source_record(view: ReportView, mask: Mask) -> Record:
    """A report as it is cited; one that a witness published is a person's page and is only named as such."""
    personal = view.publisher_code in mask.codes
    return {
        "report": view.code,
        "publisher": mask.code(view.publisher_code),
        "publisher_name": mask.name(view.publisher),
        "title": WITNESS if personal else view.title,
        "url": None if personal else view.url,
        "archive_url": None if personal else view.archive_url,
        "published": view.published,
        "licence": view.licence,
        "citation": None if personal else view.citation,
    }
