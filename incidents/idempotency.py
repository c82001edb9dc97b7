"""Writes that may be sent again: the answer to the first is kept, and given to all that follow."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from db.cells import clean_text
from db.errors import ConflictError, InputError
from db.tables import KeptAnswer
from db.tables.base import SHORT


@dataclass(frozen=True)
class Sent:
    """A write as it was sent: by whom, under which key, and the SHA-256 of all that it says."""

    who: str
    key: str
    sha256: str


def checked_key(text: str) -> str:
    """``text`` as a key.

    Raises:
        InputError: it is blank, too long, or holds what no key may.
    """
    key = clean_text(text, "Idempotency-Key", identifier=True, max_length=SHORT)
    if len(key.strip()) == 0:
        raise InputError("blank", "The key is blank.", where="Idempotency-Key")
    return key


def kept_answer(session: Session, sent: Sent) -> KeptAnswer | None:
    """The answer that was given to the same write; None where it was not sent before.

    Raises:
        ConflictError: another write was sent under the key.
    """
    query = select(KeptAnswer).where(KeptAnswer.who == sent.who, KeptAnswer.idempotency_key == sent.key)
    found = session.exec(query).first()
    if found is not None and found.sha256 != sent.sha256:
        raise ConflictError(
            "key_used", "Another change was sent under this key.", where="Idempotency-Key", got=sent.key,
            fix="Choose a new key for each change.",
        )  # fmt: skip
    return found


def keep_answer(
    session: Session, sent: Sent, *, status: int, body: str, location: str | None = None, etag: str | None = None
) -> None:
    """Keep the answer to ``sent`` in the transaction that makes the change."""
    session.add(
        KeptAnswer(
            who=sent.who, idempotency_key=sent.key, sha256=sent.sha256, status=status, body=body, location=location,
            etag=etag,
        )
    )  # fmt: skip
