"""Access to a server: the tokens it accepts, and the answers it gave to writes that may be sent again."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import LINE, PAGE, SHORT, Recorded, Versioned, enum_field, flag_field, limit, text_field, time_field
from db.vocabulary import Role, Visibility


class AccessToken(Versioned, table=True):
    """Somebody's way in. The secret is shown once; ``sha256`` is that of its text.

    ``sees`` is how far the holder may see; whoever may record sees everything.
    """

    __tablename__ = "access_token"
    __table_args__ = (
        limit("name", SHORT),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_length"),
        sa.CheckConstraint("role = 'viewer' OR sees = 'internal'", name="recorder_sees_all"),
    )

    name: str = text_field(SHORT, unique=True)
    sha256: str = text_field(64, unique=True)
    role: Role = enum_field(Role, "role")
    sees: Visibility = enum_field(Visibility, "sees")
    expires: datetime | None = time_field(nullable=True)
    revoked: bool = flag_field("revoked_boolean", default=False)


class KeptAnswer(Recorded, table=True):
    """The answer to a write, by the idempotency key that its sender gave it; ``sha256`` is that of the request."""

    __tablename__ = "kept_answer"
    __table_args__ = (
        sa.UniqueConstraint("who", "idempotency_key"),
        sa.CheckConstraint("length(sha256) = 64", name="sha256_length"),
    )

    who: str = text_field(SHORT)
    idempotency_key: str = text_field(SHORT)
    sha256: str = text_field(64)
    status: int
    location: str | None = text_field(LINE, nullable=True)
    etag: str | None = text_field(SHORT, nullable=True)
    body: str = Field(sa_column=sa.Column(sa.String(PAGE), nullable=False))
