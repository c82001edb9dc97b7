"""a judgement may say that one event is part of another

Revision ID: 0005
Revises: 0004

One step, named, reversible or saying why not. Constraints are named by convention. Triggers are not
written here: db.triggers puts them back after every upgrade. The way back turns ``part_of``, which the schema before
cannot say, into ``unsure``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BEFORE = "verdict IN ('same', 'different', 'unsure', 'undecided')"
SINCE = "verdict IN ('same', 'different', 'unsure', 'undecided', 'part_of')"
KEPT = {
    "ck_judgement_id_positive": "id > 0",
    "ck_judgement_pair_order": "low_id < high_id",
    "ck_judgement_evidence_length": "length(trim(evidence)) >= 1 AND length(evidence) <= 4000",
}
OF_PART = {
    "ck_judgement_part_named": "(verdict = 'part_of') = (part_id IS NOT NULL)",
    "ck_judgement_part_in_pair": "part_id IN (low_id, high_id)",
}
COLUMNS = "id, change_set_id, low_id, high_id, verdict, evidence"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        part = sa.Column("part_id", sa.Integer(), sa.ForeignKey("incident.id", name="fk_judgement_part_id"))
        _make_anew(COLUMNS, KEPT | OF_PART | {"ck_judgement_verdict": SINCE}, part)
        op.create_index(op.f("ix_judgement_part_id"), "judgement", ["part_id"])
        return
    op.add_column("judgement", sa.Column("part_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_judgement_part_id"), "judgement", "incident", ["part_id"], ["id"])
    op.create_index(op.f("ix_judgement_part_id"), "judgement", ["part_id"])
    op.drop_constraint(op.f("ck_judgement_verdict"), "judgement", type_="check")
    for name, condition in (OF_PART | {"ck_judgement_verdict": SINCE}).items():
        op.create_check_constraint(op.f(name), "judgement", condition)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        said = COLUMNS.replace("verdict", "CASE verdict WHEN 'part_of' THEN 'unsure' ELSE verdict END")
        _make_anew(said, KEPT | {"ck_judgement_verdict": BEFORE})
        return
    for name in (*OF_PART, "ck_judgement_verdict"):
        op.drop_constraint(op.f(name), "judgement", type_="check")
    op.drop_column("judgement", "part_id")
    op.execute("UPDATE judgement SET verdict = 'unsure' WHERE verdict = 'part_of'")
    op.create_check_constraint(op.f("ck_judgement_verdict"), "judgement", BEFORE)


def _make_anew(said: str, checks: dict[str, str], *more: sa.Column[int]) -> None:
    """SQLite cannot alter a CHECK. Not in batch mode, which writes the constraints in an order that changes by run."""
    op.create_table(
        "judgement_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_set_id", sa.Integer(), nullable=False),
        sa.Column("low_id", sa.Integer(), nullable=False),
        sa.Column("high_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=40), nullable=False),
        sa.Column("evidence", sa.String(length=4000), nullable=False),
        *more,
        *(sa.CheckConstraint(condition, name=op.f(name)) for name, condition in checks.items()),
        sa.ForeignKeyConstraint(["change_set_id"], ["change_set.id"], name=op.f("fk_judgement_change_set_id")),
        sa.ForeignKeyConstraint(["high_id"], ["incident.id"], name=op.f("fk_judgement_high_id")),
        sa.ForeignKeyConstraint(["low_id"], ["incident.id"], name=op.f("fk_judgement_low_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgement")),
    )
    op.execute(f"INSERT INTO judgement_anew ({COLUMNS}) SELECT {said} FROM judgement")  # noqa: S608 - names of ours
    op.drop_table("judgement")
    op.rename_table("judgement_anew", "judgement")
    op.create_index(op.f("ix_judgement_change_set_id"), "judgement", ["change_set_id"])
    op.create_index(op.f("ix_judgement_high_id"), "judgement", ["high_id"])
    op.create_index("ix_judgement_pair", "judgement", ["low_id", "high_id", "id"])
