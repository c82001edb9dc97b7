"""The tables, one file a noun. Importing this package registers all of them on ``metadata``."""

from db.tables.base import Recorded, Table, Versioned, metadata
from db.tables.change import Change, ChangeSet, OpenChangeSet
from db.tables.claim import Attribution, Claim, ClaimIncident, GradingRow
from db.tables.import_run import ImportRow, ImportRun
from db.tables.incident import Incident, IncidentCode, IncidentName, IncidentReport, Statement
from db.tables.investigation import Investigation, InvestigationStep
from db.tables.judgement import Judgement, JudgementReport
from db.tables.location import Area, Location
from db.tables.organisation import Organisation, OrganisationAlias, OrganisationMembership
from db.tables.place import Place, PlaceName
from db.tables.report import Report

__all__ = [
    "Area",
    "Attribution",
    "Change",
    "ChangeSet",
    "Claim",
    "ClaimIncident",
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
    "Location",
    "OpenChangeSet",
    "Organisation",
    "OrganisationAlias",
    "OrganisationMembership",
    "Place",
    "PlaceName",
    "Recorded",
    "Report",
    "Statement",
    "Table",
    "Versioned",
    "metadata",
]
