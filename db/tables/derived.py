"""The derived read model: what could be computed at any time from the other tables, kept for fast answers.

Never a source of truth. The rows are rewritten in the transaction that changes what they were made from
(:mod:`db.derived`), compared by ``incidents db check`` and made anew by ``incidents db rebuild``. They have no
change set and no journal.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import Table, metadata
from db.types import UtcDateTime
from db.vocabulary import Category, Outcome

EVERYTHING = 0
"""In ``touched`` this stands for all incidents."""
NEVER = 2**62
"""The ``start`` and ``stop`` of an incident without a time: it sorts after all others."""

LONG_US = 40 * 86_400 * 1_000_000
LONG = f"stop - start > {LONG_US}"
"""SQL: the incident's window is longer than forty days; a month with its doubts is shorter."""


def _integer(*, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(sa.BigInteger, primary_key=primary_key, nullable=False, autoincrement=False)


class Touched(Table, table=True):
    """An incident whose derived rows are out of date; triggers add it, the write session takes it out."""

    __tablename__ = "touched"

    incident_id: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))


class Spot(Table, table=True):
    """A current located place as one or more tiers see it; narrow, and stored in the order it is searched.

    ``cell`` is that of :mod:`db.spatial`; ``start`` and ``stop`` are the incident's window in microseconds since
    1970, UTC; ``tiers`` says who sees the place at these coordinates (1 public, 2 restricted, 4 internal). ``places``
    counts the places of the incident for each of these tiers, 20 bits each, the public ones lowest. Coordinates in
    degrees, radius in metres.
    """

    __tablename__ = "spot"
    __table_args__ = (
        sa.Index("ix_spot_order", "start", "incident_id", "stop"),
        # The few that last long, apart: the others that overlap a window begin shortly before it.
        sa.Index(
            "ix_spot_long", "start", "incident_id", "stop", sqlite_where=sa.text(LONG), postgresql_where=sa.text(LONG)
        ),
        # Without a rowid SQLite stores the rows in the primary key itself: a cell is read from one stretch of the file.
        {"sqlite_with_rowid": False},
    )

    cell: int = Field(sa_column=_integer(primary_key=True))
    start: int = Field(sa_column=_integer(primary_key=True))
    incident_id: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False, index=True))
    location_id: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    tiers: int = Field(sa_column=sa.Column(sa.SmallInteger, primary_key=True, autoincrement=False))
    stop: int = Field(sa_column=_integer())
    places: int = Field(sa_column=_integer())
    lon: float
    lat: float
    radius_m: float | None = None
    area_id: int | None = None


class SearchText(Table, table=True):
    """The words an incident is found by, as one or more tiers see it.

    ``id`` is eight times the incident's id plus ``tiers``. ``words`` are single folded words (names, codes, place
    names, words of claims) with blanks between; ``names`` are folded names and codes, one a line, for parts
    inside a word.
    """

    __tablename__ = "search_text"

    id: int = Field(sa_column=_integer(primary_key=True))
    incident_id: int = Field(sa_column=sa.Column(sa.Integer, nullable=False, index=True))
    tiers: int = Field(sa_column=sa.Column(sa.SmallInteger, nullable=False))
    words: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    names: str = Field(sa_column=sa.Column(sa.Text, nullable=False))


class Fragment(Table, table=True):
    """The ready default GeoJSON feature of an incident, compressed, and the ids that it refers to."""

    __tablename__ = "fragment"

    incident_id: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    body: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))
    refs: bytes = Field(sa_column=sa.Column(sa.LargeBinary, nullable=False))


_COUNTED = {
    Outcome.KILLED: (
        Category.TOTAL_PEOPLE, Category.CIVILIAN, Category.CHILD, Category.WOMAN, Category.MAN, Category.COMBATANT,
        Category.UNDETERMINED_STATUS,
    ),
    Outcome.INJURED: (Category.TOTAL_PEOPLE, Category.CIVILIAN),
}  # fmt: skip
_SUMMARY: dict[str, type[sa.types.TypeEngine[Any]]] = {
    **dict.fromkeys((
        "code", "name", "names", "codes", "kind", "country", "edtf", "tz", "time_precision", "part_of_day",
        "time_words",
    ), sa.Text),
    "start_utc": UtcDateTime, "end_utc": UtcDateTime,
    **dict.fromkeys(("civilian_harm_reported", "strike_status", "visibility"), sa.Text),
    "lon": sa.Float, "lat": sa.Float, "radius_m": sa.Float,
    **dict.fromkeys((
        "precision", "method", "geoprivacy", "place_name", "place_words", "location_source", "location_report",
    ), sa.Text),
    "locations": sa.Integer, "event": sa.Text, "same_as": sa.Text,
    **{f"{outcome.value}_{category.value}_text": sa.Text for outcome, categories in _COUNTED.items()
       for category in categories},
    **dict.fromkeys(("status", "grading", "belligerents", "sources"), sa.Text),
    "ranges": sa.LargeBinary,
}  # fmt: skip

SUMMARY = sa.Table(
    "summary",
    metadata,
    sa.Column("incident_id", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, kind) for name, kind in _SUMMARY.items()),
)
"""The flat row of an incident for the public, as the formats with typed columns write it.

The columns are those of the CSV, lists joined in one text. ``ranges`` holds the numbers and flags of all ranges, packed
as ``incidents.exports.summaries`` says: fifty columns more would take most of the time of an export. Columns that are
the same in every row of a default export (``rule``, ``as_of``, ``note``, ``public_decimals``, ``confirmed``) and
``match``, which is the query's, are left out.
"""
