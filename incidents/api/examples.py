"""A change of each kind as the API's document shows it; every source and incident in them is made up."""

from __future__ import annotations

from typing import Any

SOURCE = {"source": "monitor", "report": "monitor-1"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "IncidentInput": {"code": "bridge", "name": "The bridge", "start": "2017-05-01", "country": "SY"},
    "IncidentEdit": {"name": "The bridge at the market", "kind": "airstrike"},
    "LocationInput": SOURCE | {"lon": 38.2, "lat": 36.1, "precision": "exact", "method": "geolocated"},
    "GradingInput": {"grading": "weak", "by": "echo", "why": "One source."},
    "StepInput": {"authority": "coalition", "state": "open", "taken": "2019-01-02", "why": "Reopened."},
    "AttributionInput": {
        "organisation": "air-arm", "strength": "likely", "by": "echo", "report": "monitor-1", "stated": "2017-03-24",
    },
    "StatementInput": {"by": "echo", "report": "monitor-1", "words": "It was dark."},
    "ClaimInput": SOURCE | {
        "incident": "market", "outcome": "killed", "category": "civilian", "words": "at least 50",
        "stated": "2017-03-24",
    },
    "JudgementInput": {"first": "market", "second": "clinic", "verdict": "different", "evidence": "Another day."},
    "ReportInput": {
        "code": "echo-2", "publisher": "echo", "title": "A second report", "url": "https://echo.example/2",
        "published": "2017-03-25",
    },
    "OrganisationInput": {"code": "council", "name": "The Council", "kind": "government", "aliases": ["المجلس"]},
    "Withdrawal": {"on": "2018-01-01", "why": "Counted twice."},
    "Removal": {},
}  # fmt: skip
"""By the name of the input, what it may say of the records of a small ledger."""
