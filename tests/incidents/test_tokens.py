"""Tokens: shown once, kept as a digest, refused when revoked or over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from db.errors import ConflictError, InputError, NotFoundError
from db.tables import AccessToken
from db.types import utc_now
from db.vocabulary import Role
from incidents.tiers import Tier
from incidents.tokens import (
    PREFIX,
    Holder,
    TokenInput,
    create_token,
    has_admin,
    holder_named,
    holder_of,
    list_tokens,
    revoke_token,
)


def test_a_token_is_known_by_its_text_which_is_not_kept(session: Session) -> None:
    text = create_token(session, TokenInput(name="a reader"))
    assert text.startswith(PREFIX)
    assert len(text) == len(PREFIX) + 43
    assert holder_of(session, text) == Holder("a reader", Role.VIEWER, Tier.PUBLIC) == holder_named(session, "a reader")
    assert text not in repr(session.exec(select(AccessToken)).one())
    assert holder_of(session, text + "x") is None


def test_two_tokens_differ_and_no_name_is_used_twice(session: Session) -> None:
    first, second = (create_token(session, TokenInput(name=name)) for name in ("one", "two"))
    assert first != second
    revoke_token(session, "one")
    with pytest.raises(ConflictError, match="duplicate_name"):
        create_token(session, TokenInput(name="one"))


def test_whoever_records_sees_everything(session: Session) -> None:
    create_token(session, TokenInput(name="an editor", role=Role.EDITOR))
    assert holder_named(session, "an editor") == Holder("an editor", Role.EDITOR, Tier.INTERNAL)
    with pytest.raises(InputError, match="recorder_sees_all"):
        create_token(session, TokenInput(name="another", role=Role.ADMIN, tier=Tier.RESTRICTED))


def test_a_revoked_token_is_refused(session: Session) -> None:
    text = create_token(session, TokenInput(name="an admin", role=Role.ADMIN))
    assert has_admin(session)
    revoke_token(session, "an admin")
    assert holder_of(session, text) is None
    assert not has_admin(session)
    assert [row.revoked for row in list_tokens(session)] == [True]
    with pytest.raises(ConflictError, match="revoked_already"):
        revoke_token(session, "an admin")
    with pytest.raises(NotFoundError, match="unknown_token"):
        revoke_token(session, "nobody")


def test_a_token_is_refused_when_its_days_are_over(session: Session) -> None:
    text = create_token(session, TokenInput(name="for a while", days=1))
    assert holder_of(session, text) is not None
    row = session.exec(select(AccessToken)).one()
    row.expires = utc_now() - timedelta(seconds=1)
    session.add(row)
    session.flush()
    assert holder_of(session, text) is None
