"""The administrative units that have a GeoNames code, so that a boundary can be told which one it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import metadata
from db.vocabulary import PlaceKind
from gazetteer.sources.recorded import recorded_governorates
from gazetteer.sources.store import PlaceRecord, match_key

Codes: TypeAlias = tuple[str | None, str | None]
"""First-order and second-order code."""

_PLACE, _NAME = metadata.tables["place"], metadata.tables["place_name"]


class KnownUnits:
    """First- and second-order units with codes: those of the database, and the hand-recorded governorates."""

    def __init__(self, session: Session) -> None:
        self._by_id: dict[tuple[PlaceKind, str], Codes] = {}
        self._preferred: dict[tuple[str | None, str | None], str] = {}
        self._by_name: dict[tuple[PlaceKind, str | None, str | None, str], set[Codes]] = {}
        for unit in recorded_governorates():
            self._preferred[(unit.country, unit.admin1)] = unit.name
            for name in (unit.name, *unit.names):
                self._add(PlaceKind.ADM1, unit.source_key, unit.country, (unit.admin1, None), match_key(name))
        columns = _PLACE.c
        query = (
            sa.select(columns.kind, columns.source_key, columns.country, columns.admin1, columns.admin2, _NAME.c.folded)
            .join(_NAME, _NAME.c.place_id == columns.id)
            .where(columns.kind.in_([PlaceKind.ADM1, PlaceKind.ADM2]), columns.admin1.is_not(None))
        )
        for row in session.execute(query):
            if row.kind is PlaceKind.ADM1 or row.admin2 is not None:
                self._add(row.kind, row.source_key, row.country, (row.admin1, row.admin2), row.folded)

    def _add(self, kind: PlaceKind, source_key: str, country: str | None, codes: Codes, folded: str) -> None:
        self._by_id[(kind, source_key)] = codes
        parent = codes[0] if kind is PlaceKind.ADM2 else None
        self._by_name.setdefault((kind, country, parent, folded), set()).add(codes)

    def coded(self, record: PlaceRecord, geonames_id: str | None) -> PlaceRecord:
        """``record``, a unit, with the codes of the known unit of that GeoNames id, else of one of its names.

        A name is only believed within the country (a district's: within its governorate), and where all its
        names lead to one unit. Other codes in a file are not: in the Iraqi one Halabja has Sulaymaniyah's. A
        hand-recorded governorate keeps its name, the file's ("Days Az Zawr") becomes another of its names.
        """
        codes = self._by_id.get((record.kind, geonames_id)) if geonames_id is not None else None
        if codes is None and record.country is not None:
            parent = record.admin1 if record.kind is PlaceKind.ADM2 else None
            keys = {(record.kind, record.country, parent, match_key(name)) for name in (record.name, *record.names)}
            found = set().union(*(self._by_name.get(key, set()) for key in keys))
            codes = found.pop() if len(found) == 1 else None
        if codes is None:
            return record
        first, second = codes
        if record.kind is PlaceKind.ADM2:
            return replace(record, admin1=first, admin2=second, admin2_name=record.name)
        name = self._preferred.get((record.country, first), record.name)
        names = [record.name, *record.names]
        return replace(record, name=name, names=names, admin1=first, admin1_name=name)
