"""access to a server

Revision ID: 0004
Revises: 0003

One step, named, reversible or saying why not. Constraints are named by convention. Triggers are not
written here: db.triggers puts them back after every upgrade.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum("viewer", "editor", "admin", name="role", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "sees",
            sa.Enum(
                "public", "restricted", "internal", name="sees", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("expires", db.types.UtcDateTime(), nullable=True),
        sa.Column(
            "revoked",
            sa.Boolean(create_constraint=True, name="revoked_boolean"),
            server_default=sa.false(),
            nullable=False,
        ),
        sa.CheckConstraint("role = 'viewer' OR sees = 'internal'", name=op.f("ck_access_token_recorder_sees_all")),
        sa.CheckConstraint("id > 0", name=op.f("ck_access_token_id_positive")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_access_token_sha256_length")),
        sa.CheckConstraint("length(trim(name)) >= 1 AND length(name) <= 100", name=op.f("ck_access_token_name_length")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_access_token_change_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("name", name=op.f("uq_access_token_name")),
        sa.UniqueConstraint("sha256", name=op.f("uq_access_token_sha256")),
    )
    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_access_token_change_set_id"), ["change_set_id"], unique=False)

    op.create_table(
        "kept_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("idempotency_key", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=True),
        sa.Column("etag", sa.String(length=100), nullable=True),
        sa.Column("body", sa.String(length=100000), nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_kept_answer_id_positive")),
        sa.CheckConstraint("length(body) <= 100000", name=op.f("ck_kept_answer_body_length")),
        sa.CheckConstraint("length(etag) <= 100", name=op.f("ck_kept_answer_etag_length")),
        sa.CheckConstraint("length(idempotency_key) <= 100", name=op.f("ck_kept_answer_idempotency_key_length")),
        sa.CheckConstraint("length(location) <= 500", name=op.f("ck_kept_answer_location_length")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_kept_answer_sha256_length")),
        sa.CheckConstraint("length(who) <= 100", name=op.f("ck_kept_answer_who_length")),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_kept_answer_change_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answer")),
        sa.UniqueConstraint("who", "idempotency_key", name=op.f("uq_kept_answer_who_idempotency_key")),
    )
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_answer_change_set_id"), ["change_set_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_answer_change_set_id"))

    op.drop_table("kept_answer")
    with op.batch_alter_table("access_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_token_change_set_id"))

    op.drop_table("access_token")
