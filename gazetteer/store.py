"""Places into the database, in bulk, whichever source they come from.

A place is known by source and key. One that is there already is compared: equal is left alone, different is
edited (the journal keeps what it was), and only names it lacks are added. Nothing is deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from db.session import change_set_id
from db.tables import Place, PlaceName
from db.tables.base import LINE
from db.vocabulary import PlaceKind
from gazetteer.folding import fold, script_of, strip_feature_words

BATCH = 1_000  # places to a statement: under SQLite's 32,766 variables, and little memory

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


def match_key(name: str) -> str:
    """The key under which a name is stored and looked up: folded, without words for the kind of place.

    "Aleppo governorate" and "Aleppo" have one key; which of them is meant is decided on the candidates. A
    name has one row, and what the stripping lost is found again by folding the name itself.
    """
    return strip_feature_words(fold(name))


def clean_name(name: str) -> str:
    """``name`` without invisible marks (direction, zero width) and with single blanks."""
    return " ".join(_MARKS.sub("", name).split())


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
        self._next_id = session.execute(sa.select(sa.func.coalesce(sa.func.max(Place.id), 0))).scalar_one() + 1

    def write(self, records: Sequence[PlaceRecord]) -> list[Written]:
        """Store ``records``, at most some thousands at a time.

        Returns:
            For each what became of it, in order. ``REPEATED`` is a key that this change set already has:
            it is not taken, because nothing says which of two rows of one file is right.
        """
        present = self._present(records)
        seen: dict[tuple[str, str], int] = {}
        verdicts, new, edits, names = [], [], [], []
        for record in records:
            identity = (record.source, record.source_key)
            row = present.get(identity)
            verdict = Written.REPEATED if identity in seen else self._judge(record, row)
            verdicts.append(verdict)
            if verdict is Written.REPEATED:
                continue
            if row is None:
                seen[identity] = place_id = self._take_id()
                new.append({"id": place_id, "change_set_id": self._change_set, **record.columns()})
            else:
                seen[identity] = place_id = row["id"]
            if verdict is Written.SUPERSEDED:
                edits.append(_edit(record, place_id))
            names.append((place_id, record))
        self._insert(new, edits)
        self._add_names(names, {row["id"] for row in present.values()})
        return verdicts

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _present(self, records: Sequence[PlaceRecord]) -> dict[tuple[str, str], sa.RowMapping]:
        """The places that are there already, by source and key."""
        wanted: dict[str, list[str]] = {}
        for record in records:
            wanted.setdefault(record.source, []).append(record.source_key)
        columns = [getattr(Place, name) for name in ("id", "change_set_id", "source", "source_key", *_COMPARED)]
        found = {}
        for source, keys in wanted.items():
            query = sa.select(*columns).where(col(Place.source) == source, col(Place.source_key).in_(keys))
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
            self._session.execute(sa.insert(Place), new)
        if len(edits) > 0:
            values = {column: sa.bindparam(f"b_{column}") for column in _COMPARED}
            statement = (
                sa.update(_TABLE).where(_TABLE.c.id == sa.bindparam("b_id")).values(version=_TABLE.c.version + 1, **values)
            )
            self._session.connection().execute(statement, edits)

    def _add_names(self, places: list[tuple[int, PlaceRecord]], old: set[int]) -> None:
        """Add the names that the places lack; ``old`` are the ids of those that had names before."""
        known = self._known_names([place_id for place_id, _ in places if place_id in old])
        rows = []
        for place_id, record in places:
            taken = known.get(place_id, set())
            for name in _distinct((record.name, *record.names)):
                folded = match_key(name)
                if name not in taken and folded:
                    rows.append({
                        "change_set_id": self._change_set, "place_id": place_id, "name": name,
                        "folded": folded[:LINE], "language": None,
                    })  # fmt: skip
        if len(rows) > 0:
            self._session.execute(sa.insert(PlaceName), rows)

    def _known_names(self, place_ids: list[int]) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        query = sa.select(PlaceName.place_id, PlaceName.name).where(col(PlaceName.place_id).in_(place_ids))
        for place_id, name in self._session.execute(query) if place_ids else ():
            found.setdefault(place_id, set()).add(name)
        return found


_TABLE = sa.inspect(Place).local_table


def _edit(record: PlaceRecord, place_id: int) -> dict[str, Any]:
    return {"b_id": place_id} | {f"b_{column}": getattr(record, column) for column in _COMPARED}


def _distinct(names: Iterable[str]) -> list[str]:
    cleaned = (clean_name(name)[:LINE].rstrip() for name in names)
    return [name for name in dict.fromkeys(cleaned) if name]


def language_of(name: str) -> str | None:
    """``und-Arab`` and the like..."""
    return script_of(name)
