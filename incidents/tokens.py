"""Tokens: who may use a server, as what, and until when. The secret is shown once and kept only as its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from pydantic import Field
from sqlmodel import Session, select

from db.errors import ConflictError, InputError, NotFoundError
from db.tables import AccessToken
from db.types import utc_now
from db.vocabulary import Role, Visibility
from incidents.inputs import Code, Input
from incidents.tiers import Tier

PREFIX = "iat_"
"""What every token begins with, so that one that was published by mistake can be searched for."""
RECORDERS = frozenset({Role.EDITOR, Role.ADMIN})


class TokenInput(Input):
    """A token for one person or program.

    ``tier`` is what a viewer may see. Editors and admins see everything: whoever records has to see what is
    recorded, or would record it twice, and learn of what is hidden from each refusal.
    """

    name: Code
    role: Role = Role.VIEWER
    tier: Tier | None = None
    days: int | None = Field(default=None, ge=1, le=3650, strict=True)


@dataclass(frozen=True)
class Holder:
    """Who holds a token, and what it allows."""

    name: str
    role: Role
    tier: Tier


def create_token(session: Session, data: TokenInput) -> str:
    """Record a token; the text returned is not kept and cannot be had again.

    Raises:
        ConflictError: the name is taken.
        InputError: an editor or admin of a lesser tier.
    """
    if session.exec(select(AccessToken).where(AccessToken.name == data.name)).first() is not None:
        raise ConflictError(
            "duplicate_name", "A token has this name.", got=data.name, fix="Choose another: names are not used twice."
        )
    tier = data.tier or (Tier.INTERNAL if data.role in RECORDERS else Tier.PUBLIC)
    if data.role in RECORDERS and tier is not Tier.INTERNAL:
        raise InputError(
            "recorder_sees_all",
            "Whoever records has to see what is recorded, or would record it twice.",
            where="tier",
            got=tier.value,
            fix="Leave the tier out, or make the token one of a viewer.",
        )
    text = PREFIX + secrets.token_urlsafe(32)
    expires = None if data.days is None else utc_now() + timedelta(days=data.days)
    session.add(
        AccessToken(name=data.name, sha256=_digest(text), role=data.role, sees=Visibility(tier.value), expires=expires)
    )
    session.flush()
    return text


def revoke_token(session: Session, name: str) -> None:
    """Refuse the token called ``name`` from now on.

    Raises:
        NotFoundError: there is none.
        ConflictError: it is revoked already.
    """
    row = session.exec(select(AccessToken).where(AccessToken.name == name)).first()
    if row is None:
        raise NotFoundError(
            "unknown_token", "There is no token of this name.", got=name, fix="See: incidents token list"
        )
    if row.revoked:
        raise ConflictError("revoked_already", "The token is revoked already.", got=name)
    row.revoked = True
    session.add(row)
    session.flush()


def list_tokens(session: Session) -> list[AccessToken]:
    """Every token, in the order recorded."""
    return list(session.exec(select(AccessToken).order_by(AccessToken.id)).all())  # type: ignore[arg-type]  # a column


def holder_of(session: Session, text: str) -> Holder | None:
    """Who holds the token ``text``; None where it is unknown, revoked or expired."""
    row = session.exec(select(AccessToken).where(AccessToken.sha256 == _digest(text))).first()
    return None if row is None else _holder(row)


def holder_named(session: Session, name: str) -> Holder | None:
    """Who holds the token called ``name``; None where it is unknown, revoked or expired."""
    row = session.exec(select(AccessToken).where(AccessToken.name == name)).first()
    return None if row is None else _holder(row)


def has_admin(session: Session) -> bool:
    """Whether some token of an admin is accepted."""
    return any(row.role is Role.ADMIN and _holder(row) is not None for row in list_tokens(session))


def _holder(row: AccessToken) -> Holder | None:
    over = row.expires is not None and row.expires <= utc_now()
    return None if row.revoked or over else Holder(row.name, row.role, Tier(row.sees.value))


def _digest(text: str) -> str:
    """What is kept of a token. A plain digest: 256 random bits cannot be guessed, as a password can."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
