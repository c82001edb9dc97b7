"""Runs the migrations on the connection that :mod:`db.schema` hands over; never opens one itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from db.tables import metadata

connection: sa.Connection = context.config.attributes["connection"]


def is_ours(_item: Any, name: str | None, _kind: str, reflected: bool, _compared: Any) -> bool:  # noqa: FBT001 - Alembic's signature
    """Whether autogenerate may look at it: the indexes of the text search are not in the metadata."""
    return not (reflected and name is not None and name.startswith(("search_words", "search_parts")))


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
