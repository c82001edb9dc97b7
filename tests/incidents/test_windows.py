"""Time windows: written dates in, closed UTC instants out, EDTF both ways."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.vocabulary import PartOfDay, TimePrecision, WindowKind
from incidents.windows import Window, day_span, local_day, overlaps, parse_edtf, window

DAMASCUS = "Asia/Damascus"  # UTC+2 until midnight of 31 March 2017, then UTC+3
BAGHDAD = "Asia/Baghdad"  # UTC+3 all year since 2008
TODAY = date(2026, 5, 6)
ZONES = (
    "UTC",
    DAMASCUS,
    BAGHDAD,
    "Asia/Kolkata",
    "America/Havana",  # clocks go back at 01:00 to 00:00
    "America/St_Johns",  # went back at 00:01 to 23:01 of the day before
    "Australia/Lord_Howe",  # changes by half an hour
    "Africa/Monrovia",  # offset with seconds until 1972
    "Pacific/Apia",  # skipped 30 December 2011
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def code_of(call: Any, *args: Any, **named: Any) -> str:
    with pytest.raises(InputError) as caught:
        call(*args, **named)
    return caught.value.code


@pytest.mark.parametrize(
    ("start", "end", "zone", "first", "last", "precision"),
    [
        # a whole local day ends in its last second
        ("2017-03-17", None, BAGHDAD, "2017-03-16T21:00:00Z", "2017-03-17T20:59:59Z", "day"),
        ("2017-03-17T08:24", None, BAGHDAD, "2017-03-17T05:24:00Z", "2017-03-17T05:24:59Z", "minute"),
        ("2017-03-17T08:24:30", None, BAGHDAD, "2017-03-17T05:24:30Z", "2017-03-17T05:24:30Z", "second"),
        ("2017-03-16T18:55", None, DAMASCUS, "2017-03-16T16:55:00Z", "2017-03-16T16:55:59Z", "minute"),
        ("2017-03-16T19:00", "2017-03-16T19:30", DAMASCUS, "2017-03-16T17:00:00Z", "2017-03-16T17:30:59Z", "hour"),
        (
            "2017-03-20T20:00",
            "2017-03-21T05:00",
            DAMASCUS,
            "2017-03-20T18:00:00Z",
            "2017-03-21T03:00:59Z",
            "part_of_day",
        ),
        ("2017-03-20", "2017-03-21", DAMASCUS, "2017-03-19T22:00:00Z", "2017-03-21T21:59:59Z", "days"),
        ("2017-03-20", "2017-03-20", DAMASCUS, "2017-03-19T22:00:00Z", "2017-03-20T21:59:59Z", "day"),
        ("2017-03-20", "2017-03-25", "UTC", "2017-03-20T00:00:00Z", "2017-03-25T23:59:59Z", "days"),
        ("2017-03-20", "2017-03-26", "UTC", "2017-03-20T00:00:00Z", "2017-03-26T23:59:59Z", "week"),
        ("2017-03-20", "2017-03-27", "UTC", "2017-03-20T00:00:00Z", "2017-03-27T23:59:59Z", "month"),
        ("2017-03-20", "2017-04-20", "UTC", "2017-03-20T00:00:00Z", "2017-04-20T23:59:59Z", "year"),
        # clocks went forward at midnight: the last day of the month starts at 01:00 and has 23 hours
        ("2017-03-31", None, DAMASCUS, "2017-03-30T22:00:00Z", "2017-03-31T20:59:59Z", "day"),
        ("2017-03", None, DAMASCUS, "2017-02-28T22:00:00Z", "2017-03-31T20:59:59Z", "month"),
        # clocks went back at midnight to 23:00: the day before has 25 hours
        ("2017-10-26", None, DAMASCUS, "2017-10-25T21:00:00Z", "2017-10-26T21:59:59Z", "day"),
        ("2017", None, BAGHDAD, "2016-12-31T21:00:00Z", "2017-12-31T20:59:59Z", "year"),
        # B31: an instant is accepted with its offset; the local day is another
        ("2017-03-16T23:30:00Z", None, DAMASCUS, "2017-03-16T23:30:00Z", "2017-03-16T23:30:00Z", "second"),
        ("2017-03-17T08:24+03:00", None, "UTC", "2017-03-17T05:24:00Z", "2017-03-17T05:24:59Z", "minute"),
        ("2024-02-29", None, "UTC", "2024-02-29T00:00:00Z", "2024-02-29T23:59:59Z", "day"),
    ],
)
def test_written_dates_become_closed_windows_in_utc(
    start: str, end: str | None, zone: str, first: str, last: str, precision: str
) -> None:
    made = window(start, end, tz=zone, today=TODAY)
    assert (made.start, made.end, made.precision) == (at(first), at(last), precision)
    assert made.kind is WindowKind.MOMENT_IN_WINDOW
    assert made.start.tzinfo is UTC


def test_instant_near_midnight_belongs_to_the_next_local_day() -> None:
    instant = window("2017-03-16T23:30:00Z", tz=DAMASCUS).start  # B31
    assert local_day(instant, DAMASCUS) == date(2017, 3, 17)
    assert local_day(instant, "UTC") == date(2017, 3, 16)


def test_local_day_of_a_naive_time_is_refused() -> None:
    assert code_of(local_day, at("2017-03-16T23:30"), DAMASCUS) == "naive_time"


def test_tomorrow_and_the_running_month_are_not_the_future() -> None:
    assert window("2026-05-07", tz="UTC", today=TODAY).end == at("2026-05-07T23:59:59Z")
    assert window("2026-05", tz="UTC", today=TODAY).end == at("2026-05-31T23:59:59Z")


@pytest.mark.parametrize(
    ("start", "end"), [("2017-03-21", "2017-03-20"), ("2017-03-17T09:00", "2017-03-17T08:59"), ("2017", "2016-12")]
)
def test_end_before_start_is_refused(start: str, end: str) -> None:
    assert code_of(window, start, end, tz=DAMASCUS) == "end_before_start"  # B30
    assert code_of(parse_edtf, f"{start}/{end}", tz=DAMASCUS) == "end_before_start"
    assert code_of(parse_edtf, f"[{start}..{end}]", tz=DAMASCUS) == "end_before_start"
    assert code_of(day_span, f"{start}/{end}", tz=DAMASCUS) == "end_before_start"


def test_naive_datetime_is_refused_and_an_aware_one_is_its_second() -> None:
    assert code_of(window, at("2017-03-17T08:24"), tz=BAGHDAD) == "naive_time"
    made = window(datetime(2017, 3, 17, 5, 24, 30, 999, tzinfo=UTC), tz=BAGHDAD)
    assert (made.start, made.end) == (at("2017-03-17T05:24:30Z"), at("2017-03-17T05:24:30Z"))
    assert window(date(2017, 3, 17), tz=BAGHDAD) == window("2017-03-17", tz=BAGHDAD)


def test_precision_of_an_hour_widens_a_minute_to_its_hour() -> None:
    made = window("2017-03-20T20:10", tz=DAMASCUS, precision="hour")
    assert (made.start, made.end) == (at("2017-03-20T18:00:00Z"), at("2017-03-20T18:59:59Z"))
    assert made.precision is TimePrecision.HOUR


def test_precision_of_a_month_widens_a_day_to_its_month() -> None:
    made = window("2017-03-17", tz=BAGHDAD, precision=TimePrecision.MONTH)
    assert made == window("2017-03", tz=BAGHDAD)


@pytest.mark.parametrize(
    ("start", "end", "precision", "code"),
    [
        ("2017-03-17", None, "minute", "precision_too_fine"),
        ("2017-03", None, "day", "precision_too_fine"),
        ("2017-03-17T08:24", None, "second", "precision_too_fine"),
        ("2017-03-17T08:24", "2017-03-18", "hour", "precision_too_fine"),
        ("2017-03-17", None, "part_of_day", "precision_too_fine"),  # which part?
        ("2017-03-17", None, "week", "precision_too_coarse"),  # which week: Saturday or Monday first?
        ("2017-03-17", None, "fortnight", "bad_word"),
    ],
)
def test_precision_that_the_dates_do_not_bear_out_is_refused(
    start: str, end: str | None, precision: str, code: str
) -> None:
    assert code_of(window, start, end, tz=BAGHDAD, precision=precision) == code


def test_part_of_day_sets_the_precision_and_does_not_narrow_the_window() -> None:
    made = window("2017-03-20", tz=DAMASCUS, part_of_day="during_the_night", raw="last night")
    assert made.precision is TimePrecision.PART_OF_DAY
    assert made.part_of_day is PartOfDay.DURING_THE_NIGHT
    assert (made.start, made.end) == (at("2017-03-19T22:00:00Z"), at("2017-03-20T21:59:59Z"))
    assert made.raw == "last night"


@pytest.mark.parametrize(
    ("made", "edtf", "line"),
    [
        (window("2017-03-17", tz=BAGHDAD), "2017-03-17", "2017-03-17 Asia/Baghdad (one moment in the window)"),
        (window("2017-03-17T08:24", tz=BAGHDAD), "2017-03-17T08:24", "2017-03-17 08:24 Asia/Baghdad"),
        (
            window("2017-03-20", "2017-03-21", tz=DAMASCUS, part_of_day="during_the_night"),
            "[2017-03-20..2017-03-21]",
            "2017-03-20..21 Asia/Damascus, during the night (one moment in the window)",
        ),
        (
            window("2017-03-31", "2017-04-01", tz=DAMASCUS),
            "[2017-03-31..2017-04-01]",
            "2017-03-31..2017-04-01 Asia/Damascus (one moment in the window)",
        ),
        (
            window("2017-03-20T20:00", "2017-03-21T05:00", tz=DAMASCUS, kind="duration"),
            "2017-03-20T20:00/2017-03-21T05:00",
            "2017-03-20 20:00..2017-03-21 05:00 Asia/Damascus (lasted from start to end)",
        ),
        (
            window("2017-03-20T20:10", tz=DAMASCUS, precision="hour"),
            "2017-03-20T20",
            "2017-03-20 20 Asia/Damascus (one moment in the window)",
        ),
        # one day that was filled is not one moment within it
        (
            window("2017-03-17", tz=BAGHDAD, kind="duration"),
            "2017-03-17/2017-03-17",
            "2017-03-17 Asia/Baghdad (lasted from start to end)",
        ),
        # the repeated hour needs its offset
        (window("2017-10-26T20:30Z", tz=DAMASCUS), "2017-10-26T23:30+03:00", "2017-10-26 23:30+03:00 Asia/Damascus"),
    ],
)
def test_window_is_written_as_edtf_and_as_a_line(made: Window, edtf: str, line: str) -> None:
    assert made.edtf == made.to_edtf() == edtf
    assert made.text() == line


@pytest.mark.parametrize("text", ["2014-09-23/..", "../2017-05-05", "[2014-09-23..]", "[..2017-05-05]"])
def test_open_end_is_for_periods_only(text: str) -> None:
    assert code_of(parse_edtf, text, tz="UTC") == "open_window"
    period = parse_edtf(text, tz="UTC", allow_open=True)
    starts = "2014" in text
    assert period.start == (at("2014-09-23T00:00:00Z") if starts else None)
    assert period.end == (None if starts else at("2017-05-05T23:59:59Z"))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017", "2017-01-01T00:00:00Z", "2017-12-31T23:59:59Z"),
        ("2017-04", "2017-04-01T00:00:00Z", "2017-04-30T23:59:59Z"),
        ("2017-08-01", "2017-08-01T00:00:00Z", "2017-08-01T23:59:59Z"),
        ("2017-03-24/2017-03-27", "2017-03-24T00:00:00Z", "2017-03-27T23:59:59Z"),
        ("2014-09-23/2017-05", "2014-09-23T00:00:00Z", "2017-05-31T23:59:59Z"),
        ("2014-09-23/..", "2014-09-23T00:00:00Z", None),
        ("../2017-05-05", None, "2017-05-05T23:59:59Z"),
        ("2017-03-22T10:00Z", "2017-03-22T10:00:00Z", "2017-03-22T10:00:59Z"),
    ],
)
def test_date_of_a_statement_becomes_bounds(text: str, first: str | None, last: str | None) -> None:
    assert day_span(text) == (None if first is None else at(first), None if last is None else at(last))


def test_date_of_a_statement_follows_its_zone_and_can_be_required_closed() -> None:
    assert day_span("2017-03-17", tz=BAGHDAD)[0] == at("2017-03-16T21:00:00Z")
    assert code_of(day_span, "2017/..", allow_open=False) == "open_window"
    assert code_of(day_span, "../..") == "bad_date"


@pytest.mark.parametrize(
    ("a", "b", "shared"),
    [
        ((1, 3), (3, 5), True),  # closed: the shared second counts
        ((1, 2), (3, 5), False),
        ((1, 9), (3, 5), True),
        ((None, 3), (3, 5), True),
        ((None, 2), (3, 5), False),
        ((6, None), (3, 5), False),
        ((5, None), (3, 5), True),
        ((None, None), (3, 5), True),
        ((None, None), (None, None), True),
        ((None, 1), (2, None), False),
    ],
)
def test_overlap_is_closed_at_both_ends_and_none_is_open(a: Any, b: Any, shared: bool) -> None:
    moments = [None if day is None else datetime(2017, 3, day, tzinfo=UTC) for day in (*a, *b)]
    assert overlaps(*moments) is shared
    assert overlaps(*moments[2:], *moments[:2]) is shared


def test_window_built_by_hand_is_checked() -> None:
    good: dict[str, Any] = {"tz": BAGHDAD, "precision": TimePrecision.MINUTE}
    good |= {"start": at("2017-03-17T05:24:00Z"), "end": at("2017-03-17T05:24:59Z")}
    assert code_of(Window, **(good | {"start": at("2017-03-17T00:00")})) == "naive_time"
    assert code_of(Window, **(good | {"end": at("2017-03-17T05:23:59Z")})) == "end_before_start"
    assert code_of(Window, **(good | {"end": at("2017-03-17T05:24:59.5Z")})) == "not_whole_seconds"
    assert code_of(Window, **(good | {"tz": "Mars/Olympus"})) == "unknown_zone"


days_since_1900 = st.dates(date(1901, 1, 1), date(2025, 12, 31))
zones = st.sampled_from(ZONES)


@st.composite
def written_windows(draw: st.DrawFn) -> Window:
    """Windows of every precision, from one or two written dates."""
    shape = draw(st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%SZ"]))
    moments = sorted(draw(st.lists(st.datetimes(at("1901-01-01"), at("2025-12-31")), min_size=1, max_size=2)))
    texts = [moment.strftime(shape) for moment in moments]
    try:
        return window(*texts, tz=draw(zones), kind=draw(st.sampled_from(WindowKind)))
    except InputError as error:
        if error.code != "nonexistent_time":  # only 30 December 2011 in Apia
            raise
        return window("2017-03-17", tz="UTC")


@st.composite
def stored_windows(draw: st.DrawFn) -> Window:
    """Windows as a table may hold them: any two seconds, any precision."""
    start = draw(st.datetimes(at("1901-01-01"), at("2025-12-31"), timezones=st.just(UTC))).replace(microsecond=0)
    length = draw(st.one_of(st.sampled_from([0, 59, 3599, 86399]), st.integers(0, 10**8)))
    precision, kind = draw(st.sampled_from(TimePrecision)), draw(st.sampled_from(WindowKind))
    return Window(start=start, end=start + timedelta(seconds=length), tz=draw(zones), precision=precision, kind=kind)


@given(st.one_of(written_windows(), stored_windows()))
def test_canonical_edtf_is_read_back_into_the_same_window(made: Window) -> None:
    again = parse_edtf(made.to_edtf(), tz=made.tz)
    assert (again.start, again.end, again.kind) == (made.start, made.end, made.kind)
    assert made.tz in made.text()


@given(days_since_1900, zones)
def test_days_of_a_zone_meet_without_gap_and_hold_their_own_seconds(day: date, zone: str) -> None:
    if zone == "Pacific/Apia" and date(2011, 12, 28) < day < date(2011, 12, 31):
        return
    today, tomorrow = (window(each, tz=zone) for each in (day, day + timedelta(days=1)))
    assert local_day(today.start, zone) == local_day(today.end, zone) == day
    # St John's returned to the day before for a moment, so its days may overlap; they never leave a gap.
    assert tomorrow.start <= today.end + timedelta(seconds=1)
    assert not overlaps(today.start, today.end, tomorrow.start, tomorrow.end) or zone == "America/St_Johns"
    assert not overlaps(None, today.start - timedelta(seconds=1), today.start, None)


@given(st.text(alphabet="0123456789X-/.T:Z[]~?%, {}") | st.text())
def test_any_text_is_read_or_refused_with_an_error_of_ours(text: str) -> None:
    for call in (lambda: window(text, tz=DAMASCUS), lambda: parse_edtf(text, tz=DAMASCUS), lambda: day_span(text)):
        with contextlib.suppress(InputError):  # any other exception fails the test
            call()
