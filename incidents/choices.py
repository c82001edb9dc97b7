"""The organisations to choose from in a filter: those that would find something, as a tier may know of them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import Attribution, Claim, Incident, Organisation, Report
from db.vocabulary import AttributionRole, OrganisationKind
from incidents.attributions import ACCUSING
from incidents.tiers import Tier, citable_row, seen

Choice = tuple[str, str]
"""Code and name."""


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def sources(session: Session, tier: Tier) -> list[Choice]:
    """The organisations that made a claim about an incident, by name."""
    return _choices(session, tier, Claim, _c(Claim.source_id) == Organisation.id)


def belligerents(session: Session, tier: Tier) -> list[Choice]:
    """The organisations that some source names as perpetrator, or as a side, by name."""
    return _choices(
        session,
        tier,
        Attribution,
        _c(Attribution.organisation_id) == Organisation.id,
        _c(Attribution.role).in_([AttributionRole.PERPETRATOR, AttributionRole.SIDE]),
        _c(Attribution.strength).in_(ACCUSING),
    )


def _choices(session: Session, tier: Tier, table: Any, *conditions: Any) -> list[Choice]:
    said = sa.exists(
        sa.select(table.id)
        .join(Report, _c(Report.id) == table.report_id)
        .join(Incident, _c(Incident.id) == table.incident_id)
        .where(*conditions, ~table.withdrawn, citable_row(tier), ~_c(Incident.withdrawn))
        .where(_c(Incident.visibility).in_(seen(tier)))
    )
    query = sa.select(_c(Organisation.code), _c(Organisation.name)).where(said).order_by(_c(Organisation.name))
    if tier is not Tier.INTERNAL:
        query = query.where(_c(Organisation.kind) != OrganisationKind.WITNESS)  # a witness is a person
    return [(code, name) for code, name in session.execute(query)]
