"""Organisations: sources, publishers, belligerents and authorities are one kind of thing."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import LINE, PARAGRAPH, SHORT, Recorded, Versioned, enum_field, limit, text_field
from db.vocabulary import MembershipKind, OrganisationKind


class Organisation(Versioned, table=True):
    """A body that says, does, publishes or investigates something.

    ``independence_group`` names the body whose word it is in the end: two articles that quote one source
    count once. Empty means that the organisation stands for itself.
    """

    __tablename__ = "organisation"
    __table_args__ = (limit("code", SHORT), limit("name", LINE))

    code: str = text_field(SHORT, unique=True)
    name: str = text_field(LINE)
    kind: OrganisationKind = enum_field(OrganisationKind, "kind")
    independence_group: str | None = text_field(SHORT, nullable=True)
    note: str | None = text_field(PARAGRAPH, nullable=True)


class OrganisationAlias(Recorded, table=True):
    """Another name of an organisation, in any script; ``folded`` is the key it is found by."""

    __tablename__ = "organisation_alias"
    __table_args__ = (sa.UniqueConstraint("folded"), limit("name", LINE))

    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    name: str = text_field(LINE)
    folded: str = text_field(LINE)


class OrganisationMembership(Recorded, table=True):
    """``member_id`` is a member, or a part, of ``group_id``; the dates are those known."""

    __tablename__ = "organisation_membership"
    __table_args__ = (
        sa.UniqueConstraint("member_id", "group_id"),
        sa.CheckConstraint("member_id <> group_id", name="not_itself"),
        sa.CheckConstraint("start_date <= end_date", name="date_order"),
    )

    member_id: int = Field(foreign_key="organisation.id", index=True)
    group_id: int = Field(foreign_key="organisation.id", index=True)
    kind: MembershipKind = enum_field(MembershipKind, "kind")
    start_date: date | None = None
    end_date: date | None = None
