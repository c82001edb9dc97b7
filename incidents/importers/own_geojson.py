"""Our own GeoJSON back in: the incidents of an export with everything that it says it carries.

Each organisation, report, feature, total and judgement goes in through the function that a command calls, so
nothing gets in that a person could not have recorded. What is worked out (ranges, status, the window in UTC)
is not read; where the file's window or point no longer fits what it was worked out from, somebody edited the
wrong one, and the feature is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlmodel import Session, col, select

from db.errors import InputError
from db.strictjson import read_json
from db.tables import Incident, Judgement, JudgementReport, Organisation, OrganisationAlias, OrganisationMembership
from db.tables import Report
from incidents.claims import add_claim, withdraw_claim
from incidents.dossiers import dossier
from incidents.exports.geojson import FORMAT, point
from incidents.exports.masks import Mask, mask_for
from incidents.exports.properties import CARRIED, DERIVED, properties
from incidents.exports.records import geometry_record, instant
from incidents.exports.tables import organisation_record, report_record
from incidents.importers.carried import carried, difference, refuse_difference, unknown_keys
from incidents.importers.feature import add_feature
from incidents.importers.rows import Outcome, Rows
from incidents.organisations import OrganisationInput, add_organisation
from incidents.ranges import Rule
from incidents.reports import ReportInput, add_report
from incidents.same_event import JudgementInput, judge
from incidents.tiers import Tier
from incidents.windows import day_span
