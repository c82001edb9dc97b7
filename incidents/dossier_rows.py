"""What dossiers are made of, as rows: one query a table, however many incidents are asked for.

A row holds the columns in the order that its query names them; :mod:`incidents.dossiers` unpacks it. Rows that cite
a report start with what they belong to (an incident, a thread of an investigation) and the report. Enumerations come
as the text they are stored as: a member is looked up in a dict in a tenth of the time that SQLAlchemy takes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import (
    Area,
    Attribution,
    ChangeSet,
    Claim,
    ClaimIncident,
    GradingRow,
    Incident,
    IncidentCode,
    IncidentName,
    IncidentReport,
    Investigation,
    InvestigationStep,
    Location,
    Report,
    Statement,
)
from incidents.tiers import Tier, as_seen, citable_row, current_location, seen

Rows = Sequence[tuple[Any, ...]]

_INCIDENT = (
    "id", "code", "name", "kind", "country", "start_utc", "end_utc", "tz", "time_precision", "window_kind",
    "part_of_day", "edtf", "time_words", "civilian_harm_reported", "strike_status", "visibility", "note",
    "withdrawn", "version",
)  # fmt: skip
_REPORT = (
    "id", "publisher_id", "code", "title", "url", "archive_url", "published", "published_end", "language", "licence",
    "citation",
)  # fmt: skip
_CLAIM = (
    "incident_id", "report_id", "source_id", "outcome", "category", "id", "code", "side_id", "subset_of_id",
    "supersedes_id", "bound", "minimum", "maximum", "words", "scope", "area", "period", "period_words", "stated",
    "stated_end", "as_of", "perpetrator_id", "strength", "locator", "note", "withdrawn", "withdrawn_on",
    "withdrawn_why", "version",
)  # fmt: skip
SUBJECT, KEY, REFERRING, STATED_END = slice(0, 5), 5, slice(6, 10), 19
"""In the row of a claim: where it stands and what it is about (incident, report, source, outcome, category), its id,
and its code, side, whole and predecessor."""
_LOCATION = (
    "precision", "method", "is_primary", "geoprivacy", "place_name", "place_words", "source_code", "note", "version",
)  # fmt: skip
_ATTRIBUTION = (
    "incident_id", "report_id", "organisation_id", "role", "strength", "by_id", "stated", "stated_end", "note",
    "withdrawn",
)  # fmt: skip
_GRADING = ("incident_id", "report_id", "id", "grading", "by_id", "graded", "graded_end", "why")
_THREAD = ("incident_id", "id", "authority_id", "process")
_STEP = (
    "investigation_id", "report_id", "id", "kind", "state", "taken", "taken_start", "taken_end", "reason",
    "corrects_id", "why", "note", "duplicate_of",
)  # fmt: skip
_STATEMENT = (
    "incident_id", "report_id", "organisation_id", "stated", "stated_end", "words", "uncertain_target",
)  # fmt: skip


def table_of(table: Any) -> sa.Table:
    """The Core table of a table class."""
    found: sa.Table = table.__table__
    return found


def _columns(table: Any, names: Sequence[str]) -> list[sa.ColumnElement[Any]]:
    """Columns by name; enumerations as the stored text."""
    columns = [table_of(table).c[name] for name in names]
    return [sa.type_coerce(one, sa.String()) if isinstance(one.type, sa.Enum) else one for one in columns]


KEYS: sa.BindParameter[Any] = sa.bindparam("keys", expanding=True)


class DossierRows:
    """The queries of one answer, made once and run for one batch after the other."""

    def __init__(self, session: Session, tier: Tier, as_of: datetime | None) -> None:
        self._session = session
        self._seen = _seen_queries(tier, as_of)

    def _run(self, query: sa.Select[Any], keys: Collection[int]) -> Rows:
        if len(keys) == 0:
            return []
        found: Any = self._session.execute(query, {"keys": list(keys)}).all()
        return found  # type: ignore[no-any-return]  # rows are typed as Any

    def incidents(self, keys: Collection[int]) -> Rows:
        """The incidents that the tier may see."""
        return self._run(self._seen.incidents, keys)

    def standing(self, keys: Collection[int]) -> dict[int, str]:
        """Code by id of the incidents that the tier may see and that were not withdrawn."""
        return dict(self._run(self._seen.standing, keys))

    def reports(self, keys: Collection[int]) -> Rows:
        """The reports that the tier may see."""
        return self._run(self._seen.reports, keys)

    def locations(self, keys: Collection[int]) -> Rows:
        """The current places of the incidents, as the tier may see them, in the order recorded."""
        return self._run(self._seen.locations, keys)

    def claims(self, keys: Collection[int]) -> Rows:
        """The claims of the incidents, in the order recorded."""
        return self._run(_CLAIMS, keys)

    def totals(self, keys: Collection[int]) -> Rows:
        """The claims about several incidents together; one more column holds the incident that is one of them."""
        return self._run(_TOTALS, keys)

    def names(self, keys: Collection[int]) -> Rows:
        """Incident, name, language and script."""
        return self._run(_NAMES, keys)

    def codes(self, keys: Collection[int]) -> Rows:
        """Incident, scheme, code and whether it is a former one."""
        return self._run(_CODES, keys)

    def links(self, keys: Collection[int]) -> Rows:
        """Incident and the report that it is linked to."""
        return self._run(_LINKS, keys)

    def attributions(self, keys: Collection[int]) -> Rows:
        """What was said of actors' parts, in the order recorded."""
        return self._run(_ATTRIBUTIONS, keys)

    def gradings(self, keys: Collection[int]) -> Rows:
        """The gradings, in the order recorded."""
        return self._run(_GRADINGS, keys)

    def threads(self, keys: Collection[int]) -> Rows:
        """The investigations, in the order recorded."""
        return self._run(_THREADS, keys)

    def steps(self, keys: Collection[int]) -> Rows:
        """The steps of the investigations ``keys`` in the order taken, with who recorded each, and when."""
        return self._run(_STEPS, keys)

    def statements(self, keys: Collection[int]) -> Rows:
        """What was said that is no figure, in the order recorded."""
        return self._run(_STATEMENTS, keys)


class _SeenQueries(NamedTuple):
    """The queries whose rows depend on the tier."""

    incidents: sa.Select[Any]
    standing: sa.Select[Any]
    reports: sa.Select[Any]
    locations: sa.Select[Any]


@lru_cache(maxsize=32)  # a statement that is kept is neither built nor looked at again: each change asks for them
def _seen_queries(tier: Tier, as_of: datetime | None) -> _SeenQueries:
    incident = table_of(Incident).c
    shown = incident.visibility.in_(seen(tier))
    return _SeenQueries(
        sa.select(*_columns(Incident, _INCIDENT)).where(incident.id.in_(KEYS), shown),
        sa.select(incident.id, incident.code).where(incident.id.in_(KEYS), shown, ~incident.withdrawn),
        sa.select(*_columns(Report, _REPORT)).where(table_of(Report).c.id.in_(KEYS), citable_row(tier)),
        _location_query(tier, as_of),
    )


def _of_incidents(table: Any, names: Sequence[str]) -> sa.Select[Any]:
    columns = table_of(table).c
    return sa.select(*_columns(table, names)).where(columns.incident_id.in_(KEYS)).order_by(columns.id)


def _total_query() -> sa.Select[Any]:
    claim, member = table_of(Claim).c, table_of(ClaimIncident).c
    return (
        sa.select(*_columns(Claim, _CLAIM), member.incident_id)
        .join_from(table_of(ClaimIncident), table_of(Claim), member.claim_id == claim.id)
        .where(member.incident_id.in_(KEYS))
        .order_by(claim.id)
    )


def _step_query() -> sa.Select[Any]:
    step, change = table_of(InvestigationStep).c, table_of(ChangeSet).c
    return (
        sa.select(*_columns(InvestigationStep, _STEP), change.who, change.at)
        .join_from(table_of(InvestigationStep), table_of(ChangeSet), change.id == step.change_set_id)
        .where(step.investigation_id.in_(KEYS))
        .order_by(step.taken_start, step.id)
    )


def _location_query(tier: Tier, as_of: datetime | None) -> sa.Select[Any]:
    lon, lat, radius_m, area = as_seen(tier)
    own, shape = table_of(Location).c, table_of(Area).c
    return (
        sa.select(
            own.incident_id, own.report_id, own.id, own.source_id, lon, lat, radius_m, shape.wkb,
            *_columns(Location, _LOCATION),
        )
        .outerjoin_from(table_of(Location), table_of(Area), shape.id == area)
        .where(own.incident_id.in_(KEYS), current_location(tier, as_of))
        .order_by(own.id)
    )  # fmt: skip


_CLAIMS = _of_incidents(Claim, _CLAIM)
_TOTALS = _total_query()
_NAMES = _of_incidents(IncidentName, ("incident_id", "name", "language", "script"))
_CODES = _of_incidents(IncidentCode, ("incident_id", "scheme", "code", "former"))
_LINKS = _of_incidents(IncidentReport, ("incident_id", "report_id"))
_ATTRIBUTIONS = _of_incidents(Attribution, _ATTRIBUTION)
_GRADINGS = _of_incidents(GradingRow, _GRADING)
_THREADS = _of_incidents(Investigation, _THREAD)
_STEPS = _step_query()
_STATEMENTS = _of_incidents(Statement, _STATEMENT)
