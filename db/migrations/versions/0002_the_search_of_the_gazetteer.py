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
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("corrected", sa.Boolean(name="corrected_boolean"), server_default=sa.text("0"), nullable=False)
        )
        batch_op.add_column(
            sa.Column("withdrawn", sa.Boolean(name="withdrawn_boolean"), server_default=sa.text("0"), nullable=False)
        )
        batch_op.create_check_constraint(batch_op.f("ck_place_corrected_boolean"), "corrected IN (0, 1)")
        batch_op.create_check_constraint(batch_op.f("ck_place_withdrawn_boolean"), "withdrawn IN (0, 1)")

    with op.batch_alter_table("place_name", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
        batch_op.add_column(sa.Column("sound", sa.String(length=500), nullable=True))
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum(
                    "name",
                    "preferred",
                    "short",
                    "colloquial",
                    "former",
                    "code",
                    "attested",
                    name="kind",
                    native_enum=False,
                    length=40,
                ),
                server_default=sa.text("'name'"),
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("source", sa.String(length=500), nullable=True))
        batch_op.add_column(
            sa.Column("withdrawn", sa.Boolean(name="withdrawn_boolean"), server_default=sa.text("0"), nullable=False)
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_place_name_kind"),
            "kind IN ('name', 'preferred', 'short', 'colloquial', 'former', 'code', 'attested')",
        )
        batch_op.create_check_constraint(batch_op.f("ck_place_name_source_length"), "length(source) <= 500")
        batch_op.create_check_constraint(batch_op.f("ck_place_name_withdrawn_boolean"), "withdrawn IN (0, 1)")


def downgrade() -> None:
    with op.batch_alter_table("place_name", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_place_name_withdrawn_boolean"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_place_name_source_length"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_place_name_kind"), type_="check")
        batch_op.drop_column("withdrawn")
        batch_op.drop_column("source")
        batch_op.drop_column("kind")
        batch_op.drop_column("sound")
        batch_op.drop_column("version")

    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_place_withdrawn_boolean"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_place_corrected_boolean"), type_="check")
        batch_op.drop_column("withdrawn")
        batch_op.drop_column("corrected")

    op.drop_table("place_unit")
    with op.batch_alter_table("service_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_answer_change_set_id"))

    op.drop_table("service_answer")
