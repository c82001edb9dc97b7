"""Places into the database, in bulk, whichever source they come from.

A place is known by source and key. One that is there already is compared: equal is left alone, different is
edited (the journal keeps what it was), and only names it lacks are added. Nothing is deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlmodel import Session

from db.session import change_set_id
from db.tables import metadata
from db.tables.base import LINE
from db.vocabulary import PlaceKind
from gazetteer.folding import fold, strip_feature_words

Identity: TypeAlias = tuple[str, str]
"""Source and key."""

BATCH = 1_000  # places to a statement: under SQLite's 32,766 variables, and little memory

_TABLE, _NAMES = metadata.tables["place"], metadata.tables["place_name"]
_MARKS = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_COMPARED = ("name", "kind", "feature_code", "country", "admin1", "admin2", "lon", "lat", "radius_m", "area_id",
             "population", "licence")  # fmt: skip
_FILLED = ("admin1_name", "admin2_name")


class Written(StrEnum):
    """What became of a place that was handed in."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A place as a source gives it; the fields are those of `db.tables.Place`, with all its names.

    Args:
        names: other names in any script, as written; doubles and blanks are passed over.
        lon: degrees.
        lat: degrees.
        radius_m: metres; None where only a point is known or ``area_id`` gives the extent.
    """

    source: str
    source_key: str
    name: str
    kind: PlaceKind
    lon: float
    lat: float
    names: Sequence[str] = ()
    feature_code: str | None = None
    country: str | None = None
    admin1: str | None = None
    admin1_name: str | None = None
    admin2: str | None = None
    admin2_name: str | None = None
    radius_m: float | None = None
    area_id: int | None = None
    population: int | None = None
    licence: str | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of the place row."""
        columns = ("source", "source_key", *_COMPARED, *_FILLED)
        return {column: getattr(self, column) for column in columns}


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


@dataclass
class _Batch:
    """What one call of :meth:`PlaceWriter.write` has gathered."""

    seen: dict[Identity, PlaceRecord] = field(default_factory=dict)
    new: list[dict[str, Any]] = field(default_factory=list)
    edits: list[dict[str, Any]] = field(default_factory=list)
    named: list[tuple[int, PlaceRecord]] = field(default_factory=list)


class PlaceWriter:
    """Writes places of one or several sources in one session.

    Args:
        session: an open write session; ids are given out here, which its lock makes safe.
        keep: leave a place that is there as it is, whatever the record says, and only add names.
    """

    def __init__(self, session: Session, *, keep: bool = False) -> None:
        self._session = session
        self._change_set = change_set_id(session)
        self._keep = keep
        last = session.execute(sa.select(sa.func.max(_TABLE.c.id))).scalar_one_or_none()
        self._next_id = 1 if last is None else int(last) + 1

    def write(self, records: Sequence[PlaceRecord]) -> list[Written]:
        """Store ``records``, at most some thousands at a time.

        Returns:
            For each what became of it, in order. ``REPEATED`` is a key that this change set already has with
            other content: it is not taken, because nothing says which of two rows of one file is right.
        """
        present = self._present(records)
        batch = _Batch()
        verdicts = [self._place(record, present, batch) for record in records]
        self._insert(batch.new, batch.edits)
        self._add_names(batch.named, {row["id"] for row in present.values()})
        return verdicts

    def _place(self, record: PlaceRecord, present: dict[Identity, sa.RowMapping], batch: _Batch) -> Written:
        """Judge one record and put it where it belongs in the batch."""
        identity = (record.source, record.source_key)
        if identity in batch.seen:
            return Written.UNCHANGED if batch.seen[identity] == record else Written.REPEATED
        row = present.get(identity)
        verdict = self._judge(record, row)
        if verdict is Written.REPEATED:
            return verdict
        batch.seen[identity] = record
        place_id = self._take_id() if row is None else int(row["id"])
        if verdict is Written.ADDED:
            batch.new.append({"id": place_id, "change_set_id": self._change_set, **record.columns()})
        if verdict is Written.SUPERSEDED:
            batch.edits.append(_edit(record, place_id))
        batch.named.append((place_id, record))
        return verdict

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _present(self, records: Sequence[PlaceRecord]) -> dict[Identity, sa.RowMapping]:
        """The places that are there already, by source and key."""
        wanted: dict[str, list[str]] = {}
        for record in records:
            wanted.setdefault(record.source, []).append(record.source_key)
        columns = [_TABLE.c[name] for name in ("id", "change_set_id", "source", "source_key", *_COMPARED)]
        found = {}
        for source, keys in wanted.items():
            query = sa.select(*columns).where(_TABLE.c.source == source, _TABLE.c.source_key.in_(keys))
            for row in self._session.execute(query).mappings():
                found[(row["source"], row["source_key"])] = row
        return found

    def _judge(self, record: PlaceRecord, row: sa.RowMapping | None) -> Written:
        if row is None:
            return Written.ADDED
        if self._keep or all(row[column] == getattr(record, column) for column in _COMPARED):
            return Written.UNCHANGED
        return Written.REPEATED if row["change_set_id"] == self._change_set else Written.SUPERSEDED

    def _insert(self, new: list[dict[str, Any]], edits: list[dict[str, Any]]) -> None:
        if len(new) > 0:
            self._session.connection().execute(sa.insert(_TABLE), new)
        if len(edits) > 0:
            values: dict[str, Any] = {column: sa.bindparam(f"b_{column}") for column in _COMPARED}
            edit = sa.update(_TABLE).where(_TABLE.c.id == sa.bindparam("b_id"))
            self._session.connection().execute(edit.values(version=_TABLE.c.version + 1, **values), edits)

    def _add_names(self, places: list[tuple[int, PlaceRecord]], old: set[int]) -> None:
        """Add the names that the places lack; ``old`` are the ids of those that had names before."""
        known = self._known_names([place_id for place_id, _ in places if place_id in old])
        rows = []
        for place_id, record in places:
            taken = known.get(place_id, set())
            for name in _distinct((record.name, *record.names)):
                folded = "" if name in taken else match_key(name)
                if folded:
                    rows.append({
                        "change_set_id": self._change_set, "place_id": place_id, "name": name,
                        "folded": folded[:LINE], "language": None,
                    })  # fmt: skip
        if len(rows) > 0:
            self._session.connection().execute(sa.insert(_NAMES), rows)

    def _known_names(self, place_ids: list[int]) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        query = sa.select(_NAMES.c.place_id, _NAMES.c.name).where(_NAMES.c.place_id.in_(place_ids))
        for place_id, name in self._session.execute(query) if place_ids else ():
            found.setdefault(place_id, set()).add(name)
        return found


def _edit(record: PlaceRecord, place_id: int) -> dict[str, Any]:
    return {"b_id": place_id} | {f"b_{column}": getattr(record, column) for column in _COMPARED}


def _distinct(names: Iterable[str]) -> list[str]:
    cleaned = (clean_name(name)[:LINE].rstrip() for name in names)
    return [name for name in dict.fromkeys(cleaned) if name]
