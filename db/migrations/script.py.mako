"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}

One step, named, reversible or saying why not. Constraints are named by convention. Triggers are not
written here: db.triggers puts them back after every upgrade.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import db.types
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
