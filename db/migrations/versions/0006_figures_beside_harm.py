"""a claim may count an authority's reports, or be a figure beside harm

Revision ID: 0006
Revises: 0005

One step, named, reversible or saying why not. Constraints are named by convention. Triggers are not
written here: db.triggers puts them back after every upgrade. The way back is refused while a claim uses one of the new
words, which the schema before cannot say.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OUTCOMES = (
    "'killed', 'injured', 'missing', 'detained', 'displaced', 'casualties', 'incidents', 'massacres', "
    "'attacks_on_facilities'"
)
NEW_OUTCOMES = (
    "'reports_open', 'reports_received', 'reports_reopened', 'reports_closed', 'reports_credible', "
    "'reports_non_credible', 'reports_duplicate', 'context'"
)
CATEGORIES = (
    "'total_people', 'civilian', 'child', 'woman', 'man', 'combatant', 'undetermined_status', 'event', 'bridge'"
)
NEW_CATEGORIES = "'report', 'other'"
BEFORE = {"outcome": f"outcome IN ({OUTCOMES})", "category": f"category IN ({CATEGORIES})"}
SINCE = {
    "outcome": f"outcome IN ({OUTCOMES}, {NEW_OUTCOMES})",
    "category": f"category IN ({CATEGORIES}, {NEW_CATEGORIES})",
}


def upgrade() -> None:
    _exchange(BEFORE, SINCE)


def downgrade() -> None:
    using = f"outcome IN ({NEW_OUTCOMES}) OR category IN ({NEW_CATEGORIES})"
    held = op.get_bind().execute(sa.text(f"SELECT count(*) FROM claim WHERE {using}")).scalar_one()  # noqa: S608 - words of ours
    if held > 0:
        raise ValueError(f"{held} claims count reports or are context; the schema before cannot hold them")
    _exchange(SINCE, BEFORE)


def _exchange(old: dict[str, str], new: dict[str, str]) -> None:
    if op.get_bind().dialect.name != "sqlite":
        for column, condition in new.items():
            op.drop_constraint(op.f(f"ck_claim_{column}"), "claim", type_="check")
            op.create_check_constraint(op.f(f"ck_claim_{column}"), "claim", condition)
        return
    # A CHECK is only text of the schema. To make the table anew, as SQLite else asks, would copy a million claims.
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    for column, condition in new.items():
        changed = connection.exec_driver_sql(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) "
            "WHERE type = 'table' AND name = 'claim' AND instr(sql, ?) > 0",
            (old[column], condition, old[column]),
        )
        if changed.rowcount != 1:
            raise ValueError(f"the schema of claim has no CHECK of {column} as 0001 made it")
    connection.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")
