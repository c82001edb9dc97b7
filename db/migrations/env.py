"""Runs the migrations on the connection that :mod:`db.schema` hands over; never opens one itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from db.columns_postgres import GEOMETRY, GEOMETRY_INDEX
from db.tables import metadata

connection: sa.Connection = context.config.attributes["connection"]


SEARCH_INDEXES = ("search_words", "search_parts")
POSTGRESQL = connection.dialect.name == "postgresql"
if POSTGRESQL:
    # Registers the type of the geometry column, which reflecting a table would otherwise warn of.
    import geoalchemy2  # noqa: F401 - imported for what it registers


def is_ours(_item: Any, name: str | None, kind: str, reflected: bool, _compared: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    """Whether autogenerate may look at it.

    It may not at the indexes of the text search, PostGIS's own tables, and what :mod:`db.columns_postgres` adds; and
    PostgreSQL's truth values need no CHECK.
    """
    if name is None:
        return True
    if kind == "check_constraint" and not reflected:
        return not (POSTGRESQL and name.endswith("_boolean"))
    if kind == "table" and reflected:
        return not POSTGRESQL and not name.startswith(SEARCH_INDEXES)
    return not reflected or not (name in {GEOMETRY, GEOMETRY_INDEX} or name.startswith(SEARCH_INDEXES))


context.configure(
    connection=connection,
    target_metadata=metadata,
    include_object=is_ours,
    render_as_batch=True,
    compare_type=True,
    compare_server_default=True,
    # The whole upgrade is one transaction, begun and ended by db.schema, so that a failure leaves nothing.
    transactional_ddl=True,
    autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
)
with context.begin_transaction():
    context.run_migrations()
