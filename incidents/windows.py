"""When an incident happened: a window of time, never finer than what was said.

A window is closed: it runs from ``start`` to ``end``, both included, with a resolution of one second
(see :mod:`incidents.dates`; a whole day ends in its last second). Two kinds are kept apart: *one
moment somewhere in the window* and *it lasted from start to end*; a text format that mixes them is
why Darwin Core dates cannot be trusted (tdwg/bdq#86).

EDTF (ISO 8601-2) is text in and out, never the stored form. The parser is our own, because the
``edtf`` package refuses intervals with times, drops the time of day, and raises on ``2017-03-2X``.
In EDTF ``[a..b]`` and ``[a,b]`` are one moment out of a set, ``a/b`` is a duration, and a single date
is one moment within it. Qualifiers (``?`` uncertain, ``~`` approximate, ``%`` both) stay in the text and
do not widen the window: no source says by how much.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple, TypeVar, overload
from zoneinfo import ZoneInfo

from db.errors import InputError
from db.vocabulary import PartOfDay, TimePrecision, WindowKind
from incidents.dates import (
    CLOCK_UNITS,
    FORMATS,
    ONE_SECOND,
    Span,
    days,
    end_before_start,
    read,
    refusal,
    refuse_future,
    utc,
    written,
    zone,
)
from incidents.edtf import OPEN, read_edtf

Words = TypeVar("Words", PartOfDay, TimePrecision, WindowKind)

FINEST_FIRST = tuple(TimePrecision)
COARSEST_UNIT = {
    TimePrecision.PART_OF_DAY: TimePrecision.DAY,
    TimePrecision.DAYS: TimePrecision.DAY,
    TimePrecision.WEEK: TimePrecision.DAY,
}
"""The unit to write a window in whose precision is no unit of writing itself."""

LONGEST_DAYS = {TimePrecision.DAY: 1, TimePrecision.DAYS: 6, TimePrecision.WEEK: 7, TimePrecision.MONTH: 31}
"""The most days of each precision: UCDP's 1 a day, 2 two to six days, 3 a week, 4 a month, 5 a year."""


class Period(NamedTuple):
    """A closed stretch of time whose sides may be open: aware UTC seconds, both included, None is open."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, kw_only=True)
class Window:
    """When something happened, and how finely that is known.

    Args:
        start: first second of the window, aware; kept in UTC.
        end: last second of the window, included, aware; kept in UTC.
        tz: IANA name of the zone in which it was said.
        precision: how fine the window is.
        kind: one moment inside the window, or a duration that filled it.
        part_of_day: Airwars' part of the day, where a source said one.
        edtf: EDTF text; left empty, the canonical text of the values is put there.
        raw: the source's own words.

    Raises:
        InputError: ``naive_time``, ``not_whole_seconds``, ``end_before_start``, ``unknown_zone``.
    """

    start: datetime
    end: datetime
    tz: str
    precision: TimePrecision
    kind: WindowKind = WindowKind.MOMENT_IN_WINDOW
    part_of_day: PartOfDay | None = None
    edtf: str = ""
    raw: str | None = None

    def __post_init__(self) -> None:
        zone(self.tz)
        for name, instant in (("start", self.start), ("end", self.end)):
            if instant.microsecond:
                raise InputError("not_whole_seconds", "a window has whole seconds", where=name, got=instant.isoformat())
            object.__setattr__(self, name, utc(instant))
        if self.end < self.start:
            raise end_before_start(f"{self.start.isoformat()} to {self.end.isoformat()}")
        if self.edtf == "":
            object.__setattr__(self, "edtf", self.to_edtf())

    def to_edtf(self) -> str:
        """Canonical EDTF of the stored instants, in the window's zone.

        One moment is ``2017-03-17`` or ``[a..b]``, a duration is always ``a/b``. An offset is written only
        where a clock change repeats the local time. Reading it back gives the same start, end and kind.
        """
        first, last, _ = self._ends()
        if self.kind is WindowKind.DURATION:
            return f"{first}/{last}"
        return first if first == last else f"[{first}..{last}]"

    def text(self) -> str:
        """A short line for people: ``2017-03-20..21 Asia/Damascus (one moment in the window)``."""
        first, last, unit = self._ends()
        # 20..21 is plain only for days of one month; "08:24..25" would be read as a time.
        brief = last[-2:] if unit is TimePrecision.DAY and first[:7] == last[:7] else last
        dates = (first if first == last else f"{first}..{brief}").replace("T", " ")
        part = "" if self.part_of_day is None else f", {self.part_of_day.value.replace('_', ' ')}"
        if self.kind is WindowKind.DURATION:
            return f"{dates} {self.tz}{part} (lasted from start to end)"
        instant = first == last and unit in (TimePrecision.MINUTE, TimePrecision.SECOND)
        return f"{dates} {self.tz}{part}" + ("" if instant else " (one moment in the window)")

    def _ends(self) -> tuple[str, str, TimePrecision]:
        """Start and end in the coarsest unit, no coarser than the precision, that says both exactly."""
        tz = zone(self.tz)
        for unit in _units_from(self.precision):
            first, last = written(self.start, unit, tz), written(self.end, unit, tz)
            # An hour as the end of a range is misread: "..04" for a window until 04:59:59.
            if (unit is not TimePrecision.HOUR or first == last) and self._says(first, last, tz):
                return first, last, unit
        first, last = (moment.strftime(FORMATS[TimePrecision.SECOND]) + "Z" for moment in (self.start, self.end))
        return first, last, TimePrecision.SECOND

    def _says(self, first: str, last: str, tz: ZoneInfo) -> bool:
        """Whether the two texts name exactly this window."""
        try:
            return read(first, tz).start == self.start and read(last, tz).end == self.end
        except InputError:
            # An hour that a clock change cut in half has no local text; a finer unit has.
            return False


def window(
    start_text: str | date | datetime,
    end_text: str | date | datetime | None = None,
    *,
    tz: str,
    precision: TimePrecision | str | None = None,
    kind: WindowKind | str | None = None,
    part_of_day: PartOfDay | str | None = None,
    raw: str | None = None,
    today: date | None = None,
) -> Window:
    """The window between two written dates or times, checked.

    Args:
        start_text: ``YYYY-MM-DD``, ``YYYY-MM``, ``YYYY`` or ``YYYY-MM-DDTHH:MM[:SS]`` (local in ``tz``, or that
            instant with ``Z`` or an offset); also a date, or an aware datetime.
        end_text: the same, the last day (minute, ...) included; None means the unit that ``start_text`` names.
        tz: IANA zone name.
        precision: how fine the window is known; None derives it from the length of the window, as UCDP does
            (1 day, 2 to 6 days, a week, up to 31 days a month, longer a year). An hour, day, month or year coarser
            than ``start_text`` widens a window without an end to that unit.
        kind: None is one moment in the window.
        part_of_day: one of Airwars' ten; it does not narrow the window, since it names no hours.
        raw: the source's own words.
        today: the day taken as today, for tests.

    Raises:
        InputError: what :func:`incidents.dates.read` raises, ``future_date``, ``end_before_start``, ``naive_time``,
            ``unknown_zone``, ``bad_word``, ``precision_too_fine``, ``precision_too_coarse``.
    """
    where = zone(tz)
    first = _read_named("start", start_text, where, today)
    last = first if end_text is None else _read_named("end", end_text, where, today)
    if last.end < first.start:
        raise end_before_start(f"{start_text} to {end_text}")
    part = None if part_of_day is None else _word(PartOfDay, part_of_day)
    wanted = None if precision is None else _word(TimePrecision, precision)
    if wanted is not None:
        _refuse_finer(wanted, max(first.unit, last.unit, key=FINEST_FIRST.index), part)
        if end_text is None:
            first = last = _widened(first, wanted, where)
    derived = _precision(first.start, last.end, where)
    if wanted is None and part is not None and derived is TimePrecision.DAY:
        derived = TimePrecision.PART_OF_DAY
    return Window(
        start=first.start,
        end=last.end,
        tz=tz,
        precision=wanted or derived,
        kind=WindowKind.MOMENT_IN_WINDOW if kind is None else _word(WindowKind, kind),
        part_of_day=part,
        raw=raw,
    )


@overload
def parse_edtf(text: str, *, tz: str, allow_open: Literal[False] = False, today: date | None = None) -> Window: ...
@overload
def parse_edtf(text: str, *, tz: str, allow_open: Literal[True], today: date | None = None) -> Period: ...
def parse_edtf(text: str, *, tz: str, allow_open: bool = False, today: date | None = None) -> Window | Period:
    """The window an EDTF text names.

    Args:
        text: a date, time, ``a/b``, ``[a..b]``, ``[a,b]``, ``2017-03-2X``; with qualifiers ``~ ? %`` kept, not used.
        tz: IANA zone name in which local dates and times are read.
        allow_open: for periods: ``a/..``, ``../b``, ``[a..]`` and ``[..b]`` are allowed.
        today: the day taken as today, for tests.

    Returns:
        A :class:`Window` with ``edtf`` as given and the precision derived; with ``allow_open`` a :class:`Period`.

    Raises:
        InputError: what :func:`incidents.edtf.read_edtf` raises, ``open_window``, ``unknown_zone``.
    """
    where = zone(tz)
    start, end, kind = read_edtf(text, where, today)
    if allow_open:
        return Period(start, end)
    if start is None or end is None:
        raise _open_window(text)
    precision = _precision(start, end, where)
    return Window(start=start, end=end, tz=tz, precision=precision, kind=kind, edtf=text, raw=text)


@overload
def day_span(
    text: str, *, tz: str = "UTC", allow_open: Literal[True] = True, today: date | None = None
) -> tuple[datetime | None, datetime | None]: ...
@overload
def day_span(
    text: str, *, tz: str = "UTC", allow_open: Literal[False], today: date | None = None
) -> tuple[datetime, datetime]: ...
def day_span(
    text: str, *, tz: str = "UTC", allow_open: bool = True, today: date | None = None
) -> tuple[datetime | None, datetime | None]:
    """First and last second of a written date of a report, a statement, a period or an as-of.

    Args:
        text: ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD``, a time, an interval ``a/b``, or one with an open side
            (``a/..``, ``../b``).
        tz: IANA zone name in which the days begin and end.
        allow_open: False refuses an open side, and the type then says that both bounds are there.
        today: the day taken as today, for tests.

    Returns:
        Aware UTC bounds, closed; None is an open side.

    Raises:
        InputError: as :func:`window`, and ``open_window``, ``bad_date``.
    """
    parts = text.strip().split("/")
    if len(parts) > 2 or refusal(text.strip()).code == "slashed_date" or all(part == OPEN for part in parts):
        raise refusal(text)
    if OPEN in parts and not allow_open:
        raise _open_window(text)
    where = zone(tz)
    first, last = (None if part == OPEN else _read_strict(part, where, today) for part in (parts[0], parts[-1]))
    if first is not None and last is not None and last.end < first.start:
        raise end_before_start(text)
    return None if first is None else first.start, None if last is None else last.end


def local_day(instant: datetime, tz: str) -> date:
    """The calendar day in the zone ``tz`` (IANA name) at an aware instant.

    Raises:
        InputError: ``naive_time``, ``unknown_zone``.
    """
    return utc(instant).astimezone(zone(tz)).date()


def overlaps(
    a_start: datetime | None, a_end: datetime | None, b_start: datetime | None, b_end: datetime | None
) -> bool:
    """Whether two closed stretches of time share a second; None is an open side. All aware."""
    starts_in_time = a_start is None or b_end is None or a_start <= b_end
    return starts_in_time and (b_start is None or a_end is None or b_start <= a_end)


def _read_named(name: str, given: str | date | datetime, tz: ZoneInfo, today: date | None) -> Span:
    """One date, whose errors say which of the two it is."""
    try:
        return _read_strict(given, tz, today)
    except InputError as error:
        raise error.at(name) from error


def _read_strict(given: str | date | datetime, tz: ZoneInfo, today: date | None) -> Span:
    """One date as a person or a file writes it: no EDTF signs, no bare hour."""
    if isinstance(given, datetime):
        moment = utc(given).replace(microsecond=0)
        span = Span(moment, moment, TimePrecision.SECOND)
    elif isinstance(given, date):
        span = read(given.isoformat(), tz)
    else:
        # A JSON number reaches here as int: 1489708800 must be refused as what it is.
        text = given.strip() if isinstance(given, str) else str(given)
        if not isinstance(given, str):
            raise refusal(text)
        span = read(text, tz)
        if span.unit is TimePrecision.HOUR:
            raise InputError(
                "bad_date", "a time needs its minutes", got=text, fix=f"Write {text[:13]}:00 to {text[:13]}:59."
            )
    refuse_future(span, tz, today, str(given))
    return span


def _open_window(text: str) -> InputError:
    fix = "Give both ends; only the period of a claim may be open."
    return InputError("open_window", "both a start and an end are needed here", got=text, fix=fix)


def _word(words: type[Words], given: str) -> Words:
    """A member of a closed list, from itself or its value."""
    try:
        return words(given)
    except ValueError:
        fix = f"Write one of: {', '.join(words)}."
        raise InputError("bad_word", f"no {words.__name__} has this name", got=given, fix=fix) from None


def _units_from(precision: TimePrecision) -> list[TimePrecision]:
    """The units of writing, from the coarsest the precision allows down to the second."""
    units = list(FORMATS)
    return units[units.index(COARSEST_UNIT.get(precision, precision)) :]


def _precision(start: datetime, end: datetime, tz: ZoneInfo) -> TimePrecision:
    """The precision that the length of a closed window has."""
    length = end - start + ONE_SECOND
    for unit, longest in reversed(CLOCK_UNITS.items()):
        if length <= longest:
            return unit
    first, last = start.astimezone(tz).date(), end.astimezone(tz).date()
    # Whole local days are counted as days: one of them may have 23 or 25 hours.
    whole = days(first, last, tz) == (start, end)
    if not whole and length < timedelta(days=1):
        return TimePrecision.PART_OF_DAY
    count = (last - first).days + 1 if whole else -(-length // timedelta(days=1))
    return next((unit for unit, most in LONGEST_DAYS.items() if count <= most), TimePrecision.YEAR)


def _refuse_finer(wanted: TimePrecision, unit: TimePrecision, part: PartOfDay | None) -> None:
    """Refuse a precision finer than the dates are written: a day does not say the minute."""
    if wanted is TimePrecision.PART_OF_DAY and unit is TimePrecision.DAY and part is not None:
        return
    if FINEST_FIRST.index(wanted) < FINEST_FIRST.index(unit):
        why = f"the date is written to the {unit.value}, the precision says {wanted.value}"
        raise InputError("precision_too_fine", why, got=wanted.value, fix="Write the time, or a coarser precision.")


def _widened(span: Span, wanted: TimePrecision, tz: ZoneInfo) -> Span:
    """The hour, day, month or year round a span that is known no finer than that."""
    if FINEST_FIRST.index(wanted) <= FINEST_FIRST.index(span.unit):
        return span
    if wanted not in FORMATS:
        why = f"one {span.unit.value} does not say which {wanted.value.replace('_', ' ')} is meant"
        raise InputError("precision_too_coarse", why, got=wanted.value, fix="Give the end of the window too.")
    return read(written(span.start, wanted, tz), tz)
