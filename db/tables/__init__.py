"""The tables, one file a noun. Importing this package registers all of them on ``metadata``."""

import sqlalchemy as sa

from db.tables.access import AccessToken, KeptAnswer
from db.tables.base import Recorded, Table, Versioned, limit, metadata
from db.tables.change import Change, ChangeSet, OpenChangeSet
from db.tables.claim import Attribution, Claim, ClaimIncident, GradingRow
from db.tables.derived import SUMMARY, Fragment, SearchText, Spot, Touched
from db.tables.import_run import ImportRow, ImportRun
from db.tables.incident import Incident, IncidentCode, IncidentName, IncidentReport, Statement
from db.tables.investigation import Investigation, InvestigationStep
from db.tables.judgement import Judgement, JudgementReport
from db.tables.location import Area, Location
from db.tables.organisation import Organisation, OrganisationAlias, OrganisationMembership
from db.tables.place import Place, PlaceName, PlaceUnit, ServiceAnswer
from db.tables.report import Report

__all__ = [
    "AccessToken",
    "Area",
    "Attribution",
    "Change",
    "ChangeSet",
    "Claim",
    "ClaimIncident",
    "Fragment",
    "GradingRow",
    "ImportRow",
    "ImportRun",
    "Incident",
    "IncidentCode",
    "IncidentName",
    "IncidentReport",
    "Investigation",
    "InvestigationStep",
    "Judgement",
    "JudgementReport",
    "KeptAnswer",
    "Location",
    "OpenChangeSet",
    "Organisation",
    "OrganisationAlias",
    "OrganisationMembership",
    "Place",
    "PlaceName",
    "PlaceUnit",
    "Recorded",
    "Report",
    "SearchText",
    "ServiceAnswer",
    "Spot",
    "Statement",
    "Table",
    "Touched",
    "Versioned",
    "metadata",
]

UNLIMITED = {
    "change.old",
    "change.new",
    "incident_name.folded",
    "organisation_alias.folded",
    "place_name.folded",
    "place_name.sound",
    "search_text.names",
    "search_text.words",
    *(f"summary.{column.name}" for column in SUMMARY.columns),
}
"""Texts that the product derives: a journal row must never fail, and folding makes some letters many."""


def _check_every_column() -> None:
    """Have the database check what every table owes: positive ids, and texts no longer than declared.

    SQLite's triggers see a new row whose id it has yet to choose as -1, so a row with that id would pass for
    the one being added.
    """
    for table in metadata.tables.values():
        names = {str(constraint.name) for constraint in table.constraints}
        if "id" in table.columns and table.name not in {"open_change_set", "search_text"}:
            table.append_constraint(sa.CheckConstraint("id > 0", name="id_positive"))
        for column in table.columns:
            length = None if isinstance(column.type, sa.Enum) else getattr(column.type, "length", None)
            checked = f"ck_{table.name}_{column.name}_length" in names or f"{column.name}_length" in names
            if length is not None and not checked and f"{table.name}.{column.name}" not in UNLIMITED:
                table.append_constraint(limit(column.name, length, blank=True))


_check_every_column()
