"""the derived read model

Revision ID: 0003
Revises: 0002

One step, named, reversible or saying why not. Constraints are named by convention. Triggers are not
written here: db.triggers puts them back after every upgrade. The rows are made by the next write session, since all
incidents are marked as touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from db.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEARCH = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search_words USING fts5(words, content='search_text', content_rowid='id', "
        "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* M* Co'\", prefix='2 3', detail='none')",
        # That of a schema before 0003; the table of spots stands in its place.
        "DROP TABLE IF EXISTS location_box",
    ),
    "postgresql": (
        "CREATE EXTENSION IF NOT EXISTS pg_trgm",
        "CREATE INDEX search_words ON search_text USING gin (array_to_tsvector(string_to_array(words, ' ')))",
        "CREATE INDEX search_parts ON search_text USING gin (names gin_trgm_ops)",
    ),
}

COUNTED = (
    "killed_total_people", "killed_civilian", "killed_child", "killed_woman", "killed_man", "killed_combatant",
    "killed_undetermined_status", "injured_total_people", "injured_civilian",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "touched",
        sa.Column("incident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_touched")),
    )
    op.create_table(
        "spot",
        sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("start", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("location_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tiers", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("stop", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("places", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("radius_m", sa.Float(), nullable=True),
        sa.Column("area_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("cell", "start", "incident_id", "location_id", "tiers", name=op.f("pk_spot")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_spot_order", "spot", ["start", "incident_id", "stop"])
    long = sa.text("stop - start > 3456000000000")
    op.create_index("ix_spot_long", "spot", ["start", "incident_id", "stop"], sqlite_where=long, postgresql_where=long)
    op.create_index(op.f("ix_spot_incident_id"), "spot", ["incident_id"])
    op.create_table(
        "search_text",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column("tiers", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_text")),
    )
    op.create_index(op.f("ix_search_text_incident_id"), "search_text", ["incident_id"])
    op.create_table(
        "fragment",
        sa.Column("incident_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("refs", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_fragment")),
    )
    op.create_table("summary", *_summary(), sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_summary")))
    op.create_index("ix_incident_order", "incident", ["start_utc", "id"])
    for statement in SEARCH[op.get_bind().dialect.name]:
        op.execute(statement)
    op.execute("INSERT INTO touched (incident_id) SELECT 0 WHERE EXISTS (SELECT 1 FROM incident)")


def _summary() -> Iterator[sa.Column[Any]]:
    """The columns of the flat row of an incident."""
    yield sa.Column("incident_id", sa.Integer(), autoincrement=False, nullable=False)
    for name in ("code", "name", "names", "codes", "kind", "country", "edtf", "tz", "time_precision", "part_of_day"):
        yield sa.Column(name, sa.Text(), nullable=True)
    yield sa.Column("time_words", sa.Text(), nullable=True)
    for name in ("start_utc", "end_utc"):
        yield sa.Column(name, UtcDateTime(), nullable=True)
    for name in ("civilian_harm_reported", "strike_status", "visibility"):
        yield sa.Column(name, sa.Text(), nullable=True)
    for name in ("lon", "lat", "radius_m"):
        yield sa.Column(name, sa.Float(), nullable=True)
    for name in (
        "precision",
        "method",
        "geoprivacy",
        "place_name",
        "place_words",
        "location_source",
        "location_report",
    ):
        yield sa.Column(name, sa.Text(), nullable=True)
    yield sa.Column("locations", sa.Integer(), nullable=True)
    for name in ("event", "same_as"):
        yield sa.Column(name, sa.Text(), nullable=True)
    for about in COUNTED:
        yield sa.Column(f"{about}_text", sa.Text(), nullable=True)
    for name in ("status", "grading", "belligerents", "sources"):
        yield sa.Column(name, sa.Text(), nullable=True)
    yield sa.Column("ranges", sa.LargeBinary(), nullable=True)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_index("ix_incident_order", "incident")
    for table in ("summary", "fragment", "search_text", "spot", "touched"):
        op.drop_table(table)
