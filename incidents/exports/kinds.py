"""Kinds: what the values of a column are, for the formats whose columns have types, and their units."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from incidents.exports.columns import CLAIM_COLUMNS, INCIDENT_COLUMNS, RANGED, Column, Role


class Kind(StrEnum):
    """What the values of a column are; each may also be unknown."""

    TEXT = "text"
    WHOLE = "whole"
    REAL = "real"
    FLAG = "flag"
    INSTANT = "instant"
    DAY = "day"


class Typed(NamedTuple):
    """A column that is written, with the kind of its values and, for a quantity, their unit."""

    column: Column
    kind: Kind
    unit: str | None


PEOPLE = (Kind.WHOLE, "people")
INSTANT = (Kind.INSTANT, "UTC")
FLAG = (Kind.FLAG, None)

_PARTS = {
    "low": PEOPLE,
    "high": PEOPLE,
    "low_open": FLAG,
    "high_open": FLAG,
    "denied": FLAG,
    "contradictory": FLAG,
}
_INCIDENT: Mapping[str, tuple[Kind, str | None]] = {
    "start_utc": INSTANT,
    "end_utc": INSTANT,
    "as_of": INSTANT,
    "lon": (Kind.REAL, "degrees east"),
    "lat": (Kind.REAL, "degrees north"),
    "radius_m": (Kind.REAL, "metres"),
    "public_decimals": (Kind.WHOLE, "decimals of a degree"),
    "confirmed": FLAG,
    "locations": (Kind.WHOLE, "places"),
} | {f"{outcome.value}_{category.value}_{part}": kind for outcome, category in RANGED for part, kind in _PARTS.items()}
_CLAIM: Mapping[str, tuple[Kind, str | None]] = {
    "minimum": PEOPLE,
    "maximum": PEOPLE,
    "confirmed": FLAG,
    "withdrawn_on": (Kind.DAY, "UTC"),
}


def _typed(columns: tuple[Column, ...], kinds: Mapping[str, tuple[Kind, str | None]]) -> tuple[Typed, ...]:
    written = (column for column in columns if column.role is not Role.TEMPLATE)
    return tuple(Typed(column, *kinds.get(column.name, (Kind.TEXT, None))) for column in written)


INCIDENT_TYPES = _typed(INCIDENT_COLUMNS, _INCIDENT)
CLAIM_TYPES = _typed(CLAIM_COLUMNS, _CLAIM)
"""A claim's ``as_of`` is text: it may be an interval."""

LISTS = frozenset({"names", "codes", "same_as", "status", "grading", "belligerents", "sources", "incidents"})
"""Columns of lists; they are joined as in the CSV, since not every format could hold them."""
