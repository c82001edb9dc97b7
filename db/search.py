"""The text search: FTS5 on SQLite, GIN over tsvector and trigrams on PostgreSQL; the words are folded by the caller.

The id of a text is eight times the incident's id plus the tiers that see it, so that neither has to be looked up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from db.bulk import insert_columns
from db.derived import among
from db.errors import InputError
from db.tables import metadata

TEXT = metadata.tables["search_text"]
NAMES = tuple(column.name for column in TEXT.columns)
TIER_BITS = 3
"""Bits of a text's id that hold its tiers."""

_BEGINNING = {
    "sqlite": "SELECT rowid >> 3 AS incident_id FROM search_words "
    "WHERE search_words MATCH :words AND rowid & :bit <> 0",
    "postgresql": "SELECT incident_id FROM search_text WHERE tiers & :bit <> 0 "
    "AND array_to_tsvector(string_to_array(words, ' ')) @@ CAST(:words AS tsquery)",
}
_HOLDING = {
    "sqlite": "SELECT incident_id FROM search_text WHERE tiers & :bit <> 0 AND instr(names, :part) > 0",
    "postgresql": "SELECT incident_id FROM search_text WHERE tiers & :bit <> 0 AND names LIKE :part",
}


def texts_with_words(session: Session, words: Sequence[str], bit: int) -> Any:
    """SQL: ids of the incidents in whose text, as the tier ``bit`` sees it, each of ``words`` begins a word.

    Args:
        session: an open session.
        words: folded words of letters, marks and digits; at least one.
        bit: 1, 2 or 4.

    Raises:
        InputError: the database is neither SQLite nor PostgreSQL.
    """
    dialect = _dialect(session)
    if dialect == "sqlite":
        asked = " AND ".join(f'"{word}" *' for word in words)
    else:
        asked = " & ".join(f"'{word}':*" for word in words)
    return _select(_BEGINNING[dialect], {"words": asked, "bit": bit})


def texts_with_part(session: Session, part: str, bit: int) -> Any:
    """SQL: ids of the incidents one of whose names or codes, as the tier ``bit`` sees them, holds ``part``.

    Args:
        session: an open session.
        part: a folded text.
        bit: 1, 2 or 4.

    Raises:
        InputError: the database is neither SQLite nor PostgreSQL.
    """
    dialect = _dialect(session)
    # A folded text has no sign that LIKE would take for a pattern.
    return _select(_HOLDING[dialect], {"part": part if dialect == "sqlite" else f"%{part}%", "bit": bit})


def put_texts(session: Session, keys: Sequence[int], rows: Sequence[tuple[Any, ...]]) -> None:
    """Replace the texts of the incidents ``keys``, ascending, by ``rows`` of the columns ``NAMES``."""
    old = stored_texts(session, keys)
    if old == sorted(rows):
        return
    fts = _dialect(session) == "sqlite"
    of_keys = sa.select(TEXT.c.id, TEXT.c.words).where(among(TEXT.c.incident_id, keys))
    index = sa.table("search_words", sa.column("search_words"), sa.column("rowid"), sa.column("words"))
    if len(old) > 0:
        if fts:
            gone = sa.select(sa.literal("delete"), *of_keys.selected_columns).where(among(TEXT.c.incident_id, keys))
            session.execute(sa.insert(index).from_select(["search_words", "rowid", "words"], gone))
        session.execute(sa.delete(TEXT).where(among(TEXT.c.incident_id, keys)))
    if len(rows) > 0:
        insert_columns(session, TEXT, dict(zip(NAMES, zip(*rows, strict=True), strict=True)))
    if fts:
        session.execute(sa.insert(index).from_select(["rowid", "words"], of_keys))


def empty_texts(session: Session) -> None:
    """Take all texts out."""
    session.execute(sa.delete(TEXT))
    if _dialect(session) == "sqlite":
        session.execute(sa.text("INSERT INTO search_words(search_words) VALUES ('delete-all')"))


def stored_texts(session: Session, keys: Sequence[int]) -> list[tuple[Any, ...]]:
    """The texts of the incidents ``keys``, ascending, as rows of the columns ``NAMES``, by id."""
    rows = session.execute(sa.select(TEXT).where(among(TEXT.c.incident_id, keys)).order_by(TEXT.c.id))
    return [tuple(row) for row in rows]


def _dialect(session: Session) -> str:
    dialect = session.get_bind().dialect.name
    if dialect not in _BEGINNING:
        raise InputError("unsupported_database", "The text search is written for SQLite and PostgreSQL.")
    return dialect


def _select(statement: str, values: Mapping[str, Any]) -> Any:
    return sa.text(statement).bindparams(**values).columns(sa.column("incident_id", sa.Integer))


def like(session: Session, column: Any, pattern: str) -> Any:
    """SQL: ``column`` is like ``pattern``, where % is any text, _ any character, and a backslash takes a sign as it is.

    Letters are told apart by their case; SQLite's own LIKE does not.
    """
    if session.get_bind().dialect.name == "postgresql":
        return column.like(pattern, escape="\\")
    found = []
    for escaped, character in re.findall(r"(\\)?(.)", pattern, re.DOTALL):
        wild = {"%": "*", "_": "?"}.get(character)
        plain = f"[{character}]" if character in "*?[" else character
        found.append(wild if wild is not None and escaped == "" else plain)
    return column.op("GLOB", is_comparison=True)("".join(found))
