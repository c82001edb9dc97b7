"""One written date or time, read strictly into the closed span of seconds that it names.

The convention everywhere in this product: a span is *closed* with a resolution of one second. It
runs from the first second of what was written to the last second of it, both included. So the day
2017-03-17 in Asia/Baghdad (UTC+3) is 2017-03-16T21:00:00Z to 2017-03-17T20:59:59Z, and the minute
08:24 ends at 08:24:59. Zones are IANA names, and the tz database decides their offsets.

Clock changes: a local time that a clock change skipped or repeated is refused, and the error shows
the readings, because the difference of an hour moves an event. A whole day is never refused for a
clock change: it runs from its first to its last existing second, 23 or 25 hours apart.

What is refused, and why, follows rows B26 to B33 of this project's table of bad input.
"""

from __future__ import annotations

import calendar
import difflib
import functools
import re
import zoneinfo
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import NamedTuple

from db.errors import InputError
from db.vocabulary import TimePrecision

FIRST_YEAR = 1900
LAST_YEAR = 2999
ONE_SECOND = timedelta(seconds=1)
HOW_TO_WRITE = "Write YYYY-MM-DD, YYYY-MM, YYYY or YYYY-MM-DDTHH:MM, for example 2017-03-17 or 2017-03-17T08:24."

FORMATS = {
    TimePrecision.YEAR: "%Y",
    TimePrecision.MONTH: "%Y-%m",
    TimePrecision.DAY: "%Y-%m-%d",
    TimePrecision.HOUR: "%Y-%m-%dT%H",
    TimePrecision.MINUTE: "%Y-%m-%dT%H:%M",
    TimePrecision.SECOND: "%Y-%m-%dT%H:%M:%S",
}
"""The units a date can be written in, coarsest first."""

CLOCK_UNITS = {
    TimePrecision.HOUR: timedelta(hours=1),
    TimePrecision.MINUTE: timedelta(minutes=1),
    TimePrecision.SECOND: ONE_SECOND,
}

# [0-9], not \d: \d also takes Arabic-Indic digits, and a date written with them is not ISO 8601.
_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2})(?::(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?)?"
    r"(?P<offset>Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?)?)?)?"
)
_SLASHED = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})")
_COMPACT = re.compile(r"([12][0-9]{3})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
_WEEK = re.compile(r"[0-9]{4}-?W[0-9]{2}(?:-?[1-7])?")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
# Names whose meaning changes from one machine to the next, or that mean nothing at all.
_NO_PLACE = frozenset({"localtime", "Factory", "posixrules"})


class DayOrder(StrEnum):
    """Whether 03/04/2017 is 3 April or 4 March."""

    DMY = "dmy"
    MDY = "mdy"


class Span(NamedTuple):
    """A closed stretch of time: ``start`` and ``end`` are aware UTC seconds, both included; ``unit`` as written."""

    start: datetime
    end: datetime
    unit: TimePrecision


@functools.cache
def zone_names() -> frozenset[str]:
    """The IANA zone names this installation knows (system database or the ``tzdata`` package)."""
    return frozenset(zoneinfo.available_timezones() - _NO_PLACE)


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone with this exact IANA name, such as ``Asia/Damascus``.

    Raises:
        InputError: ``unknown_zone``; offers the nearest names.
    """
    if name in zone_names():
        return zoneinfo.ZoneInfo(name)
    near = difflib.get_close_matches(name, zone_names(), n=3)
    fix = f"Did you mean {', '.join(near)}?" if near else "Write an IANA name, for example Asia/Damascus."
    raise InputError("unknown_zone", "no time zone has this name", got=name, fix=fix)


def read(text: str, tz: zoneinfo.ZoneInfo) -> Span:
    """The span that one ISO 8601 date or time names.

    Args:
        text: ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD`` or ``YYYY-MM-DDTHH[:MM[:SS]]``; a time without ``Z`` or an
            offset is local in ``tz``, one with an offset is that instant.
        tz: the zone in which days, months and years begin and end.

    Raises:
        InputError: ``bad_date``, ``impossible_date``, ``impossible_time``, ``year_out_of_range``,
            ``ambiguous_time``, ``nonexistent_time`` or one of the codes of :func:`refusal`.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        raise refusal(text)
    year = int(match["year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        why = f"the year is outside {FIRST_YEAR} to tomorrow"
        raise InputError("year_out_of_range", why, got=text, fix=HOW_TO_WRITE)
    if match["hour"] is not None:
        return _read_time(text, match, tz)
    first, last, unit = _days(text, match)
    return _span_of_days(text, first, last, unit, tz)


def days(first: date, last: date, tz: zoneinfo.ZoneInfo) -> tuple[datetime, datetime]:
    """First second of the local day ``first`` and last second of the local day ``last``, aware UTC."""
    return _midnight(first, tz), _last_second(last, tz)


def written(instant: datetime, unit: TimePrecision, tz: zoneinfo.ZoneInfo) -> str:
    """The local text of the unit that holds ``instant``; the inverse of :func:`read`.

    Args:
        instant: aware instant, whole seconds.
        unit: one of the keys of :data:`FORMATS`.
        tz: the zone to write in; an offset is added only where a clock change repeats the local time.
    """
    local = instant.astimezone(tz)
    text = local.strftime(FORMATS[unit])
    if unit not in CLOCK_UNITS or local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset():
        return text
    offset = local.strftime("%z")
    if len(offset) == len("+0300"):
        return f"{text}{offset[:3]}:{offset[3:]}"
    # Local mean times of before about 1920 have offsets with seconds, which ISO 8601 cannot write.
    return instant.astimezone(UTC).strftime(FORMATS[unit]) + "Z"


def refuse_future(span: Span, tz: zoneinfo.ZoneInfo, today: date | None, text: str) -> None:
    """Refuse a span that begins after tomorrow; one that began (this month) may run past it.

    Args:
        span: what was read.
        tz: the zone whose calendar counts.
        today: the day taken as today, for tests; None is today in UTC. The day of grace is for zones ahead of it.
        text: what was written, for the message.

    Raises:
        InputError: ``future_date``.
    """
    tomorrow = (datetime.now(UTC).date() if today is None else today) + timedelta(days=1)
    if span.start.astimezone(tz).date() > tomorrow:
        raise InputError("future_date", "the date lies in the future", got=text, fix=HOW_TO_WRITE)


def refusal(text: str) -> InputError:
    """The error for a text that is no date, naming the likely notation and how to write it.

    Codes: ``slashed_date``, ``compact_date``, ``week_date``, ``epoch_number``, ``bad_date``.
    """
    if match := _SLASHED.fullmatch(text):
        return _slashed(text, match)
    if match := _COMPACT.fullmatch(text):
        fix = f"Write {'-'.join(match.groups())}."
        return InputError("compact_date", "a date needs its hyphens: eight digits may be any number", got=text, fix=fix)
    if _WEEK.fullmatch(text):
        return InputError("week_date", "a week number is not a date", got=text, fix="Write its days as YYYY-MM-DD.")
    if _NUMBER.fullmatch(text):
        return InputError("epoch_number", "a bare number is not a date", got=text, fix=HOW_TO_WRITE)
    return InputError("bad_date", "this is not a date", got=text, fix=HOW_TO_WRITE)


def iso_day(text: str, order: DayOrder) -> str:
    """A day written 17/03/2017 or 17.3.2017 as ``YYYY-MM-DD``, where a person has said the order (B28).

    Args:
        text: a cell; what is no such day is given back as it is.
        order: that of the whole file.
    """
    match = _SLASHED.fullmatch(text.strip())
    if match is None:
        return text
    day, month = (match[1], match[2]) if order is DayOrder.DMY else (match[2], match[1])
    return f"{match[3]}-{int(month):02}-{int(day):02}"


def end_before_start(text: str) -> InputError:
    """The error for a window that ends before it starts; ``text`` is what was written (row B30)."""
    fix = "Swap the two, or correct one."
    return InputError("end_before_start", "the end lies before the start", got=text, fix=fix)


def utc(instant: datetime) -> datetime:
    """An aware instant in UTC.

    Raises:
        InputError: ``naive_time``: without a zone it would mean another instant on another machine.
    """
    if instant.utcoffset() is None:
        fix = "Give the datetime a time zone."
        raise InputError("naive_time", "a time without a zone names no instant", got=instant.isoformat(), fix=fix)
    return instant.astimezone(UTC)


def _slashed(text: str, match: re.Match[str]) -> InputError:
    """The error for 03/04/2017, which is one day in Paris and another in New York."""
    one, two, year = int(match[1]), int(match[2]), match[3]
    readings = [f"{year}-{month:02}-{day:02}" for day, month in {(one, two), (two, one)} if month <= 12]
    why = "the order of day and month cannot be told from the text"
    meant = f": {' or '.join(sorted(readings))}" if readings else ""
    return InputError(
        "slashed_date",
        why,
        got=text,
        fix=f"Write YYYY-MM-DD{meant}; for a whole CSV file, say --date-format dmy or mdy.",
    )


def _days(text: str, match: re.Match[str]) -> tuple[date, date, TimePrecision]:
    """First and last day of a written year, month or day."""
    year = int(match["year"])
    if match["month"] is None:
        return date(year, 1, 1), date(year, 12, 31), TimePrecision.YEAR
    month = int(match["month"])
    if not 1 <= month <= 12:
        raise InputError("impossible_date", "there is no such month", got=text, fix=HOW_TO_WRITE)
    length = calendar.monthrange(year, month)[1]
    if match["day"] is None:
        return date(year, month, 1), date(year, month, length), TimePrecision.MONTH
    if not 1 <= int(match["day"]) <= length:
        why = f"there is no such day: the month has {length} days"
        raise InputError("impossible_date", why, got=text, fix=HOW_TO_WRITE)
    day = date(year, month, int(match["day"]))
    return day, day, TimePrecision.DAY


def _span_of_days(text: str, first: date, last: date, unit: TimePrecision, tz: zoneinfo.ZoneInfo) -> Span:
    start, end = days(first, last, tz)
    if end < start:
        # Pacific/Apia had no 30 December 2011: it moved across the date line.
        raise InputError("nonexistent_time", f"the clocks of {tz.key} skipped this day", got=text)
    return Span(start, end, unit)


def _read_time(text: str, match: re.Match[str], tz: zoneinfo.ZoneInfo) -> Span:
    """The span of a written hour, minute or second."""
    day, _, _ = _days(text, match)
    hour, minute, second = int(match["hour"]), int(match["minute"] or 0), int(match["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        fix = "Hours run from 00 to 23; midnight is T00:00 of the day it begins."
        raise InputError("impossible_time", "there is no such time of day", got=text, fix=fix)
    wall = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_offset(match["offset"]) or tz)
    start = _resolved(text, wall, tz) if match["offset"] is None else wall.astimezone(UTC)
    unit = TimePrecision.HOUR
    if match["minute"] is not None:
        unit = TimePrecision.MINUTE if match["second"] is None else TimePrecision.SECOND
    return Span(start, start + CLOCK_UNITS[unit] - ONE_SECOND, unit)


def _offset(text: str | None) -> timezone | None:
    if text is None or text == "Z":
        return None if text is None else UTC
    size = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return timezone(-size if text[0] == "-" else size)


def _resolved(text: str, wall: datetime, tz: zoneinfo.ZoneInfo) -> datetime:
    """The one instant a local time names; refused where a clock change leaves none or two."""
    earlier, later = wall.replace(fold=0), wall.replace(fold=1)
    if earlier.utcoffset() == later.utcoffset():
        return wall.astimezone(UTC)
    exists = earlier.astimezone(UTC).astimezone(tz).replace(tzinfo=None) == wall.replace(tzinfo=None)
    readings = " or ".join(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (earlier, later))
    if exists:
        why = f"a clock change in {tz.key} made this time happen twice"
        raise InputError("ambiguous_time", why, got=text, fix=f"Write the instant: {readings}.")
    why = f"a clock change in {tz.key} skipped this time"
    raise InputError("nonexistent_time", why, got=text, fix=f"Write the instant meant, {readings}.")


def _midnight(day: date, tz: zoneinfo.ZoneInfo) -> datetime:
    """The first second of a local day: where midnight is skipped this is the moment of the change."""
    return datetime(day.year, day.month, day.day, tzinfo=tz).astimezone(UTC)


def _last_second(day: date, tz: zoneinfo.ZoneInfo) -> datetime:
    """The last second of a local day; a change back over midnight returns to the day before."""
    after = day + timedelta(days=1)
    midnight = datetime(after.year, after.month, after.day, tzinfo=tz)
    repeated = midnight.replace(fold=1).astimezone(UTC) - ONE_SECOND
    return repeated if repeated.astimezone(tz).date() == day else midnight.astimezone(UTC) - ONE_SECOND
