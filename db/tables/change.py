"""The journal: who changed what, when and why."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import LINE, PAGE, PARAGRAPH, SHORT, Table, limit, text_field, time_field


class ChangeSet(Table, table=True):
    """One unit of work: everything that one person did for one reason in one transaction.

    An inserted row points to its change set and needs no second copy; an import is one change set.
    """

    __tablename__ = "change_set"
    __table_args__ = (limit("who", SHORT), limit("why", PARAGRAPH))

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = time_field()
    who: str = text_field(SHORT)
    why: str = text_field(PARAGRAPH)
    tool: str = text_field(LINE)


class OpenChangeSet(Table, table=True):
    """The change set of the write transaction that is under way; empty between transactions.

    The triggers of :mod:`db.triggers` refuse any change while this table is empty, so raw SQL too has to
    say who and why.
    """

    __tablename__ = "open_change_set"
    __table_args__ = (sa.CheckConstraint("id = 1", name="singleton"),)

    id: int = Field(default=1, primary_key=True)
    change_set_id: int = Field(foreign_key="change_set.id")


class Change(Table, table=True):
    """An edit of one row: the row before and after as JSON objects, written by a trigger."""

    __tablename__ = "change"
    __table_args__ = (sa.Index("ix_change_table_name_row_id", "table_name", "row_id"),)

    id: int | None = Field(default=None, primary_key=True)
    change_set_id: int = Field(foreign_key="change_set.id", index=True)
    table_name: str = text_field(SHORT)
    row_id: int
    old: str = text_field(PAGE)
    new: str = text_field(PAGE)
