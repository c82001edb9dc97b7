"""The administrative units that are there already: which of them a boundary is, and which ones it lies in."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import sqlalchemy as sa
from sqlmodel import Session

from db.tables import metadata
from db.vocabulary import PlaceKind
from gazetteer.sources.recorded import recorded_governorates
from gazetteer.sources.store import PlaceRecord, match_key
from gazetteer.units import UnitLayer

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
            .where(columns.withdrawn.is_(False), _NAME.c.withdrawn.is_(False))
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


class UnitsAbove:
    """The polygons of the units that others lie in, read once for each level that is being imported.

    Args:
        session: an open session.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._level: PlaceKind | None = None
        self._layers: dict[PlaceKind, UnitLayer] = {}

    def place(self, record: PlaceRecord) -> PlaceRecord:
        """``record`` with the country, governorate and district that its point lies in."""
        if record.kind is not self._level:
            # The units of the level before were written meanwhile.
            self._level, self._layers = record.kind, {}
        if record.country is None:
            country = self._layer(PlaceKind.COUNTRY).one(record.lon, record.lat)
            record = replace(record, country=None if country is None else country.country)
        if record.kind is PlaceKind.ADM1:
            return record
        first = self._layer(PlaceKind.ADM1).one(record.lon, record.lat, record.country)
        if first is not None and first.admin1 is not None and first.country in (None, record.country or first.country):
            record = replace(
                record, country=record.country or first.country, admin1=first.admin1, admin1_name=first.name
            )
        if record.kind is PlaceKind.ADM2:
            return record
        second = self._layer(PlaceKind.ADM2).one(record.lon, record.lat, record.country)
        if second is None or second.country not in (None, record.country or second.country):
            return record
        return replace(record, admin2=second.admin2, admin2_name=second.name)

    def _layer(self, kind: PlaceKind) -> UnitLayer:
        if kind not in self._layers:
            self._layers[kind] = UnitLayer(self._session, kind)
        return self._layers[kind]
