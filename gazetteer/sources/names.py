"""Names of places into the database, in bulk: what is there is completed, never overwritten, and nothing is deleted."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlmodel import Session

from db.session import change_set_id
from db.tables import metadata
from db.tables.base import LINE
from db.vocabulary import NameKind
from gazetteer.folding import fold, strip_feature_words
from gazetteer.search.sound import sound_key

_TABLE = metadata.tables["place_name"]
_MARKS = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_READ = 10_000  # places whose names are read with one statement: under SQLite's 32,766 variables
_Held: TypeAlias = dict[str, Any]


@lru_cache(maxsize=4096)
def match_key(name: str) -> str:
    """The key under which a name is stored and looked up: folded, without words for the kind of place.

    "Aleppo governorate" and "Aleppo" have one key; which of them is meant is decided on the candidates. A
    name has one row, and what the stripping lost is found again by folding the name itself.
    """
    return strip_feature_words(fold(name))


def clean_name(name: str) -> str:
    """``name`` without invisible marks (direction, zero width) and with single blanks."""
    return " ".join(_MARKS.sub("", name).split())


class Named(StrEnum):
    """What became of a name that was handed in."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class NameRecord:
    """A name of a stored place.

    Args:
        place_id: row of the place.
        name: as written; invisible marks are dropped, and it is cut to the width of its column.
        language: ISO 639 code; None where the source does not say.
        kind: what the name is to the place.
        source: who gave it, or where it was read; None where that is the source of the place.
        withdrawn: store it as withdrawn, because a person withdrew it from the same place in another source.
    """

    place_id: int
    name: str
    language: str | None = None
    kind: NameKind = NameKind.NAME
    source: str | None = None
    withdrawn: bool = False


class NameWriter:
    """Writes names of places in one session.

    Args:
        session: an open write session.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._change_set = change_set_id(session)

    def write(self, records: Sequence[NameRecord], *, fresh: Collection[int] = frozenset()) -> list[Named]:
        """Store ``records``.

        A name that is there gets the language and the kind that were not known of it; one that a person withdrew
        stays withdrawn.

        Args:
            records: at most some ten thousand.
            fresh: ids of places that were made just now and have no names yet.

        Returns:
            For each what became of it, in order. ``EMPTY`` is a name of nothing but marks and punctuation.
        """
        places = {record.place_id for record in records if record.place_id not in fresh}
        held = self._held(sorted(places))
        new: list[_Held] = []
        edited: dict[int, _Held] = {}
        verdicts = [self._name(record, held, new, edited) for record in records]
        if len(new) > 0:
            self._session.connection().execute(sa.insert(_TABLE), new)
        if len(edited) > 0:
            values: dict[str, Any] = {column: sa.bindparam(f"b_{column}") for column in ("language", "kind", "source")}
            edit = sa.update(_TABLE).where(_TABLE.c.id == sa.bindparam("b_id"))
            rows = [{f"b_{name}": row[name] for name in ("id", *values)} for row in edited.values()]
            self._session.connection().execute(edit.values(version=_TABLE.c.version + 1, **values), rows)
        return verdicts

    def _name(
        self, record: NameRecord, held: dict[tuple[int, str], _Held], new: list[_Held], edited: dict[int, _Held]
    ) -> Named:
        name = clean_name(record.name)[:LINE].rstrip()
        row = held.get((record.place_id, name))
        if row is None:
            row = self._new_row(record, name)
            if row is None:
                return Named.EMPTY
            held[(record.place_id, name)] = row
            new.append(row)
            return Named.ADDED
        if row["withdrawn"]:
            return Named.WITHDRAWN
        if not _complete(row, record):
            return Named.UNCHANGED
        if "id" in row:
            edited[row["id"]] = row
        return Named.COMPLETED

    def _new_row(self, record: NameRecord, name: str) -> _Held | None:
        """The row of a new name; None where nothing is left of it."""
        folded = match_key(name)
        if folded == "":
            return None
        return {
            "change_set_id": self._change_set, "place_id": record.place_id, "name": name, "folded": folded[:LINE],
            "sound": sound_key(name)[:LINE], "language": record.language, "kind": record.kind, "source": record.source,
            "withdrawn": record.withdrawn,
        }  # fmt: skip

    def _held(self, places: Sequence[int]) -> dict[tuple[int, str], _Held]:
        """The names that are there, by place and name."""
        columns = [_TABLE.c[name] for name in ("id", "place_id", "name", "language", "kind", "source", "withdrawn")]
        found = {}
        for start in range(0, len(places), _READ):
            query = sa.select(*columns).where(_TABLE.c.place_id.in_(places[start : start + _READ]))
            for row in self._session.execute(query).mappings():
                found[(row["place_id"], row["name"])] = dict(row)
        return found


def _complete(row: _Held, record: NameRecord) -> bool:
    """Put into ``row`` what ``record`` knows more; whether that was anything."""
    # A code that is also a name stays a name, or the order of two imports would tell which it is.
    kind = row["kind"] is NameKind.NAME and record.kind not in (NameKind.NAME, NameKind.CODE)
    language = row["language"] is None and record.language is not None
    if kind:
        row["kind"] = record.kind
        row["source"] = row["source"] or record.source
    if language:
        row["language"] = record.language
    return kind or language
