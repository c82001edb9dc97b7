"""A row of somebody else's file, checked by the models of a command, as the rows of tables that it becomes.

First everything is checked (:func:`check`), then what it names is looked up or recorded (:func:`resolve`): a row that
is refused leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from db.errors import InputError
from db.tables.base import SHORT
from gazetteer.folding import fold, script_of
from gazetteer.precision import default_radius_m
from incidents import attributions, claims, investigations, records
from incidents.attributions import AttributionInput, GradingInput
from incidents.claims import ClaimInput
from incidents.exports.records import Record
from incidents.importers.carried import placed
from incidents.importers.carried import records as objects
from incidents.importers.feature import OWN, location_input
from incidents.importers.foreign import Described
from incidents.importers.foreign_names import Names
from incidents.importers.ged_new import disc_columns
from incidents.importers.stored import Columns
from incidents.inputs import Input, validated
from incidents.investigations import StepInput
from incidents.locations import LocationInput
from incidents.records import IncidentInput, StatementInput
from incidents.reports import ReportInput

ORDER = (
    "report", "incident", "incident_name", "incident_code", "claim", "location", "attribution", "grading", "statement",
    "investigation", "investigation_step", "incident_report",
)  # fmt: skip
"""The tables written in bulk, each after those it points to."""

PARTS = ("claim", "location", "attribution", "grading", "statement")
"""The tables of what is said of an incident."""

_PLACE = (
    "lon", "lat", "radius_m", "area_id", "west", "south", "east", "north", "public_lon", "public_lat",
    "public_radius_m", "public_area_id",
)  # fmt: skip
_LOCATION = (
    "precision", "method", "is_primary", "place_name", "place_words", "source_code", "geoprivacy", "note",
)  # fmt: skip

Pointers = dict[str, str | None]
"""Column by column the text of the organisation or report that a row points to."""


@dataclass(frozen=True)
class Checked:
    """A row whose parts are all acceptable.

    Attributes:
        code: of the incident, should it be new.
        page: code of the report that it is cited from, should it be new.
        incident: the columns of the incident, without its code.
        codes: the columns of its codes.
        parts: by table the columns of each row, and what it points to.
        threads: the steps of each investigation, by the text of its authority.
        reports: inputs of the reports it cites.
        described: the row as it was read.
    """

    code: str
    page: str
    incident: Columns
    codes: list[Columns]
    parts: dict[str, list[tuple[Columns, Pointers]]]
    threads: dict[str, list[StepInput]]
    reports: list[ReportInput]
    described: Described

    def organisations(self) -> Iterator[str]:
        """The texts of the organisations that it names."""
        for rows in self.parts.values():
            for _, pointers in rows:
                yield from (text for column, text in pointers.items() if column != "report_id" and text is not None)
        yield from self.threads
        yield from (report.publisher for report in self.reports)

    def cited(self) -> set[str]:
        """The texts of the reports that something of it is cited from."""
        return {pointers["report_id"] or self.page for rows in self.parts.values() for _, pointers in rows}


@dataclass
class Planned:
    """A row as rows of tables, without the ids of the incident and of new rows."""

    checked: Checked
    parts: dict[str, list[Columns]] = field(default_factory=dict)
    page_id: int = 0


def check(described: Described) -> Checked:
    """The row's parts, each checked by its model.

    Raises:
        InputError: some part is not acceptable; names it by its place.
    """
    found = described.record
    own = {name: found[name] for name in OWN if found.get(name) is not None}
    incident = validated(IncidentInput, own, where="properties")
    parts = {
        "claim": list(_each(found, "claims", _claim)),
        "location": list(_each(found, "locations", _location)),
        "attribution": list(_each(found, "attributions", _attribution)),
        "grading": list(_each(found, "gradings", _grading)),
        "statement": list(_each(found, "statements", _statement)),
    }
    threads = {thread["authority"]: _steps(thread) for thread in objects(found.get("investigations"), "investigations")}
    cited = [validated(ReportInput, report, where=f"report {report['code']}") for report in described.reports]
    codes = [code.model_dump() for code in incident.codes]
    columns = records.own_columns(incident)
    return Checked(incident.code, described.page, columns, codes, parts, threads, cited, described)


def _each(found: Record, name: str, read: Any) -> Iterator[tuple[Columns, Pointers]]:
    for number, record in enumerate(objects(found.get(name), name), start=1):
        where = f"{name} {number}"
        with placed(where):
            yield read(record, where)


def _claim(record: Record, where: str) -> tuple[Columns, Pointers]:
    data = _read(ClaimInput, record | {"confirm_large": True}, where)
    columns = {"code": data.code, "side_id": None, "subset_of_id": None, "supersedes_id": None}
    pointers = {"source_id": data.source, "report_id": data.report, "perpetrator_id": data.perpetrator}
    return columns | claims.own_columns(data), pointers


def _location(record: Record, where: str) -> tuple[Columns, Pointers]:
    data: LocationInput = location_input(record, where)
    columns: Columns = dict.fromkeys(_PLACE) | {name: getattr(data, name) for name in _LOCATION}
    if data.lon is not None and data.lat is not None:
        radius_m = data.radius_m if data.radius_m is not None else default_radius_m(data.precision)
        columns |= disc_columns(data.lon, data.lat, radius_m or 0.0)
    return columns | {"supersedes_id": None}, {"source_id": data.source, "report_id": data.report}


def _attribution(record: Record, where: str) -> tuple[Columns, Pointers]:
    data = _read(AttributionInput, record, where)
    pointers = {"organisation_id": data.organisation, "by_id": data.by, "report_id": data.report}
    return attributions.attribution_columns(data), pointers


def _grading(record: Record, where: str) -> tuple[Columns, Pointers]:
    data = _read(GradingInput, record, where)
    return attributions.grading_columns(data), {"by_id": data.by, "report_id": data.report}


def _statement(record: Record, where: str) -> tuple[Columns, Pointers]:
    data = _read(StatementInput, record, where)
    return records.statement_columns(data), {"organisation_id": data.by, "report_id": data.report}


def _steps(thread: Record) -> list[StepInput]:
    shared = {name: thread[name] for name in ("authority", "process")}
    found = []
    for number, step in enumerate(thread["steps"], start=1):
        plain = shared | {name: value for name, value in step.items() if name != "number"}
        with placed(f"investigation of {thread['authority']}, step {number}"):
            data = validated(StepInput, plain, where="members")
            investigations.step_columns(data)
            found.append(data)
    return found


def _read(model: type[Any], record: Record, where: str) -> Any:
    checked: Input = validated(model, record, where=where)
    return checked


def resolve(checked: Checked, names: Names) -> Planned:
    """The row as rows of tables; the organisations and reports that it names are looked up, or recorded.

    Raises:
        InputError, ConflictError: one of them cannot be recorded, or two investigations turn out to be of one body.
    """
    names.record_organisations(checked.organisations())
    authorities = [names.organisation(text) for text in checked.threads]
    if len(set(authorities)) < len(authorities):
        why = "Two assessments of the row are of one organisation: together they would be a history that nobody told."
        fix = "Record them by hand with: incidents status set; or leave one out."
        raise InputError("two_assessments", why, where="belligerents", fix=fix)
    for report in checked.reports:
        names.record_report(report)
    parts = {
        table: [columns | _ids(pointers, names) for columns, pointers in rows] for table, rows in checked.parts.items()
    }
    return Planned(checked, parts, names.report(checked.page))


def _ids(pointers: Pointers, names: Names) -> Columns:
    return {
        column: None if text is None else names.report(text) if column == "report_id" else names.organisation(text)
        for column, text in pointers.items()
    }


def name_columns(incident_id: int, name: str) -> Columns:
    """A name of the incident, with the key it is found by."""
    found = {"incident_id": incident_id, "name": name, "folded": fold(name)}
    return found | {"language": None, "script": script_of(name)}


def claim_code(code: str, number: int) -> str:
    """The code of a claim that restates another; the first has no number."""
    end = f"-{number}"
    return code if number == 1 else f"{code[: SHORT - len(end)]}{end}"
