"""How two stretches of time lie to each other, as SQL: the operators of CQL2, closed at both ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from db.types import UtcDateTime
from incidents.intervals import OPEN, instants

EARLIEST, LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Period:
    """The first and last instant, as SQL."""

    start: Any
    end: Any


def literal_period(text: str, *, last: bool) -> Period:
    """The day or moment ``text``; where it is an open end, the ``last`` or the first of all instants.

    Raises:
        InputError: ``bad_datetime``.
    """
    start, end = ((LATEST, LATEST) if last else (EARLIEST, EARLIEST)) if text in OPEN else instants(text)
    return Period(sa.literal(start, UtcDateTime()), sa.literal(end, UtcDateTime()))


def compared(op: str, first: Period, second: Period) -> Any:
    """SQL: ``first`` lies to ``second`` as the sign ``op`` says; a day stands for all of it."""
    same = sa.and_(first.start >= second.start, first.end <= second.end)
    return {
        "=": same,
        "<>": sa.not_(same),
        "<": first.end < second.start,
        "<=": first.end <= second.end,
        ">": first.start > second.end,
        ">=": first.start >= second.start,
    }[op]


RELATIONS: dict[str, Callable[[Period, Period], Any]] = {
    "t_after": lambda a, b: a.start > b.end,
    "t_before": lambda a, b: a.end < b.start,
    "t_disjoint": lambda a, b: sa.or_(a.start > b.end, a.end < b.start),
    "t_intersects": lambda a, b: sa.and_(a.start <= b.end, a.end >= b.start),
    "t_equals": lambda a, b: sa.and_(a.start == b.start, a.end == b.end),
    "t_during": lambda a, b: sa.and_(a.start > b.start, a.end < b.end),
    "t_contains": lambda a, b: sa.and_(a.start < b.start, a.end > b.end),
    "t_meets": lambda a, b: a.end == b.start,
    "t_metby": lambda a, b: a.start == b.end,
    "t_starts": lambda a, b: sa.and_(a.start == b.start, a.end < b.end),
    "t_startedby": lambda a, b: sa.and_(a.start == b.start, a.end > b.end),
    "t_finishes": lambda a, b: sa.and_(a.end == b.end, a.start > b.start),
    "t_finishedby": lambda a, b: sa.and_(a.end == b.end, a.start < b.start),
    "t_overlaps": lambda a, b: sa.and_(a.start < b.start, a.end > b.start, a.end < b.end),
    "t_overlappedby": lambda a, b: sa.and_(a.start > b.start, a.start < b.end, a.end > b.end),
}
"""The operators of CQL2 on time."""
