"""EDTF (ISO 8601-2) text read into closed bounds: our own small reader.

The ``edtf`` package (5.0.2) was tried: it refuses intervals with times, keeps only the day of a
time, gives float infinities for open ends and raises on ``2017-03-2X``. Read here: single dates and
times, intervals ``a/b``, sets ``[a..b]`` and ``[a,b]``, unspecified digits ``X``, open ends ``..`` and
qualifiers ``~ ? %``. Refused, because they name no one window: ``{a,b}`` (several moments), seasons,
years beyond four digits, an unknown end (``a/``).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from db.errors import InputError
from db.vocabulary import TimePrecision, WindowKind
from incidents.dates import FIRST_YEAR, Span, days, end_before_start, read, refusal, refuse_future

OPEN = ".."
HOW_TO_WRITE = "Write 2017-03-17, [2017-03-20..2017-03-21] (one moment) or 2017-03-20/2017-03-21 (lasted)."
SYNTAX_CODES = frozenset({"bad_date", "compact_date", "week_date", "epoch_number"})

# A qualifier stands after a component (for all before it) or before one (for it alone): ISO 8601-2, level 2.
_DATE = re.compile(r"[~?%]?[0-9X]{4}(?:[~?%]?-[~?%]?[0-9X]{2}){0,2}(?:T[0-9:Z+-]+)?[~?%]?")
# 21 is spring, and so on to the half-years: their days depend on the hemisphere and are not said.
_SEASON = re.compile(r"[0-9X]{4}-(?:2[1-9]|3[0-9]|4[01])[~?%]?")
_QUALIFIER = re.compile(r"[~?%]")
_UNSPECIFIED = re.compile(r"([0-9]{4}|[0-9]{3}X|[0-9]{2}XX)(?:-([0-9X]{2})(?:-([0-9X]{2}))?)?")


class Reading(NamedTuple):
    """What an EDTF text says: closed bounds in aware UTC seconds (None is an open side) and the kind."""

    start: datetime | None
    end: datetime | None
    kind: WindowKind


def read_edtf(text: str, tz: ZoneInfo, today: date | None = None) -> Reading:
    """The bounds and the kind that an EDTF text names.

    Args:
        text: EDTF, level 1 with the parts of level 2 named above; blanks around it are dropped.
        tz: the zone in which local dates and times are read.
        today: the day taken as today, for tests; None is today in UTC.

    Raises:
        InputError: ``bad_edtf``, ``slashed_date``; for well written impossible dates ``end_before_start``,
            ``future_date`` and what :func:`incidents.dates.read` raises.
    """
    text = text.strip()
    if refusal(text).code == "slashed_date":
        raise refusal(text)
    kind = WindowKind.MOMENT_IN_WINDOW
    if text.startswith("[") and text.endswith("]"):
        ranges = [_range(part.strip(), text) for part in text[1:-1].split(",")]
    elif "/" in text:
        kind, ranges = WindowKind.DURATION, [_sides(text)]
    else:
        ranges = [_range(text, text)] if text == OPEN else [(text, text)]
    read_ranges = [_bounds(first, last, text, tz, today) for first, last in ranges]
    starts, ends = [start for start, _ in read_ranges], [end for _, end in read_ranges]
    return Reading(_least(starts), _most(ends), kind)


def bad_edtf(text: str) -> InputError:
    """The error for a text that is no EDTF, or none that names one window."""
    return InputError("bad_edtf", "this is not an EDTF text that names one window", got=text, fix=HOW_TO_WRITE)


def _range(part: str, text: str) -> tuple[str, str]:
    """First and last of one member of a set: ``a``, ``a..b``, ``..b`` or ``a..``."""
    first, dots, last = part.partition(OPEN)
    if dots == "":
        return part, part
    if first == "" and last == "":
        raise bad_edtf(text)
    return first or OPEN, last or OPEN


def _sides(text: str) -> tuple[str, str]:
    """The two sides of an interval, of which one may be open."""
    first, _, last = text.partition("/")
    if first == last == OPEN:
        raise bad_edtf(text)
    return first, last


def _bounds(
    first: str, last: str, text: str, tz: ZoneInfo, today: date | None
) -> tuple[datetime | None, datetime | None]:
    start = None if first == OPEN else _member(first, text, tz, today).start
    end = None if last == OPEN else _member(last, text, tz, today).end
    if start is not None and end is not None and end < start:
        raise end_before_start(text)
    return start, end


def _member(member: str, text: str, tz: ZoneInfo, today: date | None) -> Span:
    """The span of one date or time with its qualifiers and unspecified digits."""
    if _DATE.fullmatch(member) is None or _SEASON.fullmatch(member):
        raise bad_edtf(text)
    plain = _QUALIFIER.sub("", member)
    try:
        span = _read_unspecified(plain, text, tz) if "X" in plain else read(plain, tz)
    except InputError as error:
        if error.code in SYNTAX_CODES:
            raise bad_edtf(text) from error
        raise
    refuse_future(span, tz, today, text)
    return span


def _read_unspecified(plain: str, text: str, tz: ZoneInfo) -> Span:
    """From the first day that fits the pattern to the last: ``2017-03-2X`` is 20 to 29 March."""
    match = _UNSPECIFIED.fullmatch(plain)
    if match is None:
        raise bad_edtf(text)
    year, month, day = match.groups()
    first = next(_fitting(year, month or "XX", day or "XX", step=1), None)
    last = next(_fitting(year, month or "XX", day or "XX", step=-1), None)
    if first is None or last is None:
        raise InputError("impossible_date", "no day fits this pattern", got=text, fix=HOW_TO_WRITE)
    return Span(*days(first, last, tz), TimePrecision.DAY)


def _fitting(year: str, month: str, day: str, *, step: int) -> Iterator[date]:
    """The days that fit a pattern of digits and X, in order for ``step`` 1, backwards for -1."""
    lowest, highest = int(year.replace("X", "0")), int(year.replace("X", "9"))
    for y in range(max(lowest, FIRST_YEAR), highest + 1)[::step]:
        for m in (m for m in range(1, 13)[::step] if _fits(month, m)):
            length = calendar.monthrange(y, m)[1]
            yield from (date(y, m, d) for d in range(1, length + 1)[::step] if _fits(day, d))


def _fits(pattern: str, number: int) -> bool:
    return all(sign in ("X", digit) for sign, digit in zip(pattern, f"{number:02}", strict=True))


def _least(moments: list[datetime | None]) -> datetime | None:
    known = [moment for moment in moments if moment is not None]
    return min(known) if len(known) == len(moments) else None


def _most(moments: list[datetime | None]) -> datetime | None:
    known = [moment for moment in moments if moment is not None]
    return max(known) if len(known) == len(moments) else None
