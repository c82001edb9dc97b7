"""Intervals that a filter names: instants and days as RFC 3339 writes them, and open ends."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from db.errors import InputError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
OPEN = ("", "..")
Interval = tuple[datetime | None, datetime | None]


def read_interval(text: str) -> Interval:
    """The first and last instant (UTC) of a filter in time; None is an open end.

    Unlike a date that is recorded, one of a filter may lie in the future, or in any century.

    Args:
        text: a day, a moment with its zone, or two of them with a slash between; ``..`` or nothing is an open end.

    Raises:
        InputError: ``bad_datetime``, or ``end_before_start``.
    """
    first, slash, last = text.strip().partition("/")
    if slash == "":
        return instants(first)
    start = None if first in OPEN else instants(first)[0]
    end = None if last in OPEN else instants(last)[1]
    if start is not None and end is not None and end < start:
        raise InputError("end_before_start", "The interval ends before it begins.", where="datetime", got=text)
    return start, end


def instants(text: str) -> tuple[datetime, datetime]:
    """The first and last instant, to the second, of a day (UTC) or a moment.

    Raises:
        InputError: ``bad_datetime``.
    """
    try:
        if _DAY.fullmatch(text) is not None:
            start = datetime.combine(date.fromisoformat(text), time(0), UTC)
            return start, start + timedelta(days=1, seconds=-1)
        if _MOMENT.fullmatch(text.upper()) is not None:
            moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
            return moment, moment
    except (ValueError, OverflowError):
        pass  # no such day, or outside the years 1 to 9999: said below
    raise InputError(
        "bad_datetime",
        "A time is a day or a moment with its zone, an interval two of them, or an open end.",
        where="datetime",
        got=text,
        fix="For example 2017-03-17, 2017-03-17T08:24:00Z, 2017-03-01/2017-03-31 or 2017-03-01/..",
    )
