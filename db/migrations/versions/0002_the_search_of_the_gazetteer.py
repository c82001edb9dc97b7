"""the search of the gazetteer

Revision ID: 0002
Revises: 0001

One step, named, reversible or saying why not. Constraints are named by convention. Triggers are not
written here: db.triggers puts them back after every upgrade.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


KINDS = "'name', 'preferred', 'short', 'colloquial', 'former', 'code', 'attested'"
NEW_COLUMNS = (
    ("place", "corrected BOOLEAN DEFAULT 0 NOT NULL CONSTRAINT ck_place_corrected_boolean CHECK (corrected IN (0, 1))"),
    ("place", "withdrawn BOOLEAN DEFAULT 0 NOT NULL CONSTRAINT ck_place_withdrawn_boolean CHECK (withdrawn IN (0, 1))"),
    ("place_name", "version INTEGER DEFAULT 1 NOT NULL"),
    ("place_name", "sound VARCHAR(500)"),
    ("place_name", f"kind VARCHAR(40) DEFAULT 'name' NOT NULL CONSTRAINT ck_place_name_kind CHECK (kind IN ({KINDS}))"),
    ("place_name", "source VARCHAR(500) CONSTRAINT ck_place_name_source_length CHECK (length(source) <= 500)"),
    (
        "place_name",
        "withdrawn BOOLEAN DEFAULT 0 NOT NULL CONSTRAINT ck_place_name_withdrawn_boolean CHECK (withdrawn IN (0, 1))",
    ),
)


def upgrade() -> None:
    op.create_table(
        "service_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=100), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("asked_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("licence", sa.String(length=500), nullable=False),
        sa.Column("answer", sa.String(length=100000), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_service_answer_id_positive")),
        sa.CheckConstraint("length(answer) <= 100000", name=op.f("ck_service_answer_answer_length")),
        sa.CheckConstraint("length(licence) <= 500", name=op.f("ck_service_answer_licence_length")),
        sa.CheckConstraint("length(query) <= 500", name=op.f("ck_service_answer_query_length")),
        sa.CheckConstraint("length(service) <= 100", name=op.f("ck_service_answer_service_length")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_service_answer_change_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_answer")),
        sa.UniqueConstraint("service", "query", name=op.f("uq_service_answer_service_query")),
    )
    with op.batch_alter_table("service_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_answer_change_set_id"), ["change_set_id"], unique=False)

    op.create_table(
        "place_unit",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("adm1_id", sa.Integer(), nullable=True),
        sa.Column("adm2_id", sa.Integer(), nullable=True),
        sa.Column("adm3_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["adm1_id"], ["place.id"], name=op.f("fk_place_unit_adm1_id")),
        sa.ForeignKeyConstraint(["adm2_id"], ["place.id"], name=op.f("fk_place_unit_adm2_id")),
        sa.ForeignKeyConstraint(["adm3_id"], ["place.id"], name=op.f("fk_place_unit_adm3_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_place_unit_place_id")),
        sa.PrimaryKeyConstraint("place_id", name=op.f("pk_place_unit")),
    )
    # Not in batch mode: rebuilding the table of 235,000 places and its names takes long, adding a column none.
    for table, column in NEW_COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {_as_spoken(column)}")


def _as_spoken(column: str) -> str:
    """The column as the database at hand says it: PostgreSQL has truth values of its own, which need no CHECK."""
    if op.get_bind().dialect.name == "sqlite" or "BOOLEAN" not in column:
        return column
    return f"{column.split()[0]} BOOLEAN DEFAULT false NOT NULL"


def downgrade() -> None:
    for table, column in reversed(NEW_COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column.split()[0]}")
    op.drop_table("place_unit")
    with op.batch_alter_table("service_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_answer_change_set_id"))

    op.drop_table("service_answer")
